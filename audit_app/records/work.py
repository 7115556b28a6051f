"""The jobs table: what must still be done, the truth that the queue only carries."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from audit_app.records.db import Base, Moment, now

PRINTING = ("issue_findings", "renumber_findings", "reprint_findings", "reprint_with_photo")
"""Jobs that print a notice: the first version, one with another number, one without a photo that was taken out, one
with a photo that was put back."""

OVERDUE = timedelta(minutes=10)
"""So long nobody looks after a job only where no worker runs: a worker looks every other second."""


class Job(Base):
    """Work that follows from an event; written in the same commit. `key` makes asking twice ask once."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_open", "state", "lease_until"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    payload: Mapped[dict] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued, running, done, failed
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime] = mapped_column(Moment, default=now)
    queued_at: Mapped[datetime] = mapped_column(Moment, default=now)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    progress: Mapped[int] = mapped_column(default=0)  # per cent
    error: Mapped[str] = mapped_column(Text, default="")


def overdue(db: Session) -> bool:
    """Whether work waits that nobody looks after."""
    waits = Job.state.in_(("queued", "running")) & (Job.lease_until < now() - OVERDUE)
    return db.scalar(select(exists().where(waits)))
