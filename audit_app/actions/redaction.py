"""Pictures that others may see: a photo with its mark-up drawn, and with what was blurred destroyed."""

import tempfile
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import jobs, pictures
from audit_app.media import photos
from audit_app.records import queries
from audit_app.records.evidence import Markup, Photo, Redacted


@jobs.handler("redact")
def redact(tools, job, progress) -> None:
    """Make the 1600, 1200 and 320 px pictures of one mark-up. Twice is once."""
    make(tools, UUID(job.payload["markup"]))


def make(tools, markup_id: UUID) -> None:
    """Read, work, write. Raises BlobMissing when the picture that was drawn on is not here."""
    with tools.database.transaction(writing=False) as db:
        markup = db.get(Markup, markup_id)
        photo = db.get(Photo, markup.photo_id)
    drawer = str(markup.inspection_id)
    with tempfile.NamedTemporaryFile() as file:
        for part in tools.blobs.stream(drawer, pictures.drawn_on(photo)):
            file.write(part)
        file.flush()
        made = photos.redact(Path(file.name), markup.shapes, sizes=pictures.EDGES)
    kept = {edge: tools.blobs.put(drawer, picture.data) for edge, picture in made.items()}
    with tools.database.transaction() as db:
        for edge, picture in made.items():
            if db.get(Redacted, (markup_id, edge)) is None:
                db.add(Redacted(markup_id=markup_id, edge=edge, inspection_id=markup.inspection_id, sha256=kept[edge],
                                width=picture.width, height=picture.height))


def undone(db: Session, inspection_id: UUID) -> list[UUID]:
    """The mark-ups that count and whose pictures are not made yet; photos taken out need none."""
    made = set(db.scalars(select(Redacted.markup_id).where(Redacted.inspection_id == inspection_id)))
    counting = {photo.id for photo in queries.photos(db, inspection_id)}
    return [markup.id for photo, markup in queries.markups(db, inspection_id).items()
            if markup.shapes and photo in counting and markup.id not in made]
