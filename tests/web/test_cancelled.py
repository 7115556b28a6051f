"""A visit that the office calls off: nothing is deleted, nothing more is taken, and it can take place after all."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from audit_app.records.evidence import Event
from audit_app.records.models import Agency, Inspection
from tests.factories import answer, id_of, picture
from tests.web.visitor import items_of

VISIT = id_of("draft")
WHY = "Cơ quan chuyển trụ sở"


@pytest.fixture(autouse=True)
def alone(database, house):
    """The only visit to its agency that day, as the office plans them."""
    with database.transaction() as db:
        db.get(Inspection, VISIT).planned_for = house.today + timedelta(days=1)


def call_off(chi, visit=VISIT, why=WHY):
    return chi.send(f"/rounds/visits/{visit}/cancelling", "/cancelling", why=why)


def kept(database) -> Inspection:
    with database.transaction(writing=False) as db:
        return db.get(Inspection, VISIT)


def events(database) -> list[str]:
    with database.transaction(writing=False) as db:
        mine = select(Event.name).where(Event.inspection_id == VISIT).order_by(Event.seq)
        return list(db.scalars(mine))


def test_chi_calls_a_visit_off_and_all_see_why(chi, an, database):
    asked = chi.get(f"/rounds/visits/{VISIT}/cancelling").text
    assert "câu trả lời" in asked and "khôi phục được" in asked
    assert call_off(chi).status_code == 302
    assert (kept(database).state, kept(database).cancelled_for) == ("cancelled", WHY)
    for visitor in (chi, an):
        page = visitor.get(f"/inspections/{VISIT}").text
        assert "Đã huỷ" in page and WHY in page
    assert "hoặc đã huỷ" in an.get("/").text
    assert events(database)[-1] == "inspection.cancelled"


def test_nothing_more_is_taken_until_it_is_restored_and_then_all(chi, an):
    item = next(item for item in items_of(an.whole(VISIT)) if item["kind"] == "a3")
    row, bytes_ = answer(item), picture(seed=9)
    call_off(chi)
    told = an.rows(VISIT, answers=[row]).json["refused"]
    assert [line["problem"] for line in told] == ["forbidden"] and "đã huỷ cuộc kiểm tra" in told[0]["message"]
    assert "đã huỷ cuộc kiểm tra" in an.put(VISIT, bytes_).json["message"]
    assert an.submit(VISIT).status_code == 409
    page = an.get(f"/inspections/{VISIT}/capture").text
    assert 'data-open="no"' in page and "«Đã huỷ»" in page
    assert chi.send(f"/inspections/{VISIT}", "/restoring").status_code == 302
    assert an.rows(VISIT, answers=[row]).json["kept"] == [row["id"]]
    assert an.put(VISIT, bytes_).status_code == 201


def test_why_it_was_called_off_stays_in_its_history_when_it_is_restored(chi, an):
    call_off(chi)
    chi.send(f"/inspections/{VISIT}", "/restoring")
    for visitor in (chi, an):
        page = visitor.get(f"/inspections/{VISIT}").text
        assert f"<blockquote>{WHY}</blockquote>" in page and "đã huỷ cuộc kiểm tra này" not in page


def test_it_counts_in_no_figure_of_its_round(chi):
    round = f"/rounds/{id_of('round')}"
    before = chi.get(round).text
    call_off(chi)
    after = chi.get(round).text
    assert "thêm 1 đã huỷ" in after and "đã huỷ" not in before
    whole = [int(re.search(r"trên (\d+) cuộc", page)[1]) for page in (before, after)]
    assert whole[1] == whole[0] - 1


def test_without_a_reason_it_stands(chi, database):
    done = call_off(chi, why="  ")
    assert done.status_code == 422 and "Hãy ghi lý do huỷ" in done.text
    assert kept(database).state == "draft"


@pytest.mark.parametrize("visit", ["submitted", "returned", "approved", "issued"])
def test_what_was_handed_in_is_not_called_off(chi, visit):
    assert chi.get(f"/rounds/visits/{id_of(visit)}/cancelling").status_code == 409
    done = chi.post(f"/rounds/visits/{id_of(visit)}/cancelling", data={"why": WHY}, headers=chi.csrf)
    assert done.status_code == 422 and "Không làm được bước này" in done.text
    assert "cancelling" not in chi.get(f"/inspections/{id_of(visit)}").text


def test_another_visit_may_take_its_day_and_then_it_is_not_restored(chi, database, house):
    with database.transaction(writing=False) as db:
        an = str(db.get(Inspection, VISIT).team[0].user_id)
    said = {"agency": str(id_of("tu_phap")), "day": house.today.isoformat(), "tier": "1", "team": [an]}
    page = f"/rounds/{id_of('round')}/visits"
    assert chi.post(page, data=said, headers=chi.csrf).status_code == 302
    assert chi.post(page, data=said, headers=chi.csrf).status_code == 422, "one a day"
    with database.transaction(writing=False) as db:
        first = db.scalar(select(Inspection.id).where(Inspection.agency_id == id_of("tu_phap")))
    call_off(chi, first)
    assert chi.post(page, data=said, headers=chi.csrf).status_code == 302
    done = chi.post(f"/rounds/visits/{first}/restoring", headers=chi.csrf)
    assert done.status_code == 409 and "huỷ cuộc kia, rồi khôi phục cuộc này" in done.text


def test_a_visit_to_an_agency_that_is_no_more_is_not_restored_and_says_what_can_be_done(chi, database, house):
    call_off(chi, VISIT)
    with database.transaction() as db:
        db.get(Agency, id_of("hoan_kiem")).valid_to = house.today - timedelta(days=1)
    done = chi.post(f"/rounds/visits/{VISIT}/restoring", headers=chi.csrf)
    assert done.status_code == 422 and "hãy thêm cuộc kiểm tra mới" in done.text
