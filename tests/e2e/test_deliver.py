"""What visits left on the tablet is sent from the day page: answers first, originals later, nothing given up."""

import hashlib
import re

from tests.e2e.conftest import AHEAD, ONLINE, TABLET, shoot, sync_api
from tests.e2e.device import OPENED, crash, hold_back, holding, let_go, meanwhile
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap_another, whole
from tests.e2e.test_store import FAILING

expect = sync_api.expect
STRAY = """async () => {
  const { $rows } = await import(document.querySelector("script[type=module]").src);
  const { user } = document.body.dataset;
  await $rows.put({ user, inspection: crypto.randomUUID(), kind: "answers", state: "waiting",
    row: { id: crypto.randomUUID(), item: "BH01", value: "dat", answered_at: new Date().toISOString() } });
}"""
DRAWN = """async (photo) => {
  const { $sending } = await import(document.querySelector("script[type=module]").src);
  const [id, made_at] = [crypto.randomUUID(), new Date().toISOString()];
  const row = { id, photo, shapes: [], private: false, seen: [], made_at };
  await $sending.keep("markups", row, null);
}"""
KEPT_FILE = f"""async () => {{
  {OPENED}
  for (let turn = 0; turn < 500; turn++) {{
    if ((await all("files")).some(({{ role }}) => role === "original")) return db.close();
    await new Promise((done) => setTimeout(done, 20));
  }}
  throw new Error("only the page has it");
}}"""
ROWS_SENT = """() => Promise.race([globalThis.$rest.$sent.rowsSent().then(({ rows, refused }) => [rows, refused]),
  new Promise((end) => setTimeout(end, 10_000, null))])"""  # pictures may still be on their way
REFUSED = {"status": 403, "json": {"problem": "forbidden", "message": "Phiếu đã nộp."}}  # the lead was quicker


def wait_for(page, line: str) -> None:
    """Originals go at once, or when there is Wi-Fi."""
    page.locator("[data-action=sync]").tap()
    expect(page.locator("[name=originals]:checked")).to_have_count(1)  # the sheet is filled and moves no more
    page.get_by_label(line).check()
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)


def left_behind(page, server, number: int) -> tuple[str, str]:
    """A photo in today's second visit and an answer in the one ahead, still on the tablet; the paths of both visits."""
    hold_back(page)
    page.goto("/")
    page.locator(".visit-card-foot a").nth(1).click()
    page.wait_for_url("**/capture")
    whole(page)
    today = page.url.split("/capture")[0].removeprefix(server.url)
    item(page, "NY16").locator("input[type=file]").first.set_input_files([camera_photo(number, (2600, 1950))])
    expect(item(page, "NY16").locator("[data-photo][data-state=device]")).to_have_count(1)
    page.goto(server.ahead)
    whole(page)
    tap_another(item(page, "BH01"))
    expect(item(page, "BH01")).to_have_attribute("data-state", "device")
    page.goto("/")
    return today, server.ahead.removesuffix("/capture")


def opened_anew(page) -> None:
    """With the line open again; what hung in it goes with the page that asked."""
    page.context.held_back = False
    page.reload()


def test_answers_of_every_visit_go_before_any_original_and_originals_when_a_person_says_so(person, server):
    page = person("an", TABLET, AHEAD, **ONLINE)
    page.tolerant = True
    whole(page)
    sent = []
    page.on("request", lambda asked: sent.append((asked.method, asked.url.removeprefix(server.url))))
    today, ahead = left_behind(page, server, 21)
    head = page.locator("[data-day] [data-unsent]")
    expect(head).to_have_text(re.compile("Chưa gửi [1-9]"))
    sent.clear()
    opened_anew(page)
    expect(head).to_have_text("Chưa gửi 0")
    puts = [n for n, (method, path) in enumerate(sent) if method == "PUT" and path.startswith(f"/sync{today}/blobs")]
    assert len(puts) > 1 and sent.index(("POST", f"/sync{ahead}/rows")) < puts[-1], sent  # the last one is the original

    page.goto(server.ahead)
    whole(page)
    wait_for(page, "Khi có Wi-Fi")
    left_behind(page, server, 22)
    expect(head).to_have_text(re.compile("Chưa gửi [1-9]"))
    opened_anew(page)
    rest = page.locator("[data-day-rest]")
    expect(rest).to_contain_text("Còn 1 bản gốc chờ Wi-Fi")
    expect(head).to_have_text("Chưa gửi 1")
    shoot(page, "day-originals")
    rest.get_by_role("button", name="Gửi bản gốc ngay").tap()
    expect(head).to_have_text("Chưa gửi 0")
    expect(rest).to_be_hidden()


def test_what_is_here_of_a_visit_that_is_no_longer_hers_is_said_and_stays(person, server):
    page = person("an", TABLET, AHEAD, **ONLINE)
    page.tolerant = True
    whole(page)
    answers = []
    page.on("response", lambda told: answers.append(told.status) if told.url.endswith("/rows") else None)
    page.evaluate(STRAY)
    page.goto("/")
    rest = page.locator("[data-day-rest]")
    expect(rest).to_contain_text("Trên máy còn 1 thay đổi và ảnh của cuộc kiểm tra không có trong danh sách này")
    with page.expect_response("**/rows") as told:
        page.evaluate("dispatchEvent(new Event('online'))")
    assert told.value.status == 404
    page.reload()
    expect(rest).to_contain_text("Trên máy còn 1 thay đổi")
    expect(page.locator("[data-day] [data-unsent]")).to_have_text("Chưa gửi 1")

    page.goto(server.ahead)
    whole(page)
    away = {"status": 404, "json": {"problem": "not_found", "message": "Không tìm thấy."}}
    back = meanwhile(page, "**/rows", lambda route: route.fulfill(**away))
    tap_another(item(page, "BH02"))
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "gone")
    expect(item(page, "BH02")).to_have_attribute("data-state", "device")
    back()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(item(page, "BH02")).to_have_attribute("data-state", "server")


def test_an_original_that_the_device_refused_at_first_is_kept_though_its_photo_is_at_the_server(person, server):
    """It waits for Wi-Fi, perhaps for hours: that long it must not hang on a page that may be killed."""
    page, taken = person("an", TABLET, AHEAD, **ONLINE), camera_photo(24, (1280, 960))
    whole(page)
    wait_for(page, "Khi có Wi-Fi")
    page.evaluate(FAILING)
    card = item(page, "NY16")
    before = card.locator("[data-photo][data-state=server]").count()
    card.locator("input[type=file]").first.set_input_files([taken])
    expect(card.locator("[data-photo][data-state=server]")).to_have_count(before + 1)
    page.evaluate("mend('add'), mend('put')")
    page.evaluate(KEPT_FILE)
    page = crash(page)
    page.goto(server.ahead)
    whole(page)
    wait_for(page, "Ngay khi có mạng")
    everything_on_the_server(page)
    assert list(server.data.rglob(hashlib.sha256(taken["buffer"]).hexdigest()))


def test_a_remark_deleted_after_a_reload_and_a_drawing_on_a_refused_photo_end_as_they_should(person, server):
    page = person("an", TABLET, AHEAD, **ONLINE)
    page.tolerant = True
    whole(page)
    hold_back(page)
    remark = page.locator('fieldset[data-remark="proposal"] textarea')
    before = remark.input_value()
    remark.fill("Đề nghị thay máy lấy số")
    remark.blur()
    said = page.locator('fieldset[data-remark="proposal"]')
    expect(said).to_have_attribute("data-state", "device")
    page.reload()
    whole(page)
    expect(remark).to_have_value("Đề nghị thay máy lấy số")
    remark.fill(before)
    remark.blur()
    let_go(page)
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "server")
    visit = server.ahead.removesuffix("/capture")
    told = page.request.get(f"/sync{visit}").json()["rows"]["remarks"]
    assert [row["text"] for row in told if row["kind"] == "proposal"] in ([before], [])

    taken = meanwhile(page, "**/blobs/*", lambda route: route.fulfill(**REFUSED))
    item(page, "NY16").locator("input[type=file]").first.set_input_files([camera_photo(23, (1280, 960))])
    photo = item(page, "NY16").locator("[data-photo][data-state=refused]")
    expect(photo).to_have_count(1)
    page.evaluate(DRAWN, photo.get_attribute("data-photo"))
    assert page.evaluate(ROWS_SENT) == [0, 1], "handing in waits for this"
    taken()
    page.locator("[data-action=sync]").tap()
    page.locator("[data-log]").get_by_role("button", name="Gửi lại").first.tap()
    page.go_back()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "server")

    photo = camera_photo(25, (1280, 960))
    original = f"**/blobs/{hashlib.sha256(photo['buffer']).hexdigest()}"
    taken = meanwhile(page, original, lambda route: route.fulfill(**REFUSED))
    item(page, "NY16").locator("input[type=file]").first.set_input_files([photo])
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "refused")
    assert page.evaluate(ROWS_SENT) == [0, 0], "handing in waits for no original"
    taken()
    page.locator("[data-action=sync]").tap()
    page.locator("[data-log]").get_by_role("button", name="Gửi lại").first.tap()
    page.go_back()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "server")


def test_what_was_refused_and_said_anew_is_neither_shown_again_nor_in_the_way_of_handing_in(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    remark, kit = page.locator('fieldset[data-remark="explanation"]'), page.locator("fieldset[data-equipment]").last
    kit.locator("input").nth(0).fill("3")
    kit.locator("input").nth(1).fill("2")
    for box, field in ((remark, "textarea"), (kit, ".kit-note input")):
        for text, state in (("dài " * 6_000, "refused"), ("ngắn", "server")):
            box.locator(field).fill(text)
            box.locator(field).blur()
            expect(box).to_have_attribute("data-state", state)
    note = item(page, "BH02").locator("textarea[name=note]")
    with holding(page, "**/rows", once=True) as held:
        note.fill("dài " * 6_000)
        note.blur()
    note.fill("ngắn")  # before the server has refused the other
    note.blur()
    expect(item(page, "BH02")).to_have_attribute("data-state", "device")
    held[0].continue_()
    expect(item(page, "BH02")).to_have_attribute("data-state", "server")
    everything_on_the_server(page)
    page.reload()
    whole(page)
    for field in (note, remark.locator("textarea"), kit.locator(".kit-note input")):
        expect(field).to_have_value("ngắn")
    everything_on_the_server(page)
