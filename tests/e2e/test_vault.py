"""Saved means saved, and for one's own eyes: crashes, a full tablet, an older store, a shared tablet."""

import json

from tests.e2e.conftest import PATIENCE, TABLET, shoot, sync_api
from tests.e2e.tablet import camera_photo, item, tap, whole

expect = sync_api.expect
CANARY = "CHIM HOÀNG YẾN"
OPENED = """const opened = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const db = await opened(indexedDB.open("audit"));
  const all = (name) => opened(db.transaction(name).objectStore(name).getAll());"""
IN_STORE = f"""async () => {{
  {OPENED}
  const plain = (_, value) => (
    value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder("latin1").decode(value) : value);
  const found = {{ caches: "" }};
  for (const name of db.objectStoreNames) found[name] = JSON.stringify(await all(name), plain);
  for (const name of await caches.keys()) {{
    for (const kept of await (await caches.open(name)).matchAll()) found.caches += await kept.text();
  }}
  db.close();
  return found;
}}"""
HAS_KEY = f"""async () => {{
  {OPENED}
  while (!(await all("keys")).length) await new Promise((done) => setTimeout(done, 20));
  db.close();
}}"""
SPOIL = f"""async () => {{
  {OPENED}
  const row = (await all("rows")).filter(({{ kind }}) => kind === "answers").at(-1);
  new Uint8Array(row.sealed.data)[9] ^= 1;
  await opened(db.transaction("rows", "readwrite").objectStore("rows").put(row));
  db.close();
}}"""


def ahead(page) -> str:
    """The visit An has ahead; what goes to the server of it is held back until `let_go`."""
    hold_back(page)
    page.goto("/")
    page.get_by_role("link", name="Mở").first.click()
    page.wait_for_url("**/capture")
    whole(page)
    return page.url


def hold_back(page) -> None:
    page.context.route("**/sync/inspections/*/*", lambda route: route.abort())
    page.context.route("**/sync/inspections/*/blobs/*", lambda route: route.abort())


def let_go(page) -> None:
    page.context.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")


def kept_as(page, id: str, state: str = "device") -> None:
    expect(item(page, id)).to_have_attribute("data-state", state, timeout=PATIENCE)


def answer(page, id: str, value: str, note: str) -> None:
    item(page, id).scroll_into_view_if_needed()
    tap(item(page, id), value)
    expect(item(page, id).locator(f"input[value={value}]")).to_be_checked()
    item(page, id).locator("textarea[name=note]").fill(note)
    item(page, id).locator("textarea[name=note]").blur()
    kept_as(page, id)


def photograph(page, id: str, number: int, size=(1280, 960)) -> None:
    item(page, id).locator("input[type=file][name=photo]").set_input_files([camera_photo(number, size)])


def sign_in(page, server, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(server.passwords[name])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_what_an_has_not_sent_is_sealed_for_an_while_binh_has_the_tablet(person, server):
    an = person("an", TABLET)
    visit = ahead(an)
    an.evaluate(HAS_KEY)
    answer(an, "PA02", "khong_dat", CANARY)
    answer(an, "PA04", "dat", CANARY + " 2")
    photograph(an, "PA02", 71)
    expect(item(an, "PA02").locator('[data-photo][data-state="device"]')).to_have_count(1)
    held = an.locator("body").get_attribute("data-unsent")
    nothing_in_clear(an, 71)
    only_one_tab_writes(an, visit)
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
    assert CANARY not in an.content()
    nothing_in_clear(an, 71)
    an.evaluate(SPOIL)
    an.context.clear_cookies()
    sign_in(an, server, "an")
    an.goto(visit)
    let_go(an)
    expect(an.locator("body")).to_have_attribute("data-unsent", "1", timeout=PATIENCE)
    an.locator("[data-action=sync]").click()
    expect(an.locator("dialog.sheet")).to_contain_text("không còn mở được")
    where = "FROM {} WHERE inspection_id = ? AND item = ?", visit.split("/")[-2].replace("-", "")
    for table, id, n in (("answer", "PA02", 2), ("photo", "PA02", 1), ("answer", "PA04", 1)):
        assert server.count(f"SELECT count(*) {where[0].format(table)}", where[1], id) == n, (table, id)


def nothing_in_clear(page, photo: int) -> None:
    """Neither words nor pixels of An's can be read in what the browser keeps."""
    pixels = json.dumps(camera_photo(photo, (1280, 960))["buffer"][-200:-140].decode("latin1"))[1:-1]
    for name, content in page.evaluate(IN_STORE).items():
        assert CANARY not in content and pixels not in content, name


def only_one_tab_writes(page, visit: str) -> None:
    """The second reads what the first has kept, and takes over when the first goes."""
    two = page.context.new_page()
    two.goto(visit)
    expect(two.locator("[data-notice=second]")).to_be_visible()
    expect(two.locator('fieldset[data-item="PA02"]:disabled input[value=khong_dat]')).to_be_checked()
    shoot(two, "second-tab")
    page.goto("/")
    expect(two.locator('fieldset[data-item="PA02"]:enabled')).to_have_count(1)
    two.close()
