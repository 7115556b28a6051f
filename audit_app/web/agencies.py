"""The register of agencies: search it, look one up, correct its name and how to reach it, take in a spreadsheet."""

import tempfile
from pathlib import Path

from flask import Blueprint, flash, g, redirect, render_template, url_for

from audit_app.actions import agencies
from audit_app.records import lists, queries
from audit_app.rules.permissions import Action, can
from audit_app.rules.wording import COLUMN
from audit_app.web import day, filters, forms
from audit_app.web.gate import allow

bp = Blueprint("agencies", __name__, url_prefix="/agencies")
TABS = ("now", "all")


@bp.get("")
@allow(Action.AGENCIES)
def index():
    asked = filters.read(TABS)
    found = lists.agencies(g.db, typed=asked.typed, level=asked.level, page=asked.page,
                           on=day.today() if asked.tab == "now" else None)
    return render_template("agencies/index.html", asked=asked, found=found, today=day.today())


@bp.get("/<uuid:agency>")
@allow(Action.AGENCIES)
def show(agency):
    line = lists.lineage(g.db, agency)
    visits = []
    if can(g.user, Action.REVIEW):
        visits = lists.of_agencies(g.db, [agency.id, *(earlier.id for earlier in line["before"])])
    return render_template("agencies/show.html", agency=agency, line=line, visits=visits, today=day.today(),
                           answered=queries.answered_counts(g.db, [visit.id for visit in visits]),
                           people=lists.people_of_agency(g.db, agency.id), stored_score=day.stored_score,
                           office=can(g.user, Action.REVIEW))


@bp.get("/<uuid:agency>/contact")
@allow(Action.AGENCIES)
def contact(agency):
    return render_template("agencies/contact.html", agency=agency, form=forms.Contact(obj=agency))


@bp.post("/<uuid:agency>/contact")
@allow(Action.AGENCIES)
def reach(agency):
    said = forms.Contact()
    if not said.carry_out(lambda db: agencies.reach(
            db, g.user, agency, name=said.name.data, address=said.address.data or "", contact=said.contact.data or "",
            phone=said.phone.data or "", email=said.email.data or ""),
            now=lambda: forms.Contact(formdata=None, obj=agency)):
        return render_template("agencies/contact.html", agency=agency, form=said), 422
    flash(forms.CONTACT_SAVED, "success")
    return redirect(url_for("agencies.show", agency=agency.id))


@bp.get("/import")
@allow(Action.AGENCIES)
def form():
    return render_template("agencies/import.html", form=forms.AgencyFile(), flaws=[], columns=COLUMN)


@bp.post("/import")
@allow(Action.AGENCIES, slow=True)
def take():
    said, done = forms.AgencyFile(), []
    read = said.carry_out(lambda db, rows: done.append(agencies.take(db, g.user, rows)), first=lambda: _rows(said.file))
    if not read or done[0].flaws:
        flaws = done[0].flaws if done else []
        return render_template("agencies/import.html", form=said, flaws=flaws, columns=COLUMN), 422
    if done[0].added or done[0].changed or done[0].same:
        flash(forms.IMPORTED.format(added=done[0].added, changed=done[0].changed, same=done[0].same), "success")
    else:
        flash(forms.NOTHING_IMPORTED)
    return redirect(url_for("agencies.index"))


def _rows(field) -> dict[int, dict]:
    """The rows of an uploaded spreadsheet; its name only tells which kind it is. Raises RegisterUnreadable."""
    kind = ".xlsx" if (field.data.filename or "").lower().endswith(".xlsx") else ".csv"
    with tempfile.NamedTemporaryFile(suffix=kind) as kept:
        field.data.save(kept)
        kept.flush()
        return agencies.read(Path(kept.name))
