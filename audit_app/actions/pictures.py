"""Photos after they arrived: keep the bytes, make the smaller pictures that screens and papers use."""

import hashlib
import shutil
import tempfile
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import jobs
from audit_app.media import photos
from audit_app.records import queries
from audit_app.records.evidence import Derivative, Markup, Photo, Redacted
from audit_app.rules.markups import covers
from audit_app.rules.problems import (
    BlobMissing,
    Busy,
    HashMismatch,
    NoRoom,
    OffsetDiffers,
    PhotoNotReady,
    PhotoTooHeavy,
    PhotoTooLarge,
    PhotoUnreadable,
    PhotoWithheld,
)

SCREEN, PRINT, THUMB = 1600, 1200, 320
EDGES = (SCREEN, PRINT, THUMB)
FLOOR = 200_000_000
"""Octets that stay free on the disk, so that rows and sign-in go on when photos no longer fit."""
TRIES = 20
"""So often a tablet may send a photo over which the machine runs out of memory or time: for a quarter of an hour while
nothing else gets through either, for a few minutes while other photos do."""
UNSHOWABLE = (PhotoUnreadable, PhotoTooLarge)
"""Of such a photo no picture can be made, however often it is tried; its original stays evidence."""


class AskedBefore:
    """The store, asked before a transaction what will be asked in it: one that is silent then holds up nobody's turn.

    What was here is not asked about again; what was not may have come since. Raises StoreAway.
    """

    def __init__(self, blobs, drawer: str, sha256s: set[str]):
        self.blobs, self.here = blobs, blobs.held(drawer, sha256s) if sha256s else frozenset()

    def has(self, drawer: str, sha256: str) -> bool:
        """Whether the drawer holds a blob of this name."""
        return sha256 in self.here or self.blobs.has(drawer, sha256)

    def held(self, drawer: str, sha256s: list[str]) -> set[str]:
        """Those of these names that the drawer holds. Where none was here, the store is asked again."""
        return self.here.intersection(sha256s) or self.blobs.held(drawer, sha256s)


def sources(photo: Photo) -> list[str]:
    """Where the smaller pictures may come from, best first: the working copy is quick to read."""
    return [sha256 for sha256 in (photo.working, photo.sha256) if sha256]


def shrink_when_here(db: Session, photo: Photo, blobs) -> None:
    """Ask for the smaller pictures of whatever is here of a photo; what is not, asks when it arrives.

    Also of its original beside a working copy: the job is what says that it came (verification.on_record).
    """
    here = blobs.held(str(photo.inspection_id), sources(photo))
    for sha256 in sources(photo):
        if sha256 in here:
            ask_for_shrinking(db, photo.inspection_id, sha256)


def drawn_on(photo: Photo) -> str:
    """The picture whose coordinates a drawing has: the working copy where there is one. An original may be taken for
    upright by a browser and not by us; a blur in the wrong place covers nothing."""
    return photo.working or photo.sha256


def draw_when_here(db: Session, markup: Markup, blobs) -> None:
    """Ask for the pictures that others may see, if the photo's bytes are here; otherwise their arrival asks."""
    photo = db.get(Photo, markup.photo_id)
    if markup.shapes and blobs.has(str(photo.inspection_id), drawn_on(photo)):
        ask_for_drawing(db, markup)


def ask_for_drawing(db: Session, markup: Markup) -> None:
    """One job a drawing, however often it is asked for."""
    jobs.submit(db, "redact", key=f"redact:{markup.id}", inspection_id=markup.inspection_id,
                payload={"markup": str(markup.id)})


def ask_for_shrinking(db: Session, inspection_id, sha256: str) -> None:
    """One job a source, however often it is asked for."""
    jobs.submit(db, "shrink", key=f"shrink:{inspection_id}:{sha256}", inspection_id=inspection_id,
                payload={"sha256": sha256})


def receive(database, blobs, parts, inspection_id, sha256: str, path: Path, *, wanted_by) -> bool:
    """Keep bytes that were streamed to `path`; whether they are new. No transaction is open while they are read.

    `wanted_by(db, inspection_id, sha256)` lists the photos that wait for them.
    Raises HashMismatch, PhotoUnreadable, PhotoTooLarge, PhotoTooHeavy, Busy, NoRoom.
    """
    drawer = str(inspection_id)
    new = not blobs.has(drawer, sha256)
    if new:
        _refuse_without_room(blobs)
        _check(parts, drawer, sha256, path)
    blobs.put_file(drawer, path, sha256)  # also over what rotted here: only reading it tells
    with database.transaction() as db:  # also for bytes already here: the first sender may have been cut off between
        wanting = wanted_by(db, inspection_id, sha256)
        if wanting:
            ask_for_shrinking(db, inspection_id, sha256)
        for photo in wanting:
            if (markup := queries.markup_of(db, photo)) is not None:
                draw_when_here(db, markup, blobs)
    return new


def _refuse_without_room(blobs) -> None:
    """Photos leave rows and sign-in their FLOOR. Raises NoRoom."""
    room = blobs.room()
    if room is not None and room < FLOOR:
        raise NoRoom()


def _check(parts, drawer: str, sha256: str, path: Path) -> None:
    """Whether it is a picture that we accept. One that always ends its decoder must not hold up a tablet for ever: the
    last of its TRIES is refused, and whoever has it sent again has as many. Raises as `receive`."""
    try:
        photos.check(path)
    except Busy as error:
        if parts.in_vain(drawer, sha256) < TRIES:
            raise
        parts.looked_at(drawer, sha256)
        raise PhotoTooHeavy() from error
    parts.looked_at(drawer, sha256)


def receive_part(database, blobs, parts, inspection_id, sha256: str, *, offset: int, length: int, pieces,
                 wanted_by) -> int | None:
    """Take the next pieces of a photo of `length` octets; how many are here now, None when it is whole and kept.

    Raises OffsetDiffers, LengthWrong, and whatever `receive` raises: then the pieces are forgotten.
    """
    drawer = str(inspection_id)
    if blobs.keeps(drawer, sha256):
        return None
    if length > photos.LARGEST_FILE:
        raise PhotoTooLarge()
    if shutil.disk_usage(parts.folder).free < FLOOR:
        raise NoRoom()
    here = parts.append(drawer, sha256, offset=offset, length=length, pieces=pieces)
    if here < length:
        return here

    def take(path: Path) -> None:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise HashMismatch()
        receive(database, blobs, parts, inspection_id, sha256, path, wanted_by=wanted_by)

    parts.finish(drawer, sha256, take)
    if not blobs.has(drawer, sha256):  # another sender of the same pieces met a wrong hash
        raise OffsetDiffers(offset=0)
    return None


def keep(blobs, inspection_id, path: Path) -> str:
    """Keep a photo that came with a plain form; its hash. Raises PhotoUnreadable, PhotoTooLarge, NoRoom."""
    _refuse_without_room(blobs)
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
    _shrink(tools, job.inspection_id, job.payload["sha256"])


def shrink_first(tools, inspection_id, sources: tuple[str, ...]) -> None:
    """Make the smaller pictures of the first of a photo's sources that is here and gives some; none if none does.

    Raises BlobMissing when none of them is here.
    """
    missing = 0
    for source in sources:
        try:
            _shrink(tools, inspection_id, source)
            return
        except BlobMissing:
            missing += 1
        except UNSHOWABLE:
            pass
    if missing == len(sources):
        raise BlobMissing()


def _shrink(tools, inspection_id, source: str) -> None:
    drawer = str(inspection_id)
    with tempfile.NamedTemporaryFile() as file:
        for part in tools.blobs.stream(drawer, source):
            file.write(part)
        file.flush()
        made = photos.derive(Path(file.name), sizes=EDGES)
    kept = {edge: tools.blobs.put(drawer, picture.data) for edge, picture in made.items()}
    with tools.database.transaction() as db:
        for edge, picture in made.items():
            if db.get(Derivative, (inspection_id, source, edge)) is None:
                db.add(Derivative(inspection_id=inspection_id, source=source, edge=edge, sha256=kept[edge],
                                  width=picture.width, height=picture.height))


class Audience(StrEnum):
    """Who looks: the team and the office, or an agency and everybody who reads a paper."""

    INSIDE = "inside"
    OUTSIDE = "outside"


def audience_of(actor) -> Audience:
    """Whoever is not plainly inside is outside."""
    return Audience.INSIDE if actor is not None and actor.role in (*queries.TEAM, *queries.OFFICE) else Audience.OUTSIDE


def find(db: Session, photo: Photo, edge: int, audience: Audience = Audience.OUTSIDE) -> Derivative | Redacted:
    """The picture of a photo with this longest side, as this audience may see it: the only place that decides.

    Outside, a marked-up photo is seen with its mark-up drawn and what was blurred destroyed, never without.
    Raises PhotoNotReady, PhotoWithheld.
    """
    markup = queries.markup_of(db, photo) if audience is Audience.OUTSIDE else None
    if markup is not None and withheld(markup):
        raise PhotoWithheld()
    if markup is not None and markup.shapes:
        if (drawn := db.get(Redacted, (markup.id, edge))) is None:
            raise PhotoNotReady()
        return drawn
    for source in sources(photo):
        if (found := db.get(Derivative, (photo.inspection_id, source, edge))) is not None:
            return found
    raise PhotoNotReady()


def withheld(markup: Markup | None) -> bool:
    """Whether a photo stays inside: it shows citizens or their papers, and nobody has blurred anything."""
    return markup is not None and markup.private and not covers(markup.shapes)


def all_ready(db: Session, inspection_id, wanted: list[Photo]) -> bool:
    """Whether each of these photos has its pictures."""
    made = set(db.scalars(select(Derivative.source).where(Derivative.inspection_id == inspection_id)))
    return all(any(source in made for source in sources(photo)) for photo in wanted)
