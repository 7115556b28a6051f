"""A table that ends an agency is taken, and told which visits and accounts it leaves behind."""

from datetime import date, timedelta

from sqlalchemy import select

from audit_app.records.db import now
from audit_app.records.models import Inspection, User
from audit_app.rules.workflow import State
from tests.factories import id_of
from tests.web.test_agencies import agency, take

HOAN_KIEM = "Mã,Tên,Cấp,Từ ngày,Đến ngày,Cơ quan kế thừa\nhoan_kiem,UBND phường Hoàn Kiếm,X,"


def test_an_agency_that_ends_is_taken_and_told_with_what_it_leaves_behind(chi, database, house):
    """Of five visits for today one is issued; Dũng has an account."""
    day, begins = house.today - timedelta(days=1), f"{agency(database, 'hoan_kiem').valid_from:%d/%m/%Y}"
    with database.transaction() as db:
        db.get(Inspection, id_of("draft")).state = State.CANCELLED

    def told(ends: date, successor: str = "") -> tuple[bool, bool]:
        said = f"{HOAN_KIEM}{begins},{ends:%d/%m/%Y},{successor}\n"
        assert take(chi, said.encode()).status_code == 302
        page, row = chi.get("/agencies").text, f"Dòng 2: Cột «Đến ngày» ghi {ends:%d/%m/%Y}, trong khi "
        return f"{row}3 cuộc kiểm tra" in page, f"{row}còn 1 tài khoản" in page

    assert told(house.today + timedelta(days=9), "ba_dinh") == (False, False), "it has a successor"
    assert told(house.today) == (False, True), "earlier; a visit on its last day is one of its own"
    assert told(day) == (True, True)
    assert told(day) == told(house.today) == (False, False), "neither the same day again nor a later one"
    assert told(day, "ba_dinh") == (True, False)
    assert agency(database, "hoan_kiem").valid_to == day


def test_an_account_that_is_locked_is_not_left_behind(chi, database, house):
    with database.transaction() as db:
        db.scalar(select(User).where(User.name == "dung")).disabled_at = now()
    said = f"{HOAN_KIEM}{agency(database, 'hoan_kiem').valid_from:%d/%m/%Y},{house.today:%d/%m/%Y},\n"
    assert take(chi, said.encode()).status_code == 302
    assert "tài khoản đang dùng" not in chi.get("/agencies").text
