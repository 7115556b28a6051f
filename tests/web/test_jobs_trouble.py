"""Work that meets trouble: taken up again, waited for, given up after some tries, and never told by two."""

import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from audit_app.actions import jobs, setup
from audit_app.records.db import now as utc_now
from audit_app.records.work import Job
from audit_app.rules.problems import Busy, NoRoom, PhotoUnreadable, StoreAway
from tests.web.test_jobs import ask, later, row

FULL = OSError(errno.ENOSPC, "no space left for temporary files")


@pytest.mark.parametrize("away", [StoreAway, NoRoom, lambda: FULL], ids=["store", "room", "temporary files"])
def test_what_is_away_for_hours_is_waited_for(database, tools, work, away):
    """A store that is silent, a disk that is full: somebody mends it, and nobody has to run the work again by hand."""
    work.broken = [away() for _ in range(40)]
    id = ask(database)
    for hours in range(41):
        with later(hours=hours + 1):
            assert row(database, id).state == "queued"
            jobs.run(tools, id)
    assert row(database, id).state == "done" and len(work.done) == 1


def test_who_waits_for_what_is_away_waits_longer_each_time_but_never_for_ever(database, tools, work):
    work.broken, waits = [StoreAway() for _ in range(12)], []
    id = ask(database)
    for hours in range(12):
        with later(hours=hours + 1):
            jobs.run(tools, id)
            waits.append((row(database, id).lease_until - utc_now()).total_seconds())
    assert waits[0] < waits[3] < waits[6] and max(waits) <= jobs.PAUSE.total_seconds()


def test_what_fails_for_no_clear_reason_is_tried_again_and_then_says_why(database, tools, work):
    id = ask(database)
    work.broken = [OSError("ổ đĩa kêu"), OSError("ổ đĩa kêu"), OSError("ổ đĩa chết")]
    jobs.run(tools, id)
    assert (row(database, id).state, row(database, id).attempts) == ("queued", 1)
    assert jobs.drain(tools) == 0, "not all tries at once: what is broken now may be mended in a moment"
    for hours in (1, 2):
        with later(hours=hours):
            assert jobs.drain(tools) == 1
    failed = row(database, id)
    assert (failed.state, failed.attempts) == ("failed", 3) and "ổ đĩa chết" in failed.error
    assert jobs.drain(tools) == 0, "what failed for good waits for a person"


def test_what_fails_for_a_reason_we_know_is_not_tried_again_and_says_it_in_words(database, tools, work):
    id = ask(database)
    work.broken = [PhotoUnreadable()]
    jobs.drain(tools)
    assert (row(database, id).state, row(database, id).attempts) == ("failed", 1)
    assert row(database, id).error == PhotoUnreadable().message


def test_work_for_which_the_machine_had_no_time_is_tried_again(database, tools, work):
    work.broken, id = [Busy()], ask(database)
    jobs.run(tools, id)
    assert row(database, id).state == "queued" and jobs.run(tools, id) and row(database, id).state == "done"


def test_work_that_nobody_knows_how_to_do_fails_and_is_not_lost(database, tools):
    with database.transaction() as db:
        id = jobs.submit(db, "unheard of", key="x").id
    for hours in range(jobs.TRIES):
        with later(hours=hours):
            jobs.drain(tools)
    assert row(database, id).state == "failed" and "unheard of" in row(database, id).error


def test_the_work_of_a_worker_that_was_killed_is_taken_up_when_its_lease_is_over(database, tools, work):
    id = ask(database)
    with database.transaction() as db:
        assert jobs.claim(db, id)  # and then its worker is killed
    assert jobs.run(tools, id) is False, "its worker might still be alive"
    with database.transaction(writing=False) as db:
        assert jobs.due(db) == []
    with later(seconds=61):
        with database.transaction(writing=False) as db:
            assert id in jobs.due(db), "the reaper finds it"
        assert jobs.run(tools, id) is True
    assert row(database, id).state == "done" and row(database, id).attempts == 2


def test_the_work_of_a_worker_that_was_killed_does_not_wait_until_a_clock_is_again_what_it_was(database, tools, work):
    id = ask(database)
    with later(hours=3), database.transaction() as db:
        assert jobs.claim(db, id)  # its worker is killed, and then the clock is set back
    with database.transaction(writing=False) as db:
        assert id in jobs.due(db), "the reaper finds it"
    assert jobs.run(tools, id) is True and row(database, id).state == "done"


def test_work_that_pauses_does_not_wait_until_a_clock_is_again_what_it_was(database, tools, work):
    work.broken, id = [StoreAway()], ask(database)
    with later(hours=3):
        jobs.run(tools, id)
    assert jobs.drain(tools) == 1 and row(database, id).state == "done"


def test_work_that_kills_every_worker_is_given_up_and_says_so(database, tools, work):
    """A photo that eats the memory of the machine must not take down one worker after the other for ever."""
    id = ask(database)
    for hours in range(jobs.TRIES):
        with later(hours=hours), database.transaction() as db:
            assert jobs.claim(db, id)  # and then its worker is killed
    with later(hours=jobs.TRIES):
        assert jobs.run(tools, id) is False and work.done == []
        with database.transaction(writing=False) as db:
            assert jobs.due(db) == []
    assert row(database, id).state == "failed" and "the worker died 3 times" in row(database, id).error
    with database.transaction() as db:
        jobs.rerun(db, db.get(Job, id))
    assert jobs.drain(tools) == 1 and row(database, id).state == "done", "a person may try it again"


def test_waiting_for_what_is_away_uses_up_none_of_the_tries(database, tools, work):
    work.broken = [StoreAway(), StoreAway(), NoRoom(), StoreAway(), OSError("ổ đĩa kêu"), StoreAway(), OSError("kêu")]
    id = ask(database)
    for hours in range(8):
        with later(hours=hours):
            jobs.run(tools, id)
    assert row(database, id).state == "done" and row(database, id).attempts == 8


def test_a_slow_worker_that_is_alive_keeps_its_work(database, tools, work, monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=1.5))  # a heartbeat every half second
    begun, go_on, seen = Event(), Event(), []

    def wait_inside(job, progress):
        begun.set()
        assert go_on.wait(30)

    work.inside = wait_inside
    id = ask(database)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(jobs.run, tools, id)
        assert begun.wait(30)
        first = row(database, id).lease_until
        while (now := row(database, id).lease_until) == first:
            assert not slow.done()
        seen.append(now)
        go_on.set()
        assert slow.result() is True
    assert seen[0] > first


def test_a_heartbeat_goes_on_when_the_database_was_away_for_one_beat(database, tools, work, monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=1.5))
    away, go_on = Event(), Event()

    def fail_once(connection, cursor, statement, *more) -> None:
        if statement.startswith("UPDATE job") and threading.current_thread() is not worker[0] and not away.is_set():
            away.set()
            raise OperationalError(statement, {}, OSError("the database is away"))

    def wait_inside(job, progress):
        worker.append(threading.current_thread())
        event.listen(database.engine, "before_cursor_execute", fail_once)
        assert go_on.wait(30)

    worker, work.inside, id = [], wait_inside, ask(database)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(jobs.run, tools, id)
        assert away.wait(30)
        first = row(database, id).lease_until
        while row(database, id).lease_until == first and utc_now() < first + timedelta(seconds=30):
            assert not slow.done()
        beaten = row(database, id).lease_until > first
        go_on.set()
        assert slow.result() is True and beaten


@pytest.mark.parametrize("ends", [None, OSError("too late"), PhotoUnreadable()], ids=["well", "badly", "for good"])
def test_a_worker_that_was_taken_for_dead_says_nothing_of_what_another_does_now(database, tools, work, ends):
    def lose_it(job, progress):
        with later(seconds=61), database.transaction() as db:
            assert jobs.claim(db, job.id).attempts == 2
        with pytest.raises(jobs.TakenOver):
            progress(95)
        if ends:
            raise ends

    work.inside, id = lose_it, ask(database)
    assert jobs.run(tools, id) is False
    now_there = row(database, id)
    assert (now_there.state, now_there.attempts, now_there.progress, now_there.error) == ("running", 2, 0, "")


def test_work_that_a_person_broke_off_is_taken_up_at_once_and_has_lost_no_try(database, tools, work):
    work.broken, id = [KeyboardInterrupt() for _ in range(jobs.TRIES)], ask(database)
    for _ in range(jobs.TRIES):
        with pytest.raises(KeyboardInterrupt):
            jobs.run(tools, id)
        with database.transaction(writing=False) as db:
            assert id in jobs.due(db)
    assert jobs.drain(tools) == 1 and row(database, id).state == "done"


def test_whoever_works_beside_a_development_server_outlives_a_moment_without_the_database(database, tools, work):
    away = Event()

    def fail_once(connection, cursor, statement, *more) -> None:
        if not away.is_set() and threading.current_thread() is not threading.main_thread():
            away.set()
            raise OperationalError(statement, {}, OSError("the database is away"))

    done = Event()
    work.inside = lambda job, progress: done.set()
    ask(database)
    event.listen(database.engine, "before_cursor_execute", fail_once)
    end = setup.work_in_a_thread(tools)
    assert away.wait(30) and done.wait(30)
    end()


def test_a_queue_in_trouble_keeps_nobody_from_working(app, database, tools, work):
    """The photo is kept, the row is there; the reaper tells a worker later."""
    queue = app.extensions["queue"]
    queue.huey.storage.close()
    queue.huey.storage.filename = "/nonexistent/queue.db"
    id = ask(database)
    assert row(database, id).state == "queued" and jobs.drain(tools) == 1
