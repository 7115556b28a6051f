"""A photo that An took out stays out, though her page dies before it is too late to put it back; put back, it stays."""

import hashlib

from tests.e2e.conftest import DESK, NOWHERE, ONLINE, TABLET, sync_api
from tests.e2e.device import OPENED, ahead, crash, holding, refuse
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, whole
from tests.e2e.test_meeting import planned
from tests.e2e.test_store import FILLED, narrow

expect = sync_api.expect
UNDO_STAYS = """const { setTimeout: whole } = globalThis;
globalThis.setTimeout = (work, wait, ...more) => ([6000, 6500].includes(wait) ? 0 : whole(work, wait, ...more));"""
HELD, WITHDRAWN = ["removals", "held"], ["photos", "superseded"]
NOTED = f"""async ([wanted, how]) => {{
  {OPENED}
  for (let turn = 0; turn < 500; turn++) {{
    if ((await all("rows")).some(({{ kind, state }}) => kind === wanted && state === how)) return db.close();
    await new Promise((done) => setTimeout(done, 20));
  }}
  throw new Error("the device does not know of it");
}}"""
SHOWN, OUT = "[data-photo]:not([hidden])", "[data-photo][hidden]"
ITS_TURN_IS_LATE = """() => {
  const whole = navigator.locks.request.bind(navigator.locks);
  const turn = new Promise((come) => { globalThis.itsTurn = come; });
  navigator.locks.request = (name, ...more) => (
    name === "outbox" ? turn.then(() => whole(name, ...more)) : whole(name, ...more));
}"""
PHOTOS = "SELECT count(*) FROM photo WHERE inspection_id = ?"
REMOVALS = "SELECT count(DISTINCT photo_id) FROM removal WHERE inspection_id = ?"


def at(person, where: str) -> tuple[str, object]:
    """A visit of its own, opened on An's tablet, where a removal can be taken back for ever: (its path, the page)."""
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), where)
    page = person("an", TABLET, NOWHERE, **ONLINE)
    page.add_init_script(UNDO_STAYS)
    page.goto(f"{path}/capture")
    whole(page)
    return path, page


def photograph(page, number: int, size: tuple[int, int] = (640, 480)) -> dict:
    picture = camera_photo(number, size)
    item(page, "NY03").locator("input[type=file][name=photo]").set_input_files([picture])
    return picture


def take_out(page, reason: str = "Chụp nhầm mục") -> None:
    card = item(page, "NY03")
    card.locator(SHOWN).last.tap()
    page.get_by_role("dialog").get_by_role("button", name="Bỏ ảnh này").tap()
    if reason:
        page.get_by_role("dialog").get_by_role("button", name=reason).tap()
    expect(card.locator(OUT)).to_have_count(1)
    page.evaluate(NOTED, HELD)


def with_one_out(person, where: str, number: int) -> tuple[str, object]:
    """As `at`, where a photo that the server had was taken out just now."""
    path, page = at(person, where)
    photograph(page, number)
    everything_on_the_server(page)
    take_out(page)
    return path, page


def put_back(page) -> None:
    page.locator("[data-undo] button").tap()
    expect(item(page, "NY03").locator(SHOWN)).to_have_count(1)
    everything_on_the_server(page)


def drawer(path: str) -> str:
    return path.rsplit("/", 1)[1].replace("-", "")


def test_a_photo_taken_out_by_a_page_that_was_killed_is_out_when_the_visit_is_opened(person, server):
    path, page = with_one_out(person, "UBND phường Bồ Đề", 51)
    page = crash(page)
    page.goto(f"{path}/capture")
    expect(item(page, "NY03").locator(OUT)).to_have_count(1)
    everything_on_the_server(page)
    assert server.count(REMOVALS, drawer(path)) == 1
    expect(item(page, "NY03").locator(SHOWN)).to_have_count(0)


def test_the_day_page_sends_a_removal_only_when_no_page_is_left_that_could_take_it_back(person, server):
    path, page = with_one_out(person, "UBND phường Việt Hưng", 52)
    day = page.context.new_page()
    day.goto("/")
    unsent = day.locator("[data-day] [data-unsent]")
    expect(unsent).to_have_text("Chưa gửi 1")
    put_back(page)
    take_out(page)
    crash(page).close()
    day.reload()
    expect(unsent).to_have_text("Chưa gửi 0")
    assert server.count(REMOVALS, drawer(path)) == 1


def test_a_photo_that_arrived_while_it_was_taken_out_can_still_be_put_back(person, server):
    path, page = at(person, "UBND phường Phúc Lợi")
    with holding(page, "**/rows") as going:
        taken = photograph(page, 53, (2400, 1800))
    item(page, "NY03").locator(SHOWN).tap()
    page.get_by_role("dialog").get_by_role("button", name="Bỏ ảnh này").tap()
    expect(item(page, "NY03").locator(OUT)).to_have_count(1)
    page.route("**/rows", lambda route: route.continue_())
    for route in going:
        route.continue_()
    page.evaluate(NOTED, HELD)
    original = hashlib.sha256(taken["buffer"]).hexdigest()
    with page.expect_response(lambda answer: original in answer.url and answer.status in (200, 201)):
        put_back(page)
    assert server.count(REMOVALS, drawer(path)) == 0
    page.reload()
    whole(page)
    expect(item(page, "NY03").locator(SHOWN)).to_have_count(1)


def while_the_day_page_sends(page, number: int) -> None:
    """A photo that An's page keeps, and that another page sends: her own would have to wait for its turn."""
    page.evaluate(ITS_TURN_IS_LATE)
    photograph(page, number)
    expect(item(page, "NY03").locator("[data-photo][data-state=device]")).to_have_count(1)


def withdraw_on_its_way(page, number: int) -> None:
    """A photo is taken out while the day page sends it: the server has it then, and An's page did not hear of that."""
    while_the_day_page_sends(page, number)
    day = page.context.new_page()
    with holding(day, "**/rows") as going:
        day.goto("/")
    withdraw(page)
    page.evaluate(NOTED, WITHDRAWN)
    day.route("**/rows", lambda route: route.continue_())
    with day.expect_response("**/rows"):
        going.pop().continue_()
    expect(day.locator("[data-day] [data-unsent]")).to_have_text("Chưa gửi 0")
    day.close()


def test_a_photo_taken_out_while_another_page_here_sends_it_is_taken_out_at_the_server_too(person, server):
    path, page = at(person, "UBND phường Ngọc Hà")
    withdraw_on_its_way(page, 56)
    with page.expect_response("**/rows"):
        page.reload()
        whole(page)
    expect(item(page, "NY03").locator(OUT)).to_have_count(1)
    everything_on_the_server(page)
    assert [server.count(asked, drawer(path)) for asked in (PHOTOS, REMOVALS)] == [1, 1]


def test_a_photo_that_another_page_here_has_sent_unheard_can_be_taken_out_and_put_back(person, server):
    path, page = at(person, "UBND phường Giảng Võ")
    while_the_day_page_sends(page, 57)
    day = page.context.new_page()
    day.goto("/")
    expect(day.locator("[data-day] [data-unsent]")).to_have_text("Chưa gửi 0")
    withdraw(page)
    page.evaluate(NOTED, HELD)
    page.locator("[data-undo] button").tap()
    expect(item(page, "NY03").locator(SHOWN)).to_have_count(1)
    page.reload()
    whole(page)
    everything_on_the_server(page)
    assert [server.count(asked, drawer(path)) for asked in (PHOTOS, REMOVALS)] == [1, 0]
    take_out(page)
    crash(page).close()
    day.reload()
    expect(day.locator("[data-day] [data-unsent]")).to_have_text("Chưa gửi 0")
    assert server.count(REMOVALS, drawer(path)) == 1


def unsent(person, server, number: int) -> tuple[str, object]:
    """A photo that is on An's tablet alone, where room is scarce: (address of its visit, the page)."""
    page = person("an", TABLET, NOWHERE, **ONLINE)
    narrow(page, url=server.url)
    visit = ahead(page)
    photograph(page, number)
    expect(item(page, "NY03").locator("[data-photo][data-state=device]")).to_have_count(1)
    return visit, page


def withdraw(page) -> None:
    item(page, "NY03").locator("[data-photo][data-state=device]").tap()
    page.get_by_role("dialog").get_by_role("button", name="Bỏ ảnh này").tap()
    expect(item(page, "NY03").locator(OUT)).to_have_count(1)


def is_gone_for_good(page, visit: str) -> None:
    """The page is killed once the device knows, and nothing of the photo is left to be sent."""
    page.evaluate(NOTED, WITHDRAWN)
    page = crash(page)
    page.goto(visit)
    whole(page)
    expect(page.locator("body")).to_have_attribute("data-unsent", "0")
    expect(item(page, "NY03").locator("[data-photo][data-state=device]")).to_have_count(0)


def test_a_photo_taken_out_on_a_full_tablet_is_not_there_again_when_the_page_is_killed(person, server):
    visit, page = unsent(person, server, 54)
    narrow(page, page.evaluate(FILLED) - 50_000)
    withdraw(page)
    is_gone_for_good(page, visit)


def test_a_photo_taken_out_while_the_device_refuses_is_withdrawn_there_as_soon_as_it_takes_it(person, server):
    visit, page = unsent(person, server, 55)
    refuse(page, "rows")
    withdraw(page)
    page.evaluate("mend()")
    is_gone_for_good(page, visit)


def test_a_tab_that_gave_way_puts_no_photo_back_that_the_other_one_sends_away(person, server):
    path, page = with_one_out(person, "UBND phường Khương Đình", 58)
    other = page.context.new_page()
    other.goto(f"{path}/capture")
    with other.expect_response(lambda said: said.url.endswith("/rows") and said.ok):
        other.locator("[data-notice=second] button").click()
    page.wait_for_selector("body[data-second=yes]")
    expect(page.locator("[data-undo]")).to_be_hidden()
    assert server.count(REMOVALS, drawer(path)) == 1
    expect(item(page, "NY03").locator(SHOWN)).to_have_count(0)
