"""The throw-away PostgreSQL: really PostgreSQL, really fresh, really gone afterwards."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests import postgres

ROOT = Path(__file__).parents[2]


def test_a_test_gets_an_empty_database_that_sqlalchemy_can_open(postgres_url):
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        assert "PostgreSQL" in connection.scalar(text("SELECT version()"))
        assert connection.scalar(text("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")) == 0
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
    engine.dispose()


def test_a_template_is_copied_with_its_rows_and_copies_do_not_meet(postgres_cluster):
    template = postgres_cluster.create()
    with psycopg.connect(host=str(postgres_cluster.address), user=postgres.OWNER, dbname=template) as connection:
        connection.execute("CREATE TABLE notes (text text)")
        connection.execute("INSERT INTO notes VALUES ('Đồng Đăng')")
    one, two = postgres_cluster.create(template), postgres_cluster.create(template)
    with psycopg.connect(host=str(postgres_cluster.address), user=postgres.OWNER, dbname=one) as connection:
        connection.execute("DELETE FROM notes")
    with psycopg.connect(host=str(postgres_cluster.address), user=postgres.OWNER, dbname=two) as connection:
        assert connection.execute("SELECT text FROM notes").fetchall() == [("Đồng Đăng",)]
    for name in (template, one, two):
        postgres_cluster.drop(name)


def test_a_database_goes_even_while_somebody_is_connected(postgres_cluster):
    name = postgres_cluster.create()
    with psycopg.connect(host=str(postgres_cluster.address), user=postgres.OWNER, dbname=name) as held:
        postgres_cluster.drop(name)
        with pytest.raises(psycopg.OperationalError):
            held.execute("SELECT 1")


def test_the_server_is_reached_by_nobody_over_the_network(postgres_cluster):
    with psycopg.connect(host=str(postgres_cluster.address), user=postgres.OWNER, dbname="postgres") as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.skipif(postgres.why_not() is not None, reason=str(postgres.why_not()))
@pytest.mark.parametrize("end", [None, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_tests_end_however_they_end(end):
    """A process holds a cluster, then fails by itself, is stopped or is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True, cwd=ROOT
    ) as holder:
        folder, keeper, server = holder.stdout.readline().split()
        keeper_ends, server_ends = os.pidfd_open(int(keeper)), os.pidfd_open(int(server))
        if end:
            holder.send_signal(end)
    for process in (keeper_ends, server_ends):
        assert select.select([process], [], [], 30)[0], "still running after 30 s"
        os.close(process)
    assert not Path(folder).exists()


HOLDER = """
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tests.postgres import running_cluster
with running_cluster() as cluster:
    server = Path(cluster.address, "data", "postmaster.pid").read_text().split()[0]
    print(cluster.address, cluster.keeper, server, flush=True)
    sys.stdin.read()
    raise SystemExit("the test run failed")
"""
