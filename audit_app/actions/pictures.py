"""Photos after they arrived: keep the bytes, make the smaller pictures that screens and papers use."""

import hashlib
import tempfile
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import jobs
from audit_app.media import photos
from audit_app.records.evidence import Derivative, Photo
from audit_app.rules.problems import NoRoom, PhotoNotReady, PhotoTooLarge

SCREEN, PRINT, THUMB = 1600, 1200, 320
EDGES = (SCREEN, PRINT, THUMB)
FLOOR = 200_000_000
"""Octets that stay free on the disk, so that rows and sign-in go on when photos no longer fit."""


def sources(photo: Photo) -> list[str]:
    """Where the smaller pictures may come from, best first: the working copy is quick to read."""
    return [sha256 for sha256 in (photo.working, photo.sha256) if sha256]


def shrink_when_here(db: Session, photo: Photo, blobs) -> None:
    """Ask for the smaller pictures if bytes are here; otherwise their arrival asks."""
    for sha256 in sources(photo):
        if blobs.has(str(photo.inspection_id), sha256):
            ask_for_shrinking(db, photo.inspection_id, sha256)
            return


def ask_for_shrinking(db: Session, inspection_id, sha256: str) -> None:
    """One job a source, however often it is asked for."""
    jobs.submit(db, "shrink", key=f"shrink:{inspection_id}:{sha256}", inspection_id=inspection_id,
                payload={"sha256": sha256})


def receive(database, blobs, inspection_id, sha256: str, path: Path, *, wanted_by) -> bool:
    """Keep bytes that were streamed to `path`; whether they are new. No transaction is open while they are read.

    `wanted_by(db, inspection_id, sha256)` lists the photos that wait for them.
    Raises HashMismatch, PhotoUnreadable, PhotoTooLarge, NoRoom.
    """
    drawer = str(inspection_id)
    if blobs.has(drawer, sha256):
        return False
    room = blobs.room()
    if room is not None and room < FLOOR:
        raise NoRoom()
    photos.check(path)
    blobs.put_file(drawer, path, sha256)
    with database.transaction() as db:
        if wanted_by(db, inspection_id, sha256):
            ask_for_shrinking(db, inspection_id, sha256)
    return True


def keep(blobs, inspection_id, path: Path) -> str:
    """Keep a photo that came with a plain form; its hash. Raises PhotoUnreadable, PhotoTooLarge."""
    if path.stat().st_size > photos.LARGEST_FILE:
        raise PhotoTooLarge()
    photos.check(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    blobs.put_file(str(inspection_id), path, sha256)
    return sha256


@jobs.handler("shrink")
def shrink(tools, job, progress) -> None:
    """Make 1600, 1200 and 320 px pictures of one source: upright, without metadata. Twice is once."""
    drawer, source = str(job.inspection_id), job.payload["sha256"]
    with tempfile.NamedTemporaryFile() as file:
        for part in tools.blobs.stream(drawer, source):
            file.write(part)
        file.flush()
        made = photos.derive(Path(file.name), sizes=EDGES)
    kept = {edge: tools.blobs.put(drawer, picture.data) for edge, picture in made.items()}
    with tools.database.transaction() as db:
        for edge, picture in made.items():
            if db.get(Derivative, (job.inspection_id, source, edge)) is None:
                db.add(Derivative(inspection_id=job.inspection_id, source=source, edge=edge, sha256=kept[edge],
                                  width=picture.width, height=picture.height))


def find(db: Session, photo: Photo, edge: int) -> Derivative:
    """The picture of a photo with this longest side. Raises PhotoNotReady."""
    for source in sources(photo):
        if (found := db.get(Derivative, (photo.inspection_id, source, edge))) is not None:
            return found
    raise PhotoNotReady()


def all_ready(db: Session, inspection_id, wanted: list[Photo]) -> bool:
    """Whether each of these photos has its pictures."""
    made = set(db.scalars(select(Derivative.source).where(Derivative.inspection_id == inspection_id)))
    return all(any(source in made for source in sources(photo)) for photo in wanted)
