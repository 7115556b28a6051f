"""Handing in: what was said at the closing meeting goes along, signed or not; nobody is shut out unseen."""

import re

from tests.e2e.conftest import AHEAD, DESK, NOWHERE, ONLINE, TABLET, shoot, sync_api
from tests.e2e.device import first, meanwhile
from tests.e2e.tablet import brought, everything_on_the_server, finger, item, whole
from tests.e2e.test_meeting import NAMES, PLACE, answered, begun, hand, lead_signs, meet, planned, post
from tests.e2e.test_taken_out import REMOVALS, UNDO_STAYS, drawer, photograph, take_out, withdraw_on_its_way
from tests.unit.test_closing import meeting

expect = sync_api.expect
HELD = {"problem": "incomplete", "message": "Còn 1 việc.",
        "missing": [{"kind": "tablet", "person": "Trần Quốc Bình", "rows": 12}]}
HEARD = """() => new Promise((done) => {
  document.addEventListener("news", () => setTimeout(done, 300), { once: true });
  dispatchEvent(new Event("online"));
})"""
"""The page has heard of the team, and had time to say so."""
SAID = "Đề nghị ghi rõ lối đi đã được dọn trong buổi sáng."


def all_answered(person, where: str, *, met: bool = True) -> tuple[str, object]:
    """The path of a visit of An's in which everything is in order, the closing meeting, too, and its page."""
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), where)
    page = person("an", TABLET, NOWHERE, **ONLINE)
    answered(page, f"/sync{path}")
    if met:
        assert not post(page, f"/sync{path}/rows", meetings=[meeting()])["refused"]
    page.goto(f"{path}/capture")
    whole(page)
    return path, page


def a_note_is_no_answer(page) -> None:
    """An item may stay empty with a word why: its card says so, and one is led there last, once."""
    card = item(page, "BH08")
    finger(card, "dat")
    card.locator("textarea").fill("Không xem được")
    card.locator("textarea").blur()
    expect(card.locator(".note")).to_contain_text("chưa tính là đã trả lời")
    expect(card.locator(".bare")).to_be_visible()
    expect(item(page, "BH02").locator(".bare")).to_be_hidden()
    expect(page.locator("[data-action=next]")).to_have_text("Mục kế tiếp: BH08")
    for _ in range(2):
        page.locator("[data-action=next]").tap()
    expect(page.locator("[data-action=submit]")).to_be_focused()
    page.locator("[data-action=missing]").first.evaluate(CLICK)
    expect(page.get_by_role("dialog")).to_contain_text("Không bắt buộc: 1 mục chỉ có ghi chú")
    shoot(page, "missing-bare")
    page.get_by_role("dialog").get_by_role("link", name="BH08").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_meeting_that_nobody_signed_is_handed_in_and_who_does_it_hears_of_what_others_hold(person):
    path, page = all_answered(person, "UBND phường Láng", met=False)
    a_note_is_no_answer(page)
    begun(page)
    page.locator("dialog.meeting [name=opinion]").fill(SAID)
    page.locator("dialog.meeting [name=opinion]").blur()
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent === 'Đã lưu trên máy'")
    page.go_back()
    asked = []
    first(page, "**/submission", lambda route: (asked.append(route.request.post_data_json["manifest"]["ask"]),
                                                route.fulfill(status=409, json=HELD)))
    page.tolerant = True
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.get_by_role("dialog")).to_contain_text("Trần Quốc Bình: 12 thay đổi, ảnh chưa gửi")
    shoot(page, "handing-in-elsewhere")
    with page.expect_request("**/submission") as told:
        page.get_by_role("button", name="Vẫn nộp").tap()
    assert [*asked, told.value.post_data_json["manifest"]["ask"]] == [True, False]
    expect(page.get_by_text("KT-").first).to_be_visible()
    meeting, = page.request.get(f"/sync{path}").json()["rows"]["meetings"]
    assert (meeting["place"], meeting["opinion"]) == (PLACE, SAID)


CLICK = "(one) => one.click()"
"""Chromium sometimes makes no click of a touch that follows strokes of the mouse, with which these journeys sign."""


def leave(page) -> None:
    """Out of the meeting, once the lead has signed."""
    expect(page.locator("dialog.pad[open]")).to_have_count(0)
    expect(hand(page, "lead", "signed")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)


def answering(told: dict):
    """The server refuses a submission so."""
    return lambda route: route.fulfill(status=409, json=told)


def test_a_photo_whose_row_never_came_is_named_where_it_stands(person):
    """Of what has no place the server's sentence alone is said: there is nothing to go to."""
    _, page = all_answered(person, "UBND phường Thanh Xuân")
    thumb = page.locator("#main .proof [data-photo]").first
    where = thumb.evaluate("(one) => one.closest('[data-item]').dataset.item")
    lost = [{"kind": "photo_row", "sha256": thumb.get_attribute("data-sha256")}]
    page.tolerant = True
    for missing in ([{"kind": "rows", "announced": 9, "received": 8}], lost):
        told = {"problem": "conflict", "message": f"Thiếu {missing[0]['kind']}.", "missing": missing}
        first(page, "**/submission", answering(told))
        brought(page.locator("[data-action=submit]")).tap()
        expect(page.get_by_text(told["message"])).to_be_visible()
        expect(page.locator("dialog.sheet[open] .gaps")).to_have_count(int(missing is lost))
    expect(page.get_by_role("dialog")).to_contain_text(f"{where} chưa gửi được")


def test_a_count_in_which_the_cursor_still_stands_is_handed_in_and_keeps_nobody_waiting(person):
    """On an iPad a tap on a button does not take the cursor out of a field."""
    path, page = all_answered(person, "UBND phường Kim Liên")
    kit = page.locator("fieldset[data-equipment]").first
    kit.locator("input[name^=total-]").fill("3")
    kit.locator("input[name^=working-]").focus()
    page.keyboard.insert_text("2")
    page.locator("[data-action=submit]").evaluate("(button) => button.click()")
    expect(page.get_by_text("KT-").first).to_be_visible()
    counted, = page.request.get(f"/sync{path}").json()["rows"]["equipment"]
    assert (counted["total"], counted["working"]) == (3, 2)


def test_a_count_that_cannot_be_right_is_neither_read_out_nor_forgotten_when_the_visit_is_handed_in(person):
    path, page = all_answered(person, "UBND phường Sơn Tây", met=False)
    kit = page.locator("fieldset[data-equipment]").first
    for name, number in (("total", "2"), ("working", "3")):
        kit.locator(f"input[name^={name}-]").fill(number)
    begun(page)
    expect(page.locator("[data-read=kits]")).to_have_text("Chưa kiểm đếm.")
    expect(page.locator("[data-lacking] li")).to_contain_text(["Chưa lưu: số hoạt động lớn hơn"])
    page.locator('[data-role="lead"] [data-act=sign]').click()
    expect(page.locator("dialog.meeting [data-said]")).to_contain_text("số ghi dở")
    page.go_back()
    brought(page.locator("[data-action=submit]")).tap()
    page.get_by_role("dialog").get_by_role("link", name="Chưa lưu: số hoạt động lớn hơn").tap()
    expect(kit.locator("input[name^=total-]")).to_be_focused()
    kit.locator("input[name^=total-]").fill("3")
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.get_by_text("KT-").first).to_be_visible()
    counted, = page.request.get(f"/sync{path}").json()["rows"]["equipment"]
    assert (counted["total"], counted["working"]) == (3, 3)


def test_a_count_typed_and_taken_out_again_is_waited_for_by_nobody(person):
    """The field is as it was, so the browser tells of no change."""
    _, page = all_answered(person, "UBND phường Hà Đông", met=False)
    field = page.locator("fieldset[data-equipment] input[name^=total-]").first
    field.press_sequentially("1")
    field.press("Backspace")
    field.blur()
    finger(item(page, "TS01"), "dat")
    finger(item(page, "TS01"), "dat")
    expect(page.locator("[data-undo]")).to_be_visible()
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.get_by_role("dialog")).to_contain_text("Nộp rồi thì không lập, không ký biên bản được nữa")
    page.get_by_role("button", name="Vẫn nộp").tap()
    expect(page.get_by_text("KT-").first).to_be_visible()
    expect(page.locator("[data-undo]")).to_be_hidden(timeout=1_000)  # by itself it goes six seconds after the answer


def with_one_photo_too_many(person, where: str, number: int) -> tuple[str, object]:
    """The path of a visit of An's that could be handed in, and its page; one photo of it is to be taken out."""
    path, page = all_answered(person, where)
    photograph(page, number)
    everything_on_the_server(page)
    return path, page


def hand_in(page) -> None:
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.get_by_text("KT-").first).to_be_visible()


def test_a_photo_taken_out_a_moment_before_is_out_when_the_visit_is_handed_in(person, server):
    """It can still be put back then, and once the visit is handed in, the server takes no removal any more."""
    path, page = with_one_photo_too_many(person, "UBND phường Hai Bà Trưng", 58)
    take_out(page)
    hand_in(page)
    assert server.count(REMOVALS, drawer(path)) == 1


def test_a_photo_taken_out_without_a_network_before_a_reload_is_out_when_the_visit_is_handed_in(person, server):
    path, page = with_one_photo_too_many(person, "UBND phường Bạch Mai", 59)
    page.context.set_offline(True)
    take_out(page)
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.locator("[data-submit-said]")).to_contain_text("mạng")
    page.context.set_offline(False)
    page.reload()
    whole(page)
    hand_in(page)
    assert server.count(REMOVALS, drawer(path)) == 1


def test_a_photo_taken_out_while_another_page_sent_it_is_out_when_the_visit_is_handed_in(person, server):
    path, page = all_answered(person, "UBND phường Đống Đa")
    page.add_init_script(UNDO_STAYS)
    page.reload()
    whole(page)
    withdraw_on_its_way(page, 60)
    page.evaluate("itsTurn()")
    page.tolerant = True  # of the 503
    back = meanwhile(page, "**/team", lambda route: route.fulfill(status=503))
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.locator("[data-submit-said]")).to_contain_text("sẽ tự nộp khi có mạng")
    back()
    page.evaluate("dispatchEvent(new Event('online'))")  # or some news before: what was wished is done then
    expect(page.get_by_text("KT-").first).to_be_visible()
    assert server.count(REMOVALS, drawer(path)) == 1


def test_who_hands_in_is_asked_once_about_what_has_no_reason_and_about_signatures_of_something_older(person):
    _, page = all_answered(person, "UBND phường Hoàng Liệt", met=False)
    begun(page)
    lead_signs(page)
    leave(page)
    item(page, "PA02").locator("input[value=khong_ap_dung]").evaluate(CLICK)
    expect(item(page, "PA02").locator(".phrases")).to_be_visible()
    page.reload()  # the question is asked anew
    whole(page)
    expect(item(page, "PA02").locator(".phrases")).to_be_visible()
    page.tolerant = True
    brought(page.locator("[data-action=submit]")).tap()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("1 mục không áp dụng chưa ghi lý do")
    expect(sheet.locator(".gaps")).to_contain_text("PA02 không áp dụng, chưa ghi lý do")
    shoot(page, "handing-in-unexplained")
    sheet.get_by_role("button", name="Vẫn nộp").tap()  # and the next question comes
    expect(sheet).to_contain_text("Biên bản cần ký lại: 1 người")
    page.go_back()
    expect(sheet).to_have_count(0)
    brought(page.locator("[data-action=submit]")).tap()
    sheet.get_by_role("link", name="PA02").click()
    item(page, "PA02").get_by_role("button", name="Không phát sinh trong kỳ kiểm tra").tap()
    brought(page.locator("[data-action=submit]")).tap()
    expect(sheet).to_contain_text("Biên bản cần ký lại: 1 người")
    expect(sheet.locator(".gaps")).to_have_text(NAMES["lead"])
    expect(page.locator("[data-submit-said]")).to_be_empty()  # nothing is missing
    shoot(page, "handing-in-stale")
    page.get_by_role("button", name="Mở biên bản để ký lại").tap()
    expect(hand(page, "lead", "stale")).to_be_visible()
    lead_signs(page)
    leave(page)
    page.locator("[data-action=submit]").evaluate(CLICK)
    expect(page.get_by_text("KT-").first).to_be_visible()


def test_what_is_read_out_of_a_fault_that_was_counted_is_how_many(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    counted = page.locator('fieldset[data-kind=number][data-at-most="0"] input[name=number]').first
    counted.fill("37")
    counted.blur()
    meet(page)
    expect(page.locator("[data-read=faults]")).to_contain_text("Kết quả đếm, đo: 37 mã")


def test_what_is_missing_is_told_before_anybody_signs_with_the_way_there(person, server):
    """After it is mended everybody would have to sign again."""
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    brought(page.locator("[data-action=meeting]")).tap()
    told = page.locator("dialog.meeting[data-ready] [data-lacking]")
    expect(told).to_contain_text(re.compile(r"Còn \d+ việc phải làm trước khi nộp"))
    expect(told.locator("li")).to_have_count(6)  # five of them, and how many more
    expect(told).to_contain_text(re.compile(r"và \d+ việc nữa"))
    told.scroll_into_view_if_needed()
    shoot(page, "meeting-lacking")
    way = told.get_by_role("link").first
    id, _, why = way.text_content().partition(" ")
    assert why in ("chưa trả lời", "thiếu ảnh bắt buộc")
    way.tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(item(page, id)).to_be_in_viewport()


def test_a_page_on_which_a_colleague_goes_on_after_it_was_handed_in_says_so(person):
    path, page = all_answered(person, "UBND phường Yên Nghĩa")
    second = page.context.new_page()  # it only reads, which is no news
    second.goto(page.url)
    whole(second)
    expect(second.locator("[data-notice=second]")).to_be_visible()
    second.evaluate(HEARD)
    expect(second.locator(".late")).to_have_count(0)
    second.close()
    other = person("an", TABLET, f"{path}/capture", **ONLINE)
    whole(other)
    brought(other.locator("[data-action=submit]")).tap()
    expect(other.get_by_text("KT-").first).to_be_visible()
    page.context.set_offline(True)  # it was asleep meanwhile
    page.context.set_offline(False)
    expect(page.locator(".lates")).to_contain_text("Kết quả kiểm tra này đã được nộp")
    other.context.set_offline(True)
    with other.expect_response("**/team"):
        other.context.set_offline(False)
    expect(other.locator(".late")).to_have_count(0)
