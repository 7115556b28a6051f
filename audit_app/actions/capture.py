"""What a team does on site: answer, photograph, count, close. Everything may be sent twice and happens once."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import brought_back, closing, kinds, pictures
from audit_app.actions.drawings import Drawings
from audit_app.actions.journal import record
from audit_app.media.blobs import SHA256
from audit_app.records import queries
from audit_app.records.evidence import Answer, EquipmentCount, Markup, Photo, Removal, Signature
from audit_app.records.models import Inspection
from audit_app.rules import conflicts, rows
from audit_app.rules.checklist import Checklist
from audit_app.rules.problems import (
    Invalid,
    ItemLocked,
    LeadChooses,
    Problem,
    RowConflict,
    StoreAway,
    TooManyRows,
    UnknownItem,
    VisitCancelled,
    VisitClosed,
)
from audit_app.rules.workflow import OPEN, State


class Intake:
    """One batch of rows for one inspection; the caller holds its lock."""

    def __init__(self, db: Session, actor, inspection: Inspection, *, checklist: Checklist, equipment: set[str], blobs):
        self.db, self.actor, self.inspection, self.blobs = db, actor, inspection, blobs
        offered = checklist.offered(inspection.level, inspection.tier, inspection.planned_for)
        self.items = {item.id: item for section in offered for item in section.items}
        self.equipment = equipment
        self.returned = queries.returned(db, inspection) if inspection.state == State.RETURNED else None
        self.leads = any(member.lead and member.user_id == actor.id for member in inspection.team)
        self.drawings = Drawings(db, inspection)
        self.sides: dict[str, conflicts.Sides] = {}
        self.seq: dict[type, int] = {}
        self.here: dict[UUID, object] = {}  # rows of the table being filled, by id, that the batch names as well
        self.kept: list[str] = []
        self.again = 0  # how many of those were here before
        self.refused: list[dict] = []
        self.declined: list[tuple[str, object, Problem]] = []  # the same as they were sent: (list, row, why)
        self.grouped: list[str] = []  # items answered by one tap for the rest of a section
        self.covered: list[str] = []  # items with photos covered after they were closed

    def take(self, batch: dict) -> "Intake":
        """Keep or refuse each row by itself. `batch`: {"answers": [...], "photos": [...], ...} as in outside.md.

        Raises TooManyRows for a batch whose refusals alone would fill the memory.
        """
        if sum(len(said) for said in batch.values() if isinstance(said, list)) > rows.FLOOD:
            raise TooManyRows(limit=rows.LIMIT)
        taken = 0
        self.sides = queries.answer_sides(self.db, self.inspection.id, self._answered_in(batch))
        for name, kind in kinds.KINDS.items():
            said_rows = [] if batch.get(name) is None else batch[name]
            if not isinstance(said_rows, list):
                self._refuse(name, said_rows, Invalid())
                continue
            self.here = queries.by_id(self.db, kinds.TABLES[name], rows.ids(said_rows[:rows.LIMIT]))
            for said in kinds.in_order(name, said_rows):
                taken += 1
                self._take_one(name, kind, said, over=taken > rows.LIMIT)
            self.db.flush()
        for drawn in self.drawings.settle(self.actor.id, self._next(Markup)):
            pictures.draw_when_here(self.db, drawn, self.blobs)
        self._refuse_unknown({name: said for name, said in batch.items() if name not in kinds.KINDS})
        if self.grouped:
            record(self.db, self.actor, "answers.grouped", self.inspection, items=self.grouped)
        if self.covered:
            record(self.db, self.actor, "photo.covered", self.inspection, items=sorted(set(self.covered)))
        return self

    def _answered_in(self, batch: dict) -> set[str]:
        """The items of this visit that the batch has answers for."""
        said = batch.get("answers")
        named = {row["item"] for row in said if isinstance(row, dict) and isinstance(row.get("item"), str)} \
            if isinstance(said, list) else set()
        return named & set(self.items)

    def _take_one(self, name: str, kind, said, *, over: bool) -> None:
        table = kinds.TABLES[name]
        try:
            if over:
                raise TooManyRows(limit=rows.LIMIT)
            row = rows.parse(kind, said)
            if self._kept_before(table, row):
                self.again += 1
            else:
                self._check(table, row)
                self._add(table, row)
            self.kept.append(said["id"])  # as it was sent: a program that spells ids in capitals looks for those
        except StoreAway:  # no row is wrong: all of them come again
            raise
        except Problem as problem:
            self._refuse(name, said, problem)

    def _refuse(self, name: str, said, problem: Problem) -> None:
        self.refused.append(told(said, problem))
        if not isinstance(problem, TooManyRows):  # those come again by themselves
            self.declined.append((name, said, problem))

    def _refuse_unknown(self, lists: dict) -> None:
        """A list that this server has no table for is refused row by row: a slip of the pen must not lose a day."""
        for name, said in lists.items():
            for row in said if isinstance(said, list) else [said]:
                over = len(self.refused) >= rows.LIMIT
                self._refuse(name, row, TooManyRows(limit=rows.LIMIT) if over else rows.RowUnreadable(field=name[:40]))

    def _kept_before(self, table, row) -> bool:
        found = self.here.get(row.id)
        if found is None:
            return False
        if found.inspection_id != self.inspection.id or not kinds.same(found, kinds.values(table, row)):
            raise RowConflict()
        return True

    def _check(self, table, row) -> None:
        """May this be written now, and does it make sense for this inspection?"""
        if self.inspection.state not in OPEN and not (table is Markup and self._only_covers(row)):
            raise closed(self.inspection)
        if table in (Answer, Photo):
            self._check_item(row.item)
        if table is Answer:
            rows.check_answer(self.items[row.item], row)
        if table is EquipmentCount and (row.kind not in self.equipment or row.working > row.total):
            raise rows.RowUnreadable(field="kind" if row.kind not in self.equipment else "working")
        if table in (Removal, Markup):
            photo = self.db.get(Photo, row.photo)
            if photo is None or photo.inspection_id != self.inspection.id:
                raise rows.RowUnreadable(field="photo")
            if not (table is Markup and self._shut(photo.item) and self._only_covers(row)):
                self._check_item(photo.item)
        if table is Signature:
            closing.check(self.db, self.inspection, row)

    def _only_covers(self, row) -> bool:
        """Whether a drawing only covers what nobody outside may see: welcome until the paper is out."""
        return self.inspection.state != State.ISSUED and self.drawings.protects(row)

    def _shut(self, item: str) -> bool:
        """Whether nothing else may be done about an item now."""
        return self.inspection.state not in OPEN or (self.returned is not None and item not in self.returned)

    def _check_item(self, item: str) -> None:
        if item not in self.items:
            raise UnknownItem(item=item)
        if self.returned is not None and item not in self.returned:
            raise ItemLocked(item=item)

    def _add(self, table, row) -> None:
        late = brought_back.overtaken(self.db, self.inspection.id, table, row)
        seq = brought_back.place(self.db, self.inspection.id, table) if late else self._next(table)
        added = table(id=row.id, inspection_id=self.inspection.id, author_id=self.actor.id, seq=seq,
                      **kinds.values(table, row))
        if table is Answer:
            if not late:  # that one chooses between nobody
                self._stand_beside(added)
            self.grouped += [row.item] if row.group else []
        if table is Markup:
            self.drawings.add(added)
        if not late:
            self.seq[table] += 1
        self.here[row.id] = added
        self.db.add(added)
        if table is not Answer:  # of which there are many, and nobody asks for them before the batch is in
            self.db.flush()
        if table is Photo:
            self.drawings.arrived.add(added.id)
            pictures.shrink_when_here(self.db, added, self.blobs)
        if table is Markup and self._shut(item := self.db.get(Photo, added.photo_id).item):
            self.covered.append(item)

    def _next(self, table) -> int:
        """The place of the next row of a table."""
        if table not in self.seq:
            self.seq[table] = queries.next_seq(self.db, table, self.inspection.id)
        return self.seq[table]

    def _stand_beside(self, answer: Answer) -> None:
        """Whoever knows of two different answers and gives a third chooses between people: the lead's right."""
        sides = self.sides[answer.item]
        if not self.leads and conflicts.settles(sides, answer):
            raise LeadChooses(item=answer.item)
        sides.add(answer)


def told(said, problem: Problem) -> dict:
    """What a tablet hears of a row that was not taken in."""
    id = said.get("id") if isinstance(said, dict) else None
    return {"id": id if isinstance(id, str) else None, "problem": problem.name, "message": problem.message}


def asked_before(database, blobs, inspection: Inspection, batch: dict) -> pictures.AskedBefore:
    """The store, asked about the pictures of a batch before it has its turn: of its photos, and of what it draws on."""
    shots = batch.get("photos")
    said = [row.get(field) for row in shots if isinstance(row, dict) for field in ("sha256", "working")] \
        if isinstance(shots, list) else []
    if batch.get("markups"):
        with database.transaction(writing=False) as db:
            said += map(pictures.drawn_on, queries.photos(db, inspection.id))
    named = {sha256 for sha256 in said if isinstance(sha256, str) and SHA256.fullmatch(sha256)}
    return pictures.AskedBefore(blobs, str(inspection.id), named)


def may_send_bytes(db: Session, inspection: Inspection, sha256: str) -> None:
    """Bytes are welcome while the team works, and afterwards when a photo waits for them.

    Raises VisitClosed, VisitCancelled.
    """
    if inspection.state not in OPEN and not photos_of(db, inspection.id, sha256):
        raise closed(inspection)


def closed(inspection: Inspection) -> VisitClosed | VisitCancelled:
    """Why nothing more is taken in."""
    return VisitCancelled() if inspection.state == State.CANCELLED else VisitClosed()


def photos_of(db: Session, inspection_id: UUID, sha256: str) -> list[Photo]:
    """The photos whose original or working copy has this hash."""
    named = (Photo.sha256 == sha256) | (Photo.working == sha256)
    return list(db.scalars(select(Photo).where(Photo.inspection_id == inspection_id, named)))
