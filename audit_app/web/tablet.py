"""What a tablet is told: the inspection, its checklist, the law, the last visit, the rows and the score as JSON."""

from pathlib import Path

from flask import current_app, g
from sqlalchemy.orm import Session

from audit_app.actions import closing, standing
from audit_app.records import queries
from audit_app.records.evidence import Answer, Captured, Markup
from audit_app.records.models import Inspection
from audit_app.rules.checklist import Checklist, Item
from audit_app.rules.permissions import Action, can
from audit_app.rules.scoring import Score


def app_version() -> str:
    """The state of the shell: the version in the address of the static files."""
    return Path(current_app.static_url_path).name


def checklist_of(inspection: Inspection, catalogue) -> Checklist:
    """The version this inspection was pinned to."""
    return catalogue.get(inspection.checklist_id, inspection.checklist_version)


def brief(db: Session, inspection: Inspection, catalogue) -> dict:
    """One line of the list of what a person is assigned."""
    checklist = checklist_of(inspection, catalogue)
    return {
        "id": str(inspection.id), "state": inspection.state, "planned_for": inspection.planned_for.isoformat(),
        "planned_at": inspection.planned_at, "tier": inspection.tier,
        "agency": {"id": str(inspection.agency_id), "name": inspection.agency.name, "level": inspection.level},
        "checklist": {"id": checklist.id, "version": checklist.version, "sha256": checklist.sha256},
        "counts": {"answers": queries.answered_counts(db, [inspection.id]).get(inspection.id, 0),
                   "photos": queries.photo_counts(db, [inspection.id]).get(inspection.id, 0)},
    }


def whole(db: Session, inspection: Inspection, catalogue) -> dict:
    """Everything needed to work on this inspection without a network (outside.md)."""
    checklist = checklist_of(inspection, catalogue)
    seen = standing.read(db, inspection, checklist)
    law: dict[str, dict] = {}
    return {
        "inspection": brief(db, inspection, catalogue),
        "team": [{"name": a.user.full_name, "title": a.user.title, "lead": a.lead} for a in inspection.team],
        "checklist": {
            "id": checklist.id, "version": checklist.version, "sha256": checklist.sha256, "title": checklist.title,
            "method": checklist.method, "minimum_coverage": checklist.minimum_coverage,
            "sections": [{"id": s.id, "title": s.title, "weight": s.weight,
                          "items": [_item(item, catalogue.law, inspection.planned_for, law) for item in s.items]}
                         for s in seen.sections],
        },
        "law": law,
        "equipment": [{"id": kind.id, "name": kind.name, "unit": kind.unit} for kind in catalogue.equipment],
        "previous": previous(db, inspection, catalogue),
        "returned": queries.returned(db, inspection) if inspection.state == "returned" else {},
        "rows": _rows(db, inspection, seen),
        "conflicts": {item: [_answer(row) for row in rows] for item, rows in seen.conflicts.items()},
        "score": score_of(seen.score),
    }


def _item(item: Item, law, day, known: dict) -> dict:
    """One item; its citations are keys into `law`."""
    said = law.cited(item.citations, day)
    known.update({described["key"]: described for described in said})
    return {
        "id": item.id, "text": item.text, "verify": item.verify, "note": item.note, "kind": item.kind,
        "photo": item.photo, "weight": item.weight, "critical": item.critical, "basis": item.basis,
        "confidential": item.confidential, "tier": item.tier, "required": item.required, "scored": item.scored,
        "at_least": item.at_least, "at_most": item.at_most, "fewer_is_better": item.fewer_is_better, "unit": item.unit,
        "number_label": item.number_label, "of_label": item.of_label,
        "options": [{"id": option.id, "text": option.text} for option in item.options],
        "citations": [described["key"] for described in said], "sipas": list(item.sipas), "tasks": list(item.tasks),
    }


def score_of(scored: Score) -> dict:
    """The score as numbers from 0 to 100; `percent` is null below the minimum coverage."""
    return {
        "percent": _number(scored.percent), "coverage": _number(scored.coverage), "answered": scored.answered,
        "applicable": scored.applicable, "not_applicable": scored.not_applicable, "unanswered": scored.unanswered,
        "sections": [{"id": s.id, "percent": _number(s.percent), "coverage": _number(s.coverage),
                      "answered": s.answered, "applicable": s.applicable} for s in scored.sections],
        "critical_failed": list(scored.critical_failed),
    }


def _number(share) -> float | None:
    return None if share is None else float(share)


def previous(db: Session, inspection: Inspection, catalogue) -> dict:
    """The last issued visit to the same agency, per item: {"date", "items": {id: {"outcome", "note", "photo",
    "number", "of", "choices"}}}, the last one in words; and "asked" where the question was another one then.

    Its words are handed on to every later team; photos and what is confidential only to whom that visit is open.
    """
    last = queries.previous_inspection(db, inspection)
    if last is None:
        return {}
    seen = standing.read(db, last, checklist_of(last, catalogue))
    inside = can(g.user, Action.READ, last)
    photos = seen.photos if inside else {}
    told = [item for item in seen.items if inside or not item.confidential]
    failed = [item.id for item in told if item.id in seen.score.critical_failed]
    asked = {item.id: item.text for section in checklist_of(inspection, catalogue).sections for item in section.items}
    return {
        "id": str(last.id), "date": last.planned_for.isoformat(),
        "score": {**score_of(seen.score), "critical_failed": failed},
        "items": {item.id: {"outcome": seen.outcome(item), **_found(item, seen.answers[item.id]),
                            "photo": str(kept[0].id) if (kept := photos.get(item.id)) else None,
                            **({} if asked.get(item.id, item.text) == item.text else {"asked": item.text})}
                  for item in told if seen.outcome(item) is not None},
    }


def _found(item: Item, row: Answer) -> dict:
    """What an answer said beside its outcome; choices as they were called then."""
    return {"note": row.note, "number": typed(row.number), "of": row.of,
            "choices": [option.text for option in item.options if option.id in row.choices]}


def _rows(db: Session, inspection: Inspection, seen: standing.Standing) -> dict:
    """The rows that stand now, in the shape in which they are sent."""
    return {
        "answers": [_answer(row) for row in seen.answers.values()],
        "photos": [{**_who(row), "item": row.item, "sha256": row.sha256, "working": row.working, "source": row.source,
                    "taken_at": row.taken_at.isoformat(), "lat": row.lat, "lon": row.lon, "accuracy": row.accuracy}
                   for found in seen.photos.values() for row in found],
        "equipment": [{**_who(row), "kind": row.kind, "total": row.total, "working": row.working, "note": row.note,
                       "counted_at": row.counted_at.isoformat()}
                      for row in queries.equipment(db, inspection.id).values()],
        "remarks": [{**_who(row), "kind": row.kind, "text": row.text, "written_at": row.written_at.isoformat()}
                    for rows in queries.remarks(db, inspection.id).values() for row in rows],
        "markups": [{**_who(row), "photo": str(row.photo_id), "shapes": row.shapes, "private": row.private,
                     "seen": row.seen, "made_at": row.made_at.isoformat()} for row in seen.markups.values()],
        **_closing(db, seen),
    }


def markup(row: Markup | None) -> dict | None:
    """What is drawn over a photo, as pages carry it; None when nothing is and nobody is to be protected."""
    if row is None:
        return None
    return {"id": str(row.id), "seen": row.seen or [], "private": row.private, "shapes": row.shapes}


def _closing(db: Session, seen: standing.Standing) -> dict:
    """The meeting that counts, and the last signature of each role; `stale` when something changed after it."""
    meeting = closing.meeting_of(db, seen.inspection)
    return {
        "meetings": [{**_who(row), "opened_at": row.opened_at.isoformat(), "place": row.place, "present": row.present,
                      "closed_at": row.closed_at and row.closed_at.isoformat(), "read_back": row.read_back,
                      "opinion": row.opinion} for row in (meeting,) if row],
        "signatures": [{**_who(row), "meeting": str(row.meeting_id), "role": row.role, "name": row.name,
                        "title": row.title, "strokes": row.strokes, "width": row.width, "height": row.height,
                        "refused": row.refused, "reason": row.reason, "signed_at": row.signed_at.isoformat(),
                        "digest": row.digest, "stale": stale}
                       for row, stale in closing.signatures(db, seen, meeting)],
    }


def _answer(row: Answer) -> dict:
    return {**_who(row), "item": row.item, "value": row.value, "note": row.note, "number": typed(row.number),
            "of": row.of, "choices": row.choices, "severity": row.severity, "answered_at": row.answered_at.isoformat()}


def _who(row: Captured) -> dict:
    return {"id": str(row.id), "author": row.author.full_name, "author_id": str(row.author_id),
            "received_at": row.received_at.isoformat()}


def typed(number: str | None) -> int | float | None:
    """A kept number as JSON; whole ones stay whole."""
    if number is None:
        return None
    return float(number) if "." in number else int(number)
