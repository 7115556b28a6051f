"""A paraphrase is all that papers print of a provision: it keeps the condition, the body and the deadline."""

import pytest

from audit_app.rules.law import Citation
from tests.unit.sample_snapshot import catalogue

LAW = catalogue().law


def told(**place) -> str:
    return LAW.provision(Citation(**place)).paraphrase


@pytest.mark.parametrize("point", [None, "a", "b", "c"])
def test_slips_and_scans_are_asked_of_no_dossier_that_came_online(point):
    """Điều 17 khoản 1 speaks of dossiers that came by Điều 16 khoản 1, 2; khoản 2 has other words for online ones."""
    assert told(instrument="ND61", article=17, clause=1, point=point).startswith(
        ("Hồ sơ không nộp trực tuyến", "Từ chối nhận hồ sơ không nộp trực tuyến", "Hồ sơ nộp trực tiếp, qua bưu chính"))


def test_no_receipt_is_asked_where_the_result_is_given_at_once_and_a_result_may_come_online():
    assert "trả kết quả ngay" in told(instrument="ND61", article=17, clause=1, point="c")
    assert "nhận trực tuyến" in told(instrument="ND61", article=20, clause=3)


@pytest.mark.parametrize(("place", "condition"), [
    ({"article": 7}, "ở cấp tỉnh, cấp huyện có cơ quan"),
    ({"article": 8, "clause": 1, "point": "c"}, "mức độ 3, 4"),
    ({"article": 8, "clause": 1, "point": "đ"}, "về cán bộ, công chức, cơ quan"),
    ({"article": 11, "clause": 1, "point": "b"}, "chuyên viên hoặc tương đương trở lên"),
    ({"article": 11, "clause": 1, "point": "b"}, "trong ngành, lĩnh vực được phân công"),
    ({"article": 14, "clause": 5}, "vẫn phải được theo dõi"),
    ({"article": 19, "clause": 4}, "qua thẩm tra, thẩm định"),
])  # fmt: skip
def test_the_decree_on_one_stop_shops_is_told_with_its_conditions(place, condition):
    assert condition in told(instrument="ND61", **place)


@pytest.mark.parametrize(("place", "body"), [
    ({"article": 9, "clause": 5}, "phối hợp với cơ quan cử người xử lý hành vi vi phạm"),
    ({"article": 9, "clause": 10}, "quản lý, trình cấp có thẩm quyền"),
    ({"article": 12, "clause": 5}, "Cơ quan cử người"), ({"article": 12, "clause": 6}, "Cơ quan cử người"),
    ({"article": 13, "clause": 2, "point": "a"}, "Thủ trưởng cơ quan, Chủ tịch UBND các cấp"),
    ({"article": 19, "clause": 9}, "cơ quan giải quyết phải báo Bộ phận Một cửa"),
])  # fmt: skip
def test_a_duty_is_told_of_the_body_that_has_it(place, body):
    assert body in told(instrument="ND61", **place)


@pytest.mark.parametrize(("task", "deadline"), [
    (8, "tháng 8/2021"), (10, "trong năm 2021"), (11, "quý IV/2021"), (12, "trong năm 2021"), (13, "trong năm 2021"),
    (14, "trong năm 2021"), (23, "tháng 9/2021"), (24, "trong năm 2021"), (29, "tháng 8/2021"), (31, "trong năm"),
    (33, "quý IV/2021"),
])  # fmt: skip
def test_a_task_of_the_citys_letter_is_told_with_its_deadline(task, deadline):
    assert deadline in told(instrument="CV2542", part=f"nhiệm vụ {task} Phụ lục 2").replace("\n", " ")
    listed = next(one for table in catalogue().tasks[2021].tables for one in table.tasks if one.number == task)
    assert deadline.lower() in listed.deadline.lower(), "as the letter's own table says it"


def test_the_letter_asks_to_mend_what_its_own_report_named_not_what_any_inspection_found():
    assert "2144/BC-SNV" in told(instrument="CV2542", part="mục 1 (gạch đầu dòng thứ 1)")


@pytest.mark.parametrize(("place", "condition"), [
    ({"instrument": "ND63", "article": 18, "clause": 4}, "trừ khi phải thu thập, công bố"),
    ({"instrument": "ND63", "article": 18, "clause": 5}, "trong thời hạn giải quyết"),
    ({"instrument": "TT01", "article": 5, "clause": 1}, "ưu tiên thủ tục phổ biến"),
    ({"instrument": "TT01", "article": 7, "clause": "2-4"}, "cử ra Trung tâm Phục vụ hành chính công cấp tỉnh"),
])  # fmt: skip
def test_the_other_decree_and_the_circular_are_told_with_their_conditions(place, condition):
    assert condition in told(**place)
