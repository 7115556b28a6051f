"""The rescue package of a tablet: a zip of rows and photos, every name, size and hash of it checked, never unpacked.

    manifest.json   {"format": "rescue/1", "api": 2, "inspection": uuid, "user": uuid, "app_version": text,
                     "made_at": time, "files": {name: sha256 of every other member}}
    rows.json       what POST …/rows takes
    photos/<sha256>.<ext>   originals and working copies under their own hash
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from audit_app.media.photos import LARGEST_FILE

FORMAT = "rescue/1"
MB = 1024 * 1024
MANIFEST, ROWS = "manifest.json", "rows.json"
LARGEST = {MANIFEST: 4 * MB, ROWS: 64 * MB}
MEMBERS = 5_000
PHOTO = re.compile(r"photos/([0-9a-f]{64})\.[a-z0-9]{1,5}")
CHUNK = 256 * 1024
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What zipfile raises at damage, unknown methods and passwords."""


class PackageFlaw(Exception):
    """The package is not what a tablet makes; the text says why, in one English sentence."""


@dataclass(frozen=True)
class Package:
    """A package all of whose members are what its manifest says. `photos`: {sha256: name of the member}."""

    path: Path
    inspection: UUID
    user: UUID
    api: int
    rows: dict
    photos: dict[str, str]
    digest: str  # sha256 of the manifest, which vouches for everything else

    @contextmanager
    def photo(self, sha256: str) -> Iterator[Iterator[bytes]]:
        """The bytes of a photo in pieces."""
        with zipfile.ZipFile(self.path) as packed, packed.open(self.photos[sha256]) as member:
            yield iter(lambda: member.read(CHUNK), b"")


def read(path: Path) -> Package:
    """Everything is checked before anything is given out. Raises PackageFlaw."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = _members(packed, path)
            said = _json(packed, MANIFEST)
            hashes = _manifest(said)
            _compare(names, hashes, packed)
            rows = _json(packed, ROWS)
            return Package(path, _uuid(said, "inspection"), _uuid(said, "user"), said.get("api", 1), rows,
                           {found[1]: name for name in names if (found := PHOTO.fullmatch(name))},
                           hashlib.sha256(packed.read(MANIFEST)).hexdigest())
    except BROKEN as error:
        raise PackageFlaw(f"{path.name} is no zip file, or a damaged one.") from error


def _members(packed: zipfile.ZipFile, path: Path) -> list[str]:
    """The names inside, when they and their sizes are such as a tablet writes."""
    found = [info for info in packed.infolist() if info.filename != "photos/"]
    if len(found) > MEMBERS:
        raise PackageFlaw(f"The package holds {len(found)} files; a tablet writes at most {MEMBERS}.")
    names = [info.filename for info in found]
    for info in found:
        if info.filename not in LARGEST and not PHOTO.fullmatch(info.filename):
            raise PackageFlaw(f"The package holds {info.filename[:80]!r}, which no tablet writes.")
        if info.flag_bits & 1:
            raise PackageFlaw("The package is locked with a password.")
        if info.file_size > LARGEST.get(info.filename, LARGEST_FILE):
            raise PackageFlaw(f"{info.filename} is larger than a tablet writes it.")
    if len(set(names)) < len(names):
        raise PackageFlaw("The package holds two files of one name.")
    # photos do not get smaller in a zip: whatever unpacks to much more than it is was not made by a tablet
    if sum(info.file_size for info in found) > 2 * path.stat().st_size + LARGEST[ROWS] + LARGEST[MANIFEST]:
        raise PackageFlaw("The package unpacks to far more than it is.")
    for name in (MANIFEST, ROWS):
        if name not in names:
            raise PackageFlaw(f"The package has no {name}.")
    return names


def _json(packed: zipfile.ZipFile, name: str) -> dict:
    try:
        said = json.loads(packed.read(name))
    except (ValueError, RecursionError) as error:
        raise PackageFlaw(f"{name} cannot be read as JSON.") from error
    if not isinstance(said, dict):
        raise PackageFlaw(f"{name} is not a JSON object.")
    return said


def _manifest(said: dict) -> dict[str, str]:
    if said.get("format") != FORMAT:
        raise PackageFlaw(f"The package is of a format that this version does not know; it knows {FORMAT}.")
    hashes = said.get("files")
    if not isinstance(hashes, dict) or not all(isinstance(value, str) for value in hashes.values()):
        raise PackageFlaw("The manifest has no list of files with their hashes.")
    return hashes


def _compare(names: list[str], hashes: dict[str, str], packed: zipfile.ZipFile) -> None:
    """Every member is in the manifest, every promised one is here, each is what its hash says."""
    there = set(names) - {MANIFEST}
    if there != set(hashes):
        odd = sorted(there ^ set(hashes))[0]
        raise PackageFlaw(f"{odd[:80]} is {'not in the manifest' if odd in there else 'missing from the package'}.")
    for name in sorted(there):
        digest = hashlib.sha256()
        with packed.open(name) as member:
            while piece := member.read(CHUNK):
                digest.update(piece)
        found, photo = digest.hexdigest(), PHOTO.fullmatch(name)
        if found != hashes[name] or (photo and found != photo[1]):
            raise PackageFlaw(f"{name} is not what its hash says: the package was damaged or changed.")


def _uuid(said: dict, name: str) -> UUID:
    try:
        return UUID(str(said.get(name)))
    except ValueError as error:
        raise PackageFlaw(f"The manifest does not say which {name} it belongs to.") from error
