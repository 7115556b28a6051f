"""Papers say when the visit was: the days and hours of what was said and photographed on site, until it was closed."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from audit_app.actions import findings, jobs, minutes, review
from audit_app.records.db import now
from audit_app.records.models import Inspection, User
from audit_app.rules.refusals import IssuedTooEarly
from audit_app.rules.wording import HANOI, long_day, opening, weekday
from tests.factories import RETURNED_ITEM, Scene, answer, id_of, photo, wants_photo
from tests.unit.printing import TEMPLATES
from tests.unit.test_closing import meeting
from tests.web.test_minutes import play
from tests.web.test_tablets import announcement
from tests.web.visitor import items_of

VISIT = id_of("draft")


@pytest.fixture
def at(house):
    """A moment so many days after the day before yesterday: the visit was planned for today, its round has begun."""
    def of(hours: int, minutes: int = 0, *, days: int = 0) -> str:
        day = house.today - timedelta(days=2 - days)
        return datetime.combine(day, time(hours, minutes), HANOI).isoformat()
    return of


def visited(an, said: list[str], shot: str, **more) -> None:
    """All is answered and photographed anew at these moments."""
    whole = an.whole(VISIT)
    items, old = items_of(whole), whole["rows"]["photos"]
    rows = [answer(item) | {"answered_at": said[number % len(said)]} for number, item in enumerate(items)]
    removals = [{"id": answer(items[0])["id"], "photo": row["id"], "removed_at": shot} for row in old]
    shots = [photo(item["id"], old[0]["sha256"], taken_at=shot, **more) for item in items if wants_photo(item)]
    assert an.rows(VISIT, answers=rows, removals=removals, photos=shots).json["refused"] == []


def papers(an, tools) -> tuple[dict, str]:
    """The days and hours that are frozen, and the minutes."""
    assert an.submit(VISIT).status_code == 201
    with tools.database.transaction(writing=False) as db:
        inspection = db.get(Inspection, VISIT)
        frozen = findings.visit(db, inspection)["inspection"]
        short = minutes.gather(db, inspection, tools.catalogue)
    page = short["meeting"] and TEMPLATES.get_template("papers/minutes.html").render(s=short)
    return {name: frozen[name] for name in ("held_on", "held_until", "started_at", "ended_at")}, page


def test_a_visit_on_another_day_than_planned_has_the_day_on_which_it_was(an, chi, house, tools, at):
    held = meeting(opened_at=at(11), closed_at=at(11, 30))
    an.rows(VISIT, meetings=[held])
    visited(an, [at(9), at(10)], at(9, 30))
    frozen, page = papers(an, tools)
    day = (house.today - timedelta(days=2)).isoformat()
    assert frozen == {"held_on": day, "held_until": None, "started_at": at(9), "ended_at": at(11, 30)}
    both = f"{opening(weekday(day))} (kế hoạch {house.today:%d/%m/%Y}"
    assert both in chi.get(f"/inspections/{VISIT}").text and both in chi.get(f"/inspections/{VISIT}/review").text
    assert f"Biên bản kiểm tra {long_day(day)} tại" in page and f"09 giờ 00 phút, {long_day(day)}" in page



def test_the_office_reads_over_its_decisions_the_day_on_which_the_visit_was_made(an, chi, house, tools, at):
    an.rows(VISIT, meetings=[meeting(opened_at=at(11), closed_at=at(11, 30))])
    visited(an, [at(9), at(10)], at(9, 30))
    papers(an, tools)
    said = f"kiểm tra {weekday(house.today - timedelta(days=2))}."
    assert said in chi.get(f"/inspections/{VISIT}/approval").text
    chi.send(f"/inspections/{VISIT}/approval", "/approval")
    jobs.drain(tools)
    for page in ("number", "taken-out", "put-back"):
        assert said in chi.get(f"/inspections/{VISIT}/{page}").text, page


def test_the_law_of_a_visit_is_that_of_the_day_on_which_it_was(an, chi, house, tools, at, monkeypatch):
    known = tools.catalogue.law.instruments
    ended = known["CV2542"].model_copy(update={"valid_to": house.today - timedelta(days=1)})
    monkeypatch.setitem(known, "CV2542", ended)
    visited(an, [at(9), at(10)], at(9, 30))
    assert an.submit(VISIT).status_code == 201
    with tools.database.transaction(writing=False) as db:
        frozen = minutes.gather(db, db.get(Inspection, VISIT), tools.catalogue)
    cited = [(item["id"], said) for section in frozen["sections"] for item in section["items"]
             for said in item["citations"] if said["key"].startswith("CV2542")]
    assert cited and all(said["in_force"] for _, said in cited), "it had not ended when they were there"
    desk = chi.get(f"/inspections/{VISIT}/review?item={cited[0][0]}").text
    assert f"Căn cứ pháp lý vào ngày {house.today - timedelta(days=2):%d/%m/%Y}" in desk


def test_a_visit_that_was_made_before_its_day_may_have_its_notice_before_it_too(an, database, house, at):
    visited(an, [at(9), at(10)], at(9, 30))
    assert an.submit(VISIT).status_code == 201
    later, early = house.today + timedelta(days=30), house.today - timedelta(days=1)
    with database.transaction() as db:
        visit, chi = db.get(Inspection, VISIT), db.scalar(select(User).where(User.name == "chi"))
        with pytest.raises(IssuedTooEarly):
            review.approve(db, chi, visit, issued_on=early - timedelta(days=2), remedy_by=later)
        review.approve(db, chi, visit, issued_on=early, remedy_by=later)


def test_a_visit_of_two_days_has_both(an, tools, at):
    visited(an, [at(9), at(16, days=1)], at(10))
    frozen, _ = papers(an, tools)
    assert frozen == {"held_on": at(9)[:10], "held_until": at(9, days=1)[:10], "started_at": at(9),
                      "ended_at": at(16, days=1)}


def test_what_was_looked_up_before_the_planned_day_is_no_part_of_the_visit(an, house, tools, at):
    visited(an, [at(16, days=1), at(0, days=2)], at(0, days=2))
    frozen, _ = papers(an, tools)
    assert (frozen["held_on"], frozen["held_until"]) == (house.today.isoformat(), None)
    assert frozen["started_at"] == at(0, days=2)


def test_what_is_corrected_after_the_meeting_is_no_part_of_the_visit(an, tools, at):
    an.rows(VISIT, meetings=[meeting(opened_at=at(11), closed_at=at(11, 30))])
    visited(an, [at(9), at(21, 30)], at(8), source="gallery")
    frozen, _ = papers(an, tools)
    assert (frozen["started_at"], frozen["ended_at"]) == (at(9), at(11, 30))


def test_a_meeting_that_is_said_to_end_before_it_begins_does_not_begin_the_visit(an, tools, at):
    an.rows(VISIT, meetings=[meeting(opened_at=at(11), closed_at=at(7))])
    visited(an, [at(9), at(10)], at(8, 30))
    frozen, _ = papers(an, tools)
    assert (frozen["started_at"], frozen["ended_at"]) == (at(8, 30), at(11))


def test_a_meeting_whose_end_nobody_noted_ends_the_visit_when_it_was_opened(an, tools, at):
    an.rows(VISIT, meetings=[meeting(opened_at=at(11))])
    visited(an, [at(9), at(12)], at(8, 30))
    frozen, _ = papers(an, tools)
    assert (frozen["started_at"], frozen["ended_at"]) == (at(8, 30), at(11))


def test_what_was_corrected_after_it_was_handed_in_moves_no_day(an, house, tools, at):
    visited(an, [at(9), at(10)], at(9, 30))
    before, _ = papers(an, tools)
    play(house, Scene.send_back)
    an.rows(VISIT, answers=[answer(item) for item in items_of(an.whole(VISIT)) if item["id"] == RETURNED_ITEM])
    assert papers(an, tools)[0] == before


def test_clocks_that_say_what_cannot_be_leave_the_day_of_the_plan(an, house, tools):
    visited(an, ["1970-01-01T08:00:00+07:00", (now() + timedelta(days=1)).isoformat()], "2000-01-01T08:00:00+07:00")
    frozen, _ = papers(an, tools)
    assert frozen == {"held_on": house.today.isoformat(), "held_until": None, "started_at": None, "ended_at": None}


def test_a_clock_that_is_known_to_be_off_does_not_move_the_visit(an, house, tools, at):
    held = meeting(opened_at=at(11), closed_at=at(11, 30))
    an.rows(VISIT, meetings=[held])
    visited(an, [at(9), at(10)], at(9, 30))
    an.post(f"/sync/inspections/{VISIT}/device", json=announcement() | {"clock_offset_ms": -2 * 86_400_000},
            headers=an.csrf)
    assert papers(an, tools)[0]["held_on"] == house.today.isoformat()
