"""Signing in and out, over sessions kept on the server: they die at once when a person is disabled."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect

from audit_app.actions import people
from audit_app.rules.permissions import Action
from audit_app.rules.problems import CsrfRefused, Problem
from audit_app.web import people_forms
from audit_app.web.gate import allow, public

bp = Blueprint("signin", __name__)
manager = LoginManager()
OTHERS = 7
"""Of so many others a browser remembers that they signed in here."""


class Ticket(UserMixin):
    """What Flask-Login puts in the cookie: a token, worth nothing once its row is gone."""

    def __init__(self, token: str):
        self.id = token


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Teach Flask-Login to look people up by the token of their session."""
    manager.init_app(app)
    csrf.exempt(enter)  # it looks itself
    manager.session_protection = None  # the token is the whole truth; addresses change on the road
    app.after_request(_whose)


def _whose(response):
    """Whose page it is, for the tablet's service worker (static/js/shell.js): it opens nothing kept of anybody else."""
    if response.mimetype == "text/html" and "user" in g and response.status_code < 500:
        asks = request.blueprint == bp.name  # only there it is known that nobody is signed in
        if g.user is not None or asks:
            response.headers["X-Audit-User"] = str(g.user.id) if g.user else "nobody"
    return response


@manager.user_loader
def _person(token: str):
    if g.get("db") is None or (person := people.signed_in(g.db, token)) is None:
        return None
    g.db.expunge(person)  # a rollback empties what the session holds, and the page that tells of it names the person
    return person


@bp.get("/sign-in")
@public
def form():
    if g.user is not None:
        return redirect(_inside(request.args.get("next")) or url_for("home.index"))
    out = session.pop("signed_out", False)
    page = make_response(render_template("signin/form.html", form=people_forms.SignIn(), signed_out=out,
                                         next=_inside(request.args.get("next"))))
    return _forget_pictures(page) if out else page


@bp.post("/sign-in")
@public(slow=True)
def enter():
    said = people_forms.SignIn()
    known, mark = session.get("known", {}), _mark(said.name.data or "")
    try:
        _sent_from_here()
        token = people.sign_in(current_app.extensions["database"], current_app.extensions["passwords"],
                               name=said.name.data or "", password=said.password.data or "",
                               address=request.remote_addr or "", instead_of=session.get("_user_id", ""),
                               browser=known.get(mark, ""))
    except Problem as problem:
        return render_template("signin/form.html", form=said, problem=problem, signed_out=False,
                               next=_inside(request.args.get("next"))), problem.status
    _begin_anew(dict([*known.items()][-OTHERS:]) | {mark: known.get(mark) or secrets.token_urlsafe(12)})
    login_user(Ticket(token))
    return _forget_pictures(redirect(_inside(request.args.get("next")) or url_for("home.index")))


def _sent_from_here() -> None:
    """Two tabs that ask for the form at once each get a token, and the browser keeps one cookie: whose browser says
    by itself that a page of ours sent the form needs no token."""
    try:
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            current_app.extensions["csrf"].protect()
    except CSRFError:
        raise CsrfRefused() from None


def _begin_anew(known: dict[str, str]) -> None:
    """Empty the session, but for whom this browser has let in before."""
    session.clear()
    session.permanent = True  # a tablet whose browser was ended works on: only the row on the server says until when
    session["known"] = known


def _mark(name: str) -> str:
    """What a browser remembers of a person: enough for us to know the name again; with our key, because whoever reads
    the cookie could try all names there are."""
    said = b"known here " + people.typed(name).encode("utf-8", "replace")
    return hmac.digest(current_app.secret_key.encode(), said, hashlib.sha256).hex()[:16]


@bp.post("/sign-out")
@allow(Action.HOME)
def leave():
    people.sign_out(g.db, session.get("_user_id", ""))
    logout_user()
    _begin_anew(session.get("known", {}))
    session["signed_out"] = True
    return redirect(url_for("signin.form"))


def _forget_pictures(response):
    """The next person at a tablet finds no photo in the browser's cache. Never "storage": the unsent is there. Not on
    a redirect that our script fetches without following it: WebKit (2.50) then waits for ever."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _inside(target: str | None) -> str | None:
    """A path of ours, or nothing: nobody is sent elsewhere by a crafted link."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and "\\" not in target else None
