"""Doing what must follow: the only door to Huey.

The `job` row, written in the same commit as its cause, is the truth; Huey only carries its id and may lose it.
A lease with a heartbeat turns at-most-once into at-least-once, so every handler does its work once when run twice.
"""

import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from huey import PostgresHuey, RedisHuey, SqliteHuey
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from audit_app.config import WrongSetting
from audit_app.media.blobs import roomy
from audit_app.records.db import Database, after_commit, now, patience
from audit_app.records.work import Job
from audit_app.rules.problems import Busy, JobNotFailed, NoRoom, Problem, StoreAway, WorkBroke

LEASE = timedelta(seconds=60)
TRIES = 3
PR_SET_PDEATHSIG = 1  # prctl(2)
PASSING, LASTING, PAUSE = (NoRoom, StoreAway, OperationalError), 300, timedelta(minutes=5)
"""What goes by itself or by somebody's hand: tried LASTING times with pauses of up to PAUSE: about a day."""
WAITED = "waited"
"""Where a job's payload counts these times; they are none of its TRIES."""
log = logging.getLogger(__name__)
HANDLERS: dict[str, Callable] = {}


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What handlers work with."""

    database: Database
    blobs: object
    catalogue: object
    templates: object
    settings: object


def handler(name: str):
    """Register `function(tools, job, progress)`; `progress(per_cent)` is told to whoever watches."""
    def keep(function):
        HANDLERS[name] = function
        return function

    return keep


def submit(db: Session, name: str, *, key: str, inspection_id=None, payload: dict | None = None) -> Job:
    """Ask for work, inside the transaction that causes it. The same `key` again is the same job."""
    same = select(Job).where(Job.key == key)
    found = db.scalar(same)
    if found is None:
        found = Job(name=name, key=key, inspection_id=inspection_id, payload=payload or {}, lease_until=now() + LEASE)
        try:
            with db.begin_nested():
                db.add(found)
        except IntegrityError:  # somebody else asked for it in between, as happens where writers do not take turns
            found = db.scalars(same).one()
    _send_after_commit(db, found.id)
    return found


def rerun(db: Session, job: Job) -> None:
    """Let a failed job try again. Raises JobNotFailed."""
    if job.state != "failed":
        raise JobNotFailed()
    job.state, job.attempts, job.error, job.progress, job.lease_until = "queued", 0, "", 0, now() + LEASE
    job.payload = {name: value for name, value in job.payload.items() if name != WAITED}
    _send_after_commit(db, job.id)


def _send_after_commit(db: Session, id: int) -> None:
    send = db.info.get("send")
    if send is not None:
        after_commit(db, lambda: send(id))


def _run_out() -> ColumnElement[bool]:
    """Whether the lease or pause of a job is over. One that ends later than any can was given before the clock was set
    back: it counts as over, else a dead worker's job would wait for as long as that was."""
    return or_(Job.lease_until < now(), Job.lease_until > now() + max(LEASE, PAUSE))


def claim(db: Session, id: int) -> Job | None:
    """Take this job, if it waits or its worker died. Two workers never get the same.

    One that ended a worker at each of its TRIES is not tried again: it fails, and says why.
    """
    free = or_(Job.state == "queued", and_(Job.state == "running", _run_out()))
    took = db.execute(update(Job).where(Job.id == id, free).values(
        state="running", attempts=Job.attempts + 1, lease_until=now() + LEASE, error=""))
    if not took.rowcount:
        return None
    job = db.get(Job, id, populate_existing=True)
    if job.attempts - job.payload.get(WAITED, 0) > TRIES:
        job.state, job.error = "failed", WorkBroke(why=f"the worker died {TRIES} times at {job.name}").message
        return None
    return job


def run(tools: Tools, id: int) -> bool:
    """Claim, do, say how it went. Returns whether this call did it."""
    with tools.database.transaction() as db:
        job = claim(db, id)
    if job is None:
        return False
    try:
        with roomy(), _heartbeat(tools.database, job):
            HANDLERS[job.name](tools, job, lambda done: _progress(tools.database, job, done))
    except Exception as error:  # whatever a handler meets must end in the row, not in a lost job
        return _failed(tools.database, job, error)
    except KeyboardInterrupt:  # Ctrl-C: whoever comes next takes it up at once
        _tell(tools.database, job, state="queued", lease_until=now(), payload=_waited(job))
        raise
    return _tell(tools.database, job, state="done", done_at=now(), progress=100)


def _tell(database: Database, job: Job, **how) -> bool:
    """Write into the row of a job how it goes; whether it is still this claim's. Another worker may have taken it
    over when this one was silent for longer than its lease: then nothing is written."""
    mine = (Job.id == job.id) & (Job.state == "running") & (Job.attempts == job.attempts)
    with database.transaction() as db:
        return bool(db.execute(update(Job).where(mine).values(**how)).rowcount)


def _failed(database: Database, job: Job, error: Exception) -> bool:
    log.error("job %s %s failed: %r", job.id, job.name, error, exc_info=error)
    passing = isinstance(error, PASSING)
    waited = job.payload.get(WAITED, 0) + passing
    known = isinstance(error, Problem) and not isinstance(error, Busy)
    final = waited >= LASTING if passing else known or job.attempts - waited >= TRIES
    problem = error if isinstance(error, Problem) else WorkBroke(why=f"{type(error).__name__}: {error}"[:1800])
    wait = timedelta() if final else min(PAUSE, timedelta(seconds=2 ** min(job.attempts, 20)))
    return _tell(database, job, state="failed" if final else "queued", error=problem.message, lease_until=now() + wait,
                 payload=_waited(job) if passing else job.payload)


def _waited(job: Job) -> dict:
    """The payload of a job of which one try more does not count."""
    return job.payload | {WAITED: job.payload.get(WAITED, 0) + 1}


class TakenOver(Exception):
    """Another worker has this job by now: this one is to stop."""


def _progress(database: Database, job: Job, done: int) -> None:
    if not _tell(database, job, progress=min(done, 99), lease_until=now() + LEASE):
        raise TakenOver()


@contextmanager
def _heartbeat(database: Database, job: Job):
    """Keep the lease while the work goes on, so that nobody takes a slow job for a dead one."""
    stop = threading.Event()

    def beat():
        while not stop.wait(LEASE.total_seconds() / 3):
            try:
                _tell(database, job, lease_until=now() + LEASE)
            except Exception:  # a database that is away now comes back; the next beat must come then
                log.exception("heartbeat of job %s", job.id)

    pulse = threading.Thread(target=beat, daemon=True)
    pulse.start()
    try:
        yield
    finally:
        stop.set()
        pulse.join()


def due(db: Session, *, waiting: bool = False) -> list[int]:
    """Jobs whose lease or pause ran out: never sent, lost on the way, failed before, or their worker was killed.

    `waiting`: also those that nobody has tried yet.
    """
    late = Job.state.in_(("queued", "running")) & _run_out()
    wanted = or_(late, (Job.state == "queued") & (Job.attempts == 0)) if waiting else late
    return list(db.scalars(select(Job.id).where(wanted).order_by(Job.id)))


def drain(tools: Tools) -> int:
    """Do everything that waits, here and now, until nothing is left; how many were done. What fails has its pause."""
    count = 0
    while True:
        with tools.database.transaction(writing=False) as db:
            ids = due(db, waiting=True)
        done = sum(run(tools, id) for id in ids)
        if not done:
            return count
        count += done


def _end_with_parent() -> None:
    """In a child just forked: the kernel ends it when its parent is killed, else it would work on beside those that
    take its place, with old code perhaps. What it had begun is done again when its lease has run out."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Queue:
    """Carries job ids to workers: SQLite by default, PostgreSQL or Redis when outgrown. Raises WrongSetting for a URL
    with options that Redis does not know."""

    def __init__(self, url: str):
        if url.startswith("postgresql"):
            self.huey = PostgresHuey("audit", dsn=url.replace("+psycopg", ""), results=False, **patience(url))
        elif url.startswith("redis"):
            try:
                self.huey = RedisHuey("audit", url=url, results=False)
            except ValueError as error:
                raise WrongSetting("AUDIT_QUEUE_URL is no address such as redis://db:6379/0") from error
        else:
            self.huey = SqliteHuey("audit", filename=url.removeprefix("sqlite:///"), results=False, fsync=True)
        self.tools: Tools | None = None
        self.task = self.huey.task(name="run_job")(lambda id: run(self.tools, id))

    def send(self, id: int) -> None:
        """Tell a worker; when the queue itself is in trouble the reaper will tell it later."""
        try:
            self._ask(lambda: self.task(id))
        except Exception:  # any engine, any trouble: the job row is safe
            log.exception("queue did not take job %s", id)

    def remind(self, database: Database) -> None:
        """Tell workers of what they may not know of; what waits only for its turn is not told again within a lease."""
        with database.transaction(writing=False) as db:
            ids = due(db)
        if ids:
            with database.transaction() as db:
                db.execute(update(Job).where(Job.id.in_(ids), Job.state == "queued").values(lease_until=now() + LEASE))
        for id in ids:
            self.send(id)

    def healthy(self) -> bool:
        """Whether the queue answers."""
        self._ask(self.huey.pending_count)
        return True

    def _ask(self, do: Callable):
        """Ask the queue, and once more where only this showed that PostgreSQL was started again since the last time:
        the next connection is a new one. A job that is thereby sent twice is still done once."""
        try:
            return do()
        except psycopg.OperationalError:
            old = self.huey.storage._conn
            if old is None or not old.closed:  # it answers, or no new one could be had
                raise
            return do()

    def work(self, tools: Tools, *, workers: int = 2) -> None:
        """Work for ever, with a reaper beside; ends on SIGTERM after the current jobs."""
        self.tools = tools
        os.register_at_fork(after_in_child=_end_with_parent)
        self.huey.on_startup(name="own_connections")(lambda: self._own_connections(tools))
        threading.Thread(target=self._reap, args=(tools.database,), daemon=True).start()
        self.huey.create_consumer(workers=workers, worker_type="process", initial_delay=0.05, backoff=1.1,
                                  max_delay=0.5, check_worker_health=True, health_check_interval=5,
                                  graceful_signal="TERM").run()

    def _own_connections(self, tools: Tools) -> None:
        """A forked worker must not share its parent's connections: on PostgreSQL results get mixed up. Neither those
        of the rows nor, where a later worker is forked, that through which the reaper has sent; nor its lock."""
        tools.database.engine.dispose(close=False)
        store = self.huey.storage
        if getattr(store, "_conn", None) is not None:
            self.parents = store._conn  # kept, not closed: to close it would end it for the parent as well
            store._conn, store.lock = None, threading.Lock()

    def _reap(self, database: Database) -> None:
        pause, served_by = threading.Event(), int(os.environ.get("AUDIT_SERVED_BY", 0))
        while not pause.wait(2):
            if served_by and os.getppid() != served_by:  # killed: who starts in its place brings a worker of its own
                os.kill(os.getpid(), signal.SIGTERM)
                return
            try:
                self.remind(database)
            except Exception:  # a database that is away now comes back; the reaper must be there then
                log.exception("reaper")
