"""The office's review: the queue, the desk with one item open, and the decisions made there."""

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from audit_app.actions import closing, findings, review
from audit_app.records import lists, plans, submissions, tablets
from audit_app.rules import deadlines
from audit_app.rules.permissions import Action, can
from audit_app.rules.problems import NotFound
from audit_app.rules.refusals import JudgedMeanwhile, SubmittedAgain
from audit_app.rules.scoring import FAULTS
from audit_app.rules.workflow import State, Step, after
from audit_app.web import day, filters, forms, tablet, unsent
from audit_app.web.agency import snapshot_of
from audit_app.web.desk import Desk
from audit_app.web.gate import allow
from audit_app.web.sync import tools

bp = Blueprint("review", __name__)
TABS = (State.SUBMITTED, State.RETURNED, State.APPROVED, State.ISSUED)


@bp.get("/review")
@allow(Action.REVIEW)
def index():
    asked = filters.read(TABS)
    found = lists.inspections(g.db, states=(asked.tab,), typed=asked.typed, level=asked.level, page=asked.page)
    counts = lists.per_state(g.db, typed=asked.typed, level=asked.level)
    return render_template("review/index.html", asked=asked, found=found, counts=counts, tabs=TABS,
                           today=day.today(), stored_score=day.stored_score,
                           waits=tablets.waiting(g.db, [visit.id for visit in found.rows]))


@bp.get("/inspections/<uuid:inspection>/review")
@allow(Action.REVIEW)
def show(inspection):
    return _desk_page(Desk(g.db, inspection, tools().catalogue), request.args.get("item"), forms.Decision())


@bp.post("/inspections/<uuid:inspection>/verdicts")
@allow(Action.DECIDE)
def verdicts(inspection):
    said, desk = forms.Decision(), Desk(g.db, inspection, tools().catalogue)
    items = request.form.getlist("item")
    marks = [(item, said.decision.data, said.reason.data) for item in items]
    if len(items) > 1:  # what a colleague decided meanwhile is not among those nobody had looked at
        marks = [mark for mark in marks if mark[0] not in desk.verdicts]
    if not said.carry_out(lambda db: _judge(db, desk, marks)):
        return _desk_page(desk, items[0] if items else None, said), 422
    if len(marks) < len(items):
        flash(forms.LEFT_OUT.format(count=len(items) - len(marks)))
    return redirect(Desk(g.db, inspection, tools().catalogue).next_href(items[-1] if items else ""))


@bp.post("/inspections/<uuid:inspection>/return")
@allow(Action.DECIDE)
def send_back(inspection):
    said, desk = forms.Decision(data={"decision": "return"}), Desk(g.db, inspection, tools().catalogue)
    pairs = zip(request.form.getlist("item"), request.form.getlist("reason"), strict=False)
    marks = [(item, "return", reason) for item, reason in pairs]
    if not said.carry_out(lambda db: _send_back(db, desk, marks)):
        return _desk_page(desk, marks[0][0] if marks else None, said), 422
    flash(forms.RETURNED.format(count=len(Desk(g.db, inspection, tools().catalogue).marked)), "success")
    if not plans.able(g.db, inspection):
        flash(forms.NOBODY_ABLE)
    return redirect(url_for("inspections.show", inspection=inspection.id))


def _same(inspection) -> None:
    """What is decided is decided of the submission that was looked at. Raises SubmittedAgain."""
    if request.form.get("submission", type=int) not in (None, inspection.submissions):
        raise SubmittedAgain(number=inspection.submissions)


def _judge(db, desk: Desk, marks: list[tuple[str, str, str]]) -> None:
    _same(desk.inspection)
    known, seen = {item.id for item in desk.order}, request.form.get("verdict")
    for item, decision, reason in marks:
        stands = desk.verdicts.get(item)
        if seen is not None and stands and stands.by_id != g.user.id and str(stands.id) != seen:
            raise JudgedMeanwhile(item=item)
        review.judge(db, g.user, desk.inspection, item=item, decision=decision, reason=reason or "", items=known)


def _send_back(db, desk: Desk, marks: list[tuple[str, str, str]]) -> None:
    _same(desk.inspection)
    if not review.just_sent_back(db, g.user, desk.inspection, {item: reason for item, _, reason in marks}):
        _judge(db, desk, marks)
        review.send_back(db, g.user, desk.inspection)


def _desk_page(desk: Desk, item: str | None, form):
    if not desk.order:
        raise NotFound()
    deciding = desk.inspection.state == State.SUBMITTED and can(g.user, Action.DECIDE, desk.inspection)
    return render_template("review/show.html", form=form, deciding=deciding, on_team=g.user.id in
                           desk.inspection.team_ids, **desk.at(item))


# ── Approval ──────────────────────────────────────────────────────────────────────────────────────
@bp.get("/inspections/<uuid:inspection>/approval")
@allow(Action.DECIDE)
def approval(inspection):
    after(inspection.state, Step.APPROVE)
    return _approval_page(inspection, _approval_form(remedy_by=_proposed()))


@bp.post("/inspections/<uuid:inspection>/approval")
@allow(Action.DECIDE)
def approve(inspection):
    said, unseen = _approval_form(), len(Desk(g.db, inspection, tools().catalogue).unseen)
    if not said.carry_out(lambda db: (_same(inspection), review.approve(
            db, g.user, inspection, unseen=unseen, number=said.number.data or "", issued_on=said.issued_on.data,
            remedy_by=said.remedy_by.data or _proposed(), conclusion=said.conclusion.data or "",
            causes=said.causes.data or "", signer=_signers()[said.signer.data]))):
        return _approval_page(inspection, said), 422
    flash(forms.APPROVED, "success")
    return redirect(url_for("inspections.show", inspection=inspection.id))


@bp.get("/inspections/<uuid:inspection>/number")
@allow(Action.DECIDE)
def numbering(inspection):
    return _number_page(inspection, _number_form(obj=review.numbered(g.db, inspection)))


@bp.post("/inspections/<uuid:inspection>/number")
@allow(Action.DECIDE)
def number(inspection):
    said = _number_form()
    if not said.carry_out(lambda db: review.give_number(
            db, g.user, inspection, number=said.number.data, issued_on=said.issued_on.data,
            remedy_by=said.remedy_by.data, signer=_signers().get(said.signer.data)),
            now=lambda: _number_form(formdata=None, obj=review.numbered(g.db, inspection))):
        return _number_page(inspection, said), 422
    flash(forms.NUMBERED, "success")
    return redirect(url_for("inspections.show", inspection=inspection.id))


def _signers() -> dict:
    """Who may sign, by what they are called in the forms."""
    return {signer.label: signer for signer in tools().catalogue.letterhead.signers}


def _approval_form(**more):
    letterhead = tools().catalogue.letterhead
    chosen = review.last_signer(g.db, letterhead.signers)
    return forms.Approval.among(_signers(), chosen.label, letterhead.symbol, **more)


def _number_form(**more):
    return forms.Numbering.among(["", *_signers()], "", tools().catalogue.letterhead.symbol, **more)


def _number_page(inspection, form):
    last = findings.approved(g.db, inspection.id)
    return render_template("review/number.html", inspection=inspection, form=form, given=bool(last and last.number),
                           held_on=findings.held_on(g.db, inspection),
                           letterhead=tools().catalogue.letterhead)


@bp.get("/inspections/<uuid:inspection>/taken-out")
@allow(Action.DECIDE, slow=True)
def taking_out(inspection):
    return _photos_page("review/taken_out.html", inspection, forms.TakingOut())


@bp.post("/inspections/<uuid:inspection>/taken-out")
@allow(Action.DECIDE, slow=True)
def take_out(inspection):
    return _print_again(inspection, forms.TakingOut(), review.take_out, "review/taken_out.html", forms.TAKEN_OUT)


@bp.get("/inspections/<uuid:inspection>/put-back")
@allow(Action.DECIDE, slow=True)
def putting_back(inspection):
    return _photos_page("review/put_back.html", inspection, forms.PuttingBack())


@bp.post("/inspections/<uuid:inspection>/put-back")
@allow(Action.DECIDE, slow=True)
def put_back(inspection):
    return _print_again(inspection, forms.PuttingBack(), review.put_back, "review/put_back.html", forms.PUT_BACK)


def _print_again(inspection, said, decide, template: str, done: str):
    """Do what was said of a photo of the notice: `decide` is the action, `template` the page that asks for it."""
    if not said.carry_out(lambda db, notice: decide(
            db, g.user, inspection, notice, photo=said.photo.data, reason=said.reason.data),
            first=lambda: _notice(inspection)):
        return _photos_page(template, inspection, said), 422
    flash(done, "success")
    return redirect(url_for("inspections.show", inspection=inspection.id))


def _notice(inspection) -> dict:
    """What the first version of the notice says, with all its photos. Raises StepImpossible while none is issued, and
    StoreAway."""
    with tools().database.transaction(writing=False) as db:
        review.numbered(db, inspection)
        report = lists.first_version(db, inspection.id)
    return snapshot_of(report)


def _photos_page(template: str, inspection, form):
    notice = _notice(inspection)
    with tools().database.transaction(writing=False) as db:
        inside = findings.withheld(db, inspection.id)
    shown, gone = ([photo for photo in notice["photos"] if (photo["id"] in inside) is out] for out in (False, True))
    return render_template(template, inspection=inspection, form=form, shown=shown, gone=gone,
                           held_on=notice["inspection"].get("held_on", inspection.planned_for))


def _proposed():
    return day.today() + timedelta(days=deadlines.REMEDY_DAYS)


def _approval_page(inspection, form):
    desk = Desk(g.db, inspection, tools().catalogue)
    faults = [(item, desk.seen.answers[item.id], desk.seen.outcome(item), desk.seen.severity(item))
              for item in desk.seen.items if desk.seen.outcome(item) in FAULTS]
    ended = deadlines.notice_from(inspection.round.ends_on, findings.held_on(g.db, inspection))
    return render_template(
        "review/approval.html", form=form, desk=desk, inspection=inspection,
        score=tablet.score_of(desk.seen.told_score), inside=tablet.score_of(desk.seen.score),
        findings=[fault for fault in faults if fault[0].basis != "KN" and not fault[0].confidential],
        advice=[fault for fault in faults if fault[0].basis == "KN"],
        secret=[item for item, *_ in faults if item.confidential],
        accounts=lists.people_of_agency(g.db, inspection.agency_id), unseen=len(desk.unseen), total=len(desk.order),
        minutes=submissions.minutes(g.db, inspection.id), unsent=unsent.told(g.db, desk.seen, tools().blobs),
        met=closing.meeting_of(g.db, inspection) is not None, letterhead=tools().catalogue.letterhead,
        photos=len(findings.published(g.db, desk.seen)),
        notice_from=ended, **day.notice_clock(ended), today=day.today(), remedy_days=deadlines.REMEDY_DAYS)
