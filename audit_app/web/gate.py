"""The gate every request passes: who asks, what the URL names, may they, one transaction.

    @bp.post("/inspections/<uuid:inspection>/approval")
    @allow(Action.DECIDE)
    def approve(inspection): ...

The view is handed the inspection itself, already found among those the person can see, and locked when the
request writes. Returning commits, raising rolls back, reading rolls back. A `slow` view (streamed bytes,
password hashing) is let in the same way, but runs after its transaction has ended and opens short ones itself.
"""

from functools import wraps

from flask import Flask, current_app, g, redirect, request, url_for
from flask_login import current_user

from audit_app.records.models import User
from audit_app.records.queries import VISIBLE
from audit_app.rules.permissions import Action, require
from audit_app.rules.problems import CsrfRefused, MustSignIn, NotFound

READING = ("GET", "HEAD", "OPTIONS")
OWN = ("same-origin", "none")
"""What browsers call a request of our own pages, or of the person alone. Programs say nothing."""


def public(view=None, *, slow: bool = False, unasked: bool = False):
    """Anyone may come in. `unasked`: not even asked who they are; for files that are the same for all."""
    def decorate(bare):
        bare.gate, bare.slow, bare.unasked = "public", slow, unasked
        return bare

    return decorate(view) if view else decorate


def allow(action: Action, *, slow: bool = False, limit: int | None = None):
    """Only those who may do `action`. `limit`: octets a body may have, where pages need more than the usual."""
    def decorate(view):
        view.gate, view.slow, view.limit = action, slow, limit
        return view

    return decorate


def guard(app: Flask) -> None:
    """Wrap every view; refuse to start if one says neither @allow nor @public."""
    for endpoint, view in app.view_functions.items():
        if endpoint == "static":
            continue
        if not hasattr(view, "gate"):
            raise RuntimeError(f"{endpoint} has no gate: say @allow(...) or @public")
        if not getattr(view, "unasked", False):
            app.view_functions[endpoint] = _gated(view)


def _gated(view):
    @wraps(view)
    def inside(**named):
        if request.method not in READING and request.headers.get("Sec-Fetch-Site", "none") not in OWN:
            raise CsrfRefused()  # a page of another site sent it, whatever token it has
        database = current_app.extensions["database"]
        writing = request.method not in READING and not view.slow
        if writing:
            _hear_out()
        try:
            with database.transaction(writing=writing) as g.db:
                refused = _let_in(view, named, locking=writing)
                if refused is not None or not view.slow:
                    return refused if refused is not None else view(**named)
        finally:
            g.db = None  # error pages ask the database nothing
        return view(**named)  # a slow view opens its own short transactions

    return inside


def _hear_out() -> None:
    """A slow sender is heard out before anything is locked."""
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        _ = request.form
    else:
        request.get_data()


def _let_in(view, named: dict, *, locking: bool):
    """Sets g.user, replaces ids by what they name, asks the permission. Returns a redirect for strangers."""
    g.user = who_asks()
    if view.gate == "public":
        return None
    if g.user is None:
        if request.blueprint == "sync" or request.method not in READING:
            raise MustSignIn()
        return redirect(url_for("signin.form", next=request.full_path.rstrip("?")))
    subject = None
    for kind, (table, visible_to) in VISIBLE.items():
        if kind in named:
            subject = named[kind] = _find(table, visible_to, named[kind], locking)
    require(g.user, view.gate, subject)
    g.state = getattr(subject, "state", None)  # of a visit, for the rail
    return None


def who_asks() -> User | None:
    """Who is signed in; a transaction must be open, in g.db."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def _find(table, visible_to, id, locking: bool):
    """What the URL names, among what this person can see; locked, when the request is to change it.

    It is locked so that other rows can still name it (PostgreSQL's NO KEY UPDATE): two who change each other, or one
    who changes an agency and one who gives somebody to it, would wait for one another for ever.
    """
    query = visible_to(g.user).where(table.id == id)
    if locking:
        query = query.with_for_update(of=table, key_share=True)
    found = g.db.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    return found
