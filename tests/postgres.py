"""A throw-away PostgreSQL for the tests: a cluster in a temporary folder, a fresh database a test.

Debian's own binaries, never a system service: the server listens only on a socket inside its
folder, runs as an ordinary user, and ends and is removed with the tests, whatever ends them.
"""

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

OWNER = "audit"  # the name of the superuser inside the cluster

# Durability is what a server is for and what a throw-away one can do without.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}

# The server lives as long as this shell, and the shell as long as its standard input: when the
# tests end the pipe closes, and it closes too when they are killed. So nothing is left behind.
KEEPER = """
trap '' INT TERM HUP
"$1/pg_ctl" start --wait --silent -D "$2/data" -l "$2/log" -o "-k $2 $3" && echo ready && read -r nothing
"$1/pg_ctl" stop --mode=immediate --silent -D "$2/data"
rm -rf "$2"
"""


class Cluster:
    """A running server. `address` is the folder of its socket, `keeper` the process that ends and removes it."""

    def __init__(self, address: Path, keeper: int):
        self.address = address
        self.keeper = keeper

    def url(self, database: str) -> str:
        """What AUDIT_DATABASE_URL takes for this database."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.address}"

    def create(self, template: str = "template0") -> str:
        """Make a database and return its name. A template must have no open connection; it is copied whole."""
        name = f"test_{uuid4().hex}"
        # Copying files beats writing every page to the log when nothing is ever synced.
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, with whoever still holds on to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def open(self, database: str, **more) -> psycopg.Connection:
        """A connection of the superuser."""
        return psycopg.connect(host=str(self.address), user=OWNER, dbname=database, **more)

    def _run(self, statement: str, *names: str) -> None:
        with self.open("postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Reused:
    """One database for test after test, with the rows of a template again before each: thirty times as quick as a new
    copy. Whoever changed more than rows leaves it to be thrown away."""

    TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    SEQUENCES = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
    STATE = "SELECT {}, count(*), max(xmin::text::bigint) FROM {}"  # a row that is written gets a newer number
    SHAPE = """
        SELECT md5((SELECT string_agg(format('%s %s %s %s', c.relname, attname, atttypid, attnotnull), ','
                                      ORDER BY c.relname, attnum)
                      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relnamespace = 'public'::regnamespace)
                || (SELECT string_agg(format('%s %s %s', c.relname, tgname, tgenabled), ',' ORDER BY c.relname, tgname)
                      FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal))"""

    def __init__(self, cluster: Cluster, template: str):
        self.cluster, self.template, self.name, self.connection = cluster, template, None, None
        with cluster.open(template) as connection:
            self.shape = connection.execute(self.SHAPE).fetchone()
            self.sequences = connection.execute(self.SEQUENCES).fetchall()
            self.rows = {name: self._taken(connection, name) for name, in connection.execute(self.TABLES).fetchall()}
        self.states = sql.SQL(" UNION ALL ").join(
            sql.SQL(self.STATE).format(name, sql.Identifier(name)) for name in self.rows)

    def put_back(self) -> str:
        """Its name, once it holds what the template holds."""
        if self.name and not self._refilled():
            self.close()
        if not self.name:
            self.name = self.cluster.create(self.template)
            self.connection = self.cluster.open(self.name)
            self.connection.execute("SET session_replication_role = replica")  # no triggers, no order of tables
            self._note()
        return self.name

    def close(self) -> None:
        """Throw the database away."""
        if self.name:
            self.connection.close()
            self.cluster.drop(self.name)
            self.name = None

    @staticmethod
    def _taken(connection: psycopg.Connection, table: str) -> bytes:
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as out:
            return b"".join(out)

    def _note(self) -> None:
        self.state = set(self.connection.execute(self.states))
        self.connection.commit()

    def _refilled(self) -> bool:
        """Only the tables in which something has changed: to empty all of them takes longer than most tests."""
        connection = self.connection
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                           " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        if connection.execute(self.SHAPE).fetchone() != self.shape:
            return False
        for table, *_ in set(connection.execute(self.states)) - self.state:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as into:
                into.write(self.rows[table])
        for name, last, called in self.sequences:
            connection.execute("SELECT setval(quote_ident(%s)::regclass, %s, %s)", [name, last, called])
        self._note()
        return True


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them off the PATH, a folder a version; the newest wins."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = [str(path) for path in debian[-1:]] or [path for path in [shutil.which("initdb")] if path]
    return Path(found[0]).resolve().parent if found else None


def ordinary_user() -> str | None:
    """Who runs the server: ourselves; but initdb refuses root, and then Debian's `postgres` or at least `nobody`."""
    if os.geteuid() != 0:
        return getpass.getuser()
    known = {user.pw_name for user in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def why_not() -> str | None:
    """The reason why there can be no PostgreSQL here, or None."""
    if binaries() is None:
        return "no PostgreSQL server binaries (Debian: postgresql); `python3 -m audit_app test` installs them"
    if ordinary_user() is None:
        return "initdb refuses root, and there is no user postgres or nobody to run it as"
    return None


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A new cluster for as long as the block lasts."""
    # The system's own folder: a socket's path holds 107 bytes, and pytest's folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="audit-postgres-", dir="/tmp"))
    commands = _as_user(folder, ordinary_user())
    bin_folder = str(binaries())
    made = subprocess.run(
        [f"{bin_folder}/initdb", "-D", f"{folder}/data", "-U", OWNER, "--auth=trust", "--no-sync", "--no-instructions",
         "--encoding=UTF8", "--locale=C.UTF-8"],
        capture_output=True, text=True, **commands,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    settings = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in SETTINGS.items())
    keeper = subprocess.Popen(
        ["sh", "-c", KEEPER, "keeper", bin_folder, str(folder), settings],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True, **commands,
    )  # fmt: skip
    try:
        assert keeper.stdout.readline() == "ready\n", (folder / "log").read_text()
        yield Cluster(folder, keeper.pid)
    finally:
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(folder: Path, name: str) -> dict:
    """What subprocess needs so that a command runs as that user in that folder, in a locale that is always there."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if os.geteuid() != 0:
        return {"cwd": folder, "env": environment}
    user = pwd.getpwnam(name)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"cwd": folder, "env": environment, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One server for all tests of a worker; skips with the reason where there can be none."""
    if reason := why_not():
        pytest.skip(reason)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    name = postgres_cluster.create()
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)
