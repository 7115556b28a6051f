"""Moments in which something else happens: what is called saved is never called lost, and nothing is said too early."""

from tests.e2e.conftest import AHEAD, NOWHERE, ONLINE, PATIENCE, TABLET, sync_api
from tests.e2e.device import (
    CANARY,
    OPENED,
    ahead,
    answer,
    crash,
    has_key,
    holding,
    kept_as,
    let_go,
    photograph,
)
from tests.e2e.tablet import everything_on_the_server, item, tap

expect = sync_api.expect
READ_WHILE_IT_GOES = """async () => {
  const { user } = document.body.dataset, inspection = crypto.randomUUID();
  const address = document.querySelector("script[src*='/js/capture.js']").src.replace("capture.js", "store.js");
  const [one, two] = [await import(address), await import(`${address}?again`)];
  const id = crypto.randomUUID(), buffer = new TextEncoder().encode(id).buffer;
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  const name = [...sum].map((octet) => octet.toString(16).padStart(2, "0")).join("");
  const row = { id, item: "PA02", sha256: name, working: null };
  const entry = { user, inspection, kind: "photos", row, state: "waiting" };
  await one.putPhoto(entry, [{ sha256: name, role: "original", type: "image/jpeg", buffer }]);
  let go, begun;
  const held = new Promise((done) => { go = done; }), opening = new Promise((done) => { begun = done; });
  const open = crypto.subtle.decrypt.bind(crypto.subtle);
  crypto.subtle.decrypt = async (...all) => { begun(); await held; return open(...all); };
  const reading = two.waiting(inspection, user); // a page begun anew opens what it finds
  await opening;
  await two.forgetFile(inspection, name, user); // meanwhile the server has taken both
  await two.forget([id]);
  go();
  const seen = [await reading, await two.waiting(inspection, user)];
  crypto.subtle.decrypt = open;
  return seen.map(({ rows, files }) => [rows.length, files.map(({ problem }) => problem ?? "here")]);
}"""
ORDER = """(id) => {
  const heard = window.heard = [], seal = crypto.subtle.encrypt.bind(crypto.subtle);
  crypto.subtle.encrypt = (how, ...all) => {
    if (new TextDecoder().decode(how.additionalData).includes(" arrived ")) heard.push("noted");
    return seal(how, ...all);
  };
  const box = document.querySelector(`fieldset[data-item="${id}"]`);
  const look = () => { if (box.dataset.state === "server") heard.push("server"); };
  new MutationObserver(look).observe(box, { attributeFilter: ["data-state"] });
}"""
SCOPES = """() => {
  const begin = IDBDatabase.prototype.transaction;
  window.scopes = [];
  IDBDatabase.prototype.transaction = function (names, mode, ...more) {
    if (mode === "readwrite") window.scopes.push([...names]);
    return begin.call(this, names, mode, ...more);
  };
}"""
HELD = """([typed, id]) => {
  const heard = window.heard = [], ask = window.fetch, begin = IDBDatabase.prototype.transaction;
  const turn = (of) => new Promise((done) => { of.go = done; }), read = {}, post = {};
  const [reading, posting] = [turn(read), turn(post)];
  let sent = false, holding = false;
  window.fetch = async (address, ...more) => {
    if (holding && String(address).endsWith("/rows")) await posting;
    const answer = await ask(address, ...more);
    if (holding && String(address).endsWith("/rows")) heard.push("arrived");
    if (String(address).endsWith("/device")) {
      const note = document.querySelector(`fieldset[data-item="${typed}"] textarea[name=note]`);
      note.value += " và";
      note.dispatchEvent(new InputEvent("input", { bubbles: true }));
      sent = true;
    }
    return answer;
  };
  const box = document.querySelector(`fieldset[data-item="${id}"]`);
  const look = async () => {
    heard.push(box.dataset.state);
    if (box.dataset.state !== "sending" || post.gone) return;
    post.gone = true;
    read.go();
    for (let n = 0; n < 20; n++) await new Promise((done) => setTimeout(done, 0));
    post.go();
  };
  new MutationObserver(look).observe(box, { attributeFilter: ["data-state"] });
  IDBDatabase.prototype.transaction = function (names, mode, ...more) {
    const t = begin.call(this, names, mode, ...more);
    if (!sent || holding || mode !== "readonly" || !names.includes("files")) return t;
    holding = true; // nothing waits any more: the device is read once more, to see whether that is so
    const late = (f) => t.addEventListener("complete", (event) => reading.then(() => f(event)));
    Object.defineProperty(t, "oncomplete", { set: late });
    box.querySelector("input[value=mot_phan]").click();
    return t;
  };
}"""
ROWS = f"""async () => {{
  {OPENED}
  const ids = (await all("rows")).map(({{ id }}) => id);
  db.close();
  return ids;
}}"""
KEPT = f"""async (ids) => {{
  {OPENED}
  let lost = ids;
  for (const late = performance.now() + {PATIENCE}; lost.length && performance.now() < late;) {{
    const here = (await all("rows")).map(({{ id }}) => id);
    lost = ids.filter((id) => !here.includes(id));
  }}
  db.close();
  return [lost, document.querySelector("[data-saving]").dataset.saving];
}}"""
TYPE = """([id, text]) => {
  const box = document.querySelector(`fieldset[data-item="${id}"]`), note = box.querySelector("textarea[name=note]");
  note.value = text;
  note.dispatchEvent(new InputEvent("input", { bubbles: true }));
  const { unsent } = document.body.dataset, { textContent } = document.querySelector("[data-saving]");
  return [box.dataset.state, Number(unsent), textContent.trim()];
}"""


def test_what_the_server_takes_while_the_device_is_read_is_neither_lost_nor_sent_again(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    ahead(an)
    answer(an, "PA02", "dat", "chìa khoá đã có")  # the key is here
    first, second = an.evaluate(READ_WHILE_IT_GOES)
    assert second == [0, []], (first, second)
    assert first[0] == 0, first


def test_that_a_row_has_arrived_is_written_down_before_the_row_leaves_the_device(person):
    """Else a crash in between shows an old page: neither what the server has nor what the device had."""
    an = person("an", TABLET, AHEAD, **ONLINE)
    ahead(an)
    answer(an, "PA03", "khong_dat", "ghi lại trước khi xoá")
    an.evaluate(ORDER, "PA03")
    let_go(an)
    everything_on_the_server(an)
    expect(item(an, "PA03")).to_have_attribute("data-state", "server")
    heard = an.evaluate("heard")
    assert "noted" in heard and heard.index("noted") < heard.index("server"), heard


def test_what_is_kept_while_the_device_is_read_is_not_called_sent(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    ahead(an)
    an.evaluate(HELD, ["TB01", "TB05"])  # before anything is told to the server: it is told once
    tap(item(an, "TB01"), "dat")
    kept_as(an, "TB01")
    let_go(an)
    expect(item(an, "TB05")).to_have_attribute("data-state", "server", timeout=20_000)
    heard = an.evaluate("heard")
    assert "arrived" in heard and heard.index("arrived") < heard.index("server"), heard


def test_what_is_being_typed_is_called_saved_only_when_it_is(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    ahead(an)
    answer(an, "PA04", "mot_phan", "câu đầu")
    said, unsent, _ = an.evaluate(TYPE, ["PA04", "câu đầu và câu sau"])
    assert said == "empty" and unsent > 0
    kept_as(an, "PA04")
    assert an.evaluate(TYPE, ["PA04", "đang gõ"])[0] == "empty"
    an.evaluate(TYPE, ["PA04", "câu đầu và câu sau"])  # taken back before the pause: nothing new to save
    kept_as(an, "PA04")
    an.reload()
    expect(item(an, "PA04").locator("textarea[name=note]")).to_have_value("câu đầu và câu sau")
    let_go(an)
    everything_on_the_server(an)
    assert an.evaluate(TYPE, ["PA04", "gõ thêm khi có mạng"]) == ["empty", 1, "Chờ ghi vào máy: 1"]
    everything_on_the_server(an)


def test_no_two_transactions_write_at_the_same_time(person):
    """Killed with two of them unfinished, Chromium 150 throws the whole database away (database.js)."""
    an = person("an", TABLET, AHEAD, **ONLINE)
    ahead(an)
    an.evaluate(SCOPES)
    answer(an, "PA05", "dat", "từng giao dịch một")
    photograph(an, "PA05", 77)
    let_go(an)
    everything_on_the_server(an)
    scopes = [set(names) for names in an.evaluate("scopes")]
    assert len({frozenset(names) for names in scopes}) > 2 and set.intersection(*scopes), scopes


def test_a_page_drawn_before_another_one_had_sent_shows_what_arrived_meanwhile(person):
    """Neither the server's drawing nor the device has the row then: it would look lost."""
    an = person("an", TABLET, AHEAD, **ONLINE)
    address = ahead(an)
    answer(an, "PA09", "mot_phan", "đến nơi khi trang kia đang mở")
    photograph(an, "PA09", 78)
    expect(item(an, "PA09").locator('[data-photo][data-state="device"]')).to_have_count(1)
    drawn, other = an.request.get(address), an.context.new_page()
    with holding(other, address) as held:
        other.evaluate("(address) => { location = address; }", address)
    let_go(an)
    everything_on_the_server(an)
    held.pop().fulfill(response=drawn)
    expect(item(other, "PA09").locator("input[value=mot_phan]")).to_be_checked()
    expect(item(other, "PA09").locator("textarea[name=note]")).to_have_value("đến nơi khi trang kia đang mở")
    expect(item(other, "PA09").locator('[data-photo][data-state="server"]')).to_have_count(1)


def test_what_is_kept_anew_after_the_browser_threw_all_away_can_be_opened_again(person):
    """The device has lost its name and the key with it: the page still has both, and gives them back."""
    an = person("an", TABLET, NOWHERE, **ONLINE)
    visit = ahead(an)
    has_key(an)
    answer(an, "PA09", "dat", f"{CANARY} trước")
    before = an.evaluate(ROWS)
    line, origin = an.context.new_cdp_session(an), "/".join(an.url.split("/")[:3])
    line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb"})
    answer(an, "PA02", "dat", f"{CANARY} sau")
    an.evaluate("dispatchEvent(new Event('online'))")
    assert an.evaluate(KEPT, before)[0] == []
    an = crash(an)
    an.goto(visit)
    an.wait_for_selector("html[data-ready]")
    for id, note in (("PA09", "trước"), ("PA02", "sau")):
        kept_as(an, id)
        expect(item(an, id).locator("textarea[name=note]")).to_have_value(f"{CANARY} {note}")
