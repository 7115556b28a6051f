"""Taking photos in the page: shot after shot, its hash to the server, and what happens when the camera says no."""

import hashlib
import re
import threading

import pytest

from audit_app.__main__ import browser
from tests.e2e.conftest import AHEAD, ONLINE, PHONE, TABLET, shoot, sync_api
from tests.e2e.device import loses_its_lock
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap, whole

expect = sync_api.expect
HALL = {"latitude": 21.02851, "longitude": 105.85243, "accuracy": 12}
FULL = "Máy đầy"
SLOW = """(name) => {
  new BroadcastChannel(name).onmessage = ({ data }) => { document.title = data; };
  navigator.locks.request(name, () => new Promise((done) => { self.go = done; }));
}"""


@pytest.fixture(scope="module")
def chromium(chromium, request):
    """A browser whose camera is a drawn one; whoever is asked says yes, or what the test says."""
    asked = f"--use-fake-ui-for-media-stream{getattr(request, 'param', '')}"
    started = chromium.browser_type.launch(executable_path=browser(), args=[
        "--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", asked])
    yield started
    started.close()


def visit(page) -> str:
    """The inspection that An has ahead, its page ready; its path."""
    page.wait_for_selector("html[data-ready]")
    page.wait_for_selector("body[data-lens]")
    return page.url.split("/capture")[0]


def photos_of(page, path: str, id: str) -> list[dict]:
    rows = page.request.get(path.replace("/inspections/", "/sync/inspections/")).json()["rows"]
    return [row for row in rows["photos"] if row["item"] == id]


def pictured(page, path: str, rows: list[dict]) -> None:
    """The server's worker has made the pictures of these photos."""
    pause = threading.Event()
    for row in rows:
        while not page.request.get(f"{path}/photos/{row['id']}/thumb").ok:
            pause.wait(0.1)


def drafted(page) -> None:
    """What is being photographed is written down."""
    page.evaluate("""() => new Promise((done) => {
        const { user, inspection } = document.body.dataset;
        indexedDB.open("audit").onsuccess = ({ target: { result: db } }) => {
            const look = () => {
                const asked = db.transaction("drafts").objectStore("drafts").count([user, `capture ${inspection}`]);
                asked.onsuccess = () => asked.result ? done(db.close()) : look();
            };
            look();
        };
    })""")


def test_an_takes_three_photos_without_leaving_the_viewfinder_and_a_killed_page_comes_back_to_its_item(person, server):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = person("an", TABLET, AHEAD, **ONLINE, permissions=["camera", "geolocation"], geolocation=HALL)
    path = visit(page)
    card, finder = item(page, "BH04"), page.locator("dialog.viewfinder")
    card.locator("input[name=photo]").tap()
    expect(finder).to_have_attribute("data-state", "open")
    for _ in range(3):
        finder.get_by_role("button", name="Chụp", exact=True).tap()
    expect(finder.locator(".shot[data-state=server]")).to_have_count(3)
    found = axe.run(page).response["violations"]
    assert not found, [(rule["id"], rule["nodes"][0]["target"]) for rule in found]
    shoot(page, "viewfinder")
    finder.locator(".shot").nth(2).tap()
    said = re.compile(r"Ảnh 3/3.*21,02851; 105,85243 ± 12 m.*chụp trực tiếp")
    expect(page.locator(".caption")).to_contain_text(said)
    shoot(page, "looking")
    page.get_by_role("button", name="Bỏ ảnh này").tap()
    page.get_by_role("button", name="Ảnh mờ, không nhìn rõ").tap()
    expect(finder.locator(".shot")).to_have_count(2)
    finder.get_by_role("button", name="Hoàn tác").tap()
    expect(finder.locator(".shot")).to_have_count(3)
    stream = finder.locator("video").evaluate_handle("(video) => video.srcObject")
    page.go_back()
    expect(finder).not_to_be_visible()
    assert stream.evaluate("(stream) => stream.getTracks().map((track) => track.readyState)") == ["ended"]
    everything_on_the_server(page)
    kept = photos_of(page, path, "BH04")
    assert [(row["source"], row["lat"], row["accuracy"]) for row in kept] == [("live", 21.02851, 12)] * 3
    for row in kept:
        (original,) = server.data.rglob(row["sha256"])
        assert hashlib.sha256(original.read_bytes()).hexdigest() == row["sha256"]

    page.reload()
    whole(page)
    card.locator("[data-photo]").last.tap()  # nothing of it stands in the page: the kept data say it, or the server
    expect(page.locator(".caption")).to_contain_text(said)
    page.go_back()

    pictured(page, path, kept)

    page.evaluate("delete document.body.dataset.lens")
    with page.expect_file_chooser():
        item(page, "BH08").locator("input[name=photo]").tap()
    drafted(page)
    page.reload()
    expect(page.get_by_role("heading", name="Ảnh chụp dở của mục BH08")).to_be_visible()
    shoot(page, "unfinished")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Chọn ảnh vừa chụp").tap()
    chooser.value.set_files([camera_photo(2)])
    expect(item(page, "BH08").locator('[data-photo][data-state="server"]')).to_have_count(1)
    (chosen,) = photos_of(page, path, "BH08")
    assert chosen["source"] == "gallery"
    pictured(page, path, [chosen])
    page.reload()
    page.wait_for_selector("body[data-lens]")
    assert page.locator("dialog[open]").count() == 0


def test_a_page_whose_forerunner_is_slow_to_go_works_on_and_tells_what_that_left_unfinished(person):
    """Neither shut as a second tab nor loaded once more, which would lose the telling."""
    page = person("an", TABLET, AHEAD, **ONLINE)
    address, other = f"{visit(page)}/capture", page.context.new_page()
    other.goto("/")
    other.evaluate(SLOW, f"capture:{page.locator('body').get_attribute('data-inspection')}")
    page.evaluate("delete document.body.dataset.lens")
    with page.expect_file_chooser():
        item(page, "BH08").locator("input[name=photo]").tap()
    drafted(page)
    page.close()
    back = other.context.new_page()
    back.goto(address)
    expect(other).to_have_title("who")
    back.evaluate("self.same = true")
    assert back.locator("[data-notice=second]").count() == 0
    tap(item(back, "BH07"), "dat")
    other.evaluate("go()")
    expect(back.get_by_role("heading", name="Ảnh chụp dở của mục BH08")).to_be_visible()
    assert back.evaluate("self.same")


def test_a_page_that_only_reads_any_more_lets_the_camera_go(person):
    page = person("an", TABLET, AHEAD, **ONLINE, permissions=["camera"])
    visit(page)
    item(page, "BH08").locator("input[name=photo]").tap()
    expect(page.locator("dialog.viewfinder")).to_have_attribute("data-state", "open")
    loses_its_lock(page, page.url)
    page.wait_for_function("() => !document.querySelector('dialog.viewfinder video').srcObject.active")


@pytest.mark.parametrize("chromium", ["=deny"], indirect=True)
def test_who_refuses_the_camera_is_told_and_takes_photos_with_the_device_s_own(person):
    page = person("an", PHONE, AHEAD, **ONLINE)
    visit(page)
    card, finder = item(page, "TB11"), page.locator("dialog.viewfinder")
    card.locator("input[name=photo]").tap()
    expect(finder.get_by_role("alert")).to_contain_text("chưa được phép dùng máy ảnh")
    shoot(page, "refused")
    with page.expect_file_chooser() as chooser:
        finder.get_by_role("button", name="Mở máy ảnh của máy").tap()
    chooser.value.set_files([camera_photo(3, (1600, 1200))])
    expect(finder.locator(".shot[data-state=server]")).to_have_count(1)
    finder.get_by_role("button", name="Xong").tap()
    with page.expect_file_chooser():
        card.locator("input[name=photo]").tap()


def test_a_full_tablet_takes_no_photo_says_so_and_goes_on_answering(person):
    page = person("an", PHONE, AHEAD, **ONLINE, permissions=["camera"])
    visit(page)
    whole(page)
    finder = page.locator("dialog.viewfinder")
    everything_on_the_server(page)
    used = page.evaluate("navigator.storage.estimate().then(({ usage }) => usage)")
    origin = page.evaluate("location.origin")
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin",
                                            {"origin": origin, "quotaSize": int(used / 0.96)})
    item(page, "BH07").locator("input[name=photo]").set_input_files([camera_photo(4, (1600, 1200))])
    expect(item(page, "BH07").locator(".wrong")).to_contain_text("Máy hết chỗ")
    assert item(page, "BH07").locator("[data-photo]").count() == 0
    tap(item(page, "BH07"), "dat")
    expect(item(page, "BH07")).to_have_attribute("data-state", "server")
    item(page, "BH07").locator("input[name=photo]").tap()
    expect(finder.locator(".hint")).to_contain_text(FULL)
    expect(finder.get_by_role("button", name="Chụp", exact=True)).to_be_disabled()
    shoot(page, "full")
