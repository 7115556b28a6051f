"""Saved means saved: an older store, crashes, a browser that keeps nothing, a full tablet."""

import base64
import hashlib
from uuid import uuid4

from tests.e2e.conftest import AHEAD, NOWHERE, ONLINE, TABLET, shoot, sync_api
from tests.e2e.device import (
    CANARY,
    IN_STORE,
    ahead,
    answer,
    crash,
    has_key,
    hold_back,
    kept_as,
    let_go,
    loses_its_lock,
    meanwhile,
    photograph,
)
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap_another
from tests.e2e.test_meeting import meet

expect = sync_api.expect
FAILING = """() => {
  const whole = { ...Object.getOwnPropertyDescriptors(IDBObjectStore.prototype) };
  const failing = (name, concerns) => {
    IDBObjectStore.prototype[name] = function (...all) {
      const request = whole[name].value.apply(this, all);
      if (concerns(this)) this.transaction.abort();
      return request;
    };
  };
  failing("add", () => true);
  failing("put", (store) => store.name === "bytes");
  globalThis.mend = (name) => { IDBObjectStore.prototype[name] = whole[name].value; };
}"""
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


def test_what_the_screen_calls_saved_outlives_an_upgrade_crashes_and_a_full_tablet(person, server):
    an = person("an", TABLET)
    user = an.request.get("/sync/hello").json()["user"]["id"]
    hold_back(an)
    visit = an.url + an.get_by_role("link", name="Mở").first.get_attribute("href").lstrip("/")
    with_scripts = meanwhile(an.context, "**/static/**/*.js")
    an.goto("/sign-in")  # a page without any script of ours: the store is of version 1 until the visit is opened
    old = left_by_version_1(an, visit, user, ["MH01", "MH03"])
    with_scripts()
    an.goto(visit)
    an.wait_for_selector("html[data-ready]")
    for id in ("MH01", "MH03"):
        kept_as(an, id)
        expect(item(an, id).locator("input[value=mot_phan]")).to_be_checked()
    expect(item(an, "MH01").locator('[data-photo][data-state="device"]')).to_have_count(1)
    has_key(an)
    for id, value in (("PA09", "dat"), ("PA02", "khong_dat"), ("PA13", "mot_phan")):
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
    for id in ("MH01", "MH03", "PA09", "PA02", "PA13", "PA05"):
        assert server.count(f"SELECT count(*) {mine.format('answer')} AND note LIKE ?", drawer, id, CANARY + "%"), id
    assert server.count(f"SELECT count(*) {mine.format('photo')} AND sha256 = ?", drawer, "MH01", old["sha256"]) == 1
    assert server.count(f"SELECT count(*) {mine.format('answer')} AND note = 'withdrawn'", drawer, "MH01") == 0


def what_the_browser_will_not_keep_is_said_in_red_until_it_does(page) -> None:
    """Storage that fails for a while: nothing is called saved meanwhile, and all of it is in the end, answers first."""
    page.evaluate(FAILING)
    item(page, "PA05").scroll_into_view_if_needed()
    tap_another(item(page, "PA05"))
    item(page, "PA05").locator("textarea[name=note]").fill(CANARY + " không chỗ")
    item(page, "PA05").locator("textarea[name=note]").blur()
    bar = page.locator('[data-saving="unsaved"]')
    expect(bar).to_contain_text("CHƯA LƯU 2")
    photograph(page, "PA05", 79)
    expect(bar).to_contain_text("CHƯA LƯU 4")
    kept_as(page, "PA05", "empty")
    shoot(page, "unsaved")
    page.evaluate("mend('add')")  # room for answers, none for photos
    kept_as(page, "PA05")
    expect(bar).to_contain_text("CHƯA LƯU 2")
    page.evaluate("mend('put')")
    expect(bar).to_have_count(0)
    expect(item(page, "PA05").locator('[data-photo][data-state="device"]')).to_have_count(1)


PIPE_CLOSED = """() => {
  const { write } = FileSystemWritableFileStream.prototype;
  FileSystemWritableFileStream.prototype.write = function (data) {
    return data.byteLength > 2 ** 21 ? Promise.reject(new DOMException("", "AbortError")) : write.call(this, data);
  };
}"""
HELD_BACK = """async () => {
  const folder = await navigator.storage.getDirectory();
  return (await (await folder.getFileHandle("ballast")).getFile()).size;
}"""

FILLED = """async () => {
  const folder = await navigator.storage.getDirectory();
  const ballast = await folder.getFileHandle("ballast", { create: true });
  while (!(await ballast.getFile()).size) await new Promise((done) => setTimeout(done, 20));
  const db = await new Promise((done) => {
    const request = indexedDB.open("filler");
    request.onupgradeneeded = () => request.result.createObjectStore("all", { autoIncrement: true });
    request.onsuccess = () => done(request.result);
  });
  const fits = (size) => new Promise((done) => {
    const t = db.transaction("all", "readwrite");
    t.objectStore("all").add(crypto.getRandomValues(new Uint8Array(size)));
    Object.assign(t, { oncomplete: () => done(true), onabort: () => done(false) });
  });
  for (let size = 2 ** 16; size >= 2 ** 9;) if (!(await fits(size))) size /= 2;
  db.close();
  return (await navigator.storage.estimate()).usage;
}"""


def test_a_full_tablet_refuses_photos_in_words_and_no_answer(person):
    """Out of room, Chromium now and then speaks of a closed pipe instead: here always."""
    an = person("an", TABLET)
    an.add_init_script(f"({PIPE_CLOSED})()")
    narrow(an)
    ahead(an)
    for number in range(8):
        photograph(an, "MH03", 90 + number, (3000, 2250))
    expect(item(an, "MH03").locator(".wrong")).to_contain_text("hết chỗ")
    assert an.evaluate(HELD_BACK) >= 2**18, "room is held back for answers"
    for id, value in (("DT01", "dat"), ("PA05", "mot_phan"), ("PA09", "mot_phan"), ("PA02", "dat")):
        answer(an, id, value, "Máy đầy, " * 200)
    expect(an.locator('[data-saving="unsaved"]')).to_have_count(0)


def narrow(page, room: int = 3 * 2**20, url: str = "") -> None:
    """So many octets of room, from now on. Where something was written before, that is seen half a minute later: for a
    page that has not been anywhere yet `url` names the server."""
    origin = url or "/".join(page.url.split("/")[:3])
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": room})


def test_a_full_tablet_keeps_what_is_said_at_a_meeting(person, server):
    an, said = person("an", TABLET, NOWHERE, **ONLINE), f"{CANARY} " * 600
    narrow(an, url=server.url)
    ahead(an)
    narrow(an, an.evaluate(FILLED) - 50_000)
    meet(an)
    an.locator("dialog.meeting [name=opinion]").fill(said)
    an.locator("dialog.meeting [name=opinion]").blur()
    expect(an.locator("dialog.meeting [data-kept]")).to_have_text("Đã lưu trên máy")
    visit, an = an.url, crash(an)
    an.goto(visit)
    meet(an)
    expect(an.locator("dialog.meeting [name=opinion]")).to_have_value(said.strip())


APPLE = 'Object.defineProperty(Navigator.prototype, "vendor", { get: () => "Apple Computer, Inc." })'
BUSY = """async () => {
  const db = await new Promise((done) => { indexedDB.open("audit").onsuccess = ({ target }) => done(target.result); });
  const t = db.transaction("facts", "readwrite");
  let hold = true;
  const spin = () => { t.objectStore("facts").get("-").onsuccess = () => hold && spin(); };
  spin();
  globalThis.writtenOnceFree = () => new Promise((done) => {
    hold = false;
    const request = db.transaction(["rows", "facts"], "readwrite").objectStore("rows").count();
    request.onsuccess = () => done(request.result);
  });
}"""


def test_a_page_that_webkit_freezes_leaves_no_transaction_behind_and_writes_when_it_is_back(person):
    an = person("an", TABLET, NOWHERE, **ONLINE)
    an.add_init_script(APPLE)
    ahead(an)
    answer(an, "PA09", "dat", "")
    an.evaluate(BUSY)
    here = an.evaluate("writtenOnceFree()")
    an.evaluate(BUSY)
    card = item(an, "PA02")
    card.scroll_into_view_if_needed()
    tap_another(card)
    kept_as(an, "PA02", "empty")
    an.evaluate('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))')
    assert an.evaluate("writtenOnceFree()") == here, "what waited was given up, and is not begun again by a frozen page"
    kept_as(an, "PA02", "empty")
    an.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
    kept_as(an, "PA02")
    assert an.evaluate("writtenOnceFree()") > here


ENDLESS_IS_SOON = """() => {
  const { setTimeout: whole } = globalThis;
  globalThis.setTimeout = (work, wait, ...more) => whole(work, wait === 30_000 ? 1_000 : wait, ...more);
}"""


def test_what_a_transaction_without_end_holds_up_is_called_unsaved_and_kept_once_it_can_be(person):
    an = person("an", TABLET, NOWHERE, **ONLINE)
    ahead(an)
    an.evaluate(ENDLESS_IS_SOON)
    an.evaluate(BUSY)
    card = item(an, "PA02")
    card.scroll_into_view_if_needed()
    tap_another(card)
    expect(an.locator("[data-saving]")).to_have_attribute("data-saving", "unsaved")
    an.evaluate("writtenOnceFree()")
    kept_as(an, "PA02")


def test_a_page_that_lost_its_lock_while_it_was_frozen_only_reads_where_another_one_writes(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    visit = ahead(an)
    loses_its_lock(an, visit).goto("/")
    expect(an.locator('fieldset[data-item="PA09"]:enabled')).to_have_count(1)
