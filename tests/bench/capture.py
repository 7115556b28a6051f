"""The tablet's page (speed.md D), CPU 4 x slower, slow 4G: `python -m tests.bench.capture [--enketo FOLDER] [--bare]`.

The baseline is a form of enketo-core when a built one is given (tests.bench.enketo builds it): a folder whose
script marks «answering» once `form.init()` has run and whose radios have our values. Else it is a naive page: the same
items drawn by a plain script from JSON beside 437 kB of script, the weight of the peer's whole bundle: such a page
shows what the weight costs, not what the peer computes, so the goals of speed.md are judged only with --enketo.
"""

import argparse
import functools
import gzip
import hashlib
import http.server
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request
import uuid
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from audit_app.__main__ import browser as installed
from tests.bench.measure import line

SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
TABLET = {"width": 820, "height": 1180}
TIMES, TAPS, THUMBNAILS, PEER = 3, 25, 40, 437_000
# That the page answers is heard, not looked for: looking lays a page out before its style is here.
WATCH = """window.busy = 0; new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.busy += task.duration - 50;
}).observe({ type: "longtask", buffered: true });
new PerformanceObserver((list, all) => {
  if (list.getEntriesByName("answering").length) { all.disconnect(); console.debug("answering"); }
}).observe({ type: "mark", buffered: true });"""
TAP = """(box) => new Promise((done) => {
  const began = performance.now();
  (box.querySelector("input[value=khong_dat]:not(:checked)") ?? box.querySelector("input[value=dat]")).click();
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => done(performance.now() - began);
    after.port2.postMessage(0);
  });
})"""
NAIVE = """const form = document.querySelector("form");
for (const [i, item] of items.entries()) {
  const box = document.createElement("fieldset");
  box.className = "question";
  box.innerHTML = `<legend>${item}</legend>` + ["dat", "mot_phan", "khong_dat", "khong_ap_dung"].map((word) =>
    `<label><input type="radio" name="i${i}" value="${word}">${word}</label>`).join("") + "<textarea></textarea>";
  form.append(box);
}
form.addEventListener("change", () => {
  const said = Object.fromEntries(new FormData(form));
  document.querySelector("output").textContent = `${Object.keys(said).length}/${items.length}`;
});
performance.mark("answering");"""


@contextmanager
def ours():
    """A served house with demo data in a folder of its own: (address, folder)."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        run = subprocess.Popen([sys.executable, "-m", "audit_app", "run"], stdout=subprocess.DEVNULL,
                               env={**os.environ, "AUDIT_DATA": folder, "AUDIT_BIND": f"127.0.0.1:{port}"})
        try:
            until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).status == 200)
            yield f"http://127.0.0.1:{port}", Path(folder)
        finally:
            run.terminate()
            run.wait(30)


def until(true) -> None:
    """Ask twice a second, for two minutes at most."""
    pause = threading.Event()
    for _ in range(240):
        try:
            if true():
                return
        except OSError:
            pass
        pause.wait(0.5)
    raise TimeoutError


@contextmanager
def peer(folder: Path):
    """A folder served on loopback, packed as servers do it."""
    class Packed(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            path = Path(self.translate_path(self.path))
            path = path / "index.html" if path.is_dir() else path
            body = gzip.compress(path.read_bytes()) if path.is_file() and path.suffix != ".bin" else b""
            self.send_response(200 if path.is_file() else 404)
            for name, value in (("Content-Type", self.guess_type(str(path))), ("Content-Encoding", "gzip"),
                                ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Packed, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def naive(folder: Path, items: list[str]) -> None:
    """The page as one writes it first; its script weighs about PEER octets on the line when packed."""
    noise = "".join(hashlib.sha512(str(n).encode()).hexdigest() for n in range(PEER // 80))  # hex packs to half
    code = "".join(f'function f{n}(a){{return a+"{noise[n * 100:n * 100 + 100]}"}}\n' for n in range(len(noise) // 100))
    (folder / "bundle.js").write_text(f"{code}const items = {json.dumps(items, ensure_ascii=False)};\n{NAIVE}", "utf-8")
    (folder / "index.html").write_text('<!doctype html><meta charset="utf-8"><title>naive</title><output></output>'
                                       '<form></form><script src="bundle.js"></script>', "utf-8")


def visit(browser, server: str, folder: Path, given):
    """An's context and a visit of the given tier with THUMBNAILS photos whose thumbnails are made; `given.bare`: with
    none, at an agency where nobody was before, as the peer's form knows neither photos nor a last visit."""
    name, password, _ = (folder / "demo-accounts.txt").read_text("utf-8").splitlines()[0].split()
    context = browser.new_context(viewport=TABLET, has_touch=True, locale="vi-VN", base_url=server,
                                  service_workers="block")  # cold: nothing from the shell
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    ask = context.request
    drafts = [i["id"] for i in ask.get("/sync/inspections").json() if i["state"] == "draft"]
    found = next(id for id in drafts if not given.bare or not ask.get(f"/sync/inspections/{id}").json()["previous"])
    with sqlite3.connect(folder / "audit.db", timeout=30) as db:  # the demo has no visit of the widest tier
        db.execute("update inspection set tier = ? where replace(id, '-', '') = ?",
                   [given.tier, found.replace("-", "")])
    here = f"/sync/inspections/{found}"
    headers = {"X-CSRFToken": ask.get("/sync/hello").json()["csrf"]}
    items = [i for s in ask.get(here).json()["checklist"]["sections"] for i in s["items"]]
    photos, wanted = [], 0 if given.bare else THUMBNAILS
    for number, item in zip(range(wanted), [i for i in items if i["photo"] != "none"] * 2, strict=False):
        body = photo(number)
        name = hashlib.sha256(body).hexdigest()
        ask.put(f"{here}/blobs/{name}", data=body, headers=headers | {"Content-Type": "image/jpeg"})
        photos.append({"id": str(uuid.uuid4()), "item": item["id"], "sha256": name, "working": None, "source": "camera",
                       "taken_at": "2026-11-23T02:00:00Z", "lat": None, "lon": None, "accuracy": None})
    said = ask.post(f"{here}/rows", data={"photos": photos}, headers=headers).json()
    assert len(said["kept"]) == len(photos), said
    page.goto(f"/inspections/{found}/capture")
    for address in page.locator("[data-photo] img").evaluate_all("(all) => all.map((one) => one.src)"):
        until(lambda address=address: ask.get(address).headers.get("content-type", "").startswith("image/jpeg"))
    page.close()
    return context, f"{server}/inspections/{found}/capture", [item["text"] for item in items]


def photo(number: int) -> bytes:
    """A small JPEG unlike any other."""
    out = BytesIO()
    Image.effect_noise((640, 480), 20 + number).save(out, "JPEG")
    return out.getvalue()


def opened(context, address: str) -> dict:
    """One cold opening, with nothing on the device but the sign-in, and TAPS taps that change answers: what it took."""
    page = context.new_page()
    page.add_init_script(WATCH)
    line_to = context.new_cdp_session(page)
    asked, sizes = {}, {}
    line_to.on("Network.responseReceived", lambda e: asked.__setitem__(e["requestId"], e["response"]["url"]))
    line_to.on("Network.loadingFinished", lambda e: sizes.__setitem__(e["requestId"], e["encodedDataLength"]))
    for command, values in (("Network.enable", {}), ("Network.clearBrowserCache", {}),
                            ("Storage.clearDataForOrigin", {"origin": "/".join(address.split("/")[:3]),
                                                            "storageTypes": "local_storage,indexeddb"}),
                            ("Network.emulateNetworkConditions", SLOW),
                            ("Emulation.setCPUThrottlingRate", {"rate": 4})):
        line_to.send(command, values)
    with page.expect_console_message(lambda said: said.text == "answering", timeout=120_000):
        page.goto(address, wait_until="commit")
    at = page.evaluate("performance.getEntriesByName('answering')[0]?.startTime ?? performance.now()")
    whole = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    took = {"ready": at, "whole": whole, "blocking": page.evaluate("window.busy"), "paint": page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")}
    loaded = {asked[i]: size for i, size in sizes.items() if i in asked and "/photos/" not in asked[i]}
    spots = page.locator(":is(fieldset[data-item], fieldset.question):has(input[value=khong_dat])")
    waits = [spots.nth(n).evaluate(TAP) for n in range(0, spots.count(), max(1, spots.count() // TAPS))]
    page.close()
    return took | {"worst": max(waits), "median": statistics.median(waits), "loaded": loaded}


def weights(context, loaded: dict) -> None:
    """What each file of the page weighs, as browsers get it and as the two packings make it."""
    total = {"br": 0, "gzip": 0}
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies())
    for address in loaded:
        if not address.startswith("http") or "/sync/" in address:
            continue
        said = {}
        for packing in total:
            asked = urllib.request.Request(address,  # noqa: S310 (our own loopback address)
                                           headers={"Accept-Encoding": packing, "Cookie": cookie})
            body = urllib.request.urlopen(asked)  # noqa: S310
            octets = body.read()
            packed = body.headers["Content-Encoding"] is not None or packing == "br"
            said[packing] = len(octets) if packed else len(gzip.compress(octets))
            total[packing] += said[packing]
        line("   " + address.rsplit("/", 1)[-1], f"{said['br'] / 1e3:.1f} br {said['gzip'] / 1e3:.1f} gz")
    line("   together, the later file included", f"{total['br'] / 1e3:.1f} br {total['gzip'] / 1e3:.1f} gz")


def middle(runs: list[dict]) -> dict:
    """The median of every figure; octets on the line until all of it is here, photos left out."""
    figures = {key: statistics.median(run[key] for run in runs) for key in runs[0] if key != "loaded"}
    return figures | {"octets": sum(runs[0]["loaded"].values())}


def main() -> None:
    """Print the table of speed.md D."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--enketo", type=Path, help="a folder with a built enketo-core form")
    asked.add_argument("--bare", action="store_true", help="without photos and without a last visit, like the peer")
    asked.add_argument("--tier", type=int, default=3, help="1: 64 items, 2: 100, 3: 112 (speed.md D speaks of 80)")
    given = asked.parse_args()
    sync_playwright = pytest.importorskip("playwright.sync_api", reason="the bench drives Chromium").sync_playwright
    with ours() as (server, data), sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=installed(), args=[
            "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        context, address, items = visit(browser, server, data, given)
        naive(Path(folder), items)
        other = browser.new_context(viewport=TABLET, has_touch=True)
        with peer(given.enketo or Path(folder)) as beside:
            runs = [(opened(context, address), opened(other, beside)) for _ in range(TIMES)]
        print(f"{len(items)} items, {0 if given.bare else THUMBNAILS} thumbnails, median of {TIMES}; baseline: "
              + ("enketo-core" if given.enketo else f"a naive page with {PEER / 1e3:.0f} kB of script"))
        mine, theirs = (middle([run[side] for run in runs]) for side in (0, 1))
        for what, key, unit, goal in (("octets on the line", "octets", 1e3, 0.1), ("first paint", "paint", 1, 0.6),
                                      ("ready to answer", "ready", 1, 0.4), ("all of it here", "whole", 1, None),
                                      ("blocking", "blocking", 1, None), ("tap to paint, worst", "worst", 1, 0.5),
                                      ("tap to paint, median", "median", 1, None)):
            name = "kB" if unit == 1e3 else "ms"
            line(what, f"{mine[key] / unit:.0f} ({theirs[key] / unit:.0f}) {name}",
                 mine[key] / theirs[key] if theirs[key] else None, goal if given.enketo and theirs[key] else None)
        weights(context, runs[0][0]["loaded"])
        browser.close()


if __name__ == "__main__":
    main()
