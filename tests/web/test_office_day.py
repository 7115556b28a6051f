"""The first pages: who is out today, what is late, what agencies answered lately; what lies ahead of a team."""

from datetime import timedelta

from sqlalchemy import select

from audit_app.records.db import now
from audit_app.records.evidence import Response
from audit_app.records.models import Assignment, Inspection, User
from audit_app.rules.workflow import State
from tests.factories import id_of


def section(page: str, id: str) -> str:
    """One card of the page."""
    return page.partition(f'aria-labelledby="{id}"')[2].partition("</section>")[0]


def test_who_is_out_today_and_what_is_late_stand_apart_from_what_lies_ahead(chi, database, house):
    visit, yesterday = id_of("draft"), house.today - timedelta(days=1)
    with database.transaction() as db:
        for other in db.scalars(select(Inspection).where(Inspection.state == State.DRAFT)):
            other.planned_for = house.today if other.id == visit else house.today + timedelta(days=20)
        drafts = db.query(Inspection).filter_by(state=State.DRAFT).count()
    page = chi.get("/").text
    assert f"/inspections/{visit}" in section(page, "out") and "Nguyễn Thị Hoài An" in section(page, "out")
    assert not section(page, "late") and f"thêm {drafts - 1} cuộc chưa đến ngày" in page
    with database.transaction() as db:
        db.get(Inspection, visit).planned_for = yesterday
    page = chi.get("/").text
    assert f"/inspections/{visit}" in section(page, "late") and f"{yesterday:%d/%m/%Y}" in section(page, "late")
    assert f"/inspections/{visit}" not in section(page, "out")


def test_what_is_late_is_told_six_at_a_time_with_the_way_to_the_rest(chi, database, house):
    with database.transaction() as db:
        model = db.get(Inspection, id_of("draft"))
        columns = {column.key for column in Inspection.__table__.columns} - {"id", "planned_for", "state"}
        for day in range(1, 9):
            db.add(Inspection(**{name: getattr(model, name) for name in columns}, state=State.DRAFT,
                              planned_for=house.today - timedelta(days=day)))
    late = section(chi.get("/").text, "late")
    assert late.count("<li>") == 6 and f"/rounds/{id_of('round')}?tab=open" in late


def test_what_agencies_answered_lately_is_counted_and_leads_to_the_newest(chi, database):
    def answer(days_ago: int) -> None:
        with database.transaction() as db:
            db.add(Response(report_id=id_of("report issued"), finding=1, text="Đã sửa", promised_on=None,
                            by_id=db.scalar(select(User.id).where(User.name == "dung")),
                            at=now() - timedelta(days=days_ago)))

    report = f"/follow/{id_of('report issued')}"
    answer(days_ago=8)
    assert "giải trình mới của cơ quan" not in chi.get("/").text
    assert "Không có giải trình mới" in chi.get("/follow?tab=new").text
    answer(days_ago=6)
    answer(days_ago=2)
    page = chi.get("/").text
    assert "2 giải trình mới của cơ quan" in section(page, "replies") and report in section(page, "replies")
    for tab in ("new", "all"):
        listed = chi.get(f"/follow?tab={tab}").text
        assert report in listed and "2 giải trình mới, gần nhất" in listed


def test_visits_of_the_next_days_stand_day_by_day_and_later_ones_are_a_line_each(an, database, house):
    near, far = (house.today + timedelta(days=days) for days in (7, 8))
    with database.transaction() as db:
        model = db.get(Inspection, id_of("draft"))
        columns = {column.key for column in Inspection.__table__.columns} - {"id", "planned_for", "state"}
        others = [Inspection(**{name: getattr(model, name) for name in columns}, state=State.DRAFT, planned_for=day,
                             team=[Assignment(user_id=one.user_id, lead=one.lead) for one in model.team])
                  for day in (near, far)]
        db.add_all(others)
    before, _, folded = an.get("/").text.partition('class="visit-far"')
    folded = folded.partition("</div>\n<h2")[0]
    soon, later = (f'data-visit="{other.id}"' for other in others)
    assert soon in before and f"{near:%d/%m/%Y}</h2>" in before
    assert later in folded and later not in before and folded.count("<summary>") == folded.count("data-visit") == 1


def test_the_page_of_a_visit_belongs_to_the_list_in_which_it_is_worked_on(chi):
    for visit, entry in (("draft", "/rounds"), ("submitted", "/review"), ("issued", "/rounds")):
        rail = chi.get(f"/inspections/{id_of(visit)}").text.partition('class="rail"')[2].partition("</nav>")[0]
        assert f'href="{entry}" aria-current="page"' in rail and rail.count("aria-current") == 1
