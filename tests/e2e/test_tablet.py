"""What the tablet page promises: nothing that it calls saved is lost, with or without network or script."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.conftest import AHEAD, DESK, NOWHERE, ONLINE, PHONE, TABLET, shoot, sync_api
from tests.e2e.tablet import brought, camera_photo, everything_on_the_server, finger, item, tap, whole

expect = sync_api.expect
BETWEEN = (601, 1024, 1180, 1280, 1366)  # a tablet lying on its side, small laptops: nothing scrolls sideways
LOOK = """async (colours) => {
    const rules = { "color-contrast": { enabled: colours } };
    const { violations } = await axe.run({ resultTypes: ["violations"], preload: false, rules });
    return violations.map(({ id, nodes }) => [id, nodes[0].target]);
}"""  # colours are the same on every size, and the slowest to look for
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
MOVED = """() => new Promise((done) => {
    const heard = (list) => done(list.getEntries().filter(({ value }) => value > 0.005).map(
        ({ sources }) => sources.map(({ node, previousRect: a, currentRect: b }) => [node?.className, a.y, b.y])));
    new PerformanceObserver(heard).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done([]), 100); // what has been heard already is told before that
})"""
CASES = Path(__file__).parents[1] / "unit" / "scoring_cases.json"


def tomorrow(page) -> str:
    """The path of the visit An has ahead, with all of its scripts."""
    whole(page)
    return page.url.split("/capture")[0]


def submitted(page) -> str:
    """The id of the visit that waits for the office in the demo."""
    href = page.request.get("/review").text().partition('href="/inspections/')[2]
    return href[:36]


def kept(page, path: str) -> dict:
    """The answers the server has, by item."""
    rows = page.request.get(path.replace("/inspections/", "/sync/inspections/")).json()["rows"]
    return {row["item"]: row for row in rows["answers"]}


def test_what_an_answers_without_network_is_kept_and_arrives_once(person, server):
    page = person("an", TABLET, AHEAD, **ONLINE)
    path = tomorrow(page)
    photos = item(page, "BH01").locator("[data-photo]")
    before = photos.count()
    page.context.set_offline(True)
    tap(item(page, "BH01"), "khong_dat")
    item(page, "BH01").locator("textarea[name=note]").fill("Biển mờ, thiếu địa chỉ")
    item(page, "BH01").locator("textarea[name=note]").blur()
    item(page, "BH01").locator("input[type=file][name=photo]").set_input_files([camera_photo(1)])
    expect(item(page, "BH01").locator('[data-photo][data-state="device"]')).to_have_count(1)
    expect(item(page, "BH01")).to_have_attribute("data-state", "device")
    page.context.set_offline(False)
    everything_on_the_server(page)
    assert kept(page, path)["BH01"]["note"] == "Biển mờ, thiếu địa chỉ"
    page.reload()
    whole(page)
    assert item(page, "BH01").locator("input[value=khong_dat]").is_checked()
    expect(photos).to_have_count(before + 1)
    mine = "FROM {} WHERE item = 'BH01' AND inspection_id = ?"
    visit = path.rsplit("/", 1)[1].replace("-", "")
    assert server.count(f"SELECT count(*) {mine.format('photo')}", visit) == before + 1
    noted = f"SELECT count(*) {mine.format('answer')} AND note = ?"
    assert server.count(noted, visit, "Biển mờ, thiếu địa chỉ") == 1


def test_a_second_tap_takes_an_answer_back(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    path = tomorrow(page)
    tap(item(page, "BH07"), "dat")
    everything_on_the_server(page)  # by then the page has moved on to the next item and stands still
    finger(item(page, "BH07"), "dat")
    expect(item(page, "BH07").locator("input[value=dat]")).not_to_be_checked()
    everything_on_the_server(page)
    assert kept(page, path)["BH07"]["value"] is None
    assert item(page, "BH07").locator("input:checked").count() == 0


def test_a_tap_restyles_what_it_changes_and_not_its_whole_card(person, chromium):
    """The card has some fifty elements that a weak tablet would style anew before it paints the answer."""
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    box = page.locator("fieldset[data-kind=a3]:not([data-outcome])").last
    box.scroll_into_view_if_needed()
    box.locator("input[value=dat]").hover()  # waits until it stands still
    chromium.start_tracing(page=page, categories=["devtools.timeline"])
    box.evaluate("""(box) => new Promise((done) => {
        box.querySelector("[value=dat]").click();
        requestAnimationFrame(() => setTimeout(done));
    })""")
    events = json.loads(chromium.stop_tracing())["traceEvents"]
    styled = [event["args"].get("elementCount", 0) for event in events if event["name"] == "UpdateLayoutTree"]
    assert 0 < max(styled) < 30, styled


def test_handing_in_and_enter_never_leave_the_page_even_without_network(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    tomorrow(page)
    left = []
    page.on("request", lambda request: left.append(request.url) if request.is_navigation_request() else None)
    page.context.set_offline(True)
    number = page.locator("fieldset[data-kind=ratio] input[name=number]").first
    number.fill("3")
    number.press("Enter")
    page.locator("[data-equipment] input").first.press("Enter")
    brought(page.locator("[data-action=submit]")).tap()
    sheet = page.locator("dialog.sheet")
    expect(sheet.locator(".gaps li").first).to_contain_text("chưa trả lời")
    page.context.set_offline(False)
    assert not left, "a form was sent as if there were no script"
    assert number.input_value() == "3"


def test_a_file_that_is_no_picture_is_refused_in_words_and_blocks_nothing(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    tomorrow(page)
    page.once("console", lambda said: None)
    item(page, "BH02").locator("input[type=file][name=photo]").set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}])
    expect(item(page, "BH02").get_by_text("ảnh").last).to_be_visible()
    tap(item(page, "BH08"), "dat")
    expect(item(page, "BH08")).to_have_attribute("data-state", "server")


def test_without_script_an_item_is_a_plain_form_that_saves(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    path = tomorrow(page)
    bare = page.context.browser.new_context(java_script_enabled=False, viewport=TABLET, base_url=page.url,
                                            storage_state=page.context.storage_state())
    plain = bare.new_page()
    plain.goto(path + "/capture")
    expect(plain.locator("#submission")).to_have_css("min-height", "708px")  # the end of the page is dressed too
    for scripted in (".saving", "#meeting"):  # nobody watches over what is typed, no meeting opens
        expect(plain.locator(scripted)).to_be_hidden()
    expect(item(plain, "TS01").locator("[name=photo]")).to_have_css("opacity", "1")  # says which files were chosen
    item(plain, "TS01").locator("input[value=mot_phan]").check()
    item(plain, "TS01").locator("textarea[name=note]").fill("Lối đi còn vướng")
    with plain.expect_navigation():
        item(plain, "TS01").get_by_role("button", name="Lưu mục này").click()
    expect(item(plain, "TS01").locator("input[value=mot_phan]")).to_be_checked()
    bare.close()
    assert kept(page, path)["TS01"]["note"] == "Lối đi còn vướng"


def test_the_tablet_scores_like_the_server(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    cases = json.loads(CASES.read_text("utf-8"))
    tomorrow(page)
    script = page.locator("script[type=module]").first.get_attribute("src")
    folder = script.rpartition("/")[0]
    found = page.evaluate("""async ([address, cases]) => {
        const { score, tenths } = await import(address);
        const share = (pair) => pair === null ? null : `${pair[0]}/${pair[1]}`;
        return cases.map((c) => {
            const s = score(c.sections, c.answers, { method: c.method, minimum_coverage: c.minimum_coverage });
            return { percent: share(s.percent), coverage: share(s.coverage), answered: s.answered,
                     tenths: s.percent && tenths(s.percent), applicable: s.applicable,
                     critical_failed: s.critical_failed };
        });
    }""", [f"{folder}/score.js", cases])
    from fractions import Fraction
    for case, got in zip(cases, found, strict=True):
        for name in ("percent", "coverage"):
            wanted = case["expect"][name]
            assert (got[name] and Fraction(got[name])) == (wanted and Fraction(wanted)), (case["name"], name)
        for name in ("tenths", "answered", "applicable", "critical_failed"):
            assert got[name] == case["expect"][name], (case["name"], name)


def test_the_tablets_clock_is_that_of_hanoi(person):
    """Reckoned without Intl, which takes a weak tablet 50 ms to find its zone: the same as Python says."""
    page = person("an", TABLET, AHEAD, **ONLINE)
    tomorrow(page)
    moments = ["2026-11-25T02:41:09.123Z", "2026-02-28T17:00:00Z", "2024-12-31T16:59:59+00:00",
               "1999-01-01T00:00:00+09:00"]
    found = page.evaluate("""async (moments) => {
        const { there } = await import(document.querySelector("script[type=module]").src.replace("capture", "say"));
        return moments.map((moment) => there(moment));
    }""", moments)
    local = [datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")) for moment in moments]
    assert found == [{"date": f"{at:%Y-%m-%d}", "day": f"{at:%d/%m/%Y}", "time": f"{at:%H:%M}"} for at in local]


def test_nobody_is_kept_out_by_a_page(person):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe().axe_script

    def look(page, name: str) -> None:
        page.evaluate(axe)
        for size in (TABLET, PHONE, DESK):
            page.set_viewport_size(size)
            assert page.evaluate(LOOK, size is TABLET) == [], (name, size)
            shoot(page, name)
        for width in BETWEEN:
            page.set_viewport_size({"width": width, "height": 820})
            assert page.evaluate(WIDER) <= 0, f"{name} is wider than {width}"

    pages = {"an": ["/"], "chi": ["/", "/review", "/rounds", "/follow", "/reports", "/agencies"], "dung": ["/agency"],
             "admin": ["/people"]}
    for name, paths in pages.items():
        page = person(name, TABLET, NOWHERE, **ONLINE)
        for path in paths:
            page.goto(path)
            look(page, f"{name}{path.replace('/', '-')}")
    page = person("chi", TABLET, NOWHERE, **ONLINE)
    for within in (f"/inspections/{submitted(page)}", f"/inspections/{submitted(page)}/review"):
        page.goto(within)
        look(page, f"chi-inspection{'-review' if within.endswith('review') else ''}")
    page.context.clear_cookies()
    page.goto("/sign-in")
    look(page, "sign-in")
    page = person("an", TABLET, AHEAD, **ONLINE)
    tomorrow(page)
    look(page, "an-capture")


PUSHED = """() => [...document.querySelectorAll("fieldset[data-item]")].flatMap((box) => {
  const { outcome } = box.dataset, pads = [...box.querySelectorAll(".answers, .steps")];
  const top = (one) => one.getBoundingClientRect().top;
  const where = () => pads.map((pad) => Math.round(top(pad) - top(box))).join();
  delete box.dataset.outcome;
  const before = where();
  const looks = (said) => { box.dataset.outcome = said; return where() !== before; };
  const pushed = ["dat", "mot_phan", "khong_dat", "khong_ap_dung"].filter(looks);
  delete box.dataset.outcome;
  if (outcome) box.dataset.outcome = outcome;
  return pushed.map((said) => `${box.dataset.item} ${said}`);
})"""
"""Items whose look, once they are answered, moves what they are answered with."""


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_nothing_moves_under_a_finger_while_a_page_finds_out_more(person, size):
    page = person("an", size)
    page.wait_for_selector("[data-day][data-ready=yes]")
    assert page.evaluate(MOVED) == []
    page.get_by_role("link", name="Mở").first.click()
    page.wait_for_url("**/capture")
    whole(page)
    page.reload()  # what moves after a touch was touched
    page.wait_for_selector("html[data-ready]")
    page.evaluate("() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(done)))")
    assert page.evaluate(MOVED) == []
    assert page.evaluate(PUSHED) == []
    page = person("chi", size, NOWHERE)
    page.goto(f"/inspections/{submitted(page)}/review")
    page.wait_for_selector(".desk-items details[data-ready]")
    assert page.evaluate(MOVED) == []


@pytest.mark.parametrize(("address", "where"), [("/agencies", ".rail"), ("/follow?tab=all", ".tabs")])
def test_where_one_is_can_be_seen_in_a_rail_that_lies_and_among_tabs(person, address, where):
    """Where style sheets cannot say so: the script alone brings it there."""
    page = person("chi", PHONE, NOWHERE, **ONLINE)
    page.goto(address)
    expect(page.locator(f"{where} [aria-current]")).to_be_in_viewport(ratio=0.99)
    moved = page.evaluate("""async (where) => {
        const rail = document.querySelector(where);
        rail.scrollLeft = 0;
        CSS.supports = () => false;
        await import(`${document.querySelector('script[src*="/rail.js"]').src}?again`);
        return rail.scrollLeft;
    }""", where)
    assert moved > 0
    expect(page.locator(f"{where} [aria-current]")).to_be_in_viewport(ratio=0.99)
