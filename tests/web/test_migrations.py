"""The schema's history: the steps make what the tables say, a step is all or nothing, evidence cannot be changed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from audit_app.records import evidence, migrations
from audit_app.records.db import Base, Database
from tests.factories import id_of
from tests.web.conftest import BACKENDS

KEYS = {"inspection_id": id_of("draft")}


@pytest.fixture(params=BACKENDS)
def empty(request, tmp_path):
    """A database in which nothing is."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else f"sqlite:///{tmp_path}/audit.db"
    database = Database(url)
    yield database
    database.engine.dispose()


def tables(database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names())


def test_the_steps_make_exactly_the_tables_of_the_house(empty):
    assert migrations.current(empty) is None and migrations.upgrade(empty)
    assert migrations.current(empty) == migrations.HEAD
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert tables(empty) == {*Base.metadata.tables, "alembic_version"}


def test_a_database_that_is_up_to_date_is_left_alone(empty):
    migrations.upgrade(empty)
    assert not migrations.upgrade(empty)


def test_every_step_has_one_step_before_it():
    steps = list(migrations._script().walk_revisions())
    assert len({step.down_revision for step in steps}) == len(steps)


def test_servers_that_start_together_do_not_get_into_each_others_way(empty):
    """Two web servers and two workers come up at once on an empty database: one builds, three find it built."""
    start = Barrier(4)
    patience = "&options=-clock_timeout%3D20s" if empty.engine.dialect.name == "postgresql" else ""

    def come_up(_) -> bool:
        database = Database(empty.url + patience)
        start.wait(30)
        try:
            return migrations.upgrade(database)
        finally:
            database.engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(come_up, range(4))) == [False, False, False, True]
    assert migrations.current(empty) == migrations.HEAD


def test_a_step_that_fails_half_way_leaves_the_database_as_it_was(empty, monkeypatch):
    script = migrations._script()
    last = script.get_revision(migrations.HEAD).module
    whole = last.upgrade

    def half():
        whole()
        raise OSError("the power went")

    monkeypatch.setattr(migrations, "_script", lambda: script)
    monkeypatch.setattr(last, "upgrade", half)
    with pytest.raises(OSError, match="the power went"):
        migrations.upgrade(empty)
    assert tables(empty) <= {"alembic_version"} and migrations.current(empty) is None
    monkeypatch.undo()
    assert migrations.upgrade(empty) and migrations.current(empty) == migrations.HEAD


# ── Evidence is only added ────────────────────────────────────────────────────────────────────────
def rows_of(database, table) -> list:
    with database.engine.connect() as connection:
        return sorted(map(repr, connection.execute(sa.select(table))))


@pytest.mark.parametrize("table", [table.__table__ for table in evidence.APPEND_ONLY], ids=str)
def test_nobody_changes_or_deletes_what_was_said_not_even_with_sql(database, table):
    """Who has the app's own connection in hand still cannot: the database refuses."""
    column = next(column for column in table.columns if not column.primary_key and not column.foreign_keys)
    before = rows_of(database, table)
    attempts = [sa.update(table).values({column.name: column}), sa.delete(table)]
    if database.engine.dialect.name == "postgresql":
        attempts.append(sa.text(f'TRUNCATE "{table.name}" CASCADE'))
    elif before:
        names = ", ".join(f'"{each.name}"' for each in table.columns)
        again = f'INSERT OR REPLACE INTO "{table.name}" ({names}) SELECT {names} FROM "{table.name}"'  # noqa: S608
        attempts.append(sa.text(again))
    for attempt in attempts:
        if not before and "TRUNCATE" not in str(attempt):
            continue
        with pytest.raises(DBAPIError, match="only added"), database.writing.begin() as connection:
            connection.execute(attempt)
    assert rows_of(database, table) == before


def test_all_evidence_is_guarded_and_nothing_that_must_move_is():
    guarded = {table.__tablename__ for table in evidence.APPEND_ONLY}
    assert guarded >= {"answer", "photo", "removal", "equipment_count", "remark", "verdict", "approval", "report",
                       "response", "event"}
    assert not guarded & {"inspection", "job", "user", "signed_in", "sign_in_try", "derivative"}
