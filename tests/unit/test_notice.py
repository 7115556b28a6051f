"""The words of the notice: what it says of a visit is what was found there, and no more."""

import re

import pytest
from PIL import ImageFont

from audit_app.media.pdf import STATIC
from tests.unit.printing import notice, page
from tests.unit.sample_snapshot import snapshot
from tests.unit.test_papers import MM, pieces, read


@pytest.mark.parametrize(("days", "said"), [
    ({}, "từ 08 giờ 30 phút đến 11 giờ 45 phút, ngày 20 tháng 11 năm 2026."),
    ({"held_on": "2026-11-19", "held_until": None}, "từ 08 giờ 30 phút đến 11 giờ 45 phút, ngày 19 tháng 11 năm 2026."),
    ({"held_on": "2026-11-19", "held_until": "2026-11-20"},
     "từ 08 giờ 30 phút ngày 19 tháng 11 năm 2026 đến 11 giờ 45 phút ngày 20 tháng 11 năm 2026."),
])
def test_the_notice_says_the_days_and_hours_that_are_frozen(days, said):
    s = snapshot(photos=0)
    s["inspection"] |= days
    assert said in re.sub(r"\s+", " ", page(s))


def sound(s: dict) -> str:
    """The sections of which the notice says that nothing was found in them."""
    return "".join(re.findall(r"Không phát hiện tồn tại trong các mục đã kiểm tra thuộc phần: (.*?)\.</p>", page(s)))


@pytest.mark.parametrize("outcome", [None, "dat", "khong_dat"])
def test_of_a_section_with_a_confidential_item_it_is_never_said_that_nothing_was_found(outcome):
    s = snapshot(photos=0, faults=0)
    section = next(part for part in s["sections"] if part["title"] in sound(s))
    section["items"][0] |= {"confidential": True, "outcome": outcome}
    assert section["title"] not in sound(s) and sound(s)


def test_a_section_hardly_looked_at_is_no_achievement():
    s = snapshot(photos=0, faults=0)
    part = next(part for part in s["score"]["sections"] if part["title"] in sound(s))
    part |= {"answered": 1, "coverage": 10.0, "percent": None}
    assert part["title"] not in sound(s) and sound(s)


def test_where_no_score_is_given_none_is_spoken_of():
    assert "Điểm này phản ánh" in page(snapshot(photos=0))
    assert "Kết quả này phản ánh" in page(snapshot(photos=0, answered=0.3))


def test_the_method_says_which_sections_the_total_is_made_of():
    method = re.search(r"Cách tính: .*?</p>", page(snapshot(photos=0)), re.S)[0]
    assert "chia cho tổng trọng số của các phần có mục được chấm điểm đã kiểm tra; phần có độ phủ thấp hơn" in method
    assert "vẫn tính vào điểm chung nhưng không nêu điểm riêng" in method


def test_a_section_in_which_nothing_applies_has_neither_count_nor_coverage():
    s = snapshot(photos=0)
    s["score"]["sections"][0] |= {"answered": 0, "applicable": 0, "coverage": 0.0, "percent": None}
    assert '<td class="fig">—</td><td class="fig">—</td>' in page(s) and ">0/0<" not in page(s)


def test_a_visit_at_which_nothing_applies_says_so_instead_of_a_coverage():
    s = snapshot(photos=0)
    s["score"] |= {"answered": 0, "applicable": 0, "coverage": 0.0, "percent": None, "not_applicable": 7}
    assert "Không có mục được chấm điểm nào áp dụng (7 mục không áp dụng)" in page(s)
    assert ">0/0<" not in page(s) and "thấp hơn mức tối thiểu 0" not in page(s) and "Độ phủ: " not in page(s)


def test_a_corrected_notice_names_the_one_that_it_replaces():
    before = {"number": "7", "symbol": "TB-VP", "issued_on": "2026-12-01"}
    assert "Thông báo này thay thế Thông báo số 07/TB-VP ngày 01 tháng 12 năm 2026." in page(
        snapshot(photos=0, replaces=before))
    assert "Thông báo này thay thế" not in page(snapshot(photos=0))


def test_where_there_is_a_difficulty_it_is_not_said_that_there_is_nothing():
    s = snapshot(photos=0) | {"findings": []}
    assert "Khó khăn, vướng mắc" in page(s) and "Không có nội dung." not in page(s)
    s["remarks"]["difficulty"] = None
    assert "Không có nội dung." in page(s)


def test_a_finding_without_a_note_says_its_outcome_once():
    s = snapshot(photos=0, faults=6)
    first = s["findings"][0] | {"fact": None, "outcome": "khong_dat"}
    block = re.search(r'<div class="finding".*?</p>', page(s | {"findings": [first]}), re.S)[0]
    assert block.count("không đạt") == 1 and block.endswith("».</p>")


def test_many_photos_of_one_finding_are_named_as_runs_that_lead_to_both_ends():
    s = snapshot(photos=0, faults=1)
    s["findings"][0]["photos"] = [1, 2, 3, 4, 7]
    said = re.search(r"Minh chứng: (.*?)</p>", page(s), re.S)[1]
    assert re.sub("<[^>]+>|\n", "", said) == "Ảnh 01–04, Ảnh 07."
    assert re.findall(r"#anh-(\d+)", said) == ["01", "04", "07"]


def test_a_line_with_an_address_is_not_stretched_before_it():
    s = snapshot(photos=0)
    s["document"]["causes"] = "Xem https://dichvucong.hanoi.gov.vn/tra-cuu/thu-tuc\nThiếu người trực."
    assert '<p class="ragged">Xem https://' in page(s) and "<p>Thiếu người trực.</p>" in page(s)


def test_a_notice_whose_every_photo_was_taken_out_still_says_so():
    html = page(snapshot(photos=0) | {"taken_out": [1, 2]})
    assert "Đã gỡ khỏi thông báo: Ảnh 01, Ảnh 02.</p>" in html and "ảnh minh chứng tại Phụ lục III" not in html


def right_end(run: tuple) -> float:
    """Where a run of text ends, in millimetres from the left edge of the paper."""
    x, _, size, font, text = run
    file = STATIC / f"fonts/{font if '-' in font else font + '-Regular'}.ttf"
    return x + ImageFont.truetype(file, 1000).getlength(text) / 1000 * size / MM


def test_a_long_symbol_and_a_long_place_stay_in_their_columns():
    place = "Phường Văn Miếu - Quốc Tử Giám"
    s = snapshot(photos=0, faults=0, tier=1, symbol="TB-BQLKCNCX-VPUBND-KSTTHC", place=place, issued_on="2026-12-24")
    runs = pieces(read(notice(s)).pages[0])
    number = [run for run in runs if "VPUBND" in run[-1]]
    dated = [run for run in runs if run[-1].startswith(place)]
    assert number and max(map(right_end, number)) <= 95.1 and dated and max(map(right_end, dated)) <= 195.1


REFUSED = {"role": "agency", "name": "Phạm Dũng", "title": "Phó Chủ tịch", "refused": True,
           "reason": "Không đồng ý mục TB01", "signed_at": "2026-11-20T11:50:00+07:00", "stale": False}


def test_a_refusal_to_sign_is_told_and_is_no_silence_of_the_agency():
    s = snapshot(photos=0) | {"signatures": [REFUSED]}
    s["remarks"]["explanation"] = None
    said = page(s)
    assert "Không đồng ý mục TB01" in said and "không có ý kiến giải trình" not in said
    assert "không có ý kiến giải trình" in page(s | {"signatures": []})


@pytest.mark.parametrize("stale", [True, False])
def test_a_notice_that_says_other_than_the_signed_minutes_says_so(stale):
    said = page(snapshot(photos=0) | {"signatures": [REFUSED | {"stale": stale}]})
    assert ("sau khi ký biên bản kiểm tra" in said) == stale


def test_of_a_visit_at_which_nothing_applied_nothing_is_praised():
    s = snapshot(photos=0, faults=0) | {"findings": []}
    assert "tiếp tục duy trì" in page(s) and "Không phát hiện tồn tại, hạn chế" in page(s)
    for part in s["sections"]:
        for row in part["items"]:
            row |= {"outcome": "khong_ap_dung"}
    assert "duy trì" not in page(s) and "Không phát hiện" not in page(s).partition("II. TỒN TẠI")[2]


def test_how_grave_it_is_is_said_of_findings_and_never_of_recommendations():
    s = snapshot(photos=0)
    for fault in (*s["findings"], *s["recommendations"]):
        fault |= {"severity": "nghiem_trong"}
    assert s["recommendations"] and page(s).count("mức độ: nghiêm trọng") == len(s["findings"])


def test_a_photo_of_a_wrong_clock_says_so():
    s = snapshot(photos=2)
    s["photos"][0] |= {"misdated": True}
    assert page(s).count("(đồng hồ máy chụp sai)") == 1


def test_what_a_screen_reader_says_of_a_link_is_where_it_leads_and_each_file_is_named_once():
    file = read(notice(snapshot(photos=4)))
    spoken = {link["/Contents"] for sheet in file.pages for link in sheet.get("/Annots", ()) if "/Dest" in link}
    assert spoken and all(re.fullmatch(r"(Mục|Tồn tại|Khuyến nghị|Ảnh) \w+", said) for said in spoken), spoken
    assert len(file.trailer["/Root"]["/AF"]) == 1
