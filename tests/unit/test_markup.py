"""Mark-up in real pixels: what was blurred is gone for good, what was not is as it was, arrows point to their end."""

import random
from functools import cache
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageStat

from audit_app.media import markup, photos
from audit_app.rules import rows
from audit_app.rules.markups import MarkupRow
from audit_app.rules.problems import PhotoUnreadable, Problem

SIZE = (2400, 1800)
PAPER = (0.1, 0.55, 0.6, 0.72)  # left, top, right, bottom of the paper with the number on it
BLUR = {"kind": "blur", "points": [[0.1, 0.55], [0.6, 0.72]], "text": "", "colour": "#d32f2f"}


@cache
def desk(number: str) -> Image.Image:
    """A busy counter with a citizen's paper on it."""
    dice = random.Random(7)
    drawn = Image.effect_noise(SIZE, 40).convert("RGB").filter(ImageFilter.GaussianBlur(3))
    pen = ImageDraw.Draw(drawn)
    for _ in range(60):
        x, y = dice.randrange(SIZE[0]), dice.randrange(SIZE[1])
        pen.rectangle((x, y, x + 150, y + 90), fill=tuple(dice.randrange(256) for _ in range(3)))
    pen.rectangle(in_pixels(PAPER, SIZE), fill=(250, 250, 244))
    for line, size in ((number, 130), (number[::-1], 60)):
        pen.text((270, 1020 if size == 130 else 1190), line, fill=(20, 20, 30),
                 font=ImageFont.truetype(str(markup.FONT), size))  # fmt: skip
    return drawn


def in_pixels(box, size) -> tuple[int, ...]:
    left, top, right, bottom = box
    return tuple(map(round, (left * size[0], top * size[1], right * size[0], bottom * size[1])))


@pytest.fixture
def kept(tmp_path):
    def keep(picture: Image.Image, **how):
        path = tmp_path / f"{uuid4()}.jpg"
        picture.save(path, "JPEG", quality=93, **how)
        return path

    return keep


def seen(derived) -> Image.Image:
    return Image.open(BytesIO(derived.data)).convert("RGB")


def difference(one: Image.Image, other: Image.Image, box=None) -> float:
    """Mean difference of a pixel, 0 to 255."""
    apart = ImageChops.difference(one, other)
    return sum(ImageStat.Stat(apart.crop(box) if box else apart).mean) / 3


def edges(picture: Image.Image) -> float:
    """How much a picture has to read."""
    return ImageStat.Stat(picture.convert("L").filter(ImageFilter.FIND_EDGES).crop(
        (2, 2, picture.width - 2, picture.height - 2))).stddev[0]


def test_nothing_can_be_read_under_the_blur_in_any_size(kept):
    path = kept(desk("001079123456"))
    plain, hidden = photos.derive(path), photos.redact(path, [BLUR])
    for size in photos.SIZES:
        box = in_pixels(PAPER, (hidden[size].width, hidden[size].height))
        before, after = (edges(seen(made[size]).crop(box)) for made in (plain, hidden))
        assert after < 4 < before / 5, f"{size}: {after} of {before}"


@pytest.mark.parametrize("number", ["999888777666", "111111111111", "VŨ HỒNG EM 9"])
def test_two_papers_look_the_same_once_they_are_blurred(kept, number):
    """Whoever guesses what stood there cannot tell a right guess from a wrong one."""
    one, other = (photos.redact(kept(desk(said)), [BLUR]) for said in ("001079123456", number))
    for size in photos.SIZES:
        shown = [seen(made[size]).convert("L") for made in (one, other)]
        box = in_pixels(PAPER, shown[0].size)
        apart = ImageChops.difference(*(each.crop(box) for each in shown))
        assert apart.getextrema()[1] <= markup.LEVELS + 3, f"{size}: {apart.getextrema()}"


def test_all_that_was_not_blurred_is_as_it_is_without(kept):
    path = kept(desk("001079123456"))
    plain, hidden = photos.derive(path), photos.redact(path, [BLUR])
    for size in photos.SIZES:
        one, other = seen(plain[size]), seen(hidden[size])
        assert one.size == other.size
        box = in_pixels(PAPER, one.size)
        margin = round(max(one.size) * markup.GROWN) + 17  # what is grown, and a block of JPEG
        for picture in (one, other):
            picture.paste((0, 0, 0), (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin))
        assert difference(one, other) < 0.5
        assert max(high for _, high in ImageChops.difference(one, other).getextrema()) < 30


def test_a_tablets_working_copy_is_treated_no_worse(kept):
    """It stands as its own largest picture, so its smaller ones come from other pixels: alike, not the same."""
    path = kept(desk("001079123456").resize((2000, 1500)))
    one, other = seen(photos.derive(path)[1200]), seen(photos.redact(path, [BLUR])[1200])
    assert difference(one, other, (0, 0, 1200, 450)) < 3
    assert edges(other.crop(in_pixels(PAPER, other.size))) < 2.5


def test_without_any_shape_the_picture_is_the_plain_one(kept):
    path = kept(desk("1"))
    assert photos.redact(path, [])[1200].data == photos.derive(path)[1200].data


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_blur_lies_where_it_was_drawn_on_the_upright_picture(kept, orientation):
    turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = kept(desk("001079123456").transpose(turned), exif=exif)
    shown = seen(photos.redact(path, [BLUR])[1200])
    assert edges(shown.crop(in_pixels(PAPER, shown.size))) < 2.5
    assert difference(shown, seen(photos.derive(path)[1200]), (0, 0, 1200, 400)) < 0.5


def test_what_leaves_the_house_carries_no_metadata_and_no_small_picture_of_before(kept):
    exif = Image.Exif()
    exif[0x010F] = "CANARY"
    path = kept(desk("1"), exif=exif, comment=b"CANARY")
    path.write_bytes(path.read_bytes() + b"CANARY")
    for made in photos.redact(path, [BLUR]).values():
        assert b"CANARY" not in made.data and made.data.endswith(b"\xff\xd9")
        assert {marker for marker, _ in Image.open(BytesIO(made.data)).applist} == {"APP0"}


@pytest.mark.parametrize("points", [[[0.6, 0.72], [0.1, 0.55]], [[0.6, 0.55], [0.1, 0.72]]])
def test_a_blur_may_be_drawn_from_any_corner(kept, points):
    path = kept(desk("001079123456"))
    assert photos.redact(path, [BLUR | {"points": points}])[1200].data == photos.redact(path, [BLUR])[1200].data


@pytest.mark.parametrize("points", [[[0, 0], [0, 0]], [[1, 1], [1, 1]], [[0, 0], [1, 1]], [[0.5, 0], [0.5, 1]]])
def test_a_blur_without_a_size_or_over_everything_is_drawn_too(kept, points):
    for size, made in photos.redact(kept(desk("1")), [BLUR | {"points": points}]).items():
        assert max(made.width, made.height) == size


def drawn(kept, *shapes) -> Image.Image:
    path = kept(Image.new("RGB", (1200, 900), (120, 120, 120)))
    return seen(photos.redact(path, [{"text": "", "colour": "#d32f2f", **shape} for shape in shapes])[1200])


def red(picture, x, y) -> bool:
    r, g, b = picture.getpixel((round(x * picture.width), round(y * picture.height)))
    return r > 150 and g < 110 and b < 110


def test_each_shape_lies_where_it_was_drawn(kept):
    arrow = drawn(kept, {"kind": "arrow", "points": [[0.2, 0.5], [0.8, 0.5]]})
    assert red(arrow, 0.3, 0.5) and red(arrow, 0.785, 0.5) and not red(arrow, 0.83, 0.5) and not red(arrow, 0.5, 0.45)
    assert red(arrow, 0.77, 0.51) and not red(arrow, 0.22, 0.51), "the head is at the second point"
    box = drawn(kept, {"kind": "box", "points": [[0.7, 0.8], [0.2, 0.3]]})
    assert red(box, 0.2, 0.5) and red(box, 0.7, 0.5) and red(box, 0.5, 0.3) and not red(box, 0.45, 0.55)
    circle = drawn(kept, {"kind": "circle", "points": [[0.2, 0.2], [0.8, 0.8]]})
    assert red(circle, 0.2, 0.5) and red(circle, 0.5, 0.8) and not red(circle, 0.22, 0.22)
    pen = drawn(kept, {"kind": "pen", "points": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]]})
    assert red(pen, 0.3, 0.1) and red(pen, 0.5, 0.5) and not red(pen, 0.3, 0.5)
    dot = drawn(kept, {"kind": "pen", "points": [[0.5, 0.5]]})
    assert red(dot, 0.5, 0.5)
    blue = drawn(kept, {"kind": "box", "points": [[0.2, 0.2], [0.8, 0.8]], "colour": "#1565c0"})
    assert blue.getpixel((240, 450))[2] > 150


@pytest.mark.parametrize("at", [(0, 0), (0.98, 0.98), (0.5, 1)])
@pytest.mark.parametrize("words", ["Thiếu", "Thiếu niêm yết thủ tục hành chính " * 5])
def test_words_stay_inside_the_picture(kept, at, words):
    picture = drawn(kept, {"kind": "text", "points": [list(at)], "text": words})
    changed = ImageChops.difference(picture, Image.new("RGB", picture.size, (120, 120, 120)))
    box = changed.convert("L").point(lambda level: 255 if level > 60 else 0).getbbox()
    assert box and box[0] > 0 and box[1] > 0 and box[2] < picture.width and box[3] < picture.height


def test_what_is_no_picture_is_refused_as_ever(tmp_path):
    (tmp_path / "x").write_bytes(b"no picture")
    with pytest.raises(PhotoUnreadable):
        photos.redact(tmp_path / "x", [BLUR])


# ── What tablets send ─────────────────────────────────────────────────────────────────────────────
def row(*shapes, **more) -> dict:
    return {"id": str(uuid4()), "photo": str(uuid4()), "shapes": list(shapes), "made_at": "2026-11-20T09:00Z", **more}


def test_shapes_are_kept_in_one_spelling():
    said = rows.parse(MarkupRow, row({"kind": "arrow", "points": [[0.1234567, 0], [1, 1]], "colour": "#1565c0"},
                                     {"kind": "text", "points": [[0.5, 0.5]], "text": " Thiê\u0301u "}, private=True))
    assert [shape.kept() for shape in said.shapes] == [
        {"kind": "arrow", "points": [[0.12346, 0], [1, 1]], "text": "", "colour": "#1565c0"},
        {"kind": "text", "points": [[0.5, 0.5]], "text": "Thiếu", "colour": "#d32f2f"}]
    assert said.private


@pytest.mark.parametrize("shape", [
    7, {}, {"kind": "star", "points": [[0, 0]]}, {"kind": "box", "points": [[0, 0]]}, {"kind": "pen", "points": []},
    {"kind": "box", "points": [[0, 0], [1, 1], [0, 1]]}, {"kind": "blur", "points": [[0, 0], [1, 1.1]]},
    {"kind": "blur", "points": [[-0.1, 0], [1, 1]]}, {"kind": "blur", "points": [[float("nan"), 0], [1, 1]]},
    {"kind": "blur", "points": [["a", 0], [1, 1]]}, {"kind": "text", "points": [[0, 0]]},
    {"kind": "text", "points": [[0, 0]], "text": "a" * 201}, {"kind": "text", "points": [[0, 0]], "text": "\ud800"},
    {"kind": "box", "points": [[0, 0], [1, 1]], "colour": "red"}, {"kind": "pen", "points": [[0, 0]] * 5_001},
    {"kind": "box", "points": [[0, 0], [1, 1]], "colour": "#12345"}, {"kind": "pen", "points": [[0, 0, 0]]}])
def test_what_is_no_shape_is_refused_by_name(shape):
    with pytest.raises(Problem) as refused:
        rows.parse(MarkupRow, row(shape))
    assert refused.value.name == "invalid" and refused.value.message


def test_a_label_that_nobody_sees_takes_no_blur_with_it():
    said = rows.parse(MarkupRow, row(BLUR, {"kind": "text", "points": [[0, 0]], "text": "\u200b"}))
    assert [shape.kind for shape in said.shapes] == ["blur", "text"]


def test_a_photo_is_no_canvas():
    for shapes in ([{"kind": "pen", "points": [[0, 0]] * 2_501}] * 2, [{"kind": "pen", "points": [[0, 0]]}] * 101):
        with pytest.raises(Problem):
            rows.parse(MarkupRow, row(*shapes))
