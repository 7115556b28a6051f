"""People who may sign in: list, add, change, let out, let in, a new password."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for

from audit_app.actions import people
from audit_app.records import lists, queries, tablets
from audit_app.records.models import Agency, User
from audit_app.rules.permissions import Action
from audit_app.web import day, filters, forms, people_forms
from audit_app.web.gate import allow

bp = Blueprint("people", __name__, url_prefix="/people")
TABS = ("all", "team", "office", "agency", "admin")


@bp.get("")
@allow(Action.PEOPLE)
def index():
    asked = filters.read(TABS)
    found = lists.people(g.db, typed=asked.typed, role="" if asked.tab == "all" else asked.tab, page=asked.page)
    return render_template("people/index.html", asked=asked, found=found, tabs=TABS)


@bp.get("/new")
@allow(Action.PEOPLE)
def form():
    return _form_page(g.db, people_forms.NewPerson())


@bp.post("/new")
@allow(Action.PEOPLE, slow=True)
def create():
    said, made = people_forms.NewPerson(), {}
    if said.carry_out(lambda db, hashed: made.update(_added(db, said, hashed)), first=lambda: _hash(said.chosen)):
        return render_template("people/password.html", password=said.chosen, new=True, **made)
    with current_app.extensions["database"].transaction(writing=False) as db:
        return _form_page(db, said), 422


@bp.get("/<uuid:person>")
@allow(Action.PEOPLE)
def show(person):
    return _person_page(g.db, person)


@bp.post("/<uuid:person>")
@allow(Action.PEOPLE)
def change(person):
    said = people_forms.PersonFacts.of(person)
    if not said.carry_out(lambda db: people.change(
            db, g.user, person, full_name=said.full_name.data, title=said.title.data or "", role=said.role.data,
            agency_id=people.agency_of(db, said.role.data, said.agency.data)),
            now=lambda: people_forms.PersonFacts.of(person, formdata=None)):
        return _person_page(g.db, person, facts=said), 422
    flash(forms.PERSON_CHANGED.format(name=person.full_name), "success")
    return redirect(url_for("people.show", person=person.id))


@bp.post("/<uuid:person>/password")
@allow(Action.PEOPLE, slow=True)
def new_password(person):
    said = people_forms.NewPassword()
    if said.carry_out(lambda db, hashed: people.give_password(db, g.user, db.get(User, person.id), hashed),
                      first=lambda: _hash(said.chosen)):
        return render_template("people/password.html", person=person, password=said.chosen, new=False)
    with current_app.extensions["database"].transaction(writing=False) as db:
        return _person_page(db, db.get(User, person.id), password=said), 422


@bp.post("/<uuid:person>/disabling")
@allow(Action.PEOPLE)
def disable(person):
    people.disable(g.db, g.user, person)
    flash(forms.PERSON_DISABLED.format(name=person.full_name), "success")
    if visits := lists.open_visits(g.db, person.id):
        flash(forms.STILL_ON_TEAMS.format(name=person.full_name, n=len(visits)))
    return redirect(url_for("people.show", person=person.id))


@bp.post("/<uuid:person>/enabling")
@allow(Action.PEOPLE)
def enable(person):
    people.enable(g.db, g.user, person)
    flash(forms.PERSON_ENABLED.format(name=person.full_name), "success")
    return redirect(url_for("people.show", person=person.id))


def _added(db, said: people_forms.NewPerson, hashed: str) -> dict:
    agency = people.agency_of(db, said.role.data, said.agency.data)
    person = people.add(db, g.user, name=said.name.data, full_name=said.full_name.data, title=said.title.data or "",
                        role=said.role.data, password_hash=hashed, agency_id=agency)
    return {"person": person, "agency": agency and db.get(Agency, agency).name}


def _hash(password: str) -> str:
    return current_app.extensions["passwords"].hash(password)


def _person_page(db, person, *, facts=None, password=None):
    facts = facts or people_forms.PersonFacts.of(person, formdata=None)
    password = password or people_forms.NewPassword(formdata=None)
    agencies = queries.agencies_in_force(db, day.today())
    if person.agency and person.agency not in agencies:
        agencies.insert(0, person.agency)  # one that is no more is still theirs
    visits = lists.open_visits(db, person.id)
    return render_template("people/show.html", person=person, facts=facts, form=password, agencies=agencies,
                           own=person.id == g.user.id, visits=visits, owed=_owed(db, person),
                           unsent=tablets.behind_of(db, person.id, [visit.id for visit in visits]))


def _owed(db, person) -> int:
    """How many findings wait for an answer of this person's agency, for which nobody else may sign in."""
    if not person.agency_id or any(other.id != person.id for other in lists.people_of_agency(db, person.agency_id)):
        return 0
    return sum(report.findings - answered for report, answered, replaced, _ in
               lists.reports_of_agency(db, person.agency_id) if not replaced)


def _form_page(db, form):
    return render_template("people/new.html", form=form, agencies=queries.agencies_in_force(db, day.today()))
