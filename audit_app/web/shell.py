"""What a tablet needs to start without a network: the service worker, the files it keeps, the page that stands in."""

import hashlib
import json
import re

from flask import Blueprint, Flask, Response, current_app, render_template, request, url_for

from audit_app.config import ROOT
from audit_app.web import assets
from audit_app.web.gate import public

bp = Blueprint("shell", __name__)
STATIC = ROOT / "static"
SHEET = re.compile(r"/css/([a-z_-]+)\.css")
SCRIPT = re.compile(r"""["'`]\./(\w+)\.js""")
PAGES = ("account", "capture", "day", "offline", "typed", *assets.LATER)
TYPES = {"css": "text/css; charset=utf-8", "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
         "png": "image/png", "svg": "image/svg+xml; charset=utf-8", "webmanifest": "application/manifest+json"}
ICONS = ("icon-192", "icon-512", "icon-maskable-192", "icon-maskable-512", "icon-apple-180")


def install(app: Flask) -> None:
    """The page that stands in for one that is not here, and what makes an app of it on a home screen."""
    app.add_url_rule(f"{app.static_url_path}/offline.html", "offline", offline)
    app.add_url_rule(f"{app.static_url_path}/manifest.webmanifest", "manifest", manifest)
    app.add_url_rule(f"{app.static_url_path}/shell.bundle", "bundle", bundle)


@bp.get("/sw.js")
@public(unasked=True)
def worker():
    """The service worker: the list of the shell, then its code. Another byte anywhere makes another worker."""
    text = f"const SHELL = {json.dumps(listing(), indent=0)};\n{assets.one_script('shell')}\n"
    response = Response(text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    response.add_etag()
    return response.make_conditional(request)


@public(unasked=True)
def offline():
    """What is shown in place of a page that is not on the device."""
    return assets.packed("text/html", _offline())


@public(unasked=True)
def manifest():
    """Name, icons and colours for the home screen."""
    return assets.packed("application/manifest+json", _manifest())


@public(unasked=True)
def bundle():
    """All of the list but the page in one answer, a quarter smaller than one by one: a line with the types, addresses
    and lengths of the files as JSON, then the files. The page comes by itself: its headers are a page's."""
    return assets.packed("application/octet-stream", _made()[1])


def listing() -> dict:
    """The same in every process: {version, page: address of the offline page, bundle: {address, integrity},
    files: {address: integrity}}."""
    return _made()[0]


def _made() -> tuple[dict, bytes]:
    """The list and the bundle, made once."""
    kept = current_app.extensions.get("shell")
    if kept is None:
        bodies, page = dict(sorted(_files().items())), url_for("offline")
        files = {address: assets.integrity(body) for address, body in bodies.items()}
        version = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12]
        whole = _joined({address: body for address, body in bodies.items() if address != page})
        bundled = {"address": url_for("bundle"), "integrity": assets.integrity(whole)}
        kept = {"version": version, "page": page, "bundle": bundled, "files": files}, whole
        current_app.extensions["shell"] = kept
    return kept


def _joined(bodies: dict[str, bytes]) -> bytes:
    head = [{"address": address, "type": TYPES[address.rsplit(".")[-1]], "length": len(body)}
            for address, body in bodies.items()]
    return json.dumps(head).encode() + b"\n" + b"".join(bodies.values())


def _files() -> dict[str, bytes]:
    """Address → bytes of everything that pages without a network are made of; nothing of it is private."""
    texts = _scripts()
    texts |= {f"parts/{path.name}": render_template(f"parts/{path.name}") for path in assets.PARTS.glob("*.html")}
    texts |= {f"img/{name}.svg": assets.drawing(name) for name in assets.DRAWINGS}
    texts |= {"offline.html": _offline(), "manifest.webmanifest": _manifest()}
    sheets = {"site", *(name for text in texts.values() for name in SHEET.findall(text))}
    texts |= {f"css/{name}.css": assets.joined(name) for name in sheets}
    bodies = {name: text.encode() for name, text in texts.items()}
    for path in [*(STATIC / "vendor").glob("*.js"), *(STATIC / "img" / f"{name}.png" for name in ICONS)]:
        bodies[path.relative_to(STATIC).as_posix()] = path.read_bytes()
    return {f"{current_app.static_url_path}/{name}": body for name, body in bodies.items()}


def _scripts() -> dict[str, str]:
    """What the pages load, and what these load while they run."""
    texts, wanted = {}, list(PAGES)
    while wanted:
        name = wanted.pop()
        if f"js/{name}.js" not in texts:
            texts[f"js/{name}.js"] = text = assets.one_script(name)
            wanted += SCRIPT.findall(text)
    return texts


def _offline() -> str:
    return render_template("shell/offline.html", me=None, nav=[])


def _manifest() -> str:
    return render_template("shell/manifest.webmanifest")
