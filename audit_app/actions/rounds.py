"""What can be done with a round of inspection: open it, put a visit into it."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import inspections
from audit_app.actions.journal import record
from audit_app.records.models import Agency, Inspection, Round, User
from audit_app.records.queries import TEAM
from audit_app.rules.checklist import Checklist
from audit_app.rules.problems import AgencyUnknown, NoChecklist, OnSchedule, RoundEndsTooEarly, TeamUnknown
from audit_app.rules.wording import tidy

CHECKLIST = "mot-cua"


def open_round(db: Session, actor, *, title: str, decision: str, starts_on: date, ends_on: date, tier: int) -> Round:
    """A round that inspections can be put into. Raises RoundEndsTooEarly, TextTooLong."""
    if ends_on < starts_on:
        raise RoundEndsTooEarly()
    opened = Round(title=tidy(title, limit=200), decision=tidy(decision, limit=200), starts_on=starts_on,
                   ends_on=ends_on, tier=tier)
    db.add(opened)
    db.flush()
    record(db, actor, "round.opened", None, round=str(opened.id))
    return opened


def add_visit(db: Session, actor, round: Round, *, agency: str, day: date, at: str, tier: int, team: list[str],
              lead: str, catalogue) -> Inspection:
    """One inspection of this round; `agency`, `team` and `lead` are ids as the form sent them.

    Raises AgencyUnknown, AgencyNotInForce, TeamUnknown, OnSchedule, NoChecklist.
    """
    chosen = db.get(Agency, _uuid(agency)) if _uuid(agency) else None
    if chosen is None:
        raise AgencyUnknown()
    people = _team(db, team)
    leads = next((person for person in people if str(person.id) == lead), people[0])
    twice = select(Inspection.id).where(Inspection.round_id == round.id, Inspection.agency_id == chosen.id,
                                        Inspection.planned_for == day)
    if db.scalar(twice.limit(1)):
        raise OnSchedule(agency=chosen.name)
    return inspections.plan(db, actor, round=round, agency=chosen, day=day, at=at, tier=tier, team=people, lead=leads,
                            checklist=_checklist(catalogue, day))


def _team(db: Session, ids: list[str]) -> list[User]:
    """Those who may inspect, in the order in which they were chosen. Raises TeamUnknown."""
    wanted = [_uuid(id) for id in ids]
    found = {person.id: person for person in db.scalars(
        select(User).where(User.id.in_([id for id in wanted if id]), User.role.in_(TEAM), User.disabled_at.is_(None)))}
    if not wanted or any(id not in found for id in wanted):
        raise TeamUnknown()
    return [found[id] for id in dict.fromkeys(wanted)]


def _checklist(catalogue, day: date) -> Checklist:
    """The version of the one-stop shop's checklist in force on the day of the visit. Raises NoChecklist."""
    found = next((checklist for checklist in catalogue.in_force(day) if checklist.id == CHECKLIST), None)
    if found is None:
        raise NoChecklist()
    return found


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except (ValueError, AttributeError, TypeError):
        return None
