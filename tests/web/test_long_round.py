"""A round of a whole city: its visits are searched, told apart by state, and shown page by page."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from audit_app.records.models import Agency, Inspection, Round
from audit_app.rules.wording import fold
from tests.factories import id_of

ROUND = id_of("round")


@pytest.fixture
def agency(database) -> str:
    """The name of the agency to which sixty more visits of the round go."""
    with database.transaction() as db:
        like = db.get(Inspection, id_of("draft"))
        same = {name: getattr(like, name) for name in ("tier", "level", "checklist_id", "checklist_version")}
        far = db.scalar(select(Agency).where(Agency.id.not_in(select(Inspection.agency_id))).order_by(Agency.code))
        day = db.get(Round, ROUND).starts_on
        db.add_all(Inspection(id=uuid4(), round_id=ROUND, agency_id=far.id, planned_for=day, **same) for _ in range(60))
        return far.name


def test_a_short_round_is_read_as_it_is(chi):
    assert 'role="search"' not in chi.get(f"/rounds/{ROUND}").text


def test_a_long_round_is_shown_page_by_page(chi, agency):
    first, last = chi.get(f"/rounds/{ROUND}").text, chi.get(f"/rounds/{ROUND}?page=2").text
    assert first.count("<tr") == 51 and "Trang 1/2" in first and agency in first
    assert "Trang 2/2" in last and 1 < last.count("<tr") < 51


def test_a_long_round_is_searched_by_agency_and_state(chi, agency, database):
    with database.transaction(writing=False) as db:
        other = db.get(Agency, db.get(Inspection, id_of("submitted")).agency_id).name
    assert other != agency and other not in chi.get(f"/rounds/{ROUND}", query_string={"q": fold(agency)}).text
    waiting = chi.get(f"/rounds/{ROUND}?tab=submitted").text
    assert other in waiting and agency not in waiting
    assert "Không có cuộc kiểm tra nào khớp" in chi.get(f"/rounds/{ROUND}?q=khongdauca").text


def test_a_state_in_which_nothing_stands_says_where_the_visits_are(chi, agency):
    assert "Không có cuộc nào ở trạng thái này" in chi.get(f"/rounds/{ROUND}?tab=cancelled").text
