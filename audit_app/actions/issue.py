"""Printing the findings: gather once, render, keep, hand over. Run twice it issues once."""

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import findings, jobs, pictures, redaction
from audit_app.actions.journal import record
from audit_app.config import ROOT
from audit_app.media import pdf
from audit_app.records import queries
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
        waiting, undrawn = _unshrunk(db, job.inspection_id), redaction.undone(db, job.inspection_id)
    for done, sha256 in enumerate(waiting):
        pictures.shrink(tools, Job(inspection_id=job.inspection_id, payload={"sha256": sha256}), progress)
        progress(5 + 45 * done // len(waiting))
    for markup in undrawn:
        redaction.make(tools, markup)
    with tools.database.transaction(writing=False) as db:
        inspection = db.get(Inspection, job.inspection_id)
        last = queries.newest_report(db, inspection.id)
        snapshot = findings.gather(db, inspection, version=last.version + 1 if last else 1,
                                   catalogue=tools.catalogue, settings=tools.settings)
        drawn = _drawn(db, inspection.id)
    progress(55)
    canonical = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    drawer = str(job.inspection_id)
    kept = tools.blobs.put(drawer, canonical)
    paper = print_notice(tools.templates, snapshot, canonical, lambda sha256: tools.blobs.get(drawer, sha256))
    progress(95)
    printed = tools.blobs.put(drawer, paper)
    with tools.database.transaction() as db:
        inspection = queries.locked(db, db.get(Inspection, job.inspection_id))
        if inspection.state == State.ISSUED:
            return
        if _drawn(db, inspection.id) != drawn:
            raise PrintedTooEarly()
        _hand_over(db, inspection, snapshot, kept, printed, len(paper))


class PrintedTooEarly(Exception):
    """Somebody covered something in a photo while the paper was made: it is made again."""


def print_notice(templates, snapshot: dict, canonical: bytes, picture) -> bytes:
    """The PDF of a snapshot: the same snapshot gives the same bytes."""
    document = snapshot["document"]
    html = templates.get_template("papers/notice.html").render(s=snapshot, qr=pdf.qr(document["verify_url"]))
    return pdf.render(html, css=PAPER_CSS, pictures=picture, created=datetime.fromisoformat(document["approved_at"]),
                      attachments=[("findings.json", canonical, "application/json")])


def _unshrunk(db: Session, inspection_id) -> list[str]:
    """Sources whose smaller pictures are not made yet: the paper waits for nobody, it makes them itself."""
    made = {source for source, _ in queries.derivatives(db, inspection_id)}
    return [pictures.sources(photo)[0] for photo in queries.photos(db, inspection_id)
            if not any(source in made for source in pictures.sources(photo))]


def _drawn(db: Session, inspection_id) -> set:
    return {row.id for row in queries.markups(db, inspection_id).values()}


def _hand_over(db: Session, inspection: Inspection, snapshot: dict, kept: str, printed: str, octets: int) -> None:
    """One commit: the report, the state, the event. Whoever comes second finds it done."""
    approval = db.scalar(select(Approval).where(Approval.inspection_id == inspection.id)
                         .order_by(Approval.at.desc()).limit(1))
    report = Report(inspection_id=inspection.id, agency_id=inspection.agency_id,
                    version=snapshot["document"]["version"], code=snapshot["document"]["code"],
                    number=approval.number, snapshot=kept, pdf=printed, octets=octets,
                    findings=len(snapshot["findings"]), remedy_by=approval.remedy_by, issued_on=approval.issued_on)
    db.add(report)
    inspection.state = after(inspection.state, Step.ISSUE)
    db.flush()
    record(db, None, "inspection.issued", inspection, report=str(report.id), pdf=printed, snapshot=kept)
