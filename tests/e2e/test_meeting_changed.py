"""What is signed is what was drawn over; strokes and words that will not be in the minutes are asked about first."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

from tests.e2e.conftest import DESK, NOWHERE, ONLINE, sync_api
from tests.e2e.tablet import brought
from tests.e2e.test_handing_in import CLICK, all_answered
from tests.e2e.test_meeting import begun_at, hand, lead_takes_the_pen, meet, post
from tests.unit.test_closing import meeting

expect = sync_api.expect
STROKE = (0.2, 0.5), (0.4, 0.3), (0.6, 0.4)
JOINED = ("INSERT INTO assignment (inspection_id, user_id, lead) "
          "SELECT ?, id, 0 FROM user WHERE name = 'binh'")


def to_pad(page, role: str) -> None:
    sign = f'[data-role="{role}"] [data-act=sign]'
    expect(page.locator(sign)).to_be_visible()
    page.evaluate("(sign) => document.querySelector(sign).click()", sign)  # at once: hands are drawn anew


def leave(page) -> None:
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)


def back(page, pane) -> None:
    page.go_back()
    expect(pane.screen).to_be_hidden()


def test_strokes_that_were_drawn_over_something_else_are_not_taken_for_what_stands_now(person):
    _, page = begun_at(person, "UBND phường Dương Nội")
    pane = lead_takes_the_pen(page)
    pane.draw(*STROKE)
    back(page, pane)
    to_pad(page, "secretary")  # another one looks at the pane meanwhile
    expect(pane.screen).to_be_visible()
    assert not pane.ink()
    back(page, pane)
    to_pad(page, "lead")
    expect(pane.screen).to_be_visible()
    assert pane.ink(), "what was drawn there waits there"
    back(page, pane)
    page.locator("dialog.meeting [name=opinion]").fill("Không đồng ý.")
    page.locator("dialog.meeting [name=opinion]").blur()
    to_pad(page, "lead")
    expect(page.locator("[data-pad-said]")).to_contain_text("Nội dung đã thay đổi từ khi vẽ")
    assert not pane.ink()
    pane.draw(*STROKE)
    pane.confirm()
    expect(hand(page, "lead", "signed")).to_be_visible()


def test_strokes_that_nobody_confirmed_are_asked_about_before_the_visit_is_handed_in(person):
    _, page = all_answered(person, "UBND phường Kiến Hưng", met=False)
    meet(page)
    pane = lead_takes_the_pen(page)
    pane.draw(*STROKE)
    back(page, pane)
    leave(page)
    page.locator("[data-action=submit]").evaluate(CLICK)
    expect(page.get_by_role("dialog")).to_contain_text("Có nét ký chưa xác nhận")
    page.get_by_role("button", name="Vẫn nộp").evaluate(CLICK)
    expect(page.get_by_text("KT-").first).to_be_visible()


def holds_one(person, server, path: str) -> None:
    """Bình, who is on the team too, holds a closing meeting, and it is at the server."""
    with closing(sqlite3.connect(server.data / "audit.db", timeout=30, isolation_level=None)) as db:
        db.execute(JOINED, (UUID(path.rsplit("/", 1)[1]).hex,))
    held = meeting(opinion="Ý kiến cũ.", opened_at=datetime.now(UTC).isoformat())
    assert post(person("binh", DESK, NOWHERE, **ONLINE), f"/sync{path}/rows", meetings=[held])["refused"] == []


def write_opinion(page) -> None:
    page.locator("dialog.meeting [name=opinion]").fill("Ý kiến mới.")
    page.locator("dialog.meeting [name=opinion]").blur()
    expect(page.locator("[data-kept]")).to_have_text("Đã lưu trên máy")
    leave(page)


def said(page, path: str) -> list[str]:
    return [row["opinion"] for row in page.request.get(f"/sync{path}").json()["rows"]["meetings"]]


def test_a_colleagues_meeting_that_was_opened_again_and_corrected_is_handed_in_so(person, server):
    path, page = all_answered(person, "UBND phường Đại Mỗ", met=False)
    holds_one(person, server, path)
    meet(page)
    page.get_by_role("button", name="Mở lại để sửa").click()
    page.get_by_role("button", name="Mở lại", exact=True).click()
    write_opinion(page)
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.get_by_text("KT-").first).to_be_visible()
    assert said(page, path)[-1] == "Ý kiến mới."


def test_words_of_a_meeting_beside_a_colleagues_are_not_dropped_in_silence(person, server):
    path, page = all_answered(person, "UBND phường Tây Mỗ", met=False)
    meet(page)
    write_opinion(page)
    holds_one(person, server, path)
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.get_by_role("dialog")).to_contain_text("Có hai biên bản họp")
    page.get_by_role("button", name="Vẫn nộp").tap()
    expect(page.get_by_text("KT-").first).to_be_visible()
    assert said(page, path) == ["Ý kiến cũ."]


def test_a_meeting_that_is_opened_again_on_another_day_begins_on_that_day(person):
    path, page = begun_at(person, "UBND phường Hoàng Mai")
    pane = lead_takes_the_pen(page)
    pane.draw(*STROKE)
    pane.confirm()
    expect(hand(page, "lead", "signed")).to_contain_text("Đã lên máy chủ")
    before, = page.request.get(f"/sync{path}").json()["rows"]["meetings"]
    page.evaluate("() => { const { now } = Date; Date = class extends Date { constructor(...all) "
                  "{ super(...(all.length ? all : [now() + 2 * 86_400_000])); } }; }")
    page.get_by_role("button", name="Mở lại để sửa").evaluate(CLICK)
    page.get_by_role("button", name="Mở lại", exact=True).evaluate(CLICK)
    to_pad(page, "lead")
    pane.draw(*STROKE)
    pane.confirm()
    expect(hand(page, "lead", "signed")).to_contain_text("Đã lên máy chủ")
    after = page.request.get(f"/sync{path}").json()["rows"]["meetings"][-1]
    days = [datetime.fromisoformat(row["opened_at"]).date() for row in (before, after)]
    assert (days[1] - days[0]).days == 2
