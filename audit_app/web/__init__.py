"""How the app is reached: every page and every door of it, put together once."""

import hashlib
from pathlib import Path

from flask import Flask
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from audit_app.actions import issue, minutes, pictures  # noqa: F401  (their handlers register themselves)
from audit_app.actions.jobs import Queue, Tools
from audit_app.actions.people import LASTS, Passwords
from audit_app.config import ROOT, Settings
from audit_app.media.blobs import Blobs
from audit_app.records.catalogue import Catalogue
from audit_app.records.db import Database
from audit_app.rules import wording
from audit_app.web import assets, doors, errors, frame, gate, headers, shell, signin

PAGE = 2 * 1024 * 1024
"""Octets a request body may have, unless its view says more."""


def build(settings: Settings | None = None) -> Flask:
    """The app: settings, stores, pages, gate. Refuses to start when a view has no gate or a checklist a flaw."""
    settings = settings or Settings.from_environment()
    static = ROOT / "static"
    app = Flask("audit_app", template_folder=ROOT / "templates", static_folder=static,
                static_url_path=f"/static/{_version(static, ROOT / 'templates')}")
    app.secret_key = settings.secret_key
    app.config.update(
        PERMANENT_SESSION_LIFETIME=5 * LASTS, SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_NAME="__Host-audit" if settings.secure else "audit", WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False, MAX_CONTENT_LENGTH=PAGE, MAX_FORM_MEMORY_SIZE=PAGE, MAX_FORM_PARTS=2_000,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000, COMPRESS_STREAMS=False,
        COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=8, COMPRESS_LEVEL=9,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(wording.FILTERS)
    _open_stores(app, settings)
    headers.install(app, settings)  # before CSRF: a view's own body limit must stand before anything reads the body
    csrf = CSRFProtect(app)
    Compress(app)
    signin.install(app, csrf)
    frame.install(app)
    assets.install(app)
    shell.install(app)
    for door in doors.ALL:
        app.register_blueprint(door.bp)
    errors.handle(app)
    gate.guard(app)
    if settings.proxies:  # exactly as many as there are: what a stranger puts into these headers is worth nothing
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
    return app


def _open_stores(app: Flask, settings: Settings) -> None:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    tools = Tools(database=Database(settings.database_url), blobs=Blobs.open(settings.blobs_url),
                  catalogue=Catalogue(settings.checklists), templates=app.jinja_env, settings=settings)
    queue = Queue(settings.queue_url)
    tools.database.send = queue.send
    app.extensions.update(
        settings=settings, tools=tools, database=tools.database, blobs=tools.blobs, catalogue=tools.catalogue,
        queue=queue, passwords=Passwords(cheap=settings.cheap_passwords),
    )


def _version(*folders: Path) -> str:
    """A name for the state of all static files and templates: in the address of the files, so that browsers may keep
    them for ever, and said of a page that a tablet keeps, so that it is shown with the files it was made for."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.is_file() and "fonts" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]
