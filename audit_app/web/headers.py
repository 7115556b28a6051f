"""What every response carries: a strict content policy, no caching of private pages, a limit on bodies."""

import time
from contextlib import suppress

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface

from audit_app.rules.problems import Invalid

POLICY = ("default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'")
OF_PAGES = {"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()"}
"""What browsers heed on pages alone: every other answer to a tablet is 150 octets shorter without."""

UNFRAMED = ("text/javascript", "text/css")
"""What no browser shows in a frame."""

PIECE, MOST, PATIENCE = 256 * 1024, 128 * 1024 * 1024, 20


class Sessions(SecureCookieSessionInterface):
    """Flask's own, which keeps away from what is the same for all: browsers would fetch it anew with every cookie."""

    def save_session(self, app, session, response):
        """Neither a cookie nor `Vary: Cookie` on public answers."""
        if not response.cache_control.public:
            super().save_session(app, session, response)


def install(app: Flask, settings) -> None:
    """Hang both ends into the app."""
    app.session_interface = Sessions()
    app.before_request(_limit_body)
    app.before_request(_refuse_nameless)

    app.after_request(_read_away)

    @app.after_request
    def carry(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY + (
            f"; style-src 'self' '{g.style}'" if "style" in g else ""))
        response.headers["X-Content-Type-Options"] = "nosniff"
        if response.mimetype not in UNFRAMED:
            response.headers["X-Frame-Options"] = "DENY"
        if response.mimetype == "text/html":
            response.headers.update(OF_PAGES)
        if settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint == "static" and response.status_code in (200, 304):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _limit_body() -> None:
    """A view that takes photos says so in its gate; all others take pages only."""
    if request.blueprint == "sync":  # no forms there: what curl calls one would be read away before its view asks
        request.environ["CONTENT_TYPE"] = "application/octet-stream"
    view = current_app.view_functions.get(request.endpoint)
    limit = getattr(view, "limit", None)
    if limit:
        request.max_content_length = limit
        request.max_form_memory_size = limit


def _refuse_nameless() -> None:
    """A field of a form without a name is no field; Flask-WTF, which looks at names next, would stumble. Raises
    Invalid."""
    if request.method == "POST" and None in request.form:
        raise Invalid()


def _read_away(response: Response) -> Response:
    """Whoever is told no before the end goes on sending, and finds a closed line instead of our answer. What is left of
    a body is read away, as long as that takes neither too much nor too long."""
    left, until = min(request.content_length or 0, MOST), time.monotonic() + PATIENCE
    with suppress(OSError):  # they hung up themselves
        while left > 0 and time.monotonic() < until and (piece := request.environ["wsgi.input"].read(min(left, PIECE))):
            left -= len(piece)
    return response
