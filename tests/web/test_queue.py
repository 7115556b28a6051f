"""The office's queue of what was handed in."""

from datetime import timedelta

from audit_app.records.models import Inspection
from tests.factories import id_of


def test_only_the_page_with_the_longest_waiting_visit_offers_to_begin_with_it(chi, database):
    with database.transaction() as db:
        first = db.get(Inspection, id_of("submitted"))
        same = {name: getattr(first, name) for name in (
            "round_id", "agency_id", "level", "tier", "planned_for", "checklist_id", "checklist_version", "state")}
        db.add_all(Inspection(**same, submissions=1, submitted_at=first.submitted_at + timedelta(minutes=n))
                   for n in range(1, 52))
    begin = f'href="/inspections/{id_of("submitted")}/review">'
    queue, behind = chi.get("/review").text, chi.get("/review?page=2").text
    assert "Thẩm định cuộc chờ lâu nhất" in queue and begin in queue
    assert "Thẩm định cuộc chờ lâu nhất" not in behind and begin not in behind and "Trang 2/2" in behind


def test_how_many_wait_is_said_on_every_page_of_the_office(chi):
    report, visit = id_of("report issued"), id_of("issued")
    for page in ("/", "/review", f"/follow/{report}", f"/inspections/{visit}/taken-out", "/account"):
        assert '<span class="count">1</span>' in chi.get(page).text, page
