"""The files in checklists/ are read strictly: every flaw is refused with its file, its line and its item."""

import json
import shutil
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from audit_app.records.catalogue import SIZE_LIMIT, Catalogue, schemas
from audit_app.rules.source import ChecklistError
from tests.unit.small_catalogue import CHECKLIST, GOOD

ON_FILE = Path(__file__).parents[2] / "checklists"

LAW_FILE, TT02, LIST, EQ = "law/ND61.yaml", "law/TT02.yaml", "mot-cua/1.yaml", "equipment.yaml"
CITED = "{instrument: ND61, article: 13, clause: 1}"
QUOTED = "    quotation: thuận tiện, dễ tìm"


@pytest.fixture
def folder(tmp_path) -> Path:
    for name, text in GOOD.items():
        path = tmp_path / "checklists" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "checklists"


def refused(folder: Path) -> ChecklistError:
    with pytest.raises(ChecklistError) as found:
        Catalogue(folder)
    return found.value


def test_a_small_catalogue_without_flaws_is_taken(folder):
    assert Catalogue(folder).get("mot-cua", 1).item("BH01")


def test_the_days_off_of_a_year_are_known_when_the_office_has_listed_them(folder):
    off = Catalogue(folder).days_off
    assert off.days == {date(2031, 1, 22), date(2031, 1, 23)}
    assert off.known(date(2031, 12, 1), date(2032, 1, 5)) and not off.known(date(2032, 12, 1), date(2033, 1, 5))
    (folder / "days-off.yaml").unlink()
    assert Catalogue(folder).days_off.days == frozenset()


BAD = [
    # file, what is written, what is written instead, the line it is refused at, the item, words of the sentence
    (LIST, "weight: 1\n", "wieght: 1\n", 21, "BH01", "unknown key: wieght"),
    (LIST, "        verify: Xem\n", "", 16, "BH01", "verify is missing"),
    (LIST, "kind: a3", "kind: A3", 19, "BH01", "kind"),
    (LIST, "tier: 1", "tier: 1.0", 22, "BH01", "quotation marks"),
    (LIST, "tier: 1", "tier: 010", 22, "BH01", "cannot be told for sure"),
    (LIST, "tier: 1", "tier: 0x1", 22, "BH01", "cannot be told for sure"),
    (LIST, "tier: 1", 'tier: "1"', 22, "BH01", "tier"),
    (LIST, "tier: 1", "tier: true", 22, "BH01", "tier"),
    (LIST, "tier: 1", "tier: 1\n        tier: 1", 23, "BH01", "the key tier stands twice"),
    (LIST, "levels: [S, X]", "levels: [S, H]", 23, "BH01", "a level that the checklist does not list"),
    (LIST, "basis: BB", "basis: &here BB", 24, "BH01", "anchors"),
    (LIST, "basis: BB", "basis: !!python/name:os.system BB", 24, "BH01", "tag"),
    (LIST, "basis: BB", "basis: *nowhere", 24, None, "alias"),
    (LIST, "basis: BB", "basis: [BB", 25, None, "expected"),
    (LIST, "basis: BB", "<<: {basis: BB}", 24, "BH01", "plain word"),
    (LIST, "basis: BB", "? [basis]\n        : BB", 24, "BH01", "plain word"),
    (LIST, "text: Có biển?", "text: " + unicodedata.normalize("NFD", "Có biển?"), 17, None, "NFC"),
    (LIST, "version: 1", "version: 2", 1, "mot-cua", "name of the file"),
    (LIST, "id: mot-cua", "id: hai-cua", 1, "hai-cua", "name of the file"),
    (LIST, "effective_from: 2021-08-05", "effective_from: 2021-8-5", 4, "mot-cua", ""),
    (LIST, "effective_from: 2021-08-05", "effective_from: 2021-08-05T10:00:00", 4, "mot-cua", "cannot be told"),
    (LIST, "effective_from: 2021-08-05", "effective_from: 2021-02-30", 4, "mot-cua", "effective_from"),
    (LIST, "sipas: 2021", "sipas: 2022", 6, "mot-cua", "there is no sipas/2022.yaml"),
    (LIST, "tasks: 2021", "tasks: 2022", 7, "mot-cua", "there is no tasks/2022.yaml"),
    (LIST, "sipas: [I.1]", "sipas: [I.2]", 27, "BH01", "sub-criterion I.2"),
    (LIST, "tasks: [1]", "tasks: [2]", 28, "BH01", "task 2"),
    (LIST, CITED, "{instrument: ND99, article: 13, clause: 1}", 26, "BH01", "unknown instrument ND99"),
    (LIST, CITED, "{instrument: ND61, article: 14}", 26, "BH01", "ND61/d14 is not in the law file"),
    (LIST, CITED, "{instrument: ND61, article: 13, clause: 1, point: a}", 26, "BH01", "only ND61/d13/k1 is on file"),
    (LIST, CITED, "{instrument: TT02, article: 15, clause: 1}", 26, "BH01",
     "deeper than the law file allows: only TT02/d15 is on file (second-hand)"),
    (LIST, CITED, "{instrument: TT02, article: 15, quotation: bảng}", 26, "BH01", "cannot be quoted"),
    (LIST, CITED, "{instrument: ND61, clause: 1}", 26, "BH01", "a clause needs an article"),
    (LIST, "tier: 1", "tier: 1\n        valid_from: 2025-07-01", 27, "BH01", "never in force while the item is asked"),
    (LIST, "effective_from: 2021-08-05", "effective_from: 2025-07-01", 26, "BH01", "never in force"),
    (LIST, CHECKLIST, "", None, None, "empty"),
    (LIST, CHECKLIST, CHECKLIST + "---\n" + CHECKLIST, 29, None, "document"),
    (LIST, CHECKLIST, "- 1\n", 1, None, ""),
    (LIST, "basis: BB", "basis: " + "[" * 30 + "]" * 30, 24, "BH01", "nested too deeply"),
    (LIST, "basis: BB", "basis: " + "[" * 5000 + "]" * 5000, None, None, "not YAML"),
    (LAW_FILE, "valid_to: 2025-06-30", "valid_to: 2018-06-20", 10, "ND61", "ends before it begins"),
    (LAW_FILE, "valid_to: 2025-06-30", "valid_to: 2025-06-30\nvalid_to_year: 2025", 11, "ND61", "not both"),
    (LAW_FILE, "valid_from: 2018-06-21", "valid_from: 2018-04-22", 9, "ND61", "before it was issued"),
    (LAW_FILE, "valid_to: 2025-06-30", "replaced_by: ND118", 10, "ND61", "unknown instrument ND118"),
    (LAW_FILE, "valid_to: 2025-06-30", "replaced_by: TT02", 10, "ND61", "without an end of validity"),
    (LAW_FILE, "valid_to: 2025-06-30", "valid_to: 2025-06-30\nreplaced_by: TT02", 11, "ND61", "older than what it"),
    (LAW_FILE, "valid_to: 2025-06-30", "amended_unread: [ND107]", 10, "ND61", "no instrument ND107 with a first day"),
    (LAW_FILE, "label: Nghị định số 61/2018/NĐ-CP", "label: Nghị định", 5, "ND61", "does not name the number"),
    (LAW_FILE, "    clause: 1\n    provenance: text", "    clause: 1\n    provenance: second-hand", 18, "ND61 a13/c1",
     "a quotation needs provenance text"),
    (LAW_FILE, QUOTED, "    amended_by: [ND92]", 18, "ND61 a13/c1", "unknown instrument ND92"),
    (LAW_FILE, QUOTED, "    valid_to: 2026-01-01", 18, "ND61 a13/c1", "after its instrument"),
    (LAW_FILE, QUOTED, "    valid_from: 2018-01-01", 18, "ND61 a13/c1", "before its instrument"),
    (LAW_FILE, "  - article: 13", "  - {article: 13, clause: 1, provenance: text, paraphrase: Hai.}\n  - article: 13",
     15, "ND61 a13/c1", "ND61/d13/k1 stands twice"),
    (LAW_FILE, "id: ND61", "id: ND62", 1, "ND62", "name of the file"),
    (TT02, "  - article: 15", "  - article: 15\n    clause: 1", 14, "TT02 a15/c1",
     "deeper than the article that its provenance (second-hand) allows"),
    (EQ, "item: BH01", "item: BH02", 6, "may_lay_so", "no version of mot-cua has an item BH02"),
    (EQ, CITED, "{instrument: ND61, article: 12}", 7, "may_lay_so", "ND61/d12 is not in the law file"),
    (EQ, "    unit: máy", "    unit: máy\n    weight: 1", 6, "may_lay_so", "unknown key: weight"),
    (EQ, "kinds:\n", "kinds:\n  - " + "{id: may_lay_so, name: M, unit: m, item: BH01, citation: {instrument: ND61}}\n",
     4, "may_lay_so", "may_lay_so stands twice"),
    ("letterhead.yaml", "[ND61]", "[ND61, ND99]", 10, None, "unknown instrument ND99"),
    ("days-off.yaml", "2031-01-23", "2032-01-23", 3, None, "2032-01-23 is not of 2031, or stands twice"),
    ("days-off.yaml", "2031-01-23", "2031-01-22", 3, None, "2031-01-22 is not of 2031, or stands twice"),
    ("days-off.yaml", "year: 2032", "year: 2031", 4, None, "2031 stands twice"),
    ("sipas/2021.yaml", "id: I.1", "id: I.2", 12, "I.2", "expected I.1"),
    ("sipas/2021.yaml", 'target: "87"', "target: 87.5", 15, "I.1", "quotation marks"),
    ("sipas/2021.yaml", 'target: "87"', 'target: "87.555"', 15, "I.1", "target"),
    ("sipas/2021.yaml", 'target: "87"', 'target: "101"', 15, "I.1", "target"),
    ("sipas/2021.yaml", "article: 15", "article: 16", 4, None, "TT02/d16"),
    ("tasks/2021.yaml", "      - number: 1", "      - number: 3", 8, "3", "expected task 1"),
    ("tasks/2021.yaml", "year: 2021", "year: 2022", 1, None, "name of the file"),
]  # fmt: skip


@pytest.mark.parametrize("file, written, instead, line, item, words", BAD, ids=[f"{b[0]}: {b[5] or b[2]}" for b in BAD])
def test_a_flaw_is_refused_with_its_file_line_and_item(folder, file, written, instead, line, item, words):
    assert GOOD[file].count(written) == 1
    (folder / file).write_text(GOOD[file].replace(written, instead), "utf-8")
    flaw = refused(folder)
    assert (flaw.file, flaw.line, flaw.item) == (f"checklists/{file}", line, item)
    assert words in flaw.sentence
    assert str(flaw).startswith(f"checklists/{file}")


def test_two_items_of_one_id_are_refused_at_the_second(folder):
    item = CHECKLIST[CHECKLIST.index("      - id: BH01"):]
    (folder / LIST).write_text(CHECKLIST + item, "utf-8")
    flaw = refused(folder)
    assert (flaw.line, flaw.item, flaw.sentence) == (29, "BH01", "item BH01 stands twice")


def test_every_flaw_of_one_reading_is_said_at_once(folder):
    text = CHECKLIST.replace("sipas: [I.1]", "sipas: [I.9]").replace("tasks: [1]", "tasks: [9]")
    (folder / LIST).write_text(text, "utf-8")
    assert str(refused(folder)).splitlines() == [
        "checklists/mot-cua/1.yaml:27: BH01: sub-criterion I.9 is not in sipas/2021",
        "checklists/mot-cua/1.yaml:28: BH01: task 9 is not in tasks/2021",
    ]


def test_a_later_version_keeps_the_grounds_of_the_items_it_takes_over(folder):
    """The decree that BH01 rests on ended in 2025: version 2 may still ask it, and may not ask BH02 on that ground."""
    second = CHECKLIST.replace("version: 1", "version: 2").replace("2021-08-05", "2025-07-01")
    (folder / "mot-cua/2.yaml").write_text(second, "utf-8")
    assert Catalogue(folder).get("mot-cua", 2).item("BH01").citations
    (folder / "mot-cua/2.yaml").write_text(second.replace("id: BH01", "id: BH02"), "utf-8")
    assert "never in force while the item is asked" in refused(folder).sentence


def test_an_item_asked_only_after_the_year_in_which_its_law_ends_is_refused(folder):
    (folder / LAW_FILE).write_text(GOOD[LAW_FILE].replace("valid_to: 2025-06-30", "valid_to_year: 2024"), "utf-8")
    (folder / LIST).write_text(CHECKLIST.replace("effective_from: 2021-08-05", "effective_from: 2025-01-01"), "utf-8")
    assert "never in force while the item is asked" in refused(folder).sentence


def test_what_nobody_verified_is_no_ground_of_a_notice(folder):
    (folder / LAW_FILE).write_text(GOOD[LAW_FILE].replace("provenance: text\nsource", "provenance: unverified\nsource"),
                                   "utf-8")  # fmt: skip
    assert "ND61 is unverified" in refused(folder).sentence


@pytest.mark.parametrize("name", ["mot-cua/2.yml", "mot-cua/notes.txt", "loose.yaml", "law/old/ND61.yaml"])
def test_a_file_that_would_be_passed_over_is_refused(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x: 1\n")
    assert refused(folder).file == f"checklists/{name}"


def test_a_file_too_large_to_be_written_by_hand_is_refused(folder):
    (folder / LIST).write_text(CHECKLIST + "#" * SIZE_LIMIT, "utf-8")
    assert "the limit" in refused(folder).sentence


def test_bytes_that_are_no_text_are_refused_at_their_line(folder):
    (folder / LIST).write_bytes(CHECKLIST.encode().replace(b"Xem", b"\xff\xfe"))
    flaw = refused(folder)
    assert (flaw.line, flaw.sentence) == (18, "not UTF-8")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert "no such folder" in refused(tmp_path / "nowhere").sentence


def test_words_that_older_yaml_mistakes_for_values_stay_words(folder):
    (folder / LIST).write_text(CHECKLIST.replace("verify: Xem", "verify: no").replace("Có biển?", "12:30"), "utf-8")
    item = Catalogue(folder).get("mot-cua", 1).item("BH01")
    assert (item.verify, item.text) == ("no", "12:30")


def test_the_newest_version_in_force_is_the_one_to_use(folder):
    second = CHECKLIST.replace("version: 1", "version: 2").replace("2021-08-05", "2022-01-01")
    (folder / "mot-cua/2.yaml").write_text(second, "utf-8")
    catalogue = Catalogue(folder)
    used = lambda day: [checklist.version for checklist in catalogue.in_force(day)]  # noqa: E731
    assert used(date(2021, 8, 4)) == []
    assert used(date(2021, 12, 31)) == [1]
    assert used(date(2022, 1, 1)) == [2]
    with pytest.raises(KeyError):
        catalogue.get("mot-cua", 3)


def test_comments_and_layout_do_not_change_what_is_pinned(folder):
    before = Catalogue(folder).get("mot-cua", 1).sha256
    (folder / LIST).write_text("# ghi chú\n" + CHECKLIST.replace("[S, X]", "\n          - S\n          - X"), "utf-8")
    assert Catalogue(folder).get("mot-cua", 1).sha256 == before


def test_what_is_on_file_today_has_no_flaw(tmp_path):
    shutil.copytree(ON_FILE, tmp_path / "checklists")
    catalogue = Catalogue(tmp_path / "checklists")
    for day, version in ((date(2026, 11, 28), 1), (date(2026, 11, 29), 2)):
        assert [(c.id, c.version) for c in catalogue.in_force(day)] == [("mot-cua", version)]
    assert len(catalogue.law.instruments) == 19
    assert catalogue.sipas.keys() == catalogue.tasks.keys() == {2021}


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_that_of_the_code(name):
    published = json.loads((ON_FILE / "schema" / f"{name}.json").read_text("utf-8"))
    assert published == schemas()[name], "write it anew: python -m audit_app checklists schema"


def test_nothing_else_is_published():
    assert {path.stem for path in (ON_FILE / "schema").iterdir()} == schemas().keys()
