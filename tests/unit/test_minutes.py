"""The minutes say who met, what was read out and who signed or would not, in the layout of NĐ 30/2020/NĐ-CP."""

import json
import re

import pytest

from tests.unit.sample_minutes import AGENCY, LEAD, REFUSAL, SECRETARY, WITNESS, page, paper, sample
from tests.unit.test_papers import FORBIDDEN, pieces, read, sheets, squeezed, words

CANARY = '</p><script>x</script><img src="http://127.0.0.1:9/c">{{ 7*7 }}'


@pytest.fixture(scope="module")
def printed() -> bytes:
    return paper(sample())


def test_minutes_have_neither_place_nor_date_at_their_head_and_begin_with_the_hour(printed):
    said = squeezed(read(printed).pages[0].extract_text())
    assert "Số:/BB-VP" in said and "HàNội,ngày" not in said
    assert said.index("BIÊNBẢN") < said.index("Thờigianbắtđầu:08giờ30phút,ngày20tháng11năm2026")
    assert "kếtthúcvào11giờ45phút,ngày20tháng11năm2026./." in words(printed)


def test_head_and_body_are_as_large_as_the_decree_says_and_margins_stay_free(printed):
    found = {text: (size, font) for *_, size, font, text in pieces(read(printed).pages[0])}
    assert found["BIÊN BẢN"] == (pytest.approx(14, abs=0.05), "AuditSerif-Bold")
    body = next(at for text, at in found.items() if text.startswith("Thời gian bắt đầu"))
    assert body == (pytest.approx(13, abs=0.05), "AuditSerif")
    for number, sheet in enumerate(read(printed).pages, 1):
        margin = [text for x, y, _, _, text in pieces(sheet) if y < 20 or not 29.9 <= x <= 195]
        assert margin == ([] if number == 1 else [str(number)])


def test_everybody_present_and_everything_not_in_order_is_named(printed):
    whole, said = words(printed), sample()
    assert all(squeezed(f"{one['name']}, {one['title']}") in whole for one in said["meeting"]["present"])
    for row in (*said["findings"], *said["recommendations"], *said["open"]):
        assert row["item"] in whole and squeezed(row.get("fact") or "") in whole
    assert "84,4%" not in whole or "độphủ" in whole
    assert squeezed(said["meeting"]["opinion"]) in whole and squeezed(said["remarks"]["explanation"]) in whole
    assert not FORBIDDEN.search(page(said))


def test_what_leads_to_names_never_stands_alone_at_the_foot_of_a_page():
    said = sample(findings=[], recommendations=[], equipment=[])
    guest = said["meeting"]["present"][-1]
    for section in said["sections"]:
        section["items"] = section["items"][:1]
    for people in (18, 19, 20):
        said["meeting"]["present"] = [{"name": "Nguyễn Văn An", "title": "", "side": "team"}] * people + [guest]
        foot = max(pieces(read(paper(said)).pages[0]), key=lambda run: run[1])
        assert "Đại diện đơn vị được kiểm tra:" not in foot[-1]


def test_two_pages_share_the_kinds_of_equipment_by_two_at_the_foot_of_one_and_three_on_the_other_at_least():
    said, found = sample(findings=[], recommendations=[], remarks=dict.fromkeys(sample()["remarks"])), set()
    for section in said["sections"]:
        section["items"] = section["items"][:1]
    names = ["".join(one["name"].split()) for one in said["equipment"]]
    for people in (32, 33, 42, 43, 44):
        said["meeting"]["present"] = [{"name": "Nguyễn Văn An", "title": "", "side": "team"}] * people
        tables = [sheet.rpartition("LoạiTổngsố")[2] for sheet in sheets(paper(said)) if "LoạiTổngsố" in sheet]
        found.add(tuple(sum(name in table for name in names) for table in tables))
    assert found == {(11, 3), (3, 11), (2, 12), (14,)}


def test_items_that_could_not_be_looked_at_stand_one_below_the_other_with_their_reasons():
    left = [{"item": "TB03", "note": "Phòng khoá\nKhông có chìa"}, {"item": "TB04", "note": None},
            {"item": "TB05", "note": "Mất điện"}, {"item": "TB06", "note": None}]
    html = page(sample(open=left))
    assert "4. Mục chưa kiểm tra được (4 mục)</h3>" in html and "<p>- Mục TB03: Phòng khoá</p>" in html
    assert "<p>- Mục TB05: Mất điện</p>" in html and "<p>- Không ghi lý do: mục TB04, TB06.</p>" in html


def test_that_nothing_was_left_open_is_not_said_of_what_is_told_of_nobody():
    said = sample(open=[])
    assert "Không có mục nào để trống.</p>" in page(said)
    said["sections"][0]["items"][0]["confidential"] = True
    assert "Không có mục nào để trống, không kể mục ghi nhận riêng.</p>" in page(said)


def test_what_the_agency_explained_and_what_it_said_at_the_meeting_are_told_apart():
    html = page(sample()).partition("<h2>III.")[2].partition("<h2>IV.")[0]
    assert html.index("<b>Giải trình của đơn vị:</b>") < html.index("<b>Ý kiến của đơn vị tại buổi họp")


def hands(html: str) -> str:
    """The part of the minutes where people sign."""
    return html.partition('class="hands"')[2].partition("<section")[0]


def test_signatures_are_drawn_as_lines_of_half_a_millimetre_above_their_names(printed):
    html = hands(page(sample()))
    assert html.count("<svg ") == html.count('viewBox="') == 3 and "<img" not in html
    for one, drawn in zip((AGENCY, SECRETARY, LEAD), re.findall(r'<svg[^>]* viewBox="(.*?)">(.*?)</svg>', html, re.S),
                          strict=True):
        _, _, across, down = map(float, drawn[0].split())
        thick = float(re.search(r'stroke-width="([\d.]+)"', drawn[1])[1])
        assert one["path"] in drawn[1] and one["name"] in drawn[1]
        assert thick * min(46 / across, 21 / down) == pytest.approx(0.5, rel=0.02)
    (sheet,) = [sheet for sheet in read(printed).pages if "THƯ KÝ" in sheet.extract_text()]
    places = {text: (x, y) for x, y, _, _, text in pieces(sheet)}
    assert places["ĐẠI DIỆN ĐƠN VỊ"][0] < places["THƯ KÝ"][0] < places["TRƯỞNG ĐOÀN"][0]
    assert places["ĐẠI DIỆN ĐƠN VỊ"][1] < places["Phạm Tiến Dũng"][1] - 20


def test_a_refusal_stands_with_its_reason_and_the_hand_of_who_saw_it():
    whole = words(paper(sample(WITNESS, REFUSAL, SECRETARY | {"stale": True}, LEAD)))
    assert squeezed("Từ chối ký: đại diện đơn vị Phạm Tiến Dũng, Phó Chủ tịch UBND phường từ chối ký") in whole
    assert squeezed("Lý do: Không thống nhất nội dung mục BH07. Người chứng kiến việc từ chối ký: Đặng Thị") in whole
    assert "NGƯỜICHỨNGKIẾN" in whole and "ĐẠIDIỆNĐƠNVỊTHƯKÝ" not in whole
    assert "THƯKÝ(*)" in whole and "TRƯỞNGĐOÀN(*)" not in whole and squeezed("có thay đổi sau khi người đó ký") in whole


def test_who_has_not_signed_keeps_room_for_a_pen():
    html = hands(page(sample(LEAD)))
    assert html.count("(chưa ký)") == 2 and html.count("<svg") == 1


def test_a_refusal_of_an_earlier_meeting_is_told_as_such_and_is_not_how_this_one_ended():
    before = {"stale": True, "earlier": True}
    html = page(sample(WITNESS | before, REFUSAL | before, SECRETARY | before, LEAD | {"earlier": False}))
    assert "từ chối ký biên bản của một buổi họp trước, lúc 11:40 20/11/2026; biên bản này" in html
    assert "được lập khi đại diện đơn vị từ chối ký" not in html and "NGƯỜI CHỨNG KIẾN" not in html
    assert "ĐẠI DIỆN ĐƠN VỊ</p>" in html and hands(html).count("(chưa ký)") == 1
    assert "THƯ KÝ (*)" in html and "hoặc chữ ký thuộc về một buổi họp trước." in html


def test_a_refusal_after_which_something_changed_still_ends_its_meeting_and_is_marked():
    html = page(sample(WITNESS | {"earlier": False}, REFUSAL | {"stale": True, "earlier": False}, LEAD))
    assert "Từ chối ký (*):" in html and "được lập khi đại diện đơn vị từ chối ký" in html


def test_a_snapshot_that_knows_of_no_earlier_meeting_prints_as_before():
    html = page(sample(WITNESS, REFUSAL | {"stale": True}, SECRETARY, LEAD))
    assert "Từ chối ký:" in html and "NGƯỜI CHỨNG KIẾN" in html and "buổi họp trước" not in html


def test_a_long_reason_of_a_refusal_does_not_tear_the_page_of_signatures_apart():
    reason = "Đơn vị không nhất trí với nhận xét của Đoàn kiểm tra. " * 100
    data = paper(sample(WITNESS, REFUSAL | {"reason": reason + "\n\n" + reason}, SECRETARY, LEAD))
    (sheet,) = [sheet for sheet in sheets(data) if "NGƯỜICHỨNGKIẾN" in sheet]
    assert "kếtthúcvào11giờ45phút" in sheet and "Nơinhận:" in sheet


@pytest.mark.parametrize("witnesses", [(), (WITNESS,)])
def test_minutes_that_nobody_signed_speak_of_no_signatures(witnesses):
    html = page(sample() | {"signatures": list(witnesses)})
    assert "được lập để ký; kết thúc vào" in html and "ký xác nhận" not in html
    assert "Chữ ký trên biên bản" not in html and "(chưa ký)" not in html
    assert hands(html).count("(ký, ghi rõ họ tên)") == 3


def test_printing_the_same_minutes_again_gives_the_same_bytes_with_the_data_attached(printed):
    assert paper(sample()) == printed
    (file,) = read(printed).attachment_list
    assert file.name == "minutes.json" and json.loads(file.content) == sample()


def test_what_people_said_at_the_table_is_text_and_never_markup():
    said = sample(WITNESS | {"name": CANARY, "title": CANARY}, REFUSAL | {"reason": CANARY, "name": CANARY})
    said["meeting"] |= {"place": CANARY, "opinion": CANARY,
                        "present": [{"name": CANARY, "title": CANARY, "side": "agency"}]}
    html = page(said)
    assert "<script>" not in html and "<img" not in html and "{{ 7*7 }}" in html
    paper(said)


def test_of_photos_that_are_not_withheld_or_not_known_to_be_nothing_is_said():
    assert "không công bố" not in page(sample()) + page(sample(withheld_count=0))


def test_no_word_of_the_agencys_name_stands_alone_in_the_last_line_of_the_title():
    said = sample()
    said["agency"]["name"] = "Trung tâm Phục vụ hành chính công thành phố Hà Nội, Chi nhánh"
    title = [(y, text) for _, y, size, font, text in pieces(read(paper(said)).pages[0])
             if size == pytest.approx(14, abs=0.05) and font == "AuditSerif-Bold"]
    last = max(y for y, _ in title)
    assert " ".join(text for y, text in title if last - y < 1).endswith("Nội, Chi nhánh")
