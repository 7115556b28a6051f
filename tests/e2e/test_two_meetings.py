"""Two people each hold the closing meeting of one visit: nobody signs the one that does not count without knowing."""

from tests.e2e.conftest import sync_api
from tests.e2e.pane import Pane
from tests.e2e.tablet import everything_on_the_server
from tests.e2e.test_meeting import PLACE, begun_at, hand, lead_signs, lead_takes_the_pen, meet
from tests.e2e.test_meeting_changed import STROKE, holds_one, leave, to_pad

expect = sync_api.expect


def place(page):
    return page.get_by_label("Địa điểm họp")


def two(page):
    return page.locator("[data-beside]")


def counting(page, path: str) -> tuple[str, bool | None]:
    """What the meeting that counts says, and whether the lead's hand is older than it; None where there is no hand."""
    rows = page.request.get(f"/sync{path}").json()["rows"]
    return rows["meetings"][0]["opinion"], next((one["stale"] for one in rows["signatures"]), None)


def test_nobody_signs_beside_a_colleagues_meeting_before_one_of_the_two_is_chosen(person, server):
    path, an = begun_at(person, "UBND phường Thượng Cát")
    pane = lead_takes_the_pen(an)
    expect(pane.screen).to_be_visible()
    holds_one(person, server, path)
    an.context.set_offline(True)  # it slept meanwhile, in front of the lead
    an.context.set_offline(False)
    expect(pane.screen).to_be_hidden()
    expect(an.locator("dialog.meeting")).to_be_visible()
    leave(an)
    meet(an)
    expect(two(an)).to_contain_text("Trần Quốc Bình cũng đã lập một biên bản")
    expect(two(an)).to_contain_text("Biên bản này chưa ai ký")
    an.locator('[data-role="lead"] [data-act=sign]').click()
    expect(an.locator("[data-said]")).to_contain_text("chọn một trong hai")
    two(an).get_by_role("button", name="Dùng biên bản kia").click()
    expect(two(an)).to_be_hidden()
    expect(an.locator("dialog.meeting [name=opinion]")).to_have_value("Ý kiến cũ.")
    pane = lead_takes_the_pen(an)
    pane.screen.locator("[data-pad-who] [name=title]").fill("Trưởng đoàn")
    pane.draw(*STROKE)
    pane.confirm()
    expect(hand(an, "lead", "signed")).to_be_visible()
    everything_on_the_server(an)
    assert counting(an, path) == ("Ý kiến cũ.", False)


def test_what_was_signed_before_a_colleagues_meeting_came_is_not_called_signed_until_it_counts_again(person, server):
    path, an = begun_at(person, "UBND phường Tùng Thiện")
    lead_signs(an)
    everything_on_the_server(an)
    expect(hand(an, "lead", "signed")).to_be_visible()
    holds_one(person, server, path)
    leave(an)
    meet(an)
    expect(hand(an, "lead", "stale")).to_contain_text("Chưa được tính")
    expect(an.locator("[data-stale]")).to_be_hidden()
    expect(two(an)).to_contain_text("Máy chủ tính biên bản kia")
    two(an).get_by_role("button", name="Giữ biên bản này").click()
    expect(two(an)).to_be_hidden()
    expect(place(an)).to_have_value(PLACE)
    to_pad(an, "lead")
    pane = Pane(an)
    pane.draw(*STROKE)
    pane.confirm()
    expect(hand(an, "lead", "signed")).to_be_visible()
    everything_on_the_server(an)
    expect(two(an)).to_be_hidden()
    assert counting(an, path) == ("", False)
