"""The checklist on file, and when which of its items are asked."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from audit_app.records.catalogue import Catalogue
from audit_app.rules.checklist import from_canonical, parse
from audit_app.rules.source import ChecklistError, Where

CATALOGUE = Catalogue(Path(__file__).parents[2] / "checklists")
CHECKLIST = CATALOGUE.get("mot-cua", 1)
TODAY = date(2026, 11, 23)


def counted(sections) -> int:
    return sum(len(section.items) for section in sections)


def test_there_are_115_items_in_ten_sections_that_weigh_one_hundred():
    assert len(CHECKLIST.items) == 115
    assert {s.id: (s.weight, len(s.items)) for s in CHECKLIST.sections} == {
        "BH": (8, 10), "TS": (6, 6), "NY": (20, 20), "TB": (16, 16), "MH": (8, 8), "HS": (18, 18), "CC": (10, 13),
        "PA": (9, 13), "DT": (3, 6), "QL": (2, 5),
    }  # fmt: skip
    assert sum(section.weight for section in CHECKLIST.sections) == 100


def test_a_quick_visit_asks_65_items_a_full_one_100_an_extended_one_115():
    assert [sum(item.tier <= tier for item in CHECKLIST.items) for tier in (1, 2, 3)] == [65, 100, 115]


def test_the_kinds_photo_rules_and_grounds_are_those_of_the_proposal():
    count = lambda name: Counter(getattr(item, name) for item in CHECKLIST.items)  # noqa: E731
    assert count("kind") == {"a3": 40, "ratio": 39, "a2": 24, "number": 11, "choice": 1}
    assert count("photo") == {"none": 47, "required": 26, "on_fail": 22, "encouraged": 20}
    assert count("basis") == {"BB": 88, "CD": 18, "KN": 5, "SR": 4}


def test_thirteen_items_are_critical():
    assert [item.id for item in CHECKLIST.items if item.critical] == [
        "TS04", "NY01", "NY11", "MH04", "HS01", "HS02", "HS06", "HS11", "HS15", "CC09", "PA01", "PA02", "DT05"
    ]  # fmt: skip


def test_only_the_four_thresholds_that_a_text_gives_are_set():
    limits = {item.id: (item.at_least, item.at_most) for item in CHECKLIST.items if item.has_threshold}
    assert limits == {"MH06": (4, None), "PA01": (5, None), "NY06": (None, 0), "HS13": (None, 0)}


def test_what_is_only_recorded_or_good_practice_is_not_scored():
    outside = {item.id for item in CHECKLIST.items if not item.scored}
    good_practice = {"BH06", "BH10", "TS06", "MH08", "HS18"}
    assert outside == good_practice | {"TS03", "NY02", "NY19", "TB02", "TB03", "TB10", "TB16"}
    assert {item.id for item in CHECKLIST.items if item.basis == "KN"} == good_practice
    assert {item.id for item in CHECKLIST.items if not item.required} == good_practice


def test_of_overdue_dossiers_fewer_is_better_and_of_nothing_else():
    assert [item.id for item in CHECKLIST.items if item.fewer_is_better] == ["HS10"]


def test_every_measured_item_says_what_to_write_in_each_box():
    for item in CHECKLIST.items:
        if item.kind in ("ratio", "number"):
            assert item.number_label and item.unit, item.id
        assert bool(item.of_label) == (item.kind == "ratio"), item.id


def test_the_forms_of_publication_can_be_ticked_one_by_one():
    options = CHECKLIST.item("NY02").options
    assert [option.text for option in options] == ["Bảng tường", "Trụ xoay", "Bảng di động", "Quyển", "Màn hình",
                                                   "Mã QR"]  # fmt: skip


def test_an_item_is_asked_from_the_day_its_law_begins():
    for id, level, begin in (("NY20", "X", date(2023, 7, 1)), ("BH10", "S", date(2022, 4, 14))):
        item = CHECKLIST.item(id)
        assert item.applies(level, 3, begin)
        assert not item.applies(level, 3, begin - timedelta(days=1))


def test_an_item_is_asked_only_at_its_levels_and_on_visits_that_reach_its_tier():
    seniority = CHECKLIST.item("CC12")
    assert seniority.applies("S", 3, TODAY)
    assert not seniority.applies("X", 3, TODAY), "the 3-year rule does not bind communes"
    assert not seniority.applies("S", 2, TODAY)


def test_a_commune_is_asked_more_today_than_in_2021():
    then, now = (CHECKLIST.offered("X", 3, day) for day in (date(2021, 8, 20), TODAY))
    ids = [{item.id for section in offered for item in section.items} for offered in (then, now)]
    assert ids[1] - ids[0] == {"NY20", "BH10"}


def test_there_are_no_districts_to_visit_after_june_2025():
    assert counted(CHECKLIST.offered("H", 3, date(2025, 6, 30))) > 100
    assert CHECKLIST.offered("H", 3, date(2025, 7, 1)) == ()


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
