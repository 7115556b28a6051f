"""What is no picture, is broken, or means harm is refused with a sentence; the server and the next photo go on."""

import random
import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from audit_app.media import photos
from audit_app.rules.problems import Busy, PhotoTooLarge, PhotoUnreadable
from tests.unit.drawing import PICTURES, RED, corners, near, quarters, seen


def refused(path, problem=PhotoUnreadable):
    for look in (photos.check, photos.derive):
        with pytest.raises(problem):
            look(path)


GIF = BytesIO()
quarters(40, 30).save(GIF, "GIF")


@pytest.mark.parametrize("data", [
    b"", b"\xff\xd8\xff", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    b"<!doctype html><script>alert(1)</script>", b"%PDF-1.7\n%\xe2\xe3", GIF.getvalue(), b"BM" + bytes(100),
    b"II*\0" + bytes(200), b"\0" * 5000, b"8BPS\0\1" + bytes(200), b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20),
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), b"\x89PNG\r\n\x1a\n" + bytes(100),
], ids=["empty", "three bytes", "SVG", "HTML", "PDF", "GIF", "BMP", "TIFF", "zeros", "PSD", "WebP", "HEIC", "PNG"])
def test_what_is_no_accepted_picture_is_refused(keep, data):
    refused(keep(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_a_picture_cut_off_anywhere_is_refused_or_whole(keep, kind):
    if kind == "HEIC":
        whole = (PICTURES / "quad.heic").read_bytes()
    else:
        noisy = Image.merge("RGB", [Image.effect_noise((240, 180), 60)] * 3)
        whole = keep(noisy, kind).read_bytes()
    for part in range(1, 40):
        cut = keep(whole[: len(whole) * part // 42])
        refused(cut)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_flipped_bytes_never_raise_anything_but_our_problems(keep, kind):
    whole = (PICTURES / "quad.heic").read_bytes() if kind == "HEIC" else keep(quarters(120, 90), kind).read_bytes()
    chance = random.Random(2542)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path = keep(bytes(broken))
        for look in (photos.facts, photos.check, photos.derive):
            try:
                look(path)
            except (PhotoUnreadable, PhotoTooLarge):
                continue


def test_random_bytes_are_refused(keep):
    chance = random.Random(7)
    for magic in (b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"RIFF....WEBPVP8L", b"....ftypheic"):
        refused(keep(magic + chance.randbytes(3000)))


def bomb(width, height, *, colour=2, rows=bytes(1000)) -> bytes:
    """A PNG of a few bytes that says it is this large; `colour` 2 is RGB, 0 is grey."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1))
            + chunk(b"IEND", b""))


@pytest.mark.parametrize("size", [(8000, 7501), (14_000, 14_000), (60_000, 60_000)], ids=["60", "196", "3600"])
def test_more_than_sixty_megapixels_are_too_large(keep, size):
    refused(keep(bomb(*size)), PhotoTooLarge)
    with pytest.raises(PhotoTooLarge):
        photos.facts(keep(bomb(*size)))


def test_what_cannot_be_made_smaller_is_refused_at_the_door_and_not_by_the_printer(keep):
    """Sixty megapixels are not the same memory in every picture: rows cost some, layers of see-through WebP most."""
    refused(keep(bomb(1, 60_000_000, colour=0, rows=bytes(120_000_000))), PhotoTooLarge)
    one_colour = "524946461e000000574542505650384c110000002f13de841707d0842634a1638188e87f0000"  # 7,700 pixels square
    refused(keep(bytes.fromhex(one_colour)), PhotoTooLarge)


def test_a_machine_without_time_for_a_photo_does_not_call_it_unreadable(keep, monkeypatch):
    path = keep(Image.new("RGB", (7000, 7000), (200, 30, 30)), "PNG", compress_level=1)
    photos.facts(path)  # a child is ready
    monkeypatch.setattr(photos._children, "wall", 0.05)
    with pytest.raises(Busy):
        photos.check(path)
    monkeypatch.undo()
    assert photos.check(path).format == "PNG"


def test_a_file_of_more_than_twenty_five_megabytes_is_too_large(keep):
    whole = keep(quarters(), "JPEG").read_bytes()
    assert photos.check(keep(whole + bytes(photos.LARGEST_FILE - len(whole)))).format == "JPEG"
    refused(keep(whole + bytes(photos.LARGEST_FILE + 1 - len(whole))), PhotoTooLarge)


def test_sixty_honest_megapixels_fit(keep):
    path = keep(Image.new("RGBA", (7740, 7740), (200, 30, 30, 255)), "PNG", compress_level=1)
    assert near(corners(seen(photos.derive(path, [320])[320])), [RED] * 4)


def test_a_compressed_text_bomb_in_a_png_is_refused(keep):
    whole = keep(quarters(), "PNG").read_bytes()
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    path = keep(whole[:33] + chunk + whole[33:])
    with suppress(PhotoUnreadable, PhotoTooLarge):
        photos.check(path)
    assert photos.check(keep(whole)).format == "PNG"
