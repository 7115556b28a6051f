"""The only door to obstore: bytes kept under their sha256, a drawer per inspection, in a folder or an S3 store."""

import errno
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from audit_app.rules.problems import BlobDamaged, BlobMissing, HashMismatch, NoRoom

CHUNK = 256 * 1024
DRAWER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Blobs:
    """Bytes under the hash of what they are: writing twice is writing once, nothing is ever overwritten by others.

    A drawer is an inspection's id (or a fixed word); the key is `<drawer>/<sha256[:2]>/<sha256>`. Names that
    people chose are never part of a key.
    """

    def __init__(self, store):
        self._store = store

    @classmethod
    def open(cls, where: str | Path) -> "Blobs":
        """The store at a folder's path or at `s3://bucket/prefix` (settings from the usual AWS_* variables)."""
        if str(where).startswith("s3://"):
            return cls(_Bucket(str(where)))
        return cls(_Folder(Path(where)))

    def put(self, drawer: str, data: bytes) -> str:
        """Keep these bytes durably; returns their sha256. Raises NoRoom when the disk is full."""
        sha256 = hashlib.sha256(data).hexdigest()
        key = _key(drawer, sha256)
        if not self._kept(key, sha256):
            self._store.write(key, iter((data,)))
        return sha256

    def put_file(self, drawer: str, path: str | Path, sha256: str) -> str:
        """Keep a temporary file's bytes durably, in one streaming pass; the file itself is left alone.

        Raises HashMismatch when its bytes are not those of `sha256`: then nothing is kept.
        """
        key = _key(drawer, sha256)
        if self._kept(key, sha256):
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

    def _kept(self, key: str, sha256: str) -> bool:
        # A tablet that sends the good bytes again mends what rotted here; so what lies here is read, not believed.
        try:
            for _ in _checked(self._store.read(key), sha256, BlobDamaged):
                pass
        except (BlobMissing, BlobDamaged):
            return False
        self._store.settle(key)
        return True


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
            target.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoom() from error
            raise
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


class _Bucket:
    """A prefix in a bucket of any S3-compatible store. The store's own PUT is atomic and durable."""

    process: int | None = None  # the one in which obstore's threads run

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.bucket, self.prefix = parts.netloc, parts.path.strip("/")
        self._connected = None

    @property
    def connected(self):
        # obstore's threads do not live through a fork: a child of a process that used it would wait for ever.
        # So servers and workers connect after they forked, on first use, and the mistake is said, not waited out.
        _Bucket.process = _Bucket.process or os.getpid()
        if _Bucket.process != os.getpid():
            raise RuntimeError("the S3 store was used before this process was forked; open it after forking")
        self._connected = self._connected or self._connect()
        return self._connected

    def _connect(self):
        from obstore.store import S3Store

        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        options = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=60)}
        if urlsplit(endpoint or "").scheme == "http" and urlsplit(endpoint).hostname in LOOPBACK:
            options["allow_http"] = True  # evidence crosses a network only encrypted
        return S3Store(
            self.bucket,
            prefix=self.prefix or None,
            client_options=options,
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
            **({"endpoint": endpoint} if endpoint else {}),
        )

    def write(self, key: str, pieces: Iterator[bytes]) -> None:
        import obstore

        # At most 25 MB by the door's limit: sent whole, so a mismatch found in the last piece keeps nothing.
        obstore.put(self.connected, key, b"".join(pieces), use_multipart=False)

    def settle(self, key: str) -> None:
        """Nothing to do: what a PUT has acknowledged is kept."""

    def read(self, key: str) -> Iterator[bytes]:
        import obstore

        try:
            found = obstore.get(self.connected, key)
        except FileNotFoundError as error:
            raise BlobMissing() from error
        return (bytes(piece) for piece in found.stream(min_chunk_size=CHUNK))

    def size(self, key: str) -> int | None:
        import obstore

        try:
            return obstore.head(self.connected, key)["size"]
        except FileNotFoundError:
            return None

    def room(self) -> None:
        return None

    def healthy(self) -> bool:
        import obstore

        obstore.list_with_delimiter(self.connected, "healthz")  # a store that is silent or refuses raises
        return True

    def sweep(self, before: float) -> int:
        return 0


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
