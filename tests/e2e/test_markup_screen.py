"""Drawing over a photo with a finger: kept after every stroke, the same at the server, destroyed for others."""

import threading
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image, ImageStat

from audit_app.records.db import now
from tests.e2e.conftest import AHEAD, ONLINE, TABLET, shoot, sync_api
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, whole

expect = sync_api.expect
ARROW, BLUR, WORDS = ((0.8, 0.85), (0.5, 0.6)), ((0.15, 0.06), (0.85, 0.24)), (0.1, 0.7)
SIGN = (0.3, 0.1, 0.7, 0.2)  # the drawn board with words on it lies under the blur
WORDING = "Biển mờ, thiếu địa chỉ"
NEWS = """() => new Promise((done) => {
  document.addEventListener("news", done, { once: true });
  document.dispatchEvent(new Event("visibilitychange"));
})"""


class Finger:
    """One finger on the picture of the open screen, in shares of the picture."""

    def __init__(self, page):
        self.page, self.touch = page, page.context.new_cdp_session(page)

    def over(self, share) -> dict:
        seen = self.page.locator("dialog.markup [data-picture]").bounding_box()
        w, h = min((seen["width"], seen["width"] * 0.75), (seen["height"] / 0.75, seen["height"]))
        return {"x": seen["x"] + (seen["width"] - w) / 2 + share[0] * w,
                "y": seen["y"] + (seen["height"] - h) / 2 + share[1] * h}  # fmt: skip

    def send(self, kind: str, *points) -> None:
        self.touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    def draw(self, start, end) -> None:
        self.send("touchStart", self.over(start))
        for step in range(1, 6):
            self.send("touchMove", self.over([a + (b - a) * step / 5 for a, b in zip(start, end, strict=True)]))
        self.send("touchEnd")

    def tap(self, share) -> None:
        self.send("touchStart", self.over(share))
        self.send("touchEnd")


def choose(page, tool: str) -> None:
    page.locator(f"label:has([name=markup-tool][value={tool}])").tap()


def shapes_on(page):
    return page.locator("dialog.markup [data-n]")


def picture(page, address: str) -> Image.Image:
    """A picture of the server, as soon as its worker has made it."""
    pause = threading.Event()
    for _ in range(150):
        answer = page.request.get(address)
        if answer.ok:
            return Image.open(BytesIO(answer.body())).convert("RGB")
        pause.wait(0.2)
    raise AssertionError((answer.status, address))


def contrast(seen: Image.Image) -> float:
    box = [share * side for share, side in zip(SIGN, seen.size * 2, strict=True)]
    return ImageStat.Stat(seen.convert("L").crop(box)).stddev[0]


def drawn_on(page, id: str) -> tuple[dict, dict]:
    """The newest photo of an item and what is drawn over it, as the server has them."""
    newest = item(page, id).locator("[data-photo]").last.get_attribute("data-photo")
    rows = page.request.get(page.url.split("/capture")[0].replace("/inspections/", "/sync/inspections/")).json()["rows"]
    (photo,) = [row for row in rows["photos"] if row["id"] == newest]
    (told,) = [row for row in rows["markups"] if row["photo"] == newest]
    return photo, told


def left_of(shape) -> float:
    return shape.bounding_box()["x"]


def test_a_shape_is_moved_and_cut_and_all_of_them_are_cleared_and_brought_back(person):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    card = item(page, "TB12")
    card.locator("input[type=file][name=photo]").set_input_files([camera_photo(5, (1600, 1200), 1)])
    card.locator("[data-photo]").last.tap()
    page.get_by_role("button", name="Vẽ, che ảnh").tap()
    finger, shapes = Finger(page), shapes_on(page)
    finger.draw(*ARROW)
    choose(page, "box")
    finger.draw((0.1, 0.1), (0.3, 0.3))
    expect(shapes).to_have_count(2)
    box = shapes.nth(1)
    drawn = left_of(box)
    choose(page, "move")
    finger.draw((0.1, 0.2), (0.4, 0.2))
    moved = left_of(box)
    assert moved > drawn + 100
    box.focus()
    page.keyboard.press("ArrowRight")
    assert left_of(box) > moved
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert abs(left_of(box) - drawn) < 1
    page.keyboard.press("Control+y")
    assert abs(left_of(box) - moved) < 1
    finger.tap((0.4, 0.2))
    page.get_by_role("button", name="Xoá hình").tap()
    expect(shapes).to_have_count(1)
    page.get_by_role("button", name="Hoàn tác").last.tap()
    expect(shapes).to_have_count(2)
    finger.tap((0.05, 0.95))  # beside every shape: none is chosen
    page.get_by_role("button", name="Xoá hết").tap()
    shoot(page, "markup-sure")
    page.get_by_role("button", name="Giữ lại").tap()
    expect(shapes).to_have_count(2)
    page.get_by_role("button", name="Xoá hết").tap()
    page.get_by_role("button", name="Xoá hết").first.tap()
    expect(shapes).to_have_count(0)
    page.get_by_role("button", name="Hoàn tác").last.tap()
    expect(shapes).to_have_count(2)
    page.get_by_role("button", name="Xong").tap()
    expect(card.locator(".tag-drawn")).to_have_count(1)
    everything_on_the_server(page)
    _, told = drawn_on(page, "TB12")
    assert sorted(shape["kind"] for shape in told["shapes"]) == ["arrow", "box"]


def test_what_an_draws_without_network_survives_a_reload_and_hides_what_it_covers(person):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = person("an", TABLET)
    page.get_by_role("link", name="Mở").first.click()
    whole(page)
    path = page.url.split("/capture")[0]
    page.wait_for_selector("body[data-offline-ready=yes]")
    page.context.set_offline(True)
    card = item(page, "BH03")
    card.locator("input[type=file][name=photo]").set_input_files([camera_photo(4, (1600, 1200), 1)])
    thumb = card.locator('[data-photo][data-state="device"]')
    thumb.tap()
    page.get_by_role("button", name="Vẽ, che ảnh").tap()
    finger = Finger(page)
    finger.draw(*ARROW)
    choose(page, "blur")
    finger.draw(*BLUR)
    finger.tap((0.5, 0.5))
    expect(shapes_on(page)).to_have_count(3)
    page.get_by_role("button", name="Hoàn tác").last.tap()
    expect(shapes_on(page)).to_have_count(2)
    choose(page, "text")
    finger.tap(WORDS)
    page.locator("#markup-words").fill(WORDING[:10])
    expect(page.locator("[data-saved]")).to_have_text("Đã lưu trên máy")
    found = axe.run(page).response["violations"]
    assert not found, [(rule["id"], rule["nodes"][0]["target"]) for rule in found]
    shoot(page, "markup")

    page.reload()
    expect(shapes_on(page)).to_have_count(2)
    expect(page.locator("#markup-words")).to_have_value(WORDING[:10])
    page.locator("#markup-words").fill(WORDING)
    page.get_by_role("button", name="Ghi lên ảnh").tap()
    page.locator("[data-private]").check()
    expect(page.locator("[data-hint]")).to_have_text("Cơ quan và bản in chỉ thấy ảnh đã che mờ.")
    page.get_by_role("button", name="Xong").tap()
    expect(card.locator(".tag-drawn, .tag-private")).to_have_count(2)
    assert page.locator("dialog[open]").count() == 0
    page.context.set_offline(False)
    everything_on_the_server(page)

    photo, told = drawn_on(page, "BH03")
    assert told["private"] is True
    drawn = {shape["kind"]: shape for shape in told["shapes"]}
    assert sorted(drawn) == ["arrow", "blur", "text"] and drawn["text"]["text"] == WORDING
    for kind, wanted in (("arrow", ARROW), ("blur", BLUR), ("text", (WORDS,))):
        apart = [abs(a - b) for got, meant in zip(drawn[kind]["points"], wanted, strict=True)
                 for a, b in zip(got, meant, strict=True)]
        assert max(apart) < 0.01, (kind, drawn[kind]["points"])
    address = f"{path}/photos/{photo['id']}/print"
    others, inside = picture(page, f"{address}?redacted"), picture(page, address)
    assert contrast(inside) > 40 > 15 > contrast(others)
    middle = [round((a + b) / 2 * side) for a, b, side in zip(*ARROW, others.size, strict=True)]
    red, green, _ = others.getpixel(middle)
    assert red > 150 > 100 > green, "the arrow is drawn where the finger drew it"

    page.reload()
    whole(page)
    expect(card.locator(".tag-drawn, .tag-private")).to_have_count(2)
    thumb.or_(card.locator("[data-photo]")).first.tap()
    expect(page.locator(".drawn .overlay")).to_be_visible()
    shoot(page, "markup-large")


def draws(page, card, *strokes) -> None:
    """Draw over the newest photo of an item: («blur», its corners), …"""
    card.locator("[data-photo]").last.tap()
    page.get_by_role("button", name="Vẽ, che ảnh").tap()
    for tool, stroke in strokes:
        choose(page, tool)
        Finger(page).draw(*stroke)
    page.get_by_role("button", name="Xong").tap()
    expect(page.locator("dialog[open]")).to_have_count(0)
    everything_on_the_server(page)


def test_no_blur_is_lost_to_a_tablet_that_never_saw_it_nor_to_a_clock(person):
    first, other = person("an", TABLET, **ONLINE), person("an", TABLET, **ONLINE)
    first.clock.install()
    first.get_by_role("link", name="Mở").first.click()
    whole(first)
    card = item(first, "TB03")
    card.locator("input[type=file][name=photo]").set_input_files([camera_photo(6, (1600, 1200), 1)])
    everything_on_the_server(first)
    other.get_by_role("link", name="Mở").first.click()
    whole(other)
    first.clock.set_system_time(now() + timedelta(hours=2))
    draws(first, card, ("arrow", ARROW))
    first.clock.set_system_time(now())
    draws(first, card, ("blur", BLUR))
    draws(first, card, ("circle", ((0.2, 0.5), (0.4, 0.7))))
    assert kinds_on(first) == ["arrow", "blur", "circle"]
    draws(other, item(other, "TB03"), ("box", ((0.6, 0.1), (0.8, 0.3))))
    assert kinds_on(first) == ["arrow", "blur", "box", "circle"]
    first.clock.fast_forward("00:20")
    first.evaluate(NEWS)  # what the other one drew is seen here without loading the page anew
    card.locator("[data-photo]").last.tap()
    first.get_by_role("button", name="Vẽ, che ảnh").tap()
    expect(shapes_on(first)).to_have_count(4)


def kinds_on(page) -> list[str]:
    return sorted(shape["kind"] for shape in drawn_on(page, "TB03")[1]["shapes"])
