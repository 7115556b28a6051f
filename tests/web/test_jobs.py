"""Work in the background: done once whoever does it, done after all when a worker died, and never silently given up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import func, select

from audit_app.actions import jobs
from audit_app.records.db import now as utc_now
from audit_app.records.evidence import Derivative
from audit_app.records.work import Job
from audit_app.rules.problems import JobNotFailed, NoRoom, PhotoUnreadable, StoreAway
from tests.factories import RETURNED_ITEM, hash_of, id_of, photo, picture

time_machine = pytest.importorskip("time_machine", reason="time-machine is in tests/requirements.txt")

DRAFT = id_of("draft")


@pytest.fixture
def work(monkeypatch):
    """A kind of work for these tests: counts who was done, and fails while `broken` says so."""
    class Work:
        def __init__(self):
            self.done, self.broken, self.inside = [], [], None

        def __call__(self, tools, job, progress):
            if self.inside:
                self.inside(job, progress)
            if self.broken:
                raise self.broken.pop(0)
            self.done.append(job.id)

    doing = Work()
    monkeypatch.setitem(jobs.HANDLERS, "test", doing)
    return doing


def ask(database, *, key: str = "one") -> int:
    with database.transaction() as db:
        return jobs.submit(db, "test", key=key, payload={"n": 1}).id


def row(database, id: int) -> Job:
    with database.transaction(writing=False) as db:
        return db.get(Job, id)


def later(**ahead):
    return time_machine.travel(datetime.now().astimezone() + timedelta(**ahead))


def test_asking_twice_under_one_key_is_asking_once(database, tools, work):
    assert ask(database) == ask(database)
    assert jobs.drain(tools) == 1 and len(work.done) == 1
    ask(database)
    assert jobs.drain(tools) == 0, "what is done is not done again"


def test_work_asked_for_in_a_transaction_that_fails_was_never_asked_for(database, tools, work):
    with pytest.raises(ZeroDivisionError), database.transaction() as db:
        jobs.submit(db, "test", key="never")
        raise ZeroDivisionError
    assert jobs.drain(tools) == 0 and work.done == []


def test_a_worker_hears_of_work_only_once_it_is_on_disk(database, work, monkeypatch):
    heard = []

    def hear(id: int) -> None:
        heard.append(row(database, id).state)

    monkeypatch.setattr(database, "send", hear)
    ask(database)
    assert heard == ["queued"]


@pytest.mark.parametrize("away", [StoreAway, NoRoom])
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


def test_a_worker_started_later_has_a_queue_connection_of_its_own(tools):
    """The reaper sends in the process from which a worker is forked that takes the place of a dead one."""
    at = tools.settings.queue_url if tools.settings.embedded else tools.settings.database_url
    queue = jobs.Queue(at)
    queue.send(1)
    of_the_parent, lock = queue.huey.storage.conn, queue.huey.storage.lock
    queue._own_connections(tools)
    assert queue.huey.storage.conn is not of_the_parent and queue.huey.storage.lock is not lock
    assert queue.healthy()
    of_the_parent.close()
    if not tools.settings.embedded:
        for table in ("kv", "schedule", "task", "counter"):
            queue.huey.storage.sql(f"drop table if exists huey_{table}", commit=True)
    queue.huey.storage.close()


def test_two_workers_never_get_the_same_work(database, tools, work):
    ids = [ask(database, key=f"n{number}") for number in range(12)]
    start = Barrier(4)

    def take_all(_) -> list[int]:
        start.wait(30)
        return [id for id in ids if jobs.run(tools, id)]

    with ThreadPoolExecutor(4) as pool:
        taken = [id for mine in pool.map(take_all, range(4)) for id in mine]
    assert sorted(taken) == sorted(ids) == sorted(work.done)


def test_what_fails_for_no_clear_reason_is_tried_again_and_then_says_why(database, tools, work):
    id = ask(database)
    work.broken = [OSError("ổ đĩa kêu"), OSError("ổ đĩa kêu"), OSError("ổ đĩa chết")]
    jobs.run(tools, id)
    assert (row(database, id).state, row(database, id).attempts) == ("queued", 1)
    assert jobs.drain(tools) == 2
    failed = row(database, id)
    assert (failed.state, failed.attempts) == ("failed", 3) and "ổ đĩa chết" in failed.error
    assert jobs.drain(tools) == 0, "what failed for good waits for a person"


def test_what_fails_for_a_reason_we_know_is_not_tried_again_and_says_it_in_words(database, tools, work):
    id = ask(database)
    work.broken = [PhotoUnreadable()]
    jobs.drain(tools)
    assert (row(database, id).state, row(database, id).attempts) == ("failed", 1)
    assert row(database, id).error == PhotoUnreadable().message


def test_work_that_nobody_knows_how_to_do_fails_and_is_not_lost(database, tools):
    with database.transaction() as db:
        id = jobs.submit(db, "unheard of", key="x").id
    jobs.drain(tools)
    assert row(database, id).state == "failed" and "unheard of" in row(database, id).error


def test_a_person_lets_failed_work_run_again_but_not_work_that_did_not_fail(database, tools, work):
    id = ask(database)
    work.broken = [PhotoUnreadable()]
    jobs.drain(tools)
    with database.transaction() as db:
        jobs.rerun(db, db.get(Job, id))
    assert jobs.drain(tools) == 1 and row(database, id).state == "done" and row(database, id).error == ""
    with pytest.raises(JobNotFailed), database.transaction() as db:
        jobs.rerun(db, db.get(Job, id))


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


def test_a_message_that_the_queue_lost_is_sent_again_by_the_reaper(database, tools, work):
    id = ask(database)
    with later(seconds=61), database.transaction(writing=False) as db:
        assert id in jobs.due(db)


def test_work_that_only_waits_for_its_turn_is_not_sent_again_at_every_look(database, work, tmp_path):
    queue = jobs.Queue(f"sqlite:///{tmp_path}/queue.db")
    ask(database)
    with later(seconds=61):
        queue.remind(database)
        queue.remind(database)
        assert queue.huey.pending_count() == 1
    with later(seconds=125):
        queue.remind(database)
        assert queue.huey.pending_count() == 2, "it may have been lost"


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


def test_progress_is_seen_by_whoever_watches_while_the_work_goes_on(database, tools, work):
    seen = []

    def half(job, progress):
        progress(50)
        seen.append((row(database, job.id).state, row(database, job.id).progress))

    work.inside = half
    id = ask(database)
    jobs.drain(tools)
    assert seen == [("running", 50)] and row(database, id).progress == 100


def test_a_queue_in_trouble_keeps_nobody_from_working(app, database, tools, work):
    """The photo is kept, the row is there; the reaper tells a worker later."""
    queue = app.extensions["queue"]
    queue.huey.storage.close()
    queue.huey.storage.filename = "/nonexistent/queue.db"
    id = ask(database)
    assert row(database, id).state == "queued" and jobs.drain(tools) == 1


# ── Smaller pictures ──────────────────────────────────────────────────────────────────────────────
def pictures_of(database, sha256: str) -> dict[int, tuple[int, int]]:
    with database.transaction(writing=False) as db:
        rows = db.scalars(select(Derivative).where(Derivative.source == sha256, Derivative.inspection_id == DRAFT))
        return {made.edge: (made.width, made.height) for made in rows}


@pytest.mark.parametrize("first", ["row", "bytes"])
def test_smaller_pictures_are_made_once_whichever_comes_first(an, database, tools, first):
    data = picture(seed=91, width=2400, height=1600, orientation=6)
    steps = {"row": lambda: an.rows(DRAFT, photos=[photo(RETURNED_ITEM, hash_of(data))]),
             "bytes": lambda: an.put(DRAFT, data)}
    for step in (steps[first], steps["bytes" if first == "row" else "row"], steps["bytes"]):
        assert step().status_code in (200, 201)
    jobs.drain(tools)
    assert pictures_of(database, hash_of(data)) == {1600: (1067, 1600), 1200: (800, 1200), 320: (213, 320)}
    with database.transaction(writing=False) as db:
        key = f"shrink:{DRAFT}:{hash_of(data)}"
        assert db.scalar(select(func.count()).select_from(Job).where(Job.key == key)) == 1


def test_a_picture_made_twice_is_there_once(an, database, tools):
    from audit_app.actions import pictures

    data = picture(seed=92)
    an.put(DRAFT, data)
    an.rows(DRAFT, photos=[photo(RETURNED_ITEM, hash_of(data))])
    jobs.drain(tools)
    before = pictures_of(database, hash_of(data))
    pictures.shrink(tools, Job(inspection_id=DRAFT, payload={"sha256": hash_of(data)}), lambda _: None)
    assert pictures_of(database, hash_of(data)) == before and len(before) == 3
