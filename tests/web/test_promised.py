"""Days of agencies: the office sees which promised ones are past while nothing more was said, and both sides what was
answered after its deadline."""

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from audit_app.actions.journal import record
from audit_app.records.db import now
from audit_app.records.evidence import Report, Response
from audit_app.records.models import Inspection, User
from audit_app.rules.wording import HANOI
from tests.factories import id_of
from tests.web.test_reports import replace_it

REPORT = id_of("report issued")
LATE = "1 tồn tại quá ngày dự kiến xong"


@pytest.fixture
def promise(database, house):
    """Dung said, so many hours ago, that she will be done in so many days."""
    def say(in_days: int | None, hours_ago: int) -> None:
        with database.transaction() as db:
            db.add(Response(report_id=REPORT, finding=1, text="Sẽ làm lại bảng.", at=now() - timedelta(hours=hours_ago),
                            promised_on=None if in_days is None else house.today + timedelta(days=in_days),
                            by_id=db.scalar(select(User.id).where(User.name == "dung"))))
    return say


def marks(chi, report=REPORT) -> tuple[bool, ...]:
    """Whether it is marked on the page of the report, among all reports, and under its own tab."""
    listed, late = chi.get("/follow?tab=all").text, chi.get("/follow?tab=late").text
    return "Quá ngày dự kiến xong 3 ngày" in chi.get(f"/follow/{report}").text, LATE in listed, f"/{report}" in late


def test_a_promised_day_that_is_past_is_marked_for_the_office(chi, promise, house):
    promise(-3, hours_ago=200)
    assert marks(chi) == (True, True, True)
    page = chi.get(f"/follow/{REPORT}").text
    assert f"({house.today - timedelta(days=3):%d/%m/%Y}) đã qua mà chưa có giải trình nào thêm" in page


@pytest.mark.parametrize("in_days", [0, 3, None])
def test_a_promised_day_that_is_not_past_is_not_marked(chi, promise, in_days):
    promise(in_days, hours_ago=200)
    assert marks(chi) == (False, False, False)
    assert "Không tồn tại nào quá ngày dự kiến xong" in chi.get("/follow?tab=late").text


@pytest.mark.parametrize("in_days", [5, None])
def test_who_said_something_more_since_is_not_marked(chi, promise, in_days):
    promise(-3, hours_ago=200)
    promise(in_days, hours_ago=1)
    assert marks(chi) == (False, False, False)


def test_a_promise_given_to_a_version_that_was_replaced_is_marked_at_the_newest(chi, database, promise):
    promise(-3, hours_ago=200)
    replace_it(database)
    assert marks(chi, id_of("second")) == (True, True, True)


def test_a_day_that_no_agency_can_mean_is_refused_beside_it_and_what_was_typed_stays(dung, house):
    far = house.today + timedelta(days=732)
    said = {"finding": 1, "text": "Sẽ làm lại bảng.", "promised_on": f"{far:%d/%m/%Y}"}
    told = dung.send("/agency", f"/reports/{REPORT}/response", **said)
    assert told.status_code == 422 and "sau hôm nay quá hai năm" in told.text and "Sẽ làm lại bảng." in told.text
    near = said | {"promised_on": f"{far - timedelta(days=1):%d/%m/%Y}"}
    assert dung.send("/agency", f"/reports/{REPORT}/response", **near).status_code == 302


def test_who_answered_is_named_to_both_sides(dung, chi, promise):
    promise(3, hours_ago=1)
    for page in (dung.get("/agency").text, chi.get(f"/follow/{REPORT}").text):
        assert "Phạm Tiến Dũng giải trình lúc" in page


def answer_so_long_after(database, days: int, finding: int = 1, report=REPORT) -> None:
    """An answer of Dung, so many days after the deadline of the version she answers; below 0: before it."""
    with database.transaction() as db:
        due = datetime.combine(db.get(Report, report).remedy_by, time(9), HANOI)
        dung = db.scalar(select(User).where(User.name == "dung"))
        given = Response(report_id=report, finding=finding, text="Đã làm lại.", by_id=dung.id,
                         at=due + timedelta(days=days))
        db.add(given)
        db.flush()
        record(db, dung, "response.given", db.get(Inspection, db.get(Report, report).inspection_id),
               finding=finding, response=str(given.id))


def test_an_answer_after_its_deadline_is_told_as_late_to_both_sides(chi, dung, database):
    answer_so_long_after(database, 3)
    for page in (dung.get("/agency").text, chi.get(f"/follow/{REPORT}").text):
        assert "Đã giải trình, sau hạn 3 ngày" in page and "Gửi sau hạn 3 ngày" in page
    assert "1 tồn tại giải trình sau hạn" in chi.get("/follow?tab=all").text
    assert "Tồn tại số 1, sau hạn 3 ngày" in chi.get(f"/inspections/{id_of('issued')}").text


def test_who_answered_in_time_and_adds_something_later_is_late_with_that_alone(chi, database):
    answer_so_long_after(database, 0)
    answer_so_long_after(database, 2)
    page = chi.get(f"/follow/{REPORT}").text
    assert "Đã giải trình, sau hạn" not in page and page.count("Gửi sau hạn 2 ngày") == 1
    assert "giải trình sau hạn" not in chi.get("/follow?tab=all").text


@pytest.mark.parametrize(("moved", "told"), [(30, True), (-30, False)])
def test_the_deadline_that_counts_is_the_one_that_stood_when_it_was_answered(chi, database, moved, told):
    answer_so_long_after(database, 3 if told else -3)
    replace_it(database, later=moved)
    assert ("sau hạn 3 ngày" in chi.get(f"/follow/{id_of('second')}").text) == told


def test_the_first_page_of_the_office_tells_of_a_late_answer(chi, database):
    answer_so_long_after(database, 3)
    assert chi.get("/").text.count("đã giải trình 1/1 tồn tại, trong đó 1 sau hạn") == 1


def test_a_late_answer_of_long_ago_is_told_where_the_rest_is_still_owed(chi, database, house):
    with database.transaction() as db:
        old = db.get(Report, REPORT)
        db.add(Report(id=id_of("second"), inspection_id=old.inspection_id, agency_id=old.agency_id, version=2,
                      code="AAAA-BBBB", snapshot=old.snapshot, pdf=old.pdf, octets=old.octets, findings=2,
                      remedy_by=house.today - timedelta(days=30)))
    answer_so_long_after(database, 2, report=id_of("second"))
    assert chi.get("/").text.count("đã giải trình 1/2 tồn tại, trong đó 1 sau hạn") == 1
