"""The tables people and plans live in; what is found on site stands in evidence.py, work in work.py."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from audit_app.records.db import Base, Moment, now
from audit_app.rules.workflow import State


class Agency(Base):
    """An agency as it is called between two days; a reorganisation ends one row and names its successor."""

    __tablename__ = "agency"
    __table_args__ = (UniqueConstraint("code", "valid_from"), Index("ix_agency_name_fold", "name_fold"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    name_fold: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(1))  # S, H, X, T
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    address: Mapped[str] = mapped_column(String(300), default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(120), default="")

    def in_force_on(self, day: date) -> bool:
        """Whether the agency existed under this name on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class User(Base):
    """A person. Never deleted, only disabled: what they did keeps its author."""

    __tablename__ = "user"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    full_name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[str] = mapped_column(String(20))
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    agency: Mapped[Agency | None] = relationship()
    is_authenticated = is_active = True  # what Flask-Login asks of anybody it is given
    is_anonymous = False


class SignedIn(Base):
    """A session on the server, under the hash of the token the browser holds."""

    __tablename__ = "signed_in"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class SignInTry(Base):
    """A failed attempt to sign in; too many slow the next ones down."""

    __tablename__ = "sign_in_try"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    address: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Round(Base):
    """A round of inspection (đợt kiểm tra); its end starts the clock of 15 working days."""

    __tablename__ = "round"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str] = mapped_column(String(200))
    decision: Mapped[str] = mapped_column(String(200), default="")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    tier: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    inspections: Mapped[list["Inspection"]] = relationship(back_populates="round")

    def covers(self, day: date) -> bool:
        """Whether `day` lies within the round."""
        return self.starts_on <= day <= self.ends_on


class PinnedChecklist(Base):
    """A checklist version as it was when first used: a used file that changes stops the start."""

    __tablename__ = "pinned_checklist"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    canonical: Mapped[str] = mapped_column(Text)
    pinned_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Assignment(Base):
    """Who is on the team of an inspection."""

    __tablename__ = "assignment"

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)
    lead: Mapped[bool] = mapped_column(default=False)
    user: Mapped[User] = relationship(lazy="joined")


class Inspection(Base):
    """One visit to one agency. Its state moves by rules/workflow only."""

    __tablename__ = "inspection"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    level: Mapped[str] = mapped_column(String(1))
    tier: Mapped[int]
    planned_for: Mapped[date] = mapped_column(Date, index=True)
    planned_at: Mapped[str] = mapped_column(String(5), default="")  # 08:30, on a clock in Hà Nội
    state: Mapped[str] = mapped_column(String(20), default=State.DRAFT, index=True)
    checklist_id: Mapped[str] = mapped_column(String(40))
    checklist_version: Mapped[int]
    cancelled_for: Mapped[str] = mapped_column(String(500), default="", server_default="")  # why, the last time
    submissions: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    # the score at the last submission, from 0 to 100, so that lists need no answers: the percent to one decimal, as
    # papers say it (exact it can be longer than its column), the coverage as a fraction
    percent: Mapped[str | None] = mapped_column(String(40))
    coverage: Mapped[str | None] = mapped_column(String(40))
    answered: Mapped[int] = mapped_column(default=0)    # items that count in the score, and how many of them
    applicable: Mapped[int] = mapped_column(default=0)  # had an answer
    revision: Mapped[int] = mapped_column(default=0)
    round: Mapped[Round] = relationship(back_populates="inspections", lazy="joined")
    agency: Mapped[Agency] = relationship(lazy="joined")
    team: Mapped[list[Assignment]] = relationship(lazy="selectin", order_by=Assignment.lead.desc(),
                                                 cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": revision}

    @property
    def team_ids(self) -> set[UUID]:
        """Ids of everyone on the team."""
        return {a.user_id for a in self.team}


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
