"""Printing the minutes of a visit, once its closing meeting was held and it was handed in.

What was signed stays as it was printed: a visit that was sent back is printed anew only when its team met again.
"""

import json
from datetime import date, datetime

from sqlalchemy.orm import Session

from audit_app.actions import closing, findings, issue, jobs, standing
from audit_app.actions.journal import record
from audit_app.config import ROOT
from audit_app.media import pdf
from audit_app.records import queries, submissions
from audit_app.records.models import Inspection
from audit_app.records.work import Job
from audit_app.rules.checklist import Item
from audit_app.rules.scoring import FAULTS
from audit_app.rules.wording import hanoi
from audit_app.rules.workflow import OPEN

FORMAT = "minutes/1"
PAPER_CSS = (*issue.PAPER_CSS, ROOT / "static/css/papers/minutes.css")


@jobs.handler("print_minutes")
def print_minutes(tools, job: Job, progress) -> None:
    """Read in a short transaction, work in none, write in a short one. Without a meeting there is nothing to print."""
    with tools.database.transaction(writing=False) as db:
        inspection = db.get(Inspection, job.inspection_id)
        if inspection.state in OPEN or _printed(db, inspection):
            return
        snapshot = gather(db, inspection, tools.catalogue)
    canonical = json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    progress(30)
    paper = print_paper(tools.templates, snapshot, canonical)
    progress(90)
    drawer = str(job.inspection_id)
    kept, printed = tools.blobs.put(drawer, canonical), tools.blobs.put(drawer, paper)
    with tools.database.transaction() as db:
        inspection = queries.locked(db, db.get(Inspection, job.inspection_id))
        if not _printed(db, inspection):
            record(db, None, "minutes.printed", inspection, pdf=printed, snapshot=kept, octets=len(paper),
                   rows=snapshot["rows"], submission=inspection.submissions)


def _printed(db: Session, inspection: Inspection) -> bool:
    """Whether there is nothing (more) to print: no meeting, or this very meeting with these signatures is printed.

    What was signed stays as it was signed; what nobody signed is printed again as it now stands.
    """
    if closing.meeting_of(db, inspection) is None:
        return True
    last, rows = submissions.minutes(db, inspection.id), closing.rows(db, inspection)
    if last is None or last.details["rows"] != rows:
        return False
    return len(rows) > 1 or last.details.get("submission") == inspection.submissions


def gather(db: Session, inspection: Inspection, catalogue) -> dict:
    """Everything the minutes say, as plain JSON values."""
    seen = standing.read(db, inspection, catalogue.get(inspection.checklist_id, inspection.checklist_version))
    day = findings.held_on(db, inspection)
    sections = [{"id": s.id, "title": s.title, "items": [_item(seen, item, catalogue.law, day) for item in s.items]}
                for s in seen.sections]
    items = [item for section in sections for item in section["items"]]
    told = [item for item in items if not item["confidential"]]
    faults = [item for item in told if item["outcome"] in FAULTS]
    shots = sum(item["photos"] for item in told)
    return {
        "format": FORMAT, "rows": closing.rows(db, inspection), **findings.visit(db, inspection),
        "document": _document(inspection, catalogue.letterhead),
        "checklist": findings.described(seen.checklist), "score": findings.told_score(seen),
        "answered": sum(item["outcome"] is not None for item in told), "total": len(told),
        "photo_count": shots, "withheld_count": shots - len(findings.published(db, seen)), "sections": sections,
        "findings": [_fault(item) for item in faults if item["basis"] != "KN"],
        "recommendations": [_fault(item) for item in faults if item["basis"] == "KN"],
        "open": [{"item": item["id"], "note": item["note"]} for item in told if item["outcome"] is None],
        "equipment": findings.counted(db, inspection, catalogue), "remarks": findings.remarked(db, inspection),
        **closing.told(db, seen),
    }


def _item(seen: standing.Standing, item: Item, law, day: date) -> dict:
    row = findings.told_of(seen, item)
    return {
        "id": item.id, "text": item.text, "basis": item.basis, "critical": item.critical,
        "confidential": item.confidential, "outcome": seen.outcome_of(item, row) if row else None,
        "number": row.number if row else None, "of": row.of if row else None, "unit": item.unit,
        "choices": [option.text for option in item.options if row and option.id in row.choices],
        "severity": seen.severity(item, row) if row else None, "note": (row.note or None) if row else None,
        "citations": law.cited(item.citations, day),
        "photos": 0 if item.confidential else len(seen.photos.get(item.id, ())),
    }


def _fault(item: dict) -> dict:
    return {"item": item["id"], "text": item["text"], "outcome": item["outcome"], "critical": item["critical"],
            "severity": item["severity"], "fact": item["note"], "number_value": item["number"], "of": item["of"],
            "unit": item["unit"], "photos": item["photos"]}


def _document(inspection: Inspection, letterhead) -> dict:
    """The head of the paper: the letterhead's, with the sign of minutes; the office's register gives the number."""
    return {"number": None, "symbol": "BB-" + letterhead.symbol.rpartition("-")[2], "place": letterhead.place,
            "parent_body": letterhead.parent_body, "body": letterhead.body, "archive": letterhead.archive,
            "submitted_at": hanoi(inspection.submitted_at).isoformat(timespec="seconds")}


def print_paper(templates, snapshot: dict, canonical: bytes) -> bytes:
    """The PDF of a snapshot: the same snapshot gives the same bytes. Minutes carry no photos."""
    def no_picture(sha256: str) -> bytes:
        raise LookupError(sha256)

    html = templates.get_template("papers/minutes.html").render(s=snapshot)
    return pdf.render(html, css=PAPER_CSS, pictures=no_picture,
                      created=datetime.fromisoformat(snapshot["document"]["submitted_at"]),
                      attachments=[("minutes.json", canonical, "application/json")])
