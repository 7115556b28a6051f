"""A checklist that inspections use stays as it was: the app does not start on a changed one."""

import re
import shutil

import pytest
from sqlalchemy import text

from audit_app.actions import setup
from audit_app.config import ROOT
from audit_app.records import migrations
from audit_app.records.catalogue import Catalogue
from audit_app.records.models import PinnedChecklist
from audit_app.rules.checklist import from_canonical
from audit_app.rules.source import ChecklistError
from tests.factories import id_of


@pytest.fixture
def folder(tmp_path):
    """Somebody's own copy of checklists/."""
    return shutil.copytree(ROOT / "checklists", tmp_path / "checklists")


@pytest.fixture
def used(house, tools):
    """The version that the visits of today were planned with."""
    return tools.catalogue.in_force(house.today)[0].version


def newer(folder, before: str, after: str) -> int:
    """Write the next version, in force since ever, with one change; its number."""
    number = max(version for _, version in Catalogue(folder).checklists)
    text = (folder / f"mot-cua/{number}.yaml").read_text("utf-8")
    assert before in text
    text = re.sub("(?m)^effective_from: .*$", "effective_from: 2021-08-05", text.replace(before, after, 1))
    text = re.sub("(?m)^version: .*$", f"version: {number + 1}", text)
    (folder / f"mot-cua/{number + 1}.yaml").write_text(text, "utf-8")
    return number + 1


def start(make_app, folder) -> None:
    app = make_app(checklists=folder)
    setup.prepare(app.extensions["tools"], app.extensions["passwords"], say=lambda _: None)


def change(path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_the_app_starts_on_the_checklists_it_was_used_with(make_app, folder):
    start(make_app, folder)


@pytest.mark.parametrize(("before", "after"), [
    ("photo: required", "photo: none"), ("critical: true", "critical: false"), ("weight: 3", "weight: 2"),
    ("minimum_coverage: 50", "minimum_coverage: 0")])  # fmt: skip
def test_a_used_checklist_that_was_changed_stops_the_start_and_names_the_file(make_app, folder, used, before, after):
    change(folder / f"mot-cua/{used}.yaml", before, after)
    with pytest.raises(ChecklistError, match=rf"checklists/mot-cua/{used}\.yaml.*version {used + 1}"):
        start(make_app, folder)


def test_a_used_checklist_that_is_gone_stops_the_start(make_app, folder, used):
    newer(folder, "photo: required", "photo: none")
    (folder / f"mot-cua/{used}.yaml").unlink()
    with pytest.raises(ChecklistError, match=rf"checklists/mot-cua/{used}\.yaml.*gone"):
        start(make_app, folder)


@pytest.mark.parametrize("come_up", [start, lambda make_app, folder: setup.migrate(
    make_app(checklists=folder).extensions["tools"])])
def test_a_start_that_is_refused_leaves_the_database_to_the_version_it_came_from(
        make_app, folder, used, database, come_up):
    with database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    change(folder / f"mot-cua/{used}.yaml", "photo: required", "photo: none")
    with pytest.raises(ChecklistError):
        come_up(make_app, folder)
    assert migrations.current(database) == "0008", "neither version would start any more"


def test_a_comment_or_a_new_version_beside_it_changes_nothing(make_app, folder, used):
    file = folder / f"mot-cua/{used}.yaml"
    file.write_text("# một lời ghi chú\n" + file.read_text("utf-8"), "utf-8")
    newer(folder, "photo: required", "photo: none")
    start(make_app, folder)


def test_what_was_asked_is_kept_word_for_word_beside_the_inspections(database, tools, used):
    with database.transaction(writing=False) as db:
        pinned = db.get(PinnedChecklist, ("mot-cua", used))
        assert pinned.sha256 == tools.catalogue.get("mot-cua", used).sha256
        kept = from_canonical(pinned.canonical)
        assert kept == tools.catalogue.get("mot-cua", used) and kept.sha256 == pinned.sha256


def test_a_visit_is_asked_what_its_own_version_asks_though_a_newer_one_is_in_force(make_app, folder, house, used):
    """An is at the agency when another version comes: she goes on with hers."""
    number = newer(folder, "minimum_coverage: 50", "minimum_coverage: 60")
    assert Catalogue(folder).in_force(house.today)[0].version == number != used
    an = make_app(checklists=folder).test_client().sign_in("an")
    told = an.whole(id_of("draft"))["checklist"]
    assert (told["version"], told["minimum_coverage"]) == (used, 50)
