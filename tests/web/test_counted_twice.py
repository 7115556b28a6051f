"""Some equipment is asked for twice, by an item and in the table: where the two differ the office is told before both
are printed."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from audit_app.records import queries
from audit_app.records.db import now
from audit_app.records.evidence import Answer, EquipmentCount
from audit_app.records.models import User
from audit_app.rules.equipment import agrees
from tests.factories import id_of

VISIT = id_of("submitted")


@pytest.mark.parametrize(("number", "of", "same"), [
    (3, None, True), (5, None, True), (4, None, False), (3, 5, True), (5, 5, False), (3, 4, False), (None, None, True)])
def test_a_count_of_five_of_which_three_work_agrees_with(number, of, same):
    assert agrees(total=5, working=3, number=number, of=of) is same


@pytest.mark.parametrize(("number", "told"), [(4, True), (3, False)])
def test_before_approval_it_is_told_which_item_says_something_else(chi, database, number, told):
    with database.transaction() as db:
        author = db.scalar(select(User.id).where(User.name == "an"))
        common = {"inspection_id": VISIT, "author_id": author}
        db.add(Answer(id=uuid4(), seq=queries.next_seq(db, Answer, VISIT), item="TB02", number=str(number),
                      answered_at=now(), **common))
        db.add(EquipmentCount(id=uuid4(), seq=queries.next_seq(db, EquipmentCount, VISIT), kind="ghe_cho", total=5,
                              working=3, counted_at=now(), **common))
    page = chi.get(f"/inspections/{VISIT}/approval").text
    words = re.sub(r"</?b[^>]*>", "", page)
    assert ("TB02</a> ghi 4 ghế, bảng kiểm đếm ghi «Ghế ngồi chờ» có 5, hoạt động 3" in words) is told
    assert ("TB02</a> ghi" in words) is told
