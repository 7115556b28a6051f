"""The office decides knowing what the server did not take in from the team, and what the team took away."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from audit_app.records.models import User
from audit_app.web import unsent
from tests.factories import FAILED_ITEM, Scene, answer, hash_of, id_of, photo, picture
from tests.web.visitor import items_of

SUBMITTED, DRAFT, VISIT = id_of("submitted"), id_of("draft"), id_of("looked at")
WORDS, WHY = "Biển bị che một nửa\x00", "Ảnh mờ"


def item_of(an, visit: str, id: str = FAILED_ITEM) -> dict:
    return next(item for item in items_of(an.whole(visit)) if item["id"] == id)


def test_what_came_too_late_is_told_at_its_item_and_before_approval(an, chi):
    late = answer(item_of(an, SUBMITTED), value="dat", note="Biển đã treo lại.") | {"id": str(uuid4())}
    spoilt = late | {"id": str(uuid4()), "note": WORDS}
    told = an.rows(SUBMITTED, answers=[late, spoilt]).json
    assert len(told["refused"]) == 2
    for id in ([], {"a": 1}, None, 7):  # of a program that is not ours: read all the same
        assert an.rows(SUBMITTED, answers=[late | {"id": id, "note": "Mã lạ."}, ["lạ"]]).json["refused"]
        assert "Mã lạ." in chi.get(f"/inspections/{SUBMITTED}/review?item={FAILED_ITEM}").text
    desk = chi.get(f"/inspections/{SUBMITTED}/review?item={FAILED_ITEM}").text
    assert "Máy chủ không nhận" in desk and "Biển đã treo lại." in desk and "Biển bị che một nửa" in desk
    assert "Máy chủ không nhận" not in chi.get(f"/inspections/{SUBMITTED}/review?item=BH01").text
    asked = chi.get(f"/inspections/{SUBMITTED}/approval").text
    assert "của đoàn, nên chúng không có" in asked and f"item={FAILED_ITEM}" in asked
    assert "Biển đã treo lại." in chi.get(f"/inspections/{SUBMITTED}").text


def test_what_has_come_since_is_not_called_missing(an, chi, database):
    row = answer(item_of(an, DRAFT), value="dat")
    assert an.rows(DRAFT, answers=[row | {"note": WORDS}]).json["refused"]

    def missing() -> int:
        with database.transaction(writing=False) as db:
            return len(unsent.refused(db, DRAFT))

    assert missing() == 1
    assert an.rows(DRAFT, answers=[row]).json["kept"] == [row["id"]]
    assert missing() == 0
    assert an.rows(DRAFT, answers=[row | {"note": "bản khác"}]).json["refused"][0]["problem"] == "conflict"
    assert missing() == 1, "other words under the same name have not come"


@pytest.fixture
def looked_at(an, house, tools) -> None:
    """A visit that was handed in after a photo was taken out, and another one taken out and put back."""
    house.plan("looked at")

    def play(step: str) -> None:
        with tools.database.transaction() as db:
            getattr(Scene(house, db, "looked at", db.scalar(select(User).where(User.name == "an"))), step)()

    play("capture")
    blurred, sharp = picture(seed=81), picture(seed=82)
    for drawn in (blurred, sharp):
        an.put(VISIT, drawn)
    rows = [photo(FAILED_ITEM, hash_of(drawn)) for drawn in (blurred, sharp, sharp)]
    gone = [{"id": str(uuid4()), "photo": row["id"], "reason": WHY, "removed_at": "2026-11-20T09:00:00+07:00"}
            for row in rows[:2]]
    assert not an.rows(VISIT, photos=rows[:2], removals=gone).json["refused"]
    assert not an.rows(VISIT, photos=rows[2:]).json["refused"]
    play("submit")


def test_what_the_team_took_out_stands_at_its_item_with_the_reason(chi, looked_at):
    desk = chi.get(f"/inspections/{VISIT}/review?item={FAILED_ITEM}").text
    assert "Ảnh đoàn đã bỏ" in desk and desk.count(WHY) == 1, "what was put back is not missing"
    assert "Ảnh đoàn đã bỏ" not in chi.get(f"/inspections/{VISIT}/review?item=BH01").text
