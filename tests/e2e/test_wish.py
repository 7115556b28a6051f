"""Handing in never waits for a network: the tablet remembers it, and does it once the server can be asked."""

from tests.e2e.conftest import sync_api
from tests.e2e.tablet import brought, finger, item
from tests.e2e.test_handing_in import all_answered

expect = sync_api.expect


def test_a_visit_handed_in_without_a_network_is_handed_in_once_there_is_one_unless_it_was_changed(person):
    path, page = all_answered(person, "UBND phường Phú Lương")
    state = lambda: page.request.get(f"/sync{path}").json()["inspection"]["state"]  # noqa: E731
    page.context.set_offline(True)
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.locator("[data-submit-said]")).to_contain_text("sẽ tự nộp khi có mạng")
    finger(item(page, "TS01"), "mot_phan")
    page.context.set_offline(False)
    page.get_by_role("dialog").get_by_role("button", name="Chưa nộp").tap()
    assert state() == "draft"
    day = page.context.new_page()
    day.goto("/")
    page.context.set_offline(True)
    brought(page.locator("[data-action=submit]")).tap()
    expect(page.locator("[data-submit-said]")).to_contain_text("sẽ tự nộp khi có mạng")
    day.evaluate("dispatchEvent(new Event('pageshow'))")
    card = day.locator(f'[data-visit="{path.rpartition("/")[2]}"]')
    expect(card.locator("[data-unsent]")).to_have_text("Đã bấm nộp khi chưa có mạng; mở phiếu để nộp")
    page.close()
    day.context.set_offline(False)
    day.goto(f"{path}/capture")
    expect(day.get_by_text("KT-").first).to_be_visible()
    assert day.request.get(f"/sync{path}").json()["inspection"]["state"] == "submitted"
