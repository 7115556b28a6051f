"""What tablets announced that they hold, so that the office sees what has not arrived."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit_app.records.evidence import (
    Answer,
    EquipmentCount,
    Markup,
    Meeting,
    Parked,
    Photo,
    Remark,
    Removal,
    Signature,
)
from audit_app.records.models import Tablet

OTHERS = (Removal, EquipmentCount, Remark, Meeting, Signature, Markup)
"""Rows from tablets that are neither answers nor photos."""


def of(db: Session, inspection_id: UUID) -> list[Tablet]:
    """What each tablet said last, the latest first."""
    mine = select(Tablet).where(Tablet.inspection_id == inspection_id)
    return list(db.scalars(mine.order_by(Tablet.announced_at.desc())))


def clocks(db: Session, inspection_id: UUID) -> dict[UUID, timedelta]:
    """How far ahead of the server's the clock of each person's tablet was when it last said so (behind: negative); of
    several tablets, that of the one that is furthest off."""
    found = {}
    for tablet in of(db, inspection_id):
        said = timedelta(milliseconds=tablet.clock_offset_ms)
        found[tablet.user_id] = max(found.get(tablet.user_id, timedelta()), said, key=abs)
    return found


def arrived_since(db: Session, tablet: Tablet) -> dict[str, int]:
    """How many rows of this person came in after the announcement: {"answers": n, "others": n, "photos": n}."""
    def count(*tables) -> int:
        return sum(db.scalar(select(func.count()).select_from(table).where(
            table.inspection_id == tablet.inspection_id, table.author_id == tablet.user_id,
            table.received_at > tablet.announced_at)) for table in tables)

    return {"answers": count(Answer), "others": count(*OTHERS), "photos": count(Photo)}


def behind(db: Session, tablet: Tablet) -> int:
    """How many rows a tablet said it holds that have not come since."""
    held = {"answers": tablet.answers, "others": tablet.others, "photos": tablet.photos}
    arrived = arrived_since(db, tablet) if any(held.values()) else {}
    return sum(max(0, held[kind] - count) for kind, count in arrived.items())


def behind_of(db: Session, person_id: UUID, ids: list[UUID]) -> dict[UUID, int]:
    """Per inspection of `ids`, how many rows the tablets of one person said they hold that have not come since."""
    theirs = select(Tablet).where(Tablet.user_id == person_id, Tablet.inspection_id.in_(ids))
    found = Counter()
    for tablet in db.scalars(theirs):
        found[tablet.inspection_id] += behind(db, tablet)
    return +found


def waiting(db: Session, ids: list[UUID]) -> dict[UUID, int]:
    """Per inspection, how many rows and bytes its tablets said they still hold; those that hold nothing left out."""
    held = func.sum(Tablet.answers + Tablet.others + Tablet.photos + Tablet.originals)
    rows = db.execute(select(Tablet.inspection_id, held).where(Tablet.inspection_id.in_(ids))
                      .group_by(Tablet.inspection_id).having(held > 0))
    return {inspection: int(count) for inspection, count in rows}


def parked(db: Session, inspection_id: UUID, limit: int = 100) -> list[Parked]:
    """The rows of a visit that were refused, the newest first; at most `limit`."""
    mine = select(Parked).where(Parked.inspection_id == inspection_id)
    return list(db.scalars(mine.order_by(Parked.at.desc(), Parked.digest).limit(limit)))


def parked_count(db: Session, inspection_id: UUID) -> int:
    """How many rows of a visit were refused."""
    return db.scalar(select(func.count()).select_from(Parked).where(Parked.inspection_id == inspection_id))
