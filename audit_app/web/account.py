"""A person's own account: who the house takes them for, and another password."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, session, url_for

from audit_app.actions import people
from audit_app.records.models import User
from audit_app.rules.permissions import Action
from audit_app.web import forms, people_forms
from audit_app.web.gate import allow

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@allow(Action.HOME)
def show():
    return render_template("account/show.html", person=g.db.get(User, g.user.id), form=people_forms.OwnPassword())


@bp.post("/password")
@allow(Action.HOME, slow=True)
def password():
    said, house = people_forms.OwnPassword(), current_app.extensions
    if said.carry_out(lambda db, hashed: people.give_password(
            db, g.user, db.get(User, g.user.id), hashed, stays=session["_user_id"]), first=lambda: people.own_password(
            house["database"], house["passwords"], g.user, given=said.current.data, wanted=said.password.data)):
        flash(forms.OWN_CHANGED, "success")
        return redirect(url_for("account.show"))
    with house["database"].transaction(writing=False) as db:
        return render_template("account/show.html", person=db.get(User, g.user.id), form=said), 422
