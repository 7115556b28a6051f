"""The public page behind the QR code: is this paper still the one that stands? It names no agency, no finding."""

from flask import Blueprint, render_template
from sqlalchemy import func, select

from audit_app.records import lists
from audit_app.records.evidence import Report
from audit_app.rules.wording import visible
from audit_app.web.agency import snapshot_of
from audit_app.web.gate import public
from audit_app.web.sync import tools

bp = Blueprint("verify", __name__)


@bp.get("/verify/<code>")
@public(slow=True)
def show(code):
    code = "".join(filter(str.isprintable, code)).strip()[:40]
    with tools().database.transaction(writing=False) as db:
        typed = "".join(filter(str.isalnum, visible(code).upper()))
        report = db.scalar(select(Report).where(func.replace(Report.code, "-", "") == typed))
        if report is None:
            return render_template("verify/unknown.html", code=code), 404
        later, before = lists.replaced(db, report), lists.replaces(db, report)
        withdrawn = lists.withdrawn(db, later or report)
    return render_template("verify/show.html", document=snapshot_of(report)["document"], sha256=report.pdf,
                           issued_at=report.issued_at, later=later, before=before, withdrawn=withdrawn)
