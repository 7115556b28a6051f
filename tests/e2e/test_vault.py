"""Saved means saved, and for one's own eyes: crashes, a full tablet, an older store, a shared tablet."""

import base64
import hashlib
import json
from uuid import uuid4

import pytest

from tests.e2e.conftest import PATIENCE, TABLET, shoot, sync_api
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap, whole

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

VAULT = """async () => {{
  const {{ $vault }} = await import(document.querySelector("script[type=module]").src);
  const {{ user }} = document.body.dataset;
  await $vault.{};
}}"""


def ahead(page) -> str:
    """The visit An has ahead; what goes to the server of it is held back until `let_go`."""
    hold_back(page)
    page.goto("/")
    page.get_by_role("link", name="Mở").first.click()
    page.wait_for_url("**/capture")
    whole(page)
    return page.url


def bare(visit: str) -> str:
    """The id of a visit as SQLite keeps it."""
    return visit.split("/")[-2].replace("-", "")


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
    chosen = item(page, id).locator(f"input[value={value}]")
    if not chosen.is_checked():  # others worked at this visit before, and a second tap takes an answer back
        tap(item(page, id), value)
    expect(chosen).to_be_checked()
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
    found = "SELECT count(*) FROM {} WHERE inspection_id = ? AND item = ?"
    wanted = {(table, id): n + server.count(found.format(table), bare(visit), id) for table, id, n in (
        ("answer", "PA02", 2), ("photo", "PA02", 1), ("answer", "PA04", 1))}  # others worked at this visit before
    answer(an, "PA02", "khong_dat", f"{CANARY} {uuid4()}")
    answer(an, "PA04", "dat", f"{CANARY} {uuid4()}")
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
    assert CANARY not in an.content()
    nothing_in_clear(an, 71)
    an.evaluate(SPOIL)
    an.context.clear_cookies()
    sign_in(an, server, "an")
    let_go(an)
    an.goto(visit)
    expect(an.locator("body")).to_have_attribute("data-unsent", "1", timeout=PATIENCE)
    an.locator("[data-action=sync]").click()
    expect(an.locator("dialog.sheet")).to_contain_text("không còn mở được")
    for (table, id), n in wanted.items():
        assert server.count(found.format(table), bare(visit), id) == n, (table, id)


def test_a_photo_whose_key_is_away_for_a_moment_is_not_called_lost(person):
    an = person("an", TABLET)
    ahead(an)
    photograph(an, "PA04", 73)
    taken = item(an, "PA04").locator("[data-photo]").last
    expect(taken).to_have_attribute("data-state", "device")
    an.evaluate(VAULT.format("lock(null)"))
    let_go(an)
    expect(an.locator("[data-saving]")).to_have_attribute("data-saving", "offline")
    expect(taken).to_have_attribute("data-state", "device")
    an.evaluate(VAULT.format("unlock(user, '/sync')"))
    an.evaluate("dispatchEvent(new Event('online'))")
    everything_on_the_server(an)
    expect(taken).to_have_attribute("data-state", "server")


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


VERSION_1 = """async ([user, inspection, rows, photo, original]) => {
  const opened = () => new Promise((done) => {
    const request = indexedDB.open("audit", 1);
    request.onerror = () => done(null); // the service worker, which lives on, was here first
    request.onsuccess = () => done(request.result);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("rows", { keyPath: "n", autoIncrement: true }).createIndex("id", "row.id", { unique: true });
      db.createObjectStore("files", { keyPath: "key" });
      db.createObjectStore("bytes");
    };
  });
  const gone = () => new Promise((done) => { Object.assign(indexedDB.deleteDatabase("audit"), { onsuccess: done }); });
  let db = null;
  while (!db) {
    await gone();
    db = await opened();
  }
  const t = db.transaction(["rows", "files", "bytes"], "readwrite", { durability: "strict" });
  const add = (kind, row, state) => t.objectStore("rows").add({ user, inspection, kind, row, state });
  for (const row of rows) add("answers", row, "waiting");
  add("answers", { ...rows[0], id: crypto.randomUUID(), note: "withdrawn" }, "superseded");
  add("photos", photo, "waiting");
  const key = `${inspection}/${photo.sha256}`;
  const bytes = Uint8Array.from(atob(original), (c) => c.charCodeAt(0)).buffer;
  t.objectStore("files").put({ key, inspection, user, sha256: photo.sha256, role: "original", type: "image/jpeg",
    size: bytes.byteLength, photo: photo.id });
  t.objectStore("bytes").put(bytes, key);
  t.objectStore("bytes").put(new ArrayBuffer(2 ** 20), "ballast");
  await new Promise((done) => { t.oncomplete = done; });
  db.close();
}"""


def left_by_version_1(page, visit: str, user: str, ids: list[str]) -> dict:
    """The store as the first released tablets left it, with unsent answers and a photo; returns the photo's row."""
    stamp, taken = "2026-11-20T08:41:00+07:00", camera_photo(88, (640, 480))["buffer"]
    rows = [{"id": str(uuid4()), "item": id, "value": "mot_phan", "number": None, "of": None, "choices": [],
             "note": CANARY + " cũ", "answered_at": stamp} for id in ids]
    photo = {"id": str(uuid4()), "item": ids[0], "sha256": hashlib.sha256(taken).hexdigest(), "working": None,
             "taken_at": stamp, "source": "camera", "lat": None, "lon": None, "accuracy": None}
    page.evaluate(VERSION_1, [user, visit.split("/")[-2], rows, photo, base64.b64encode(taken).decode()])
    return photo


def crash(page):
    """The tab dies on the spot; a new one in its place."""
    fresh = page.context.new_page()
    with pytest.raises(sync_api.Error):
        page.goto("chrome://crash")
    page.close()
    return fresh


def test_what_the_screen_calls_saved_outlives_an_upgrade_crashes_and_a_full_tablet(person, server):
    an = person("an", TABLET)
    user = an.request.get("/sync/hello").json()["user"]["id"]
    hold_back(an)
    visit = an.url + an.get_by_role("link", name="Mở").first.get_attribute("href").lstrip("/")
    an.context.route("**/static/**/*.js", lambda route: route.abort())
    an.goto("/sign-in")  # a page without any script of ours: the store is of version 1 until the visit is opened
    old = left_by_version_1(an, visit, user, ["MH01", "MH03"])
    an.context.unroute("**/static/**/*.js")
    an.goto(visit)
    an.wait_for_selector("html[data-ready]")
    for id in ("MH01", "MH03"):
        kept_as(an, id)
        expect(item(an, id).locator("input[value=mot_phan]")).to_be_checked()
    expect(item(an, "MH01").locator('[data-photo][data-state="device"]')).to_have_count(1)
    an.evaluate(HAS_KEY)
    for id, value in (("PA09", "dat"), ("PA10", "khong_dat"), ("PA13", "mot_phan")):
        answer(an, id, value, f"{CANARY} {id}")
        an = crash(an)
        an.goto(visit)
        an.wait_for_selector("html[data-ready]")
        kept_as(an, id)
        expect(item(an, id).locator(f"input[value={value}]")).to_be_checked()
        expect(item(an, id).locator("textarea[name=note]")).to_have_value(f"{CANARY} {id}")
    assert all(CANARY not in content for content in an.evaluate(IN_STORE).values()), "what was in clear is sealed"
    what_the_browser_will_not_keep_is_said_in_red_until_it_does(an)
    let_go(an)
    everything_on_the_server(an)
    mine = "FROM {} WHERE inspection_id = ? AND item = ?"
    drawer = visit.split("/")[-2].replace("-", "")
    for id in ("MH01", "MH03", "PA09", "PA10", "PA13", "PA05"):
        assert server.count(f"SELECT count(*) {mine.format('answer')} AND note LIKE ?", drawer, id, CANARY + "%"), id
    assert server.count(f"SELECT count(*) {mine.format('photo')} AND sha256 = ?", drawer, "MH01", old["sha256"]) == 1
    assert server.count(f"SELECT count(*) {mine.format('answer')} AND note = 'withdrawn'", drawer, "MH01") == 0


def what_the_browser_will_not_keep_is_said_in_red_until_it_does(page) -> None:
    """Storage that fails for a while: nothing is called saved meanwhile, and all of it is in the end."""
    page.evaluate("""() => {
      const { add } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.add = () => { throw new DOMException("", "UnknownError"); };
      globalThis.mend = () => { IDBObjectStore.prototype.add = add; };
    }""")
    item(page, "PA05").scroll_into_view_if_needed()
    tap(item(page, "PA05"), "dat")
    item(page, "PA05").locator("textarea[name=note]").fill(CANARY + " không chỗ")
    item(page, "PA05").locator("textarea[name=note]").blur()
    bar = page.locator('[data-saving="unsaved"]')
    expect(bar).to_contain_text("CHƯA LƯU 2")
    kept_as(page, "PA05", "empty")
    shoot(page, "unsaved")
    page.evaluate("mend()")
    expect(bar).to_have_count(0, timeout=PATIENCE)
    kept_as(page, "PA05")


def test_a_full_tablet_refuses_photos_in_words_and_no_answer(person):
    an = person("an", TABLET)
    line = an.context.new_cdp_session(an)
    origin = "/".join(an.url.split("/")[:3])
    line.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 3 * 2**20})
    ahead(an)
    for number in range(8):
        photograph(an, "MH03", 90 + number, (3000, 2250))
    expect(item(an, "MH03").locator(".wrong")).to_contain_text("hết chỗ", timeout=PATIENCE)
    for id, value in (("QL01", "dat"), ("PA05", "mot_phan"), ("PA09", "mot_phan"), ("PA10", "dat")):
        answer(an, id, value, "Máy đầy, " * 200)
    expect(an.locator('[data-saving="unsaved"]')).to_have_count(0)
