"""My day, by role."""

from datetime import timedelta

from flask import Blueprint, current_app, g, redirect, render_template, url_for

from audit_app.records import queries
from audit_app.records.db import now
from audit_app.rules.permissions import Action, Role
from audit_app.rules.wording import hanoi
from audit_app.web import day
from audit_app.web.gate import allow

bp = Blueprint("home", __name__)


@bp.get("/")
@allow(Action.HOME)
def index():
    if g.user.role == Role.AGENCY:
        return redirect(url_for("agency.index"))
    if g.user.role == Role.ADMIN:
        return redirect(url_for("people.index"))
    today = hanoi(now()).date()
    if g.user.role in queries.OFFICE:
        return render_template("home/office.html", today=today, **day.of_office(g.db, today))
    visits = day.of_team(g.db, g.user, today, catalogue=current_app.extensions["catalogue"], since=timedelta(days=14))
    return render_template("home/day.html", today=today, **visits)
