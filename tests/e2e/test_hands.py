"""What An's hands do on the tablet beside choosing answers, and what each comes to, here and at the server."""

import re

import pytest

from tests.e2e.conftest import AHEAD, ONLINE, TABLET, sync_api
from tests.e2e.device import hold_back, meanwhile
from tests.e2e.tablet import brought, brought_nearer, camera_photo, everything_on_the_server, finger, item, tap, whole

expect = sync_api.expect
STEPPED_AND_TAKEN_BACK = """async (more) => {
  const field = more.parentElement.querySelector("input"), bar = document.querySelector("[data-undo]");
  more.click();
  const stepped = field.value;
  bar.querySelector("button").click();
  const after = field.value;
  await new Promise((done) => requestAnimationFrame(
    () => requestIdleCallback(() => setTimeout(done), { timeout: 200 })));
  return [stepped, after, bar.hidden];
}"""

WHOLE_ROW = "(note) => note.offsetWidth > 0.95 * note.parentElement.clientWidth"


@pytest.fixture
def page(person):
    """The visit An has ahead."""
    page = person("an", TABLET, AHEAD, reduced_motion="reduce", **ONLINE)
    whole(page)
    return page


def answers(page) -> dict:
    """What the server has, by item, once the tablet holds nothing back."""
    everything_on_the_server(page)
    visit = page.url.split("/")[4]
    told = page.request.get(f"/sync/inspections/{visit}").json()
    return {row["item"]: row for row in told["rows"]["answers"]}


def undo(page) -> None:
    page.locator("[data-undo] button").tap()
    expect(page.locator("[data-undo]")).to_be_hidden()


def test_an_answer_is_taken_back_and_a_note_from_ready_words_is_kept(page):
    card = item(page, "TS01")
    tap(card, "dat")
    tap(card, "mot_phan")
    undo(page)
    expect(card.locator("input[value=dat]")).to_be_checked()
    assert answers(page)["TS01"]["value"] == "dat"

    card = item(page, "TS02")
    tap(card, "khong_dat")
    ready = card.locator(".phrase").first
    words = ready.inner_text()
    asked = card.locator(".ask").inner_text().rstrip("?")
    assert words == f"Chưa bảo đảm nội dung kiểm tra: «{asked}»."
    ready.tap()
    expect(card.locator("textarea")).to_have_value(words)
    assert card.locator(".note").evaluate(WHOLE_ROW), "a note of several lines stands beside the buttons"
    demand = item(page, "TS04").locator(".shoot i")
    expect(demand).to_be_visible()
    tap(item(page, "TS04"), "khong_ap_dung")
    expect(demand).to_be_hidden()  # no photo is asked for of what does not apply
    reason = item(page, "TS04").locator(".phrase").first
    why = reason.inner_text()
    reason.tap()
    expect(item(page, "TS04").locator(".phrases")).to_have_count(0)
    told = answers(page)
    assert told["TS02"]["note"] == words and told["TS04"]["note"] == why


def test_a_fault_may_be_called_grave_and_what_is_none_cannot(page):
    card = item(page, "TS04")
    words = card.get_by_role("radiogroup", name="Mức độ")
    tap(card, "dat")
    expect(words).to_be_hidden()
    tap(card, "khong_dat")
    words.get_by_label("Nghiêm trọng").tap()
    assert answers(page)["TS04"]["severity"] == "nghiem_trong"
    card.dispatch_event("pointerdown")  # the finger was elsewhere: no bounce
    words.get_by_label("Nghiêm trọng").tap()
    assert answers(page)["TS04"]["severity"] is None
    words.get_by_label("Nhẹ").tap()
    tap(card, "dat")
    expect(words).to_be_hidden()
    assert answers(page)["TS04"]["severity"] is None
    undo(page)
    expect(words.get_by_label("Nhẹ")).to_be_checked()
    assert [answers(page)["TS04"][name] for name in ("value", "severity")] == ["khong_dat", "nhe"]


def test_the_severity_of_what_was_counted_outlives_the_page_before_it_is_sent(page):
    rows = "**/sync/inspections/*/rows"
    card = item(page, "CC02")
    for name, number in (("number", "5"), ("of", "10")):
        card.locator(f"input[name={name}]").fill(number)
    card.locator("input[name=of]").blur()
    words = card.get_by_role("radiogroup", name="Mức độ")
    expect(words).to_be_visible()
    everything_on_the_server(page)
    let_through = meanwhile(page, rows)
    words.get_by_label("Đáng kể").tap()
    expect(card).to_have_attribute("data-state", "device")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(words.get_by_label("Đáng kể")).to_be_checked()
    let_through()
    whole(page)
    card.locator("textarea").fill("đếm hai lần")
    card.locator("textarea").blur()
    told = answers(page)["CC02"]
    assert [told[name] for name in ("number", "of", "severity", "note")] == [5, 10, "dang_ke", "đếm hai lần"]


def test_numbers_are_stepped_shares_are_reckoned_and_what_cannot_be_is_said(page):
    ratio, number = item(page, "NY11"), item(page, "NY06")
    less, more = (ratio.locator(f"label:has(input[name=number]) [data-step='{n}']") for n in ("-1", "1"))
    of = ratio.locator("input[name=of]")
    for _ in range(3):
        more.tap()
    less.tap()
    of.fill("4")
    of.blur()
    expect(ratio.locator(".share")).to_have_text(re.compile(r"2/4 = 50\s% · Một phần"))
    of.fill("1")
    of.blur()
    expect(ratio.locator(".share")).to_have_text(
        "Chưa lưu: «TTHC niêm yết đúng mức» lớn hơn «TTHC đã đối chiếu»")
    expect(page.locator("[data-undo]")).not_to_contain_text("lớn hơn")
    for wrong in ("1.200", "-4", "bốn", "2,5"):
        of.fill(wrong)
        of.blur()
        expect(ratio.locator(".share")).to_have_text("Chưa lưu: viết số nguyên, ví dụ 1200")
        expect(ratio.locator(".saved")).to_be_hidden()
    of.fill("4")
    of.blur()
    for wrong in ("hai", "1.200", "0,1234567"):  # 1,200 or 1.2? more than is kept
        number.locator("input[name=number]").fill(wrong)
        number.locator("input[name=number]").blur()
        expect(number.locator(".share")).to_contain_text("Chưa lưu: viết 1200 hoặc 2,5")
    number.locator("input[name=number]").fill("1,1")
    number.locator("[data-step='-1']").tap()
    expect(number.locator("input[name=number]")).to_have_value("0,1")
    number.locator("input[name=number]").fill("2,5")
    number.locator("input[name=number]").blur()
    everything_on_the_server(page)
    number.locator("input[name=number]").focus()
    # an iPad's buttons take no focus, and the bar may still name what was done before
    assert number.locator("[data-step='1']").evaluate(STEPPED_AND_TAKEN_BACK) == ["3,5", "2,5", True]
    tick = item(page, "NY02").locator("label:has(input[type=checkbox])")
    tick.nth(0).tap()
    tick.nth(2).tap()
    both = ", ".join(tick.nth(n).inner_text() for n in (0, 2))
    expect(page.locator("[data-undo]")).to_contain_text(f"NY02: {both}")
    told = answers(page)
    assert (told["NY11"]["number"], told["NY11"]["of"]) == (2, 4)
    assert told["NY06"]["number"] == 2.5
    assert told["NY02"]["choices"] == [tick.nth(n).locator("input").get_attribute("value") for n in (0, 2)]


def test_one_tap_answers_the_rest_of_a_part_and_one_takes_it_back(page):
    part = page.locator("#part-PA")
    before = answers(page)
    was = {id for id, row in before.items() if row["value"] == "dat"}
    shut = part.locator("fieldset[data-kind=a3]:not([data-outcome], [data-photo-rule=required])").last
    reason = shut.get_attribute("data-item")
    shut.locator("textarea[name=note]").fill("Phòng khoá, không kiểm tra được")
    shut.locator("textarea[name=note]").blur()
    brought(part.locator("[data-action=group]")).tap()
    page.get_by_role("dialog").get_by_role("button", name="Chọn Đạt").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-undo]")).to_contain_text("Đã chọn Đạt cho")
    met = {id for id, row in answers(page).items() if row["value"] == "dat" and id not in was}
    assert met and all(id.startswith("PA") for id in met)
    assert reason not in met, "it was left open with a reason"
    assert not page.locator("#part-PA fieldset[data-photo-rule=required] input[value=dat]:checked").count()
    undo(page)
    assert all(answers(page)[id]["value"] == before.get(id, {}).get("value") for id in met)


def test_the_next_and_the_missing_ones_are_one_tap_away(page):
    next_one = page.locator("[data-action=next]")
    wanted = next_one.inner_text().rpartition(" ")[2]
    next_one.tap()
    expect(item(page, wanted)).to_be_in_viewport()
    page.locator("[data-action=missing]").tap()
    line = page.get_by_role("dialog").get_by_role("link").nth(30)
    wanted = line.inner_text().partition(" ")[0]
    line.tap()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(item(page, wanted)).to_be_in_viewport()
    page.locator("[data-action=missing]").tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.split("#")[0].endswith("/capture"), "going back closes the sheet first"


def test_a_photo_is_looked_at_taken_out_and_brought_back(page):
    card = item(page, "NY03")
    pictures = [camera_photo(number, (1280, 960)) for number in (31, 32)]
    card.locator("input[type=file][name=photo]").set_input_files(pictures)
    expect(card.locator("[data-photo]")).to_have_count(2)
    everything_on_the_server(page)
    sheet = page.get_by_role("dialog")
    for undone in (True, False):
        card.locator("[data-photo]:not([hidden])").first.tap()
        expect(sheet.get_by_text("Ảnh 1/2")).to_be_visible()
        brought_nearer(page)
        sheet.get_by_role("button", name="Bỏ ảnh này").tap()
        sheet.get_by_role("button", name="Chụp nhầm mục").tap()
        expect(card.locator("[data-photo]:not([hidden])")).to_have_count(1)
        if undone:
            undo(page)
            expect(card.locator("[data-photo]:not([hidden])")).to_have_count(2)
    expect(page.locator("body")).not_to_have_attribute("data-unsent", "0")
    everything_on_the_server(page)
    page.reload()
    whole(page)
    expect(card.locator("[data-photo]:not([hidden])")).to_have_count(1)


def test_who_works_by_keyboard_goes_on_where_they_were_when_a_screen_closes_or_a_photo_is_taken_out(page):
    meeting = page.locator("[data-action=meeting]")
    brought(meeting).press("Enter")
    page.wait_for_selector("dialog.meeting[open][data-ready]")
    page.keyboard.press("Escape")
    expect(meeting).to_be_focused()
    hold_back(page)  # what the server has goes only with a reason
    card = item(page, "BH01")
    camera = card.locator("input[type=file][name=photo]")
    camera.set_input_files([camera_photo(3, (1280, 960))])
    card.locator("[data-photo]:not([hidden])").last.press("Enter")
    page.get_by_role("button", name="Bỏ ảnh này").press("Enter")
    expect(camera).to_be_focused()


def test_a_sheet_that_asks_on_keeps_the_keyboard_and_says_its_new_heading(page):
    card = item(page, "BH02")
    card.locator("input[type=file][name=photo]").set_input_files([camera_photo(4, (1280, 960))])
    everything_on_the_server(page)
    card.locator("[data-photo]:not([hidden])").last.press("Enter")
    page.get_by_role("button", name="Bỏ ảnh này").press("Enter")
    expect(page.get_by_role("heading", name="Vì sao bỏ ảnh này?")).to_be_focused()


def test_a_vietnamese_keyboard_composes_undisturbed_and_its_words_arrive(page):
    card = item(page, "HS02")
    finger(card, "dat")
    note = card.locator("textarea")
    note.focus()
    keys = page.context.new_cdp_session(page)
    for half in ("B", "Bi", "Biê", "Biế", "Biến"):
        keys.send("Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)})
    page.wait_for_function("() => document.body.dataset.unsent !== '0'")
    assert note.evaluate("box => box === document.activeElement && box.value") == "Biến"
    keys.send("Input.insertText", {"text": "Biển"})
    note.press("End")
    page.keyboard.insert_text(" mờ")
    note.blur()
    assert answers(page)["HS02"]["note"] == "Biển mờ"


def test_a_count_that_is_not_kept_says_why_until_it_is(page):
    kit = page.locator("[data-equipment=binh_chua_chay]")
    total, working, said = kit.locator("input[name^=total]"), kit.locator("input[name^=working]"), kit.locator(".saved")
    brought(total).fill("3")
    total.blur()
    expect(said).to_have_text("Chưa lưu: nhập cả hai số.")
    working.fill("7")
    working.blur()
    expect(said).to_have_text("Chưa lưu: số hoạt động lớn hơn số hiện có.")
    expect(working).to_have_attribute("aria-invalid", "")
    working.fill("x")
    working.blur()
    expect(said).to_have_text("Chưa lưu: nhập số nguyên, ví dụ 3.")
    working.fill("2")
    working.blur()
    expect(kit).to_have_attribute("data-state", "server")
    expect(said).to_have_text("Đã lên máy chủ")
    expect(working).not_to_have_attribute("aria-invalid", "")
