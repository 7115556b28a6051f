"""Photo intake (speed.md B): ours against Pillow as everybody writes it; `python -m tests.bench.intake`."""

import hashlib
import math
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat

from audit_app.media import photos
from tests.bench.measure import apart, cpu, line, report

SIZES = (1600, 320)


def camera(path: Path) -> None:
    """A 12-megapixel photo as a tablet's camera writes it, turned by EXIF."""
    ground = Image.effect_noise((250, 188), 70).resize((4000, 3000), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((4000, 3000), 12)
    picture = Image.blend(Image.merge("RGB", [ground] * 3), Image.merge("RGB", [grain] * 3), 0.25)
    ImageDraw.Draw(picture).rectangle((200, 200, 1400, 700), fill=(250, 250, 240))
    told = Image.Exif()
    told[0x0112] = 6
    picture.save(path, "JPEG", quality=93, exif=told)


def working_copy(original: Path, path: Path) -> None:
    """What the tablet sends first: 2,048 px, upright, no metadata."""
    with Image.open(original) as picture:
        small = ImageOps.exif_transpose(picture)
        small.thumbnail((2048, 2048))
        small.save(path, "JPEG", quality=82)


def naive(path: Path) -> dict[int, bytes]:
    """Decode all, turn, shrink each size from the whole."""
    made = {}
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        for size in SIZES:
            small = upright.copy()
            small.thumbnail((size, size), Image.Resampling.LANCZOS)
            out = BytesIO()
            small.save(out, "JPEG", quality=78)
            made[size] = out.getvalue()
    hashlib.sha256(path.read_bytes()).hexdigest()
    return made


def ours(path: Path, sizes=SIZES) -> dict[int, bytes]:
    """The work of media/photos.py's child, here in this process, so that only the method is compared."""
    value, bodies = photos.CALLS["derive"]({"path": str(path), "sizes": sorted(sizes, reverse=True)}, (), None)
    hashlib.sha256(path.read_bytes()).hexdigest()
    return {size: body for (size, *_), body in zip(value, bodies, strict=True)}


def fresh(kind: str, path: str, sizes: str) -> None:
    """Processor seconds and memory of one method in a process of its own; `idle` is the process without the work."""
    photos.prepare()
    wanted = [int(size) for size in sizes.split(",")]
    work = {"idle": lambda: None, "naive": lambda: naive(Path(path)), "ours": lambda: ours(Path(path), wanted)}[kind]
    report(cpu=cpu(work))


def psnr(one: bytes, other: bytes) -> float:
    """Decibel between two JPEGs of about the same size."""
    a, b = Image.open(BytesIO(one)).convert("RGB"), Image.open(BytesIO(other)).convert("RGB")
    worst = sum(value**2 for value in ImageStat.Stat(ImageChops.difference(a, b.resize(a.size))).rms) / 3
    return 99.0 if worst == 0 else 10 * math.log10(255**2 / worst)


def sharpness_lost(path: Path) -> float:
    """How many decibel ours is behind the naive way, both against the undamaged 1600 px picture."""
    with Image.open(path) as picture:
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((1600, 1600), Image.Resampling.LANCZOS)
        out = BytesIO()
        upright.save(out, "PNG")
    return psnr(naive(path)[1600], out.getvalue()) - psnr(ours(path)[1600], out.getvalue())


def main() -> None:
    """Print the table of speed.md B."""
    photos.prepare()
    with tempfile.TemporaryDirectory() as folder:
        original, copy = Path(folder) / "original.jpg", Path(folder) / "copy.jpg"
        camera(original)
        working_copy(original, copy)
        print(f"12 MP JPEG of {original.stat().st_size / 1e6:.1f} MB -> upright {SIZES} px and hash; "
              f"working copy of {copy.stat().st_size / 1e6:.2f} MB")
        me = "tests.bench.intake"
        idle = apart(me, "idle", str(original), "320")["peak"]
        base = apart(me, "naive", str(original), "320")
        memory = base["peak"] - idle
        line("Pillow, naive", f"{base['cpu'] * 1000:.0f} ms, {memory:.0f} MiB")
        for what, path, sizes, goal, lean in (
            ("ours, original", original, "1600,320", 0.45, 0.35),
            ("ours, working copy", copy, "1600,320", 0.05, None),
            ("ours, original, with the 1200 px for paper", original, "1600,1200,320", None, None),
            ("ours, working copy, with the 1200 px for paper", copy, "1600,1200,320", None, None),
        ):
            found = apart(me, "ours", str(path), sizes)
            line(what, f"{found['cpu'] * 1000:.1f} ms", found["cpu"] / base["cpu"], goal)
            line("   memory above an idle process", f"{found['peak'] - idle:.1f} MiB",
                 (found["peak"] - idle) / memory, lean)
        through = cpu(lambda: photos.derive(copy, SIZES), times=9)
        line("   of which in the server's own process (pipes)", f"{through * 1000:.1f} ms", through / base["cpu"])
        lost = sharpness_lost(original)
        line("dB lost at 1600 px against naive", f"{lost:.2f} dB", lost, 0.5)


if __name__ == "__main__":
    fresh(*sys.argv[1:]) if len(sys.argv) > 1 else main()
