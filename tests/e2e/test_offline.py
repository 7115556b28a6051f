"""The tablet without a network: it starts with the server gone, keeps what is done, changes its version only whole."""

import re
import urllib.request

import pytest

from audit_app.__main__ import browser
from tests.e2e.asked import leaving_says_what_the_device_knows, nobody_could_be_asked
from tests.e2e.conftest import CONTEXTS, PATIENCE, QUIETLY, TABLET, shoot, sync_api
from tests.e2e.device import OPENED, first
from tests.e2e.handed import READY
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap

expect = sync_api.expect
AGENCY = "Sở Tư pháp"


@pytest.fixture
def tablet(road, chromium, tmp_path, request):
    """`tablet()` → a page of a browser with a profile on the disk; called again, that browser is started anew."""
    held, complaints = request.node.stash.setdefault(CONTEXTS, []), []

    def start():
        while held:
            held.pop().close()
        held.append(chromium.browser_type.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=browser(), viewport=TABLET, has_touch=True, locale="vi-VN",
            reduced_motion="reduce", base_url=road.url, args=QUIETLY))
        held[0].set_default_timeout(PATIENCE)
        page = held[0].pages[0]
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text)
                if said.type == "error" and "net::ERR_" not in said.text else None)
        return page

    yield start
    for context in held:
        context.close()
    assert not complaints, complaints


def look_at(page, name: str) -> None:
    """A screen that keeps nobody out, and its picture."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    assert not found, [(name, rule["id"], rule["nodes"][0]["target"]) for rule in found]
    shoot(page, name)


def sign_in(page, server) -> None:
    """An, who then sees that everything of today is on her tablet."""
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill("an")
    page.get_by_label("Mật khẩu").fill(server.passwords["an"])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_selector("[data-day][data-ready=yes]")


def open_visit(page) -> str:
    """From «Hôm nay» into the visit of this module; the id of the visit."""
    page.get_by_role("link", name=re.compile(rf"^(Bắt đầu|Tiếp tục): {AGENCY}")).click()
    page.wait_for_url("**/capture")
    page.wait_for_selector("html[data-ready]")
    return page.url.split("/")[-2]


def test_an_works_from_a_cold_start_with_the_server_stopped_and_everything_arrives_once(tablet, road, server):
    page = tablet()
    sign_in(page, server)
    page.locator("[data-day] [data-action=ready]").tap()
    expect(page.get_by_role("dialog").get_by_text("Có trên máy").first).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("Chưa có", exact=True)).to_have_count(0)
    look_at(page, "offline-sheet")
    page.go_back()
    visit = open_visit(page)
    tap(item(page, "BH08"), "dat")
    everything_on_the_server(page)
    page.wait_for_selector("body[data-offline-ready=yes]")
    tap(item(page, "BH02"), "dat")
    expect(item(page, "BH02")).to_have_attribute("data-state", "server")

    road.close()
    leaving_says_what_the_device_knows(page)
    look_at(page, "offline-leaving")
    page.go_back()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "offline")
    page.goto("/")
    expect(page.get_by_text("Ngoại tuyến – vẫn làm việc bình thường")).to_be_visible()
    look_at(page, "offline-day")
    open_visit(page)
    nobody_could_be_asked(page, road)
    for answered in ("BH08", "BH02"):  # the second arrived after the page was kept
        expect(item(page, answered).locator("input[value=dat]")).to_be_checked()
        expect(item(page, answered)).to_have_attribute("data-state", "server")
    tap(item(page, "BH07"), "khong_dat")
    item(page, "BH07").locator("textarea[name=note]").fill("Bảng tên đã mờ")
    item(page, "BH07").locator("textarea[name=note]").blur()
    item(page, "BH07").locator("input[type=file][name=photo]").set_input_files([camera_photo(3, (1280, 960))])
    expect(item(page, "BH07").locator('[data-photo][data-state="device"]')).to_have_count(1)
    expect(item(page, "BH07")).to_have_attribute("data-state", "device")
    item(page, "BH02").locator("textarea[name=note]").fill("Biển đã cũ")  # answered anew: still one item
    item(page, "BH02").locator("textarea[name=note]").blur()
    expect(item(page, "BH02")).to_have_attribute("data-state", "device")
    page.goto("/review")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("không có mạng"))

    page = tablet()  # the browser was closed; the server is still gone
    page.goto("/")
    card = page.locator(f"[data-visit='{visit}']")
    expect(card.get_by_text(re.compile("Chưa gửi [1-9]"))).to_be_visible()
    expect(card.locator(".visit-card-progress p")).to_have_text(re.compile(r"^3/\d+ mục · 1 ảnh$"))
    assert card.locator(".bar").get_attribute("aria-label").startswith("Đã trả lời 3 trên ")
    expect(card.get_by_role("link", name=f"Tiếp tục: {AGENCY}")).to_have_text("Tiếp tục")
    expect(card.get_by_text("chưa bắt đầu")).to_have_count(0)
    open_visit(page)
    expect(item(page, "BH07").locator("textarea[name=note]")).to_have_value("Bảng tên đã mờ")
    expect(item(page, "BH07").locator("[data-photo]")).to_have_count(1)
    expect(item(page, "BH08").locator("input[value=dat]")).to_be_checked()
    shoot(page, "offline-capture")

    page.goto("about:blank")
    road.open()
    page.goto("/")  # closing a browser ends no session; what An did waited for her, and goes by itself now
    expect(page.locator("[data-day]").get_by_text("Chưa gửi 0")).to_be_visible()
    row = "FROM {} WHERE inspection_id = ? AND item = 'BH07'"
    assert server.count(f"SELECT count(*) {row.format('photo')}", visit.replace("-", "")) == 1
    assert server.count(f"SELECT count(DISTINCT value) {row.format('answer')}", visit.replace("-", "")) == 1
    assert not [asked for asked in road.seen if asked[0] == "POST" and asked[2] >= 400]


def test_a_version_that_came_only_half_changes_nothing_and_a_whole_one_waits_for_a_yes(tablet, road, server):
    page = tablet()
    sign_in(page, server)
    now = urllib.request.urlopen(f"{server.url}/sw.js").read().decode()  # noqa: S310 (our own loopback address)
    version = re.search(r'"version": "(\w+)"', now)[1]
    caches = "async () => (await caches.keys()).filter((name) => name.startsWith('shell-'))"
    look = """() => navigator.serviceWorker.getRegistration().then((one) => one.update()).then((one) => new Promise(
        (done) => { const worker = one.installing; if (!worker) return done('none');
          worker.onstatechange = () => done(worker.state); }))"""

    loose = re.sub(r'(shell\.bundle",\s*"integrity": "sha256-)....', r"\g<1>AAAA", now)
    wrong = re.sub(r'(img/mark\.svg": "sha256-)....', r"\g<1>AAAA", loose)
    assert len({now, loose, wrong}) == 3
    alone = [path for _, path, _ in road.seen if path.endswith("/meeting.css")]
    assert not alone, "what no page has loaded comes in the bundle"
    road.worker = wrong.replace(version, "half")
    assert page.evaluate(look) == "redundant"
    assert page.evaluate(caches) == [f"shell-{version}"]
    road.close()
    page.reload()
    expect(page.get_by_text("Ngoại tuyến – vẫn làm việc bình thường")).to_be_visible()

    road.open()
    road.worker = now.replace(version, "whole")
    page.reload()
    expect(page.get_by_text("Có bản mới")).to_be_visible()
    look_at(page, "update")
    waits = "() => navigator.serviceWorker.getRegistration().then((one) => one.waiting && one.waiting.state)"
    assert page.evaluate(waits) == "installed", "it never takes over by itself"

    road.worker = loose.replace(version, "newer")  # before anybody has said yes to that one; it comes file by file
    assert page.evaluate(look) == "installed"
    page.evaluate(FORGET)  # no page holds a version any more
    with page.expect_navigation():
        page.get_by_role("button", name="Cập nhật").tap()
    page.wait_for_selector("[data-day][data-ready=yes]")
    left = set(page.evaluate(caches))
    assert left == {f"shell-{version}", "shell-newer"}, "what a tab may still run stays; what nobody ran goes"
    expect(page.get_by_text("Có bản mới")).to_have_count(0)

    page.get_by_role("button", name="Đăng xuất").tap()
    page.wait_for_url("**/sign-in")
    road.close()
    page.goto("/")
    expect(page.get_by_text("Dữ liệu trên máy đang khoá")).to_be_visible()
    look_at(page, "offline-locked")


FORGET = f"""async () => {{
  {OPENED}
  await opened(db.transaction("pages", "readwrite").objectStore("pages").clear());
  db.close();
}}"""


def test_what_a_bad_line_lost_of_the_preparation_is_asked_for_again(person):
    an = person("an", TABLET)
    an.tolerant = True
    an.wait_for_selector(READY)
    lost = []
    first(an.context, "**/sync/inspections/*", lambda route: (lost.append(1), route.abort()), times=2)
    an.evaluate(FORGET)
    an.goto("/")
    an.wait_for_selector(READY, timeout=60_000)  # every visit is fetched twice
    assert len(lost) == 2
    an.get_by_role("link", name="Mở").first.click()
    an.wait_for_selector("body[data-offline-ready=yes]")
    an.evaluate(FORGET)
    first(an.context, "**/sync/inspections/*", lambda route: (lost.append(1), route.abort()))
    an.reload()
    an.wait_for_selector("body[data-offline-ready=no]")
    an.wait_for_selector("body[data-offline-ready=yes]", timeout=60_000)
    assert len(lost) == 3


WHOLE = """async (there) => {
  for (const name of (await caches.keys()).filter((name) => name.startsWith("shell-"))) {
    const cache = await caches.open(name);
    const mark = (await cache.keys()).find(({ url }) => url.endsWith("/whole"))?.url ?? globalThis.mark;
    globalThis.mark = mark;
    await (there ? cache.put(mark, new Response("")) : cache.delete(mark));
  }
}"""


def test_what_came_before_all_files_of_its_version_is_asked_for_again(person):
    an = person("an", TABLET)
    an.wait_for_selector(READY)
    an.evaluate(FORGET)
    an.evaluate(WHOLE, False)
    mark = an.evaluate("mark")
    an.goto("/")
    an.wait_for_selector("[data-day][data-ready=no]")
    an.wait_for_load_state("networkidle")  # everything has come, and nothing of it was kept
    an.evaluate("(mark) => { globalThis.mark = mark; }", mark)
    an.evaluate(WHOLE, True)
    an.wait_for_selector(READY)


BEHIND = f"""async () => {{
  {OPENED}
  const name = `arrived ${{document.body.dataset.inspection}}`;
  const behind = async () => (await all("drafts")).some((draft) => draft.name === name);
  const was = await behind();
  for (let turn = 0; turn < 500 && await behind(); turn++) await new Promise((done) => setTimeout(done, 50));
  const still = await behind();
  db.close();
  return [was, still];
}}"""


def test_a_page_closed_before_it_was_kept_again_is_kept_at_the_next_opening(person):
    an = person("an", TABLET)
    an.wait_for_selector(READY)
    an.get_by_role("link", name="Mở").first.click()
    an.wait_for_selector("body[data-offline-ready=yes]")
    tap(item(an, "NY12"), "dat")
    everything_on_the_server(an)
    an.reload()
    an.wait_for_selector("html[data-ready]")
    assert an.evaluate(BEHIND) == [True, False]


HOLDING = """() => {
  const { fetch: whole } = globalThis, { now } = Date;
  globalThis.held = [];
  globalThis.fetch = async (address, ...more) => {
    const answer = await whole(address, ...more);
    if (String(address).endsWith("/capture")) await new Promise((go) => held.push(go));
    return answer;
  };
  globalThis.jump = () => { Date.now = () => now.call(Date) - 3_600_000; };
}"""
STILL_BEHIND = f"""async () => {{
  {OPENED}
  const names = (await all("drafts")).map(({{ name }}) => name);
  db.close();
  return names.includes(`arrived ${{document.body.dataset.inspection}}`);
}}"""


def test_what_arrives_while_the_page_is_kept_is_not_forgotten_when_the_clock_jumps_back(person, server):
    an = person("an", TABLET)
    an.wait_for_selector(READY)
    an.get_by_role("link", name="Mở").first.click()
    an.wait_for_selector("body[data-offline-ready=yes]")
    an.evaluate(HOLDING)
    tap(item(an, "NY12"), "dat")
    everything_on_the_server(an)
    an.evaluate("dispatchEvent(new Event('online'))")
    an.wait_for_function("() => held.length")
    an.evaluate("jump()")
    tap(item(an, "BH02"), "dat")
    everything_on_the_server(an)
    with an.expect_request(lambda asked: asked.url == f"{server.url}/"):  # the next that is kept
        an.evaluate("held.shift()()")
    assert an.evaluate(STILL_BEHIND)
