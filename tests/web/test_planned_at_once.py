"""Two visits at once: an agency is visited once a day in a round, a person is at one place at a time."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from audit_app.actions import rounds
from audit_app.records.models import Inspection, Round, User
from audit_app.rules.deadlines import working_days_after
from audit_app.rules.workflow import State
from tests.factories import id_of
from tests.web.test_last_admin import begun_during

ROUND, TU_PHAP = id_of("round"), id_of("tu_phap")


@pytest.fixture
def visits(app, database, house) -> list:
    """Two visits at Sở Tư pháp, on days of their own: the second is called off."""
    def plan(db, after: int):
        by, an = (db.scalar(select(User).where(User.name == name)) for name in ("chi", "an"))
        return rounds.add_visit(db, by, db.get(Round, ROUND), agency=str(TU_PHAP), at="", tier=1, team=[str(an.id)],
                                lead="", day=house.today + timedelta(days=after),
                                catalogue=app.extensions["catalogue"])

    with database.transaction() as db:
        kept = [plan(db, 1).id, plan(db, 2).id]
        rounds.cancel(db, None, db.get(Inspection, kept[1]), why="Bão")
    return [*kept, lambda db: plan(db, 2)]


def standing(database, day) -> int:
    """How many visits stand on a day."""
    with database.transaction(writing=False) as db:
        return db.scalar(select(func.count()).select_from(Inspection).where(
            Inspection.agency_id == TU_PHAP, Inspection.planned_for == day, Inspection.state != State.CANCELLED))


def test_a_visit_is_not_moved_to_a_day_on_which_a_colleague_just_plans_one(chi, visits, database, house):
    moved, _, plan = visits
    day = house.today + timedelta(days=2)
    form = next(form for form in chi.forms(f"/rounds/visits/{moved}") if form.action.endswith(str(moved)))
    said = form.values() | {"day": f"{day:%d/%m/%Y}"}
    done, = begun_during(database, plan, lambda: chi.post(form.action, data=said))
    assert done.status_code == 422 and "đã có cuộc kiểm tra trong đợt này" in done.text
    assert f'value="{day:%d/%m/%Y}"' in done.text, "what was typed stands there still"
    assert standing(database, day) == 1


def test_a_visit_is_not_restored_on_a_day_on_which_a_colleague_just_plans_one(chi, visits, database, house):
    _, restored, plan = visits
    csrf = chi.csrf
    done, = begun_during(database, plan, lambda: chi.post(f"/rounds/visits/{restored}/restoring", headers=csrf))
    assert done.status_code == 409
    assert standing(database, house.today + timedelta(days=2)) == 1


def test_whoever_is_planned_at_two_agencies_at_the_same_hour_is_named(chi, database, house):
    with database.transaction(writing=False) as db:
        ids = {person.name: str(person.id) for person in db.scalars(select(User))}
    day, visits = f"{house.today + timedelta(days=1):%d/%m/%Y}", f"/rounds/{ROUND}/visits"
    said = {"day": day, "at": "14:00", "tier": "1", "team": [ids["an"], ids["binh"]], "lead": ids["an"]}
    first = chi.post(visits, data={"agency": str(TU_PHAP), **said}, headers=chi.csrf)
    assert "cũng có cuộc kiểm tra" not in chi.get(first.location).text
    second = said | {"agency": str(id_of("ba_dinh")), "team": [ids["an"]]}
    page = chi.get(chi.post(visits, data=second, headers=chi.csrf).location).text
    assert f"Nguyễn Thị Hoài An cũng có cuộc kiểm tra tại Sở Tư pháp vào 14:00 ngày {day}" in page
    assert page.count("cũng có cuộc kiểm tra") == 1
    later = said | {"agency": str(id_of("hoan_kiem")), "at": "15:30"}
    assert "cũng có cuộc kiểm tra" not in chi.get(chi.post(visits, data=later, headers=chi.csrf).location).text


def test_a_day_outside_the_round_and_an_agency_of_two_rounds_on_one_day_are_told(chi, database, house):
    with database.transaction(writing=False) as db:
        an = str(db.scalar(select(User.id).where(User.name == "an")))
        round = db.get(Round, ROUND)
    beyond, visits = round.ends_on + timedelta(days=40), f"/rounds/{ROUND}/visits"
    said = {"at": "", "tier": "1", "team": [an], "lead": an, "agency": str(TU_PHAP)}
    far = chi.get(chi.post(visits, data=said | {"day": f"{beyond:%d/%m/%Y}"}, headers=chi.csrf).location).text
    assert f"Ngày {beyond:%d/%m/%Y} nằm ngoài thời gian của đợt" in far
    span = {"starts_on": f"{house.today:%d/%m/%Y}", "ends_on": f"{beyond:%d/%m/%Y}", "tier": "1"}
    made = chi.send("/rounds/new", "/rounds/new", title="Đợt thứ hai", **span)
    other = f"{made.location}/visits"
    near = chi.get(chi.post(other, data=said | {"day": f"{beyond:%d/%m/%Y}"}, headers=chi.csrf).location).text
    assert f"Sở Tư pháp cũng có cuộc kiểm tra ngày {beyond:%d/%m/%Y} trong đợt «{round.title}»" in near
    assert "nằm ngoài" not in near
    short = span | {"ends_on": f"{house.today:%d/%m/%Y}", "title": "Đợt thứ hai"}
    page = chi.get(chi.send(f"{made.location}/change", f"{made.location}/change", **short).location).text
    assert "1 cuộc kiểm tra của đợt nằm ngoài thời gian này" in page


def test_an_agency_that_is_visited_twice_in_one_round_is_told_with_the_other_day(chi, database, house):
    with database.transaction(writing=False) as db:
        an = str(db.scalar(select(User.id).where(User.name == "an")))
    said = {"at": "", "tier": "1", "team": [an], "lead": an, "agency": str(id_of("tu_phap"))}
    days = [f"{house.today + timedelta(days=ahead):%d/%m/%Y}" for ahead in (1, 2)]
    pages = [chi.get(chi.post(f"/rounds/{ROUND}/visits", data=said | {"day": day}, headers=chi.csrf).location).text
             for day in days]
    assert "trong chính đợt này" not in pages[0] and f"đã có cuộc kiểm tra ngày {days[0]} trong chính đợt" in pages[1]


def test_a_round_of_more_than_a_year_has_a_mistyped_year(chi, house):
    ends = house.today + timedelta(days=367)
    said = {"title": "Đợt dài", "starts_on": f"{house.today:%d/%m/%Y}", "ends_on": f"{ends:%d/%m/%Y}", "tier": "1"}
    told = chi.send("/rounds/new", "/rounds/new", **said)
    assert told.status_code == 422 and "dài quá một năm" in told.text
    said["ends_on"] = f"{ends - timedelta(days=1):%d/%m/%Y}"
    assert chi.send("/rounds/new", "/rounds/new", **said).status_code == 302


def test_a_day_off_is_told_and_the_next_visit_begins_on_the_same_day_with_its_weekday(chi, database, house):
    with database.transaction(writing=False) as db:
        an = str(db.scalar(select(User.id).where(User.name == "an")))
    saturday = house.today + timedelta(days=(5 - house.today.weekday()) % 7 or 7)
    visits, said = f"/rounds/{ROUND}/visits", {"at": "", "tier": "1", "team": [an], "lead": an, "then": "another"}
    planned = chi.post(visits, data=said | {"agency": str(TU_PHAP), "day": f"{saturday:%d/%m/%Y}"}, headers=chi.csrf)
    page = chi.get(planned.location).text
    assert f"Thứ Bảy {saturday:%d/%m/%Y} là ngày nghỉ" in page
    assert f'value="{saturday:%d/%m/%Y}"' in page and "Ngày này là <b>thứ Bảy</b>" in page
    open_day = working_days_after(saturday, 1)
    planned = chi.post(visits, data=said | {"agency": str(TU_PHAP), "day": f"{open_day:%d/%m/%Y}"}, headers=chi.csrf)
    assert "là ngày nghỉ" not in chi.get(planned.location).text
