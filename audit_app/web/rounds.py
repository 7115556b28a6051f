"""Rounds of inspection: the list, one with its visits, a new or changed one; a visit planned, replanned, called off."""

from collections import defaultdict

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from audit_app.actions import rounds
from audit_app.records import lists, plans, queries
from audit_app.rules import deadlines
from audit_app.rules.permissions import Action
from audit_app.rules.wording import day as in_words
from audit_app.rules.wording import opening, weekday
from audit_app.rules.workflow import OPEN, State, Step, after
from audit_app.web import day, filters, forms
from audit_app.web.gate import allow
from audit_app.web.sync import tools

bp = Blueprint("rounds", __name__, url_prefix="/rounds")
TABS = {"all": tuple(State), "open": OPEN, **{str(state): (state,) for state in State if state not in OPEN}}


@bp.get("")
@allow(Action.PLAN)
def index():
    asked = filters.read()
    found = lists.rounds(g.db, page=asked.page)
    states = lists.states_of_rounds(g.db, [round.id for round in found.rows])
    lines = [day.of_round(round, states[round.id]) for round in found.rows]
    return render_template("rounds/index.html", asked=asked, found=found, lines=lines, today=day.today())


@bp.get("/new")
@allow(Action.PLAN)
def form():
    return render_template("rounds/new.html", form=forms.NewRound(), round=None)


@bp.post("/new")
@allow(Action.PLAN)
def create():
    said, made = forms.NewRound(), []
    if not said.carry_out(lambda db: made.append(rounds.open_round(
            db, g.user, id=said.row.data, title=said.title.data, decision=said.decision.data or "",
            starts_on=said.starts_on.data, ends_on=said.ends_on.data, tier=said.tier.data))):
        return render_template("rounds/new.html", form=said, round=None), 422
    flash(forms.ROUND_OPENED, "success")
    return redirect(url_for("rounds.show", round=made[0].id))


@bp.get("/<uuid:round>")
@allow(Action.PLAN)
def show(round):
    asked = filters.read(tuple(TABS))
    said = {"typed": asked.typed, "level": asked.level}
    found = lists.of_round(g.db, round.id, states=TABS[asked.tab], page=asked.page, **said)
    ids = [visit.id for visit in found.rows]
    answered, catalogue = queries.answered_counts(g.db, ids), tools().catalogue
    lines = [{"visit": visit, "answered": answered.get(visit.id, 0), "total": day.asked(visit, catalogue),
              "score": day.stored_score(visit)} for visit in found.rows]
    states = lists.per_state(g.db, round_id=round.id, **said)
    counts = {tab: sum(states[state] for state in within) for tab, within in TABS.items()}
    return render_template("rounds/show.html", asked=asked, found=found, lines=lines, counts=counts, today=day.today(),
                           **day.of_round(round, lists.per_state(g.db, round_id=round.id)))


@bp.get("/<uuid:round>/change")
@allow(Action.PLAN)
def change_form(round):
    return render_template("rounds/new.html", form=forms.NewRound(obj=round), round=round)


@bp.post("/<uuid:round>/change")
@allow(Action.PLAN)
def change_round(round):
    said = forms.NewRound()
    if not said.carry_out(lambda db: rounds.change_round(
            db, g.user, round, title=said.title.data, decision=said.decision.data or "", starts_on=said.starts_on.data,
            ends_on=said.ends_on.data, tier=said.tier.data), now=lambda: forms.NewRound(formdata=None, obj=round)):
        return render_template("rounds/new.html", form=said, round=round), 422
    flash(forms.ROUND_CHANGED, "success")
    if outside := plans.outside(g.db, round):
        flash(forms.NOW_OUTSIDE.format(n=outside))
    return redirect(url_for("rounds.show", round=round.id))


@bp.get("/<uuid:round>/visits")
@allow(Action.PLAN)
def plan(round):
    within = min(max(day.today(), round.starts_on), round.ends_on)
    said = forms.NewVisit(formdata=request.args if "day" in request.args else None,
                          data={"day": within, "tier": round.tier})
    return _plan_page(round, said)


@bp.post("/<uuid:round>/visits")
@allow(Action.PLAN)
def add(round):
    said, made = forms.NewVisit(), []
    if not said.carry_out(lambda db: made.append(rounds.add_visit(
            db, g.user, round, agency=said.agency.data, day=said.day.data, at=said.at.data or "", tier=said.tier.data,
            team=said.team.data, lead=said.lead.data or "", catalogue=tools().catalogue))):
        return _plan_page(round, said), 422
    flash(forms.PLANNED.format(agency=made[0].agency.name), "success")
    _tell_what_is_odd(made[0])
    if request.form.get("then") == "another":
        return redirect(url_for("rounds.plan", round=round.id, day=in_words(said.day.data), at=said.at.data,
                                tier=said.tier.data, team=said.team.data, lead=said.lead.data))
    return redirect(url_for("rounds.show", round=round.id))


@bp.get("/visits/<uuid:inspection>")
@allow(Action.PLAN)
def visit(inspection):
    rounds.check_open(inspection)
    return _plan_page(inspection.round, forms.AnotherPlan.of(inspection), inspection)


@bp.post("/visits/<uuid:inspection>")
@allow(Action.PLAN)
def change(inspection):
    said = forms.AnotherPlan()
    if not said.carry_out(lambda db: rounds.change_visit(
            db, g.user, inspection, day=said.day.data, at=said.at.data or "", tier=said.tier.data, team=said.team.data,
            lead=said.lead.data or "", catalogue=tools().catalogue), now=lambda: forms.AnotherPlan.of(inspection)):
        return _plan_page(inspection.round, said, inspection), 422
    flash(forms.REPLANNED.format(agency=inspection.agency.name), "success")
    _tell_what_is_odd(inspection)
    return redirect(url_for("inspections.show", inspection=inspection.id))


@bp.get("/visits/<uuid:inspection>/cancelling")
@allow(Action.PLAN)
def cancelling(inspection):
    after(inspection.state, Step.CANCEL)
    return _cancel_page(inspection, forms.Cancelling())


@bp.post("/visits/<uuid:inspection>/cancelling")
@allow(Action.PLAN)
def cancel(inspection):
    said = forms.Cancelling()
    if not said.carry_out(lambda db: rounds.cancel(db, g.user, inspection, why=said.why.data or "")):
        return _cancel_page(inspection, said), 422
    flash(forms.CANCELLED.format(agency=inspection.agency.name), "success")
    return redirect(url_for("inspections.show", inspection=inspection.id))


@bp.post("/visits/<uuid:inspection>/restoring")
@allow(Action.PLAN)
def restore(inspection):
    rounds.restore(g.db, g.user, inspection)
    flash(forms.RESTORED.format(agency=inspection.agency.name), "success")
    return redirect(url_for("inspections.show", inspection=inspection.id))


def _tell_what_is_odd(visit) -> None:
    """A visit may lie outside its round or on a day off, an agency be visited twice (in a round, or for two in a day),
    and a team go from one agency to the next; it rarely means to, and hardly to be at two at the same hour."""
    on, round = in_words(visit.planned_for), visit.round
    if not round.starts_on <= visit.planned_for <= round.ends_on:
        flash(forms.OUTSIDE.format(day=on, starts_on=in_words(round.starts_on), ends_on=in_words(round.ends_on)))
    if not deadlines.is_working_day(visit.planned_for, tools().catalogue.days_off.days):
        flash(forms.DAY_OFF.format(day=opening(weekday(visit.planned_for))))
    if days := plans.other_days(g.db, visit):
        flash(forms.TWICE.format(agency=visit.agency.name, days=", ".join(map(in_words, days))))
    for title in plans.same_day(g.db, visit):
        flash(forms.SAME_DAY.format(agency=visit.agency.name, day=on, round=title))
    there = defaultdict(list)
    for person, agency in plans.same_hour(g.db, visit):
        there[agency].append(person)
    for agency, people in there.items():
        flash(forms.SAME_HOUR.format(person=", ".join(people), agency=agency, at=visit.planned_at, day=on))


def _cancel_page(visit, form):
    return render_template("rounds/cancel.html", visit=visit, form=form,
                           answered=queries.answered_counts(g.db, [visit.id]).get(visit.id, 0),
                           photos=queries.photo_counts(g.db, [visit.id]).get(visit.id, 0))


def _plan_page(round, form, visit=None):
    """With the agencies in force on any day of the round; or one visit, whose agency stays."""
    return render_template("rounds/plan.html", round=round, form=form, visit=visit,
                           inspectors=lists.inspectors(g.db, staying=visit.team_ids if visit else ()),
                           agencies=[] if visit else queries.agencies_in_force(g.db, round.starts_on, round.ends_on))
