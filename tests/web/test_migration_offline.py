"""From the schema of the first tablets to that of tablets without a network: every row survives, both ways in fit."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import DBAPIError

from audit_app.records import evidence, migrations
from audit_app.records.db import Base, Database
from audit_app.records.evidence import Answer, Markup, Meeting, Photo, Signature

AT = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
USER, AGENCY, ROUND, VISIT, ANSWER, PHOTO = (UUID(int=n) for n in range(1, 7))
OLD = {
    "user": {"id": USER, "name": "an", "full_name": "An", "title": "", "role": "inspector", "password_hash": "x",
             "created_at": AT},
    "agency": {"id": AGENCY, "code": "a", "name": "Phường", "name_fold": "phuong", "level": "X", "address": "",
               "valid_from": date(2025, 7, 1), "contact": "", "phone": "", "email": ""},
    "round": {"id": ROUND, "title": "Đợt", "decision": "", "starts_on": date(2026, 11, 1),
              "ends_on": date(2026, 11, 30), "tier": 1, "created_at": AT},
    "inspection": {"id": VISIT, "round_id": ROUND, "agency_id": AGENCY, "level": "X", "tier": 1, "state": "draft",
                   "planned_for": date(2026, 11, 20), "planned_at": "", "checklist_id": "mot-cua",
                   "checklist_version": 1, "submissions": 0, "answered": 0, "applicable": 0, "revision": 1},
    "answer": {"id": ANSWER, "seq": 1, "inspection_id": VISIT, "author_id": USER, "received_at": AT, "item": "BH01",
               "value": "dat", "choices": [], "note": "ghi chú cũ", "answered_at": AT},
    "photo": {"id": PHOTO, "seq": 1, "inspection_id": VISIT, "author_id": USER, "received_at": AT, "item": "BH01",
              "sha256": "a" * 64, "taken_at": AT, "source": "camera"},
}  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old_database(request, tmp_path):
    """A database as the first release left it, with a row in each table that an inspector fills."""
    if request.param == "postgres":
        database = Database(request.getfixturevalue("postgres_url"))
    else:
        database = Database(f"sqlite:///{tmp_path}/old.db")
    script = migrations._script()
    with database.writing.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for revision in ("0001", "0002"):
                script.get_revision(revision).module.upgrade()
        context.stamp(script, "0002")
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, row in OLD.items():
            table = tables.tables[name]
            types = {column.name: Base.metadata.tables[name].c[column.name].type for column in table.columns}
            values = {key: sa.bindparam(None, value, type_=types[key]) for key, value in row.items()}
            connection.execute(sa.insert(table).values(values))
    yield database
    database.engine.dispose()


def test_what_was_kept_before_is_there_afterwards_and_knows_all_before_it(old_database):
    assert migrations.current(old_database) == "0002" and migrations.upgrade(old_database)
    with old_database.transaction(writing=False) as db:
        answer, photo = db.get(Answer, ANSWER), db.get(Photo, PHOTO)
        assert (answer.value, answer.note, answer.seen, answer.received_at) == ("dat", "ghi chú cũ", None, AT)
        assert photo.sha256 == "a" * 64
    assert not migrations.upgrade(old_database)


def test_a_database_that_grew_up_is_what_the_tables_say(old_database):
    migrations.upgrade(old_database)
    with old_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_meetings_signatures_and_markup_are_only_added(old_database):
    migrations.upgrade(old_database)
    shared = {"inspection_id": VISIT, "author_id": USER, "seq": 1}
    meeting = Meeting(id=uuid4(), opened_at=AT, **shared)
    with old_database.transaction() as db:
        db.add(meeting)
        db.flush()
        db.add(Signature(id=uuid4(), meeting_id=meeting.id, role="lead", name="An", width=10, height=10, signed_at=AT,
                         digest="a" * 64, **shared))
        db.add(Markup(id=uuid4(), photo_id=PHOTO, made_at=AT, **shared))
    guarded = [table.__tablename__ for table in evidence.APPEND_ONLY]
    assert {"meeting", "signature", "markup", "answer"} <= set(guarded)
    for table in (Meeting.__table__, Signature.__table__, Markup.__table__, Answer.__table__):
        for change in (sa.delete(table), sa.update(table).values(seq=7)):
            with pytest.raises(DBAPIError, match="only added"), old_database.writing.begin() as connection:
                connection.execute(change)
