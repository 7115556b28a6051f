"""The checklist on file, and when which of its items are asked."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from audit_app.records.catalogue import Catalogue
from audit_app.rules.checklist import from_canonical, parse
from audit_app.rules.source import ChecklistError, Where

FOLDER = Path(__file__).parents[2] / "checklists"
CATALOGUE = Catalogue(FOLDER)
VERSIONS = [CATALOGUE.get("mot-cua", number) for number in (1, 2)]
CHECKLIST = VERSIONS[0]
TODAY = date(2026, 11, 23)
GROUNDS = {1: {"BB": 88, "CD": 18, "KN": 5, "SR": 4}, 2: {"BB": 82, "CD": 20, "KN": 5, "SR": 8}}
WORDS = {"text", "verify", "note", "basis", "citations", "number_label", "of_label"}


@pytest.fixture(params=VERSIONS, ids=lambda checklist: f"version {checklist.version}")
def checklist(request):
    """Each version on file."""
    return request.param


def counted(sections) -> int:
    return sum(len(section.items) for section in sections)


def test_there_are_115_items_in_ten_sections_that_weigh_one_hundred(checklist):
    assert len(checklist.items) == 115
    assert {s.id: (s.weight, len(s.items)) for s in checklist.sections} == {
        "BH": (8, 10), "TS": (6, 6), "NY": (20, 20), "TB": (16, 16), "MH": (8, 8), "HS": (18, 18), "CC": (10, 13),
        "PA": (9, 13), "DT": (3, 6), "QL": (2, 5),
    }  # fmt: skip
    assert sum(section.weight for section in checklist.sections) == 100


def test_a_quick_visit_asks_65_items_a_full_one_100_an_extended_one_115(checklist):
    assert [sum(item.tier <= tier for item in checklist.items) for tier in (1, 2, 3)] == [65, 100, 115]


def test_so_many_items_are_of_each_kind_photo_rule_and_ground(checklist):
    count = lambda name: Counter(getattr(item, name) for item in checklist.items)  # noqa: E731
    assert count("kind") == {"a3": 40, "ratio": 39, "a2": 24, "number": 11, "choice": 1}
    assert count("photo") == {"none": 47, "required": 26, "on_fail": 22, "encouraged": 20}
    assert count("basis") == GROUNDS[checklist.version]


def test_thirteen_items_are_critical(checklist):
    assert [item.id for item in checklist.items if item.critical] == [
        "TS04", "NY01", "NY11", "MH04", "HS01", "HS02", "HS06", "HS11", "HS15", "CC09", "PA01", "PA02", "DT05"
    ]  # fmt: skip


def test_only_the_four_thresholds_that_a_text_gives_are_set(checklist):
    limits = {item.id: (item.at_least, item.at_most) for item in checklist.items if item.has_threshold}
    assert limits == {"MH06": (4, None), "PA01": (5, None), "NY06": (None, 0), "HS13": (None, 0)}


def test_what_is_only_recorded_or_good_practice_is_not_scored(checklist):
    outside = {item.id for item in checklist.items if not item.scored}
    good_practice = {"BH06", "BH10", "TS06", "MH08", "HS18"}
    assert outside == good_practice | {"TS03", "NY02", "NY19", "TB02", "TB03", "TB10", "TB16"}
    assert {item.id for item in checklist.items if item.basis == "KN"} == good_practice
    assert {item.id for item in checklist.items if not item.required} == good_practice


def test_of_overdue_dossiers_fewer_is_better_and_of_nothing_else(checklist):
    assert [item.id for item in checklist.items if item.fewer_is_better] == ["HS10"]


def test_every_measured_item_says_what_to_write_in_each_box(checklist):
    for item in checklist.items:
        if item.kind in ("ratio", "number"):
            assert item.number_label and item.unit, item.id
        assert bool(item.of_label) == (item.kind == "ratio"), item.id


def test_the_forms_of_publication_can_be_ticked_one_by_one(checklist):
    options = checklist.item("NY02").options
    assert [option.text for option in options] == ["Bảng tường", "Trụ xoay", "Bảng di động", "Quyển", "Màn hình",
                                                   "Mã QR"]  # fmt: skip


def test_an_item_is_asked_from_the_day_its_law_begins(checklist):
    for id, level, begin in (("NY20", "X", date(2023, 7, 1)), ("BH10", "S", date(2022, 4, 14))):
        item = checklist.item(id)
        assert item.applies(level, 3, begin)
        assert not item.applies(level, 3, begin - timedelta(days=1))


def test_an_item_is_asked_only_at_its_levels_and_on_visits_that_reach_its_tier(checklist):
    seniority = checklist.item("CC12")
    assert seniority.applies("S", 3, TODAY)
    assert not seniority.applies("X", 3, TODAY), "the 3-year rule does not bind communes"
    assert not seniority.applies("S", 2, TODAY)


def test_a_commune_is_asked_more_today_than_in_2021(checklist):
    then, now = (checklist.offered("X", 3, day) for day in (date(2021, 8, 20), TODAY))
    ids = [{item.id for section in offered for item in section.items} for offered in (then, now)]
    assert ids[1] - ids[0] == {"NY20", "BH10"}


def test_there_are_no_districts_to_visit_after_june_2025(checklist):
    assert counted(checklist.offered("H", 3, date(2025, 6, 30))) > 100
    assert checklist.offered("H", 3, date(2025, 7, 1)) == ()


def test_a_later_version_differs_only_in_words_and_grounds_so_that_scores_can_be_compared():
    settled = [checklist.model_dump(exclude={
        "version": True, "effective_from": True, "sections": {"__all__": {"items": {"__all__": WORDS}}}})
        for checklist in VERSIONS]  # fmt: skip
    assert settled[0] == settled[1]
    scored = [[item.id for item in checklist.items if item.scored] for checklist in VERSIONS]
    assert scored[0] == scored[1], "no ground became, or ceased to be, good practice"


def test_the_head_of_version_two_tells_of_every_item_that_it_changed_and_of_no_other():
    head = (FOLDER / "mot-cua/2.yaml").read_text("utf-8").partition("\nid: ")[0]
    told = re.findall(r"^#   ([A-Z]{2}[0-9]{2})  \S", head, re.MULTILINE)
    pairs = zip(*(checklist.items for checklist in VERSIONS), strict=True)
    assert told == [before.id for before, after in pairs if before != after]


def test_version_one_stays_as_it_was_asked():
    assert CHECKLIST.sha256 == "7840577a68861188255228498cd7f2923026c18ad31dff269b0f28719002033b"


@pytest.mark.parametrize("id", ["HS03", "HS04", "HS05", "HS07", "HS08"])
def test_slips_and_scans_are_looked_for_only_in_dossiers_that_did_not_come_online(id):
    assert "không lấy hồ sơ nộp trực tuyến" in VERSIONS[1].item(id).verify


@pytest.mark.parametrize("id", ["BH03", "MH01", "CC05", "CC08", "CC11", "PA03", "PA04", "PA13"])
def test_what_the_provision_does_not_ask_stands_only_in_the_note_and_is_said_to_be_more(id):
    assert VERSIONS[1].item(id).note.startswith("Quan sát thêm, căn cứ không nêu: ")


def test_chairs_are_only_counted():
    assert VERSIONS[1].item("TB02").verify == "Đếm hai số"


def test_a_section_without_items_is_not_offered():
    extended = parse(checklist_with(ITEM | {"tier": 3}), Where("f"))
    assert extended.offered("S", 2, TODAY) == ()
    assert counted(extended.offered("S", 3, TODAY)) == 1


def test_the_pinned_checklist_is_read_back_as_it_was():
    again = from_canonical(CHECKLIST.canonical())
    assert again == CHECKLIST
    assert again.sha256 == CHECKLIST.sha256
    assert len(CHECKLIST.sha256) == 64


def test_the_hash_tells_any_change_of_content():
    data = json.loads(CHECKLIST.canonical())
    data["sections"][0]["items"][0]["weight"] += 1
    assert parse(data, Where("changed")).sha256 != CHECKLIST.sha256


def test_an_item_is_found_by_its_id():
    assert CHECKLIST.item("TB07").text.startswith("Máy lấy số")
    assert CHECKLIST.item("TB99") is None


ITEM = {"id": "AA01", "text": "t", "verify": "v", "kind": "a3", "photo": "none", "weight": 1, "tier": 1, "basis": "BB",
        "citations": [{"instrument": "ND61"}]}  # fmt: skip
RATIO = ITEM | {"kind": "ratio", "number_label": "n", "of_label": "N"}
OPTIONS = [{"id": "a", "text": "a"}, {"id": "b", "text": "b"}]


def checklist_with(item: dict) -> dict:
    return {"id": "xx", "version": 1, "title": "t", "effective_from": "2021-01-01", "method": "sections",
            "levels": [{"id": level, "title": level} for level in "SHXT"],
            "sections": [{"id": "AA", "title": "t", "weight": 1, "items": [item]}]}  # fmt: skip


@pytest.mark.parametrize("item", [ITEM, RATIO, ITEM | {"kind": "choice", "options": OPTIONS},
                                  ITEM | {"basis": "KN", "citations": []}], ids=str)  # fmt: skip
def test_an_item_that_hangs_together_is_taken(item):
    assert parse(checklist_with(item), Where("f")).item("AA01")


@pytest.mark.parametrize("item, sentence", [
    (ITEM | {"kind": "ratio"}, "a ratio needs number_label and of_label"),
    (ITEM | {"of_label": "N"}, "only a ratio has an of_label"),
    (ITEM | {"fewer_is_better": True}, "only a ratio can say that fewer is better"),
    (RATIO | {"at_least": 1}, "only a number has one"),
    (ITEM | {"kind": "number", "at_least": 2, "at_most": 1}, "no number can pass"),
    (ITEM | {"unit": "m"}, "only a number or a ratio has a unit"),
    (ITEM | {"kind": "choice"}, "a choice needs at least two options"),
    (ITEM | {"options": OPTIONS}, "only a choice has options"),
    (ITEM | {"kind": "choice", "options": OPTIONS[:1] * 2}, "an option stands twice"),
    (ITEM | {"kind": "number", "critical": True}, "cannot fail cannot be critical"),
    (ITEM | {"critical": True, "basis": "KN"}, "good practice (KN) is never a breach"),
    (ITEM | {"citations": []}, "basis BB needs a citation"),
    (ITEM | {"citations": ITEM["citations"] * 2}, "a citation stands twice"),
    (ITEM | {"levels": ["S", "S"]}, "a level stands twice"),
    (ITEM | {"levels": []}, "levels"),
    (ITEM | {"levels": ["Q"]}, "levels"),
    (ITEM | {"sipas": ["I.1", "I.1"]}, "a sub-criterion stands twice"),
    (ITEM | {"tasks": [7, 7]}, "a task stands twice"),
    (ITEM | {"valid_from": "2022-01-01", "valid_to": "2021-01-01"}, "ends before it begins"),
    (ITEM | {"weight": -1}, "weight"),
    (ITEM | {"weight": "1"}, "weight"),
    (ITEM | {"weight": True}, "weight"),
    (ITEM | {"tier": 4}, "tier"),
    (ITEM | {"photo": "B"}, "photo"),
    (ITEM | {"basis": "XX"}, "basis"),
    (ITEM | {"id": "BH1"}, "id"),
    (ITEM | {"text": ""}, "text"),
    (ITEM | {"text": " t"}, "text"),
    (ITEM | {"wieght": 1}, "unknown key: wieght"),
    ({k: v for k, v in ITEM.items() if k != "verify"}, "verify is missing"),
    (ITEM | {"citations": [{"instrument": "ND61", "clause": 1}]}, "a clause needs an article or a part"),
    (ITEM | {"citations": [{"instrument": "nd61"}]}, "instrument"),
])  # fmt: skip
def test_an_item_that_does_not_hang_together_is_refused(item, sentence):
    with pytest.raises(ChecklistError, match="f: ") as refused:
        parse(checklist_with(item), Where("f"))
    assert sentence in str(refused.value)
    assert not refused.value.others, "one flaw is said once"
