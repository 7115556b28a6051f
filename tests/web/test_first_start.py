"""What a first start makes, and what a folder without a house is not good for."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from audit_app.actions import demo
from audit_app.actions.people import Passwords
from audit_app.config import ROOT
from audit_app.records.db import Database
from audit_app.records.models import User
from tests.web import test_cli as cli
from tests.web.test_cli import done, said

nowhere = cli.nowhere


def test_a_key_is_made_whole_and_an_empty_one_is_none(nowhere, capsys):
    assert done("upgrade") == 0
    key = nowhere / "secret-key"
    assert len(key.read_text()) == 64 and key.stat().st_mode & 0o077 == 0
    key.write_text("")
    assert done("upgrade") == 1 and "secret-key is empty" in said(capsys)


def test_a_folder_without_a_house_is_not_copied(nowhere, tmp_path, capsys):
    assert done("backup", str(tmp_path / "sets")) == 1 and "holds no database" in said(capsys)
    assert not (tmp_path / "sets").exists()


def test_a_folder_without_a_house_is_not_as_it_was_written(nowhere, capsys):
    assert done("verify") == 1
    assert "AUDIT_DATA" in (told := said(capsys)) and "empty" in told and "no such table" not in told


@pytest.fixture
def open_to_all():
    """The file mode of most terminals; afterwards as it was."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_in_a_folder_that_all_may_open_nobody_else_reads_what_is_kept(open_to_all, nowhere, tmp_path, monkeypatch):
    nowhere.mkdir(mode=0o755)
    assert done("upgrade") == 0 and done("backup", str(tmp_path / "sets")) == 0
    kept = next((tmp_path / "sets").iterdir())
    (kept / "audit.db").chmod(0o644)
    os.umask(0o022)
    back = tmp_path / "back"
    back.mkdir(mode=0o755)
    monkeypatch.setenv("AUDIT_DATA", str(back))
    assert done("restore", str(kept)) == 0
    made = [path for folder in (nowhere, back) for path in folder.rglob("*")]
    assert len(made) > 3 and [path for path in made if path.stat().st_mode & 0o077] == []


@pytest.fixture
def small_demo(nowhere, tmp_path, monkeypatch):
    """A first start whose demo has people and no visits: quickly loaded."""
    folder = shutil.copytree(ROOT / "checklists", tmp_path / "checklists")
    scenes = folder / "demo" / "scenes.json"
    scenes.write_text(json.dumps(json.loads(scenes.read_text("utf-8")) | {"inspections": []}), "utf-8")
    monkeypatch.setenv("AUDIT_CHECKLISTS", str(folder))
    return nowhere


def may_sign_in(data) -> list[str]:
    """The names in demo-accounts.txt whose password is that of the database."""
    accounts = dict(line.split()[:2] for line in (data / "demo-accounts.txt").read_text("utf-8").splitlines())
    database, passwords = Database(f"sqlite:///{data}/audit.db"), Passwords()
    with database.transaction(writing=False) as db:
        kept = dict(db.execute(select(User.name, User.password_hash)).all())
    database.engine.dispose()
    assert kept.keys() == accounts.keys()
    return [name for name, password in accounts.items() if passwords.right(kept[name], password)]


EVERYBODY = ["an", "binh", "chi", "dung", "em", "admin"]


def test_a_first_start_that_broke_off_leaves_no_people_without_passwords(small_demo, capsys):
    (small_demo / "demo-accounts.txt").mkdir(parents=True)  # cannot be written
    assert done("prepare") == 1 and said(capsys)
    (small_demo / "demo-accounts.txt").rmdir()
    assert done("prepare") == 0 and may_sign_in(small_demo) == EVERYBODY


def test_of_two_first_starts_at_once_one_makes_the_demo_people_and_both_go_on(small_demo):
    start = [sys.executable, "-m", "audit_app", "prepare"]
    both = [subprocess.Popen(start, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in both] == [("", 0)] * 2
    assert may_sign_in(small_demo) == EVERYBODY


@pytest.mark.parametrize("today", [date(2026, 11, 16) + timedelta(days=ahead) for ahead in range(7)], ids=str)
def test_the_demo_has_a_visit_for_today_and_one_ahead_on_every_day_of_the_week(today):
    """Whoever tries the product on a Sunday finds An at work."""
    told = json.loads((ROOT / "checklists/demo/scenes.json").read_text("utf-8"))["inspections"]
    ahead = [scene["day"] for scene in told if scene["ending"] == "open"]
    days = [demo._working_day(today + timedelta(days=n), today) for n in ahead]
    assert days.count(today) >= 2 and any(day > today for day in days)
    assert all(day == today or day.weekday() < 5 for day in days)
