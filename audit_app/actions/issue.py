"""Printing the findings: gather once, render, keep, hand over. Run twice it issues once."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit_app.actions import findings, jobs, pictures, redaction
from audit_app.actions.journal import record
from audit_app.config import ROOT
from audit_app.media import pdf
from audit_app.records import lists, queries
from audit_app.records.evidence import Approval, Report
from audit_app.records.models import Inspection
from audit_app.records.work import Job
from audit_app.rules.workflow import State, Step, after

PAPER_CSS = (ROOT / "static/css/papers/paper.css",)


@jobs.handler("issue_findings")
def issue_findings(tools, job: Job, progress) -> None:
    """Read in a short transaction, work in none, write in a short one."""
    with tools.database.transaction(writing=False) as db:
        if db.get(Inspection, job.inspection_id).state == State.ISSUED:
            return
        unshrunk, undrawn = _unshrunk(db, job.inspection_id), redaction.undone(db, job.inspection_id)
    for done, sources in enumerate(unshrunk):
        pictures.shrink_first(tools, job.inspection_id, sources)
        progress(5 + 45 * done // len(unshrunk))
    undrawable = _draw(tools, undrawn)
    with tools.database.transaction(writing=False) as db:
        inspection = db.get(Inspection, job.inspection_id)
        last = queries.newest_report(db, inspection.id)
        drawn = _drawn(db, inspection.id)
        if set(redaction.undone(db, inspection.id)) - undrawable:
            raise PrintedTooEarly()
        snapshot = findings.gather(db, inspection, version=last.version + 1 if last else 1,
                                   catalogue=tools.catalogue, settings=tools.settings)
    made = _printed(tools, job, snapshot, progress)
    with tools.database.transaction() as db:
        inspection = queries.locked(db, db.get(Inspection, job.inspection_id))
        if inspection.state == State.ISSUED:
            return
        if _drawn(db, inspection.id) != drawn:
            raise PrintedTooEarly()
        inspection.state = after(inspection.state, Step.ISSUE)
        _keep(db, inspection, "inspection.issued", made)


AGAIN = {"renumber_findings": "inspection.reissued", "reprint_findings": "inspection.reprinted",
         "reprint_with_photo": "inspection.reprinted"}
"""Jobs that print an issued notice once more, and the event when they have."""


@jobs.handler("renumber_findings")
@jobs.handler("reprint_findings")
@jobs.handler("reprint_with_photo")
def print_again(tools, job: Job, progress) -> None:
    """Print an issued notice once more as it was frozen, with the number and the days that the office gave it since and
    without the photos that stay inside since. What is decided while it is printed, its own job prints."""
    with tools.database.transaction(writing=False) as db:
        inspection = db.get(Inspection, job.inspection_id)
        last, decided = queries.newest_report(db, inspection.id), _decided(db, inspection.id)
        approval, inside = decided
        before, first = (json.loads(tools.blobs.get(str(inspection.id), report.snapshot))
                         for report in (last, lists.first_version(db, inspection.id)))
        snapshot = findings.renumbered(findings.showing(before, first, inside), inspection, approval,
                                       version=last.version + 1, catalogue=tools.catalogue, settings=tools.settings)
        signs = [findings.signature(paper["document"]) for paper in (before, snapshot)]
        if (_says(last, approval) and signs[0] == signs[1] and snapshot["photos"] == before["photos"]
                and not lists.withdrawn(db, last)):
            return
    made = _printed(tools, job, snapshot, progress)
    with tools.database.transaction() as db:
        inspection = queries.locked(db, db.get(Inspection, job.inspection_id))
        newest, (said, kept) = queries.newest_report(db, inspection.id), _decided(db, inspection.id)
        if (newest.id, said.id, kept) == (last.id, approval.id, inside):
            _keep(db, inspection, AGAIN[job.name], made)


def _decided(db: Session, inspection_id) -> tuple[Approval, set[str]]:
    """What the office says now of an issued notice, and the photos that stay inside."""
    return findings.approved(db, inspection_id), findings.withheld(db, inspection_id)


def _says(report: Report, approval: Approval) -> bool:
    return (report.number, report.issued_on, report.remedy_by) == (
        approval.number, approval.issued_on, approval.remedy_by)


@dataclass(frozen=True)
class _Made:
    """A printed paper: what it says, the hashes under which that and the PDF are kept, the PDF's length in octets."""

    snapshot: dict
    kept: str
    pdf: str
    octets: int


def _printed(tools, job: Job, snapshot: dict, progress) -> _Made:
    """The paper of a snapshot, both kept in the drawer of the inspection."""
    progress(55)
    canonical = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    drawer = str(job.inspection_id)
    kept = tools.blobs.put(drawer, canonical)
    paper = print_notice(tools.templates, snapshot, canonical, lambda sha256: tools.blobs.get(drawer, sha256))
    progress(95)
    return _Made(snapshot, kept, tools.blobs.put(drawer, paper), len(paper))


class PrintedTooEarly(Exception):
    """Somebody covered something in a photo while the paper was made: it is made again."""


def print_notice(templates, snapshot: dict, canonical: bytes, picture) -> bytes:
    """The PDF of a snapshot: the same snapshot gives the same bytes."""
    document = snapshot["document"]
    html = templates.get_template("papers/notice.html").render(s=snapshot, qr=pdf.qr(document["verify_url"]))
    return pdf.render(html, css=PAPER_CSS, pictures=picture, created=datetime.fromisoformat(document["approved_at"]),
                      attachments=[("findings.json", canonical, "application/json")])


def _unshrunk(db: Session, inspection_id) -> list[tuple[str, ...]]:
    """Sources of photos whose smaller pictures are not made yet: the paper waits for nobody, it makes them itself."""
    made = {source for source, _ in queries.derivatives(db, inspection_id)}
    sources = dict.fromkeys(tuple(pictures.sources(photo)) for photo in queries.photos(db, inspection_id))
    return [those for those in sources if made.isdisjoint(those)]


def _draw(tools, undrawn: list[UUID]) -> set[UUID]:
    """Make the pictures of these mark-ups; returns those whose photo gives none."""
    undrawable = set()
    for markup in undrawn:
        try:
            redaction.make(tools, markup)
        except pictures.UNSHOWABLE:
            undrawable.add(markup)
    return undrawable


def _drawn(db: Session, inspection_id) -> set:
    return {row.id for row in queries.markups(db, inspection_id).values()}


def _keep(db: Session, inspection: Inspection, event: str, made: _Made) -> None:
    """The report and what happened, in the commit of the caller. Whoever comes second finds it done."""
    approval, document = findings.approved(db, inspection.id), made.snapshot["document"]
    report = Report(inspection_id=inspection.id, agency_id=inspection.agency_id, version=document["version"],
                    code=document["code"], number=approval.number, snapshot=made.kept, pdf=made.pdf,
                    octets=made.octets, findings=len(made.snapshot["findings"]), remedy_by=approval.remedy_by,
                    issued_on=approval.issued_on)
    db.add(report)
    db.flush()
    record(db, None, event, inspection, report=str(report.id), pdf=made.pdf, snapshot=made.kept)
