"""Pictures for the demo data, drawn here so that nobody's office and nobody's face is shown. Uses Pillow to draw."""

import random
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from audit_app.config import ROOT

SIZE = (1600, 1200)
FONT = ROOT / "static/fonts/AuditSerif-Bold.ttf"
WALLS = ((226, 220, 206), (214, 222, 226), (222, 226, 214), (230, 214, 206))


def draw(scene: str, words: str, *, seed: int) -> bytes:
    """A JPEG of 1600 × 1200: `scene` is sign, board, kiosk, desk, chairs or box; `words` stand on the sign.

    The same arguments give the same picture.
    """
    dice = random.Random(seed)  # noqa: S311 (a drawing, not a secret)
    picture = Image.new("RGB", SIZE, dice.choice(WALLS))
    pen = ImageDraw.Draw(picture)
    _room(pen, dice)
    SCENES[scene](pen, dice)
    _sign(pen, words, dice)
    out = BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def _room(pen: ImageDraw.ImageDraw, dice) -> None:
    """A floor of tiles in perspective, and a lamp."""
    pen.rectangle((0, 860, 1600, 1200), fill=(168, 160, 148))
    for x in range(-1600, 3201, 160):
        pen.line((800 + (x - 800) * 0.35, 860, x, 1200), fill=(150, 142, 130), width=3)
    for y in (860, 900, 960, 1050, 1180):
        pen.line((0, y, 1600, y), fill=(150, 142, 130), width=3)
    left = dice.randrange(200, 900)
    pen.rounded_rectangle((left, 30, left + 420, 60), 12, fill=(252, 250, 240))


def _sign(pen: ImageDraw.ImageDraw, words: str, dice) -> None:
    """The board with the words, in the blue or red of public offices; long words are set smaller."""
    colour = dice.choice(((12, 74, 128), (176, 24, 36)))
    font = ImageFont.truetype(str(FONT), 56)
    while pen.textlength(words, font=font) > 1300 and font.size > 24:
        font = ImageFont.truetype(str(FONT), font.size - 4)
    width = pen.textlength(words, font=font)
    left = (1600 - width) / 2
    pen.rounded_rectangle((left - 50, 110, left + width + 50, 250), 10, fill=colour, outline=(250, 250, 250), width=5)
    pen.text((left, 180), words, font=font, fill=(255, 252, 230), anchor="lm")


def _board(pen, dice) -> None:
    pen.rectangle((260, 320, 1340, 830), fill=(120, 84, 52))
    pen.rectangle((280, 340, 1320, 810), fill=(196, 170, 128))
    for column in range(6):
        for row in range(3):
            if dice.random() < 0.12:
                continue
            x, y = 310 + column * 168, 360 + row * 148
            pen.rectangle((x, y, x + 130, y + 128), fill=(250, 250, 246))
            for line in range(9):
                pen.line((x + 12, y + 18 + line * 12, x + 118 - dice.randrange(40), y + 18 + line * 12),
                         fill=(110, 110, 120), width=3)


def _kiosk(pen, dice) -> None:
    for x in (420, 900):
        pen.rounded_rectangle((x, 380, x + 260, 1020), 24, fill=(52, 62, 76))
        lit = dice.random() < 0.7
        pen.rounded_rectangle((x + 24, 410, x + 236, 700), 8, fill=(72, 146, 196) if lit else (16, 18, 22))
        for line in range(4 if lit else 0):
            pen.rectangle((x + 44, 440 + line * 58, x + 216, 474 + line * 58), fill=(226, 238, 246))
        pen.rectangle((x + 60, 760, x + 200, 776), fill=(12, 14, 18))


def _desk(pen, dice) -> None:
    for x in (120, 600, 1080):
        pen.rectangle((x, 640, x + 400, 690), fill=(140, 98, 58))
        pen.rectangle((x + 20, 690, x + 380, 900), fill=(172, 124, 78))
        pen.rectangle((x + 120, 470, x + 290, 600), fill=(36, 40, 46))
        pen.rectangle((x + 130, 480, x + 280, 590), fill=(98, 156, 190) if dice.random() < 0.8 else (30, 30, 30))
        pen.rectangle((x + 190, 600, x + 220, 640), fill=(60, 60, 66))


def _chairs(pen, dice) -> None:
    for row in range(2):
        for column in range(7):
            x, y = 130 + column * 196 + row * 20, 560 + row * 200
            colour = (58, 96, 140) if dice.random() < 0.9 else (150, 60, 50)
            pen.rounded_rectangle((x, y, x + 140, y + 100), 16, fill=colour)
            pen.rounded_rectangle((x - 6, y + 100, x + 150, y + 132), 12, fill=tuple(c - 20 for c in colour))
            pen.line((x + 20, y + 132, x + 14, y + 190), fill=(70, 70, 76), width=8)
            pen.line((x + 120, y + 132, x + 128, y + 190), fill=(70, 70, 76), width=8)


def _box(pen, dice) -> None:
    pen.rounded_rectangle((610, 430, 990, 830), 14, fill=(196, 36, 44))
    pen.rectangle((690, 500, 910, 520), fill=(40, 8, 10))
    pen.rectangle((660, 580, 940, 720), fill=(250, 248, 240))
    for line in range(4):
        pen.line((690, 610 + line * 28, 910 - dice.randrange(60), 610 + line * 28), fill=(90, 90, 96), width=5)
    pen.ellipse((784, 750, 816, 782), fill=(220, 190, 90))


def _plain(pen, dice) -> None:
    pen.rectangle((560, 380, 1040, 1000), fill=(146, 106, 70))
    pen.rectangle((580, 400, 790, 980), fill=(188, 208, 216))
    pen.rectangle((810, 400, 1020, 980), fill=(188, 208, 216))
    pen.ellipse((772, 680, 828, 736), fill=(206, 180, 96))


SCENES = {"sign": _plain, "board": _board, "kiosk": _kiosk, "desk": _desk, "chairs": _chairs, "box": _box}
