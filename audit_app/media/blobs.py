"""Bytes kept under their sha256, a drawer per inspection, in a folder or in an S3 store (bucket.py)."""

import errno
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from audit_app.media.bucket import Bucket
from audit_app.rules.problems import BlobDamaged, BlobMissing, HashMismatch, NoRoom

CHUNK = 256 * 1024
DRAWER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@contextmanager
def roomy():
    """What is written in here to a disk that turns out to be full raises NoRoom."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom() from error
        raise


class Blobs:
    """Bytes under the hash of what they are: writing twice is writing once, nothing is ever overwritten by others.

    A drawer is an inspection's id (or a fixed word); the key is `<drawer>/<sha256[:2]>/<sha256>`. Names that
    people chose are never part of a key. Everything but `healthy` raises StoreAway when an S3 store fails.
    """

    def __init__(self, store):
        self._store = store

    @classmethod
    def open(cls, where: str | Path) -> "Blobs":
        """The store at a folder's path or at `s3://bucket/prefix` (settings from the usual AWS_* variables)."""
        if str(where).startswith("s3://"):
            return cls(Bucket(str(where)))
        return cls(_Folder(Path(where)))

    def put(self, drawer: str, data: bytes) -> str:
        """Keep these bytes durably; returns their sha256. Raises NoRoom when the disk is full."""
        sha256 = hashlib.sha256(data).hexdigest()
        key = _key(drawer, sha256)
        if not self.keeps(drawer, sha256):
            self._store.write(key, iter((data,)))
        return sha256

    def put_file(self, drawer: str, path: str | Path, sha256: str) -> str:
        """Keep a temporary file's bytes durably, in one streaming pass; the file itself is left alone.

        Raises HashMismatch when its bytes are not those of `sha256`: then nothing is kept.
        """
        key = _key(drawer, sha256)
        if self.keeps(drawer, sha256):
            for _ in _checked(_read(path), sha256, HashMismatch):
                pass
        else:
            self._store.write(key, _checked(_read(path), sha256, HashMismatch))
        return sha256

    def get(self, drawer: str, sha256: str) -> bytes:
        """The bytes, re-checked against their hash. Raises BlobMissing, BlobDamaged."""
        return b"".join(self.stream(drawer, sha256))

    def stream(self, drawer: str, sha256: str) -> Iterator[bytes]:
        """The bytes in pieces. The last piece is given only after the whole was found undamaged.

        Raises BlobMissing at once, BlobDamaged before the end: a download then breaks off instead of lying.
        """
        return _checked(self._store.read(_key(drawer, sha256)), sha256, BlobDamaged)

    def has(self, drawer: str, sha256: str) -> bool:
        """Whether the drawer holds a blob of this name (its bytes are not read)."""
        return self._store.size(_key(drawer, sha256)) is not None

    def keeps(self, drawer: str, sha256: str) -> bool:
        """Whether these bytes are here and outlive a power cut: whoever sends them may drop their own.

        What rotted here is mended by the good bytes when they come again; so what lies here is read, not believed.
        """
        key = _key(drawer, sha256)
        if self._store.size(key) is None:  # a silent store is not waited for as long as for bytes
            return False
        try:
            for _ in _checked(self._store.read(key), sha256, BlobDamaged):
                pass
        except (BlobMissing, BlobDamaged):
            return False
        self._store.settle(key)
        return True

    def held(self, drawer: str, sha256s: Iterable[str]) -> frozenset[str]:
        """Which of these the drawer holds: what `has` says of each, without asking an S3 store about every one."""
        keys = {_key(drawer, sha256): sha256 for sha256 in sha256s}
        return frozenset(keys[key] for key in self._store.held(drawer, keys.keys()))

    def size(self, drawer: str, sha256: str) -> int:
        """Octets. Raises BlobMissing."""
        octets = self._store.size(_key(drawer, sha256))
        if octets is None:
            raise BlobMissing()
        return octets

    def room(self) -> int | None:
        """Free octets where the folder lies; None where the question has no answer (S3)."""
        return self._store.room()

    def healthy(self) -> bool:
        """Whether the store answers and takes bytes; never raises."""
        try:
            return self._store.healthy()
        except Exception:
            return False

    def sweep(self, older_than: timedelta = timedelta(days=1)) -> int:
        """Remove what interrupted writes left behind; returns how many."""
        return self._store.sweep(time.time() - older_than.total_seconds())


class _Folder:
    """A folder on this machine's disk.

    Written with `os`, not with obstore's LocalStore: that one renames without fsync (seen with strace), so a
    power cut loses bytes whose receipt the tablet already holds (nothing-lost.md, finding 1).
    """

    def __init__(self, root: Path):
        self.root = root
        self._settled: set[Path] = set()  # folders whose own entry in their parent is known to be on the disk

    def write(self, key: str, pieces: Iterator[bytes]) -> None:
        target = self.root / key
        partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}.partial")
        try:
            with roomy():
                target.parent.mkdir(parents=True, exist_ok=True)
                with partial.open("xb") as file:
                    for piece in pieces:
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        self.settle(key)

    def settle(self, key: str) -> None:
        """Put the folder entries of a blob on the disk too; after this it outlives a power cut."""
        folder = (self.root / key).parent
        _fsync_folder(folder)
        for above in (folder, folder.parent, self.root):
            if above not in self._settled:
                _fsync_folder(above.parent)
                self._settled.add(above)

    def read(self, key: str) -> Iterator[bytes]:
        try:
            return _pieces((self.root / key).open("rb"))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise BlobMissing() from error

    def size(self, key: str) -> int | None:
        try:
            return (self.root / key).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def held(self, drawer: str, keys: Set[str]) -> list[str]:
        return [key for key in keys if self.size(key) is not None]

    def room(self) -> int:
        self.root.mkdir(parents=True, exist_ok=True)
        disk = os.statvfs(self.root)
        return disk.f_bavail * disk.f_frsize

    def healthy(self) -> bool:
        self.root.mkdir(parents=True, exist_ok=True)
        probe = self.root / f".{uuid.uuid4().hex}.partial"
        try:
            return probe.write_bytes(b"ok") == 2 and probe.read_bytes() == b"ok"
        finally:
            probe.unlink(missing_ok=True)

    def sweep(self, before: float) -> int:
        stale = [left for left in self.root.rglob(".*.partial") if left.stat().st_mtime < before]
        for left in stale:
            left.unlink(missing_ok=True)
        return len(stale)


def _key(drawer: str, sha256: str) -> str:
    if not DRAWER.fullmatch(str(drawer)) or not SHA256.fullmatch(sha256):
        raise BlobMissing()
    return f"{drawer}/{sha256[:2]}/{sha256}"


def _read(path) -> Iterator[bytes]:
    return _pieces(Path(path).open("rb"))


def _pieces(file) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _checked(pieces: Iterator[bytes], sha256: str, problem: type[Exception]) -> Iterator[bytes]:
    """The same pieces, one step behind: the last is given only when the hash of all of them is the one promised."""
    found, held = hashlib.sha256(), b""
    for piece in pieces:
        found.update(piece)
        if held:
            yield held
        held = piece
    if found.hexdigest() != sha256:
        raise problem()
    if held:
        yield held


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
