"""Two desks at once: somebody is given to an agency while another person corrects how that agency is reached."""

from sqlalchemy import select

from audit_app.actions import people
from audit_app.records.models import Agency, User
from tests.factories import id_of
from tests.web.test_last_admin import begun_during, hold_the_chain

BA_DINH = id_of("ba_dinh")


def test_who_corrects_an_agency_and_who_gives_somebody_to_it_do_not_wait_for_one_another(chi, database):
    """Each held what the other wanted next: the house's chain, and the agency."""
    def move(db) -> None:
        admin, dung = (db.scalar(select(User).where(User.name == name)) for name in ("admin", "dung"))
        people.change(db, admin, dung, full_name=dung.full_name, title="", role="agency", agency_id=BA_DINH)

    page = f"/agencies/{BA_DINH}/contact"
    said = next(form for form in chi.forms(page) if form.action.endswith("/contact")).values() | {"phone": "024 1"}
    chi.troubled = True
    done, = begun_during(database, hold_the_chain, lambda: chi.post(page, data=said), then=move)
    assert done.status_code == 302
    with database.transaction(writing=False) as db:
        assert db.get(Agency, BA_DINH).phone == "024 1"
        assert db.scalar(select(User.agency_id).where(User.name == "dung")) == BA_DINH
