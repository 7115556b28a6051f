"""The numbers of notices: the office types them, none twice in a year."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from audit_app.records.evidence import Approval
from audit_app.records.models import Inspection, User
from tests.factories import id_of

SUBMITTED = id_of("submitted")


def approved(chi, **said):
    return chi.send(f"/inspections/{SUBMITTED}/approval", "/approval", **said)


@pytest.mark.parametrize(("number", "issued_on", "taken"), [
    ("118", "", True), ("0118", "", True), ("118", "today", True), ("118", "last year", False), ("118a", "", False),
    ("119", "", False), ("", "", False),
])
def test_a_number_is_given_once_a_year(chi, database, house, number, issued_on, taken):
    """An's issued visit has number 118 of today."""
    day = {"today": house.today, "last year": house.today.replace(month=1, day=2) - timedelta(days=30)}.get(issued_on)
    done = approved(chi, number=number, issued_on=f"{day:%d/%m/%Y}" if day else "")
    assert done.status_code == (422 if taken else 302)
    if taken:
        assert "đã dùng trong năm" in done.text and "UBND phường Hoàn Kiếm" in done.text
    with database.transaction(writing=False) as db:
        assert db.get(Inspection, SUBMITTED).state == ("submitted" if taken else "approved")


@pytest.mark.parametrize(("kept", "typed"), [("300", "300"), ("31A", "31a"), ("007", "7")])
def test_a_notice_without_a_day_counts_in_the_year_of_its_approval(chi, database, house, kept, typed):
    with database.transaction() as db:
        by = db.scalar(select(User.id).where(User.name == "chi"))
        db.add(Approval(inspection_id=id_of("binhs"), number=kept, remedy_by=house.today, by_id=by))
    assert approved(chi, number=typed).status_code == 422
