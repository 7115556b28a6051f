"""What is kept on a tablet is opened for its owner alone: the service worker heeds whose page the server sends."""

import sqlite3
from contextlib import closing, contextmanager
from uuid import UUID

import pytest

from tests.e2e.conftest import NOWHERE, TABLET, enter, shoot, sync_api
from tests.e2e.device import IN_STORE, OPENED, has_key
from tests.e2e.handed import HURRIED, LATE, READY, SOON_LATE, ahead, name, on_the_road

expect = sync_api.expect
THUMBS = f"""async () => {{
  {OPENED}
  const found = (await all("pages")).map(({{ path }}) => path).filter((path) => path.endsWith("/thumb"));
  db.close();
  return found;
}}"""
READINGS = """() => {
  const { getAll } = IDBObjectStore.prototype;
  globalThis.readings = 0;
  IDBObjectStore.prototype.getAll = function (...told) {
    if (this.name === "pages") readings++;
    return getAll.apply(this, told);
  };
}"""
SKEWED = """const { now } = Date;
Date.now = () => now.call(Date) + Number(localStorage.skew ?? 0);"""
SEEN = "(path) => fetch(path).then(({ status, headers }) => `${status} ${headers.get('content-type')}`, () => 'none')"


def test_a_form_left_open_lets_the_next_person_in_on_a_slow_line_and_opens_nothing_of_an(person, server, road):
    an = on_the_road(person, server, road, HURRIED)
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
    road.late = SOON_LATE
    name(left, server, "dung")
    road.late = 0
    an.wait_for_url("**/agency")


@pytest.mark.parametrize("next_person", [None, "dung"])
def test_the_worker_alone_puts_away_what_the_page_it_lets_by_has_no_right_to(person, server, road, next_person):
    """Whatever becomes of the scripts of that page: here none of them runs."""
    an = on_the_road(person, server, road)
    an.context.clear_cookies()
    if next_person:
        an.context.add_cookies(person(next_person, TABLET, NOWHERE).context.cookies())
    still = an.context.new_cdp_session(an)
    still.send("Emulation.setScriptExecutionDisabled", {"value": True})
    an.goto(f"{road.url}/")
    still.send("Emulation.setScriptExecutionDisabled", {"value": False})
    found = an.evaluate(IN_STORE)
    assert found["keys"] == found["pages"] == "[]"


def test_without_a_worker_the_page_that_asks_who_is_there_puts_away(person, server):
    an = person("an", TABLET, service_workers="block")
    an.goto(ahead(an, server.url))
    has_key(an)
    an.context.clear_cookies()
    an.goto("/sign-in")
    an.wait_for_selector("html[data-locked]")
    assert an.evaluate(IN_STORE)["keys"] == "[]"


def test_a_kept_page_does_not_call_the_line_away_when_the_server_no_longer_knows_her(person, server, road):
    an = on_the_road(person, server, road)
    an.goto("about:blank")
    an.context.clear_cookies()
    road.late = LATE
    an.goto(f"{road.url}/")
    said = an.locator("[data-day-said]")
    expect(said).to_contain_text("Phiên đăng nhập đã hết")
    assert "Ngoại tuyến" not in said.inner_text()
    shoot(an, "session-over")


def test_a_kept_page_gives_way_when_the_server_knows_somebody_else(person, server, road):
    an = on_the_road(person, server, road, HURRIED)
    an.goto("about:blank")
    an.context.clear_cookies()
    an.context.add_cookies(person("dung", TABLET, NOWHERE).context.cookies())
    road.late = SOON_LATE
    an.goto(f"{road.url}/", wait_until="commit")
    an.wait_for_url("**/agency")


def test_a_picture_that_is_kept_is_shown_only_when_the_server_says_so_or_cannot_be_asked(person, server, road):
    an = on_the_road(person, server, road)
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


def test_a_day_made_ready_reads_what_is_kept_once_and_not_after_each_picture(person):
    """A record comes with its body: all of them, for each of them, took a tablet with a full day most of its time."""
    an = person("an", TABLET, NOWHERE)
    an.add_init_script(f"({READINGS})()")
    an.goto("/")
    an.wait_for_selector(READY)
    assert len(an.evaluate(THUMBS)) > 10 and an.evaluate("() => readings") <= 3


def test_what_was_kept_under_a_clock_that_ran_a_day_ahead_is_kept_anew_once_it_is_right(person, server):
    an = person("an", TABLET, NOWHERE)
    an.add_init_script(SKEWED)
    an.goto("/")
    an.wait_for_selector(READY)
    an.evaluate("localStorage.skew = 24 * 3_600_000")
    with an.expect_response(fetched(f"{server.url}/")):  # the last that is kept
        an.goto(server.ahead)
    an.evaluate("delete localStorage.skew")
    with an.expect_response(fetched(f"{server.url}{server.ahead}")):
        an.reload()


def fetched(address: str):
    """Whether it is the answer to a script that asked for this address."""
    return lambda answer: answer.url == address and answer.request.resource_type == "fetch"


def test_a_mistyped_password_and_the_way_back_to_it_without_network_put_nothing_away(person, server):
    an = person("an", TABLET, NOWHERE)
    an.context.clear_cookies()
    an.tolerant = True  # the wrong password is answered 401
    an.goto("/sign-in")
    an.get_by_label("Tên đăng nhập").fill("an")
    an.get_by_label("Mật khẩu").fill("gõ nhầm mật khẩu")
    an.get_by_role("button", name="Đăng nhập").click()
    expect(an.locator(".error-summary, .notice-error, .field-error").first).to_be_visible()
    enter(an, server, "an")
    an.wait_for_selector(READY)
    has_key(an)
    an.context.set_offline(True)
    with pytest.raises(sync_api.Error, match="ERR_CACHE_MISS"):
        an.go_back()
    an.context.set_offline(False)
    there = an.context.new_page()
    there.goto("/nowhere")
    assert there.evaluate(IN_STORE)["keys"] != "[]"
