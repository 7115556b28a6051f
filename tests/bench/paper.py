"""The findings PDF (speed.md A): ours against plain WeasyPrint and Chromium; `python -m tests.bench.paper`."""

import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path

from audit_app.__main__ import browser as installed
from audit_app.media import pdf
from tests.bench.measure import apart, descendants, line, memory_of, of_process, report
from tests.unit.printing import CSS, notice, page
from tests.unit.sample_snapshot import pictures, snapshot

NAIVE = """.gallery { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm } .shot { display: block; width: auto }
table { table-layout: auto; border-collapse: collapse } .frame img { width: 100%; image-rendering: auto }"""


def visit(photos: int, rows: int = 80) -> dict:
    """The report of speed.md A: 80 rows with a citation each, on 12 pages with 40 photos. 100 rows: a real visit."""
    s = snapshot(photos=photos, faults=3 if rows == 80 else 10, tier=2)
    if rows == 80:
        s |= {"equipment": [], "recommendations": []}
        for section in s["sections"]:
            section["items"] = [short(item) for item in section["items"]][:round(0.8 * len(section["items"]))]
        known = [item["id"] for section in s["sections"] for item in section["items"]]
        for one in (*s["photos"], *s["findings"]):
            one["item"] = one["item"] if one["item"] in known else known[0]
        s["findings"] = s["findings"][:3]
        s["score"] |= {"critical_failed": []}
    return s


def short(item: dict) -> dict:
    """A row as short as those that were measured for speed.md: a line of question, a line of law."""
    short = item["citations"][:1] or [{"short": "NĐ 118/2025 Đ8", "in_force": True}]
    return item | {"text": item["text"][:48], "citations": short, "note": (item["note"] or "")[:60]}


def plain_html(photos: int, folder: Path, rows: int = 80) -> str:
    """The same paper as one writes it first: pictures as files, in one grid."""
    for sha256, data in pictures(photos).items():
        (folder / f"{sha256}.jpg").write_bytes(data)
    html = page(visit(photos, rows)).replace("evidence:", folder.as_uri() + "/")
    html = re.sub(r'(src="[^"]+/[0-9a-f]{64})"', r'\1.jpg"', html)
    shots = re.findall(r'<div class="shot".*?</div>\s*</div>', html, re.S)
    first, last = html.index('<div class="pair">'), html.rindex("</section>")
    return f'{html[:first]}<div class="gallery">{"".join(shots)}</div>{html[last:]}'


def repeated(work, times: int, whose: int | None = None) -> dict:
    """Warm, then the median processor time of `times` runs; then once more, watching the memory of all processes.

    `whose`: the process that is measured with all below it; this one unless another is named.
    """
    pid, taken = whose or os.getpid(), []
    for _ in range(times + 2):
        before = of_process(pid)
        work()
        taken.append(of_process(pid) - before)
    return {"cpu": statistics.median(taken[2:]), "memory": most_memory(work, pid)}


def most_memory(work, pid: int) -> float:
    """MiB at the worst moment of doing it, in a process and all below it."""
    peak, done = [0.0], threading.Event()

    def watch():
        while not done.wait(0.05):
            peak.append(memory_of(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return max(peak)


def ours(photos: int, rows: int) -> None:
    """Ours: the door with its child process, tags, both archival claims, the attachment."""
    s = visit(photos, rows)
    data = notice(s)
    measured = repeated(lambda: notice(s), 5)
    printing = most_memory(lambda: notice(s), descendants(os.getpid())[0])
    report(**measured, printing=printing, size=len(data), pictures=sum(map(len, pictures(photos).values())))


def plain(photos: int, rows: int) -> None:
    """WeasyPrint as its first page of documentation shows it: no tags, no archive, no attachment."""
    from weasyprint import HTML

    with tempfile.TemporaryDirectory() as folder:
        html = plain_html(photos, Path(folder), rows)
        measured = repeated(lambda: HTML(string=html).write_pdf(stylesheets=[*map(str, CSS), _sheet()]), 1)
    report(**measured)


def _sheet():
    from weasyprint import CSS as Sheet

    return Sheet(string=NAIVE)


def chromium(photos: int, rows: int, fresh: bool = True) -> None:
    """A warm Chromium printing the same page, tagged (no archive, no attachment): the browser's own processes only.

    `fresh`: each paper in a tab of its own, as ours has a process of its own: nothing of one paper is left when the
    next is printed. Else all in one tab, which keeps what it loaded for the paper before.
    """
    sync_playwright = import_module("playwright.sync_api").sync_playwright
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        file = Path(folder) / "paper.html"
        style = f'<link rel="stylesheet" href="{CSS[0].as_uri()}"><style>.shot {{ display: table-cell }}</style>'
        html = re.sub(r'(src=")evidence:([0-9a-f]{64})', rf"\1{folder}/\2.jpg", page(visit(photos, rows)))
        file.write_text(html.replace("</head>", style + "</head>"))
        plain_html(photos, Path(folder), rows)
        browser = play.chromium.launch(executable_path=peer(), args=["--no-sandbox", "--disable-gpu"])
        kept = browser.new_page()

        def print_it():
            tab = browser.new_page() if fresh else kept
            tab.goto(file.as_uri(), wait_until="load")
            tab.pdf(prefer_css_page_size=True, tagged=True)
            if fresh:
                tab.close()

        measured = repeated(print_it, 7, whose=first_of("chrom"))
        browser.close()
    report(**measured)


def peer() -> str | None:
    """The browser itself where there is one, as speed.md A measured it; the one without windows prints for half."""
    return shutil.which("chromium") or installed()


def kept_tab(photos: int, rows: int) -> None:
    """Chromium with one tab for all papers."""
    chromium(photos, rows, fresh=False)


def first_of(program: str) -> int:
    """The process below this one that runs a program, with all its own below it."""
    def named(pid: int) -> bool:
        name = Path(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()).name
        return program in name and "crashpad" not in name
    return min(pid for pid in descendants(os.getpid()) if named(pid))


def say(what: str, found: dict, base: dict | None = None, goal: float | None = None) -> None:
    ratio = found["cpu"] / base["cpu"] if base else None
    line(what, f"{found['cpu']:.2f} s, {found['memory']:.0f} MiB", ratio, goal)


def compared(rows: int, goals: tuple) -> dict:
    """Ours with 40 photos against both peers in the same run."""
    me, how, own = "tests.bench.paper", ("40", str(rows)), f"ours, {rows} rows"
    print(f"{rows} rows, {len(visit(40, rows)['findings'])} findings, 40 photos; processor seconds, warm")
    mine, plainly = apart(me, "ours", *how), apart(me, "plain", *how)
    say("plain WeasyPrint, photos in a grid", plainly)
    say(f"{own}: PDF/A-3a, PDF/UA-1, findings.json", mine, plainly, goals[0])
    if peer():
        print(f"Chromium is {Path(peer()).name}")
        browser, kept = apart(me, "chromium", *how), apart(me, "kept_tab", *how)
        say("Chromium, a tab for each paper", browser)
        say(f"{own}, against it", mine, browser, goals[1])
        line("   memory of the printing processes, as of Chromium's own", f"{mine['printing']:.0f} MiB",
             mine["printing"] / browser["memory"], 0.3)
        line("   memory with the process that asks for the paper", f"{mine['memory']:.0f} MiB",
             mine["memory"] / browser["memory"])
        say("Chromium, one tab for all papers (each sees the last)", kept)
        say(f"{own}, against it", mine, kept)
    size(mine)
    return mine


def size(found: dict) -> None:
    line("   size against the sum of its pictures", f"{found['size'] / 1e6:.2f} MB",
         found["size"] / found["pictures"], 1.03)


def main() -> None:
    """Print the table of speed.md A: its report, then a real visit, then one with very many photos."""
    ours_40 = compared(80, (0.45, 0.5))
    compared(100, (0.45, 0.5))
    ours_400 = apart("tests.bench.paper", "ours", "400", "80")
    say("ours, 400 photos, against ours with 40", ours_400, ours_40, 3.5)
    size(ours_400)
    print(json.dumps({"photos per second": round(400 / ours_400["cpu"])}))
    pdf._printers.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](*map(int, sys.argv[2:])) if len(sys.argv) > 1 else main()
