"""Whether the house stands: 200 when database, blobs and queue answer."""

from flask import Blueprint, current_app, g, jsonify
from sqlalchemy import text

from audit_app.web.gate import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def check():
    ask = {"database": lambda: g.db.execute(text("SELECT 1")).scalar() == 1,
           "blobs": current_app.extensions["blobs"].healthy, "queue": current_app.extensions["queue"].healthy}
    found = {name: _answers(question) for name, question in ask.items()}
    return jsonify(found), 200 if all(found.values()) else 503


def _answers(question) -> bool:
    try:
        return bool(question())
    except Exception:  # whatever a store meets, the answer is that it does not answer
        return False
