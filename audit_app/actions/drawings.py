"""Of what people drew over photos no blur is ever lost: whoever drew without knowing another's drawing gets both.

The last row of a photo counts (queries.markup_of). Where rows do not know of each other, where a row comes late, or
where the same picture stands at another item, the house adds a row of its own that shows all of it.
"""

from collections import defaultdict
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from audit_app.records import queries
from audit_app.records.db import now
from audit_app.records.evidence import Markup
from audit_app.records.models import Inspection
from audit_app.rules import markups

NAMED = 100
"""So many drawings a kept row names as replaced, the newest: those before them are named by these."""


class Drawings:
    """What is drawn over the photos of one visit while a batch comes in; the caller holds the inspection's lock."""

    def __init__(self, db: Session, inspection: Inspection):
        self.db, self.inspection = db, inspection
        self.touched: set[UUID] = set()  # photos with a new drawing
        self.arrived: set[UUID] = set()  # photos that are new themselves
        self._of: dict[UUID, list[Markup]] | None = None
        self._here: dict[UUID, dict[str, Markup]] = defaultdict(dict)  # the same by id

    def of(self, photo: UUID) -> list[Markup]:
        """All drawings of a photo, in the order in which they came; the last one counts."""
        return self._all()[photo]

    def _all(self) -> dict[UUID, list[Markup]]:
        if self._of is None:
            self._of = defaultdict(list)
            for row in queries.drawings(self.db, self.inspection.id):
                self._of[row.photo_id].append(row)
                self._here[row.photo_id][str(row.id)] = row
        return self._of

    def add(self, row: Markup) -> None:
        """A drawing that comes in. It is kept with what it replaces also by way of others."""
        drawn, here = self.of(row.photo_id), self._here[row.photo_id]
        if row.seen is not None:
            known = {*row.seen, *(id for said in row.seen if said in here for id in here[said].seen or ())}
            row.seen = sorted(known, key=lambda id: here[id].seq if id in here else 0)[-NAMED:]
        drawn.append(row)
        here[str(row.id)] = row
        self.touched.add(row.photo_id)

    def protects(self, row) -> bool:
        """Whether a row of a tablet (MarkupRow) only adds protection to what stands."""
        drawn = self.of(row.photo)
        shapes = [shape.kept() for shape in row.shapes]
        return markups.only_protects(shapes, row.private, drawn[-1] if drawn else None)

    def settle(self, author_id: UUID, seq: int) -> list[Markup]:
        """After the batch: the rows that now count of all photos it touched. Those the house adds begin at `seq`."""
        if not self.touched and not (self.arrived and self._all()):
            return []
        changed = set()
        for photo in self.touched:
            drawn = self.of(photo)
            if (tops := markups.heads(drawn)) != drawn[-1:]:
                self._stand(photo, *markups.united(tops))
                changed.add(photo)
        changed |= self._twins()
        return self._keep(changed, author_id, seq) + [self.of(photo)[-1] for photo in self.touched - changed]

    def withhold(self, photo: UUID, author_id: UUID, seq: int) -> list[Markup]:
        """Keep a picture inside at every item where it stands: what is covered in it is not enough to show it."""
        pictures = dict(queries.pictures(self.db, self.inspection.id))
        same = {one for one, sha256 in pictures.items() if sha256 == pictures[photo]}
        for one in same:
            shapes = drawn[-1].shapes if (drawn := self.of(one)) else []
            blurs = markups.covers(shapes)
            self._stand(one, [shape for shape in shapes if shape not in blurs], True)
        return self._keep(same, author_id, seq)

    def show_again(self, photo: UUID, author_id: UUID, seq: int) -> list[Markup]:
        """Take back what `withhold` did last: at every item what was drawn over the picture before counts again."""
        pictures = dict(queries.pictures(self.db, self.inspection.id))
        same = {one for one, sha256 in pictures.items() if sha256 == pictures[photo]}
        for one in same:
            before = self.of(one)[-2:-1]
            self._stand(one, before[0].shapes if before else [], bool(before) and before[0].private)
        return self._keep(same, author_id, seq)

    def _keep(self, changed: set[UUID], author_id: UUID, seq: int) -> list[Markup]:
        added = [self.of(photo)[-1] for photo in sorted(changed, key=str)]
        for n, row in enumerate(added):
            row.author_id, row.seq = author_id, seq + n
        self.db.add_all(added)
        self.db.flush()
        return added

    def _twins(self) -> set[UUID]:
        """What protects people in a picture protects them wherever the same picture stands."""
        same = defaultdict(list)
        for photo, sha256 in queries.pictures(self.db, self.inspection.id):
            same[sha256].append(photo)
        changed = set()
        for photos in same.values():
            givers = [photo for photo in photos if photo in self.touched]
            shapes, private = markups.united([self.of(photo)[-1] for photo in givers])
            every = markups.united([self.of(photo)[-1] for photo in photos if self.of(photo)]) \
                if self.arrived.intersection(photos) else ([], False)
            for photo in photos:
                more, hidden = every if photo in self.arrived else (shapes, private)
                if self._cover(photo, markups.covers(more), hidden):
                    changed.add(photo)
        return changed

    def _cover(self, photo: UUID, blurs: list[dict], private: bool) -> bool:
        drawn = self.of(photo)
        here, was_private = (drawn[-1].shapes, drawn[-1].private) if drawn else ([], False)
        more = [blur for blur in blurs if blur not in here]
        if not more and private <= was_private:
            return False
        self._stand(photo, [*here, *more], private or was_private)
        return True

    def _stand(self, photo: UUID, shapes: list[dict], private: bool) -> None:
        """From now on this counts; in place of one that the house has just made."""
        drawn = self.of(photo)
        if drawn and drawn[-1].seq is None:
            drawn.pop()
        replaced = [str(row.id) for row in drawn[-NAMED:]]
        drawn.append(Markup(id=uuid4(), inspection_id=self.inspection.id, photo_id=photo, shapes=shapes,
                            private=private, made_at=now(), seen=replaced))
