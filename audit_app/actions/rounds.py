"""What can be done with a round of inspection: open it, change it, put a visit into it, replan one, call one off."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import inspections
from audit_app.actions.journal import born, just_did, record
from audit_app.records import queries
from audit_app.records.models import Agency, Assignment, Inspection, Round, User
from audit_app.rules.checklist import Checklist
from audit_app.rules.problems import Problem, StepImpossible
from audit_app.rules.refusals import (
    AgencyGone,
    AgencyNotInForce,
    AgencyUnknown,
    DayTaken,
    MemberWorked,
    NoChecklist,
    OnSchedule,
    PlanFixed,
    RoundEndsTooEarly,
    TeamUnknown,
    WhyCancelled,
)
from audit_app.rules.wording import STATE, tidy
from audit_app.rules.wording import day as in_words
from audit_app.rules.workflow import OPEN, State, Step, after

CHECKLIST = "mot-cua"


def open_round(db: Session, actor, *, title: str, decision: str, starts_on: date, ends_on: date, tier: int,
               id: UUID | None = None) -> Round:
    """A round that inspections can be put into; the same again under the same `id` is the same round.

    Raises RoundEndsTooEarly, TextTooLong.
    """
    if ends_on < starts_on:
        raise RoundEndsTooEarly()
    said = {"title": tidy(title, limit=200), "decision": tidy(decision, limit=200), "starts_on": starts_on,
            "ends_on": ends_on, "tier": tier}
    opened, again = born(db, Round, id, None, said)
    if again:
        return opened
    db.add(opened)
    db.flush()
    record(db, actor, "round.opened", None, round=str(opened.id))
    return opened


def change_round(db: Session, actor, round: Round, *, title: str, decision: str, starts_on: date, ends_on: date,
                 tier: int) -> None:
    """Another title, decision, span or usual tier; visits keep their own days and tiers, printed papers what they say.

    Raises RoundEndsTooEarly, TextTooLong.
    """
    if ends_on < starts_on:
        raise RoundEndsTooEarly()
    round.title, round.decision = tidy(title, limit=200), tidy(decision, limit=200)
    round.starts_on, round.ends_on, round.tier = starts_on, ends_on, tier
    record(db, actor, "round.changed", None, round=str(round.id))


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
    _refuse_twice(db, round.id, chosen, day)
    return inspections.plan(db, actor, round=round, agency=chosen, day=day, at=at, tier=tier, team=people, lead=leads,
                            checklist=_checklist(catalogue, day))


def change_visit(db: Session, actor, visit: Inspection, *, day: date, at: str, tier: int, team: list[str], lead: str,
                 catalogue) -> None:
    """Another day, hour, tier or team for a visit that has not been handed in.

    What has been captured binds: day and tier decide which items are asked, so they stay once there are rows, and
    whoever wrote one stays on the team. Who is on it may stay, also when they inspect no more. Raises StepImpossible,
    PlanFixed, MemberWorked, AgencyNotInForce, TeamUnknown, OnSchedule, NoChecklist.
    """
    check_open(visit)
    people, authors = _team(db, team, staying=visit.team_ids), queries.authors(db, visit.id)
    gone = next((a.user for a in visit.team if a.user_id in authors and a.user not in people), None)
    if gone:
        raise MemberWorked(name=gone.full_name)
    if (day, tier) != (visit.planned_for, visit.tier):
        if authors:
            raise PlanFixed()
        _move(db, visit, day, catalogue)
    visit.planned_at, visit.tier = at, tier
    leads = next((person for person in people if str(person.id) == lead), people[0])
    before = {a.user_id: a for a in visit.team}
    visit.team = [before.get(person.id) or Assignment(user_id=person.id) for person in people]
    for assignment in visit.team:
        assignment.lead = assignment.user_id == leads.id
    db.flush()
    record(db, actor, "inspection.replanned", visit, day=day.isoformat(), at=at, tier=tier,
           team=[str(person.id) for person in people], lead=str(leads.id))


def check_open(visit: Inspection) -> None:
    """A plan can be changed until the visit is handed in. Raises StepImpossible."""
    if visit.state not in OPEN:
        raise StepImpossible(state=STATE[State(visit.state)])


def _move(db: Session, visit: Inspection, day: date, catalogue) -> None:
    """To another day, with the checklist that is in force then."""
    if not visit.agency.in_force_on(day):
        raise AgencyNotInForce(agency=visit.agency.name, day=in_words(day))
    _refuse_twice(db, visit.round_id, visit.agency, day, besides=visit.id)
    checklist = _checklist(catalogue, day)
    inspections.pin(db, checklist)
    visit.planned_for, visit.checklist_id, visit.checklist_version = day, checklist.id, checklist.version


def _refuse_twice(db: Session, round_id: UUID, agency: Agency, day: date, *, besides: UUID | None = None,
                  problem: type[Problem] = OnSchedule) -> None:
    """One agency is visited once a day in a round; what was called off does not count, nor does the visit that is
    planned anew. Two who plan in one round go one after the other, so that the second sees what the first planned.
    Raises `problem`."""
    db.execute(select(Round.id).where(Round.id == round_id).with_for_update(key_share=True))
    that_day = select(Inspection.id).where(Inspection.round_id == round_id, Inspection.agency_id == agency.id,
                                           Inspection.planned_for == day, Inspection.state != State.CANCELLED)
    that_day = that_day.where(Inspection.id != besides) if besides else that_day
    if db.scalar(that_day.limit(1)):
        raise problem(agency=agency.name)


def cancel(db: Session, actor, visit: Inspection, *, why: str) -> None:
    """Call off a visit that was not handed in; what was captured stays, tablets send no more of it.

    Raises StepImpossible, WhyCancelled, TextTooLong.
    """
    why = tidy(why, limit=500)
    if (visit.state, visit.cancelled_for) == (State.CANCELLED, why) and just_did(
            db, actor, "inspection.cancelled", visit):
        return
    state = after(visit.state, Step.CANCEL)
    if not why:
        raise WhyCancelled()
    visit.state, visit.cancelled_for = state, why
    record(db, actor, "inspection.cancelled", visit)


def restore(db: Session, actor, visit: Inspection) -> None:
    """A visit that was called off takes place after all; why it was stays in its history.

    Raises StepImpossible, DayTaken, AgencyGone.
    """
    if visit.state == State.DRAFT and just_did(db, actor, "inspection.restored", visit):
        return
    state = after(visit.state, Step.RESTORE)
    if not visit.agency.in_force_on(visit.planned_for):
        raise AgencyGone(agency=visit.agency.name, day=in_words(visit.planned_for))
    _refuse_twice(db, visit.round_id, visit.agency, visit.planned_for, problem=DayTaken)
    visit.state = state
    record(db, actor, "inspection.restored", visit)


def _team(db: Session, ids: list[str], *, staying: Collection[UUID] = ()) -> list[User]:
    """Those who may inspect, and who stays, in the order in which they were chosen; none of them is given another role
    until this transaction ends. Raises TeamUnknown."""
    wanted = [_uuid(id) for id in ids]
    fit = queries.may_inspect() | User.id.in_(staying)
    found = {person.id: person for person in db.scalars(
        select(User).where(User.id.in_([id for id in wanted if id]), fit).with_for_update(read=True, of=User))}
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
