"""A tablet that changes hands: however An's session ended, the next person sees nothing of hers; nothing is lost."""

import sqlite3
from contextlib import closing, contextmanager
from uuid import UUID, uuid4

import pytest

from tests.e2e.conftest import TABLET, enter, shoot, sync_api
from tests.e2e.device import CANARY, HAS_KEY, IN_STORE, OPENED, hold_back, let_go
from tests.e2e.road import Road
from tests.e2e.tablet import everything_on_the_server, item, whole

expect = sync_api.expect
READY = "[data-day][data-ready=yes]"
LATE = 5  # seconds: longer than the worker waits before it opens what is kept
THUMBS = f"""async () => {{
  {OPENED}
  const found = (await all("pages")).map(({{ path }}) => path).filter((path) => path.endsWith("/thumb"));
  db.close();
  return found;
}}"""
SEEN = "(path) => fetch(path).then(({ status, headers }) => `${status} ${headers.get('content-type')}`, () => 'none')"
AWAKE = "() => { document.dispatchEvent(new Event('visibilitychange')); }"


@pytest.fixture
def road(server):
    made = Road(server.url)
    yield made
    made.close()


def on_the_road(person, road, name: str = "an"):
    """An, whose day is ready on her tablet, with a line that can be made slow or cut."""
    page = person(name, TABLET, reduced_motion="reduce")
    page.tolerant = True  # what is no longer for her is answered 401 or 404
    page.context.clear_cookies()
    page.goto(f"{road.url}/sign-in")
    enter(page, road.server, name)
    page.wait_for_selector(READY)
    return page


def ahead(page, url: str) -> str:
    """The address of the visit An has ahead."""
    return url + page.get_by_role("link", name="Mở").first.get_attribute("href")


def note(page, id: str, text: str):
    """Typed, and not yet left: the finger is still in the field."""
    field = item(page, id).locator("textarea[name=note]")
    field.scroll_into_view_if_needed()
    field.fill(text)
    return field


def name(page, server, who: str) -> None:
    """Sign in on a slow line: the first page that names anybody names this person."""
    page.get_by_label("Tên đăng nhập").fill(who)
    page.get_by_label("Mật khẩu").fill(server.passwords[who])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_selector(".account-name")
    assert "Dũng" in page.locator(".account-name").inner_text()


def noted(server, text: str) -> int:
    return server.count("SELECT count(*) FROM answer WHERE note = ?", text)


def test_once_the_server_has_asked_who_is_there_nothing_kept_is_shown_to_the_next_person(person, server, road):
    road.server = server
    an = on_the_road(person, road)
    visit, typed = ahead(an, road.url), f"{CANARY} {uuid4()}"
    hold_back(an)
    an.goto(visit)
    whole(an)
    an.evaluate(HAS_KEY)
    note(an, "PA01", typed).blur()
    expect(item(an, "PA01")).to_have_attribute("data-state", "device")
    an.context.clear_cookies()  # over, without anybody having signed out
    an.goto(f"{road.url}/")
    expect(an.locator("[data-left-here]")).to_contain_text("thay đổi và ảnh chưa gửi")
    found = an.evaluate(IN_STORE)
    assert found["keys"] == found["pages"] == "[]" and CANARY not in "".join(found.values())

    road.close()
    for path in ("/", visit.removeprefix(road.url)):
        an.goto(road.url + path)
        expect(an.get_by_text("Dữ liệu trên máy đang khoá")).to_be_visible()
    road.open()
    an.goto(f"{road.url}/sign-in")
    road.late = LATE
    name(an, server, "dung")
    road.late = 0
    an.goto(visit)
    expect(an.get_by_role("heading", level=1)).not_to_have_text("UBND")
    assert CANARY not in an.content()

    an.context.clear_cookies()
    an.goto(f"{road.url}/sign-in")
    enter(an, server, "an")
    let_go(an)
    an.goto(visit)
    whole(an)
    everything_on_the_server(an)
    assert noted(server, typed) == 1


def test_a_form_left_open_lets_the_next_person_in_on_a_slow_line_and_opens_nothing_of_an(person, server, road):
    road.server = server
    an = on_the_road(person, road)
    hers = an.context.cookies()
    an.context.clear_cookies()
    left = an.context.new_page()
    left.goto(f"{road.url}/sign-in")
    an.wait_for_url("**/sign-in")
    nobodys = an.context.cookies()
    an.context.clear_cookies()
    an.context.add_cookies(hers)
    an.goto(f"{road.url}/")
    an.wait_for_selector(READY)
    an.context.clear_cookies()
    an.context.add_cookies(nobodys)
    road.late = LATE
    name(left, server, "dung")
    an.wait_for_url("**/agency")


@pytest.mark.parametrize("next_person", [None, "dung"])
def test_the_worker_alone_puts_away_what_the_page_it_lets_by_has_no_right_to(person, server, road, next_person):
    """Whatever becomes of the scripts of that page: here none of them runs."""
    road.server = server
    an = on_the_road(person, road)
    an.context.clear_cookies()
    if next_person:
        an.context.add_cookies(person(next_person, TABLET).context.cookies())
    still = an.context.new_cdp_session(an)
    still.send("Emulation.setScriptExecutionDisabled", {"value": True})
    an.goto(f"{road.url}/")
    still.send("Emulation.setScriptExecutionDisabled", {"value": False})
    found = an.evaluate(IN_STORE)
    assert found["keys"] == found["pages"] == "[]"


def test_without_a_worker_the_page_that_asks_who_is_there_puts_away(person, server):
    an = person("an", TABLET, service_workers="block")
    an.goto(ahead(an, server.url))
    an.evaluate(HAS_KEY)
    an.context.clear_cookies()
    an.goto("/sign-in")
    an.wait_for_selector("html[data-locked]")
    assert an.evaluate(IN_STORE)["keys"] == "[]"


def test_a_kept_page_does_not_call_the_line_away_when_the_server_no_longer_knows_her(person, server, road):
    road.server = server
    an = on_the_road(person, road)
    an.goto("about:blank")
    an.context.clear_cookies()
    road.late = LATE
    an.goto(f"{road.url}/")
    said = an.locator("[data-day-said]")
    expect(said).to_contain_text("Phiên đăng nhập đã hết")
    assert "Ngoại tuyến" not in said.inner_text()
    shoot(an, "session-over")


def test_a_kept_page_gives_way_when_the_server_knows_somebody_else(person, server, road):
    road.server = server
    an = on_the_road(person, road)
    an.goto("about:blank")
    an.context.clear_cookies()
    an.context.add_cookies(person("dung", TABLET).context.cookies())
    road.late = LATE
    an.goto(f"{road.url}/", wait_until="commit")
    an.wait_for_url("**/agency")


def test_a_picture_that_is_kept_is_shown_only_when_the_server_says_so_or_cannot_be_asked(person, server, road):
    road.server = server
    an = on_the_road(person, road)
    thumb = an.evaluate(THUMBS)[0]
    visit, seen = UUID(thumb.split("/")[2]).hex, "200 image/jpeg"
    assert an.evaluate(SEEN, thumb) == seen
    with off_the_team(server, visit):
        assert an.evaluate(SEEN, thumb) == "404 text/html; charset=utf-8"
    cookies = an.context.cookies()
    an.context.clear_cookies()
    assert an.evaluate(SEEN, thumb) == "200 text/html; charset=utf-8", "the server's word: sign in first"
    an.context.add_cookies(cookies)
    road.close()
    assert an.evaluate(SEEN, thumb) == seen


@contextmanager
def off_the_team(server, visit: str):
    """Nobody is on the team of this visit meanwhile."""
    with closing(sqlite3.connect(server.data / "audit.db", timeout=30, isolation_level=None)) as db:
        team = db.execute("SELECT inspection_id, user_id, lead FROM assignment WHERE inspection_id = ?", [visit])
        team = team.fetchall()
        db.execute("DELETE FROM assignment WHERE inspection_id = ?", [visit])
        yield
        db.executemany("INSERT INTO assignment (inspection_id, user_id, lead) VALUES (?, ?, ?)", team)


def test_signing_out_in_one_tab_ends_the_visit_in_the_other_and_keeps_what_was_typed_there(person, server):
    an = person("an", TABLET, reduced_motion="reduce")
    an.tolerant = True
    visit, typed = ahead(an, server.url), f"{CANARY} {uuid4()}"
    hold_back(an)
    an.goto(visit)
    whole(an)
    an.evaluate(HAS_KEY)
    two = an.context.new_page()
    two.goto("/")
    two.wait_for_selector("html[data-locked]")
    note(an, "PA07", typed)
    two.get_by_role("button", name="Đăng xuất").click()
    if two.locator("[data-go]").is_visible():
        two.locator("[data-go]").click()
    two.wait_for_url("**/sign-in")
    an.wait_for_url("**/sign-in")
    assert CANARY not in "".join(an.evaluate(IN_STORE).values())
    enter(two, server, "binh")
    two.wait_for_selector("html[data-locked]")
    two.goto(visit)
    whole(two)
    assert typed not in two.content()
    let_go(two)
    two.context.clear_cookies()
    two.goto("/sign-in")
    enter(two, server, "an")
    two.goto(visit)
    whole(two)
    everything_on_the_server(two)
    assert noted(server, typed) == 1


def test_a_tab_that_meets_another_person_at_the_server_takes_nothing_more(person, server):
    an, dung = person("an", TABLET, reduced_motion="reduce"), person("dung", TABLET)
    an.tolerant = True
    an.goto(ahead(an, server.url))
    whole(an)
    an.evaluate(HAS_KEY)
    typed = f"{CANARY} {uuid4()}"
    an.context.clear_cookies()
    an.context.add_cookies(dung.context.cookies())  # as if another tab had been there, and this one had slept
    note(an, "PA08", typed).blur()
    an.wait_for_url("**/agency")
    shoot(an, "handed-over")
    assert CANARY not in an.content() and CANARY not in "".join(an.evaluate(IN_STORE).values())
    assert noted(server, typed) == 0


def test_what_was_typed_before_the_key_came_is_sealed_when_an_signs_out(person, server):
    an = person("an", TABLET, reduced_motion="reduce")
    typed_without_a_key(an, server, "PA11")
    an.context.unroute("**/sync/hello")
    an.get_by_role("button", name="Đăng xuất").click()
    an.get_by_role("button", name="Vẫn đăng xuất").click()
    an.wait_for_url("**/sign-in")
    assert CANARY not in "".join(an.evaluate(IN_STORE).values())


def test_what_stood_in_clear_is_sealed_when_the_session_is_found_to_be_over(person, server):
    an = person("an", TABLET, reduced_motion="reduce")
    typed_without_a_key(an, server, "PA12")
    an.context.unroute("**/sync/hello")
    an.evaluate(HAS_KEY)
    an.context.clear_cookies()
    an.goto("/")
    an.wait_for_url("**/sign-in**")
    an.wait_for_selector("html[data-locked]")
    assert an.evaluate(SEALED)


SEALED = f"""async () => {{
  {OPENED}
  while ((await all("rows")).some(({{ plain }}) => plain)) await new Promise((done) => setTimeout(done, 20));
  db.close();
  return true;
}}"""


def typed_without_a_key(an, server, id: str) -> None:
    """Something of An's that stands on the tablet in clear, for the server has not given her a key yet."""
    an.tolerant = True
    an.context.route("**/sync/hello", lambda route: route.abort())
    an.context.clear_cookies()
    an.goto("/sign-in")
    enter(an, server, "an")
    hold_back(an)
    an.goto(ahead(an, server.url))
    whole(an)
    note(an, id, f"{CANARY} {uuid4()}").blur()
    expect(item(an, id)).to_have_attribute("data-state", "device")
    an.goto("/")
    an.wait_for_selector("html[data-locked]")
    assert CANARY in "".join(an.evaluate(IN_STORE).values())
