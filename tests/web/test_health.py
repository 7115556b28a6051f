"""What /healthz says to whoever watches over the house."""

from datetime import timedelta

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import event, text

from audit_app.actions import jobs
from audit_app.records.db import Database, now


def test_a_database_that_is_still_to_be_migrated_does_not_answer(nobody, database):
    with database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    nobody.troubled = True
    answer = nobody.get("/healthz")
    assert answer.status_code == 503 and answer.json["database"] is False


def test_work_that_nobody_looks_after_is_said(nobody, database):
    assert nobody.get("/healthz").json["work"] is True
    with database.transaction() as db:
        jobs.submit(db, "shrink", key="forgotten").lease_until = now() - timedelta(hours=1)
    answer = nobody.get("/healthz")
    assert answer.status_code == 200 and answer.json["work"] is False


def test_a_disk_that_takes_no_more_photos_is_said(nobody, monkeypatch):
    monkeypatch.setattr("audit_app.web.health.FLOOR", 10**30)
    answer = nobody.get("/healthz")
    assert answer.status_code == 200 and answer.json["room"] is False


@pytest.mark.parametrize(("more", "seconds"), [("", 10), ("?connect_timeout=3", "3")])
def test_a_postgresql_that_is_silent_is_not_waited_for_without_end(more, seconds):
    """Neither at a new connection nor at an old one, whose host takes packets and answers none."""
    asked = {}

    def connect(_dialect, _record, _words, options):
        asked.update(options)
        raise ConnectionError

    database = Database(f"postgresql+psycopg://a@127.0.0.1:9/x{more}")
    event.listen(database.engine, "do_connect", connect)
    with pytest.raises(ConnectionError), database.transaction(writing=False) as db:
        db.connection()
    assert asked["connect_timeout"] == seconds and {"keepalives_idle", "tcp_user_timeout"} < asked.keys()


@pytest.mark.parametrize("more", ["", "?connect_timeout=3"])
def test_a_queue_that_is_silent_is_not_waited_for_without_end(more, monkeypatch):
    asked = {}

    def connect(address, **options):
        asked.update(conninfo_to_dict(address, **options))
        raise ConnectionError

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(ConnectionError):
        jobs.Queue(f"postgresql+psycopg://a@127.0.0.1:9/x{more}")
    assert str(asked["connect_timeout"]) == ("3" if more else "10")
    assert {"keepalives_idle", "tcp_user_timeout"} < asked.keys()


def test_a_queue_whose_server_was_started_again_answers_and_takes_work_at_once(postgres_url, postgres_cluster):
    queue = jobs.Queue(postgres_url)
    for ask in (queue.healthy, lambda: queue.send(1)):
        assert queue.healthy()
        with postgres_cluster.open("postgres", autocommit=True) as administrator:
            administrator.execute("SELECT pg_terminate_backend(%s, 10000)", [queue.huey.storage.conn.info.backend_pid])
        ask()
    assert queue.huey.pending_count() == 1
    queue.huey.storage.close()
