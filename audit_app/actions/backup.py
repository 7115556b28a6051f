"""A copy of everything of the embedded default, and the way back.

Database first, files after: files are written before rows and never deleted, so every row of the copy finds its
file, even while people work.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

from sqlalchemy import text

from audit_app.records import migrations
from audit_app.records.db import Database, now

MANIFEST = "manifest.json"


class BackupFailed(Exception):
    """The copy or the way back was not made; the text says why, in one English sentence."""


def make(tools, folder: Path, *, say) -> Path:
    """A new set in `folder`: made under another name, given its own when it is complete. Raises BackupFailed."""
    settings = tools.settings
    if not settings.embedded or "://" in settings.blobs_url:
        raise BackupFailed("With PostgreSQL or S3, use pg_dump and the versions of the store: this copies the "
                           "embedded default only.")
    if migrations.current(tools.database) is None:
        raise BackupFailed(f"{settings.data} holds no database of ours; name the right folder in AUDIT_DATA.")
    name = f"audit-{now():%Y%m%dT%H%M%S}"
    part, done = folder / f"{name}.partial", folder / name
    folder.mkdir(parents=True, exist_ok=True)
    part.mkdir(mode=0o700)  # photos of citizens: nobody else on this machine reads them
    with tools.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("COMMIT"))  # our BEGIN; a copy cannot be made inside a transaction
        connection.execute(text("VACUUM INTO :path"), {"path": str(part / "audit.db")})
    say("database copied; now the files")
    if Path(settings.blobs_url).is_dir():
        shutil.copytree(settings.blobs_url, part / "blobs", ignore=shutil.ignore_patterns("*.partial"))
    if (settings.data / "secret-key").exists():
        shutil.copy2(settings.data / "secret-key", part / "secret-key")
    files = {str(path.relative_to(part)): _hash(path) for path in sorted(part.rglob("*")) if path.is_file()}
    manifest = {"made_at": now().isoformat(), "schema": migrations.current(tools.database), "files": files}
    (part / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    for path in part.rglob("*"):
        _sync(path)
    part.rename(done)
    _sync(folder)
    say(f"{len(files)} files")
    return done


def check(made: Path) -> dict:
    """The manifest of a set all of whose files are as they were. Raises BackupFailed."""
    try:
        manifest = json.loads((made / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BackupFailed(f"{made} is not a complete backup: {MANIFEST} cannot be read.") from error
    for name, sha256 in manifest["files"].items():
        if not (made / name).is_file() or _hash(made / name) != sha256:
            raise BackupFailed(f"{made / name} is missing or not as it was written.")
    return manifest


def restore(made: Path, data: Path, *, say) -> None:
    """Bring a set back into `data`, which must not hold a database: never over live data. Raises BackupFailed."""
    # what a crash left beside a database would be played back into the restored one
    if any((data / f"audit.db{left}").exists() for left in ("", "-journal", "-wal", "-shm")):
        raise BackupFailed(f"{data} already holds a database, or what one left; name an empty folder in AUDIT_DATA.")
    manifest = check(made)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = data / "audit.db.partial"  # the database comes last and whole: before that the folder holds none
    for name in sorted(manifest["files"], key=lambda name: name == "audit.db"):
        target = part if name == "audit.db" else data / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(made / name, target)
        _sync(target)
    database = Database(f"sqlite:///{part}")
    with database.engine.connect() as connection:
        if connection.execute(text("PRAGMA integrity_check")).scalar() != "ok":
            raise BackupFailed("The restored database does not pass SQLite's own check.")
    database.engine.dispose()
    part.rename(data / "audit.db")
    _sync(data)
    say(f"{len(manifest['files'])} files restored, made at {manifest['made_at']}")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
