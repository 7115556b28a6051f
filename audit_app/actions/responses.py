"""What an agency does with its findings: answer them, one by one."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from audit_app.actions.journal import born, record
from audit_app.records import lists, queries
from audit_app.records.evidence import Report, Response
from audit_app.records.models import Inspection
from audit_app.rules.refusals import (
    AnsweredMeanwhile,
    FindingUnknown,
    PromiseTooEarly,
    PromiseTooLate,
    ReportReplaced,
)
from audit_app.rules.wording import moment, tidy

LONGEST = 10_000
PROMISED_AHEAD = 731
"""Days from today: later ones are mistyped years."""


def give(db: Session, actor, report: Report, *, finding: int, text: str, promised_on: date | None = None,
         today: date, id: UUID | None = None, shown: int | None = None) -> Response:
    """Add an answer to one finding; earlier ones stay. `finding`: its number on the paper. The same again under the
    same `id` is the same answer. `shown`: how many answers to it its author saw, where that is known.

    Raises FindingUnknown, PromiseTooEarly, PromiseTooLate, ReportReplaced (a newer version stands), AnsweredMeanwhile
    (by a colleague whose answer its author did not see), TextTooLong, TextForbidden.
    """
    if not 1 <= finding <= report.findings:
        raise FindingUnknown(number=finding)
    if promised_on is not None and promised_on < today:
        raise PromiseTooEarly()
    if promised_on is not None and (promised_on - today).days > PROMISED_AHEAD:
        raise PromiseTooLate()
    given, again = born(db, Response, id, report.inspection_id, {
        "report_id": report.id, "finding": finding, "text": tidy(text, limit=LONGEST), "promised_on": promised_on,
        "by_id": actor.id})
    if again:
        return given
    if lists.replaced(db, report) is not None:
        raise ReportReplaced()
    _check_colleagues(db, actor, report, finding, shown)
    db.add(given)
    db.flush()
    record(db, actor, "response.given", db.get(Inspection, report.inspection_id), report=str(report.id),
           finding=finding, response=str(given.id))
    return given


def _check_colleagues(db: Session, actor, report: Report, finding: int, shown: int | None) -> None:
    unseen = [] if shown is None else queries.responses(db, report)[finding][shown:]
    others = [answer for answer in unseen if answer.by_id != actor.id]
    if others:
        raise AnsweredMeanwhile(name=others[-1].by.full_name, at=moment(others[-1].at))
