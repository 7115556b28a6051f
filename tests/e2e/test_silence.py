"""A line that swallows a question: no answer ever comes, no error either. What was asked is asked again."""

import pytest

from tests.e2e.conftest import ONLINE, TABLET, sync_api
from tests.e2e.device import has_key
from tests.e2e.tablet import brought, camera_photo, everything_on_the_server, item, tap_another, whole

expect = sync_api.expect
SOONER = """(() => {
  const wait = globalThis.setTimeout, limit = AbortSignal.timeout.bind(AbortSignal);
  const long = [10_000, 15_000, 20_000, 60_000, 180_000];
  const sooner = (time) => (time === 3_000 ? 75 : long.includes(time) ? 1_500 : time);
  globalThis.setTimeout = (work, time = 0, ...more) => wait(work, sooner(time), ...more);
  AbortSignal.timeout = (time) => limit(time > 10_000 ? sooner(time) : time);
})()"""
"""How long scripts wait for an answer, and until they ask again, made short; a busy machine still answers within it."""
SLOW = """async () => {
  const script = document.querySelector("script[src*='/js/capture.js']").src.replace("capture", "rest");
  return import(script).then(() => false, () => globalThis.first === globalThis.$rest);
}"""
"""Whether the file that comes last gives way."""
LISTEN = """() => new MutationObserver((all) => {
  for (const { addedNodes: [one] } of all) if (one?.matches?.(".fetching")) globalThis.told = one.textContent;
}).observe(document.body, { childList: true })"""
"""What a page says while something is being fetched."""


def at_first(page, addresses: list[str], do) -> dict[str, list]:
    """The first question for each address gets what `do(route)` does: nothing, or an end. All that were asked."""
    asked = {address: [] for address in addresses}

    def handler(routes):
        def handle(route):
            routes.append(route)
            if len(routes) == 1:
                do(route)
            else:
                route.continue_()
        return handle

    if do is swallowed:
        page.context.add_init_script(SOONER)
    for address, routes in asked.items():
        page.context.route(address, handler(routes))
    return asked


def swallowed(route) -> None:
    """Nothing ever comes back."""


def broken(route) -> None:
    """The browser is told that it failed."""
    route.abort()


def an_answer_arrives(page) -> None:
    tap_another(item(page, "PA04"))
    everything_on_the_server(page)


def asked_again(asked: dict[str, list]) -> None:
    assert all(len(routes) > 1 for routes in asked.values()), asked


def test_answers_are_sent_though_questions_were_swallowed(server, person):
    an = person("an", TABLET, "", **ONLINE)
    asked = at_first(an, ["**/js/rest.js*", "**/parts/rest.html", "**/css/later.css*", "**/sync/hello"], swallowed)
    an.goto(server.ahead)
    an_answer_arrives(an)
    has_key(an)
    asked_again(asked)


def test_a_slow_try_that_comes_after_the_next_one_changes_nothing(server, person):
    an = person("an", TABLET, "", **ONLINE)
    asked = at_first(an, ["**/js/rest.js*"], swallowed)
    an.goto(server.ahead)
    whole(an)
    an.evaluate("globalThis.first = globalThis.$rest")
    with an.expect_request_finished(lambda request: request.url.endswith("/js/rest.js")):
        asked["**/js/rest.js*"][0].continue_()
    assert an.evaluate(SLOW)
    an_answer_arrives(an)


def test_a_visit_is_kept_though_questions_were_swallowed(server, person):
    an = person("an", TABLET, "")
    asked = at_first(an, ["**/js/keeping.js*", "**/sync/inspections/*"], swallowed)
    an.goto(server.ahead)
    an.wait_for_selector("body[data-offline-ready=yes]", state="attached")
    asked_again(asked)


def test_what_stands_on_a_file_that_failed_at_first_works(server, person):
    """Chromium remembers that an address failed: what imports it by that name would fail as long as the page lives."""
    an = person("an", TABLET, "")
    asked = at_first(an, ["**/js/rest.js*", "**/js/keeping.js*"], broken)
    an.goto(server.ahead)
    whole(an)
    an.locator("[data-action=sync]").tap()
    expect(an.locator("dialog[open] [data-log]")).to_be_visible()
    an.wait_for_selector("body[data-offline-ready=yes]", state="attached")
    asked_again(asked)


@pytest.mark.parametrize("name, files, shown", [
    ("meeting", ["**/js/meeting.js*", "**/vendor/signature_pad*", "**/parts/meeting.html", "**/css/meeting.css*"],
     "dialog.meeting[open]"),
    ("leaving", ["**/js/leaving.js*", "**/parts/leaving.html"], "[data-leaving]"),
])  # fmt: skip
def test_a_screen_whose_files_were_swallowed_says_so_and_opens_at_the_next_tap(server, person, name, files, shown):
    an = person("an", TABLET, "", **ONLINE)
    asked = at_first(an, files, swallowed)
    an.goto(server.ahead)
    whole(an)
    an.evaluate(LISTEN)
    taps, screen = 0, an.locator("dialog[open]")
    while not an.locator(shown).count():
        if taps:
            expect(screen).to_contain_text("Chưa tải được")
            screen.get_by_role("button", name="Đóng").tap()
        an.locator(f"[data-action={name}]").tap()
        expect(screen).to_be_visible()
        taps += 1
        assert taps < 7, asked
    assert taps > 1
    assert an.evaluate("globalThis.told") == "Đang tải…"
    expect(an.locator(".fetching")).to_have_count(0)
    asked_again(asked)


def test_a_file_that_comes_after_its_time_is_used_by_the_next_who_asks(server, person):
    an = person("an", TABLET, "", **ONLINE)
    asked = at_first(an, ["**/js/leaving.js*"], swallowed)["**/js/leaving.js*"]
    an.goto(server.ahead)
    whole(an)
    brought(an.locator("[data-action=leaving]")).tap()
    expect(an.locator("dialog[open]")).to_contain_text("Chưa tải được")
    asked[0].continue_()
    an.evaluate("(address) => import(address).then(() => null)", asked[0].request.url)
    an.get_by_role("button", name="Đóng").tap()
    brought(an.locator("[data-action=leaving]")).tap()
    expect(an.locator("[data-leaving]")).to_be_visible()
    assert len(asked) == 1


def test_a_photo_arrives_though_its_worker_and_its_bytes_were_swallowed_and_an_old_browser_cannot_join_signals(
        server, person):
    an = person("an", TABLET, "", **ONLINE)
    an.add_init_script("delete AbortSignal.any")
    asked = at_first(an, ["**/js/darkroom.js*", "**/blobs/*"], swallowed)
    an.goto(server.ahead)
    whole(an)
    item(an, "NY16").locator("input[type=file]").first.set_input_files([camera_photo(31, (1280, 960))])
    expect(item(an, "NY16").locator("[data-photo][data-state=server]").last).to_be_attached()
    everything_on_the_server(an)
    asked_again(asked)
