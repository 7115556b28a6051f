"""What An must be told on the page of a visit covers nothing she needs, is put away by hand, and ends by itself."""

import pytest

from tests.e2e.conftest import NOWHERE, ONLINE, PHONE, TABLET, shoot, sync_api
from tests.e2e.device import OPENED
from tests.e2e.tablet import everything_on_the_server, item, tap_another, whole

expect = sync_api.expect
CLOCK = """const {{ now }} = Date;
globalThis.off = {off};
Date.now = () => now() + globalThis.off;"""
"""The clock of the device, as its owner sets it: so many ms ahead."""
FIVE_DAYS = -7380 * 60_000
REACHED = """() => {
  scrollTo(0, document.querySelector(".part:nth-of-type(3)").offsetTop);
  return [...document.querySelectorAll(".sections a")].slice(0, 2).map((link) => {
    const { left, top, bottom } = link.getBoundingClientRect();
    return document.elementFromPoint(left + 20, (top + bottom) / 2)?.closest("a") === link;
  });
}"""
RIGHT = f"""async () => {{
  {OPENED}
  const told = () => opened(db.transaction("facts").objectStore("facts").get("clock"));
  while (Math.abs((await told()).offset) > 60_000) await new Promise((done) => setTimeout(done, 20));
  db.close();
}}"""
"""The page has heard that its clock is right again."""
SET = "(off) => { globalThis.off = off; document.dispatchEvent(new Event('visibilitychange')); }"


def with_a_clock(person, server, size, off: int):
    """A visit on An's tablet, whose clock is so many ms ahead: the page, where the server has told the time."""
    page = person("an", size, NOWHERE, **ONLINE)
    page.add_init_script(CLOCK.format(off=off))
    page.goto(server.ahead)
    whole(page)
    tap_another(item(page, "BH02"))
    return page, page.locator(".late[data-late=clock]")


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_a_wrong_clock_is_told_in_days_under_the_sections_until_it_is_right(person, server, size):
    page, told = with_a_clock(person, server, size, FIVE_DAYS)
    expect(told).to_contain_text("Đồng hồ máy chậm 5 ngày 3 giờ so với máy chủ.")
    assert page.evaluate(REACHED) == [True] * 2
    shoot(page, "clock")
    page.evaluate(SET, -3_720_000)
    expect(told).to_contain_text("chậm 1 giờ 2 phút so")
    page.evaluate(SET, 0)
    expect(told).to_have_count(0)


def test_a_warning_that_was_read_is_put_away_and_one_that_was_opened_too(person, server):
    page, told = with_a_clock(person, server, TABLET, 0)
    everything_on_the_server(page)
    page.evaluate(f"for (let n = 0; n < 3; n++) ({SET})(300_000)")  # however often it is looked at in that moment
    expect(told).to_contain_text("Đồng hồ máy nhanh 5 phút so")
    told.get_by_role("button", name="Đã rõ").tap()
    expect(told).to_have_count(0)
    page.evaluate(SET, 0)
    page.evaluate(RIGHT)
    page.evaluate(SET, 600_000)  # what comes again after that is told again
    expect(told).to_contain_text("Đồng hồ máy nhanh 10 phút so")
    told.get_by_role("button", name="Xem").tap()
    expect(page.locator("[data-log] [data-clock]")).to_be_visible()
    page.go_back()
    expect(told).to_have_count(0)
