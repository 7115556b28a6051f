"""The index and the tasks of the city's letter are on file exactly as printed."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from audit_app.records.catalogue import Catalogue
from audit_app.rules.sipas import coverage, rounded

CATALOGUE = Catalogue(Path(__file__).parents[2] / "checklists")
SIPAS, TASKS, CHECKLIST = CATALOGUE.sipas[2021], CATALOGUE.tasks[2021], CATALOGUE.get("mot-cua", 1)


def test_there_are_five_criteria_and_twenty_four_sub_criteria():
    assert [(c.id, len(c.parts)) for c in SIPAS.criteria] == [("I", 4), ("II", 5), ("III", 7), ("IV", 4), ("V", 4)]


def test_the_index_of_2020_is_the_mean_of_the_sub_criteria_not_of_the_criteria():
    assert SIPAS.overall() == sum(Fraction(str(p.baseline)) for p in SIPAS.parts) / 24
    assert SIPAS.overall() == Fraction(68119, 800)  # 85.14875
    assert rounded(SIPAS.overall()) == SIPAS.overall_baseline == Decimal("85.15")
    of_criteria = sum(Fraction(c.baseline) for c in SIPAS.criteria) / 5
    assert rounded(of_criteria) == Decimal("85.18")


def test_each_criterion_of_2020_is_the_mean_of_its_own_sub_criteria():
    for criterion in SIPAS.criteria:
        assert rounded(criterion.mean()) == criterion.baseline, criterion.id


def test_targets_are_those_printed_never_derived_from_parts():
    assert [str(c.target) for c in SIPAS.criteria] == ["86", "92", "87", "90", "85"]
    assert [str(p.target) for p in SIPAS.criteria[0].parts] == ["87", "87", "86", "85"]


def test_a_value_is_kept_exactly_as_printed():
    assert str(SIPAS.part("II.3").baseline) == "90.32"
    assert str(SIPAS.criteria[1].baseline) == "89.20"
    assert SIPAS.part("VI.1") is None


def test_the_unit_that_follows_is_found_where_the_cell_was_printed_once():
    followers = {part.id: criterion.follower_of(part) for criterion in SIPAS.criteria for part in criterion.parts}
    assert followers["I.1"] == followers["I.4"] == followers["V.4"] == "Văn phòng UBND Thành phố"
    assert followers["III.2"] == "Sở Nội vụ"


def test_items_support_every_sub_criterion_but_fairness():
    touched = coverage(SIPAS, CHECKLIST)
    assert [id for id, items in touched.items() if not items] == ["IV.4"]
    assert touched["III.2"] == ("CC05",)
    assert touched["V.1"] == ("TB12", "MH06", "PA01", "PA02", "PA03", "PA10", "PA13")


def test_there_are_thirty_three_tasks_in_six_tables():
    assert [len(table.tasks) for table in TASKS.tables] == [6, 5, 9, 4, 3, 6]
    assert [task.number for task in TASKS.tasks] == list(range(1, 34))
    assert TASKS.task(10).lead == ("Văn phòng UBND Thành phố",)
    assert TASKS.task(10).cooperating == ("Sở Nội vụ", "Sở Thông tin và Truyền thông", "Sở Tài chính")
    assert TASKS.task(10).deadline == "Trong năm 2021"
    assert TASKS.task(7).lead == ("Sở, ngành", "UBND cấp huyện", "UBND cấp xã")
    assert TASKS.task(34) is None


def test_the_slips_of_the_scan_are_mended_and_said():
    assert "292/UBND-SNV" in TASKS.note
    assert "143/KH-UBND" in TASKS.task(1).remark and TASKS.task(1).note
    assert TASKS.task(14).text.endswith("để nâng cao chất lượng hồ sơ được tiếp nhận.")
    assert TASKS.task(3).text == TASKS.task(32).text and TASKS.task(3).note and TASKS.task(32).note


def test_the_visit_touches_the_tasks_that_can_be_seen_on_site():
    seen = {number for item in CHECKLIST.items for number in item.tasks}
    assert seen == {*range(7, 16), 17, *range(21, 32), 33}


def test_each_kind_of_equipment_belongs_to_an_item_and_a_provision_that_may_be_shown():
    kinds = {kind.id: kind for kind in CATALOGUE.equipment}
    assert {"may_lay_so", "man_hinh_cam_ung", "may_tinh_nguoi_dan", "camera", "ghe_cho", "ban_viet",
            "thiet_bi_danh_gia", "may_tinh_quay", "may_in_quay", "may_quet_quay", "hop_thu_gop_y",
            "binh_chua_chay"} <= kinds.keys()  # fmt: skip
    assert kinds["may_lay_so"].item == "TB07"
    for kind in CATALOGUE.equipment:
        assert kind.citation.key in {citation.key for citation in CHECKLIST.item(kind.item).citations}
