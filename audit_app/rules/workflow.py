"""The life of an inspection: states, and the one table of steps that lead from one to the next."""

from enum import StrEnum

from audit_app.rules.problems import StepImpossible


class State(StrEnum):
    """Where an inspection stands. `approved` waits for the printer, `issued` is in the agency's hands, `cancelled` was
    called off by the office before the team handed it in; nothing of it is deleted."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What moves an inspection on."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    ISSUE = "issue"
    CANCEL = "cancel"
    RESTORE = "restore"


NEXT = {
    (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Step.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Step.RETURN): State.RETURNED,
    (State.SUBMITTED, Step.APPROVE): State.APPROVED,
    (State.APPROVED, Step.ISSUE): State.ISSUED,
    (State.DRAFT, Step.CANCEL): State.CANCELLED,
    (State.CANCELLED, Step.RESTORE): State.DRAFT,
}

OPEN = (State.DRAFT, State.RETURNED)
"""States in which the team may still answer."""

BEFORE = (State.DRAFT, State.CANCELLED)
"""States in which the office has nothing to review."""

DONE = (State.ISSUED, State.CANCELLED)
"""States in which nothing is to be waited for."""


def after(state: State, step: Step) -> State:
    """The state that follows. Raises StepImpossible when the table has no such step."""
    try:
        return NEXT[State(state), step]
    except KeyError:
        from audit_app.rules.wording import STATE

        raise StepImpossible(state=STATE[State(state)]) from None
