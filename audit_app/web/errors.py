"""A problem becomes a page, or JSON where a tablet asked; nothing unexpected is ever shown bare."""

import errno
import logging
import sqlite3
from contextlib import suppress

from flask import Flask, current_app, g, jsonify, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from audit_app.rules import problems
from audit_app.rules.problems import Problem
from audit_app.web.gate import who_asks

log = logging.getLogger(__name__)
DISK_FULL = "53100"  # as PostgreSQL says it
OF_STATUS = {403: problems.NotAllowed, 404: problems.NotFound, 405: problems.NotFound, 409: problems.Conflict,
             413: problems.TooLarge, 422: problems.Invalid, 500: problems.Unexpected}
FORM_PAGE = {"agency.respond": "agency.older", "review.verdicts": "review.show", "review.send_back": "review.show",
             "people.new_password": "people.show", "account.password": "account.show",
             "rounds.restore": "inspections.show", "capture.answer": "capture.page",
             "capture.equipment": "capture.page", "capture.remarks": "capture.page",
             "capture.submission": "capture.page"}
"""Addresses to which forms are sent and nothing else, and the page on which the form stands. Where a form was refused
its address is the browser's; whoever signs in again, reloads or goes back from there is shown the page."""
FORESEEN = (Problem, HTTPException, StaleDataError, IntegrityError, DataError, OperationalError, ParseException)
"""What has a sentence of its own; everything else is a flaw of ours."""


def handle(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Problem, show)
    app.register_error_handler(CSRFError, _token)
    app.register_error_handler(StaleDataError, lambda _: show(problems.Conflict()))
    app.register_error_handler(IntegrityError, lambda _: show(problems.Conflict()))
    app.register_error_handler(DataError, lambda _: show(problems.Invalid()))  # such as a NUL, for PostgreSQL
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(ParseException, lambda _: show(problems.Invalid()))  # chunks that are none
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http)


def _too_large(_):
    """Whoever sends one photo cannot send less at a time."""
    return show(problems.PhotoTooLarge() if request.endpoint == "sync.blob" else problems.TooLarge())


def show(problem: Problem):
    """The problem in the form in which the other side reads; 503 says when to come back."""
    again = {"Retry-After": "5"} if problem.status == 503 else {}
    if request.path.startswith("/sync"):
        more = {k: v for k, v in problem.details.items() if isinstance(v, list | int | str)}
        return jsonify({**more, "problem": problem.name, "message": problem.message}), problem.status, again
    g.setdefault("user", None)
    g.failed = True
    return render_template("problem.html", problem=problem), problem.status, again


def _token(_: CSRFError):
    """Who is not signed in any more has no good token either, and needs to hear the former."""
    return show(problems.CsrfRefused() if "_user_id" in session else problems.MustSignIn())


def _http(error: HTTPException):
    if error.code and 300 <= error.code < 400:
        return error
    if page := _form_page(error):
        return redirect(page)
    if request.endpoint is None and "_user_id" in session:
        _meet()
    problem = OF_STATUS.get(error.code, Problem)()
    if error.code not in OF_STATUS:
        problem.status = error.code or 400
    return show(problem)


def _form_page(error: HTTPException) -> str | None:
    if error.code != 405 or request.method != "GET" or "POST" not in (error.valid_methods or ()):
        return None
    sent_to, named = current_app.create_url_adapter(request).match(method="POST")
    return url_for(FORM_PAGE[sent_to], **named) if sent_to in FORM_PAGE else None


def _meet() -> None:
    """No gate was passed at an address that is none; whoever is signed in still finds their way on from there."""
    with suppress(OperationalError), current_app.extensions["database"].transaction(writing=False) as g.db:
        g.user = who_asks()
    g.db = None


def _disk(error: OSError):
    """Full, wherever it was written to: also where a large form is put while it comes in. Raises any other error."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    return show(problems.NoRoom())


def _database(error: OperationalError):
    """Locked for longer than the busy timeout, away, or its disk is full: the sender keeps its data and comes back."""
    log.error("database: %s", type(error.orig).__name__)
    full = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or (
        getattr(error.orig, "sqlstate", None) == DISK_FULL)
    return show(problems.NoRoom() if full else problems.Busy())
