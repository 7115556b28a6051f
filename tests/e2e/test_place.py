"""A page that was thrown away comes back to where An was; the camera is there where something failed."""

from tests.e2e.conftest import AHEAD, ONLINE, TABLET, sync_api
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap, whole

expect = sync_api.expect
WENT = "history.replaceState(null, '', '#part-BH')"  # as a tap on the strip leaves it, where one has worked on since
TOP = "id => Math.round(document.getElementById(id).getBoundingClientRect().top)"

FOLLOWED = """async (id) => {
  const frame = () => new Promise(requestAnimationFrame);
  for (const card of document.querySelectorAll("form.item")) card.dataset.open = ""; // laid out: nothing else moves
  const part = document.getElementById(`part-${id}`), link = document.querySelector(`.sections [data-part="${id}"]`);
  await frame();
  scrollBy({ top: part.getBoundingClientRect().top - innerHeight / 4, behavior: "instant" });
  const stood = part.getBoundingClientRect().top;
  while (!link.hasAttribute("aria-current")) await frame();
  for (let n = 0; n < 5; n++) await frame();
  const { left, right } = link.getBoundingClientRect();
  if (left < 0 || right > innerWidth) throw new Error("the strip did not follow");
  return part.getBoundingClientRect().top - stood;
}"""


HELD = """window.idle = []; window.requestIdleCallback = (work) => idle.push(work);
window.clicks = 0; addEventListener("click", () => clicks++, true);"""
LET_GO = """async () => {
  for (let quiet = 0; quiet < 10; quiet++) {
    if (idle.length) quiet = 0;
    idle.splice(0).forEach((work) => work());
    await new Promise(requestAnimationFrame);
  }
}"""  # all that waits for a quiet moment, and what that leaves to wait for the next


def scrolled_to(page, id: str, past: int) -> int:
    """The card of an item brought up and a little further; where its top stands once the page stands still."""
    page.wait_for_function("""([id, past]) => {
        if (localStorage[`at:${document.body.dataset.inspection}`]?.startsWith(id)) return true;
        const one = document.getElementById(id), card = one.form ?? one; // cards may still be measured, and move it
        card.scrollIntoView({ behavior: "instant" }); scrollBy({ top: past, behavior: "instant" });
        return false; }""", arg=[id, past], polling=1_000)
    return page.evaluate(TOP, id)


def test_a_page_loaded_anew_stands_where_it_stood_with_its_sheet_open(person):
    page = person("an", TABLET, AHEAD, bypass_csp=True)
    whole(page)
    stood = scrolled_to(page, "NY10", 10)
    page.evaluate(WENT)
    item(page, "NY10").locator(".guide").tap()
    heading = page.get_by_role("heading", name="NY10 · Thế nào là đạt")
    expect(heading).to_be_visible()
    page.reload()
    expect(heading).to_be_visible()
    assert abs(page.evaluate(TOP, "NY10") - stood) < 12
    page.go_back()
    expect(heading).not_to_be_visible()
    page.reload()
    whole(page)
    page.wait_for_selector("body[data-offline-ready=yes]")  # long after a sheet would have come back
    expect(heading).not_to_be_visible()


def test_a_page_left_at_the_equipment_comes_back_to_it(person):
    page = person("an", TABLET, AHEAD, bypass_csp=True)
    whole(page)
    stood = scrolled_to(page, "equipment", 300)
    page.evaluate(WENT)
    page.reload()  # and nobody touches it
    page.wait_for_function(f"([id, stood]) => Math.abs(({TOP})(id) - stood) < 12", arg=["equipment", stood])


def test_who_works_already_is_not_brought_back_to_what_was_open_before(person):
    """The page goes on in small steps: what An taps between two of them is not tapped for her once more."""
    page = person("an", TABLET, AHEAD, bypass_csp=True, **ONLINE)
    whole(page)
    card = item(page, "MH03")
    card.locator("input[type=file][name=photo]").set_input_files([camera_photo(9, (800, 600), 1)])
    everything_on_the_server(page)
    item(page, "NY10").locator(".guide").tap()
    expect(page.get_by_role("heading", name="NY10 · Thế nào là đạt")).to_be_visible()
    page.add_init_script(HELD)
    words = []
    page.route("**/parts/photos.html", lambda route: words.append(route))  # the photo waits for its words
    page.reload()
    page.wait_for_function("() => document.documentElement.dataset.whole && idle.length > 1")
    card.locator("[data-photo]").last.tap()
    page.evaluate(LET_GO)
    assert page.evaluate("clicks") == 1
    words[0].continue_()
    expect(page.locator("dialog[open] h2")).to_contain_text("MH03")


def test_an_item_that_asks_for_no_photo_offers_the_camera_once_it_is_not_met(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    card = page.locator('fieldset[data-kind="a3"]:not([data-photo-rule], :has([data-photo]))').first  # others' stay
    card.scroll_into_view_if_needed()
    tap(card, "dat")
    expect(card.locator(".shoot")).to_be_hidden()
    tap(card, "khong_dat")
    expect(card.locator(".shoot")).to_be_visible()
    card.locator("input[value=khong_dat]").press(" ")
    expect(card.locator(".shoot")).to_be_hidden()


def test_the_strip_of_sections_follows_without_moving_the_page(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    for part in ("MH", "CC", "PA", "HS"):
        moved = page.evaluate(FOLLOWED, part)
        assert abs(moved) < 1, part
