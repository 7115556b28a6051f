"""Sending over bad lines: what was stored is not stored twice, what is refused blocks nobody, what is cut goes on."""

import hashlib
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.bench.line import Line
from tests.e2e.conftest import AHEAD, ONLINE, PHONE, ROOT, TABLET, enter, shoot, sync_api
from tests.e2e.device import FOOT, PLACES, hold_back, meanwhile
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap, tap_another, whole
from tests.e2e.test_tablet import tomorrow

expect = sync_api.expect
SHOWN = "[data-photo]:not([hidden])"
PORTAL = b"<!doctype html><title>Wi-Fi</title><h1>Welcome</h1>"
POISON = """async () => {
  const { $rows } = await import(document.querySelector("script[type=module]").src);
  const { user, inspection } = document.body.dataset;
  await $rows.put({ user, inspection, kind: "answers", state: "waiting",
    row: { id: crypto.randomUUID(), item: "XX99", value: "dat", answered_at: new Date().toISOString() } });
}"""
HELD = """async () => {
  const { $rows } = await import(document.querySelector("script[type=module]").src);
  const { user, inspection } = document.body.dataset;
  return (await $rows.waiting(inspection, user)).files.reduce((sum, file) => sum + file.size, 0);
}"""


@pytest.fixture
def wire(server):
    """A line to the server that can be made bad."""
    there = urlsplit(server.url)
    with Line((there.hostname, there.port)) as line:
        yield line


def open_over(page, wire: Line) -> str:
    """The visit An has ahead, at the other end of the line; its id as the database writes it."""
    path = tomorrow(page)
    page.goto(f"{wire.url}{urlsplit(path).path}/capture")
    page.wait_for_selector("html[data-whole]")
    return path.rsplit("/", 1)[1].replace("-", "")


def kick(page) -> None:
    """As when the browser believes that the network came back."""
    page.evaluate("dispatchEvent(new Event('online'))")


def saving(page, how: str):
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", how)


def lose_one_answer(page) -> list:
    """The server takes the next rows, and its answer never arrives."""
    lost = []

    def handle(route):
        if not lost:
            lost.append(route.fetch().status)
            return route.abort()
        return route.continue_()

    page.route("**/rows", handle)
    return lost


def the_log_helps(page, look) -> None:
    """What was refused is sent again by hand or given up, the log is copied, and from it one leaves the place."""
    bad = page.locator("[data-log] .log-lines [data-bad]")
    before = bad.count()
    look.get_by_role("button", name="Gửi lại").tap()
    expect(bad).to_have_count(before + 1)
    expect(look).to_have_count(1)
    look.get_by_role("button", name="Không gửi nữa").tap()
    look.get_by_role("button", name="Chắc chắn không gửi").tap()
    expect(look).to_have_count(0)
    expect(page.locator("body")).to_have_attribute("data-unsent", "0")  # nothing stands in the way of handing in
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép nhật ký").tap()
    expect(page.locator("[data-log] [data-said]")).to_have_text("Đã chép nhật ký.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Nhật ký đồng bộ – ") and "máy chủ chưa nhận" in copied, copied[:300]
    assert re.search(r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d 2 mục: \w+, \w+ · ", copied, re.MULTILINE), copied
    page.locator("[data-log] [data-act=leaving]").tap()
    expect(page.locator("dialog[open] [data-leaving]")).to_be_visible()
    assert len(page.evaluate(FOOT)) == 1, "the foot moves"
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_an_sends_over_bad_lines_and_everything_arrives_once(person, server, wire):
    page = person("an", TABLET, AHEAD)
    visit = open_over(page, wire)
    ids = page.locator('fieldset[data-kind="a3"]:has(input[type=file])').evaluate_all(
        "all => all.map((one) => one.dataset.item)")[-4:]
    count = "SELECT count(*) FROM answer WHERE inspection_id = ? AND item = ?"
    before = {id: server.count(count, visit, id) for id in ids}

    page.tolerant = True  # from here on browsers complain of what this test does to them
    wire.answer = PORTAL  # a captive portal answers 200 to everything
    wire.cut()
    tap_another(item(page, ids[0]))
    saving(page, "offline")
    expect(item(page, ids[0])).to_have_attribute("data-state", "device")

    lost = lose_one_answer(page)  # before the line is good again: the page tries by itself too
    wire.answer = b""
    kick(page)
    everything_on_the_server(page)
    assert lost == [200] and server.count(count, visit, ids[0]) == before[ids[0]] + 1

    page.context.clear_cookies()  # the session is over while something waits
    for _ in range(2):  # two rows of one item
        tap_another(item(page, ids[1]))
    expect(item(page, ids[1])).to_have_attribute("data-state", "device")
    kick(page)
    saving(page, "signin")
    page.evaluate(POISON)  # a row in the middle that the server will never take
    tap_another(item(page, ids[2]))
    page.locator("[data-saving-link]").click()
    enter(page, server, "an")
    page.wait_for_url("**/capture")  # back at work, where all of it is sent
    whole(page)
    for id in ids[1:3]:
        expect(item(page, id)).to_have_attribute("data-state", "server")
    page.locator("[data-action=sync]").tap()
    look = page.locator("[data-log] .look li")
    expect(look).to_have_count(1)
    expect(look).to_contain_text("XX99")
    expect(page.locator("[data-log] .log-lines")).to_contain_text("máy chủ đã nhận")
    shoot(page, "log")
    the_log_helps(page, look)

    item(page, ids[3]).locator("input[type=file]").first.set_input_files([camera_photo(11, (2400, 1800))])
    wire.cut(stay_down=True)
    expect(item(page, ids[3]).locator("[data-photo][data-state=device]")).to_have_count(1)
    payload, wire.up, wire.rate, wire.cut_every = page.evaluate(HELD), 0, 400_000, 1.0
    wire.mend()
    kick(page)
    expect(item(page, ids[3]).locator("[data-photo][data-state=server]")).to_have_count(1)
    photos = "SELECT count(*) FROM photo WHERE inspection_id = ? AND item = ?"
    assert server.count(photos, visit, ids[3]) == 1
    assert wire.up <= 1.3 * payload + 60_000, (wire.up, payload, wire.cuts)


def test_a_rescue_package_brings_the_same_rows_and_a_later_sync_changes_nothing(person, server, tmp_path):
    page = person("an", TABLET, AHEAD)
    visit = tomorrow(page).rsplit("/", 1)[1].replace("-", "")
    page.wait_for_selector("html[data-whole]")
    page.locator("[data-action=sync]").tap()  # once with a network, as the service worker would have it ready
    expect(page.locator("[data-log]")).to_be_visible()
    for size in (PHONE, TABLET):  # a button that moves while it is tapped is missed
        page.set_viewport_size(size)
        assert len(page.evaluate(PLACES)) == 1, f"the buttons of the log move at {size}"
    page.locator("[data-act=rescue]").tap()
    expect(page.locator("[data-log] [data-said]")).not_to_be_empty()
    page.go_back()
    id = page.locator('fieldset[data-kind="a3"]:has(input[type=file])').last.get_attribute("data-item")
    rows = ["SELECT count(*) FROM answer WHERE inspection_id = ? AND item = ?",
            "SELECT count(*) FROM photo WHERE inspection_id = ? AND item = ?"]
    before = server.count(rows[1], visit, id)
    page.context.set_offline(True)
    tap(item(page, id), "mot_phan")
    item(page, id).locator("textarea[name=note]").fill("Cứu được")
    item(page, id).locator("textarea[name=note]").blur()
    item(page, id).locator("input[type=file]").first.set_input_files([camera_photo(13, (1280, 960))])
    expect(item(page, id).locator("[data-photo][data-state=device]")).to_have_count(1)
    page.locator("[data-action=sync]").tap()
    with page.expect_download() as told:
        page.locator("[data-act=rescue]").tap()
    package = tmp_path / "rescue.zip"
    told.value.save_as(package)
    done = subprocess.run([sys.executable, "-m", "audit_app", "inspections", "import", str(package)], cwd=ROOT,
                          env={**os.environ, "AUDIT_DATA": str(server.data)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    after = [server.count(asked, visit, id) for asked in rows]
    noted = "SELECT count(*) FROM answer WHERE inspection_id = ? AND item = ? AND note = 'Cứu được'"
    assert server.count(noted, visit, id) == 1 and after[1] == before + 1
    page.go_back()
    page.context.set_offline(False)
    everything_on_the_server(page)
    assert [server.count(asked, visit, id) for asked in rows] == after


def test_a_photo_withdrawn_while_the_answer_about_it_was_lost_is_taken_out_at_the_server_too(person, server):
    """The tablet believes that the server has never seen it; there it would stand in the minutes."""
    page = person("an", TABLET, AHEAD, **ONLINE)
    visit, card = tomorrow(page).rsplit("/", 1)[1].replace("-", ""), item(page, "NY03")
    whole(page)
    mine = "SELECT count(*) FROM photo WHERE inspection_id = ? AND item = 'NY03'"
    removals = "SELECT count(DISTINCT photo_id) FROM removal WHERE inspection_id = ?"
    before, removed, shown = server.count(mine, visit), server.count(removals, visit), card.locator(SHOWN).count()
    losing = ["every answer"]
    page.route("**/rows", lambda route: (route.fetch(), route.abort()) if losing else route.continue_())
    card.locator("input[type=file][name=photo]").set_input_files([camera_photo(41, (640, 480))])
    saving(page, "offline")
    assert server.count(mine, visit) == before + 1
    thumb = card.locator("[data-photo][data-state=device]")
    thumb.tap()
    page.get_by_role("button", name="Bỏ ảnh này").tap()
    expect(card.locator(SHOWN)).to_have_count(shown)
    saving(page, "server")
    losing.clear()
    # not any rows: the photo may be on its way again
    with page.expect_response(lambda said: '"removals"' in (said.request.post_data or "")):
        page.reload()
        whole(page)
    expect(card.locator(SHOWN)).to_have_count(shown)
    page.wait_for_selector("body[data-unsent='0']")
    assert server.count(removals, visit) == removed + 1


def test_a_photo_withdrawn_while_it_stands_in_the_queue_is_not_sent(person, server):
    page = person("an", TABLET, AHEAD, **ONLINE)
    visit, card = tomorrow(page).rsplit("/", 1)[1].replace("-", ""), item(page, "NY03")
    whole(page)
    mine = "SELECT count(*) FROM photo WHERE inspection_id = ? AND item = 'NY03'"
    before, held = server.count(mine, visit), []
    hello = meanwhile(page, "**/sync/hello")
    pictures = [camera_photo(number, (640, 480)) for number in range(42, 47)]
    card.locator("input[type=file][name=photo]").set_input_files(pictures)
    expect(card.locator("[data-photo][data-state=device]")).to_have_count(5)
    page.route("**/blobs/*", lambda route: held.append(route))  # three hands, and nothing in them moves on
    hello()
    kick(page)
    expect(card.locator("[data-photo][data-state=sending]")).to_have_count(3)
    card.locator("[data-photo][data-state=device]").last.tap()
    page.get_by_role("button", name="Bỏ ảnh này").tap()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.route("**/blobs/*", lambda route: route.continue_())
    for route in held:
        route.continue_()
    everything_on_the_server(page)
    assert server.count(mine, visit) == before + 4


def test_an_original_whose_first_pieces_were_spoilt_at_the_server_is_sent_anew(person, server):
    page = person("an", TABLET, AHEAD, **ONLINE)
    visit, card, taken = tomorrow(page).rsplit("/", 1)[1], item(page, "NY03"), camera_photo(48, (1280, 960))
    whole(page)
    hello = meanwhile(page, "**/sync/hello")
    card.locator("input[type=file][name=photo]").set_input_files([taken])
    expect(card.locator("[data-photo][data-state=device]")).to_have_count(1)
    sha256 = hashlib.sha256(taken["buffer"]).hexdigest()
    part = server.data / "incoming" / visit / f"{sha256}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(bytes(1000))  # as a power cut leaves it
    hello()
    page.tolerant = True  # the browser says on its console that it was refused
    page.reload()
    whole(page)
    everything_on_the_server(page)
    kept, = server.data.rglob(sha256)
    assert kept.read_bytes() == taken["buffer"]


def test_a_token_that_is_refused_time_and_again_is_no_fault_of_the_rows(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    page.tolerant = True  # refusals are answered 400
    refusal = {"status": 400, "json": {"problem": "csrf", "message": "…"}}
    taken = meanwhile(page, "**/rows", lambda route: route.fulfill(**refusal))
    tap_another(item(page, "BH03"))
    saving(page, "signin")
    expect(item(page, "BH03")).to_have_attribute("data-state", "device")
    taken()
    kick(page)
    everything_on_the_server(page)


def test_a_person_who_may_not_send_for_a_while_finds_the_rows_waiting_and_none_refused(person, server):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    everything_on_the_server(page)
    page.tolerant = True  # refusals are answered 403
    with closing(sqlite3.connect(server.data / "audit.db", timeout=30, isolation_level=None)) as db:
        role, = db.execute("SELECT role FROM user WHERE name = 'an'").fetchone()
        hold_back(page)
        tap_another(item(page, "PA09"))
        expect(item(page, "PA09")).to_have_attribute("data-state", "device")
        db.execute("UPDATE user SET role = 'office' WHERE name = 'an'")
        try:
            page.evaluate("setInterval(() => dispatchEvent(new Event('online')), 100)")
            page.context.held_back = False  # let_go: nothing can be asked of a page that is led away
            page.wait_for_url(lambda url: "/capture" not in url)
        finally:
            db.execute("UPDATE user SET role = ? WHERE name = 'an'", (role,))
    page.goto(server.ahead)
    whole(page)
    everything_on_the_server(page)
    expect(item(page, "PA09")).to_have_attribute("data-state", "server")
