"""A copy of everything of the embedded default, and the way back.

Database first, files after: files are written before rows and never deleted, so every row of the copy finds its
file, even while people work.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path, PurePath

from sqlalchemy import text
from sqlalchemy.engine import make_url

from audit_app.actions import verification
from audit_app.media.blobs import Blobs
from audit_app.records import migrations
from audit_app.records.db import Database, now

MANIFEST = "manifest.json"
PARTS = [("audit.db",), ("blobs",), ("secret-key",)]
"""What the names of all files of a set begin with."""


class BackupFailed(Exception):
    """The copy or the way back was not made; the text says why, in one English sentence."""


def make(tools, folder: Path, *, say) -> Path:
    """A new set in `folder`: made under another name, given its own when it is complete. Raises BackupFailed."""
    _refuse_outgrown(tools.settings)
    if folder.resolve().is_relative_to(Path(tools.settings.blobs_url).resolve()):
        raise BackupFailed(f"{folder} lies in the folder of the photos ({tools.settings.blobs_url}), where the next "
                           "copy would copy this one too; name another.")
    if migrations.current(tools.database) is None:
        raise BackupFailed(f"{tools.settings.data} holds no database of ours; name the right folder in AUDIT_DATA.")
    name = f"audit-{now():%Y%m%dT%H%M%S}"
    part, done = folder / f"{name}.partial", folder / name
    folder.mkdir(parents=True, exist_ok=True)
    part.mkdir(mode=0o700)  # photos of citizens: nobody else on this machine reads them
    try:
        files = _fill(tools, part, say=say)
        part.rename(done)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _sync(folder)
    say(f"{len(files)} files")
    return done


def _refuse_outgrown(settings) -> None:
    if not settings.embedded or "://" in settings.blobs_url:
        raise BackupFailed("With PostgreSQL or S3, use pg_dump and the versions of the store: this copies the "
                           "embedded default only.")


def _fill(tools, part: Path, *, say) -> dict[str, str]:
    """Copy everything into `part`, and the manifest last; the hashes of the files. Raises BackupFailed."""
    settings = tools.settings
    with tools.database.transaction(writing=False) as db:
        files, awaited = verification.on_record(db)
    with tools.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("COMMIT"))  # our BEGIN; a copy cannot be made inside a transaction
        connection.execute(text("VACUUM INTO :path"), {"path": str(part / "audit.db")})
    say("database copied; now the files")
    if Path(settings.blobs_url).is_dir():
        shutil.copytree(settings.blobs_url, part / "blobs", ignore=shutil.ignore_patterns("*.partial"))
    _refuse_without_files(files - awaited, part, settings.blobs_url, say=say)
    if (settings.data / "secret-key").exists():
        shutil.copy2(settings.data / "secret-key", part / "secret-key")
    hashes = {str(path.relative_to(part)): _hash(path) for path in sorted(part.rglob("*")) if path.is_file()}
    manifest = {"made_at": now().isoformat(), "schema": migrations.current(tools.database), "files": hashes}
    (part / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    for path in part.rglob("*"):
        _sync(path)
    return hashes


def _refuse_without_files(wanted: set, part: Path, where: str, *, say) -> None:
    """A disk that is not mounted must not pass for a copy; single losses do not keep the rest from being copied."""
    copied = Blobs.open(part / "blobs")
    lost = sum(not copied.has(drawer, sha256) for drawer, sha256 in wanted)
    if lost and lost == len(wanted):
        raise BackupFailed(f"None of the {lost} files on record is in {where}; is its disk mounted?")
    if lost:
        say(f"{lost} files on record are not there; verify names them")


def check(made: Path) -> dict:
    """The manifest of a set all of whose files are as they were. Raises BackupFailed."""
    manifest = _manifest(made)
    for name, sha256 in manifest["files"].items():
        within = PurePath(name).parts
        if within[:1] not in PARTS or ".." in within:  # a changed set must not write over other files of this machine
            raise BackupFailed(f"{made} is no backup of ours: {MANIFEST} names {name!r}.")
        if not (made / name).is_file() or _hash(made / name) != sha256:
            raise BackupFailed(f"{made / name} is missing or not as it was written.")
    return manifest


def _manifest(made: Path) -> dict:
    """What the manifest says: when the set was made, and the hash of each file, the database among them. Raises
    BackupFailed."""
    try:
        manifest = json.loads((made / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BackupFailed(f"{made} is not a complete backup: {MANIFEST} cannot be read.") from error
    told = manifest if isinstance(manifest, dict) else {}
    if not (isinstance(told.get("files"), dict) and "audit.db" in told["files"] and "made_at" in told):
        raise BackupFailed(f"{made} is not a complete backup: {MANIFEST} does not say when it was made and of what.")
    return manifest


def restore(made: Path, settings, *, say) -> None:
    """Bring a set back to where the settings say; there must be no database: never over live data, nor over another
    secret key. Raises BackupFailed."""
    _refuse_outgrown(settings)
    database = Path(make_url(settings.database_url).database)
    # what a crash left beside a database would be played back into the restored one
    if any(Path(f"{database}{left}").exists() for left in ("", "-journal", "-wal", "-shm")):
        raise BackupFailed(f"{database.parent} already holds a database, or what one left; name an empty folder in "
                           "AUDIT_DATA.")
    manifest = check(made)
    key = settings.data / "secret-key"
    if key.exists() and _hash(key) != manifest["files"].get("secret-key"):
        raise BackupFailed(f"{key} is another key than that of the backup; move it elsewhere, or name an empty folder "
                           "in AUDIT_DATA.")
    part = database.with_name(f"{database.name}.partial")  # it comes last and whole: before that there is none
    for name in sorted(manifest["files"], key=lambda name: name == "audit.db"):
        target = settings.data / name
        if name == "audit.db":
            target = part
        elif name.startswith("blobs/"):
            target = Path(settings.blobs_url) / name.removeprefix("blobs/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made / name, target)  # not with its mode, which may be that of another time
        _sync(target)
    _refuse_broken(part)
    part.rename(database)
    _sync(database.parent)
    say(f"{len(manifest['files'])} files restored, made at {manifest['made_at']}")


def _refuse_broken(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        sound = connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    database.engine.dispose()
    if not sound:
        raise BackupFailed("The restored database does not pass SQLite's own check.")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
