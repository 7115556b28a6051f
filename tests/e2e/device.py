"""What a tablet holds that has not been sent: held back by a test, looked at in its store."""

from contextlib import contextmanager

import pytest

from tests.e2e.conftest import PATIENCE, sync_api
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
PLACES = """async () => {
  const part = performance.getEntriesByType("resource").findLast(({ name }) => name.endsWith("/parts/log.html")).name;
  const doc = new DOMParser().parseFromString(await (await fetch(part)).text(), "text/html");
  const find = (mark) => document.querySelector(`[data-log] [data-${mark}]`);
  const now = find("now"), room = find("room");
  const touched = [find("act=rescue"), document.querySelector("[data-log] input")];
  const places = () => touched.map((one) => one.getBoundingClientRect().top).join();
  const was = now.textContent, told = [...room.childNodes];
  const stood = ["idle", "waiting", "sending", "offline"].map((state) => {
    now.textContent = doc.querySelector(`[data-say="log.now.${state}"]`).innerHTML.replace("{n}", "128");
    return places();
  });
  now.textContent = was;
  room.replaceChildren();
  stood.push(places());
  room.replaceChildren(...told);
  return [...new Set(stood)];
}"""
"""Where what is touched in the sync log stands, whatever the log says of the line and of the room on the device."""
FOOT = """() => {
  const foot = document.querySelector("[data-leaving] [data-act=again]"), todo = document.querySelector("[data-todo]");
  const { hidden } = todo, places = [0, 3, 60].map((n) => {
    const more = Array.from({ length: n }, () => Object.assign(document.createElement("li"), { textContent: "…" }));
    todo.hidden = !n;
    todo.querySelector("ul").append(...more);
    const { top } = foot.getBoundingClientRect();
    for (const line of more) line.remove();
    return top;
  });
  todo.hidden = hidden;
  return [...new Set(places)];
}"""
"""Where the button under what is asked before leaving stands, however much there is still to be done."""
HAS_KEY = f"""async (patience) => {{
  {OPENED}
  const late = performance.now() + patience;
  while (!(await all("keys")).length && performance.now() < late) await new Promise((done) => setTimeout(done, 20));
  const kept = await all("keys");
  db.close();
  return kept.length;
}}"""


def refuse(page, table: str) -> None:
    """From now on nothing is written into this table of the device, until `mend()` is called on the page."""
    page.evaluate("""(table) => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...all) {
        const request = put.apply(this, all);
        if (this.name === table) this.transaction.abort();
        return request;
      };
      globalThis.mend = () => { IDBObjectStore.prototype.put = put; };
    }""", table)


def has_key(page) -> None:
    """What is private is sealed from now on."""
    assert page.evaluate(HAS_KEY, PATIENCE), "no key came"


def ahead(page) -> str:
    """The visit An has ahead; what goes to the server of it is held back until `let_go`."""
    hold_back(page)
    if not page.url.endswith("/capture"):
        page.goto("/")
        page.get_by_role("link", name="Mở").first.click()
        page.wait_for_url("**/capture")
    whole(page)
    return page.url


def first(where, address: str, answer, times: int = 1) -> None:
    """The first requests of this address are answered so, those after them by the server. The route stays: what a page
    asks while Playwright takes one away (`times=`) can wait for ever, github.com/microsoft/playwright/issues/41802."""
    answered = []

    def handle(route):
        if len(answered) == times:
            return route.fallback()
        answered.append(route)
        return answer(route)

    where.route(address, handle)


def meanwhile(where, address: str, answer=lambda route: route.abort()):
    """Requests of this address are answered so, until what is given is called; the route stays (`first`)."""
    on = [True]
    where.route(address, lambda route: answer(route) if on else route.fallback())
    return on.clear


@contextmanager
def holding(page, address: str, once: bool = False):
    """What is asked of this address from now on is held in the list that is given; when `with` ends, one is in it."""
    held = []
    if once:
        first(page, address, held.append)
    else:
        page.route(address, lambda route: held.append(route))
    with page.expect_request(address):
        yield held
    for _ in range(1_000):  # that a page asks is said a moment before what it asks is handed over
        if held:
            break
        page.context.cookies()


def hold_back(page) -> None:
    """What goes to the server of visits is held back until `let_go`; the routes stay (`first`)."""
    context = page.context
    context.held_back = True
    for address in ("**/sync/inspections/*/*", "**/sync/inspections/*/blobs/*"):
        context.route(address, lambda route: route.abort() if context.held_back else route.fallback())


def cut_off(page):
    """The page itself refuses to send, until what is given is detached: what only waits for a route is sent after all
    when its page is left or closed."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setBlockedURLs", {"urls": ["*/sync/inspections/*/*"]})
    return session


def let_go(page) -> None:
    page.context.held_back = False
    page.evaluate("dispatchEvent(new Event('online'))")


def loses_its_lock(page, address: str):
    """As WebKit does it to a page that it freezes: back again, it believes that it still writes. The page that does."""
    visit = address.split("/")[-2]
    page.evaluate("(name) => navigator.locks.request(name, { steal: true }, () => {})", f"capture:{visit}")
    other = page.context.new_page()
    other.goto(address)
    whole(other)
    page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
    expect(page.locator("[data-notice=second]")).to_be_visible()
    return other


def crash(page):
    """The tab dies on the spot; a new one in its place."""
    fresh = page.context.new_page()
    with pytest.raises(sync_api.Error):
        page.goto("chrome://crash")
    page.close()
    return fresh


def kept_as(page, id: str, state: str = "device") -> None:
    expect(item(page, id)).to_have_attribute("data-state", state)


def answer(page, id: str, value: str, note: str) -> None:
    item(page, id).scroll_into_view_if_needed()
    tap(item(page, id), value)
    expect(item(page, id).locator(f"input[value={value}]")).to_be_checked()
    item(page, id).locator("textarea[name=note]").fill(note)
    item(page, id).locator("textarea[name=note]").blur()
    kept_as(page, id)


def photograph(page, id: str, number: int, size=(1280, 960)) -> None:
    item(page, id).locator("input[type=file][name=photo]").set_input_files([camera_photo(number, size)])
