"""Who may do what. One table: an action is allowed when every predicate of one of its lines holds."""

from enum import StrEnum
from typing import Protocol

from audit_app.rules.problems import NotAllowed
from audit_app.rules.workflow import BEFORE, OPEN


class Role(StrEnum):
    """What a person is here for; one each."""

    INSPECTOR = "inspector"
    TEAM_LEAD = "team_lead"
    OFFICE = "office"
    OFFICE_LEAD = "office_lead"
    AGENCY = "agency"
    ADMIN = "admin"


class Action(StrEnum):
    """Everything that needs leave."""

    HOME = "home"
    SYNC = "sync"
    READ = "read"
    CAPTURE = "capture"
    ANSWER = "answer"
    SUBMIT = "submit"
    REVIEW = "review"
    DECIDE = "decide"
    SEE_ORIGINAL = "see_original"
    RERUN = "rerun"
    PLAN = "plan"
    AGENCIES = "agencies"
    FOLLOW = "follow"
    READ_REPORT = "read_report"
    RESPOND = "respond"
    OWN_FINDINGS = "own_findings"
    PEOPLE = "people"


class Actor(Protocol):
    """What a rule needs to know of a person."""

    id: object
    role: str
    agency_id: object


def anyone(actor, _):
    return True


def inspects(actor, _):
    return actor.role in (Role.INSPECTOR, Role.TEAM_LEAD)


def in_office(actor, _):
    return actor.role in (Role.OFFICE, Role.OFFICE_LEAD)


def of_agency(actor, _):
    return actor.role == Role.AGENCY and actor.agency_id is not None


def administers(actor, _):
    return actor.role == Role.ADMIN


def on_team(actor, inspection):
    return inspection is not None and actor.id in inspection.team_ids


def not_on_team(actor, inspection):
    return inspection is None or actor.id not in inspection.team_ids


def still_open(_, inspection):
    return inspection is not None and inspection.state in OPEN


def submitted(_, inspection):
    return inspection is not None and inspection.state not in BEFORE


def its_own(actor, report):
    return report is not None and report.agency_id == actor.agency_id


ALLOWED = {
    Action.HOME: [[anyone]],
    Action.SYNC: [[inspects]],
    Action.READ: [[inspects, on_team], [in_office]],
    Action.CAPTURE: [[inspects, on_team]],
    Action.ANSWER: [[inspects, on_team, still_open]],
    Action.SUBMIT: [[inspects, on_team]],
    Action.REVIEW: [[in_office]],
    Action.DECIDE: [[in_office, not_on_team, submitted]],
    Action.SEE_ORIGINAL: [[in_office]],
    Action.RERUN: [[in_office]],
    Action.PLAN: [[in_office]],
    Action.AGENCIES: [[in_office], [administers]],
    Action.FOLLOW: [[in_office]],
    Action.READ_REPORT: [[in_office], [inspects], [of_agency, its_own]],
    Action.RESPOND: [[of_agency, its_own]],
    Action.OWN_FINDINGS: [[of_agency]],
    Action.PEOPLE: [[administers]],
}


def can(actor: Actor | None, action: Action, subject=None) -> bool:
    """Whether `actor` may do `action` to `subject` (an inspection, a report or None). Nobody may do nothing."""
    return actor is not None and any(all(holds(actor, subject) for holds in line) for line in ALLOWED[action])


def require(actor: Actor | None, action: Action, subject=None) -> None:
    """Raises NotAllowed unless `can`."""
    if not can(actor, action, subject):
        raise NotAllowed()
