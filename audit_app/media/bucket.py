"""The only door to obstore: a prefix in a bucket of any S3-compatible store, for blobs.py."""

import logging
import os
from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from audit_app.rules.problems import BlobMissing, StoreAway

PIECE = 256 * 1024
FEW, LISTED = 3, 1000
"""Up to so many keys are asked for one by one; more are looked up in the drawer's list, which comes in such pages."""

SOON, LONG = timedelta(seconds=10), timedelta(seconds=60)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
log = logging.getLogger(__name__)


class Bucket:
    """A prefix in a bucket of any S3-compatible store. The store's own PUT is atomic and durable."""

    process: int | None = None  # the one in which obstore's threads run

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.bucket, self.prefix = parts.netloc, parts.path.strip("/")
        self._connected = {}

    def connected(self, patience: timedelta = LONG):
        """A client whose questions take no longer; raises RuntimeError in a process forked after the first one."""
        # obstore's threads do not live through a fork: a child of a process that used it would wait for ever.
        # So servers and workers connect after they forked, on first use, and the mistake is said, not waited out.
        Bucket.process = Bucket.process or os.getpid()
        if Bucket.process != os.getpid():
            raise RuntimeError("the S3 store was used before this process was forked; open it after forking")
        if patience not in self._connected:
            self._connected[patience] = self._connect(patience)
        return self._connected[patience]

    def _connect(self, patience: timedelta):
        from obstore.store import S3Store

        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        options = {"connect_timeout": timedelta(seconds=5), "timeout": patience}
        if urlsplit(endpoint or "").scheme == "http" and urlsplit(endpoint).hostname in LOOPBACK:
            options["allow_http"] = True  # evidence crosses a network only encrypted
        return S3Store(
            self.bucket,
            prefix=self.prefix or None,
            client_options=options,
            retry_config={"max_retries": 3, "retry_timeout": patience / 2},
            **({"endpoint": endpoint} if endpoint else {}),
        )

    def write(self, key: str, pieces: Iterator[bytes]) -> None:
        import obstore

        # At most 25 MB by the door's limit: sent whole, so a mismatch found in the last piece keeps nothing.
        whole = b"".join(pieces)
        with _answering():
            obstore.put(self.connected(), key, whole, use_multipart=False)

    def settle(self, key: str) -> None:
        """Nothing to do: what a PUT has acknowledged is kept."""

    def read(self, key: str) -> Iterator[bytes]:
        import obstore

        try:
            with _answering(absent=True):
                found = obstore.get(self.connected(), key)
        except FileNotFoundError as error:
            raise BlobMissing() from error

        def pieces():
            with _answering():
                yield from map(bytes, found.stream(min_chunk_size=PIECE))
        return pieces()

    def size(self, key: str) -> int | None:
        import obstore

        try:
            with _answering(absent=True):  # some ask while they hold a visit: not for long
                return obstore.head(self.connected(SOON), key)["size"]
        except FileNotFoundError:
            return None

    def held(self, drawer: str, keys: Set[str]) -> list[str]:
        import obstore

        if len(keys) <= FEW:
            return [key for key in keys if self.size(key) is not None]
        with _answering():
            pages = obstore.list(self.connected(SOON), prefix=f"{drawer}/", chunk_size=LISTED)
            return [found["path"] for page in pages for found in page if found["path"] in keys]

    def room(self) -> None:
        return None

    def healthy(self) -> bool:
        import obstore

        obstore.list_with_delimiter(self.connected(SOON), "healthz")  # a store that is silent or refuses raises
        return True

    def sweep(self, before: float) -> int:
        return 0


@contextmanager
def _answering(*, absent: bool = False):
    """A store that refuses or is silent has a name; what it says is for the log, it holds addresses and keys.

    `absent`: that there is no such key is an answer too (FileNotFoundError). Elsewhere the bucket itself is missing.
    """
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        if absent and isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
            raise
        log.error("store: %s: %s", type(error).__name__, error)
        raise StoreAway() from error
