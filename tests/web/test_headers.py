"""What every answer carries, and what it says to browsers and proxies in between."""

import base64
import hashlib
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from flask import request
from sqlalchemy import delete

from audit_app import create_app
from audit_app.records.models import Assignment
from audit_app.web.headers import POLICY as PLAIN
from tests.factories import id_of
from tests.web.conftest import settings_in

DRAFT = id_of("draft")


@pytest.mark.parametrize("path", ["/", f"/inspections/{DRAFT}/capture", "/sync/hello", "/nothing"])
def test_a_private_page_is_kept_by_nobody(an, path):
    answered = an.get(path)
    assert answered.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answered.headers["Vary"]


def test_an_answer_to_a_stranger_is_kept_by_nobody_either(nobody):
    """Else a proxy shows the next person the way to somebody else's page."""
    for path in ("/", "/sign-in", f"/inspections/{DRAFT}", "/sync/hello", "/healthz"):
        assert "no-store" in nobody.get(path).headers["Cache-Control"], path


def test_nothing_may_run_that_is_not_ours_and_nobody_may_frame_us(an):
    policy = dict(part.strip().split(" ", 1) for part in an.get("/").headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'" and policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'" and policy["object-src"] == "'none'" and policy["form-action"] == "'self'"
    assert "script-src" not in policy and "'unsafe-inline'" not in str(policy)
    carried = an.get("/").headers
    assert carried["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "camera=(self)" in carried["Permissions-Policy"] and "microphone=()" in carried["Permissions-Policy"]
    assert "Server" not in carried and "X-Powered-By" not in carried


def test_what_browsers_heed_on_pages_alone_makes_no_other_answer_longer(an):
    only = {"Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"}
    assert only <= set(an.get("/nothing").headers.keys()) and not only & set(an.get("/sync/hello").headers.keys())


def test_the_tablets_page_heeds_the_one_style_it_brings_and_no_other(an):
    """A page that waited for its sheet would be seen one way to the server later (speed.md D)."""
    page, policy = (answer := an.get(f"/inspections/{DRAFT}/capture")).text, answer.headers["Content-Security-Policy"]
    brought, = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    named = base64.b64encode(hashlib.sha256(brought.encode()).digest()).decode()
    assert policy.split("; ")[1:] == [*PLAIN.split("; ")[1:], f"style-src 'self' 'sha256-{named}'"]
    assert an.get("/").headers["Content-Security-Policy"] == PLAIN


def test_without_https_nobody_is_told_to_come_back_by_https(an):
    assert "Strict-Transport-Security" not in an.get("/").headers


def test_what_has_a_hash_in_its_address_is_kept_for_ever_and_holds_no_secret(an, nobody):
    page = an.get(f"/inspections/{DRAFT}/capture").text
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert len(addresses) >= 3
    for address in addresses:
        kept = nobody.get(address)
        assert kept.status_code == 200, address
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable", address
        assert "Set-Cookie" not in kept.headers and "Cookie" not in kept.headers.get("Vary", ""), address


def test_what_a_style_sheet_or_a_script_asks_for_is_there(an, nobody):
    visits = [f"/inspections/{id_of(name)}/capture" for name in ("draft", "issued")]
    page = "".join(an.get(path).text for path in ("/", *visits))
    wanted, seen = set(re.findall(r'"(/static/[^"#]+\.(?:css|js))', page)), {}
    brought = re.findall(r'url\("([^"]+)"\)', page)  # by the sheet in the page: its drawings are in it
    assert brought
    for drawing in brought:
        text = unquote(drawing.removeprefix("data:image/svg+xml,"))
        assert ElementTree.fromstring(text).tag.endswith("svg")  # noqa: S314 (our own)
    while wanted:
        address = wanted.pop()
        seen[address] = text = nobody.get(address).text
        inside = re.findall(r"""url\(["']?([^"')]+)["']?\)""", text) if address.endswith(".css") else re.findall(
            r"""(?:from|import)\s*\(?["'](\./[^"']+)["']""", text)
        for target in inside:
            if target.startswith(("data:", "#")):
                continue
            whole = address.rsplit("/", 1)[0] + "/" + target.split("#")[0].split("?")[0]
            while "/../" in whole:
                whole = re.sub(r"/[^/]+/\.\./", "/", whole, count=1)
            whole = whole.replace("/./", "/")
            assert nobody.get(whole).status_code == 200, f"{address} asks for {target}"
            if whole.endswith((".css", ".js")) and whole not in seen:
                wanted.add(whole)
    assert "X-CSRFToken" in "".join(text for address, text in seen.items() if address.endswith(".js"))


@pytest.mark.parametrize("packing", ["gzip", "br"])
def test_a_page_comes_packed_where_the_browser_can_unpack_it(app, an, packing):
    plain = an.get(f"/inspections/{DRAFT}/capture")
    with app.test_client(use_cookies=False) as bare:  # without the eyes that read every page as text
        packed = type(bare).__mro__[1].open(bare, f"/inspections/{DRAFT}/capture", headers={
            "Accept-Encoding": packing, "Cookie": f"audit={an.get_cookie('audit').value}"})
    assert packed.status_code == 200 and packed.headers["Content-Encoding"] == packing
    assert len(packed.data) < len(plain.data) / 4 and "Content-Encoding" not in plain.headers


def test_nobody_makes_the_app_believe_in_another_host(app):
    """A link in an answer never leads to a host that the asker made up."""
    nobody = app.test_client()
    answered = nobody.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example",
                                        "X-Forwarded-For": "1.2.3.4"})
    assert answered.status_code == 302 and answered.location.startswith("/sign-in")


def test_behind_a_proxy_the_address_of_the_person_counts_and_what_a_stranger_writes_there_does_not(tmp_path):
    """Else all people behind the proxy slow each other down at sign-in, or nobody is slowed down at all."""
    for proxies, address in ((0, "127.0.0.1"), (1, "192.0.2.7")):
        app, seen = create_app(settings_in(tmp_path / str(proxies), proxies=proxies)), []
        app.before_request(lambda seen=seen: seen.append(request.remote_addr))
        app.test_client().get("/sw.js", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"})
        assert seen == [address]


def test_a_browser_asks_for_a_photo_each_time_and_is_told_when_its_copy_will_do(an, database):
    photo = an.whole(DRAFT)["rows"]["photos"][0]["id"]
    path = f"/inspections/{DRAFT}/photos/{photo}/thumb"
    first = an.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    named = {"If-None-Match": first.headers["ETag"]}
    assert an.get(path, headers=named).status_code == 304
    with database.transaction() as db:
        db.execute(delete(Assignment).where(Assignment.inspection_id == DRAFT))
    assert an.get(path, headers=named).status_code == 404, "and not to who has no right to it any more"
