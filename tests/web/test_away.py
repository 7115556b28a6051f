"""Whoever can no longer inspect is said to be away wherever it matters; what came meanwhile is named."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from audit_app.records.db import now
from audit_app.records.models import Agency, Assignment, Inspection, User
from tests.factories import FAILED_ITEM, id_of

SUBMITTED, DRAFT = id_of("submitted"), id_of("draft")
NOBODY = "Không ai trong đoàn còn làm kiểm tra được"


@pytest.fixture
def team(database):
    """The people on the team of a visit are changed so."""
    def change(visit, **values) -> None:
        with database.transaction() as db:
            for person in db.scalars(select(User).join(Assignment).where(Assignment.inspection_id == visit)):
                for name, value in values.items():
                    setattr(person, name, value)
    return change


def returned(chi):
    sent = {"item": FAILED_ITEM, "reason": "Chụp lại ảnh."}
    return chi.get(chi.post(f"/inspections/{SUBMITTED}/return", data=sent, headers=chi.csrf).location).text


def test_the_administrator_hears_on_how_many_teams_somebody_stays_who_is_disabled(client_of, database):
    admin = client_of("admin")
    with database.transaction(writing=False) as db:
        an = db.scalar(select(User.id).where(User.name == "an"))
    page = admin.get(admin.post(f"/people/{an}/disabling", headers=admin.csrf).location).text
    assert "Nguyễn Thị Hoài An còn trong đoàn của" in page


def test_nobody_is_called_away_who_is_not(chi):
    assert NOBODY not in returned(chi) and "(đã " not in chi.get(f"/inspections/{SUBMITTED}").text


@pytest.mark.parametrize(("change", "said"), [({"disabled_at": now()}, "(đã khoá)"),
                                              ({"role": "office"}, "(đã đổi vai trò)")])
def test_who_is_away_is_marked_where_teams_are_listed_and_what_is_returned_to_nobody_is_told(chi, team, change, said):
    team(SUBMITTED, **change)
    for page in (f"/inspections/{SUBMITTED}", f"/rounds/{id_of('round')}"):
        assert said in chi.get(page).text, page
    assert NOBODY in returned(chi)


def test_a_decision_about_the_submission_before_says_which_one_came_since(chi):
    said = {"item": FAILED_ITEM, "decision": "accept", "reason": "", "submission": "0"}
    told = chi.post(f"/inspections/{SUBMITTED}/verdicts", data=said, headers=chi.csrf)
    assert "Đoàn vừa nộp lần 1, còn quyết định này là về lần nộp trước" in told.text


def test_what_was_written_for_a_visit_that_was_approved_meanwhile_stays_to_be_read(chi):
    sent = {"item": FAILED_ITEM, "reason": "Chụp lại ảnh cổng."}
    told = chi.post(f"/inspections/{id_of('approved')}/return", data=sent, headers=chi.csrf)
    assert told.status_code == 422 and "Chụp lại ảnh cổng." in told.text


@pytest.mark.parametrize("visit", ["submitted", "issued", "cancelled"])
def test_a_plan_that_can_no_longer_be_changed_is_not_offered_for_change(chi, visit):
    if visit == "cancelled":
        chi.post(f"/rounds/visits/{DRAFT}/cancelling", data={"why": "Bão"}, headers=chi.csrf)
    asked = DRAFT if visit == "cancelled" else id_of(visit)
    assert chi.get(f"/rounds/visits/{asked}").status_code == 409


def test_before_approval_the_office_hears_that_nobody_of_the_agency_can_read_the_notice(chi, database):
    page, nobody = f"/inspections/{SUBMITTED}/approval", "có tài khoản còn dùng được"
    assert nobody not in chi.get(page).text
    with database.transaction() as db:
        db.scalar(select(User).where(User.name == "dung")).disabled_at = now()
    assert nobody in chi.get(page).text


@pytest.mark.parametrize(("others", "there", "found"), [(0, 0, True), (1, 0, False), (0, 1, False)],
                         ids=["renamed", "several merged", "taken in by one that was there"])
def test_what_was_found_under_the_name_before_is_the_last_visit_of_nobody_else(an, database, others, there, found):
    with database.transaction() as db:
        visit = db.get(Inspection, DRAFT)
        old = visit.agency
        old.valid_to = old.valid_from + timedelta(days=10)
        new = Agency(code="moi", name="Tên mới", name_fold="ten moi", level="X",
                     valid_from=old.valid_to + timedelta(days=1 - there))
        db.add(new)
        db.flush()
        old.successor_id = new.id
        for agency in db.scalars(select(Agency).where(Agency.id == id_of("ba_dinh")).limit(others)):
            agency.successor_id = new.id
        visit.agency = new
    assert ("items" in an.whole(DRAFT)["previous"]) is found
