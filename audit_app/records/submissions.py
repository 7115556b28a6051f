"""What changed from one submission to the next, and what the office said about the earlier ones."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from audit_app.records import queries
from audit_app.records.evidence import ABOUT_PHOTOS, Answer, Approval, Event, Markup, Photo, Removal, Verdict
from audit_app.records.models import Inspection
from audit_app.rules.wording import HANOI
from audit_app.rules.workflow import OPEN


def submitted_before(db: Session, inspection: Inspection) -> Event | None:
    """The submission to compare with: the one before the last, or the last while the team is at work again."""
    mine = select(Event).where(Event.inspection_id == inspection.id, Event.name == "inspection.submitted")
    skipped = 0 if inspection.state in OPEN else 1
    return db.scalar(mine.order_by(Event.seq.desc()).offset(skipped).limit(1))


def removals(db: Session, inspection_id: UUID, item: str) -> list[Removal]:
    """What the team took out at an item and did not put back, oldest first: each with its reason."""
    rows = select(Removal).join(Photo, Removal.photo_id == Photo.id).where(
        Removal.inspection_id == inspection_id, Photo.item == item).order_by(Removal.seq)
    out = select(Removal.photo_id).where(Removal.inspection_id == inspection_id)
    there = select(Photo.sha256).where(Photo.inspection_id == inspection_id, Photo.item == item, Photo.id.not_in(out))
    return list(db.scalars(rows.where(Photo.sha256.not_in(there))))


def touched(db: Session, inspection_id: UUID) -> dict[str, datetime]:
    """When an answer, a photo or a drawing of each item came last, on the server's clock."""
    answers = select(Answer.item, Answer.received_at).where(Answer.inspection_id == inspection_id)
    photos = select(Photo.item, Photo.received_at).where(Photo.inspection_id == inspection_id)
    removals = select(Photo.item, Removal.received_at).join(Removal, Removal.photo_id == Photo.id).where(
        Removal.inspection_id == inspection_id)
    drawings = select(Photo.item, Markup.received_at).join(Markup, Markup.photo_id == Photo.id).where(
        Markup.inspection_id == inspection_id)
    every = union_all(answers, photos, removals, drawings).subquery()
    return dict(db.execute(select(every.c.item, func.max(every.c.received_at)).group_by(every.c.item)).all())


def first(db: Session, inspection_id: UUID) -> Event:
    """The first time that a visit was handed in."""
    mine = select(Event).where(Event.inspection_id == inspection_id, Event.name == "inspection.submitted")
    return db.scalar(mine.order_by(Event.seq).limit(1))


def changed_since(db: Session, inspection_id: UUID, since: datetime) -> set[str]:
    """Items whose answer, photos or drawings were touched after that moment, on the server's clock."""
    return {item for item, at in touched(db, inspection_id).items() if at > since}


def earlier_verdicts(db: Session, inspection: Inspection) -> dict[str, Verdict]:
    """The last word of the office about each item in the submissions before this one."""
    mine = (Verdict.inspection_id == inspection.id) & (Verdict.submission < inspection.submissions)
    rows = db.scalars(select(Verdict).where(mine).order_by(Verdict.seq))
    return {item: v for item, v in {row.item: row for row in rows}.items() if v.decision != "clear"}


def why_of_photos(db: Session, inspection_id: UUID) -> dict[str, str]:
    """Why photos were taken out of the issued notice, or put back into it: {id of the verdict: reason}."""
    mine = select(Verdict).where(Verdict.inspection_id == inspection_id, Verdict.decision.in_(ABOUT_PHOTOS))
    return {str(row.id): row.reason for row in db.scalars(mine)}


def originals_awaited(db: Session, inspection_id: UUID) -> list[str]:
    """Hashes of the originals that were still on the tablet at the last submission; they may have come since."""
    mine = select(Event).where(Event.inspection_id == inspection_id, Event.name == "inspection.submitted")
    last = db.scalar(mine.order_by(Event.seq.desc()).limit(1))
    return list(last.details["counts"]["originals_missing"]) if last else []


def last_signed(db: Session) -> Approval | None:
    """The last approval that names who signs."""
    return db.scalar(select(Approval).where(Approval.signed_as != "").order_by(Approval.at.desc()).limit(1))


def notice_numbered(db: Session, number: str, year: int, *, besides: UUID) -> Approval | None:
    """The approval that gave another visit's notice this number in that year; a number is given once a year (NĐ
    30/2020, Điều 15, khoản 1: «Số và ký hiệu văn bản của cơ quan, tổ chức là duy nhất trong một năm»).

    «05» is 5 and «5A» is 5a. A notice without a day counts in the year in which it was approved, in Hà Nội; what was
    corrected since counts no longer.
    """
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    opened, closed = (datetime.combine(day, time(), HANOI) for day in (first, after))
    dated = (Approval.issued_on >= first) & (Approval.issued_on < after)
    undated = Approval.issued_on.is_(None) & (Approval.at >= opened) & (Approval.at < closed)
    bare = number.lstrip("0")
    same = func.ltrim(Approval.number, "0").in_({bare, bare.lower(), bare.upper()})
    later = aliased(Approval)
    corrected = exists().where(later.inspection_id == Approval.inspection_id, later.at > Approval.at)
    others = (Approval.inspection_id != besides) & ~corrected
    return db.scalar(select(Approval).where(same, dated | undated, others).limit(1))


def minutes(db: Session, inspection_id: UUID) -> Event | None:
    """The printing of the newest minutes: {"pdf", "snapshot", "octets", "rows"} in its details."""
    mine = select(Event).where(Event.inspection_id == inspection_id, Event.name == "minutes.printed")
    return db.scalar(mine.order_by(Event.seq.desc()).limit(1))


def handed_in_since(db: Session, printed: Event | None) -> bool:
    """Whether the visit was handed in again after these minutes were printed: the notice then tells what was mended."""
    if printed is None:
        return False
    handed_in = db.get(Inspection, printed.inspection_id).submissions
    return printed.details.get("submission", handed_in) < handed_in


def unmended(db: Session, inspection: Inspection) -> frozenset[str]:
    """Items that the office sent back and to which the team has done nothing since it handed them in."""
    sent_back = queries.returned(db, inspection)
    return frozenset(sent_back) - changed_since(db, inspection.id, inspection.submitted_at)
