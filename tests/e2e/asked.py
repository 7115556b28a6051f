"""What the tablet's page says of the server when that cannot be asked."""

import re

from tests.e2e.conftest import sync_api
from tests.e2e.tablet import brought

expect = sync_api.expect


def leaving_says_what_the_device_knows(page) -> None:
    """Two answers are sent, and the server cannot be asked again: what it said before is of then."""
    brought(page.locator("[data-action=leaving]").first).tap()
    box = page.locator("dialog[open] [data-leaving]")
    expect(box.locator("[data-verdict]")).to_contain_text("Chưa hỏi được máy chủ")
    expect(box.locator("[data-sum]")).to_contain_text("Trên máy này: 2/")
    expect(box.locator("[data-server]")).to_contain_text(re.compile(r"Máy\schủ lúc\s\d\d:\d\d"))
    expect(box.locator("[data-todo]")).not_to_contain_text("BH08")
    expect(box.locator("[data-todo]")).not_to_contain_text("tải lại trang")


def nobody_could_be_asked(page, road) -> None:
    """Opened without a network, the page does not say that all is at the server until the server is there."""
    badge, log = page.locator("[data-saving]"), page.locator("dialog[open] [data-now]")
    expect(badge).to_have_attribute("data-saving", "offline")
    page.locator("[data-action=sync]").tap()
    expect(log).to_have_text(re.compile("^Ngoại tuyến .* không còn gì chờ gửi"))
    page.go_back()
    road.open()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(badge).to_have_attribute("data-saving", "server")
    road.close()
