"""What is odd about a plan: who is to be at two places, what is visited twice, what lies outside its round."""

from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from audit_app.records.models import Agency, Assignment, Inspection, Round, User
from audit_app.records.queries import may_inspect
from audit_app.rules.workflow import OPEN, State


def able(db: Session, visit: Inspection) -> bool:
    """Whether anybody on the team can still inspect: has an account that is not disabled, and a role that does."""
    return bool(db.scalar(select(User.id).join(Assignment).where(
        Assignment.inspection_id == visit.id, may_inspect()).limit(1)))


def same_hour(db: Session, visit: Inspection) -> list[tuple[str, str]]:
    """Who of its team is planned elsewhere on the same day at the same hour, and at which agency; nobody while it has
    no hour."""
    if not visit.planned_at:
        return []
    there = (Inspection.planned_for == visit.planned_for, Inspection.planned_at == visit.planned_at,
             Inspection.id != visit.id, Inspection.state.in_(OPEN), Assignment.user_id.in_(visit.team_ids))
    found = select(User.full_name, Agency.name).select_from(Inspection).join(Assignment).join(User)
    return [tuple(row) for row in db.execute(
        found.join(Agency, Agency.id == Inspection.agency_id).where(*there).order_by(User.name, Agency.name))]


def same_day(db: Session, visit: Inspection) -> list[str]:
    """The titles of other rounds in which the same agency is visited on the same day."""
    there = (Inspection.planned_for == visit.planned_for, Inspection.agency_id == visit.agency_id,
             Inspection.round_id != visit.round_id, Inspection.state != State.CANCELLED)
    return list(db.scalars(select(Round.title).join(Inspection).where(*there).order_by(Round.title).distinct()))


def other_days(db: Session, visit: Inspection) -> list[date]:
    """The other days on which the same agency is visited in the same round."""
    there = (Inspection.round_id == visit.round_id, Inspection.agency_id == visit.agency_id,
             Inspection.id != visit.id, Inspection.state != State.CANCELLED)
    return list(db.scalars(select(Inspection.planned_for).where(*there).order_by(Inspection.planned_for)))


def outside(db: Session, round: Round) -> int:
    """How many visits of a round that take place lie before it begins or after it ends."""
    mine = (Inspection.round_id == round.id, Inspection.state != State.CANCELLED)
    beyond = or_(Inspection.planned_for < round.starts_on, Inspection.planned_for > round.ends_on)
    return db.scalar(select(func.count()).select_from(Inspection).where(*mine, beyond))
