"""What stands on the first page of each role."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from flask import current_app

from audit_app.records import lists, news, queries
from audit_app.records.db import now
from audit_app.rules import deadlines
from audit_app.rules.wording import hanoi
from audit_app.rules.workflow import OPEN, State
from audit_app.web import tablet


def today() -> date:
    """The date in Hà Nội."""
    return hanoi(now()).date()


NEAR = timedelta(days=7)
"""Visits ahead that are shown whole; those beyond are a line each."""


def of_team(db, user, today, *, catalogue, since: timedelta) -> dict:
    """My inspections: those sent back, today's and overdue ones first, then those ahead, of which the next days' stand
    day by day, then what is with the office or done."""
    mine = queries.agenda(db, user, since=today - since)
    ids = [inspection.id for inspection in mine]
    answered, photos = queries.answered_items(db, ids), queries.photo_counts(db, ids)
    last = lists.last_issued(db, {inspection.agency_id for inspection in mine})
    findings = lists.findings_counts(db, [inspection.id for inspection in last.values()])
    visits = [_visit(inspection, catalogue, answered, photos, last, findings, user) | _urgency(inspection, today)
              for inspection in mine]
    working = [visit for visit in visits if visit["open"]]
    ahead = [visit for visit in working if visit["planned_for"] > today and not visit["sent_back"]]
    last = today + NEAR
    return {
        "now": sorted((visit for visit in working if visit["planned_for"] <= today or visit["sent_back"]),
                      key=lambda visit: (not visit["sent_back"], visit["overdue"])),
        "near": [visit for visit in ahead if visit["planned_for"] <= last], "near_until": last,
        "far": [visit for visit in ahead if visit["planned_for"] > last],
        "done": [visit for visit in reversed(visits) if not visit["open"]],
    }


def _visit(inspection, catalogue, answered: dict, photos: dict, last: dict, findings: dict, user) -> dict:
    before = last.get(inspection.agency_id)
    return {
        "id": inspection.id, "agency": inspection.agency.name, "address": inspection.agency.address,
        "planned_for": inspection.planned_for, "planned_at": inspection.planned_at, "tier": inspection.tier,
        "state": inspection.state, "open": inspection.state in OPEN, "round": inspection.round.title,
        "done": (done := answered.get(inspection.id, [])), "answered": len(done), "total": asked(inspection, catalogue),
        "photos": photos.get(inspection.id, 0),
        "team": [(a.user.full_name, a.lead, a.user_id == user.id) for a in inspection.team],
        "score": stored_score(inspection),
        "last": before and before.id != inspection.id and {"day": before.planned_for, "score": stored_score(before),
                                                            "findings": findings.get(before.id, 0)},
    }


def _urgency(inspection, today) -> dict:
    sent_back = inspection.state == State.RETURNED
    return {"sent_back": sent_back, "overdue": not sent_back and inspection.planned_for < today}


def asked(inspection, catalogue) -> int:
    """How many items the checklist asks on this visit."""
    checklist = tablet.checklist_of(inspection, catalogue)
    offered = checklist.offered(inspection.level, inspection.tier, inspection.planned_for)
    return sum(len(section.items) for section in offered)


def stored_score(inspection) -> dict | None:
    """Score and coverage as they stood at the last submission; None before it."""
    if inspection.coverage is None:
        return None
    return {"percent": inspection.percent and Fraction(inspection.percent), "coverage": Fraction(inspection.coverage),
            "answered": inspection.answered, "applicable": inspection.applicable}


FEW = 6
"""Lines of each list on the office's first page; the rest stands behind a link."""


def of_office(db, today) -> dict:
    """What waits for the office: reviews, returned visits, work that failed, rounds under way, deadlines near."""
    rounds = lists.rounds_under_way(db, today)
    states = lists.states_of_rounds(db, [round.id for round in rounds])
    soon = today + timedelta(days=deadlines.SOON_DAYS)
    replies = lists.remedies(db, today=today, since=lately(), lines=FEW)
    remedies = lists.remedies(db, today=today, until=soon, only_open=True, lines=FEW)
    return {
        "counts": lists.per_state(db), "stored_score": stored_score, **_out(db, today), **answered_lately(db),
        "waiting": lists.inspections(db, states=(State.SUBMITTED,), lines=FEW),
        "returned": lists.inspections(db, states=(State.RETURNED,), lines=FEW),
        "jobs": lists.jobs(db, lines=FEW),
        "rounds": [of_round(round, states[round.id]) for round in rounds[:FEW]],
        "more_rounds": len(rounds) > FEW,
        "remedies": remedies, "replies": replies,
        "tardy": news.late(db, [report.inspection_id for report, *_ in (*replies.rows, *remedies.rows)]),
    }


def _out(db, today) -> dict:
    """Who is out today, what was due before and is not handed in, and how much is due by now and not handed in."""
    out = lists.planned(db, states=[state for state in State if state != State.CANCELLED], first=today, last=today,
                        lines=FEW)
    return {"out": out, "begun": queries.answered_counts(db, [visit.id for visit in out.rows]),
            "late": lists.planned(db, states=(State.DRAFT,), last=today - timedelta(days=1), lines=FEW),
            "due": lists.planned(db, states=(State.DRAFT,), last=today, lines=1).total}


def lately() -> datetime:
    """From when on what an agency answered is new."""
    return now() - timedelta(days=news.DAYS)


def answered_lately(db, inspections=None) -> dict:
    """New answers by inspection, as both pages of the office that tell of them take it."""
    return {"news": news.answers(db, lately(), inspections), "news_days": news.DAYS}


def notice_clock(ended: date) -> dict:
    """When the notice is due of what ended on that day, what that rests on, the working days that are left, and whether
    holidays that move from year to year are counted in it."""
    catalogue = current_app.extensions["catalogue"]
    off = catalogue.days_off
    due = deadlines.notice_due(ended, off.days)
    return {"notice_due": due, "left": deadlines.working_days_left(today(), due, off.days),
            "holidays_known": off.known(ended, due),
            "notice_ground": catalogue.law.describe(deadlines.NOTICE_GROUND, ended)}


def of_round(round, states: dict[str, int]) -> dict:
    """A round with its progress and the clock of its notices."""
    return {"round": round, "states": states, "total": sum(states.values()) - states[State.CANCELLED],
            "issued": states[State.ISSUED], **notice_clock(round.ends_on)}
