"""Reading: who sees what, the current rows of an inspection, lists and counts. No question asks more than it needs."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, select, union
from sqlalchemy.orm import Session

from audit_app.records.evidence import (
    ABOUT_PHOTOS,
    Answer,
    Captured,
    Derivative,
    EquipmentCount,
    Event,
    Markup,
    Photo,
    Remark,
    Removal,
    Report,
    Response,
    Verdict,
)
from audit_app.records.models import Agency, Assignment, Inspection, Round, User
from audit_app.records.work import PRINTING, Job
from audit_app.rules.alphabet import place
from audit_app.rules.conflicts import Sides
from audit_app.rules.permissions import Role
from audit_app.rules.workflow import DONE

OFFICE = (Role.OFFICE, Role.OFFICE_LEAD)
TEAM = (Role.INSPECTOR, Role.TEAM_LEAD)


def inspections_visible_to(actor: User) -> Select[tuple[Inspection]]:
    """The READ lines of the permission table, said in SQL."""
    every = select(Inspection)
    if actor.role in OFFICE:
        return every
    if actor.role in TEAM:
        mine = select(Assignment.inspection_id).where(Assignment.user_id == actor.id)
        return every.where(Inspection.id.in_(mine))
    return every.where(False)


def reports_visible_to(actor: User) -> Select[tuple[Report]]:
    """The READ_REPORT lines of the permission table, said in SQL: an agency sees its own, a team its visits'."""
    every = select(Report)
    if actor.role in OFFICE:
        return every
    if actor.role in TEAM:
        mine = select(Assignment.inspection_id).where(Assignment.user_id == actor.id)
        return every.where(Report.inspection_id.in_(mine))
    if actor.role == Role.AGENCY and actor.agency_id:
        return every.where(Report.agency_id == actor.agency_id)
    return every.where(False)


def jobs_visible_to(actor: User) -> Select[tuple[Job]]:
    """Jobs are the office's business."""
    return select(Job) if actor.role in OFFICE else select(Job).where(False)


def rounds_visible_to(actor: User) -> Select[tuple[Round]]:
    """Rounds are planned by the office."""
    return select(Round) if actor.role in OFFICE else select(Round).where(False)


def people_visible_to(actor: User) -> Select[tuple[User]]:
    """People are kept by the administrator."""
    return select(User) if actor.role == Role.ADMIN else select(User).where(False)


def agencies_visible_to(actor: User) -> Select[tuple[Agency]]:
    """The register of agencies, for those who plan and for the administrator."""
    return select(Agency) if actor.role in (*OFFICE, Role.ADMIN) else select(Agency).where(False)


def may_inspect() -> ColumnElement[bool]:
    """Whom a visit can be given to."""
    return User.role.in_(TEAM) & User.disabled_at.is_(None)


VISIBLE = {
    "inspection": (Inspection, inspections_visible_to),
    "report": (Report, reports_visible_to),
    "job": (Job, jobs_visible_to),
    "round": (Round, rounds_visible_to),
    "person": (User, people_visible_to),
    "agency": (Agency, agencies_visible_to),
}
"""What a URL may name: the table, and those of its rows that a person can see."""


# ── The current rows of one inspection ────────────────────────────────────────────────────────────
def captured(db: Session, table, inspection_id: UUID) -> list:
    """All rows of a kind, in the order in which they came."""
    return list(db.scalars(select(table).where(table.inspection_id == inspection_id).order_by(table.seq)))


def _newest(db: Session, table, inspection_id: UUID, key) -> dict:
    """The row taken in last, per key."""
    return {getattr(row, key): row for row in captured(db, table, inspection_id)}


def answers(db: Session, inspection_id: UUID) -> dict[str, Answer]:
    """The current answer of each item; a cleared one is there with value None."""
    return {item: sides.standing for item, sides in answer_sides(db, inspection_id).items()}


def answer_sides(db: Session, inspection_id: UUID, items: set[str] | None = None) -> dict[str, Sides]:
    """What stands side by side at each item that anybody answered; at those `items` only, when they are named."""
    mine = Answer.inspection_id == inspection_id
    query = select(Answer).where(mine if items is None else mine & Answer.item.in_(items))
    found = defaultdict(Sides)
    for row in db.scalars(query.order_by(Answer.seq)):
        found[row.item].add(row)
    return found


def answer_history(db: Session, inspection_id: UUID, item: str) -> list[Answer]:
    """Every answer an item was given, oldest first."""
    mine = (Answer.inspection_id == inspection_id) & (Answer.item == item)
    return list(db.scalars(select(Answer).where(mine).order_by(Answer.seq)))


def photos(db: Session, inspection_id: UUID) -> list[Photo]:
    """The photos that count, in the order they came; those taken out are left out."""
    removed = select(Removal.photo_id).where(Removal.inspection_id == inspection_id)
    mine = select(Photo).where(Photo.inspection_id == inspection_id, Photo.id.not_in(removed))
    return list(db.scalars(mine.order_by(Photo.seq)))


def photos_by_item(db: Session, inspection_id: UUID) -> dict[str, list[Photo]]:
    """The photos that count, per item."""
    found = defaultdict(list)
    for photo in photos(db, inspection_id):
        found[photo.item].append(photo)
    return found


def derivatives(db: Session, inspection_id: UUID) -> dict[tuple[str, int], Derivative]:
    """The pictures made so far: (hash of the source, longest side) → picture."""
    rows = db.scalars(select(Derivative).where(Derivative.inspection_id == inspection_id))
    return {(row.source, row.edge): row for row in rows}


def equipment(db: Session, inspection_id: UUID) -> dict[str, EquipmentCount]:
    """The current count of each kind."""
    return _newest(db, EquipmentCount, inspection_id, "kind")


def remarks(db: Session, inspection_id: UUID) -> dict[str, list[Remark]]:
    """What stands of each kind of remark: one, or several whose authors did not know of each other, oldest first."""
    found = defaultdict(Sides)
    for row in captured(db, Remark, inspection_id):
        found[row.kind].add(row)
    return {kind: sides.heads for kind, sides in found.items()}


def markups(db: Session, inspection_id: UUID) -> dict[UUID, Markup]:
    """What is drawn over each photo now."""
    return _newest(db, Markup, inspection_id, "photo_id")


def markup_of(db: Session, photo: Photo) -> Markup | None:
    """What is drawn over this photo now."""
    return db.scalar(select(Markup).where(Markup.photo_id == photo.id).order_by(Markup.seq.desc()).limit(1))


def drawings(db: Session, inspection_id: UUID) -> list[Markup]:
    """Everything that was ever drawn over the photos of a visit, in the order in which it came."""
    return list(db.scalars(select(Markup).where(Markup.inspection_id == inspection_id).order_by(Markup.seq)))


def pictures(db: Session, inspection_id: UUID) -> list[tuple[UUID, str]]:
    """Each photo of a visit, also those taken out, with the hash of its original."""
    rows = db.execute(select(Photo.id, Photo.sha256).where(Photo.inspection_id == inspection_id).order_by(Photo.seq))
    return [(id, sha256) for id, sha256 in rows]


def verdicts(db: Session, inspection: Inspection) -> dict[str, Verdict]:
    """What the office thinks of each item of the current submission; cleared ones are left out."""
    mine = (Verdict.inspection_id == inspection.id) & (Verdict.submission == inspection.submissions)
    rows = db.scalars(select(Verdict).where(mine, Verdict.decision.not_in(ABOUT_PHOTOS)).order_by(Verdict.seq))
    return {item: v for item, v in {row.item: row for row in rows}.items() if v.decision != "clear"}


def returned(db: Session, inspection: Inspection) -> dict[str, str]:
    """Items sent back by the last return, with the reason."""
    return {item: v.reason for item, v in verdicts(db, inspection).items() if v.decision == "return"}


def locked(db: Session, inspection: Inspection) -> Inspection:
    """The same inspection as it is now, locked until this transaction ends."""
    mine = select(Inspection).where(Inspection.id == inspection.id).with_for_update(of=Inspection, key_share=True)
    return db.scalars(mine.execution_options(populate_existing=True)).one()


def by_id(db: Session, table, ids: set[UUID]) -> dict[UUID, object]:
    """The rows of a table that have one of these ids, whichever inspection they belong to."""
    return {row.id: row for row in db.scalars(select(table).where(table.id.in_(ids)))} if ids else {}


def next_seq(db: Session, table, inspection_id: UUID) -> int:
    """The place of the next row; the caller holds the lock of the inspection."""
    return (db.scalar(select(func.max(table.seq)).where(table.inspection_id == inspection_id)) or 0) + 1


def events(db: Session, inspection_id: UUID) -> list[Event]:
    """What happened to an inspection, oldest first."""
    return list(db.scalars(select(Event).where(Event.inspection_id == inspection_id).order_by(Event.seq)))


def newest_report(db: Session, inspection_id: UUID) -> Report | None:
    """The last issued version, if any."""
    mine = select(Report).where(Report.inspection_id == inspection_id)
    return db.scalar(mine.order_by(Report.version.desc()).limit(1))


def previous_inspection(db: Session, inspection: Inspection) -> Inspection | None:
    """The last issued inspection of the same agency before this one, also under the name it had before. Where several
    were merged into it, or it was there when it took in another one, theirs are not its own."""
    before = db.scalars(select(Agency).where(Agency.successor_id == inspection.agency_id).limit(2)).all()
    begins = inspection.agency.valid_from
    renamed = len(before) == 1 and before[0].valid_to is not None and before[0].valid_to < begins
    same = [inspection.agency_id, *(agency.id for agency in before if renamed)]
    mine = select(Inspection).where(
        Inspection.agency_id.in_(same), Inspection.id != inspection.id,
        Inspection.state == "issued", Inspection.planned_for <= inspection.planned_for,
    )
    return db.scalar(mine.order_by(Inspection.planned_for.desc()).limit(1))


def printing(db: Session, inspection_id: UUID, works: tuple[str, ...] = PRINTING) -> Job | None:
    """The newest job that prints this inspection's findings, or does another of `works`."""
    mine = select(Job).where(Job.inspection_id == inspection_id, Job.name.in_(works))
    return db.scalar(mine.order_by(Job.id.desc()).limit(1))


def agenda(db: Session, actor: User, since: date) -> list[Inspection]:
    """What a member of a team is assigned: all that is to be waited for, and what was planned after `since`."""
    alive = Inspection.state.not_in(DONE) | (Inspection.planned_for >= since)
    query = inspections_visible_to(actor).where(alive)
    return list(db.scalars(query.order_by(Inspection.planned_for, Inspection.planned_at)))


def answered_counts(db: Session, ids: list[UUID]) -> dict[UUID, int]:
    """How many items of each inspection stand answered now."""
    return {id: len(items) for id, items in answered_items(db, ids).items()}


def answered_items(db: Session, ids: list[UUID]) -> dict[UUID, list[str]]:
    """Which items of each inspection stand answered now."""
    newest = select(Answer.inspection_id, Answer.item, func.max(Answer.seq).label("seq")).where(
        Answer.inspection_id.in_(ids)).group_by(Answer.inspection_id, Answer.item).subquery()
    ticked = cast(Answer.choices, Text) != "[]"
    standing = Answer.value.is_not(None) | Answer.number.is_not(None) | ticked
    rows = db.execute(select(Answer.inspection_id, Answer.item).join(
        newest, (Answer.inspection_id == newest.c.inspection_id) & (Answer.seq == newest.c.seq)
    ).where(standing).order_by(Answer.item))
    found: dict[UUID, list[str]] = {}
    for inspection, item in rows:
        found.setdefault(inspection, []).append(item)
    return found


def authors(db: Session, inspection_id: UUID) -> set[UUID]:
    """Everyone who captured something in this inspection."""
    return set(db.scalars(union(*(select(kind.author_id).where(kind.inspection_id == inspection_id)
                                  for kind in Captured.__subclasses__()))))


def photo_counts(db: Session, ids: list[UUID]) -> dict[UUID, int]:
    """How many photos of each inspection count now."""
    removed = select(Removal.photo_id).where(Removal.inspection_id.in_(ids))
    rows = db.execute(select(Photo.inspection_id, func.count()).where(
        Photo.inspection_id.in_(ids), Photo.id.not_in(removed)).group_by(Photo.inspection_id))
    return dict(rows.all())


def waiting_for_review(db: Session) -> int:
    """How many submitted inspections the office has not decided about."""
    return db.scalar(select(func.count()).select_from(Inspection).where(Inspection.state == "submitted"))


def responses(db: Session, report: Report) -> dict[int, list[Response]]:
    """What the agency said, per finding, oldest first; also to the versions before, which have the same findings."""
    found = defaultdict(list)
    versions = select(Report.id).where(Report.inspection_id == report.inspection_id, Report.version <= report.version)
    for row in db.scalars(select(Response).where(Response.report_id.in_(versions)).order_by(Response.at)):
        found[row.finding].append(row)
    return found


def agencies_in_force(db: Session, day: date, until: date | None = None) -> list[Agency]:
    """Agencies that exist on `day`, or on any up to `until`, by level, in Vietnamese order."""
    alive = (Agency.valid_from <= (until or day)) & (Agency.valid_to.is_(None) | (Agency.valid_to >= day))
    return sorted(db.scalars(select(Agency).where(alive)), key=lambda agency: (agency.level, place(agency.name)))
