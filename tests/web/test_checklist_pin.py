"""A checklist that inspections use stays as it was: the app does not start on a changed one."""

import shutil

import pytest

from audit_app.actions import setup
from audit_app.config import ROOT
from audit_app.records.catalogue import Catalogue
from audit_app.records.models import PinnedChecklist
from audit_app.rules.checklist import from_canonical
from audit_app.rules.source import ChecklistError

FILE = "mot-cua/1.yaml"


@pytest.fixture
def folder(tmp_path):
    """Somebody's own copy of checklists/."""
    return shutil.copytree(ROOT / "checklists", tmp_path / "checklists")


def start(make_app, folder) -> None:
    app = make_app(checklists=folder)
    setup.prepare(app.extensions["tools"], app.extensions["passwords"], say=lambda _: None)


def change(folder, before: str, after: str) -> None:
    path = folder / FILE
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_the_app_starts_on_the_checklists_it_was_used_with(make_app, folder):
    start(make_app, folder)


@pytest.mark.parametrize(("before", "after"), [
    ("photo: required", "photo: none"), ("critical: true", "critical: false"), ("weight: 3", "weight: 2"),
    ("minimum_coverage: 50", "minimum_coverage: 0")])  # fmt: skip
def test_a_used_checklist_that_was_changed_stops_the_start_and_names_the_file(make_app, folder, before, after):
    change(folder, before, after)
    with pytest.raises(ChecklistError, match=r"checklists/mot-cua/1\.yaml.*version 2"):
        start(make_app, folder)


def test_a_used_checklist_that_is_gone_stops_the_start(make_app, folder):
    two = folder / "mot-cua/2.yaml"
    (folder / FILE).rename(two)
    two.write_text(two.read_text("utf-8").replace("version: 1", "version: 2", 1), "utf-8")
    with pytest.raises(ChecklistError, match=r"checklists/mot-cua/1\.yaml.*gone"):
        start(make_app, folder)


def test_a_comment_or_a_new_version_beside_it_changes_nothing(make_app, folder):
    text = (folder / FILE).read_text("utf-8")
    (folder / FILE).write_text("# một lời ghi chú\n" + text, "utf-8")
    (folder / "mot-cua/2.yaml").write_text(text.replace("version: 1", "version: 2", 1), "utf-8")
    start(make_app, folder)


def test_what_was_asked_is_kept_word_for_word_beside_the_inspections(database, tools):
    with database.transaction(writing=False) as db:
        pinned = db.get(PinnedChecklist, ("mot-cua", 1))
        assert pinned.sha256 == tools.catalogue.get("mot-cua", 1).sha256
        kept = from_canonical(pinned.canonical)
        assert kept == tools.catalogue.get("mot-cua", 1) and kept.sha256 == pinned.sha256


def test_a_visit_is_asked_what_its_own_version_asks_though_a_newer_one_is_in_force(make_app, folder):
    """An is at the agency when version 2 comes: she goes on with version 1."""
    from tests.factories import id_of

    text = (folder / FILE).read_text("utf-8")
    newer = text.replace("version: 1", "version: 2", 1).replace("minimum_coverage: 50", "minimum_coverage: 60", 1)
    (folder / "mot-cua/2.yaml").write_text(newer, "utf-8")
    assert len(Catalogue(folder).checklists) == 2
    an = make_app(checklists=folder).test_client().sign_in("an")
    told = an.whole(id_of("draft"))["checklist"]
    assert (told["version"], told["minimum_coverage"]) == (1, 50)
