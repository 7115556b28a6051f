"""The commands: 0 only when the thing was done, otherwise one clear sentence on stderr."""

import json
import shutil
import subprocess
import sys
from io import StringIO

import pytest
from sqlalchemy import func, select

import audit_app
from audit_app import cli, create_app
from audit_app.config import ROOT
from audit_app.records import migrations
from audit_app.records.db import Database
from audit_app.records.evidence import Answer, Event
from audit_app.records.models import Agency, SignedIn, User
from tests.factories import id_of, password_of
from tests.web.conftest import PEOPLE, close
from tests.web.visitor import Visitor


@pytest.fixture
def house(settings, monkeypatch):
    """The environment of somebody at the terminal of this test's house."""
    monkeypatch.setenv("AUDIT_DATA", str(settings.data))
    if not settings.embedded:
        monkeypatch.setenv("AUDIT_DATABASE_URL", settings.database_url)
        monkeypatch.setenv("AUDIT_SECRET_KEY", "secret of the tests")
    monkeypatch.setattr(sys, "stdin", StringIO("một mật khẩu đủ dài\n"))
    return settings


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """The environment of a first start."""
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "new"))
    monkeypatch.setattr(sys, "stdin", StringIO("một mật khẩu đủ dài\n"))
    return tmp_path / "new"


@pytest.fixture(autouse=True)
def nothing_stays_open(monkeypatch):
    """A command ends with its process; here the process goes on, so the connections are closed for it."""
    opened = []

    def create(settings=None):
        opened.append(create_app(settings))
        return opened[-1]

    monkeypatch.setattr(audit_app, "create_app", create)
    yield
    for app in opened:
        close(app)


def done(*words: str) -> int:
    """The exit code of a command."""
    try:
        return cli.main(list(words))
    except SystemExit as ended:  # what argparse refuses
        return ended.code


def count(database_url: str, *what) -> int:
    database = Database(database_url)
    with database.transaction(writing=False) as db:
        found = db.scalar(select(func.count()).select_from(what[0]).where(*what[1:]))
    database.engine.dispose()
    return found


def said(capsys) -> str:
    """What stands on stderr: one sentence, no traceback."""
    err = capsys.readouterr().err
    assert "Traceback" not in err and err.strip(), err
    return err


@pytest.mark.parametrize("words", [[], ["nothing"], ["users"], ["users", "add"], ["users", "password"],
                                   ["agencies"], ["checklists", "x"], ["backup"],
                                   ["worker", "--workers", "many"], ["worker", "--workers", "0"]])
def test_a_call_that_is_none_ends_with_2_and_says_how_it_is_called(words, capsys):
    assert done(*words) == 2 and "usage:" in said(capsys)


@pytest.mark.parametrize("words", [["--help"], ["users", "add", "--help"], ["users", "password", "--help"],
                                   ["agencies", "import", "--help"], ["backup", "--help"], ["verify", "--help"]])
def test_every_command_says_what_it_is_for(words, capsys):
    assert done(*words) == 0 and "usage:" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "value"), [
    ("AUDIT_DATABASE_URL", "mysql://somewhere"), ("AUDIT_BIND", "nonsense"), ("AUDIT_PUBLIC_URL", "kiemtra"),
    ("AUDIT_TLS_CERT", "/no/such/file"), ("AUDIT_PROXIES", "some"), ("AUDIT_BIND", "127.0.0.1:99999"),
    ("AUDIT_BLOBS_URL", "s3://"), ("AUDIT_BLOBS_URL", "https://store/bucket"), ("AUDIT_QUEUE_URL", "rabbit://x"),
    ("AUDIT_DEMO", "false"), ("AUDIT_DEMO", "no"),
])
def test_a_setting_that_cannot_be_meant_stops_the_start_and_is_named(nowhere, monkeypatch, capsys, name, value):
    monkeypatch.setenv(name, value)
    assert done("upgrade") == 1 and name in said(capsys)


def test_files_that_are_no_certificate_and_its_key_stop_the_start(nowhere, monkeypatch, capsys):
    for name in ("AUDIT_TLS_CERT", "AUDIT_TLS_KEY"):
        monkeypatch.setenv(name, __file__)
    assert done("upgrade") == 1 and "AUDIT_TLS_CERT" in said(capsys), "no browser would ever get in"


def test_postgresql_without_a_secret_key_stops_the_start(nowhere, monkeypatch, capsys):
    monkeypatch.setenv("AUDIT_DATABASE_URL", "postgresql+psycopg://nobody@/none")
    assert done("upgrade") == 1 and "AUDIT_SECRET_KEY" in said(capsys)


def test_upgrade_builds_a_database_once(nowhere, capsys):
    assert done("upgrade") == 0 and "upgraded to" in capsys.readouterr().out
    assert done("upgrade") == 0 and "already at" in capsys.readouterr().out
    database = Database(f"sqlite:///{nowhere}/audit.db")
    assert migrations.current(database) == migrations.HEAD
    database.engine.dispose()
    assert (nowhere / "secret-key").stat().st_mode & 0o777 == 0o600
    assert nowhere.stat().st_mode & 0o777 == 0o700, "photos of people: nobody else on this machine reads them"


def test_the_first_person_is_added_to_an_empty_house_without_any_demo(nowhere):
    assert done("users", "add", "minh", "Lê Minh", "admin") == 0
    assert count(f"sqlite:///{nowhere}/audit.db", User) == 1 and not (nowhere / "demo-accounts.txt").exists()


def test_a_person_who_was_added_signs_in_with_the_password_that_was_typed(house, make_app):
    assert done("users", "add", "minh", "Lê Minh", "inspector", "--title", "Chuyên viên") == 0
    page = make_app().test_client().sign_in("minh", "một mật khẩu đủ dài").get("/")
    assert page.status_code == 200 and "Lê Minh" in page.text


@pytest.mark.parametrize(("words", "sentence"), [
    (["minh", "Lê Minh", "boss"], "boss"), (["minh", "Lê Minh", "agency"], "--agency"), (["an", "An", "admin"], "an"),
    (["minh", "Lê Minh", "admin", "--agency", "hoan_kiem"], "--agency"),
    (["minh", "Lê Minh", "agency", "--agency", "no-such"], "--agency"), (["minh", "\u200b", "admin"], "full name"),
    (["", "Lê Minh", "admin"], "sign in with"), (["minh", "Lê Minh", "office", "--agency", "no-such"], "--agency")])
def test_a_person_who_cannot_be_added_is_not_added_and_the_reason_is_said(house, capsys, words, sentence):
    before = count(house.database_url, User)
    assert done("users", "add", *words) == 1 and sentence in said(capsys)
    assert count(house.database_url, User) == before


@pytest.mark.parametrize("typed", ["ngắn", " " * 20])
def test_a_short_password_is_refused(house, capsys, monkeypatch, typed):
    monkeypatch.setattr(sys, "stdin", StringIO(typed + "\n"))
    assert done("users", "add", "minh", "Lê Minh", "admin") == 1 and "10" in said(capsys)


def test_who_is_disabled_at_the_terminal_is_out_at_once(house, make_app, capsys):
    an, others = make_app().test_client().sign_in("an"), len(PEOPLE) - 1
    assert done("users", "disable", "An") == 0
    assert an.get("/").status_code == 302 and count(house.database_url, SignedIn) == others
    assert done("users", "disable", "nobody-at-all") == 1 and "nobody-at-all" in said(capsys)


def test_who_is_locked_out_gets_a_password_that_ends_what_the_old_one_began(house, make_app, capsys):
    an, others = make_app().test_client().sign_in("an"), len(PEOPLE) - 1
    assert done("users", "password", "An") == 0
    password = capsys.readouterr().out.split()[-1]
    assert an.get("/").status_code == 302 and count(house.database_url, SignedIn) == others
    assert an.sign_in("an", password).get("/").status_code == 200
    assert count(house.database_url, Event, Event.name == "person.password_changed") == 1
    assert done("users", "password", "nobody-at-all") == 1 and "nobody-at-all" in said(capsys)
    assert done("users", "disable", "an") == 0 and done("users", "password", "an") == 1 and "disabled" in said(capsys)


def test_agencies_are_taken_in_whole_or_not_at_all(house, tmp_path, capsys):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("Mã;Tên;Cấp;Từ ngày\nX1;UBND phường Cửa Nam;X;01/07/2025\nX2;Sở Y tế;S;\n", "utf-8-sig")
    bad.write_text("Mã,Tên,Cấp\nX3,UBND phường Đống Đa,X\nX4,,X\nX5,Sở Lạ,Q\n", "utf-8")
    before = count(house.database_url, Agency)
    assert done("agencies", "import", str(good)) == 0 and "2 added" in capsys.readouterr().out
    assert done("agencies", "import", str(good)) == 0 and "2 as before" in capsys.readouterr().out
    assert done("agencies", "import", str(bad)) == 1
    told = said(capsys)
    assert "row 3" in told and "row 4" in told and "Nothing imported" in told
    assert count(house.database_url, Agency) == before + 2


@pytest.mark.parametrize("kind", ["missing", "empty", "bytes", "wrong header", "folder"])
def test_a_table_that_cannot_be_read_is_refused_with_a_sentence(house, tmp_path, capsys, kind):
    path = tmp_path / "table.csv"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes({"empty": b"", "bytes": b"\xff\xfe\x00\x80", "wrong header": b"a,b\n1,2\n"}[kind])
    assert done("agencies", "import", str(path)) == 1 and said(capsys)


def test_checklists_are_checked_and_a_flaw_is_named_with_file_and_line(tmp_path, monkeypatch, capsys):
    folder = shutil.copytree(ROOT / "checklists", tmp_path / "checklists")
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("AUDIT_CHECKLISTS", str(folder))
    assert done("checklists", "check") == 0 and "good" in capsys.readouterr().out
    path = folder / "mot-cua/1.yaml"
    path.write_text(path.read_text("utf-8").replace("kind: a3", "kind: a7", 1), "utf-8")
    assert done("checklists", "check") == 1
    told = said(capsys)
    assert "mot-cua/1.yaml" in told and any(letter.isdigit() for letter in told)
    assert done("upgrade") == 1, "the app does not start either"


def test_the_published_schemas_are_those_of_the_code(tmp_path, monkeypatch):
    folder = shutil.copytree(ROOT / "checklists", tmp_path / "checklists")
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("AUDIT_CHECKLISTS", str(folder))
    for path in (folder / "schema").iterdir():
        path.unlink()
    assert done("checklists", "schema") == 0
    for path in sorted((ROOT / "checklists/schema").iterdir()):
        assert path.read_text("utf-8") == (folder / "schema" / path.name).read_text("utf-8"), path.name


def test_verify_says_that_all_is_well_and_names_what_is_not(house, capsys):
    assert done("verify") == 0 and "as it was written" in capsys.readouterr().out
    harmed = next(path for path in (house.data / "blobs" / str(id_of("issued"))).rglob("*") if path.is_file())
    harmed.write_bytes(b"x")
    assert done("verify") == 1 and harmed.name in said(capsys)


# ── Copies ────────────────────────────────────────────────────────────────────────────────────────
def test_what_was_copied_comes_back_in_another_place_and_goes_on(house, tmp_path, monkeypatch, make_app, capsys):
    if not house.embedded:
        assert done("backup", str(tmp_path / "sets")) == 1 and "pg_dump" in said(capsys)
        return
    an = make_app().test_client().sign_in("an")
    answers = an.whole(id_of("draft"))["rows"]["answers"]
    assert done("backup", str(tmp_path / "sets")) == 0
    kept = next((tmp_path / "sets").iterdir())
    assert kept.stat().st_mode & 0o077 == 0, "nobody else on this machine reads it"
    assert json.loads((kept / "manifest.json").read_text())["schema"] == migrations.HEAD
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "elsewhere"))
    left = tmp_path / "elsewhere" / "audit.db-journal"  # of a crash: SQLite would play it back into what is restored
    left.parent.mkdir()
    left.touch()
    assert done("restore", str(kept)) == 1 and "what one left" in said(capsys)
    left.unlink()
    assert done("restore", str(kept)) == 0 and done("verify") == 0
    capsys.readouterr()
    assert done("restore", str(kept)) == 1 and "already holds" in said(capsys), "never over live data"
    restored = f"sqlite:///{tmp_path}/elsewhere/audit.db"
    assert count(restored, Answer, Answer.inspection_id == id_of("draft")) == len(answers)


def test_a_database_that_is_away_is_one_sentence(nowhere, monkeypatch, capsys):
    monkeypatch.setenv("AUDIT_DATABASE_URL", "postgresql+psycopg://a@127.0.0.1:9/x?connect_timeout=1")
    monkeypatch.setenv("AUDIT_SECRET_KEY", "x" * 40)
    assert done("upgrade") == 1 and len(said(capsys).splitlines()) == 1


@pytest.mark.parametrize("harm", ["audit.db", "blobs", "manifest.json", "a file is gone"])
def test_a_copy_that_was_harmed_is_not_brought_back(house, tmp_path, monkeypatch, capsys, harm):
    if not house.embedded:
        pytest.skip("PostgreSQL has its own tools")
    assert done("backup", str(tmp_path / "sets")) == 0
    kept = next((tmp_path / "sets").iterdir())
    if harm == "a file is gone":
        next(path for path in (kept / "blobs").rglob("*") if path.is_file()).unlink()
    else:
        target = next(path for path in (kept / harm).rglob("*") if path.is_file()) if harm == "blobs" else kept / harm
        target.write_bytes(target.read_bytes()[:-1] + b"x")
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "elsewhere"))
    assert done("restore", str(kept)) == 1 and said(capsys)
    assert not (tmp_path / "elsewhere/audit.db").exists()


# ── Demo ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_demo_is_as_outside_tells_and_is_loaded_into_an_empty_database_only(nowhere, capsys, furnished):
    shutil.copytree(furnished, nowhere, dirs_exist_ok=True)
    accounts = nowhere / "demo-accounts.txt"
    assert accounts.stat().st_mode & 0o777 == 0o600
    lines = [line.split(" ") for line in accounts.read_text("utf-8").splitlines()]
    assert [(name, role) for name, _, role in lines] == [
        ("an", "inspector"), ("binh", "inspector"), ("chi", "office"), ("dung", "agency"), ("em", "agency"),
        ("admin", "admin")]  # fmt: skip
    assert done("demo") == 1 and "not empty" in said(capsys)
    assert done("verify") == 0

    app = create_app()
    app.test_client_class = Visitor
    passwords = {name: password for name, password, _ in lines}
    an, dung, em = (app.test_client().sign_in(name, passwords[name]) for name in ("an", "dung", "em"))
    today = [visit for visit in an.get("/sync/inspections").json if visit["state"] == "draft"]
    assert today[0]["agency"]["name"] == "UBND phường Hoàn Kiếm"
    assert "UBND phường Hoàn Kiếm" in dung.get("/agency").text and "UBND phường Hoàn Kiếm" not in em.get("/agency").text
    close(app)


def test_at_a_real_terminal_the_exit_code_and_the_sentence_arrive(nowhere):
    import os

    ended = subprocess.run([sys.executable, "-m", "audit_app", "users", "disable", "nobody"], cwd=ROOT, text=True,
                           capture_output=True, check=False, env={**os.environ, "AUDIT_DATA": str(nowhere)})
    assert ended.returncode == 1 and "nobody" in ended.stderr and "Traceback" not in ended.stderr
    assert password_of("an") not in ended.stdout
