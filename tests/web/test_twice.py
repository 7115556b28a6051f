"""A second click: what was sent twice is there once, and a step already taken is not called an error."""

import pytest
from sqlalchemy import func, select

from audit_app.records.evidence import Approval, Event, Response
from audit_app.records.models import Inspection, Round
from audit_app.records.work import Job
from tests.factories import id_of

REPLY = f"/reports/{id_of('report issued')}/response"


def count(database, table) -> int:
    with database.transaction(writing=False) as db:
        return db.scalar(select(func.count()).select_from(table))


def filled(visitor, page: str, action: str, **typed) -> dict:
    """What the form to `action` sends once it is filled in."""
    return next(form for form in visitor.forms(page) if form.action == action).values() | typed


def test_an_answer_sent_twice_is_given_once_and_another_one_is_added(client_of, database):
    dung = client_of("dung")
    said = filled(dung, "/agency", REPLY, text="Đã treo lại bảng.")
    first, second = dung.post(REPLY, data=said), dung.post(REPLY, data=said)
    assert (first.status_code, first.location) == (second.status_code, second.location) == (302, first.location)
    assert count(database, Response) == 1
    assert dung.post(REPLY, data=said | {"text": "Đã treo hai bảng."}).status_code == 302
    assert dung.post(REPLY, data=said | {"row": "nonsense"}).status_code == 302
    said.pop("row")
    assert dung.post(REPLY, data=said).status_code == 302 and count(database, Response) == 4


def test_the_id_of_an_answer_stays_when_it_is_refused_and_is_each_findings_own(client_of):
    dung = client_of("dung")
    said = filled(dung, "/agency", REPLY, text="")
    assert f'name="row" value="{said["row"]}"' in dung.post(REPLY, data=said).text
    assert filled(dung, "/agency", REPLY)["row"] != said["row"]


def test_a_round_sent_twice_is_opened_once(chi, database, house):
    before, day = count(database, Round), f"{house.today:%d/%m/%Y}"
    said = filled(chi, "/rounds/new", "/rounds/new", title="Đợt 9", starts_on=day, ends_on=day)
    first, second = (chi.post("/rounds/new", data=said) for _ in range(2))
    assert first.status_code == second.status_code == 302 and first.location == second.location
    assert count(database, Round) == before + 1
    assert chi.post("/rounds/new", data=said | {"title": "Đợt 10"}).location != first.location


def steps(database) -> dict[str, tuple[str, str, dict]]:
    """Each step: the page with its form, where that goes, what is typed."""
    with database.transaction(writing=False) as db:
        job = db.scalar(select(Job.id).where(Job.inspection_id == id_of("approved"), Job.state == "failed"))
    draft, submitted = (f"/inspections/{id_of(visit)}" for visit in ("draft", "submitted"))
    off = f"/rounds/visits/{id_of('draft')}/cancelling"
    return {"approve": (f"{submitted}/approval", f"{submitted}/approval", {"conclusion": "Tốt."}),
            "return": (f"{submitted}/review", f"{submitted}/return", {"reason": "Đếm lại"}),
            "cancel": (off, off, {"why": "Dời sang đợt sau"}),
            "restore": (draft, f"/rounds/visits/{id_of('draft')}/restoring", {}),
            "rerun": (f"/inspections/{id_of('approved')}", f"/jobs/{job}/rerun", {})}


@pytest.mark.parametrize("step", ["approve", "return", "cancel", "restore", "rerun"])
def test_a_step_taken_a_moment_ago_is_no_error_to_who_took_it(client_of, chi, database, house, step):
    page, action, typed = steps(database)[step]
    with database.transaction() as db:
        db.get(Inspection, id_of("draft")).planned_for = house.today.replace(year=house.today.year + 1, day=1)
    if step == "restore":
        chi.send(*steps(database)["cancel"][:2], why="Dời")
    said = filled(chi, page, action, **typed)
    first = chi.post(action, data=said)
    events, approvals = count(database, Event), count(database, Approval)
    second = chi.post(action, data=said)
    assert (first.status_code, second.status_code) == (302, 302) and first.location == second.location
    assert (events, approvals) == (count(database, Event), count(database, Approval))
    assert "notice-success" in chi.get(second.location).text
    lan = client_of("lan")
    said.pop("csrf_token")
    assert lan.post(action, data=said, headers=lan.csrf).status_code in (409, 422)


def test_another_decision_after_the_first_is_still_refused(chi, database):
    page, action, typed = steps(database)["approve"]
    said = filled(chi, page, action, **typed)
    assert chi.post(action, data=said).status_code == 302
    assert chi.post(action, data=said | {"conclusion": "Chưa tốt."}).status_code == 422
