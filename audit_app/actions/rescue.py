"""Taking in a tablet's rescue package by the way its rows would have come, so that a later sync changes nothing."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import capture, kinds, parking, pictures
from audit_app.actions.journal import record
from audit_app.media import packages
from audit_app.media.packages import Package, PackageFlaw
from audit_app.media.parts import Parts
from audit_app.records.models import Inspection, User
from audit_app.rules import rows
from audit_app.rules.permissions import Action, can
from audit_app.rules.problems import Problem


@dataclass
class Done:
    """What became of a package. `refused`: [{"id", "problem", "message"}], rows and photos."""

    kept: int = 0
    again: int = 0
    photos: int = 0
    photos_again: int = 0
    refused: list[dict] = field(default_factory=list)


def bring_in(tools, path: Path) -> Done:
    """Every row and photo by itself, under the author the package names. Raises PackageFlaw when nothing was taken."""
    package = packages.read(path)
    if package.api not in rows.ACCEPTED:
        raise PackageFlaw("The package was made by an app of another version than this server takes.")
    with tools.database.transaction(writing=False) as db:
        _known(db, package)
    done = Done()
    for batch in _batches(package.rows):
        with tools.database.transaction() as db:
            _rows(tools, db, package, batch, done)
    for sha256 in sorted(package.photos):
        _photo(tools, package, sha256, done)
    if done.kept or done.photos:
        with tools.database.transaction() as db:
            inspection, author = _known(db, package)
            record(db, None, "inspection.imported", inspection, author=str(author.id), package=package.digest,
                   rows=done.kept, photos=done.photos)
    return done


def _known(db: Session, package: Package) -> tuple[Inspection, User]:
    """The inspection, locked, and the author on its team. Raises PackageFlaw."""
    inspection = db.scalar(select(Inspection).where(
        Inspection.id == package.inspection).with_for_update(of=Inspection, key_share=True))
    if inspection is None:
        raise PackageFlaw(f"The package belongs to inspection {package.inspection}, which is not in this house.")
    author = db.get(User, package.user)
    if author is None or not can(author, Action.CAPTURE, inspection):
        raise PackageFlaw("The package was made by a person who is not on the team of its inspection.")
    return inspection, author


def _batches(said: dict) -> Iterator[dict]:
    """The rows in the order and the portions in which a tablet would send them."""
    for name in kinds.KINDS:
        if not isinstance(said.get(name, []), list):
            raise PackageFlaw(f"rows.json: {name} is not a list.")
    for name in kinds.KINDS:
        every = kinds.in_order(name, said.get(name, []))
        for at in range(0, len(every), rows.LIMIT):
            yield {name: every[at:at + rows.LIMIT]}


def _rows(tools, db: Session, package: Package, batch: dict, done: Done) -> None:
    inspection, author = _known(db, package)
    taken = capture.Intake(
        db, author, inspection, checklist=tools.catalogue.get(inspection.checklist_id, inspection.checklist_version),
        equipment={kind.id for kind in tools.catalogue.equipment}, blobs=tools.blobs).take(batch)
    parking.park(db, author, inspection, taken.declined)
    done.kept += len(taken.kept) - taken.again
    done.again += taken.again
    done.refused += taken.refused


def _photo(tools, package: Package, sha256: str, done: Done) -> None:
    """Like a PUT: checked, kept, and made small where a photo waits for it."""
    incoming = tools.settings.data / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=incoming) as file:
        with package.photo(sha256) as pieces:
            for piece in pieces:
                file.write(piece)
        file.flush()
        try:
            with tools.database.transaction(writing=False) as db:
                capture.may_send_bytes(db, _known(db, package)[0], sha256)
            new = pictures.receive(tools.database, tools.blobs, Parts(incoming), package.inspection, sha256,
                                   Path(file.name), wanted_by=capture.photos_of)
        except Problem as problem:
            done.refused.append({"id": f"photo {sha256}", "problem": problem.name, "message": problem.message})
            return
    done.photos += new
    done.photos_again += not new
