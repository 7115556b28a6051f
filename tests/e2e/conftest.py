"""The real thing for journeys: one server with its worker and demo data, one Chromium, people with their devices."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from audit_app.__main__ import browser
from tests.e2e.road import Road

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is in tests/requirements.txt")

ROOT = Path(__file__).resolve().parents[2]
QUIETLY = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
AHEAD, NOWHERE = "ahead", ""
TABLET, PHONE, DESK = {"width": 820, "height": 1180}, {"width": 390, "height": 844}, {"width": 1440, "height": 900}
ONLINE = {"service_workers": "block"}  # for tests without the worker, which each browser installs anew
CONTEXTS = pytest.StashKey[list]()
SEEN = """() => ({
  at: Math.round(performance.now()), html: { ...document.documentElement.dataset }, body: { ...document.body.dataset },
  sheets: [...document.querySelectorAll("dialog[open], .fetching")].map((one) =>
    [one.className, { ...one.dataset }, one.innerText.slice(0, 1500)]),
  asked: performance.getEntriesByType("resource").slice(-40).map(({ name, startTime, duration, responseStatus }) =>
    `${Math.round(startTime)} + ${Math.round(duration)} ms: ${responseStatus} ${name}`),
})"""
"""What a page shows and has asked for, for the report of a journey that failed."""
LIMIT, LATE = 180, "the journey took too long"  # seconds
PATIENCE = 30_000  # milliseconds: how long anything may take on a busy machine before a test gives up
# what Chromium says of a connection refused, the second of a worker whose script it was just fetching
REFUSED = ("net::ERR_", "An unknown error occurred when fetching the script.")
sync_api.expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Server:
    """A served house: its address, the passwords of its demo people, and the page of the visit An has ahead."""

    url: str
    passwords: dict[str, str]
    data: Path
    ahead: str

    def one(self, question: str, *said):
        """The one value that its database answers."""
        with closing(sqlite3.connect(f"file:{self.data}/audit.db?mode=ro", uri=True)) as connection:
            return connection.execute(question, said).fetchone()[0]

    def count(self, question: str, *said) -> int:
        """The answer of its database to a question that counts."""
        return self.one(question, *said)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 (our own loopback address)
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def server(tmp_path_factory, furnished) -> Iterator[Server]:
    """`python -m audit_app run` in a folder of its own, on a free loopback port, with demo data."""
    data = shutil.copytree(furnished, tmp_path_factory.mktemp("house") / "data")
    with closing(sqlite3.connect(data / "audit.db", isolation_level=None)) as db:
        quick = ("UPDATE inspection SET tier = 1, planned_for = date(planned_for, '+1 day') "
                 "WHERE planned_for > date('now', '+7 hours') RETURNING id")  # ahead after midnight, too
        ahead = UUID(db.execute(quick).fetchone()[0])  # 64 items: most tests open it, some of them often
    with running(data, free_port()) as url:
        yield Server(url, passwords(data), data, f"/inspections/{ahead}/capture")


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def running(data: Path, port: int) -> Iterator[str]:
    """`python -m audit_app run` over a folder, until the end of the block: its address. Whatever it logs as an error
    fails the test."""
    with (data / "log").open("w") as log:
        run = subprocess.Popen([sys.executable, "-m", "audit_app", "run"], cwd=ROOT, stdout=log, stderr=log,
                               env={**os.environ, "AUDIT_DATA": str(data), "AUDIT_BIND": f"127.0.0.1:{port}"})
    url, pause = f"http://127.0.0.1:{port}", threading.Event()
    try:
        while not _answers(f"{url}/healthz"):
            assert run.poll() is None, (data / "log").read_text("utf-8")
            pause.wait(0.2)
        yield url
    finally:
        run.terminate()
        run.wait(30)
    said = (data / "log").read_text("utf-8")
    assert "Traceback" not in said and "ERROR" not in said, said


def passwords(data: Path) -> dict[str, str]:
    """Of the demo people of a house."""
    lines = (data / "demo-accounts.txt").read_text("utf-8").splitlines()
    return {name: password for name, password, _ in map(str.split, lines)}


@pytest.fixture(scope="session")
def chromium() -> Iterator["sync_api.Browser"]:
    """Debian's Chromium, or whichever CHROMIUM names."""
    found = browser()
    if not found:
        pytest.skip("no Chromium on this machine; `python3 -m audit_app test` installs one")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=QUIETLY)
        yield started
        started.close()


def enter(page, server: Server, name: str) -> None:
    """Sign in on the page that asks for it."""
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(server.passwords[name])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.fixture(scope="session")
def sessions() -> dict[str, list]:
    """The cookies of those who have signed in on this server: the next browser of theirs goes on with them."""
    return {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A journey that fails says what its pages showed."""
    report = yield
    if call.excinfo and call.when == "call":
        for context in item.stash.get(CONTEXTS, []):
            for page in context.pages:
                report.sections.append((page.url, _shown(page)))
    return report


def _shown(page) -> str:
    try:
        seen = page.wait_for_function(SEEN, timeout=PATIENCE).json_value()  # a page that is stuck answers nothing
        return json.dumps(seen, ensure_ascii=False, indent=1)
    except sync_api.Error as error:
        return str(error)


@pytest.fixture(autouse=True)
def in_time(request) -> Iterator[None]:
    """A journey that asks a page for what never comes, loses its pages and fails where it stands; it would hold up all
    that come after it."""
    def close(*_) -> None:
        for context in request.node.stash.get(CONTEXTS, []):
            inner = context._impl_obj  # a signal comes between two steps of its loop
            inner._loop.call_soon_threadsafe(lambda inner=inner: inner._loop.create_task(inner.close(reason=LATE)))

    before = signal.signal(signal.SIGALRM, close)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def person(server, chromium, sessions, request):
    """`person("an", TABLET)` → a page on which An is signed in and at home, or in the visit AHEAD, or nowhere yet;
    every error on its console fails the test."""
    contexts, complaints = request.node.stash.setdefault(CONTEXTS, []), []

    def sign_in(name: str, size: dict, begin: str = "/", **more):
        context = chromium.new_context(viewport=size, has_touch=size is not DESK, locale="vi-VN",
                                       base_url=server.url, **more)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{name}: {error}"))
        page.on("console", lambda said: getattr(page, "tolerant", False) or _complain(complaints, name, said))
        context.add_cookies(sessions.get(name, []))
        if context.request.get("/account", max_redirects=0).status != 200:
            token = re.search(r'name="csrf_token" value="([^"]+)"', context.request.get("/sign-in").text())[1]
            said = {"csrf_token": token, "name": name, "password": server.passwords[name]}
            assert context.request.post("/sign-in", form=said, max_redirects=0).status == 302
        if begin:
            page.goto(server.ahead if begin == AHEAD else begin)
        sessions[name] = context.cookies()
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def road(server):
    """A line to the server that can be made slow or cut, and can carry another service worker."""
    made = Road(server.url)
    yield made
    made.close()


def shoot(page, name: str) -> None:
    """A picture of the whole page into the folder that SHOTS names, for whoever looks at every screen."""
    if folder := os.environ.get("SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}.png", full_page=True)


def _complain(complaints: list[str], name: str, said) -> None:
    """A refused connection is what a test without network wants; everything else on the console is a flaw."""
    where = said.location.get("url", "")  # HEAD asks how much is there; pictures may still be in the making
    nothing_yet = "404" in said.text and ("/blobs/" in where or where.endswith(("/thumb", "/screen")))
    refused = any(words in said.text for words in REFUSED)
    if said.type == "error" and not refused and not nothing_yet:
        complaints.append(f"{name}: {said.text} {where}")
