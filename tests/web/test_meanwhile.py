"""Two people of the office at one desk, and a team that touches what was accepted."""

from uuid import uuid4

import pytest

from audit_app.records import queries
from audit_app.records.evidence import Markup
from audit_app.records.models import Inspection
from audit_app.web.desk import Desk
from tests.factories import FAILED_ITEM, RETURNED_ITEM, id_of

SUBMITTED = id_of("submitted")
DESK = f"/inspections/{SUBMITTED}/review"


@pytest.fixture
def lan(client_of):
    return client_of("lan")


def judged(person, item: str, decision: str, reason: str = "", **more):
    said = {"item": item, "decision": decision, "reason": reason, **more}
    return person.post(f"/inspections/{SUBMITTED}/verdicts", data=said, headers=person.csrf)


def stands(database) -> dict[str, str]:
    with database.transaction(writing=False) as db:
        return {item: row.reason for item, row in queries.verdicts(db, db.get(Inspection, SUBMITTED)).items()}


def test_what_is_left_of_a_section_leaves_out_what_a_colleague_marked_meanwhile(chi, lan, database):
    form = next(form for form in chi.forms(DESK) if form.action.endswith("/verdicts") and len(form.fields) > 4)
    items = [field.get("value") for field in form.fields if field.get("name") == "item"]
    judged(lan, items[0], "return", "Ảnh mờ")
    done = chi.post(form.action, data={"item": items, "decision": "accept"}, headers=chi.csrf, follow_redirects=True)
    assert "1 mục vừa được đồng nghiệp quyết định" in done.text
    assert stands(database) == {items[0]: "Ảnh mờ", **dict.fromkeys(items[1:], "")}


def test_a_decision_on_a_page_from_before_a_colleague_s_is_asked_for_again(chi, lan, database):
    judged(lan, FAILED_ITEM, "return", "Ảnh mờ")
    done = judged(chi, FAILED_ITEM, "accept", verdict="")
    assert done.status_code == 422 and f"Đồng nghiệp vừa quyết định về mục {FAILED_ITEM}" in done.text
    assert stands(database) == {FAILED_ITEM: "Ảnh mờ"}
    fields = [field for form in chi.forms(f"{DESK}?item={FAILED_ITEM}") for field in form.fields]
    seen = next(field.get("value") for field in fields if field.get("name") == "verdict")
    assert judged(chi, FAILED_ITEM, "accept", verdict=seen).status_code == 302
    assert stands(database) == {FAILED_ITEM: ""}


def test_what_was_touched_after_it_was_accepted_is_looked_at_again_in_every_later_submission(chi, app, database):
    with database.transaction(writing=False) as db:
        shot = queries.photos(db, SUBMITTED)[0]
    sent_back = next(item for item in (FAILED_ITEM, RETURNED_ITEM) if item != shot.item)
    judged(chi, shot.item, "accept")
    judged(chi, sent_back, "return", "Chụp lại")
    chi.post(f"/inspections/{SUBMITTED}/return", headers=chi.csrf)
    with database.transaction() as db:
        visit = db.get(Inspection, SUBMITTED)
        db.add(Markup(id=uuid4(), inspection_id=SUBMITTED, seq=queries.next_seq(db, Markup, SUBMITTED),
                      author_id=shot.author_id, photo_id=shot.id, shapes=[], private=True, made_at=shot.taken_at))
        visit.state, visit.submissions = "submitted", 3
        db.flush()
        assert Desk(db, visit, app.extensions["catalogue"]).mark(shot.item) is None
