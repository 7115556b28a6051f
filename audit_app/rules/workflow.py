"""The life of an inspection: states, and the one table of steps that lead from one to the next."""

from enum import StrEnum

from audit_app.rules.problems import StepImpossible


class State(StrEnum):
    """Where an inspection stands. `approved` waits for the printer, `issued` is in the agency's hands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    ISSUED = "issued"


class Step(StrEnum):
    """What moves an inspection on."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    ISSUE = "issue"


NEXT = {
    (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Step.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Step.RETURN): State.RETURNED,
    (State.SUBMITTED, Step.APPROVE): State.APPROVED,
    (State.APPROVED, Step.ISSUE): State.ISSUED,
}

OPEN = (State.DRAFT, State.RETURNED)
"""States in which the team may still answer."""


def after(state: State, step: Step) -> State:
    """The state that follows. Raises StepImpossible when the table has no such step."""
    try:
        return NEXT[State(state), step]
    except KeyError:
        from audit_app.rules.wording import STATE

        raise StepImpossible(state=STATE[State(state)]) from None
