"""The page of one inspection, for its team and for the office; and the progress of its paper."""

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, url_for

from audit_app.actions import closing, findings, reruns, standing
from audit_app.records import lists, news, queries, submissions
from audit_app.records.models import Inspection
from audit_app.rules import deadlines
from audit_app.rules.permissions import Action, can
from audit_app.rules.scoring import FAULTS
from audit_app.rules.workflow import BEFORE, State
from audit_app.web import day, forms, tablet, unsent
from audit_app.web.desk import picture
from audit_app.web.gate import allow
from audit_app.web.sync import tools
from audit_app.web.team import beside

bp = Blueprint("inspections", __name__)
TONE = {"inspection.returned": "warn", "photo.taken_out": "warn", "inspection.issued": "good",
        "inspection.submitted": "active", "inspection.approved": "active", "response.given": "active"}
READINGS = ("report.downloaded", "minutes.downloaded")


@bp.get("/inspections/<uuid:inspection>")
@allow(Action.READ)
def show(inspection):
    return render_template("inspections/show.html", **_context(g.db, inspection, tools().catalogue))


@bp.get("/inspections/<uuid:inspection>/printing")
@allow(Action.READ)
def printing(inspection):
    job, report = queries.printing(g.db, inspection.id), queries.newest_report(g.db, inspection.id)
    return jsonify(state=inspection.state, job=job.state if job else None, progress=job.progress if job else 0,
                   error=job.error if job else "",
                   report=url_for("reports.download", report=report.id) if report else None)


@bp.post("/jobs/<int:job>/rerun")
@allow(Action.RERUN)
def rerun(job):
    reruns.rerun(g.db, g.user, job)
    flash(forms.RERUN, "success")
    if job.inspection_id:
        return redirect(url_for("inspections.show", inspection=job.inspection_id))
    return redirect(url_for("home.index"))


def _context(db, inspection: Inspection, catalogue) -> dict:
    seen = standing.read(db, inspection, tablet.checklist_of(inspection, catalogue))
    titles = {section.id: section for section in seen.sections}
    scored = tablet.score_of(seen.score)
    today = day.today()
    held, report = findings.held_on(db, inspection), queries.newest_report(db, inspection.id)
    minutes = submissions.minutes(db, inspection.id)
    ended = deadlines.notice_from(inspection.round.ends_on, held)
    return {
        "inspection": inspection, "held": held, "today": today, "score": scored,
        "told": tablet.score_of(seen.told_score), "secret": seen.secret,
        "done": seen.done, "total": len(seen.items),
        "bars": [{**part, "title": titles[part["id"]].title} for part in scored["sections"] if part["applicable"]],
        "lapsed": sum(item.basis != "KN" and catalogue.law.rests_on_nothing(item.citations, held)
                      for item in seen.items),
        "critical": scored["critical_failed"], "method": seen.checklist.method, "checklist": seen.checklist,
        "faults": [_fault(seen, item) for item in seen.items if seen.outcome(item) in FAULTS],
        **beside(db, inspection.id, catalogue),
        "photos": [(section, found) for section in seen.sections if (found := _photos(seen, section))],
        "photo_count": sum(len(found) for found in seen.photos.values()), "missing": len(seen.missing()),
        "awaited": _awaited(db, inspection), "events": _events(db, inspection),
        "closing": closing.told(db, seen),
        "minutes": minutes, "older_minutes": submissions.handed_in_since(db, minutes),
        "minutes_job": queries.printing(db, inspection.id, ("print_minutes",)),
        "unsent": unsent.told(db, seen, tools().blobs),
        "job": queries.printing(db, inspection.id), "report": report,
        "withdrawn": report is not None and lists.withdrawn(db, report),
        "notice_from": ended, **day.notice_clock(ended),
        "may": _may(inspection),
    }


def _may(inspection: Inspection) -> dict[str, bool]:
    """What this person can go on to from here."""
    reviewing = can(g.user, Action.REVIEW, inspection)
    return {"capture": can(g.user, Action.ANSWER, inspection), "review": reviewing and inspection.state not in BEFORE,
            "rerun": can(g.user, Action.RERUN, inspection), "office": reviewing,
            "reissue": inspection.state == State.ISSUED and can(g.user, Action.DECIDE, inspection)}


def _fault(seen: standing.Standing, item) -> dict:
    return {"item": item, "answer": seen.answers[item.id], "outcome": seen.outcome(item),
            "severity": seen.severity(item), "photos": [picture(seen, photo) for photo in seen.photos.get(item.id, ())]}


def _photos(seen: standing.Standing, section) -> list[dict]:
    return [picture(seen, photo) for item in section.items for photo in seen.photos.get(item.id, ())]


def _awaited(db, inspection: Inspection) -> int:
    """How many untouched originals are still on the tablet."""
    awaited = set(submissions.originals_awaited(db, inspection.id))
    return len(awaited - current_app.extensions["blobs"].held(str(inspection.id), awaited))


def _events(db, inspection: Inspection) -> list[dict]:
    """What happened, newest first; of the downloads only the last of each person. Why it was called off is known of
    the last time."""
    found, seen = [], set()
    late = {str(id): days for id, days in news.late(db, [inspection.id])[inspection.id].days.items()}
    happened, reasons = queries.events(db, inspection.id), submissions.why_of_photos(db, inspection.id)
    off = next((event for event in reversed(happened) if event.name == "inspection.cancelled"), None)
    for event in reversed(happened):
        again = (event.name, event.actor_id)
        if event.name not in READINGS or again not in seen:
            days = late.get(event.details.get("response"))
            found.append({"event": event, "tone": "warn" if days else TONE.get(event.name), "late": days,
                          "why": inspection.cancelled_for if event is off else None,
                          "reason": reasons.get(event.details.get("verdict"))})
        seen.add(again)
    return found
