"""Who answers in the server's place (a captive portal) says nothing of what the team has and takes nothing away, and
is not taken for a part of the page."""

from tests.e2e.conftest import AHEAD, NOWHERE, ONLINE, TABLET, sync_api
from tests.e2e.device import first, photograph
from tests.e2e.tablet import everything_on_the_server, item, whole

expect = sync_api.expect
PORTAL = {"status": 200, "content_type": "text/html", "body": "<html><h1>Welcome</h1></html>"}


def test_a_stranger_who_answers_for_the_team_takes_no_photo_off_the_page(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    photograph(page, "NY12", 91)
    thumb = item(page, "NY12").locator("[data-photo]").last
    expect(thumb).to_have_attribute("data-state", "server")
    everything_on_the_server(page)
    first(page, "**/team", lambda route: route.fulfill(**PORTAL))
    with page.expect_response("**/team"):
        page.locator("[data-action=missing]").tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(thumb).to_be_visible()
    with page.expect_response("**/team") as told:  # and the next one is asked whole
        page.locator("[data-action=missing]").tap()
    assert told.value.status in (200, 304)  # or it was asked by itself meanwhile
    expect(page.get_by_role("dialog")).to_be_visible()
    assert thumb.evaluate("(one) => one.hidden") is False


def test_a_stranger_who_answers_for_a_part_of_the_page_is_not_taken_for_it(person, server):
    page = person("an", TABLET, NOWHERE, **ONLINE)
    for address in ("**/guide", "**/parts/log.html"):
        first(page, address, lambda route: route.fulfill(**PORTAL))
    page.goto(server.ahead)
    with page.expect_response("**/guide"):  # it is asked for when work begins
        whole(page)
    guide, sheet = item(page, "NY12").locator(".guide"), page.get_by_role("dialog")
    guide.tap()
    expect(sheet).to_be_visible()
    if "Chưa tải được" in sheet.inner_text():  # the stranger's answer was being read yet
        page.go_back()
        expect(sheet).to_have_count(0)
        guide.tap()
    expect(sheet).to_contain_text("Cách kiểm tra")
    page.go_back()
    expect(sheet).to_have_count(0)
    with page.expect_response("**/parts/log.html"):
        page.locator("[data-action=sync]").tap()
    expect(sheet).to_contain_text("Tình trạng gửi")  # in few words, without the log
    expect(page.locator("[data-log]")).to_have_count(0)
    page.go_back()
    expect(sheet).to_have_count(0)
    page.locator("[data-action=sync]").tap()
    expect(page.locator("[data-log]")).to_be_visible()
