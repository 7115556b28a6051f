"""For one's own eyes: what is kept on a shared tablet is sealed for whoever took it down."""

import json
from uuid import uuid4

from tests.e2e.conftest import AHEAD, ONLINE, TABLET, enter, shoot, sync_api
from tests.e2e.device import (
    CANARY,
    IN_STORE,
    OPENED,
    ahead,
    answer,
    cut_off,
    has_key,
    hold_back,
    let_go,
    meanwhile,
    photograph,
)
from tests.e2e.tablet import camera_photo, everything_on_the_server, item
from tests.e2e.test_meeting import PLACE, begun
from tests.e2e.test_silence import swallowed

expect = sync_api.expect
SPOIL = f"""async () => {{
  {OPENED}
  const row = (await all("rows")).filter(({{ kind }}) => kind === "answers").at(-1);
  new Uint8Array(row.sealed.data)[9] ^= 1;
  await opened(db.transaction("rows", "readwrite").objectStore("rows").put(row));
  db.close();
}}"""
LOCKED = f"""async () => {{
  {OPENED}
  await opened(db.transaction("keys", "readwrite").objectStore("keys").clear());
  db.close();
}}"""

IMPATIENT = """(() => {
  const wait = globalThis.setTimeout;
  globalThis.setTimeout = (work, time = 0, ...more) => wait(work, time === 3_000 ? 75 : time, ...more);
})()"""
"""How long a meeting waits for its key; scripts may take as long as they always may."""

KEYS = """async (there) => {
  const script = document.querySelector("script[type=module]").src;
  const { $vault } = await import(script);
  if (there) return $vault.unlock(document.body.dataset.user, "/sync");
  await (await import(script.replace("capture", "lock"))).lock();
  $vault.keys.clear();
}"""


def bare(visit: str) -> str:
    """The id of a visit as SQLite keeps it."""
    return visit.split("/")[-2].replace("-", "")


def sign_in(page, server, name: str) -> None:
    page.goto("/sign-in")
    enter(page, server, name)


def test_what_an_has_not_sent_is_sealed_for_an_while_binh_has_the_tablet(person, server):
    an = person("an", TABLET)
    visit, line = ahead(an), cut_off(an)
    has_key(an)
    whole_note, spoilt = f"{CANARY} {uuid4()}", f"{CANARY} {uuid4()}"
    photos = "SELECT count(*) FROM photo WHERE inspection_id = ? AND item = 'PA02'"
    before = server.count(photos, bare(visit))  # others worked at this visit before
    answer(an, "PA02", "khong_dat", whole_note)
    answer(an, "PA04", "dat", spoilt)
    photograph(an, "PA02", 71)
    expect(item(an, "PA02").locator('[data-photo][data-state="device"]')).to_have_count(1)
    held = an.locator("body").get_attribute("data-unsent")
    nothing_in_clear(an, 71)
    only_one_tab_writes(an, visit)
    an.tolerant = True  # what a page asks while its person signs out is answered 401
    an.get_by_role("button", name="Đăng xuất").click()
    expect(an.locator("[data-leaving]")).to_contain_text(f"còn {held} thay đổi")
    shoot(an, "leaving")
    an.get_by_role("button", name="Vẫn đăng xuất").click()
    expect(an.locator("[data-left-here]")).to_contain_text(f"còn {held} thay đổi")
    shoot(an, "signed-out")
    assert an.evaluate(IN_STORE)["keys"] == "[]"
    sign_in(an, server, "binh")
    an.wait_for_selector("html[data-locked]")
    an.goto(visit)
    an.wait_for_selector("h1")
    assert whole_note not in an.content() and spoilt not in an.content()
    nothing_in_clear(an, 71)
    an.evaluate(SPOIL)
    an.context.clear_cookies()
    sign_in(an, server, "an")
    line.detach()
    let_go(an)
    an.goto(visit)
    expect(an.locator("body")).to_have_attribute("data-unsent", "1")
    an.locator("[data-action=sync]").click()
    expect(an.locator("dialog.sheet")).to_contain_text("không còn mở được")
    noted = "SELECT count(*) FROM answer WHERE inspection_id = ? AND note = ?"
    assert [server.count(noted, bare(visit), note) for note in (whole_note, spoilt)] == [1, 0]
    assert server.count(photos, bare(visit)) == before + 1


def test_a_photo_whose_key_is_away_for_a_moment_is_not_called_lost(person):
    an = person("an", TABLET)
    ahead(an)
    photograph(an, "PA04", 73)
    taken = item(an, "PA04").locator("[data-photo]").last
    expect(taken).to_have_attribute("data-state", "device")
    line = meanwhile(an.context, "**/sync/**")  # what was opened to be sent is not on its way either
    an.evaluate(KEYS, False)
    expect(an.locator("[data-saving]")).to_have_attribute("data-saving", "offline")
    an.context.held_back = False
    hello = meanwhile(an.context, "**/sync/hello", without_a_key)
    line()
    an.evaluate("dispatchEvent(new Event('online'))")
    expect(an.locator("[data-saving]")).to_have_attribute("data-saving", "offline")
    expect(taken).to_have_attribute("data-state", "device")
    hello()
    an.evaluate(KEYS, True)
    an.evaluate("dispatchEvent(new Event('online'))")
    everything_on_the_server(an)
    expect(taken).to_have_attribute("data-state", "server")


def without_a_key(route) -> None:
    """Nothing that a page asks by the way brings the key back."""
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "key": None})


def nothing_in_clear(page, photo: int) -> None:
    """Neither words nor pixels of An's can be read in what the browser keeps."""
    pixels = json.dumps(camera_photo(photo, (1280, 960))["buffer"][-200:-140].decode("latin1"))[1:-1]
    for name, content in page.evaluate(IN_STORE).items():
        assert CANARY not in content and pixels not in content, name


def only_one_tab_writes(page, visit: str) -> None:
    """The second reads what the first has kept, and takes over when the first goes."""
    two = page.context.new_page()
    cut_off(two)
    two.goto(visit)
    expect(two.locator("[data-notice=second]")).to_be_visible()
    expect(two.locator('fieldset[data-item="PA02"]:disabled input[value=khong_dat]')).to_be_checked()
    shoot(two, "second-tab")
    page.goto("/")
    expect(two.locator('fieldset[data-item="PA02"]:enabled')).to_have_count(1)
    two.close()


def test_where_nothing_can_be_sealed_nobody_is_told_that_it_is(person):
    an = person("an", TABLET, **ONLINE)
    an.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });")
    ahead(an)
    answer(an, "PA03", "dat", "chưa gửi")
    an.tolerant = True
    an.goto("/")
    an.get_by_role("button", name="Đăng xuất").click()
    expect(an.locator("[data-leaving]")).to_contain_text("không giữ kín được")
    expect(an.locator("[data-leaving] .button-primary")).to_have_text("Ở lại để gửi")
    expect(an.locator("[data-leaving] .button-primary")).to_be_focused()
    an.get_by_role("button", name="Vẫn đăng xuất").click()
    expect(an.locator("[data-left-here] [data-how=open]")).to_be_visible()
    expect(an.locator("[data-left-here] [data-how=sealed]")).to_be_hidden()
    shoot(an, "signed-out-open")


def test_a_meeting_whose_key_comes_late_is_not_begun_anew(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    page.wait_for_selector("html[data-ready]")
    begun(page)
    page.evaluate(LOCKED)
    hello = meanwhile(page, "**/sync/hello", swallowed)
    page.add_init_script(IMPATIENT)
    with page.expect_response("**/sync/inspections/*"):  # what the meeting asks before it looks for its draft
        page.reload()
    asked = page.evaluate("() => performance.now()")
    page.wait_for_function("(asked) => performance.now() > asked + 300", arg=asked)  # more than it waits
    hello()
    page.wait_for_selector("dialog.meeting[open][data-ready]")
    expect(page.get_by_label("Địa điểm họp")).to_have_value(PLACE)


TYPING = """(field) => {
  field.focus();
  field.value = "mới";
  const key = () => field.dispatchEvent(new Event("input", { bubbles: true }));
  key();
  globalThis.keys = setInterval(key, 100);
}"""


def test_what_is_shown_once_its_key_has_come_is_counted(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    page.wait_for_selector("html[data-whole]")
    has_key(page)
    hold_back(page)
    id = page.locator("fieldset[data-kind=a3]:not([data-outcome])").last.get_attribute("data-item")
    answer(page, id, "mot_phan", "")
    page.evaluate(LOCKED)
    hello = meanwhile(page.context, "**/sync/hello")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(item(page, id).locator("input[value=mot_phan]")).not_to_be_checked()
    hello()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(item(page, id).locator("input[value=mot_phan]")).to_be_checked()
    expect(page.locator("[data-count]")).to_have_text(str(page.locator("fieldset[data-outcome]").count()))


def test_what_is_typed_before_the_key_comes_is_kept_and_shown_over_what_comes_back(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    page.wait_for_selector("html[data-whole]")
    has_key(page)
    hold_back(page)
    answer(page, "PA03", "khong_dat", "cũ")
    note, remark = item(page, "PA03").locator("textarea"), page.locator("[data-remark=difficulty] textarea")
    remark.fill("khó khăn cũ")
    remark.blur()
    expect(page.locator("[data-remark=difficulty]")).to_have_attribute("data-state", "device")
    page.evaluate(LOCKED)
    asked = []
    hello = meanwhile(page.context, "**/sync/hello", asked.append)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("[data-saving-text]")).to_contain_text("Chưa đọc được dữ liệu trên máy")
    remark.fill("khó khăn mới")
    remark.blur()
    note.evaluate(TYPING)
    note.blur()  # what was said a moment ago is no row yet
    hello()
    for route in asked:  # else it is waited for
        route.abort()
    expect(page.locator("[data-saving-text]")).not_to_contain_text("Chưa đọc được dữ liệu trên máy")
    expect(item(page, "PA03").locator("input[value=khong_dat]")).to_be_checked()
    page.evaluate("clearInterval(keys)")
    let_go(page)
    everything_on_the_server(page)
    expect(remark).to_have_value("khó khăn mới")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(item(page, "PA03").locator("input[value=khong_dat]")).to_be_checked()
    expect(note).to_have_value("mới")
    expect(remark).to_have_value("khó khăn mới")
