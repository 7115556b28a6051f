"""What every page's frame needs: who is signed in, the office's rail, how many wait for review."""

from flask import Flask, current_app, g, request, url_for

from audit_app.records import queries
from audit_app.rules.permissions import Action, can
from audit_app.rules.wording import NAV, ROLE
from audit_app.rules.workflow import State

RAIL = (
    ("home.index", "house", Action.REVIEW),
    ("rounds.index", "calendar-days", Action.PLAN),
    ("review.index", "clipboard-check", Action.REVIEW),
    ("follow.index", "history", Action.FOLLOW),
    ("reports.index", "file-text", Action.FOLLOW),
    ("agencies.index", "building-2", Action.AGENCIES),
    ("people.index", "users", Action.PEOPLE),
)


def install(app: Flask) -> None:
    """Give every template `me`, `nav` and `sign_out_url`."""
    app.context_processor(_context)


def _context() -> dict:
    user = g.get("user")
    if user is None:
        return {"me": None, "nav": [], "sign_out_url": None}
    me = {"id": str(user.id), "name": user.full_name, "title": user.title or ROLE[user.role],
          "href": url_for("account.show")}
    return {"me": me, "nav": _rail(user), "sign_out_url": url_for("signin.leave")}


def _rail(user) -> list[dict]:
    here = (request.endpoint or "").split(".")[0]
    if here == "inspections":  # a visit's own page belongs to the list in which it is worked on
        here = "review" if g.get("state") == State.SUBMITTED else "rounds"
    return [{"label": NAV[endpoint], "href": url_for(endpoint), "icon": icon,
             "current": here == endpoint.split(".")[0],
             "count": _waiting() if endpoint == "review.index" else None}
            for endpoint, icon, action in RAIL if can(user, action) and endpoint in current_app.view_functions]


def _waiting() -> int | None:
    """How many visits wait for review. A slow view has no transaction left; an error page asks the database nothing."""
    if g.get("db") is not None:
        return queries.waiting_for_review(g.db)
    if g.get("failed"):
        return None
    with current_app.extensions["database"].transaction(writing=False) as db:
        return queries.waiting_for_review(db)
