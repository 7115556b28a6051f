"""Copies: what is no whole copy is none, and what comes back comes to where the settings say, over nothing else."""

import errno
import json
import os
import shutil
import subprocess
import sys

import pytest

from audit_app.actions import backup, verification
from audit_app.config import ROOT
from tests.factories import RETURNED_ITEM, hash_of, id_of, photo, picture
from tests.web import test_cli as cli
from tests.web.conftest import settings_in
from tests.web.test_cli import done, said

house, nothing_stays_open = cli.house, cli.nothing_stays_open


@pytest.fixture
def embedded(settings):
    if not settings.embedded:
        pytest.skip("PostgreSQL has its own tools")


def test_a_way_back_that_broke_off_leaves_no_database_and_can_be_gone_again(embedded, tools, tmp_path, monkeypatch):
    made, copy, left = backup.make(tools, tmp_path / "sets", say=print), shutil.copyfile, [5]
    back = tmp_path / "back"
    there = settings_in(back)

    def full(*where):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return copy(*where)

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        backup.restore(made, there, say=print)
    assert not (back / "audit.db").exists()
    left[0] = 10_000
    backup.restore(made, there, say=print)
    assert (back / "audit.db").exists() and not list(back.glob("*.partial*"))


@pytest.mark.parametrize("left", ["no folder", "an empty folder"])
def test_a_store_that_is_not_mounted_is_no_copy_and_leaves_nothing_behind(embedded, house, tmp_path, capsys, left):
    shutil.move(house.data / "blobs", tmp_path / "elsewhere")
    if left == "an empty folder":
        (house.data / "blobs").mkdir()
    assert done("backup", str(tmp_path / "sets")) == 1 and "mounted" in said(capsys)
    assert list((tmp_path / "sets").iterdir()) == []


@pytest.mark.parametrize("where", ["blobs", "blobs/sets", "sets/../blobs/x", "link"])
def test_no_copy_is_made_in_the_folder_that_is_copied(embedded, house, capsys, where):
    (house.data / "link").symlink_to(house.data / "blobs")
    before = sorted((house.data / "blobs").rglob("*"))
    assert done("backup", str(house.data / where)) == 1
    assert len(said(capsys).splitlines()) == 1 and sorted((house.data / "blobs").rglob("*")) == before


def test_one_file_that_was_lost_does_not_keep_the_others_from_being_copied(embedded, house, tmp_path, capsys):
    next(path for path in (house.data / "blobs" / str(id_of("issued"))).rglob("*") if path.is_file()).unlink()
    assert done("backup", str(tmp_path / "sets")) == 0 and "1 files on record are not there" in capsys.readouterr().out


def test_what_is_copied_comes_back_to_where_the_settings_say(embedded, house, tmp_path, monkeypatch):
    assert done("backup", str(tmp_path / "sets")) == 0
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "data2"))
    monkeypatch.setenv("AUDIT_DATABASE_URL", f"sqlite:///{tmp_path}/rows/our.db")
    monkeypatch.setenv("AUDIT_BLOBS_URL", str(tmp_path / "photos"))
    monkeypatch.setenv("AUDIT_SECRET_KEY", "x" * 40)
    assert done("restore", str(next((tmp_path / "sets").iterdir()))) == 0 and done("verify") == 0
    assert (tmp_path / "rows" / "our.db").exists() and not list((tmp_path / "data2").glob("audit.db*"))


@pytest.mark.parametrize(("name", "value"), [("AUDIT_BLOBS_URL", "s3://bucket"),
                                             ("AUDIT_DATABASE_URL", "postgresql+psycopg://a@127.0.0.1:9/x")])
def test_a_copy_is_not_brought_back_beside_the_database_that_is_used(embedded, house, tmp_path, monkeypatch, capsys,
                                                                     name, value):
    assert done("backup", str(tmp_path / "sets")) == 0
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "data2"))
    monkeypatch.setenv(name, value)
    assert done("restore", str(next((tmp_path / "sets").iterdir()))) == 1 and "pg_dump" in said(capsys)
    assert not (tmp_path / "data2" / "audit.db").exists()


def test_a_copy_never_takes_the_place_of_another_secret_key(embedded, house, tmp_path, monkeypatch, capsys):
    (house.data / "secret-key").write_text("the old one")
    assert done("backup", str(tmp_path / "sets")) == 0
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "data2"))
    (tmp_path / "data2").mkdir()
    (tmp_path / "data2" / "secret-key").write_text("the new one")
    assert done("restore", str(next((tmp_path / "sets").iterdir()))) == 1 and "secret-key" in said(capsys)
    assert (tmp_path / "data2" / "secret-key").read_text() == "the new one"


@pytest.mark.parametrize("out", ["../planted", "blobs/../../planted"])
def test_a_copy_that_somebody_changed_writes_nothing_outside_of_the_folder_it_is_brought_back_to(
        embedded, house, tmp_path, monkeypatch, capsys, out):
    assert done("backup", str(tmp_path / "sets")) == 0
    made = next((tmp_path / "sets").iterdir())
    (made.parent / "planted").write_bytes(b"planted")
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["files"][out] = hash_of(b"planted")
    (made / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "there" / "data"))
    assert done("restore", str(made)) == 1 and "no backup of ours" in said(capsys)
    assert not list((tmp_path / "there").rglob("planted")) and not list((tmp_path / "there").rglob("audit.db"))


@pytest.mark.parametrize("said_instead", [
    '{"made_at": "2026-11-29"}', '{"files": {}, "made_at": "2026-11-29"}', '{"files": {"audit.db": "0"}}',
    '{"files": ["audit.db"], "made_at": 1}', '[]', 'null', '"files"', "not JSON", "[" * 100_000,
])
def test_a_copy_whose_list_does_not_say_what_is_in_it_is_one_sentence(
        embedded, house, tmp_path, monkeypatch, capsys, said_instead):
    assert done("backup", str(tmp_path / "sets")) == 0
    made = next((tmp_path / "sets").iterdir())
    (made / "manifest.json").write_text(said_instead)
    monkeypatch.setenv("AUDIT_DATA", str(tmp_path / "there"))
    assert done("restore", str(made)) == 1 and "not a complete backup: manifest.json" in said(capsys)
    assert not list((tmp_path / "there").rglob("audit.db*"))


def test_an_original_that_came_and_is_lost_before_it_was_made_small_is_a_flaw(an, tools):
    source = hash_of(picture(seed=7))
    an.put(id_of("draft"), picture(seed=7))
    an.rows(id_of("draft"), photos=[photo(RETURNED_ITEM, source)])
    next((tools.settings.data / "blobs" / str(id_of("draft"))).rglob(source)).unlink()
    assert verification.check(tools, say=print) == [f"file {id_of('draft')}/{source}: missing"]


def test_a_worker_that_starts_clears_away_what_killed_processes_left_half_written(embedded, house):
    drawer = house.data / "blobs" / str(id_of("draft"))
    old, new = drawer / ".a.1.partial", drawer / ".a.2.partial"
    for left in (old, new):
        left.write_bytes(b"half a photo")
    os.utime(old, (0, 0))
    subprocess.run([sys.executable, "-m", "audit_app", "worker"], cwd=ROOT, check=False, capture_output=True,
                   env={**os.environ, "AUDIT_SERVED_BY": "1"})  # it ends by itself: who had started it is gone
    assert not old.exists() and new.exists()
