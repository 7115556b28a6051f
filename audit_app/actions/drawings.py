"""Of what people drew over photos no blur is ever lost: whoever drew without knowing another's drawing gets both.

The last row of a photo counts (queries.markup_of). Where rows do not know of each other, where a row comes late, or
where the same picture stands at another item, the house adds a row of its own that shows all of it.
"""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from audit_app.records import queries
from audit_app.records.db import now
from audit_app.records.evidence import Markup, Photo
from audit_app.rules import markups


def replaced(db: Session, row: Markup) -> list[str]:
    """Ids of all earlier drawings that a new row takes the place of, also by way of others."""
    before = queries.drawings(db, row.photo_id)
    known = {str(one.id) for one in before if one.author_id == row.author_id} if row.seen is None else set(row.seen)
    for one in before:
        if str(one.id) in known:
            known |= set(one.seen or ())
    return sorted(known - {str(row.id)})


def settle(db: Session, photo: Photo, author_id: UUID, seq: int) -> list[Markup]:
    """After a drawing of `photo` came in: the rows the house adds, from `seq` on; none where the new one counts."""
    drawn = queries.drawings(db, photo.id)
    tops = markups.heads(drawn)
    shapes, private = markups.united(tops)
    added = []
    if tops != drawn[-1:]:
        added.append(_row(photo, drawn, shapes, private, author_id, seq))
    for twin in queries.twins(db, photo):
        added += _protect(db, twin, shapes, private, author_id, seq + len(added))
    db.add_all(added)
    db.flush()
    return added


def inherit(db: Session, photo: Photo, author_id: UUID, seq: int) -> list[Markup]:
    """After a photo came in whose picture is here already: what protects people there protects them here."""
    found = [row for twin in queries.twins(db, photo) if (row := queries.markup_of(db, twin)) is not None]
    shapes, private = markups.united(found)
    added = _protect(db, photo, shapes, private, author_id, seq)
    db.add_all(added)
    db.flush()
    return added


def protects(db: Session, row) -> bool:
    """Whether a row of a tablet (MarkupRow) only adds protection to what stands."""
    standing = db.get(Photo, row.photo) and queries.markup_of(db, db.get(Photo, row.photo))
    return markups.only_protects([shape.kept() for shape in row.shapes], row.private, standing)


def _protect(db: Session, photo: Photo, shapes: list[dict], private: bool, author_id: UUID, seq: int) -> list[Markup]:
    drawn = queries.drawings(db, photo.id)
    here, was_private = (drawn[-1].shapes, drawn[-1].private) if drawn else ([], False)
    more = [blur for blur in markups.covers(shapes) if blur not in here]
    if not more and private <= was_private:
        return []
    return [_row(photo, drawn, [*here, *more], private or was_private, author_id, seq)]


def _row(photo: Photo, drawn: list[Markup], shapes: list[dict], private: bool, author_id: UUID, seq: int) -> Markup:
    return Markup(id=uuid4(), inspection_id=photo.inspection_id, author_id=author_id, seq=seq, photo_id=photo.id,
                  shapes=shapes, private=private, made_at=now(), seen=[str(row.id) for row in drawn])
