"""Photos as tablets and phones make them come out upright, stripped and small; test_hostile_photos.py has the rest."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from audit_app.media import photos
from tests.unit.drawing import BLUE, GOLD, GREEN, PICTURES, RED, corners, near, quarters, seen

TURNS = Image.Transpose
UNDO = {  # what was done to an upright picture so that a viewer with this EXIF orientation sees it upright again
    1: None, 2: TURNS.FLIP_LEFT_RIGHT, 3: TURNS.ROTATE_180, 4: TURNS.FLIP_TOP_BOTTOM,
    5: TURNS.TRANSPOSE, 6: TURNS.ROTATE_90, 7: TURNS.TRANSVERSE, 8: TURNS.ROTATE_270,
}


def exif(orientation=None):
    """EXIF as a phone writes it, with a serial number and a place."""
    told = Image.Exif()
    if orientation:
        told[0x0112] = orientation
    told[0x010F], told[0x0110] = "Canary\0", "T-1000"
    told.get_ifd(0x8769).update({0x9003: "2026:11:20 09:41:07", 0xA431: "CANARY-SERIAL"})
    told.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.5), 3: "E", 4: (105.0, 51.0, 15.2)})
    return told


# ── Upright, small, stripped ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(400, 300), (2600, 1950)], ids=["small", "large"])
def test_all_eight_orientations_come_out_as_the_same_upright_picture(keep, orientation, size):
    upright = quarters(*size)
    turned = upright if UNDO[orientation] is None else upright.transpose(UNDO[orientation])
    path = keep(turned, "JPEG", quality=92, exif=exif(orientation))
    told = photos.facts(path)
    assert (told.width, told.height, told.orientation) == (*size, orientation)
    for longest, derived in photos.derive(path).items():
        assert near(corners(seen(derived)), [RED, GREEN, BLUE, GOLD])
        assert derived.width == min(longest, size[0]) and derived.height == round(derived.width * 3 / 4)


@pytest.mark.parametrize("how", [{"format": "PNG"}, {"format": "WEBP", "quality": 90}], ids=["PNG", "WebP"])
def test_other_formats_turn_upright_too(keep, how):
    path = keep(quarters().transpose(UNDO[6]), exif=exif(6), **how)
    assert near(corners(seen(photos.derive(path)[320])), [RED, GREEN, BLUE, GOLD])


@pytest.mark.parametrize("orientation", [1, 6])
def test_no_metadata_is_left_in_what_others_may_see(keep, orientation):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = keep(quarters(1800, 1350), "JPEG", exif=exif(orientation), comment=b"canary comment", icc_profile=profile,
                xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>canary xmp</x:xmpmeta>")
    path.write_bytes(path.read_bytes() + b"<html><script>canary</script>")
    assert path.read_bytes().lower().count(b"canary") >= 5
    for derived in photos.derive(path).values():
        assert b"canary" not in derived.data.lower() and derived.data.endswith(b"\xff\xd9")
        picture = seen(derived)
        picture.load()
        assert not picture.getexif() and set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert {marker for marker, _ in picture.applist} == {"APP0"}


def test_metadata_of_png_webp_and_heic_is_gone_too(keep):
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Comment", "canary")
    for path in (keep(quarters(), "PNG", pnginfo=text, exif=exif(1)), keep(quarters(), "WEBP", exif=exif(1)),
                 PICTURES / "quad.heic"):
        for derived in photos.derive(path).values():
            assert b"anary" not in derived.data and not seen(derived).getexif()


def test_a_picture_is_never_enlarged(keep):
    path = keep(quarters(300, 200), "PNG")
    assert {(d.width, d.height) for d in photos.derive(path).values()} == {(300, 200)}
    assert seen(photos.derive(keep(quarters(1, 1), "PNG"))[320]).size == (1, 1)


def test_a_thin_strip_keeps_at_least_one_pixel(keep):
    assert seen(photos.derive(keep(quarters(5000, 2), "PNG"))[320]).size == (320, 1)


def test_a_strip_a_few_pixels_wide_is_a_picture_like_any_other(keep):
    told = photos.check(keep(quarters(7, 400), "JPEG"))
    assert (told.width, told.height) == (7, 400)


def test_a_working_copy_is_shown_with_the_very_pixels_the_tablet_sent(keep):
    sent = quarters(2048, 1536)
    path = keep(sent, "JPEG", quality=82, exif=exif(1))
    made = photos.derive(path)
    assert (made[1600].width, made[1600].height) == (2048, 1536)
    assert not ImageChops.difference(seen(made[1600]), Image.open(BytesIO(path.read_bytes()))).getbbox()
    assert len(made[1600].data) < path.stat().st_size
    assert (made[1200].width, made[320].width) == (1200, 320)
    assert photos.derive(path, [320])[320].width == 320


@pytest.mark.parametrize("how", [{"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 8}],
                         ids=["progressive", "4:4:4", "restart markers"])
def test_a_working_copy_may_be_any_kind_of_plain_jpeg(keep, how):
    path = keep(quarters(1500, 1000), "JPEG", quality=85, **how)
    made = photos.derive(path)
    assert not ImageChops.difference(seen(made[1600]), Image.open(BytesIO(path.read_bytes()))).getbbox()


def test_sizes_are_as_sharp_as_the_plain_way(keep):
    drawn = Image.merge("RGB", [Image.effect_noise((400, 300), 70).resize((3200, 2400), Image.Resampling.BICUBIC)] * 3)
    path = keep(drawn, "JPEG", quality=90)
    plain = Image.open(BytesIO(path.read_bytes())).resize((1600, 1200), Image.Resampling.LANCZOS)
    out = BytesIO()
    plain.save(out, "JPEG", quality=78)
    true = drawn.resize((1600, 1200), Image.Resampling.LANCZOS)
    assert noise(seen(photos.derive(path)[1600]), true) <= noise(Image.open(out), true) * 1.12  # within 0.5 dB


def noise(one, other) -> float:
    difference = ImageChops.difference(one.convert("RGB"), other)
    return sum(value**2 for value in ImageStat.Stat(difference).rms) ** 0.5


# ── Kinds of pictures ─────────────────────────────────────────────────────────────────────────────
def test_heic_from_a_tablet_is_read_with_its_facts():
    told = photos.check(PICTURES / "quad.heic")
    assert (told.format, told.width, told.height, told.model) == ("HEIF", 320, 240, "T-1")
    assert told.taken_at == datetime(2026, 11, 20, 2, 41, tzinfo=UTC)
    assert near(corners(seen(photos.derive(PICTURES / "quad.heic")[320])), [RED, GREEN, BLUE, GOLD], by=20)


def test_see_through_parts_become_white(keep):
    drawn = quarters(mode="RGBA")
    drawn.putalpha(Image.new("L", drawn.size, 0))
    for mode, how in (("RGBA", {}), ("LA", {}), ("PA", {})):
        path = keep(drawn.convert(mode) if mode != "PA" else drawn.quantize(8), "PNG", **how)
        photos.check(path)
    assert near(corners(seen(photos.derive(keep(drawn, "PNG"))[320])), [(255, 255, 255)] * 4, by=3)


def test_grey_black_and_white_and_palette_pictures_are_read(keep):
    for mode in ("L", "1", "P", "LA"):
        assert seen(photos.derive(keep(quarters(mode=mode), "PNG"))[320]).size == (320, 240)
    assert seen(photos.derive(keep(quarters(mode="L"), "JPEG"))[320]).size == (320, 240)


def test_sixteen_bits_of_grey_keep_their_tones(keep):
    levels = Image.new("I;16", (64, 64))
    levels.putdata([256 * 128] * 64 * 64)
    assert near(corners(seen(photos.derive(keep(levels, "PNG"))[320])), [(128,) * 3] * 4, by=3)


def test_cmyk_jpeg_is_read_in_its_colours(keep):
    path = keep(quarters(mode="CMYK"), "JPEG", quality=95)
    assert near(corners(seen(photos.derive(path)[320])), [RED, GREEN, BLUE, GOLD], by=20)


def test_the_first_frame_of_an_animation_is_taken(keep):
    frames = [quarters(), Image.new("RGB", (400, 300), "black")]
    path = keep(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert near(corners(seen(photos.derive(path)[320])), [RED, GREEN, BLUE, GOLD])


def test_a_phone_jpeg_with_a_second_picture_behind_is_a_jpeg(keep):
    path = keep(quarters(), "MPO", save_all=True, append_images=[quarters(200, 150)])
    assert Image.open(BytesIO(path.read_bytes())).format == "MPO"
    assert photos.check(path).format == "JPEG"
    assert near(corners(seen(photos.derive(path)[1600])), [RED, GREEN, BLUE, GOLD])


def test_another_colour_space_is_brought_to_srgb(keep):
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = plain.replace("sRGB".encode("utf-16-be"), "Odd1".encode("utf-16-be"))
    swapped = swapped.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    path = keep(quarters(), "JPEG", quality=92, icc_profile=swapped)  # its "red" is what we call blue
    red, _, blue, _ = corners(seen(photos.derive(path)[1600]))
    assert red[2] > red[0] and blue[0] > blue[2]


def test_a_colour_profile_that_does_not_fit_is_no_reason_to_refuse_evidence(keep):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 5000)).tobytes()
    for profile in (lab, b"no profile at all"):
        path = keep(quarters(), "JPEG", quality=92, icc_profile=profile)
        assert near(corners(seen(photos.derive(path)[320])), [RED, GREEN, BLUE, GOLD])


# ── Facts ─────────────────────────────────────────────────────────────────────────────────────────
def test_time_place_and_device_are_read(keep):
    told = photos.facts(keep(quarters(), "JPEG", exif=exif(1)))
    assert told.taken_at == datetime(2026, 11, 20, 2, 41, 7, tzinfo=UTC)  # 09:41 in Hà Nội
    assert (told.lat, told.lon, told.make, told.model) == (21.028472, 105.854222, "Canary", "T-1000")


def test_a_clock_with_an_offset_is_believed(keep):
    told = exif(1)
    told.get_ifd(0x8769)[0x9011] = "-05:30"
    assert photos.facts(keep(quarters(), "JPEG", exif=told)).taken_at == datetime(2026, 11, 20, 15, 11, 7, tzinfo=UTC)


def test_facts_that_make_no_sense_are_left_out(keep):
    told = Image.Exif()
    told[0x0112], told[0x010F] = 77, "\x07\x1b[31m"
    told.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    told.get_ifd(0x8825).update({1: "N", 2: (921.0, 1.0, 42.5), 3: "E", 4: (105.0, 51.0, 15.2)})
    found = photos.facts(keep(quarters(), "JPEG", exif=told))
    assert (found.orientation, found.taken_at, found.lat, found.lon, found.model) == (1, None, None, None, None)
    assert found.make == "[31m"


def test_the_place_zero_zero_is_no_place(keep):
    told = Image.Exif()
    told.get_ifd(0x8825).update({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})
    assert photos.facts(keep(quarters(), "JPEG", exif=told)).lat is None
