"""What is seen of the tablet's page: what was chosen and what may be done next, whatever the colours or picture."""

import pytest

from tests.e2e.conftest import AHEAD, DESK, NOWHERE, ONLINE, PHONE, TABLET, sync_api
from tests.e2e.device import holding
from tests.e2e.tablet import brought, camera_photo, item, tap, whole

expect = sync_api.expect
COLOURS = """(label) => {
  const word = label.querySelector("span"), mark = getComputedStyle(word, "::before");
  return { word: getComputedStyle(word).color, ground: getComputedStyle(word).backgroundColor,
           mark: mark.backgroundColor };
}"""

UPRIGHT = """(picture) => {
  picture.src = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='1600'/>";
  return picture.decode();
}"""  # else it depends on the worker how large a picture comes

FOOT = """() => {
  const from = document.querySelector("#equipment").getBoundingClientRect().top;
  const below = "#equipment input, :is(#remarks, #meeting, #submission) :is(textarea, button)";
  return [...document.querySelectorAll(below)].map((one) => one.getBoundingClientRect().top - from);
}"""

SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().bottom > 0) // not the way past the head
  .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect().height])
  .filter(([, height]) => height < 48)"""

LARGER = """(percent) => {
  const larger = new CSSStyleSheet();
  larger.replaceSync(`html { font-size: ${percent}% !important; }`);
  document.adoptedStyleSheets = [larger];
}"""
ROOM = """() => {
  scrollTo(0, 3000);
  const [bar, strip, foot] = [".topbar", ".sections", ".footbar"].map((one) =>
    document.querySelector(one).getBoundingClientRect());
  return bar.bottom <= 0 && foot.top - Math.max(0, strip.bottom) > .65 * innerHeight;
}"""
CLEAR = """() => {
  scrollTo(0, 3000);
  const [bar, strip] = [".topbar", ".sections"].map((one) => document.querySelector(one).getBoundingClientRect());
  return strip.top >= Math.min(bar.bottom, innerHeight) - 2 && strip.top <= Math.max(0, bar.bottom) + 2
    && document.documentElement.scrollWidth <= innerWidth && (bar.bottom < 0 || bar.bottom <= innerHeight / 5);
}"""
"""Nothing of the strip of sections is behind the top bar, which leaves room for work; nothing is out of the page."""


UNDO = """() => {
  const bar = document.querySelector("[data-undo]");
  bar.hidden = false;
  bar.querySelector("span").textContent = "NY12: Không áp dụng";
  const { width, height, top, right, bottom } = bar.getBoundingClientRect();
  const over = [...document.querySelectorAll(".footbar .button")].map((one) => one.getBoundingClientRect())
    .filter((one) => one.left < right && one.top < bottom && one.bottom > top);
  bar.hidden = true;
  return width > 240 && height < 200 && !over.length;
}"""
"""The bar that takes back what was done can be read, and lies over no button."""


def visit(person, size=TABLET, **more):
    page = person("an", size, AHEAD, reduced_motion="reduce", **ONLINE, **more)
    whole(page)
    return page


@pytest.mark.parametrize("path", ["/", "/account"])
def test_on_a_tablet_whatever_an_touches_before_a_visit_is_large_enough_for_a_finger(person, path):
    assert person("an", TABLET, path, **ONLINE).evaluate(SMALL) == []


@pytest.mark.parametrize("size", [TABLET, PHONE, DESK])
def test_what_stands_below_the_items_stays_there_when_the_second_file_comes(person, server, size):
    page = person("an", size, NOWHERE, **ONLINE)
    page.goto(server.ahead)
    with holding(page, "**/js/rest.js*") as held:
        page.locator("html[data-ready] h1").click()
    brought(page.locator("[data-action=meeting]"))
    before = page.evaluate(FOOT)
    held[0].continue_()
    expect(page.locator("html[data-whole] .submit-said")).to_have_css("display", "none")  # all looks are here
    assert page.evaluate(FOOT) == before


def test_the_names_of_what_is_counted_have_room_at_every_width_and_what_was_counted_is_in_ink(person):
    page = visit(person)
    page.locator("html[data-whole] .submit-said").wait_for(state="hidden")  # all looks are here
    for width in (320, 390, 744, 820, 900, 1024, 1180, 1440):
        page.set_viewport_size({"width": width, "height": 820})
        over = page.locator(".kit").evaluate_all("""(all) => all.filter((row) => row.scrollWidth > row.clientWidth
            || row.querySelector("legend").scrollHeight > row.clientHeight).length""")
        assert over == 0, width
    ink = page.locator("h1").evaluate("(name) => getComputedStyle(name).color")
    expect(page.locator(".kit input").first).to_have_css("color", ink)


def test_the_bar_at_the_bottom_leads_to_what_stands_behind_all_sections_where_it_has_room(person):
    page = visit(person)
    places = page.locator(".footbar nav")
    for name, place in (("Họp kết thúc", "#meeting"), ("Thiết bị", "#equipment"), ("Khó khăn", "#remarks")):
        places.get_by_role("link", name=name).tap()
        expect(page.locator(f"{place} h2")).to_be_in_viewport()
    page.evaluate(LARGER, 200)
    expect(places).to_be_hidden()


def colours(card, value: str) -> dict[str, str]:
    return card.locator(f'label:has(input[value="{value}"])').first.evaluate(COLOURS)


def test_among_boxes_to_tick_the_mark_of_a_chosen_answer_has_the_colour_of_its_word(person):
    card = brought(visit(person).locator("fieldset[data-kind=choice]").first)
    tap(card, "khong_ap_dung")
    expect(card.locator("input[value=khong_ap_dung]")).to_be_checked()
    seen = colours(card, "khong_ap_dung")
    assert seen["mark"] == seen["word"] != seen["ground"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_persons_own_colours_marks_are_drawn_and_what_is_chosen_is_another(person, scheme):
    card = item(visit(person, forced_colors="active", color_scheme=scheme), "TS01")
    tap(card, "khong_dat")
    expect(card.locator(".phrases")).to_be_visible()  # all looks are here
    chosen, left = colours(card, "khong_dat"), colours(card, "dat")
    assert chosen["ground"] != left["ground"]
    for seen in (chosen, left):
        assert seen["mark"] == seen["word"] != seen["ground"]


def test_in_a_persons_own_colours_only_the_open_tab_is_underlined(person):
    page = person("chi", DESK, NOWHERE, forced_colors="active", **ONLINE)
    page.goto("/review")
    tabs = page.locator(".tabs a").evaluate_all(
        "(all) => all.map((one) => [one.ariaCurrent, getComputedStyle(one).borderBottomColor])")
    grounds = {colour for current, colour in tabs if not current}
    assert grounds == {page.evaluate("getComputedStyle(document.body).backgroundColor")}
    assert {colour for current, colour in tabs if current}.isdisjoint(grounds)


def test_letters_twice_as_large_push_nothing_of_a_visit_out_of_the_page(person):
    page = person("chi", DESK, NOWHERE, **ONLINE)
    page.goto("/review")
    page.goto(page.locator("a.row-link").first.get_attribute("href").removesuffix("/review"))
    page.evaluate(LARGER, 200)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("size", [TABLET, PHONE, DESK])
def test_letters_twice_as_large_hide_nothing_of_the_page_an_works_on(person, size):
    page = visit(person, size)
    whole(page)
    for percent in (100, 125, 150, 200, 100):
        page.evaluate(LARGER, percent)
        page.wait_for_function(CLEAR)
        assert page.evaluate(UNDO), (percent, "there is no room to take back what was done")
    if size is PHONE:  # and lying down
        page.set_viewport_size({"width": size["height"], "height": size["width"]})
        page.wait_for_function(ROOM)


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_where_a_list_has_no_columns_a_day_beside_a_mark_still_says_what_it_is_the_day_of(person, size):
    page = person("chi", size, "/rounds", **ONLINE)
    for more, told in (("<br>", True), ("", False)):
        said = page.locator("tbody tr").first.locator("td").last.evaluate("""(cell, more) => {
          const text = more && "30/11/2026" + more;
          cell.firstElementChild.innerHTML = `${text}<span class="chip">Quá hạn 9 ngày làm việc</span>`;
          return getComputedStyle(cell, "::before").content;
        }""", more)
        assert (said != "none") is told


def test_on_paper_an_agency_has_no_buttons_and_no_finding_across_two_pages(person):
    page = person("dung", DESK, "/agency", **ONLINE)
    page.emulate_media(media="print")
    expect(page.locator("main .button").first).to_be_attached()
    expect(page.locator("main .button:visible")).to_have_count(0)
    expect(page.locator(".finding").first).to_have_css("break-inside", "avoid")


def test_on_paper_a_list_has_no_search_no_row_across_two_pages_and_no_heading_at_an_end(person):
    page = person("chi", DESK, "/reports", **ONLINE)
    page.emulate_media(media="print")
    expect(page.locator(".filters")).to_be_hidden()
    expect(page.locator(".table tbody tr").first).to_have_css("break-inside", "avoid")
    page.goto("/")
    expect(page.locator("main h2").first).to_have_css("break-after", "avoid")


def test_on_a_narrow_page_the_name_of_the_house_is_whole(person):
    page = person("chi", {"width": 320, "height": 640}, NOWHERE, **ONLINE)
    page.goto("/")
    name, account = (page.locator(one).bounding_box() for one in (".brand-name", ".account"))
    assert name["x"] + name["width"] <= account["x"]
    assert page.locator(".brand-name").evaluate("(name) => name.scrollWidth <= name.clientWidth + 1")


def test_on_paper_the_desk_is_the_open_item_with_every_photo_whole(person):
    page = person("chi", DESK, "/review?tab=issued", **ONLINE)
    page.goto(page.locator("a.row-link").first.get_attribute("href") + "/review?item=NY01")
    page.emulate_media(media="print")
    for screen_only in (".desk-items", ".desk-bar", ".desk-links", ".desk-body > .notice"):
        expect(page.locator(screen_only)).to_be_hidden()
    photos = page.locator(".desk-strip .photo")
    expect(photos.first).to_have_css("break-inside", "avoid")
    for part in (".desk-strip", ".desk-item", ".desk-photos"):
        expect(page.locator(part)).to_have_css("overflow", "visible")
    expect(page.locator(".desk-answer")).to_have_css("display", "block")


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_under_an_upright_photo_what_may_be_done_with_it_is_in_sight(person, size):
    page = visit(person, size)
    card = item(page, "BH01")
    card.locator("input[type=file][name=photo]").set_input_files([camera_photo(3, (1200, 1600))])
    photo = card.locator("[data-photo]").last
    expect(photo).to_have_attribute("data-state", "server")
    photo.click()
    page.locator(".looking .large").evaluate(UPRIGHT)
    expect(page.get_by_role("button", name="Vẽ, che ảnh")).to_be_in_viewport(ratio=1)


def test_on_a_phone_the_names_in_signed_minutes_are_as_wide_as_before(person):
    page = visit(person, PHONE)
    brought(page.locator("[data-action=meeting]")).click()
    page.wait_for_selector("dialog.meeting[open][data-ready]")
    name = page.locator("[data-people=team] input").first
    before = name.bounding_box()["width"]
    page.locator("fieldset:has([data-people=team])").first.evaluate("(part) => { part.disabled = true; }")
    assert name.bounding_box()["width"] >= before
