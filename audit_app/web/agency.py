"""The agency's own page: what it owes, by when, where its document is; and its answers to findings.

What is shown of findings comes from issued reports and the snapshots they were printed from, never from live tables.
"""

import json
from uuid import uuid4

from flask import Blueprint, flash, g, redirect, render_template, url_for

from audit_app.actions import responses
from audit_app.records import lists, news, queries, submissions
from audit_app.records.evidence import Report
from audit_app.records.models import Agency
from audit_app.rules.permissions import Action
from audit_app.web import day, forms
from audit_app.web.gate import allow
from audit_app.web.sync import tools

bp = Blueprint("agency", __name__)


@bp.get("/agency")
@allow(Action.OWN_FINDINGS, slow=True)
def index():
    return _page(None, None)


@bp.get("/agency/reports/<uuid:report>")
@allow(Action.RESPOND, slow=True)
def older(report):
    return _page(report, None)


@bp.post("/reports/<uuid:report>/response")
@allow(Action.RESPOND, slow=True)
def respond(report):
    said = forms.Answer()
    if not said.carry_out(lambda db: responses.give(
            db, g.user, report, id=said.row.data, finding=said.finding.data, text=said.text.data,
            promised_on=said.promised_on.data, today=day.today(), shown=said.answers_shown)):
        return _page(report, said), 422
    flash(forms.RESPONDED.format(number=said.finding.data), f"finding {said.finding.data}")  # said at the finding
    return redirect(url_for("agency.older", report=report.id, _anchor=f"finding-{said.finding.data}"))


def _page(wanted: Report | None, form):
    """The newest report, or the one that was asked for; `form`: what was typed and not taken, which is shown with the
    version that can be answered."""
    with tools().database.transaction(writing=False) as db:
        every = lists.reports_of_agency(db, g.user.agency_id)
        if form is not None:
            wanted = lists.replaced(db, wanted) or wanted
        shown = next((row for row in every if row[0].id == wanted.id), None) if wanted else _first(every)
        answers = queries.responses(db, shown[0]) if shown else {}
        tardy = news.late(db, [shown[0].inspection_id])[shown[0].inspection_id] if shown else None
        minutes = submissions.minutes(db, shown[0].inspection_id) if shown else None
        older = submissions.handed_in_since(db, minutes)
        eldest = lists.first_version(db, shown[0].inspection_id).id if shown else None
        before = lists.lineage(db, db.get(Agency, g.user.agency_id))["before"]
    snapshot = snapshot_of(shown[0]) if shown else None
    findings = in_order(snapshot["findings"], answers) if shown else []
    return render_template(
        "agency/index.html", findings=findings, following=following(findings, answers), today=day.today(),
        form=form, new_row=uuid4, shown=shown, answers=answers, tardy=tardy,
        minutes=minutes, older_minutes=older, every=every, eldest=eldest, before=before,
        snapshot=snapshot, newest=shown is not None and shown is _first(every),
        owed=[row for row in every if not row[2] and row[1] < row[0].findings])


def in_order(findings: list[dict], answers: dict) -> list[dict]:
    """Findings as they are to be answered: what the law demands without fail and nobody answered comes first."""
    return sorted(findings, key=lambda row: (row["number"] in answers or not row["critical"], row["number"]))


def following(findings: list[dict], answers: dict) -> dict[int | None, int | None]:
    """For each finding, by number, the next one without an answer, going round once, in the order in which they stand
    while nobody answered any: one just answered has left its place among those that must be mended. Of none: the first.
    """
    numbers = [row["number"] for row in in_order(findings, {})]
    waiting = [number for number in numbers if number not in answers]
    after = {number: next((other for other in numbers[at + 1:] + numbers[:at] if other in waiting), None)
             for at, number in enumerate(numbers)}
    return {None: waiting[0] if waiting else None, **after}


def _first(every: list) -> tuple | None:
    """The newest report that nothing replaced."""
    return next((row for row in every if not row[2]), None)


def snapshot_of(report: Report) -> dict:
    """What the paper says, as it was frozen when it was printed. Raises BlobMissing, BlobDamaged."""
    return json.loads(tools().blobs.get(str(report.inspection_id), report.snapshot))
