"""A picture no two turns of which are alike, and how to look at what became of it.

tests/pictures/quad.heic: the same quarters with EXIF time, place and device, made with Debian's heif-enc.
"""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).parents[1] / "pictures"
RED, GREEN, BLUE, GOLD = (200, 30, 30), (30, 150, 60), (30, 60, 200), (230, 200, 40)


def quarters(width=400, height=300, mode="RGB"):
    """Red, green above blue, gold: no two turns of it are alike."""
    drawn = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(drawn)
    draw.rectangle((width // 2, 0, width, height // 2), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2, height), fill=BLUE)
    draw.rectangle((width // 2, height // 2, width, height), fill=GOLD)
    return drawn.convert(mode)


def seen(derived) -> Image.Image:
    picture = Image.open(BytesIO(derived.data))
    assert picture.format == "JPEG" and picture.mode == "RGB" and picture.size == (derived.width, derived.height)
    return picture


def corners(picture) -> list[tuple]:
    w, h = picture.size
    return [picture.convert("RGB").getpixel(at) for at in ((w // 4, h // 4), (3 * w // 4, h // 4),
                                                           (w // 4, 3 * h // 4), (3 * w // 4, 3 * h // 4))]


def near(found, wanted, by=14) -> bool:
    return all(abs(a - b) <= by for one, other in zip(found, wanted, strict=True)
               for a, b in zip(one, other, strict=True))
