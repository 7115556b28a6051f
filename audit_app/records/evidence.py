"""What was found, said and decided: rows that are only ever added, never changed, never deleted.

Keys of captured rows are made on the tablet, so that sending twice changes nothing; `seq` is the order in
which the server took them in, per inspection, and the newest row of an item is its current answer.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, Date, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from audit_app.records.db import Base, Moment, now
from audit_app.records.models import Agency, Inspection, User


class Captured:
    """What every row from a tablet carries."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(Moment, default=now)

    @declared_attr
    def inspection_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("inspection.id"), index=True)

    @declared_attr
    def author_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("user.id"))

    @declared_attr
    def author(cls) -> Mapped[User]:
        return relationship(lazy="joined")


class Answer(Captured, Base):
    """One answer to one item; `value` None says it was cleared."""

    __tablename__ = "answer"
    __table_args__ = (Index("ix_answer_current", "inspection_id", "item", "seq"),)

    item: Mapped[str] = mapped_column(String(20))
    value: Mapped[str | None] = mapped_column(String(20))
    number: Mapped[str | None] = mapped_column(String(32))  # decimal text: exact on both databases
    of: Mapped[int | None]
    choices: Mapped[list] = mapped_column(JSON, default=list)
    severity: Mapped[str | None] = mapped_column(String(20))  # nhe, dang_ke, nghiem_trong; of a fault only
    note: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime] = mapped_column(Moment)
    # ids of the answers to this item that its author knew; None where the tablet did not say: all before it
    seen: Mapped[list | None] = mapped_column(JSON(none_as_null=True))


class Photo(Captured, Base):
    """A photo of an item: `sha256` of the untouched original, `working` of the copy the tablet made."""

    __tablename__ = "photo"
    __table_args__ = (Index("ix_photo_item", "inspection_id", "item", "seq"),)

    item: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    working: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(String(10))  # live, camera, gallery
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    accuracy: Mapped[float | None] = mapped_column(Float)


class Removal(Captured, Base):
    """A photo taken out of the findings, with the reason; the photo itself stays."""

    __tablename__ = "removal"

    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime] = mapped_column(Moment)


class EquipmentCount(Captured, Base):
    """How many of one kind of equipment there are, and how many of them work."""

    __tablename__ = "equipment_count"

    kind: Mapped[str] = mapped_column(String(40))
    total: Mapped[int]
    working: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    counted_at: Mapped[datetime] = mapped_column(Moment)


class Remark(Captured, Base):
    """Difficulties, proposals (khó khăn, vướng mắc; đề xuất) or the agency's explanation (giải trình)."""

    __tablename__ = "remark"

    kind: Mapped[str] = mapped_column(String(20))  # difficulty, proposal, explanation
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[list | None] = mapped_column(JSON(none_as_null=True))  # as that of an answer


class Meeting(Captured, Base):
    """The meeting that closes a visit: who was there, whether the minutes were read out, what the agency said."""

    __tablename__ = "meeting"

    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(String(300), default="")
    present: Mapped[list] = mapped_column(JSON, default=list)  # [{"name", "title", "side": "team" or "agency"}]
    read_back: Mapped[bool] = mapped_column(default=False)
    opinion: Mapped[str] = mapped_column(Text, default="")


class Signature(Captured, Base):
    """A signature on glass as strokes, or a refusal with its reason; `digest` says what was read out before it."""

    __tablename__ = "signature"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"))
    role: Mapped[str] = mapped_column(String(20))  # lead, secretary, agency, witness
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120), default="")
    strokes: Mapped[list] = mapped_column(JSON, default=list)  # [[[x, y, t, p], …], …]
    width: Mapped[int]
    height: Mapped[int]
    refused: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    signed_at: Mapped[datetime] = mapped_column(Moment)
    digest: Mapped[str] = mapped_column(String(64))


class Markup(Captured, Base):
    """What was drawn over a photo, as vectors with coordinates from 0 to 1; the photo itself stays untouched."""

    __tablename__ = "markup"

    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"), index=True)
    shapes: Mapped[list] = mapped_column(JSON, default=list)
    private: Mapped[bool] = mapped_column(default=False)  # shows citizens or their papers
    # ids of all drawings of this photo that this one takes the place of; None in rows from before it was kept
    seen: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    made_at: Mapped[datetime] = mapped_column(Moment)


class Parked(Base):
    """A row from a tablet that was refused, exactly as it was sent, with the sentence its sender was told."""

    __tablename__ = "parked"
    __table_args__ = (UniqueConstraint("inspection_id", "digest"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    digest: Mapped[str] = mapped_column(String(64))  # of author, list and row: sent again it is here once
    kind: Mapped[str] = mapped_column(String(40))  # the list it came in
    raw: Mapped[str] = mapped_column(Text)  # JSON
    problem: Mapped[str] = mapped_column(String(40))
    message: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    author: Mapped[User] = relationship(lazy="joined")


class Redacted(Base):
    """The picture that others may see of a marked-up photo, per longest side; can always be made again."""

    __tablename__ = "redacted"

    markup_id: Mapped[UUID] = mapped_column(ForeignKey("markup.id"), primary_key=True)
    edge: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]


class Derivative(Base):
    """A smaller, upright, metadata-free picture made from a photo; can always be made again."""

    __tablename__ = "derivative"

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    edge: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # longest side in pixels
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]


WITHHOLD, SHOW = "withhold", "show"
ABOUT_PHOTOS = (WITHHOLD, SHOW)


class Verdict(Base):
    """What the office thinks of one item of one submission: accept, return (with a reason) or clear; WITHHOLD or
    SHOW with the reason why a photo of it was taken out of the issued notice or put back into it."""

    __tablename__ = "verdict"
    __table_args__ = (Index("ix_verdict_current", "inspection_id", "submission", "item", "seq"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    seq: Mapped[int]
    submission: Mapped[int]
    item: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Approval(Base):
    """The office's decision to issue, with what it typed: number, date, deadline, words of its own; and who signs, as
    the letterhead named them then (`signed_as`: a line each; empty when nobody was asked)."""

    __tablename__ = "approval"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), index=True)
    number: Mapped[str] = mapped_column(String(20), default="")
    issued_on: Mapped[date | None] = mapped_column(Date)
    remedy_by: Mapped[date] = mapped_column(Date)
    conclusion: Mapped[str] = mapped_column(Text, default="")
    causes: Mapped[str] = mapped_column(Text, default="")
    signed_as: Mapped[str] = mapped_column(Text, default="", server_default="")
    signed_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Report(Base):
    """An issued PDF with the snapshot it was printed from. A later version replaces, never overwrites."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("inspection_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    version: Mapped[int]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    number: Mapped[str] = mapped_column(String(20), default="")
    snapshot: Mapped[str] = mapped_column(String(64))
    pdf: Mapped[str] = mapped_column(String(64))
    octets: Mapped[int]
    findings: Mapped[int]
    remedy_by: Mapped[date] = mapped_column(Date)
    issued_on: Mapped[date | None] = mapped_column(Date)
    issued_at: Mapped[datetime] = mapped_column(Moment, default=now)
    inspection: Mapped[Inspection] = relationship(lazy="joined")
    agency: Mapped[Agency] = relationship(lazy="joined")

    @property
    def dated(self) -> date | datetime:
        """The date on the paper; the moment of printing while the office leaves the date open."""
        return self.issued_on or self.issued_at


class Response(Base):
    """The agency's answer to one finding of a report: explanation, and the day it promises."""

    __tablename__ = "response"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), index=True)
    finding: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    promised_on: Mapped[date | None] = mapped_column(Date)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    by: Mapped[User] = relationship(lazy="joined")


class Event(Base):
    """What happened, who did it, and the hash of the event before it in the same inspection."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("inspection_id", "seq"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict] = mapped_column(JSON, default=dict)
    previous: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))
    actor: Mapped[User | None] = relationship(lazy="joined")


APPEND_ONLY = (Answer, Photo, Removal, EquipmentCount, Remark, Meeting, Signature, Markup, Verdict, Approval, Report,
               Response, Event)
"""Tables whose rows triggers keep from being changed or deleted."""
