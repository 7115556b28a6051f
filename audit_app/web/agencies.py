"""The register of agencies: search it, look one up, correct its name and how to reach it; a spreadsheet, out and in."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for

from audit_app.actions import agencies
from audit_app.records import lists, queries
from audit_app.rules.columns import Table
from audit_app.rules.permissions import Action, can
from audit_app.rules.wording import COLUMN
from audit_app.web import day, filters, forms
from audit_app.web.gate import allow

bp = Blueprint("agencies", __name__, url_prefix="/agencies")
TABS = ("now", "all")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TOLD = 10
"""Odd things of a table that are told one by one."""


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


@bp.get("/register.xlsx")
@allow(Action.AGENCIES)
def register():
    return Response(agencies.register(g.db), mimetype=XLSX, headers={
        "Content-Disposition": f'attachment; filename="{forms.REGISTER_FILE}"'})


@bp.get("/import")
@allow(Action.AGENCIES)
def form():
    return _import_page(forms.AgencyFile())


@bp.post("/import")
@allow(Action.AGENCIES, slow=True, limit=agencies.LARGEST)
def take():
    said, done = forms.AgencyFile(), []
    read = said.carry_out(lambda db, table: done.extend([agencies.take(db, g.user, table.rows), table.unused]),
                          first=lambda: _table(said.file))
    if not read or done[0].flaws:
        return _import_page(said, *done), 422
    _tell_what_was_taken(*done)
    return redirect(url_for("agencies.index"))


def _import_page(form, done=None, unused=()):
    flaws, odd = (agencies.gathered(done.flaws), agencies.gathered(done.odd)) if done else ([], [])
    return render_template("agencies/import.html", form=form, flaws=flaws, odd=odd, unused=unused, columns=COLUMN,
                           wrong_rows=done.wrong_rows if done else 0, told=TOLD)


def _tell_what_was_taken(done: agencies.Imported, unused: list[str]) -> None:
    if done.added or done.changed or done.same:
        flash(forms.IMPORTED.format(added=done.added, changed=done.changed, same=done.same), "success")
    else:
        flash(forms.NOTHING_IMPORTED)
    if unused:
        flash(forms.UNUSED_COLUMNS.format(columns=", ".join(f"«{header}»" for header in unused)))
    odd = agencies.gathered(done.odd)
    for rows, problem in odd[:TOLD]:
        flash(forms.ODD_ROWS.format(rows=rows, said=problem.message))
    if len(odd) > TOLD:
        flash(forms.MORE_ODD.format(n=len(odd) - TOLD))


def _table(field) -> Table:
    """The rows of an uploaded spreadsheet; its name only tells which kind it is. Raises RegisterUnreadable."""
    kind = ".xlsx" if (field.data.filename or "").lower().endswith(".xlsx") else ".csv"
    with tempfile.NamedTemporaryFile(suffix=kind) as kept:
        field.data.save(kept)
        kept.flush()
        return agencies.read(Path(kept.name))
