"""What An's hands do on the tablet."""

from io import BytesIO

from PIL import Image

from audit_app.media import drawings
from tests.e2e.conftest import sync_api

expect = sync_api.expect


LYING = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""EXIF orientation → how the pixels lie in the file of a camera that was held so."""


def camera_photo(number: int, size=(4000, 3000), orientation: int = 6) -> dict:
    """A 12-megapixel JPEG as a camera gives it: lying on its side, with the orientation in its EXIF."""
    scene = list(drawings.SCENES)[number % len(drawings.SCENES)]
    drawn = drawings.draw(scene, f"BỘ PHẬN MỘT CỬA {number}", seed=number)  # no two are the same file
    picture = Image.open(BytesIO(drawn)).resize(size)
    if LYING[orientation] is not None:
        picture = picture.transpose(LYING[orientation])
    facts = Image.Exif()
    facts[0x0112] = orientation
    out = BytesIO()
    picture.save(out, "JPEG", quality=85, exif=facts)
    return {"name": f"IMG_{number:04d}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def open_first_visit(page) -> str:
    """From «Hôm nay» into the first inspection; its path."""
    page.get_by_role("link", name="Bắt đầu").first.click()
    page.wait_for_url("**/capture")
    whole(page)
    return page.url.split("/capture")[0]


def whole(page) -> None:
    """All scripts of the capture page are here: the first touch fetches what answering alone does not need."""
    page.wait_for_selector("html[data-ready]")
    page.locator("h1").click()
    page.wait_for_selector("html[data-whole]")


def item(page, id: str):
    """The card of an item."""
    return page.locator(f'fieldset[data-item="{id}"]')


def brought(spot):
    """Something far away brought under the eyes and standing still: cards on the way take their true height only then,
    and nobody's finger is there five milliseconds after the jump."""
    spot.scroll_into_view_if_needed()
    spot.evaluate("""async (spot) => {
        for (let still = 0, before = NaN; still < 8;) {
            await new Promise(requestAnimationFrame);
            const { top } = spot.getBoundingClientRect();
            still = top === before ? still + 1 : 0;
            before = top;
        }
    }""")
    return spot


def finger(card, value: str) -> None:
    """One finger on an answer: one that is chosen already is taken back. It was elsewhere before: no bounce."""
    card.dispatch_event("pointerdown")
    card.locator(f'label:has(input[value="{value}"])').first.tap()


def tap(card, value: str) -> None:
    """Give an answer, anew where it stands already: others may have worked at this visit before."""
    chosen = card.locator(f'input[value="{value}"]').first
    if chosen.is_checked():
        finger(card, value)
        expect(chosen).not_to_be_checked()
    finger(card, value)


def tap_another(card) -> None:
    """An answer that this item, at which others may have worked before, does not have yet."""
    tap(card, "mot_phan" if card.locator("input[value=khong_dat]").is_checked() else "khong_dat")


def answer_everything(page, *, failing: set[str]) -> None:
    """Đạt everywhere, but Không đạt with a note in `failing`; numbers where numbers are asked."""
    asked = page.locator("fieldset[data-item]").evaluate_all("(all) => all.map(({ dataset }) => ({ ...dataset }))")
    for about in asked:
        id, kind, card = about["item"], about["kind"], item(page, about["item"])
        if kind in ("a2", "a3"):
            tap(card, "khong_dat" if id in failing else "dat")
            if id in failing:
                card.locator("textarea[name=note]").fill("Chưa thực hiện, quan sát lúc 8 giờ 40")
        elif kind == "ratio":
            card.locator("input[name=number]").fill("0" if "fewer" in about else "9")
            card.locator("input[name=of]").fill("10")
            card.locator("input[name=of]").blur()
        elif kind == "number":
            card.locator("input[name=number]").fill(about.get("atLeast") or "0")
            card.locator("input[name=number]").blur()
        else:
            card.locator("label:has(input[type=checkbox])").first.tap()


def photograph_what_is_demanded(page) -> int:
    """A photo for each item that cannot be submitted without one; the first two as large as a camera's."""
    demanded = page.locator('fieldset[data-photo-rule="required"]')
    for number, card in enumerate(demanded.all()):
        card.scroll_into_view_if_needed()
        size = (4000, 3000) if number < 2 else (1280, 960)
        taken = camera_photo(number, size, (1, 3, 6, 8)[number % 4])
        card.locator("input[type=file][name=photo]").set_input_files([taken])
        expect(card.locator("[data-photo]").first).to_be_visible()
    return demanded.count()


def count_and_listen(page) -> None:
    """Two queue machines of which one works; what the agency finds hard, what it proposes."""
    kit = page.locator("fieldset[data-equipment]").first
    kit.scroll_into_view_if_needed()
    for name, number in (("total-", "2"), ("working-", "1")):
        kit.locator(f"input[name^={name}]").fill(number)
    kit.locator("input[name^=working-]").blur()
    expect(kit).to_have_attribute("data-state", "server")
    for kind, text in (("difficulty", "Máy lấy số hay hỏng."), ("proposal", "Đề nghị cấp kinh phí.")):
        box = page.locator(f'fieldset[data-remark="{kind}"]')
        box.locator("textarea").fill(text)
        box.locator("textarea").blur()
        expect(box).to_have_attribute("data-state", "server")


def everything_on_the_server(page) -> None:
    """The tablet holds nothing back."""
    page.wait_for_selector('body[data-unsent="0"]', timeout=120_000)


def submit(page, *, met: bool = False) -> None:
    """Hand in, though no meeting was held unless one was, and see the receipt."""
    brought(page.locator("[data-action=submit]")).tap()
    if not met:
        page.get_by_role("button", name="Vẫn nộp").tap()
    expect(page.get_by_text("KT-").first).to_be_visible(timeout=60_000)
    expect(page.locator("[data-leaving][data-all] a.button-primary")).to_be_visible()  # nothing is left but to go


def brought_nearer(page) -> None:
    """The photo in the sheet fills the screen, the spot that is tapped comes nearer and stays under the finger; Back
    leads to the sheet."""
    page.get_by_role("button", name="Phóng to").tap()
    large = page.locator("dialog.whole[open] .large")
    box = large.bounding_box()
    assert box["width"] == page.viewport_size["width"], box
    x, y = box["x"] + box["width"] * .7, box["y"] + box["height"] * .4
    page.touchscreen.tap(x, y)
    nearer = large.bounding_box()
    assert nearer["width"] > 2 * box["width"], nearer
    spot = nearer["x"] + nearer["width"] * .7, nearer["y"] + nearer["height"] * .4
    assert abs(spot[0] - x) < 2 and abs(spot[1] - y) < nearer["height"] / 2, (spot, x, y)
    page.go_back()
    expect(page.locator("dialog.whole")).to_have_count(0)
    expect(page.locator("dialog.sheet[open] .looking .large")).to_be_visible()
