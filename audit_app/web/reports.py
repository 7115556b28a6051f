"""The issued findings: the office's list of them, and the paper itself for everyone who may read it."""

from flask import Blueprint, Response, g, render_template

from audit_app.actions.journal import record
from audit_app.records import lists
from audit_app.records.models import Inspection
from audit_app.rules.permissions import Action
from audit_app.rules.wording import hanoi, paper_name
from audit_app.web import filters
from audit_app.web.gate import allow
from audit_app.web.sync import tools

bp = Blueprint("reports", __name__)


@bp.get("/reports")
@allow(Action.FOLLOW)
def index():
    asked = filters.read()
    found = lists.reports(g.db, typed=asked.typed, level=asked.level, page=asked.page)
    return render_template("reports/index.html", asked=asked, found=found)


@bp.get("/reports/<uuid:report>.pdf")
@allow(Action.READ_REPORT, slow=True)
def download(report):
    """The stored bytes, as they were printed; each reading is written down before it begins."""
    with tools().database.transaction() as db:
        record(db, g.user, "report.downloaded", db.get(Inspection, report.inspection_id), report=str(report.id))
    name = paper_name(report.agency.name, report.issued_on or hanoi(report.issued_at).date())
    headers = {"Content-Length": str(report.octets), "Cache-Control": "private, no-store",
               "Content-Disposition": f"inline; filename=\"{name}\"; filename*=UTF-8''{name}"}
    stored = tools().blobs.stream(str(report.inspection_id), report.pdf)
    return Response(stored, mimetype="application/pdf", headers=headers)
