"""Whoever sees the deadline of a notice sees what it rests on, and what is not sure of it."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from audit_app.records.models import Inspection, Round
from tests.factories import id_of

SUBMITTED = id_of("submitted")


def test_who_approves_reads_what_the_deadline_of_the_notice_rests_on_and_what_is_not_sure_of_it(chi):
    page = chi.get(f"/inspections/{SUBMITTED}/approval").text
    assert re.search(r"15 ngày làm việc từ [^<]*\(Điều 46 Thông tư số 02/2017/TT-VPCP\)[^<]*Chưa kiểm chứng được", page)


def test_a_round_of_which_all_is_issued_is_no_longer_overdue(chi, database, house):
    page = f"/rounds/{id_of('round')}"
    with database.transaction() as db:
        db.execute(update(Round).values(starts_on=house.today - timedelta(days=99),
                                        ends_on=house.today - timedelta(days=90)))
    assert "quá hạn" in chi.get(page).text and "đã ban hành đủ" not in chi.get(page).text
    with database.transaction() as db:
        db.execute(update(Inspection).values(state="issued"))
    assert "quá hạn" not in chi.get(page).text and "đã ban hành đủ" in chi.get(page).text


@pytest.mark.parametrize("path", ["", "/approval"])
def test_a_deadline_whose_ground_has_ended_or_is_no_longer_verified_is_not_called_law(chi, house, monkeypatch, path):
    known = house.tools.catalogue.law.instruments
    for changes, said in (({"valid_to": date(2021, 1, 1)}, "02/2017/TT-VPCP, hết hiệu lực)"),
                          ({"provenance": "unverified"}, None)):
        monkeypatch.setitem(known, "TT02", known["TT02"].model_copy(update=changes))
        page = chi.get(f"/inspections/{SUBMITTED}{path}")
        assert page.status_code == 200 and "15 ngày làm việc" in page.text
        assert said in page.text if said else "(Điều 46 Thông tư" not in page.text
