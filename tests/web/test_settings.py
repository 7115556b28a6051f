"""Settings that cannot be meant: one English sentence that names the setting, and nothing begun."""

import errno
import socket
import sys
import tempfile
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from sqlalchemy import select, text

from audit_app.actions.people import Passwords
from audit_app.config import Settings
from audit_app.records.db import Database
from audit_app.records.models import User
from tests.web import test_cli as cli
from tests.web.test_cli import count, done, said

nowhere, nothing_stays_open = cli.nowhere, cli.nothing_stays_open
PG = "postgresql+psycopg://"


@pytest.mark.parametrize(("name", "value"), [
    ("AUDIT_DATABASE_URL", f"{PG}a:b@host:port/x"), ("AUDIT_DATABASE_URL", f"{PG}a@127.0.0.1:9/x?nonsense=1"),
    ("AUDIT_DATABASE_URL", f"{PG}a@127.0.0.1:9/x"), ("AUDIT_DATABASE_URL", "sqlite:///"),
    ("AUDIT_DATABASE_URL", "sqlite:///:memory:"), ("AUDIT_DATABASE_URL", "sqlite:////srv/x?mode=ro"),
    ("AUDIT_DATABASE_URL", "sqlite:////no/such/folder/x.db"), ("AUDIT_BLOBS_URL", "s3://buc ket/x"),
    ("AUDIT_BLOBS_URL", "s3://[x/y"), ("AUDIT_BLOBS_URL", "s3:/x"), ("AUDIT_BLOBS_URL", __file__),
    ("AUDIT_BLOBS_URL", f"{__file__}/x"), ("AWS_ENDPOINT_URL", "store"), ("AUDIT_QUEUE_URL", "redis://host:port/0"),
    ("AUDIT_QUEUE_URL", "postgresqlx"), ("AUDIT_QUEUE_URL", "sqlite:///"),
    ("AUDIT_QUEUE_URL", "postgresql://127.0.0.1:9/x"), ("AUDIT_PUBLIC_URL", "http://[x"), ("AUDIT_BIND", "a:b:80"),
    ("AUDIT_DATA", "/dev/null"), ("AUDIT_DATA", "/proc/self"), ("AUDIT_DATA", "what?=x"), ("AUDIT_DATA", "100%25"),
])
def test_a_setting_that_is_no_address_is_named_in_one_sentence(nowhere, monkeypatch, capsys, name, value):
    monkeypatch.setenv("AUDIT_SECRET_KEY", "x" * 40)
    monkeypatch.setenv(name, value)
    assert done("upgrade") == 1
    told = said(capsys)
    assert name in told and len(told.splitlines()) == 1


@pytest.mark.parametrize(("name", "value"), [
    ("AUDIT_DATABASE_URL", f"{PG}audit:se@cret:hush@127.0.0.1:9/x"), ("AUDIT_DATABASE_URL", f"{PG}audit:9hush/x"),
    ("AUDIT_DATABASE_URL", f"{PG}audit:se@hush@127.0.0.1:9/x"), ("AUDIT_DATABASE_URL", f"{PG}a:[hush@127.0.0.1:9/x"),
    ("AUDIT_QUEUE_URL", "postgresql://audit:%zzhush@127.0.0.1:9/x"),
    ("AUDIT_QUEUE_URL", "postgresql://audit:hush/x@127.0.0.1:9/x"),
    ("AUDIT_QUEUE_URL", "postgresql://audit:[hush@127.0.0.1:9/x"),
    ("AUDIT_QUEUE_URL", "postgresql://audit:se@hush@127.0.0.1:9/x"),
    ("AUDIT_QUEUE_URL", "redis://:hush@127.0.0.1:9/0?socket_timeout=soon"),
])
def test_a_password_written_wrongly_into_an_address_is_not_told(nowhere, monkeypatch, capsys, name, value):
    monkeypatch.setenv("AUDIT_SECRET_KEY", "x" * 40)
    monkeypatch.setenv(name, value)
    assert done("upgrade") == 1
    told = said(capsys)
    assert name in told and len(told.splitlines()) == 1 and "hush" not in told


@pytest.mark.parametrize(("name", "value"), [
    ("database_url", f"{PG}audit:a/b#c%zz@db:5432/audit?application_name=a@b"),
    ("database_url", f"{PG}audit@/x?host=/run"),
    ("queue_url", "postgresql://audit:a%40b%2F@one:5432,two:5433/x"), ("queue_url", "rediss://:a%40b@db:6380/0"),
])
def test_an_address_that_has_always_been_understood_still_is(tmp_path, name, value):
    said = {"AUDIT_DATA": str(tmp_path), "AUDIT_SECRET_KEY": "x" * 40, f"AUDIT_{name.upper()}": value}
    assert getattr(Settings.from_environment(said), name) == value


def test_a_folder_on_a_full_disk_is_still_the_house(tmp_path, monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert Settings.from_environment({"AUDIT_DATA": str(tmp_path), "AUDIT_SECRET_KEY": "x" * 40}).data == tmp_path


@pytest.mark.parametrize("words", [["prepare"], ["verify"], ["backup", "copies"]])
def test_a_database_that_a_newer_version_has_built_is_left_alone(nowhere, tmp_path, capsys, words):
    """Neither changed, nor called whole, nor copied: this version does not know all that belongs to it."""
    assert done("upgrade") == 0
    database = Database(f"sqlite:///{nowhere}/audit.db")
    with database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.engine.dispose()
    assert done(*[str(tmp_path / word) if word == "copies" else word for word in words]) == 1
    told = said(capsys)
    assert "9999" in told and "AUDIT_DATA" in told and count(f"sqlite:///{nowhere}/audit.db", User) == 0
    assert not (tmp_path / "copies").exists()


def test_an_address_that_is_taken_is_said_before_anything_is_begun(nowhere, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("AUDIT_BIND", f"127.0.0.1:{other.getsockname()[1]}")
        monkeypatch.setenv("TMPDIR", str(nowhere.parent))
        assert done("run") == 1
    told = said(capsys)
    assert "AUDIT_BIND" in told and len(told.splitlines()) == 1 and not (nowhere / "audit.db").exists()


def test_a_password_file_of_another_system_is_the_password_that_was_meant(nowhere, monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO("một mật khẩu đủ dài\r\n", newline="\n"))
    assert done("users", "add", "minh", "Lê Minh", "admin") == 0
    database = Database(f"sqlite:///{nowhere}/audit.db")
    with database.transaction(writing=False) as db:
        kept = db.scalar(select(User.password_hash))
    database.engine.dispose()
    assert Passwords().right(kept, "một mật khẩu đủ dài")


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_password_in_another_encoding_is_refused_with_a_sentence(nowhere, monkeypatch, capsys, errors):
    typed = TextIOWrapper(BytesIO("mật khẩu đủ dài".encode("utf-16")), encoding="utf-8", errors=errors)
    monkeypatch.setattr(sys, "stdin", typed)
    assert done("users", "add", "minh", "Lê Minh", "admin") == 1 and "UTF-8" in said(capsys)


@pytest.mark.parametrize(("key", "told"), [("changeme", True), (" " * 40, True), ("0123456789abcdef", False)])
def test_a_secret_key_that_can_be_guessed_is_pointed_out(nowhere, monkeypatch, capsys, key, told):
    """No refusal: with another key, what tablets hold unsent could not be read any more."""
    monkeypatch.setenv("AUDIT_SECRET_KEY", key)
    monkeypatch.setenv("AUDIT_DEMO", "0")
    assert done("prepare") == 0 and ("can be guessed" in capsys.readouterr().err) is told
