"""What is open in which state: the team works on drafts and on what was sent back, and on nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from audit_app.records import queries
from audit_app.records.evidence import Answer, Photo, Verdict
from audit_app.records.models import Inspection
from tests.factories import RETURNED_ITEM, answer, hash_of, id_of, photo, picture
from tests.web.visitor import items_of

CLOSED = ("submitted", "approved", "issued")
OTHER = "TS01"


def rows(database, visit: str) -> int:
    with database.transaction(writing=False) as db:
        return sum(db.scalar(select(func.count()).select_from(table).where(table.inspection_id == id_of(visit)))
                   for table in (Answer, Photo, Verdict))


def state(database, visit: str) -> str:
    with database.transaction(writing=False) as db:
        return db.get(Inspection, id_of(visit)).state


@pytest.mark.parametrize("visit", CLOSED)
def test_a_closed_visit_takes_nothing_more_by_any_door(an, database, visit):
    id, items = id_of(visit), {item["id"]: item for item in items_of(an.whole(id_of(visit)))}
    before = rows(database, visit)
    told = an.rows(id, answers=[answer(items[OTHER])], photos=[photo(OTHER, hash_of(picture(seed=5)))])
    assert {line["problem"] for line in told.json["refused"]} == {"forbidden"} and told.json["kept"] == []
    for path in ("answers", "equipment", "remarks"):
        assert an.post(f"/inspections/{id}/{path}", data={"item": OTHER, "value": "dat"},
                       headers=an.csrf).status_code == 403
    assert an.put(id, picture(seed=5)).status_code == 403
    page = an.get(f"/inspections/{id}/capture")
    assert page.status_code == 200 and 'data-open="no"' in page.text
    assert rows(database, visit) == before and state(database, visit) == visit


@pytest.mark.parametrize("visit", CLOSED)
def test_handing_in_a_closed_visit_again_gives_its_receipt_and_changes_nothing(an, database, visit):
    first, second = an.submit(id_of(visit)), an.submit(id_of(visit))
    assert first.status_code == second.status_code == 201 and first.json == second.json
    assert state(database, visit) == visit


def test_in_a_returned_visit_the_plain_form_opens_what_was_sent_back_and_no_more(an, database):
    id, before = id_of("returned"), rows(database, "returned")
    page = an.get(f"/inspections/{id}/capture").text
    assert 'data-open="yes"' in page and " data-returned" in page
    refused = an.post(f"/inspections/{id}/answers", data={"item": OTHER, "value": "khong_dat"}, headers=an.csrf,
                      follow_redirects=True)
    assert OTHER in refused.text and "đang khoá" in refused.text and rows(database, "returned") == before
    taken = an.post(f"/inspections/{id}/answers", data={"item": RETURNED_ITEM, "value": "dat", "note": "đã sửa"},
                    headers=an.csrf)
    assert taken.status_code == 302 and rows(database, "returned") == before + 1
    page = an.get(f"/inspections/{id}/capture").text
    assert " data-returned" not in page and "Văn phòng trả lại" in page, "what is mended is not looked for again"


@pytest.mark.parametrize("visit", ["draft", "returned", "approved", "issued"])
def test_the_office_decides_about_what_was_submitted_and_about_nothing_else(chi, database, visit):
    before = rows(database, visit)
    for path, said in (("verdicts", {"item": OTHER, "decision": "accept"}), ("approval", {"number": "9"}),
                       ("return", {"item": OTHER, "reason": "x"})):  # fmt: skip
        told = chi.post(f"/inspections/{id_of(visit)}/{path}", data=said, headers=chi.csrf)
        assert told.status_code in (403, 409, 422), f"{path}: {told.status_code}"
    assert rows(database, visit) == before and state(database, visit) == visit


def test_what_was_seen_of_one_submission_is_not_decided_of_the_next(chi, database):
    before, visit = rows(database, "submitted"), f"/inspections/{id_of('submitted')}"
    assert chi.get(f"{visit}/approval").text.count('name="submission" value="1"') == 1
    for path, said in (("verdicts", {"item": OTHER, "decision": "accept"}), ("approval", {"number": "9"}),
                       ("return", {"item": OTHER, "reason": "x"})):  # fmt: skip
        told = chi.post(f"{visit}/{path}", data=said | {"submission": "7"}, headers=chi.csrf)
        assert told.status_code == 422 and "Đoàn vừa nộp lần" in told.text, path
    assert rows(database, "submitted") == before and state(database, "submitted") == "submitted"


def test_an_item_sent_back_that_was_left_open_with_a_reason_is_not_handed_in_untouched(an, database):
    with database.transaction() as db:
        visit = db.get(Inspection, id_of("returned"))
        db.add(Answer(id=uuid4(), inspection_id=visit.id, seq=queries.next_seq(db, Answer, visit.id), seen=None,
                      item=RETURNED_ITEM, note="Phòng khoá", author_id=visit.team[0].user_id,
                      answered_at=visit.submitted_at, received_at=visit.submitted_at))
    assert {"item": RETURNED_ITEM, "kind": "returned"} in an.submit(id_of("returned")).json["missing"]


def test_an_office_person_on_the_team_decides_nothing_about_their_own_work(client_of, database, house):
    """An was an inspector that day and works for the office now."""
    from audit_app.records.models import User

    with database.transaction() as db:
        db.scalar(select(User).where(User.name == "an")).role = "office"
    an, before = client_of("an", fresh=True), rows(database, "submitted")
    for path, said in (("verdicts", {"item": OTHER, "decision": "accept"}), ("approval", {"number": "9"}),
                       ("return", {"item": OTHER, "reason": "x"})):  # fmt: skip
        assert an.post(f"/inspections/{id_of('submitted')}/{path}", data=said, headers=an.csrf).status_code == 403
    assert rows(database, "submitted") == before and state(database, "submitted") == "submitted"


def test_who_has_handed_everything_in_is_not_told_that_there_was_nothing_today(client_of, database, house):
    binh = client_of("binh")
    for issued_on, said in ((house.today - timedelta(days=1), "có"), (house.today, "còn")):
        with database.transaction() as db:
            db.get(Inspection, id_of("binhs")).planned_for = house.today + timedelta(days=1)
            db.get(Inspection, id_of("binhs_issued")).planned_for = issued_on
        assert f"Hôm nay không {said} cuộc kiểm tra nào" in binh.get("/").text
