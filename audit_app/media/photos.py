"""The only door to Pillow and pi_heif: what a photo is, and its upright, metadata-free sizes.

Decoding happens in a child process (sandbox.py). Whatever a picture does in there, from a wrong chunk to a crash of
the decoder, comes out as PhotoUnreadable or PhotoTooLarge; Busy when the machine had no memory or time for it.
"""

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from audit_app.media import jpeg
from audit_app.media.exif import said
from audit_app.media.sandbox import ChildDied, ChildKilled, Sandbox
from audit_app.rules.problems import Busy, PhotoTooLarge, PhotoUnreadable

LARGEST_FILE = 25 * 1024 * 1024  # octets
LARGEST_PICTURE = 60_000_000  # pixels
SIZES = (1600, 1200, 320)  # long edge: screen, paper, thumbnail
WORKING_COPY = 2048  # long edge of what our tablets send; shown on screens as it is, without its metadata
HEAVIEST_COPY = 1_200_000  # octets; above, a picture of that size is worth encoding again
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")  # never "MPO": Pillow then raises KeyError; as JPEG such files open well

# 60 megapixels as RGBA, a turned copy and the interpreter fit into 1 GB; 20 s is ten times the slowest honest photo.
_children = Sandbox(__name__, memory=1024, cpu=20, wall=45)


@dataclass(frozen=True)
class Facts:
    """What a photo says about itself. `width`, `height` are those of the upright picture, in pixels.

    `orientation` is the EXIF value 1 to 8; `taken_at` is in UTC: EXIF clocks without an offset are read as Hà Nội's.
    `lat`, `lon` in degrees WGS 84.
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    make: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class Derived:
    """A JPEG made from a photo: upright sRGB pixels and nothing else."""

    data: bytes
    width: int
    height: int


def facts(path: str | Path) -> Facts:
    """What the photo at this path says about itself, from its headers only."""
    return _facts(_ask("facts", path)[0])


def check(path: str | Path) -> Facts:
    """Proves by decoding all of it that this is a picture we accept (JPEG, PNG, WebP, HEIC; 25 MB, 60 megapixels).

    What passes can also be made smaller: a picture that needs more memory for it than a child has is PhotoTooLarge.
    """
    return _facts(_ask("check", path)[0])


def ending(head: bytes) -> str:
    """How the name of a photo ends that begins with these bytes: jpg, png, webp or heic."""
    known = {b"\xff\xd8": "jpg", b"\x89P": "png", b"RI": "webp"}
    return known.get(head[:2], "heic")


def derive(path: str | Path, sizes: Iterable[int] = SIZES) -> dict[int, Derived]:
    """JPEGs whose long edge is at most each size: upright, sRGB, without metadata, never larger than the photo.

    One decode. A tablet's working copy (upright JPEG of at most 2,048 pixels) is its own largest size: its metadata
    is cut out and its pixels stay as they are, which costs a twentieth of encoding it again.
    """
    return _derived(*_ask("derive", path, sizes=sorted(set(sizes), reverse=True)))


def redact(path: str | Path, shapes: list[dict], sizes: Iterable[int] = SIZES) -> dict[int, Derived]:
    """What others may see of a photo: as `derive`, with its mark-up drawn and what was blurred destroyed in each size.

    `shapes`: {"kind", "points", "text", "colour"} as rules/markups keeps them, over the upright picture.
    """
    return _derived(*_ask("redact", path, sizes=sorted(set(sizes), reverse=True), shapes=shapes))


def _derived(value, bodies) -> dict[int, Derived]:
    try:
        return {int(s): Derived(body, int(w), int(h)) for (s, w, h), body in zip(value, bodies, strict=True)}
    except (TypeError, ValueError) as error:
        raise PhotoUnreadable() from error


def _ask(name: str, path, **given):
    if Path(path).stat().st_size > LARGEST_FILE:
        raise PhotoTooLarge()
    try:
        return _children.call(name, given | {"path": str(Path(path).absolute())})
    except ChildKilled as error:
        raise Busy() from error
    except ChildDied as error:
        raise PhotoUnreadable() from error


def _facts(told) -> Facts:
    try:
        taken_at = datetime.fromisoformat(told["taken_at"]) if told["taken_at"] else None
        return Facts(**told | {"taken_at": taken_at})
    except (TypeError, ValueError, KeyError) as error:
        raise PhotoUnreadable() from error


# ── In the child ──────────────────────────────────────────────────────────────────────────────────
def prepare() -> None:
    """Load the four decoders and no other."""
    import warnings

    import pi_heif
    from PIL import Image, ImageCms, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
    Image.MAX_IMAGE_PIXELS = LARGEST_PICTURE
    warnings.simplefilter("error", Image.DecompressionBombWarning)


@contextmanager
def _opened(given: dict):
    from PIL import Image

    try:
        with Image.open(given["path"], formats=FORMATS) as picture:
            if picture.width * picture.height > LARGEST_PICTURE:
                raise PhotoTooLarge()
            yield picture
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
        raise PhotoTooLarge() from error
    except (PhotoTooLarge, PhotoUnreadable):
        raise
    except Exception as error:  # SyntaxError, struct.error, KeyError … of broken and hostile files
        raise PhotoUnreadable() from error


def _child_facts(given, parts, ask):
    with _opened(given) as picture:
        return _described(picture), ()


def _child_check(given, parts, ask):
    with _opened(given) as picture:
        told = _described(picture)
        if told["format"] == "JPEG":
            # At an eighth of the size libjpeg still reads every bit of the picture, in a third of the time.
            picture.draft(picture.mode, (max(1, picture.width // 8), max(1, picture.height // 8)))
            picture.load()
        else:
            _sizes(picture, SIZES[:1])  # others are decoded as large as they are: `derive` must find the memory for it
        return told, ()


def _child_derive(given, parts, ask):
    with _opened(given) as picture:
        made, left = [], list(given["sizes"])
        copy = _clean_copy(picture, given["path"])
        while copy and left and (max(picture.size) <= left[0] or left[0] == SIZES[0]):
            made.append((left.pop(0), *picture.size, copy))
        made += _sizes(picture, left or [16])[: len(left)]  # nothing left: decoded all the same, as the proof
        return [(size, width, height) for size, width, height, _ in made], [data for *_, data in made]


def _child_redact(given, parts, ask):
    from audit_app.media import markup

    with _opened(given) as picture:
        made = _sizes(picture, given["sizes"], lambda plain: markup.over(plain, given["shapes"]))
        return [(size, width, height) for size, width, height, _ in made], [data for *_, data in made]


CALLS = {"facts": _child_facts, "check": _child_check, "derive": _child_derive, "redact": _child_redact}


def _sizes(picture, sizes: list[int], marked=lambda plain: plain) -> list[tuple[int, int, int, bytes]]:
    turn = _turn(picture)
    picture.draft("RGB" if picture.mode == "YCbCr" else picture.mode, _fitted(picture.size, sizes[0]))
    profile = picture.info.get("icc_profile")
    now = _resized(_flat(picture), _fitted(picture.size, sizes[0]))
    now = _in_srgb(now.transpose(turn) if turn is not None else now, profile)
    made = []
    for size in sizes:
        now = _resized(now, _fitted(now.size, size))
        now.info.clear()  # Pillow writes comments and profiles found in `info` back into what it saves
        out = BytesIO()
        marked(now).save(out, "JPEG", quality=70 if size <= 320 else 78)
        made.append((size, *now.size, out.getvalue()))
    return made


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = longest / max(size)
    return size if scale >= 1 else (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))


def _resized(picture, size: tuple[int, int]):
    from PIL import Image

    gap = 2.0 if max(size) > SIZES[-1] else 1.1  # a thumbnail may be halved and halved before its last step
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=gap)


def _flat(picture):
    """The first frame as 8-bit RGB (or CMYK/L where a profile may still be needed), see-through parts on white."""
    from PIL import Image

    if picture.mode in ("I;16", "I;16B", "I;16L", "I"):
        return picture.point(lambda level: level / 256).convert("L").convert("RGB")
    if picture.mode in ("RGB", "CMYK"):
        picture.load()
        return picture.copy() if picture.mode == "CMYK" else picture
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _turn(picture):
    from PIL import Image

    turns = Image.Transpose
    return {
        2: turns.FLIP_LEFT_RIGHT, 3: turns.ROTATE_180, 4: turns.FLIP_TOP_BOTTOM, 5: turns.TRANSPOSE,
        6: turns.ROTATE_270, 7: turns.TRANSVERSE, 8: turns.ROTATE_90,
    }.get(_orientation(picture))


def _in_srgb(picture, profile: bytes | None):
    """Phones photograph in Display P3; without its profile such a picture looks pale, so it is converted once."""
    from PIL import ImageCms

    if profile and not _is_srgb(profile):
        try:
            wide, narrow = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(picture, wide, narrow, outputMode="RGB")
        except Exception:  # noqa: S110 (a broken profile is no reason to refuse the evidence)
            pass
    return picture.convert("RGB")


def _is_srgb(profile: bytes) -> bool:
    from PIL import ImageCms

    try:
        return "srgb" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile))).lower()
    except Exception:
        return False


def _clean_copy(picture, path: str) -> bytes | None:
    """The file's own JPEG stream without metadata, when it can stand as it is: upright, YCbCr, sRGB, small."""
    plain = (
        picture.format == "JPEG" and picture.mode == "RGB" and max(picture.size) <= WORKING_COPY
        and Path(path).stat().st_size <= HEAVIEST_COPY and _orientation(picture) == 1
        and picture.info.get("adobe_transform", 1) == 1 and [layer[0] for layer in picture.layer] == [1, 2, 3]
    )
    profile = picture.info.get("icc_profile")
    return jpeg.bare(Path(path).read_bytes()) if plain and (not profile or _is_srgb(profile)) else None


def _described(picture) -> dict:
    turned = _orientation(picture) >= 5
    exif = picture.getexif()
    return {
        "format": "JPEG" if picture.format == "MPO" else picture.format,
        "width": picture.height if turned else picture.width,
        "height": picture.width if turned else picture.height,
        "orientation": _orientation(picture),
        **said(exif, exif.get_ifd(0x8769), exif.get_ifd(0x8825)),
    }


def _orientation(picture) -> int:
    value = picture.getexif().get(0x0112)  # libheif has turned a HEIC already, and says 1
    return value if value in range(1, 9) else 1
