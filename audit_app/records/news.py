"""What agencies answered lately, and what too late. Nobody writes down who of the office has read what: a week counts
as lately."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from audit_app.records.evidence import Report, Response
from audit_app.rules.deadlines import days_late
from audit_app.rules.wording import hanoi

DAYS = 7


class News(NamedTuple):
    """How many answers there are to one notice, in any of its versions, and when the newest came."""

    count: int
    last: datetime


class Late(NamedTuple):
    """Days after the deadline by answer, of those that came after it, and the findings whose first answer did."""

    days: dict[UUID, int]
    findings: dict[int, int]


def last_answer() -> ColumnElement[datetime]:
    """When the newest answer to a report came, whichever version it was given to."""
    said, answered = aliased(Response), aliased(Report)
    mine = select(func.max(said.at)).select_from(said).join(answered, said.report_id == answered.id)
    return mine.where(answered.inspection_id == Report.inspection_id).correlate(Report).scalar_subquery()


def answers(db: Session, since: datetime, inspections: list[UUID] | None = None) -> dict[UUID, News]:
    """What was answered from then on, by inspection: to all notices, or to those of these inspections."""
    query = select(Report.inspection_id, func.count(), func.max(Response.at)).select_from(Response).join(
        Report, Response.report_id == Report.id).where(Response.at >= since)
    if inspections is not None:
        query = query.where(Report.inspection_id.in_(inspections))
    return {id: News(count, last) for id, count, last in db.execute(query.group_by(Report.inspection_id))}


def late(db: Session, inspections: list[UUID]) -> dict[UUID, Late]:
    """What was answered after its deadline, by inspection. The deadline is the one of the version that was answered:
    another one that the office gave since makes nothing late, nor takes back that it was."""
    found, answered = defaultdict(lambda: Late({}, {})), set()
    query = select(Report.inspection_id, Report.remedy_by, Response.id, Response.finding, Response.at).select_from(
        Response).join(Report, Response.report_id == Report.id).where(Report.inspection_id.in_(inspections))
    for inspection, due, id, finding, at in db.execute(query.order_by(Response.at)):
        days = days_late(hanoi(at).date(), due)
        if days:
            found[inspection].days[id] = days
            if (inspection, finding) not in answered:
                found[inspection].findings[finding] = days
        answered.add((inspection, finding))
    return found
