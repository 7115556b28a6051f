"""What the office sees in a browser while the worker works for it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID, uuid4

import pytest

from tests.e2e.conftest import DESK, ONLINE, PHONE, TABLET, shoot, sync_api
from tests.e2e.device import holding

expect = sync_api.expect
PRINTING = """INSERT INTO job
    (name, key, inspection_id, payload, state, attempts, lease_until, queued_at, progress, error)
    SELECT 'renumber_findings', 'test', id, '{}', 'running', 1, datetime('now', '+5 minutes'), '2026-01-01', 40, ''
    FROM inspection WHERE state = 'issued' LIMIT 1 RETURNING inspection_id"""


@pytest.fixture
def printing(server) -> Iterator[str]:
    """The page of a visit whose paper is being printed, without end."""
    with closing(sqlite3.connect(server.data / "audit.db", isolation_level=None)) as db:
        yield f"/inspections/{UUID(db.execute(PRINTING).fetchone()[0])}"
        db.execute("DELETE FROM job WHERE key = 'test'")


def test_chi_is_told_that_her_session_ended_while_a_paper_was_printed(person, printing):
    chi = person("chi", DESK, printing, **ONLINE)
    expect(chi.locator("[data-printing-share]")).to_have_text("40")
    shoot(chi, "printing")
    chi.context.clear_cookies()
    expect(chi.locator("[data-printing-signed-out]")).to_be_visible()
    expect(chi.locator("[data-printing-watched]")).to_be_hidden()
    with chi.expect_navigation():
        chi.get_by_role("link", name="Đăng nhập lại để xem tiếp").click()
    assert "/sign-in" in chi.url


LONG = "Khôngcódấucách" * 8  # such as an address pasted into a reason
TYPED = """UPDATE inspection SET state = :state, cancelled_for = :reason WHERE id = :visit;
           UPDATE round SET title = :title WHERE id = :round;
           UPDATE "user" SET title = :place WHERE name = 'binh'"""


@pytest.fixture
def wordy(server) -> Iterator[list[str]]:
    """The pages of a cancelled visit and of its round, on which all that people typed is one word."""
    with closing(sqlite3.connect(server.data / "audit.db", isolation_level=None)) as db:
        visit, round, title, place = db.execute("""SELECT inspection.id, round.id, round.title, "user".title
            FROM "user", inspection JOIN round ON round.id = round_id
            WHERE state = 'draft' AND name = 'binh'""").fetchone()
        about = {"visit": visit, "round": round, "state": "cancelled", "reason": LONG, "title": LONG, "place": LONG}
        for line in TYPED.split(";"):
            db.execute(line, about)
        yield [f"/inspections/{UUID(visit)}", f"/rounds/{UUID(round)}/visits", f"/rounds/{UUID(round)}/change"]
        for line in TYPED.split(";"):
            db.execute(line, about | {"state": "draft", "reason": "", "title": title, "place": place})


def test_a_word_without_end_widens_no_page_of_the_office(person, wordy):
    chi = person("chi", PHONE, **ONLINE)
    for page in wordy:
        chi.goto(page)
        assert LONG in chi.content()
        assert chi.evaluate("document.documentElement.scrollWidth") == PHONE["width"], page


PASTE = """(cell) => { (cell.firstElementChild ?? cell).textContent = "Khôngcódấucách".repeat(30); }"""


def test_a_word_without_end_widens_no_table_on_a_desk_and_a_note_keeps_its_lines(person):
    chi = person("chi", DESK, "/agencies", **ONLINE)
    chi.locator("td[data-label='Liên hệ'] .cell").first.evaluate(PASTE)
    assert chi.evaluate("document.documentElement.scrollWidth") == DESK["width"]
    chi.goto("/review?tab=issued")
    chi.goto(chi.locator("a.row-link").first.get_attribute("href"))
    chi.locator("td[data-label='Ghi chú'] .cell").first.evaluate(PASTE)
    assert chi.evaluate("document.documentElement.scrollWidth") == DESK["width"]
    expect(chi.get_by_text("Chưa thực hiện tại thời điểm kiểm tra.").first).to_have_css("white-space", "pre-line")


def test_on_a_phone_the_three_buttons_under_a_marked_item_stand_in_one_line(person):
    chi = person("chi", PHONE, "/review", **ONLINE)
    chi.locator("main a[href$='/review']").first.click()
    here = f"{chi.url}?item=BH01"
    chi.goto(here)
    chi.locator(".desk-return summary").click()
    chi.get_by_label("Lý do trả lại mục BH01").fill("Ảnh mờ")
    chi.get_by_role("button", name="Đánh dấu, xem tiếp").click()
    chi.goto(here)
    buttons = (".desk-choices [value=clear]", ".desk-return summary", ".desk-choices [value=accept]")
    assert len({chi.locator(one).bounding_box()["height"] for one in buttons}) == 1
    chi.get_by_role("button", name="Bỏ đánh dấu").click()  # as others expect it


def test_nobody_issues_a_notice_by_the_enter_key(person, server):
    chi = person("chi", DESK, "/review", **ONLINE)
    chi.goto(chi.locator("main a[href$='/review']").first.get_attribute("href").replace("/review", "/approval"))
    number = chi.get_by_label("Số văn bản")
    number.fill("9070")
    number.press("Enter")
    chi.reload()  # after whatever Enter has begun
    assert server.count("SELECT count(*) FROM approval WHERE number = '9070'") == 0
    expect(chi.get_by_role("button", name="Phê duyệt")).to_be_visible()


RETURN_KEY = """() => {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true, cancelable: true }));
  return document.activeElement.id;
}"""  # where one writes before the browser has done anything else


def test_whoever_writes_on_at_once_after_the_key_of_return_writes_the_reason_and_decides_nothing(person):
    chi = person("chi", DESK, "/review", **ONLINE)
    chi.locator("main a[href$='/review']").first.click()
    expect(chi.locator(".desk-items details[data-ready]")).to_be_visible()  # the script runs
    assert chi.evaluate(RETURN_KEY) == "field-reason"


def test_a_reason_is_written_and_approval_is_reached_without_a_mouse(person):
    chi = person("chi", DESK, "/review", **ONLINE)
    chi.locator("main a[href$='/review']").first.click()
    expect(chi.locator(".desk-items details[data-ready]")).to_be_visible()  # the script runs
    chi.keyboard.press("r")
    chi.keyboard.press("Tab")  # what can be taken back stands before what cannot
    assert chi.evaluate("document.activeElement.value") == "return"
    chi.keyboard.press("Shift+Tab")
    chi.keyboard.type("Thiếu ảnh.")
    chi.keyboard.press("Control+Enter")
    expect(chi.locator(".desk-progress")).to_contain_text("sẽ trả lại")
    chi.keyboard.press("k")
    chi.get_by_role("button", name="Bỏ đánh dấu").click()
    expect(chi.locator(".desk-progress")).not_to_contain_text("sẽ trả lại")
    chi.keyboard.press("p")
    chi.wait_for_url("**/approval")
    expect(chi.locator("main .notice-warning")).to_contain_text("mục chưa ai xem")


def test_the_page_of_somebody_of_an_agency_opens_at_its_top_with_the_agency_in_its_list(person):
    admin = person("admin", PHONE, "/people?tab=agency", **ONLINE)
    admin.get_by_role("link", name="Phạm Tiến Dũng").click()
    box = admin.locator(".pick")
    expect(box).to_be_visible()
    listed, chosen = (box.locator(one).bounding_box() for one in (".pick-list", "li:has(:checked)"))
    assert listed["y"] <= chosen["y"] + 1 and chosen["y"] + chosen["height"] <= listed["y"] + listed["height"] + 1
    assert admin.evaluate("scrollY") == 0
    box.get_by_role("searchbox").fill("tu phap")
    expect(box.locator("li:visible:has(:checked)")).to_have_count(1)
    expect(box.locator("li:visible")).to_have_count(2)
    admin.get_by_label("Vai trò").select_option("office")
    expect(box).to_be_hidden()


def test_a_member_of_the_team_is_found_among_many_by_a_few_letters_without_marks(server, person):
    columns = "name, full_name, title, role, password_hash, created_at"
    with closing(sqlite3.connect(server.data / "audit.db", isolation_level=None)) as db:
        db.executemany(f"INSERT INTO user (id, {columns}) SELECT ?, ?, ?, '', 'inspector', '!', created_at "  # noqa: S608
                       "FROM user LIMIT 1", [(uuid4().hex, f"crowd{n}", f"Đỗ Thuỳ Linh {n}") for n in range(9)])
        try:
            chi = person("chi", PHONE, "/rounds", **ONLINE)
            chi.locator("main a.row-link").first.click()
            team = chi.locator("#field-team")
            with holding(chi, "**/pick.js", once=True) as late:
                chi.get_by_role("link", name="Thêm cuộc kiểm tra").first.click()
            team.get_by_role("searchbox").fill("thuy do 7")
            late[0].continue_()
            expect(team.locator("li:visible")).to_have_text([re.compile("Đỗ Thuỳ Linh 7")])
            shoot(chi, "team")
            team.locator("li:visible").get_by_role("checkbox").check()
            team.get_by_role("searchbox").fill("thuy do 77")
            expect(team.locator("li:visible")).to_have_text([re.compile("Đỗ Thuỳ Linh 7")])
            expect(team.get_by_role("status")).to_have_text("Không có ai khớp; hãy gõ ít chữ hơn.")
        finally:
            db.execute("DELETE FROM user WHERE name LIKE 'crowd%'")


@pytest.mark.parametrize(("path", "one"), [("/follow?tab=all", ".chip"), ("/reports", "td.figure .cell")])
def test_on_paper_what_is_short_stands_in_one_line(person, path, one):
    chi = person("chi", {"width": 718, "height": 1000}, path, **ONLINE)  # A4 between margins of a centimetre
    chi.emulate_media(media="print")
    lines = chi.locator(f".table {one}").evaluate_all("""(all) => all.map((one) => {
      const words = document.createRange();
      words.selectNodeContents(one.lastChild);
      return words.getClientRects().length;
    })""")
    assert lines and set(lines) == {1}
    assert chi.locator(".table").evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")


def test_on_paper_a_list_is_a_table_and_what_is_folded_beside_the_law_is_read(person):
    chi = person("chi", TABLET, "/agencies", **ONLINE)
    chi.emulate_media(media="print")
    row = chi.locator(".table tbody tr").first
    assert row.evaluate("row => getComputedStyle(row).display") == "table-row"
    assert chi.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dung = person("dung", TABLET, "/agency", **ONLINE)
    notes = dung.locator(".finding-notes ul").first
    assert not notes.evaluate("list => list.checkVisibility()")
    dung.emulate_media(media="print")
    assert notes.evaluate("list => list.checkVisibility()")
