"""The issued findings: the office's list of them, and the paper itself for everyone who may read it."""

from flask import Blueprint, Response, g, render_template, request

from audit_app.actions import pictures
from audit_app.actions.journal import record
from audit_app.records import lists, submissions
from audit_app.records.models import Inspection
from audit_app.rules.permissions import Action
from audit_app.rules.problems import NotFound
from audit_app.rules.refusals import PaperWithdrawn
from audit_app.rules.wording import MINUTES, hanoi, paper_name
from audit_app.web import filters
from audit_app.web.gate import allow
from audit_app.web.sync import tools

bp = Blueprint("reports", __name__)


@bp.get("/reports")
@allow(Action.FOLLOW)
def index():
    asked = filters.read()
    found = lists.reports(g.db, typed=asked.typed, level=asked.level, page=asked.page)
    return render_template("reports/index.html", asked=asked, found=found, symbol=tools().catalogue.letterhead.symbol)


@bp.get("/reports/<uuid:report>.pdf")
@allow(Action.READ_REPORT, slow=True)
def download(report):
    """The stored bytes, as they were printed; each reading is written down before it begins. Raises PaperWithdrawn."""
    with tools().database.transaction() as db:
        if pictures.audience_of(g.user) is pictures.Audience.OUTSIDE and lists.withdrawn(db, report):
            raise PaperWithdrawn()
        if request.method == "GET":  # to ask whether it is there is not to read it
            record(db, g.user, "report.downloaded", db.get(Inspection, report.inspection_id), report=str(report.id))
    name = paper_name(report.agency.name, report.issued_on or hanoi(report.issued_at).date())
    return _paper(report.inspection_id, report.pdf, report.octets, name)


@bp.get("/reports/<uuid:report>/minutes.pdf")
@allow(Action.READ_REPORT, slow=True)
def minutes_beside(report):
    """The minutes, for the agency that signed them, once its findings are issued."""
    return _minutes(report.inspection_id)


@bp.get("/inspections/<uuid:inspection>/minutes.pdf")
@allow(Action.READ, slow=True)
def minutes(inspection):
    return _minutes(inspection.id)


def _minutes(inspection_id) -> Response:
    """The newest minutes, as they were printed. Raises NotFound when no closing meeting was held."""
    with tools().database.transaction() as db:
        printed = submissions.minutes(db, inspection_id)
        if printed is None:
            raise NotFound()
        visit = db.get(Inspection, inspection_id)
        if request.method == "GET":
            record(db, g.user, "minutes.downloaded", visit, minutes=printed.details["pdf"])
        name = paper_name(visit.agency.name, hanoi(printed.at).date(), kind=MINUTES)
        pdf, octets = printed.details["pdf"], printed.details["octets"]
    return _paper(inspection_id, pdf, octets, name)


def _paper(inspection_id, sha256: str, octets: int, name: str) -> Response:
    headers = {"Content-Length": str(octets), "Cache-Control": "private, no-store",
               "Content-Security-Policy": "frame-ancestors 'none'",  # a stricter one breaks the viewer of WebKitGTK
               "Content-Disposition": f"inline; filename=\"{name}\"; filename*=UTF-8''{name}"}
    asked = request.method == "GET"  # a file that nobody reads would stay open
    return Response(tools().blobs.stream(str(inspection_id), sha256) if asked else (), mimetype="application/pdf",
                    headers=headers)
