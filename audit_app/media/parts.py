"""Files that come in pieces over a bad line: what is here of each, until it is whole or forgotten."""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from audit_app.media.blobs import roomy
from audit_app.rules.problems import Invalid, LengthWrong, OffsetDiffers, TooLarge

KEPT = timedelta(days=7)
"""How long the beginning of a file waits for its rest."""

HOUR = 3600


class Parts:
    """One growing file a drawer and hash: `<drawer>/<sha256>.part` in a folder. Many threads and processes share it.
    Beside it `<sha256>.vain` has an octet for each time that the whole could not be looked at.

    A piece is written under the lock of its file, and only when the file still ends where the piece begins: of two
    senders the slower one is told where the other has got to, and a sender that died holds nobody up.
    """

    def __init__(self, folder: Path):
        self.folder, self._swept = folder, 0.0

    def offset(self, drawer: str, sha256: str) -> int:
        """Octets that are here already."""
        try:
            return self._path(drawer, sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, drawer: str, sha256: str, *, offset: int, length: int, pieces: Iterable[bytes]) -> int:
        """Write the pieces behind the first `offset` octets of a file of `length`; how many are here then.

        What came before the sender broke off is kept. Raises OffsetDiffers, LengthWrong, NoRoom.
        """
        path, at = self._path(drawer, sha256), offset
        if (here := self.offset(drawer, sha256)) != at:
            raise OffsetDiffers(offset=here)
        if at == 0:
            self._begin(path)
        try:
            for piece in pieces:
                if at + len(piece) > length:
                    raise LengthWrong()
                at = _write(path, at, piece)
        finally:
            _sync(path)
        return at

    def finish(self, drawer: str, sha256: str, take: Callable[[Path], None]) -> None:
        """Hand the whole file to `take`; it is forgotten when it was kept, or is not what it should be.

        Of two senders of the last piece one comes here first; for the second there is nothing left to do.
        """
        path = self._path(drawer, sha256)
        with suppress(FileNotFoundError), _held(path):
            try:
                take(path)
            except (Invalid, TooLarge):
                path.unlink(missing_ok=True)
                raise
            path.unlink(missing_ok=True)

    def in_vain(self, drawer: str, sha256: str) -> int:
        """Note that a file could not be looked at; how often that was so. Raises NoRoom."""
        path = self._path(drawer, sha256, "vain")
        path.parent.mkdir(parents=True, exist_ok=True)
        with roomy(), path.open("ab") as file:
            file.write(b".")
        return path.stat().st_size

    def looked_at(self, drawer: str, sha256: str) -> None:
        """Forget how often a file could not be looked at."""
        self._path(drawer, sha256, "vain").unlink(missing_ok=True)

    def sweep(self, older_than: timedelta = KEPT) -> int:
        """Forget what nobody has added to for so long, and what killed uploads left; returns how many."""
        before = time.time() - older_than.total_seconds()
        stale = [left for left in self.folder.rglob("*") if left.is_file() and left.stat().st_mtime < before]
        for left in stale:
            left.unlink(missing_ok=True)
            with suppress(OSError):  # not empty, or the folder of all
                left.parent.rmdir()
        return len(stale)

    def _begin(self, path: Path) -> None:
        if time.time() - self._swept > HOUR:
            self._swept = time.time()
            self.sweep()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        _sync(path.parent)

    def _path(self, drawer: str, sha256: str, kind: str = "part") -> Path:
        return self.folder / drawer / f"{sha256}.{kind}"


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """The open file, locked. Raises FileNotFoundError when somebody has finished with it."""
    while True:
        file = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.fstat(file).st_ino == path.stat().st_ino:
                yield file
                return
        finally:
            os.close(file)


def _write(path: Path, at: int, piece: bytes) -> int:
    """Put a piece at the end, if the end is still there. Returns the new end."""
    try:
        with roomy(), _held(path) as file:
            if (here := os.fstat(file).st_size) != at:
                raise OffsetDiffers(offset=here)
            try:
                left = memoryview(piece)
                while left:
                    left = left[os.pwrite(file, left, at + len(piece) - len(left)):]
            except OSError:
                os.ftruncate(file, at)
                raise
    except FileNotFoundError:
        raise OffsetDiffers(offset=0) from None
    return at + len(piece)


def _sync(path: Path) -> None:
    """On the disk, file or folder; gone is as good."""
    with suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
