"""A tablet that is handed from An to the next person, over a line that can be slow or cut."""

from tests.e2e.conftest import NOWHERE, TABLET, enter

READY = "[data-day][data-ready=yes]"
LATE = 3.5  # seconds: longer than worker and page wait before they take the line for gone
HURRIED, SOON_LATE = 300, 0.8  # a worker that waits for so many milliseconds, and seconds that are longer


def on_the_road(person, server, road, patience: int | None = None):
    """An, whose day is ready on her tablet, with a line that can be made slow or cut; `patience` of its worker (ms)."""
    road.patience = patience
    page = person("an", TABLET, NOWHERE, reduced_motion="reduce")
    page.tolerant = True  # what is no longer for her is answered 401 or 404
    page.context.clear_cookies()
    page.goto(f"{road.url}/sign-in")
    enter(page, server, "an")
    page.wait_for_selector(READY)
    return page


def ahead(page, url: str) -> str:
    """The address of the visit An has ahead."""
    return url + page.get_by_role("link", name="Mở").first.get_attribute("href")


def name(page, server, who: str) -> None:
    """Sign in on a slow line: the first page that names anybody names this person."""
    page.get_by_label("Tên đăng nhập").fill(who)
    page.get_by_label("Mật khẩu").fill(server.passwords[who])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_selector(".account-name")
    assert "Dũng" in page.locator(".account-name").inner_text()
