"""Work in the background: done once whoever does it, in any order, and seen by whoever watches."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import event, func, select

from audit_app.actions import jobs
from audit_app.records.evidence import Derivative
from audit_app.records.work import Job
from audit_app.rules.problems import JobNotFailed, PhotoUnreadable
from tests.factories import RETURNED_ITEM, hash_of, id_of, photo, picture

time_machine = pytest.importorskip("time_machine", reason="time-machine is in tests/requirements.txt")

DRAFT = id_of("draft")


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


def test_two_who_ask_for_the_same_at_the_same_time_ask_once(database, tools, work):
    """Two tablets send one photo at once: none of them is told of trouble."""
    if tools.settings.embedded:
        pytest.skip("SQLite has one writer at a time")
    asking = Event()

    def about_to_ask(connection, cursor, statement, *more):
        if statement.startswith("INSERT INTO job") and threading.current_thread() is not threading.main_thread():
            asking.set()

    event.listen(database.engine, "before_cursor_execute", about_to_ask)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as db:
            first = jobs.submit(db, "test", key="one", payload={"n": 1}).id
            second = pool.submit(ask, database)
            assert asking.wait(30)
        assert second.result(30) == first
    assert jobs.drain(tools) == 1


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


def test_a_person_lets_failed_work_run_again_but_not_work_that_did_not_fail(database, tools, work):
    id = ask(database)
    work.broken = [PhotoUnreadable()]
    jobs.drain(tools)
    with database.transaction() as db:
        jobs.rerun(db, db.get(Job, id))
    assert jobs.drain(tools) == 1 and row(database, id).state == "done" and row(database, id).error == ""
    with pytest.raises(JobNotFailed), database.transaction() as db:
        jobs.rerun(db, db.get(Job, id))


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


def test_progress_is_seen_by_whoever_watches_while_the_work_goes_on(database, tools, work):
    seen = []

    def half(job, progress):
        progress(50)
        seen.append((row(database, job.id).state, row(database, job.id).progress))

    work.inside = half
    id = ask(database)
    jobs.drain(tools)
    assert seen == [("running", 50)] and row(database, id).progress == 100


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


def test_many_papers_that_wait_do_not_push_the_day_off_chi_s_first_page(database, client_of):
    with database.transaction() as db:
        waiting = [jobs.submit(db, "issue_findings", key=f"paper {n}", inspection_id=id_of("issued")) for n in range(8)]
        waiting[-1].state, waiting[-1].progress = "running", 40
    page = client_of("chi").get("/").text
    assert page.count('<li class="line-job">') == 6 and "Và 3 việc nữa." in page
    assert page.index("Máy in hết giấy.") < page.index("Đã xong 40 phần trăm") < page.index("Đã xong 0 phần trăm")
