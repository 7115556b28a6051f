"""What a tablet keeps to start without a network: the list is whole, its hashes right, the same everywhere."""

import base64
import hashlib
import json
import re

from audit_app import create_app
from tests.factories import id_of
from tests.web.conftest import settings_in

ADDRESS = re.compile(r"/static/[^\"'#?)\s]+")


def listed(visitor) -> tuple[dict, str]:
    """What the worker says it keeps, and its code."""
    head, _, code = visitor.get("/sw.js").text.partition(";\n")
    return json.loads(head.removeprefix("const SHELL = ")), code


def test_every_file_of_the_list_is_what_a_stranger_gets_at_its_address(nobody):
    shell, _ = listed(nobody)
    wrong = [address for address, integrity in shell["files"].items()
             if integrity != "sha256-" + base64.b64encode(hashlib.sha256(nobody.get(address).data).digest()).decode()]
    assert not wrong and len(shell["files"]) > 20


def test_the_bundle_is_every_file_of_the_list_but_the_page_as_a_stranger_gets_it(nobody):
    shell, _ = listed(nobody)
    answer = nobody.get(shell["bundle"]["address"])
    assert shell["bundle"]["integrity"] == "sha256-" + base64.b64encode(hashlib.sha256(answer.data).digest()).decode()
    head, _, bodies = answer.data.partition(b"\n")
    files = json.loads(head)
    assert {file["address"] for file in files} == shell["files"].keys() - {shell["page"]}
    for file in files:
        alone = nobody.get(file["address"])
        assert (bodies[:file["length"]], file["type"]) == (alone.data, alone.content_type), file["address"]
        bodies = bodies[file["length"]:]
    assert not bodies


def test_a_page_that_stayed_open_through_an_update_is_told_to_load_anew_when_its_files_are_gone(nobody):
    """Where no service worker keeps them: in a private window, or without https."""
    shell, _ = listed(nobody)
    part = next(address for address in shell["files"] if address.endswith("/parts/rest.html"))
    said = re.search(r'data-say="guide.away">([^<]+)<', nobody.get(part).text)[1]
    before = re.sub(r"(?<=/static/)\w+", "0123456789ab", part)
    assert nobody.get(before).status_code == 404 and "tải lại trang" in said


def test_whatever_the_tablets_pages_and_their_files_name_is_in_the_list(an, nobody):
    """Else a screen would open online and fail in the basement."""
    shell, _ = listed(nobody)
    visit = f"/inspections/{id_of('draft')}"
    texts = {path: an.get(path).text for path in ("/", f"{visit}/capture", f"{visit}/guide", shell["page"])}
    texts |= {address: nobody.get(address).text for address in shell["files"] if not address.endswith(".png")}
    missing = set()
    for path, text in texts.items():
        folder = path.rsplit("/", 2)[0] if "/static/" in path else ""
        named = {found for found in ADDRESS.findall(text) if "." in found.rsplit("/", 1)[1]}
        if path.endswith(".js"):
            named |= {f"{path.rsplit('/', 1)[0]}/{name}.js" for name in re.findall(r"[\"'`]\./(\w+)\.js", text)}
            named |= {f"{folder}/vendor/{name}" for name in re.findall(r"\.\./vendor/([\w.-]+)", text)}
            named |= {f"{folder}/parts/{name}.html" for name in re.findall(r"\bpart\(\"(\w+)\"\)", text)}
            named |= {f"{folder}/js/{name}.js" for name in re.findall(r"\bscript\(\"(\w+)\"\)", text)}
        if path.endswith(".css"):
            named |= {f"{folder}/img/{name}" for name in re.findall(r"\.\./img/([\w.-]+)", text)}
        missing |= {f"{path} → {one}" for one in named - shell["files"].keys()}
    assert not missing


def test_the_worker_is_a_plain_script_asked_for_anew_each_time_and_sent_once(nobody):
    first = nobody.get("/sw.js")
    assert first.mimetype == "text/javascript" and first.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in first.headers
    assert nobody.get("/sw.js", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    _, code = listed(nobody)
    assert not re.search(r"^(import|export) |import\.meta|\bdocument\.|\blocalStorage\b", code, re.MULTILINE)
    assert code.count("skipWaiting") == 1, "only when a person agreed"


def test_another_process_makes_the_same_worker(nobody, tmp_path):
    other = create_app(settings_in(tmp_path))
    assert other.test_client().get("/sw.js").text == nobody.get("/sw.js").text


def test_the_home_screen_gets_a_name_and_icons_of_the_sizes_it_is_told(nobody):
    from io import BytesIO

    from PIL import Image

    page = nobody.get("/sign-in").text
    told = json.loads(nobody.get(re.search(r'rel="manifest" href="([^"]+)"', page)[1]).text)
    assert (told["start_url"], told["display"], told["lang"]) == ("/", "standalone", "vi")
    for icon in told["icons"]:
        size = Image.open(BytesIO(nobody.get(icon["src"]).data)).size
        assert f"{size[0]}x{size[1]}" == icon["sizes"]
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} >= {("192x192", "any"), ("512x512", "maskable")}
    assert nobody.get(re.search(r'rel="apple-touch-icon" href="([^"]+)"', page)[1]).status_code == 200


def test_what_stands_in_for_a_missing_page_names_nobody(an, nobody):
    shell, _ = listed(nobody)
    assert an.get(shell["page"]).data == nobody.get(shell["page"]).data
