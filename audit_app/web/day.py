"""What stands on the first page of each role."""

from datetime import timedelta
from fractions import Fraction

from audit_app.records import queries
from audit_app.rules.workflow import OPEN
from audit_app.web import tablet


def of_team(db, user, today, *, catalogue, since: timedelta) -> dict:
    """My inspections: today's and overdue ones first, then those ahead, then what is with the office or done."""
    mine = queries.agenda(db, user, since=today - since)
    ids = [inspection.id for inspection in mine]
    answered, photos = queries.answered_counts(db, ids), queries.photo_counts(db, ids)
    last = queries.last_issued(db, {inspection.agency_id for inspection in mine})
    visits = [_visit(inspection, catalogue, answered, photos, last, user) for inspection in mine]
    working = [visit for visit in visits if visit["open"]]
    return {
        "now": [visit for visit in working if visit["planned_for"] <= today],
        "ahead": [visit for visit in working if visit["planned_for"] > today],
        "done": [visit for visit in reversed(visits) if not visit["open"]],
    }


def _visit(inspection, catalogue, answered: dict, photos: dict, last: dict, user) -> dict:
    checklist = tablet.checklist_of(inspection, catalogue)
    offered = checklist.offered(inspection.level, inspection.tier, inspection.planned_for)
    before = last.get(inspection.agency_id)
    return {
        "id": inspection.id, "agency": inspection.agency.name, "address": inspection.agency.address,
        "planned_for": inspection.planned_for, "planned_at": inspection.planned_at, "tier": inspection.tier,
        "state": inspection.state, "open": inspection.state in OPEN, "round": inspection.round.title,
        "answered": answered.get(inspection.id, 0), "total": sum(len(section.items) for section in offered),
        "photos": photos.get(inspection.id, 0),
        "team": [(a.user.full_name, a.lead, a.user_id == user.id) for a in inspection.team],
        "score": stored_score(inspection),
        "last": before and before.id != inspection.id and {"day": before.planned_for, "score": stored_score(before)},
    }


def stored_score(inspection) -> dict | None:
    """Score and coverage as they stood at the last submission; None before it."""
    if inspection.coverage is None:
        return None
    return {"percent": inspection.percent and Fraction(inspection.percent), "coverage": Fraction(inspection.coverage),
            "answered": inspection.answered, "applicable": inspection.applicable}
