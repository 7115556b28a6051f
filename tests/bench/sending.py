"""Sending a finished visit (speed.md E): `python -m tests.bench.sending [--only N]`, 80 answers, 40 photos of 300 kB.

The page itself sends, in a real browser, through a line of so many bits a second that is cut now and then. Printed as
ratios: time against what the bytes alone need, bytes against the payload.
"""

import argparse
import base64
import json
import os
import sqlite3
import threading
import time
import uuid
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from audit_app.__main__ import browser as installed
from tests.bench.capture import TABLET, ours
from tests.bench.line import Line
from tests.bench.measure import line

sync_api = pytest.importorskip("playwright.sync_api")

PHOTOS, ANSWERS, SIZE = 40, 80, 300_000
DOWN, PATIENCE = 0.5, 300
RUNS = [("8 Mbit/s", 1e6, 0.0, 1.1), ("8 Mbit/s, cut every 5 s", 1e6, 5.0, 1.2),
        ("1.5 Mbit/s, cut every 10 s", 187_500, 10.0, 1.2)]
STORE = """async ([user, inspection, rows, photos]) => {
  const { $hash, $store } = globalThis.$rest;
  for (const row of rows) await $store.put({ user, inspection, kind: "answers", row, state: "waiting" });
  for (const { item, bytes } of photos) {
    const buffer = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer;
    const sha256 = await $hash.sha256(buffer);
    const row = { id: crypto.randomUUID(), item, sha256, working: null, taken_at: new Date().toISOString(),
      source: "gallery" };
    await $store.putPhoto({ user, inspection, kind: "photos", row, state: "waiting" },
      [{ sha256, role: "working", type: "image/jpeg", buffer }]);
  }
}"""


def noise() -> str:
    """A photo of about 300 kB that no other one is like, in base64."""
    picture = Image.frombytes("RGB", (330, 330), os.urandom(330 * 330 * 3)).resize((1024, 768))
    for quality in range(95, 40, -3):
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= SIZE * 1.02:
            break
    return base64.b64encode(out.getvalue()).decode()


def fill(page, items: list[str], photos: list[str]) -> int:
    """Put a finished visit into the tablet's store, as if it had been made without a network; its bytes."""
    facts = page.evaluate("({...document.body.dataset})")
    at = datetime.now(UTC).isoformat()
    rows = [{"id": str(uuid.uuid4()), "item": items[number % len(items)], "value": "dat", "note": f"Lượt {number}",
             "answered_at": at} for number in range(ANSWERS)]
    page.evaluate(STORE, [facts["user"], facts["inspection"], rows, []])
    for number, data in enumerate(photos):
        page.evaluate(STORE, [facts["user"], facts["inspection"], [],
                              [{"item": items[number % len(items)], "bytes": data}]])
    return sum(len(base64.b64decode(data)) for data in photos) + len(json.dumps(rows))


def run(page, wire: Line, folder: Path, rate: float, cut: float) -> dict:
    """Send once over such a line: {seconds, up, payload, cuts, answers: when the last answer was there}."""
    items = page.locator('fieldset[data-kind="a3"]').evaluate_all("all => all.map((one) => one.dataset.item)")
    page.context.set_offline(True)
    payload = fill(page, items, [noise() for _ in range(PHOTOS)])
    answers, photos = count(folder, "answer") + ANSWERS, count(folder, "photo") + PHOTOS
    wire.rate, wire.up, wire.cuts, wire.cut_every, wire.down_for = rate, 0, 0, cut, DOWN if cut else 0.0
    began, done, pause = time.monotonic(), {}, threading.Event()
    page.context.set_offline(False)
    while count(folder, "photo") < photos:
        assert time.monotonic() - began < PATIENCE, f"{photos - count(folder, 'photo')} photos are still missing"
        if "answers" not in done and count(folder, "answer") >= answers:
            done["answers"] = time.monotonic() - began
        pause.wait(0.05)
    done |= {"seconds": time.monotonic() - began, "up": wire.up, "payload": payload, "cuts": wire.cuts}
    wire.rate = wire.cut_every = 0.0
    return done


def count(folder: Path, table: str) -> int:
    """How many rows there are; the tables are named here, never by anybody else."""
    with sqlite3.connect(f"file:{folder}/audit.db?mode=ro", uri=True) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


def opened(browser, wire: Line, folder: Path):
    """An's visit, open on her tablet at the other end of the line."""
    name, password, _ = (folder / "demo-accounts.txt").read_text("utf-8").splitlines()[0].split()
    page = browser.new_context(viewport=TABLET, base_url=wire.url).new_page()
    page.goto("/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    visit = next(one["id"] for one in page.request.get("/sync/inspections").json() if one["state"] == "draft")
    page.goto(f"/inspections/{visit}/capture")
    page.wait_for_selector("html[data-whole]")
    return page


def main() -> None:
    """Print the table."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--only", type=int, choices=range(len(RUNS)), help="one line of the table")
    only = said.parse_args().only
    with ours() as (server, folder), Line((urlsplit(server).hostname, urlsplit(server).port)) as wire, \
            sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=["--no-sandbox", "--disable-gpu"])
        page = opened(browser, wire, folder)
        for number, (name, rate, cut, goal) in enumerate(RUNS):
            if only not in (None, number):
                continue
            done = run(page, wire, folder, rate, cut)
            limit = done["payload"] / rate
            reachable = limit * (cut + DOWN) / cut if cut else limit
            print(f"{name}: {done['payload'] / 1e6:.1f} MB, the bytes alone {limit:.1f} s, {done['cuts']} cuts")
            line("  time against what is reachable", f"{done['seconds']:.1f} s", done["seconds"] / reachable, goal)
            line("  bytes sent against the payload", f"{done['up'] / 1e6:.2f} MB", done["up"] / done["payload"], 1.15)
            line("  the last answer was there after", f"{done['answers']:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
