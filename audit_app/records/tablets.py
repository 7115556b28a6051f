"""What tablets announced that they hold, so that the office sees what has not arrived."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from audit_app.records.db import Base, Moment, now
from audit_app.records.evidence import (
    Answer,
    EquipmentCount,
    Markup,
    Meeting,
    Photo,
    Remark,
    Removal,
    Signature,
)
from audit_app.records.models import User

OTHERS = (Removal, EquipmentCount, Remark, Meeting, Signature, Markup)
"""Rows from tablets that are neither answers nor photos."""


class Tablet(Base):
    """One person's unsent work on one device for one inspection, as the device last told it."""

    __tablename__ = "tablet"

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    device: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    answers: Mapped[int] = mapped_column(default=0)
    others: Mapped[int] = mapped_column(default=0)  # unsent rows that are neither answers nor photos
    photos: Mapped[int] = mapped_column(default=0)
    originals: Mapped[int] = mapped_column(default=0)
    clock_offset_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    app_version: Mapped[str] = mapped_column(String(40), default="")
    announced_at: Mapped[datetime] = mapped_column(Moment, default=now)
    user: Mapped[User] = relationship(lazy="joined")


def of(db: Session, inspection_id: UUID) -> list[Tablet]:
    """What each tablet said last, the latest first."""
    mine = select(Tablet).where(Tablet.inspection_id == inspection_id)
    return list(db.scalars(mine.order_by(Tablet.announced_at.desc())))


def arrived_since(db: Session, tablet: Tablet) -> dict[str, int]:
    """How many rows of this person came in after the announcement: {"answers": n, "others": n, "photos": n}."""
    def count(*tables) -> int:
        return sum(db.scalar(select(func.count()).select_from(table).where(
            table.inspection_id == tablet.inspection_id, table.author_id == tablet.user_id,
            table.received_at > tablet.announced_at)) for table in tables)

    return {"answers": count(Answer), "others": count(*OTHERS), "photos": count(Photo)}


def waiting(db: Session, ids: list[UUID]) -> dict[UUID, int]:
    """Per inspection, how many rows and bytes its tablets said they still hold; those that hold nothing left out."""
    held = func.sum(Tablet.answers + Tablet.others + Tablet.photos + Tablet.originals)
    rows = db.execute(select(Tablet.inspection_id, held).where(Tablet.inspection_id.in_(ids))
                      .group_by(Tablet.inspection_id).having(held > 0))
    return {inspection: int(count) for inspection, count in rows}
