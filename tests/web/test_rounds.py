"""Rounds: Chi opens one, puts visits into it, and sees how far they are."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from audit_app.actions import people
from audit_app.records.models import Agency, Inspection, Round, User
from audit_app.rules import deadlines
from audit_app.rules.days_off import DaysOff, YearOff
from tests.factories import id_of

ROUND = id_of("round")
VISITS = f"/rounds/{ROUND}/visits"


def typed(day) -> str:
    return f"{day:%d/%m/%Y}"


@pytest.fixture
def ids(database) -> dict[str, str]:
    """The ids of people by name."""
    with database.transaction(writing=False) as db:
        return {person.name: str(person.id) for person in db.scalars(select(User))}


def counted(database) -> int:
    with database.transaction(writing=False) as db:
        return db.scalar(select(func.count()).select_from(Inspection))


def test_chi_opens_a_round_and_is_led_to_its_empty_page(chi, database, house):
    said = {"title": "Đợt 1 năm 2027", "decision": "Kế hoạch 12/KH-VP", "starts_on": typed(house.today),
            "ends_on": (house.today + timedelta(days=9)).isoformat(), "tier": "3"}
    done = chi.send("/rounds/new", "/rounds/new", **said)
    assert done.status_code == 302
    page = chi.get(done.location).text
    assert "Đợt này chưa có cuộc kiểm tra nào" in page and "Kế hoạch 12/KH-VP" in page and "kiểm tra mở rộng" in page
    assert "Đợt 1 năm 2027" in chi.get("/rounds").text
    for listed in ("/rounds", "/"):
        assert "Chưa có cuộc" in chi.get(listed).text and "0/0" not in chi.get(listed).text
    with database.transaction(writing=False) as db:
        kept = db.scalar(select(Round).where(Round.title == "Đợt 1 năm 2027"))
        assert (kept.starts_on, kept.ends_on, kept.tier) == (house.today, house.today + timedelta(days=9), 3)


@pytest.mark.parametrize(("said", "told"), [
    ({"title": ""}, "Hãy nhập tên đợt kiểm tra."), ({"title": "\u200b"}, "Hãy nhập tên đợt kiểm tra."),
    ({"ends_on": "01/01/2020"}, "Ngày kết thúc phải từ ngày bắt đầu trở đi"),
    ({"starts_on": ""}, "Hãy nhập ngày bắt đầu."),
    ({"tier": "9"}, "Hãy chọn một giá trị trong danh sách."), ({"tier": "x"}, "Hãy chọn một giá trị trong danh sách."),
])
def test_a_round_that_cannot_be_is_said_at_its_field(chi, house, said, told):
    whole = {"title": "Đợt thử", "starts_on": typed(house.today), "ends_on": typed(house.today), "tier": "1", **said}
    done = chi.post("/rounds/new", data=whole, headers=chi.csrf)
    assert done.status_code == 422 and told in done.text
    assert "Đợt thử" not in chi.get("/rounds").text


def test_chi_corrects_a_round_and_its_visits_stay_as_they_are(chi, database, house):
    page, ends = f"/rounds/{ROUND}/change", house.today + timedelta(days=20)
    assert chi.send(page, "/change", title="Đợt 4, kéo dài", ends_on=typed(ends), tier="3").status_code == 302
    shown = chi.get(f"/rounds/{ROUND}").text
    assert "Đã lưu đợt kiểm tra." in shown and "Đợt 4, kéo dài" in shown and typed(ends) in shown
    with database.transaction(writing=False) as db:
        assert db.get(Round, ROUND).tier == 3 and db.get(Inspection, id_of("draft")).tier != 3


def test_a_round_cannot_be_changed_into_one_that_cannot_be(chi, database):
    done = chi.send(f"/rounds/{ROUND}/change", "/change", ends_on="01/01/2020", title="Đợt sai")
    assert done.status_code == 422 and "từ ngày bắt đầu trở đi" in done.text and "Đợt sai" in done.text
    with database.transaction(writing=False) as db:
        assert db.get(Round, ROUND).title != "Đợt sai"


def test_a_round_shows_each_visit_with_its_state_and_progress(chi):
    page = chi.get(f"/rounds/{ROUND}").text
    for visit in ("draft", "submitted", "issued", "binhs"):
        assert f"/inspections/{id_of(visit)}" in page
    assert "Trần Quốc Bình" in page and "độ phủ" in page and "Chưa nộp" in page


def test_chi_adds_a_visit_and_an_finds_it_on_her_day(chi, an, ids, house, database):
    page = chi.get(VISITS).text
    assert f'value="{id_of("tu_phap")}"' in page and 'data-fold="so tu phap' in page
    said = {"agency": str(id_of("tu_phap")), "day": typed(house.today), "at": "8h30", "tier": "2",
            "team": [ids["an"], ids["binh"]], "lead": ids["binh"]}
    done = chi.post(VISITS, data=said, headers=chi.csrf)
    assert done.status_code == 302 and done.location.endswith(f"/rounds/{ROUND}")
    with database.transaction(writing=False) as db:
        visit = db.scalar(select(Inspection).where(Inspection.agency_id == id_of("tu_phap")))
        assert (visit.planned_at, visit.tier, visit.level, visit.checklist_id) == ("08:30", 2, "S", "mot-cua")
        leads = {str(member.user_id): member.lead for member in visit.team}
        assert leads == {ids["an"]: False, ids["binh"]: True}
    assert str(visit.id) in an.get("/").text


def test_adding_one_after_another_keeps_day_hour_and_team(chi, ids, house):
    said = {"agency": str(id_of("tu_phap")), "day": typed(house.today), "at": "14:00", "tier": "2",
            "team": [ids["an"], ids["binh"]], "lead": ids["an"], "then": "another"}
    done = chi.post(VISITS, data=said, headers=chi.csrf)
    again = chi.get(done.location).text
    assert "Đã thêm cuộc kiểm tra tại Sở Tư pháp." in again and 'value="14:00"' in again
    assert again.count("checked") == 3 and f'value="{id_of("tu_phap")}" checked' not in again


@pytest.mark.parametrize(("said", "told"), [
    ({"agency": ""}, "Hãy chọn một cơ quan trong danh sách."),
    ({"agency": "nonsense"}, "Không tìm thấy cơ quan đã chọn"),
    ({"team": []}, "ít nhất một thành viên"),
    ({"team": ["nonsense"], "lead": ""}, "không còn kiểm tra được"),
    ({"team": ["chi"], "lead": ""}, "không còn kiểm tra được"),
    ({"lead": "binh"}, "Trưởng đoàn phải là một thành viên đã chọn"),
    ({"day": "31/12/2099"}, None),
    ({"at": "25:00"}, "Giờ không đúng"),
    ({"agency": str(id_of("hoan_kiem"))}, "đã có cuộc kiểm tra trong đợt này"),
])
def test_a_visit_that_cannot_be_is_refused_in_words(chi, ids, house, database, said, told):
    before = counted(database)
    whole = {"agency": str(id_of("tu_phap")), "day": typed(house.today), "at": "08:30", "tier": "1",
             "team": [ids["an"]], "lead": "", **said}
    whole["team"] = [ids.get(name, name) for name in whole["team"]]
    whole["lead"] = ids.get(whole["lead"], whole["lead"])
    done = chi.post(VISITS, data=whole, headers=chi.csrf)
    if told is None:  # far away, but possible: the day is the office's to choose
        assert done.status_code == 302
    else:
        assert done.status_code == 422 and told in done.text and counted(database) == before


def test_an_agency_that_is_no_more_is_not_offered_and_not_taken(chi, ids, house, database):
    with database.transaction() as db:
        db.get(Agency, id_of("tu_phap")).valid_to = db.get(Round, ROUND).starts_on - timedelta(days=1)
    assert f'value="{id_of("tu_phap")}"' not in chi.get(VISITS).text
    said = {"agency": str(id_of("tu_phap")), "day": typed(house.today), "tier": "1", "team": [ids["an"]]}
    done = chi.post(VISITS, data=said, headers=chi.csrf)
    assert done.status_code == 422 and "Sở Tư pháp không hoạt động vào ngày" in done.text


def test_an_agency_that_begins_or_ends_within_the_round_is_offered_with_its_day(chi, ids, house, database):
    begins, ends = house.today + timedelta(days=5), house.today + timedelta(days=2)
    with database.transaction() as db:
        db.get(Agency, id_of("tu_phap")).valid_from = begins
        db.get(Agency, id_of("ba_dinh")).valid_to = ends
    page = chi.get(VISITS).text
    assert f'value="{id_of("tu_phap")}"' in page and f"từ {typed(begins)}" in page
    assert f'value="{id_of("ba_dinh")}"' in page and f"đến hết {typed(ends)}" in page
    said = {"agency": str(id_of("tu_phap")), "team": [ids["an"]]}
    assert chi.send(VISITS, VISITS, day=typed(house.today), **said).status_code == 422
    assert chi.send(VISITS, VISITS, day=typed(begins), **said).status_code == 302


def test_only_people_who_inspect_and_may_sign_in_are_offered(chi, ids):
    page = chi.get(VISITS).text.partition('id="visit"')[2]
    assert ids["an"] in page and ids["giang"] in page
    assert not [name for name in ("chi", "dung", "admin", "lan") if ids[name] in page]


def plan_of(chi, visit, ids, house, **said):
    """Chi sends another plan for the visit."""
    whole = {"day": typed(house.today + timedelta(days=3)), "at": "14:15", "tier": "1", "team": [ids["binh"]],
             "lead": ids["binh"], **said}
    return chi.post(f"/rounds/visits/{visit}", data=whole, headers=chi.csrf)


def test_chi_moves_a_visit_and_gives_it_to_another(chi, client_of, an, ids, house, database):
    chi.post(VISITS, headers=chi.csrf, data={"agency": str(id_of("tu_phap")), "day": typed(house.today), "tier": "2",
                                             "team": [ids["an"]]})
    with database.transaction(writing=False) as db:
        visit = db.scalar(select(Inspection.id).where(Inspection.agency_id == id_of("tu_phap")))
    assert chi.get(f"/rounds/visits/{visit}").text.count("checked") == 2
    done = plan_of(chi, visit, ids, house)
    assert done.status_code == 302 and done.location.endswith(f"/inspections/{visit}")
    with database.transaction(writing=False) as db:
        moved = db.get(Inspection, visit)
        assert (moved.planned_for, moved.planned_at, moved.tier) == (house.today + timedelta(days=3), "14:15", 1)
        assert [(str(member.user_id), member.lead) for member in moved.team] == [(ids["binh"], True)]
    assert str(visit) in client_of("binh").get("/").text and str(visit) not in an.get("/").text
    assert "Đổi kế hoạch" in chi.get(f"/inspections/{visit}").text


def test_a_visit_is_asked_the_version_of_its_own_day_also_when_it_is_moved(chi, ids, database):
    last, first = date(2026, 11, 28), date(2026, 11, 29)  # of version 1, of version 2
    with database.transaction() as db:
        db.get(Agency, id_of("tu_phap")).valid_from = date(2021, 1, 1)
    said = {"agency": str(id_of("tu_phap")), "tier": "2", "team": [ids["an"]]}
    ids_and_versions = select(Inspection.id, Inspection.checklist_version).where(
        Inspection.agency_id == id_of("tu_phap")).order_by(Inspection.planned_for)
    for day in (last, first):
        assert chi.post(VISITS, headers=chi.csrf, data={**said, "day": typed(day)}).status_code == 302
    with database.transaction(writing=False) as db:
        planned = db.execute(ids_and_versions).all()
    assert [version for _, version in planned] == [1, 2]
    for (visit, _), day in zip(planned, (first + timedelta(days=1), last - timedelta(days=1)), strict=True):
        moved = chi.post(f"/rounds/visits/{visit}", headers=chi.csrf, data={
            **said, "day": typed(day), "at": "08:30", "lead": ids["an"]})
        assert moved.status_code == 302
    with database.transaction(writing=False) as db:
        assert dict(db.execute(ids_and_versions).all()) == {planned[0].id: 2, planned[1].id: 1}


def test_what_was_captured_binds_the_plan(chi, ids, house, database):
    visit = id_of("draft")  # An answered here
    away = plan_of(chi, visit, ids, house)
    assert away.status_code == 422 and "không rút khỏi đoàn được" in away.text
    team = {"team": [ids["an"], ids["binh"]]}
    moved = plan_of(chi, visit, ids, house, **team)
    assert moved.status_code == 422 and "ngày và mức giữ nguyên" in moved.text
    with database.transaction(writing=False) as db:
        now = db.get(Inspection, visit)
        kept = {"day": typed(now.planned_for), "tier": str(now.tier), **team}
    assert plan_of(chi, visit, ids, house, **kept).status_code == 302
    assert plan_of(chi, id_of("submitted"), ids, house).status_code == 422


@pytest.mark.parametrize(("day", "least", "most"), [("2021-08-20", 1, 1), ("2025-06-30", 1, 1), ("2025-07-01", 15, 40)])
def test_the_office_is_told_how_much_of_a_visit_rests_on_no_law_in_force(chi, an, database, day, least, most):
    with database.transaction() as db:
        db.get(Inspection, id_of("draft")).planned_for = date.fromisoformat(day)
    said = r"(\d+)/\d+ mục không có căn cứ nào đã kiểm chứng và còn hiệu lực"
    assert least <= int(re.search(said, chi.get(f"/inspections/{id_of('draft')}").text)[1]) <= most
    assert not re.search(said, an.get(f"/inspections/{id_of('draft')}").text)


def test_days_off_that_the_office_lists_are_counted_and_no_longer_said_to_be_missing(app, chi, monkeypatch):
    moving, visit = "chưa trừ ngày nghỉ lễ theo âm lịch", f"/inspections/{id_of('submitted')}"
    with app.extensions["database"].transaction(writing=False) as db:
        ended = db.get(Inspection, id_of("submitted")).round.ends_on
    page = f"/rounds/{ROUND}"
    due = deadlines.notice_due(ended)
    assert all(moving in said and f"{due:%d/%m/%Y}" in said for said in (chi.get(visit).text, chi.get(page).text))
    years = tuple(YearOff(year=year, days=(due,) * (due.year == year)) for year in range(ended.year, due.year + 2))
    monkeypatch.setattr(app.extensions["catalogue"], "days_off", DaysOff(years=years))
    later = deadlines.notice_due(ended, {due})
    assert later > due
    for said in (chi.get(visit).text, chi.get(page).text):
        assert moving not in said and f"{later:%d/%m/%Y}" in said


def test_a_visit_outside_its_round_is_pointed_out_and_its_notice_counts_from_its_own_day(chi, database, house):
    visit, pages = id_of("submitted"), (f"/inspections/{id_of('submitted')}", f"/rounds/{ROUND}",
                                        f"/rounds/visits/{id_of('draft')}")
    assert not any("ngoài thời gian của đợt" in chi.get(page).text for page in pages)
    with database.transaction() as db:
        db.get(Round, ROUND).ends_on = house.today - timedelta(days=2)
    assert all("ngoài thời gian của đợt" in chi.get(page).text for page in pages)
    assert "ngoài thời gian của đợt" not in chi.get(f"/inspections/{id_of('issued')}").text, "nothing to mend any more"
    due = f"{deadlines.notice_due(house.today):%d/%m/%Y}"
    assert f"tính từ ngày kiểm tra {house.today:%d/%m/%Y}" in chi.get(pages[0]).text and due in chi.get(pages[0]).text
    assert due in chi.get(f"/inspections/{visit}/approval").text


def test_a_visit_on_a_day_that_is_none_of_its_agency_s_any_more_is_pointed_out(chi, database, house):
    pages = (f"/inspections/{id_of('draft')}", f"/rounds/visits/{id_of('draft')}", f"/rounds/{ROUND}")
    assert not any("hoạt động đến hết" in chi.get(page).text for page in pages)
    with database.transaction() as db:
        db.get(Agency, db.get(Inspection, id_of("draft")).agency_id).valid_to = house.today - timedelta(days=1)
    for page in pages:
        assert f"hoạt động đến hết {house.today - timedelta(days=1):%d/%m/%Y}" in chi.get(page).text, page


def test_a_notice_is_overdue_from_the_day_after_its_deadline_on_days_off_too(app):
    words, due = app.jinja_env.get_template("components/working_days.html").module, date(2026, 12, 4)
    for day, said in ((3, "còn 1 ngày làm việc"), (4, "hạn hôm nay"), (5, "quá hạn"), (8, "quá hạn 2 ngày làm việc")):
        today = date(2026, 12, day)
        left = deadlines.working_days_left(today, due)
        assert words.days_words(due, today, left) == said
        with app.test_request_context():
            assert ("chip-bad" in words.days_chip(due, today, left)) is (due < today)


def test_the_tier_of_a_visit_is_changed_alone(chi, ids, house, database):
    visit = house.plan("new", agency="tu_phap")
    done = plan_of(chi, visit, ids, house, day=typed(house.today), tier="3")
    assert done.status_code == 302
    with database.transaction(writing=False) as db:
        assert db.get(Inspection, visit).tier == 3


def test_a_visit_whose_inspector_was_locked_out_is_given_to_another_beside_her(chi, ids, database):
    visit = id_of("draft")  # An answered here
    with database.transaction() as db:
        people.disable(db, None, db.get(User, UUID(ids["an"])))
    page = f"/rounds/visits/{visit}"
    assert "đã khoá" in chi.get(page).text and "đã khoá" not in chi.get(VISITS).text
    assert chi.send(page, page, team=[ids["an"], ids["giang"]], lead=ids["giang"]).status_code == 302
    with database.transaction(writing=False) as db:
        assert db.get(Inspection, visit).team_ids == {UUID(ids["an"]), UUID(ids["giang"])}
    assert chi.send(VISITS, VISITS, agency=str(id_of("tu_phap")), team=[ids["an"]]).status_code == 422


