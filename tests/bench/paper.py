"""The findings PDF (speed.md A): ours against plain WeasyPrint and Chromium; `python -m tests.bench.paper`."""

import json
import os
import re
import statistics
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path

from audit_app.media import pdf
from tests.bench.measure import apart, line, memory_of, of_process, report
from tests.unit.printing import CSS, notice, page
from tests.unit.sample_snapshot import pictures, snapshot

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
NAIVE = """.gallery { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm } .shot { display: block; width: auto }
table { table-layout: auto; border-collapse: collapse } .frame img { width: 100%; image-rendering: auto }"""


def visit(photos: int) -> dict:
    """A full visit with this many photos and about a dozen findings."""
    return snapshot(photos=photos, faults=10, tier=2)


def plain_html(photos: int, folder: Path) -> str:
    """The same paper as one writes it first: pictures as files, in one grid."""
    for sha256, data in pictures(photos).items():
        (folder / f"{sha256}.jpg").write_bytes(data)
    html = page(visit(photos)).replace("evidence:", folder.as_uri() + "/")
    html = re.sub(r'(src="[^"]+/[0-9a-f]{64})"', r'\1.jpg"', html)
    shots = re.findall(r'<div class="shot".*?</div>\s*</div>', html, re.S)
    first, last = html.index('<div class="pair">'), html.rindex("</section>")
    return f'{html[:first]}<div class="gallery">{"".join(shots)}</div>{html[last:]}'


def repeated(work, times: int) -> dict:
    """Warm, then the median processor time of `times` runs; then once more, watching the memory of all processes."""
    work()
    taken = []
    for _ in range(times):
        before = of_process(os.getpid())
        work()
        taken.append(of_process(os.getpid()) - before)
    return {"cpu": statistics.median(taken), "memory": most_memory(work)}


def most_memory(work) -> float:
    """MiB at the worst moment of doing it, in this process and all below it."""
    peak, done = [0.0], threading.Event()

    def watch():
        while not done.wait(0.05):
            peak.append(memory_of(os.getpid()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return max(peak)


def ours(photos: int) -> None:
    """Ours: the door with its child process, tags, both archival claims, the attachment."""
    s = visit(photos)
    data = notice(s)
    measured = repeated(lambda: notice(s), 5)
    report(**measured, size=len(data), pictures=sum(map(len, pictures(photos).values())))


def plain(photos: int) -> None:
    """WeasyPrint as its first page of documentation shows it: no tags, no archive, no attachment."""
    from weasyprint import HTML

    with tempfile.TemporaryDirectory() as folder:
        html = plain_html(photos, Path(folder))
        measured = repeated(lambda: HTML(string=html).write_pdf(stylesheets=[*map(str, CSS), _sheet()]), 1)
    report(**measured)


def _sheet():
    from weasyprint import CSS as Sheet

    return Sheet(string=NAIVE)


def chromium(photos: int) -> None:
    """A warm Chromium printing the same page (no archive, no attachment)."""
    sync_playwright = import_module("playwright.sync_api").sync_playwright
    browser_path = next(path for path in CHROMIUM if Path(path).exists())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        file = Path(folder) / "paper.html"
        style = f'<link rel="stylesheet" href="{CSS[0].as_uri()}"><style>.shot {{ display: table-cell }}</style>'
        html = re.sub(r'(src=")evidence:([0-9a-f]{64})', rf"\1{folder}/\2.jpg", page(visit(photos)))
        file.write_text(html.replace("</head>", style + "</head>"))
        plain_html(photos, Path(folder))
        browser = play.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()

        def print_it():
            tab.goto(file.as_uri(), wait_until="load")
            tab.pdf(prefer_css_page_size=True, tagged=True)

        measured = repeated(print_it, 5)
        browser.close()
    report(**measured)


def say(what: str, found: dict, base: dict | None = None, goal: float | None = None) -> None:
    ratio = found["cpu"] / base["cpu"] if base else None
    line(what, f"{found['cpu']:.2f} s, {found['memory']:.0f} MiB", ratio, goal)


def main() -> None:
    """Print the table of speed.md A."""
    me = "tests.bench.paper"
    items = sum(len(section["items"]) for section in visit(40)["sections"])
    print(f"A notice with {items} items, {len(visit(40)['findings'])} findings and 40 photos; processor seconds, warm")
    ours_40, plain_40 = apart(me, "ours", "40"), apart(me, "plain", "40")
    say("plain WeasyPrint, photos in a grid", plain_40)
    say("ours: PDF/A-3a, PDF/UA-1, findings.json", ours_40, plain_40, 0.45)
    if any(Path(path).exists() for path in CHROMIUM):
        browser = apart(me, "chromium", "40")
        say("Chromium", browser)
        say("ours against Chromium", ours_40, browser, 0.5)
        memory = ours_40["memory"] / browser["memory"]
        line("   memory against Chromium", f"{ours_40['memory']:.0f} MiB", memory, 0.3)
    ours_400 = apart(me, "ours", "400")
    say("ours, 400 photos, against ours with 40", ours_400, ours_40, 3.5)
    for found in (ours_40, ours_400):
        line("   size against the sum of its pictures", f"{found['size'] / 1e6:.2f} MB",
             found["size"] / found["pictures"], 1.03)
    print(json.dumps({"photos per second": round(400 / ours_400["cpu"])}))
    pdf._printers.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](int(sys.argv[2])) if len(sys.argv) > 1 else main()
