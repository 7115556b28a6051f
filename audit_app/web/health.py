"""Whether the house stands: 200 when database, blobs and queue answer; what needs a hand soon is said beside it."""

import shutil

from flask import Blueprint, current_app, g, jsonify

from audit_app.actions.pictures import FLOOR
from audit_app.records import migrations, work
from audit_app.web.gate import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def check():
    ask = {"database": lambda: not migrations.behind(g.db.connection()),
           "blobs": current_app.extensions["blobs"].healthy, "queue": current_app.extensions["queue"].healthy}
    soon = {"work": lambda: not work.overdue(g.db), "room": _room}
    found, needed = ({name: _answers(do) for name, do in questions.items()} for questions in (ask, soon))
    return jsonify(found | needed), 200 if all(found.values()) else 503


def _room() -> bool:
    """Whether photos still fit on the disk, or disks."""
    free = (shutil.disk_usage(current_app.extensions["settings"].data).free, current_app.extensions["blobs"].room())
    return all(octets is None or octets >= FLOOR for octets in free)


def _answers(question) -> bool:
    try:
        return bool(question())
    except Exception:  # whatever a store meets, the answer is that it does not answer
        return False
