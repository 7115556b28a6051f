"""What was drawn over a photo, put into its pixels; what was blurred, destroyed in them. For the child of photos.py.

Blurring must not be undone: of what lies under it only a few mean colours are left, coarsely rounded, and those are
smeared. Two papers that differ in the number on them look the same afterwards.
"""

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from audit_app.config import ROOT

FONT = ROOT / "static/fonts/AuditSerif-Bold.ttf"
CELLS = 4  # mean colours along the longer side of what is blurred: of a line of writing nothing is left
LEVELS = 32  # steps of brightness between two colours that are still told apart
GROWN = 0.008  # of the longest side: the edges of letters just outside the finger's box go with it
THICK = 1 / 200  # of the longest side: 6 pixels at 1200, so that it prints
TALL = 1 / 30
SMOOTH = 2  # drawn that many times larger, then made small


def over(picture, shapes: list[dict]):
    """A copy of an upright RGB picture with everything blurred first, then everything else drawn in its order."""
    marked = picture.copy()
    for shape in shapes:
        if shape["kind"] == "blur":
            _destroy(marked, shape["points"])
    drawn = [shape for shape in shapes if shape["kind"] != "blur"]
    if drawn:
        large = (marked.width * SMOOTH, marked.height * SMOOTH)
        layer = Image.new("RGBA", large, (255, 255, 255, 0))
        pen = ImageDraw.Draw(layer)
        for shape in drawn:
            points = [(x * large[0], y * large[1]) for x, y in shape["points"]]
            DRAWN[shape["kind"]](pen, points, shape, max(large))
        layer = layer.resize(marked.size, Image.Resampling.BOX)
        marked.paste(layer, mask=layer)
    return marked


def _destroy(picture, points: list) -> None:
    grown = max(1, round(max(picture.size) * GROWN))
    xs, ys = sorted(x * picture.width for x, _ in points), sorted(y * picture.height for _, y in points)
    box = (max(0, int(xs[0]) - grown), max(0, int(ys[0]) - grown),
           min(picture.width, int(xs[-1]) + grown + 1), min(picture.height, int(ys[-1]) + grown + 1))
    region = picture.crop(box)
    longest = max(region.size)
    cells = tuple(max(1, round(CELLS * side / longest)) for side in region.size)
    means = region.resize(cells, Image.Resampling.BOX).point(lambda level: level // LEVELS * LEVELS + LEVELS // 2)
    smeared = means.resize(region.size, Image.Resampling.NEAREST).filter(ImageFilter.GaussianBlur(longest / CELLS / 2))
    picture.paste(smeared, box)


def _line(pen, points: list, colour: str, width: int) -> None:
    """With a light rim, so that it is seen on dark and on bright walls."""
    for tint, thick in (("#ffffff", width + max(2, width // 2)), (colour, width)):
        pen.line(points, fill=tint, width=thick, joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=tint)


def _pen(pen, points, shape, longest) -> None:
    _line(pen, points if len(points) > 1 else points * 2, shape["colour"], round(longest * THICK))


def _box(pen, points, shape, longest) -> None:
    (left, top), (right, bottom) = points
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    _line(pen, corners, shape["colour"], round(longest * THICK))


def _circle(pen, points, shape, longest) -> None:
    width = round(longest * THICK)
    xs, ys = sorted(x for x, _ in points), sorted(y for _, y in points)
    for tint, thick in (("#ffffff", width + max(2, width // 2)), (shape["colour"], width)):
        more = thick / 2
        pen.ellipse((xs[0] - more, ys[0] - more, xs[1] + more, ys[1] + more), outline=tint, width=round(thick))


def _arrow(pen, points, shape, longest) -> None:
    """From the first point to the second, where its head is."""
    (x, y), (tip_x, tip_y) = points
    width = round(longest * THICK)
    away = max(1.0, ((tip_x - x) ** 2 + (tip_y - y) ** 2) ** 0.5)
    along = ((tip_x - x) / away, (tip_y - y) / away)
    head = max(5 * width, min(8 * width, away / 3))
    neck = (tip_x - along[0] * head, tip_y - along[1] * head)
    _line(pen, [(x, y), neck], shape["colour"], width)
    for tint, more in (("#ffffff", width / 2), (shape["colour"], 0)):
        half, back = head * 0.45 + more, (neck[0] - along[0] * more, neck[1] - along[1] * more)
        pen.polygon([(tip_x + along[0] * more, tip_y + along[1] * more),
                     (back[0] - along[1] * half, back[1] + along[0] * half),
                     (back[0] + along[1] * half, back[1] - along[0] * half)], fill=tint)


def _text(pen, points, shape, longest) -> None:
    """From its top left corner; broken into lines where it is long, moved in where it would leave the picture."""
    width, height = pen.im.size
    size = max(8, round(longest * TALL))
    font, rim = ImageFont.truetype(str(FONT), size), max(2, size // 8)
    lines = _broken(shape["text"].split(), lambda words: pen.textlength(words, font=font) <= width - 6 * rim)
    wide, tall = max(pen.textlength(line, font=font) for line in lines), len(lines) * size * 1.25
    (x, y), edge = points[0], 2 * rim
    x, y = max(edge, min(x, width - wide - edge)), max(edge, min(y, height - tall - edge))
    for number, line in enumerate(lines):
        pen.text((x, y + number * size * 1.25), line, font=font, fill=shape["colour"], stroke_width=rim,
                 stroke_fill="#ffffff", anchor="la")


def _broken(words: list[str], fits) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if fits(longer) or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


DRAWN = {"pen": _pen, "box": _box, "circle": _circle, "arrow": _arrow, "text": _text}
