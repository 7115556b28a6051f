"""The database: one engine, one way to open a transaction, the only commit in the house."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import DateTime, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from audit_app.config import WrongSetting

BUSY_SECONDS = 10
PATIENCE = {"connect_timeout": 10, "tcp_user_timeout": 25_000, "keepalives_idle": 10, "keepalives_interval": 5,
            "keepalives_count": 3}
"""For libpq (seconds; milliseconds for what was sent and is not received): a host that takes packets and answers none
is given up after 10 seconds at a new connection, after 25 at an old one. An answer may take as long as it takes."""

ONLY_READS = "25006"  # as PostgreSQL says it


class Base(DeclarativeBase):
    """Root of the tables; the names of constraints are the same on both databases."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    })


class Moment(TypeDecorator):
    """A time that knows its zone, kept in UTC (SQLite itself would forget the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Database:
    """One engine. `transaction()` is the only way in. Raises WrongSetting for a URL that is no address."""

    def __init__(self, url: str):
        self.url = url
        self.send: Callable[[int], None] | None = None  # tells the queue of a new job, once it is committed
        try:
            where = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise WrongSetting("AUDIT_DATABASE_URL is no address such as postgresql+psycopg://audit@db/x") from error
        sqlite = where.get_backend_name() == "sqlite"
        more = {} if sqlite else {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True,
                                  "connect_args": patience(url)}
        # an error tells logs, and pages that show why work failed, what was asked, never what somebody typed
        self.engine = create_engine(url, json_serializer=_json, hide_parameters=True, **more)
        self.writing = self.engine.execution_options(writing=True)
        if sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "handle_error", _away, retval=True)

    @contextmanager
    def transaction(self, *, writing: bool = True) -> Iterator[Session]:
        """Return commits, raise rolls back; reading always rolls back. Nothing else says commit.

        What was read stays readable afterwards: rows are let go before a rollback would empty them.
        """
        engine = self.writing if writing else self.engine
        with Session(engine, expire_on_commit=False, info={"send": self.send}) as session:
            with session.begin() as going:
                try:
                    yield session
                except BaseException:
                    session.expunge_all()
                    raise
                if not writing:
                    session.expunge_all()
                    going.rollback()
            if writing:
                for do in session.info.pop("after_commit", ()):
                    do()


def patience(url: str) -> dict:
    """Options of a connection to PostgreSQL, but for those that its address names itself."""
    named = parse_qs(urlsplit(url).query)
    return {name: value for name, value in PATIENCE.items() if name not in named}


def after_commit(session: Session, do: Callable[[], None]) -> None:
    """Have `do` called once the transaction of `session` is safely on disk."""
    session.info.setdefault("after_commit", []).append(do)


def _json(value) -> str:
    """Vietnamese stays readable, so that a path query finds it on SQLite."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _away(context):
    """A PostgreSQL that only reads for now (its stand-in while the first is away, or its disk is full) is in trouble
    as one that is away is: the sender keeps its data and comes back, work waits."""
    if getattr(context.original_exception, "sqlstate", None) == ONLY_READS:
        return OperationalError(context.statement, None, context.original_exception, hide_parameters=True)
    return None


def _begin_sqlite(connection):
    """A writer takes its turn at once, so that what it has read stays true until it writes.

    Without this, SQLite fails a deferred transaction at its first write in spite of the busy timeout.
    """
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _prepare_sqlite(connection, _record):
    connection.isolation_level = None  # we say BEGIN ourselves
    # WAL before 3.51.3 can lose a reset race, and WAL+NORMAL loses acknowledged rows on power loss
    wal = sqlite3.sqlite_version_info >= (3, 51, 3)
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'TRUNCATE'}")
    connection.execute(f"PRAGMA synchronous={'FULL' if wal else 'EXTRA'}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA recursive_triggers=ON")  # else REPLACE deletes behind the backs of the triggers
