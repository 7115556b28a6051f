"""What WebKit does to a page that is left and comes back, done to it here."""

from urllib.parse import urlsplit

from tests.e2e.conftest import AHEAD, ONLINE, TABLET, sync_api
from tests.e2e.tablet import brought, everything_on_the_server, item, tap, whole

expect = sync_api.expect
LOW = {"width": 390, "height": 600}
FROZEN = """(late) => new Promise((done) => {
  const told = (name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true }));
  const empty = () => document.querySelectorAll("form[autocomplete=off]").forEach((form) => form.reset());
  told("pagehide");
  if (!late) empty();
  told("pageshow");
  if (late) setTimeout(empty);
  setTimeout(done, 300);
})"""
"""Frozen, and back: its forms are emptied before it hears of it, or a moment `late`."""


def answered(page, id: str) -> dict:
    path = urlsplit(page.url).path.removesuffix("/capture")
    rows = page.request.get(f"/sync{path}")
    return next(row for row in rows.json()["rows"]["answers"] if row["item"] == id)


def test_what_stood_on_a_page_stands_there_when_it_comes_back_and_nothing_is_written_over(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    card = page.locator("fieldset[data-kind=a3]:not([data-outcome])").last
    id = card.get_attribute("data-item")
    note, chairs = item(page, id).locator("textarea[name=note]"), page.locator("[data-equipment] input").first
    tap(brought(item(page, id)), "khong_dat")
    for late, more in ((False, " rồi"), (True, " nữa")):
        before = note.input_value() or "Thiếu bảng niêm yết"
        note.fill(before)
        note.blur()
        brought(chairs).fill("12")  # and the cursor stands there
        page.evaluate(FROZEN, late)
        expect(item(page, id).locator("input[value=khong_dat]")).to_be_checked()
        expect(note).to_have_value(before)
        expect(chairs).to_have_value("12")
        note.fill(before + more)
        note.blur()
        everything_on_the_server(page)
        told = answered(page, id)
        assert (told["value"], told["note"]) == ("khong_dat", before + more)
        chairs.fill("")
        chairs.blur()


def test_a_sheet_opens_at_its_top_however_far_the_one_before_was_read(person):
    page = person("an", LOW, AHEAD, **ONLINE)
    whole(page)
    sheet = page.locator("dialog.sheet .sheet-body")
    page.get_by_role("button", name="Còn thiếu").tap()
    sheet.evaluate("(body) => { body.scrollTop = 400; }")
    assert sheet.evaluate("(body) => body.scrollTop") > 100
    page.get_by_role("button", name="Đóng").tap()
    expect(page.locator("dialog.sheet")).to_be_hidden()
    brought(item(page, "PA04").locator(".guide")).tap()
    expect(page.locator("dialog.sheet")).to_be_visible()
    page.wait_for_function("() => (({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 50)"
                           "(document.querySelector('dialog.sheet .sheet-body'))")
    assert sheet.evaluate("(body) => body.scrollTop") == 0
