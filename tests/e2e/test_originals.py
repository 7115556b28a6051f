"""What the server does not take of a photo: refused when it is picked, or a matter only as long as the photo stands."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.conftest import AHEAD, DESK, NOWHERE, ONLINE, TABLET, shoot, sync_api
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, whole
from tests.e2e.test_meeting import planned, post

expect = sync_api.expect
UNREADABLE = {"status": 422, "json": {"problem": "photo_unreadable", "message": "Tệp này không phải ảnh đọc được."}}
QUAD = Path(__file__).parents[1] / "pictures/quad.heic"
SHOWN = "[data-photo]:not([hidden])"
MADE = """async ({ href }) => {
  for (;;) {
    const answer = await fetch(href);
    if (!answer.ok) continue;
    const { width, height } = await createImageBitmap(await answer.blob());
    return [width, height];
  }
}"""
"""The picture that the server makes of a photo, once it is there."""


def at(person, where: str) -> tuple[str, object]:
    """A visit of its own, opened on An's tablet: (its path, the page)."""
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), where)
    page = person("an", TABLET, f"{path}/capture", **ONLINE)
    page.tolerant = True
    whole(page)
    return path, page


def with_a_refused_original(page, number: int) -> str:
    """The photo is at the server, its original is not: how the address of that ends."""
    taken = camera_photo(number, (640, 480))
    original = hashlib.sha256(taken["buffer"]).hexdigest()
    page.route(f"**/blobs/{original}", lambda route: route.fulfill(**UNREADABLE))
    item(page, "NY03").locator("input[type=file][name=photo]").set_input_files([taken])
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "refused")
    expect(item(page, "NY03").locator("[data-photo]").last).to_have_attribute("data-state", "server")
    return original


@pytest.mark.parametrize("kind", ["GIF", "AVIF", "BMP"])
def test_a_file_of_a_kind_that_the_server_does_not_take_is_refused_when_it_is_picked(person, kind):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    before = item(page, "NY03").locator(SHOWN).count()
    odd = BytesIO()
    Image.new("RGB", (64, 48), "green").save(odd, kind)
    card = item(page, "NY03")
    card.locator("input[type=file][name=photo]").set_input_files([
        {"name": "la.jpg", "mimeType": "image/jpeg", "buffer": odd.getvalue()}, camera_photo(71, (640, 480))])
    expect(card.locator(SHOWN)).to_have_count(before + 1)
    expect(card.locator(SHOWN).last).to_have_attribute("data-state", "server")
    expect(card.locator(".wrong")).to_have_text(
        "Tệp la.jpg không phải ảnh JPEG, PNG, WebP hay HEIC nên không nhận được; hãy chụp hoặc chọn ảnh khác.")
    everything_on_the_server(page)
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "server")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIC"])
def test_a_file_of_a_kind_that_the_server_takes_is_taken(person, kind):
    page = person("an", TABLET, AHEAD, **ONLINE)
    whole(page)
    before = item(page, "NY03").locator(SHOWN).count()
    even = BytesIO(QUAD.read_bytes() if kind == "HEIC" else b"")
    if kind != "HEIC":
        facts = Image.Exif()
        facts[0x0112] = 6  # lies on its side
        Image.new("RGB", (64, 48), "olive").save(even, kind, exif=facts)
    item(page, "NY03").locator("input[type=file][name=photo]").set_input_files(
        [{"name": "a", "mimeType": f"image/{kind.lower()}", "buffer": even.getvalue()}])
    expect(item(page, "NY03").locator(SHOWN)).to_have_count(before + 1)
    everything_on_the_server(page)
    width, height = item(page, "NY03").locator(SHOWN).last.evaluate(MADE)
    assert kind == "HEIC" or width < height, (width, height)


def test_a_photo_taken_out_ends_the_matter_of_its_refused_original_and_put_back_takes_it_up_again(person):
    _, page = at(person, "UBND xã Gia Lâm")
    with_a_refused_original(page, 72)
    page.locator("[data-action=sync]").tap()
    look = page.locator("[data-log] .look li")
    expect(look).to_contain_text("Bản gốc ảnh mục NY03")
    expect(page.locator("[data-log] .log-lines [data-bad]")).to_contain_text("Bản gốc ảnh mục NY03")
    shoot(page, "refused-original")
    look.get_by_role("link", name="Mở mục NY03").tap()
    expect(page.locator("dialog[open]")).to_have_count(0)

    thumb = item(page, "NY03").locator(SHOWN)
    thumb.tap()
    page.get_by_role("dialog").get_by_role("button", name="Bỏ ảnh này").tap()
    page.get_by_role("dialog").get_by_role("button", name="Chụp nhầm mục").tap()
    expect(page.locator("[data-saving]")).not_to_have_attribute("data-saving", "refused")
    page.locator("[data-undo] button").tap()
    expect(thumb).to_have_count(1)
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "refused")

    thumb.tap()
    page.get_by_role("dialog").get_by_role("button", name="Bỏ ảnh này").tap()
    page.get_by_role("dialog").get_by_role("button", name="Chụp nhầm mục").tap()
    everything_on_the_server(page)
    page.reload()
    whole(page)
    everything_on_the_server(page)
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "server")
    page.locator("[data-action=sync]").tap()
    expect(page.locator("[data-log] .log-lines [data-bad]").first).to_be_visible()
    expect(look).to_have_count(0)


def test_an_original_refused_before_its_photo_was_taken_out_elsewhere_is_no_matter_any_more(person):
    path, page = at(person, "UBND xã Đông Anh")
    with_a_refused_original(page, 73)
    photo = item(page, "NY03").locator("[data-photo]").get_attribute("data-photo")
    page.goto(f"{path}/capture")
    whole(page)
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "refused")  # as long as it stands
    removal = {"id": "00000000-0000-4000-8000-000000000073", "photo": photo, "reason": ""}
    post(page, f"/sync{path}/rows", removals=[removal | {"removed_at": "2026-01-01T08:00"}])
    page.reload()
    whole(page)
    everything_on_the_server(page)
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "server")
