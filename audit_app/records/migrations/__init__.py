"""The schema's history, run by Alembic configured in code: `upgrade`, `current`, `HEAD`."""

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from audit_app.config import WrongSetting
from audit_app.records.db import Database

HERE = Path(__file__).parent
TURN = 2543
"""The advisory lock that keeps servers which start together from building side by side."""


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


HEAD = _script().get_current_head()


def current(database: Database) -> str | None:
    """The step this database stands at; None when it is empty. Raises WrongSetting when a newer version of the app has
    built it: what this one does not know it can neither keep nor check."""
    with database.engine.connect() as connection:
        return _standing(MigrationContext.configure(connection), _script())


def _standing(context: MigrationContext, script: ScriptDirectory) -> str | None:
    standing = context.get_current_revision()
    if standing not in (None, *(step.revision for step in script.walk_revisions())):
        raise WrongSetting(f"AUDIT_DATA or AUDIT_DATABASE_URL names a database at {standing}, which this version "
                           f"of the app (at {HEAD}) does not know; start the version that built it, or a newer one")
    return standing


def behind(connection: Connection) -> bool:
    """Whether this database is empty or at an earlier step than the app; steps are numbered."""
    return (MigrationContext.configure(connection).get_current_revision() or "") < HEAD


def upgrade(database: Database) -> bool:
    """Bring the schema to HEAD in one transaction: after a crash it is the old one or the new one.

    Returns whether anything had to be done. Raises WrongSetting when a newer version of the app has built it.
    """
    script = _script()
    with database.writing.begin() as connection:
        take_turn(connection)
        context = MigrationContext.configure(connection)
        standing = _standing(context, script)
        steps = [step for step in script.iterate_revisions(HEAD, standing or "base") if step.revision != standing]
        with Operations.context(context):
            for step in reversed(steps):
                step.module.upgrade()
        if steps:
            context.stamp(script, HEAD)
        return bool(steps)


def take_turn(connection: Connection) -> None:
    """Wait until no other server that starts is building; one's own turn ends with the transaction."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(select(func.pg_advisory_xact_lock(TURN)))
