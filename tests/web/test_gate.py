"""The gate: nobody comes in unasked, reading changes nothing, returning keeps everything, raising keeps nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import RawIOBase
from threading import Event
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from flask import Blueprint, Flask, Response, g
from sqlalchemy import func, select

from audit_app.actions import inspections
from audit_app.records.evidence import Answer
from audit_app.records.models import Inspection, User
from audit_app.rules.permissions import Action
from audit_app.rules.problems import Conflict
from audit_app.web import doors, gate, tablet
from audit_app.web.gate import allow
from tests.factories import PEOPLE, answer, hash_of, id_of, picture
from tests.web.visitor import items_of

SOON = 0.5  # seconds in which a request that nothing holds back would long have ended
PATIENCE = 30
DRAFT = id_of("draft")


def said(text: str = "done") -> Response:
    return Response(text, mimetype="text/plain")


def one_more_door(monkeypatch, *views) -> None:
    """The app is built with these views too: (rule, methods, view)."""
    bp = Blueprint("probe", __name__)
    for number, (rule, methods, view) in enumerate(views):
        bp.add_url_rule(rule, f"view{number}", view, methods=methods)
    monkeypatch.setattr(doors, "ALL", (*doors.ALL, SimpleNamespace(bp=bp)))


def planned_at(database) -> str:
    with database.transaction(writing=False) as db:
        return db.get(Inspection, DRAFT).planned_at


def test_the_app_does_not_start_with_a_door_that_has_no_gate(monkeypatch, make_app):
    one_more_door(monkeypatch, ("/probe", ["GET"], lambda: said()))
    with pytest.raises(RuntimeError, match="probe.view0 has no gate"):
        make_app()


def test_a_flask_app_of_any_kind_is_refused_without_gates():
    bare = Flask("bare")
    bare.add_url_rule("/x", "x", lambda: "x")
    with pytest.raises(RuntimeError, match="x has no gate"):
        gate.guard(bare)


@pytest.mark.parametrize(("ending", "status", "kept"), [
    ("return", 200, "10:10"), ("problem", 409, "08:30"), ("crash", 500, "08:30")])  # fmt: skip
def test_what_an_does_is_kept_when_the_view_returns_and_undone_when_it_raises(
        monkeypatch, make_app, ending, status, kept):
    @allow(Action.READ)
    def change(inspection):
        inspection.planned_at = "10:10"
        g.db.flush()
        if ending == "problem":
            raise Conflict()
        if ending == "crash":
            raise ZeroDivisionError
        return said()

    one_more_door(monkeypatch, ("/probe/<uuid:inspection>", ["POST"], change))
    app = make_app()
    an = app.test_client().sign_in("an")
    an.troubled = True
    assert an.post(f"/probe/{DRAFT}", headers=an.csrf).status_code == status
    assert planned_at(app.extensions["database"]) == kept


def test_reading_changes_nothing_whatever_the_view_does(monkeypatch, make_app):
    @allow(Action.READ)
    def read(inspection):
        inspection.planned_at = "10:10"
        g.db.flush()
        return said(inspection.planned_at)

    one_more_door(monkeypatch, ("/probe/<uuid:inspection>", ["GET"], read))
    app = make_app()
    assert app.test_client().sign_in("an").get(f"/probe/{DRAFT}").text == "10:10"
    assert planned_at(app.extensions["database"]) == "08:30"


def test_what_only_the_database_finds_wrong_is_a_page_and_not_a_crash(monkeypatch, make_app):
    """The double name is noticed at the very end, when the transaction is written."""
    @allow(Action.HOME)
    def double():
        g.db.add(User(name="binh", full_name="Bình thứ hai", role="inspector", password_hash="x"))
        return said()

    one_more_door(monkeypatch, ("/probe", ["POST"], double))
    an = make_app().test_client().sign_in("an")
    assert an.post("/probe", headers=an.csrf).status_code == 409


def test_whoever_says_the_state_has_changed_meanwhile_is_told_so(monkeypatch, make_app):
    """Two office people decide at once; the second one's page is older than the first one's decision."""
    @allow(Action.READ)
    def decide(inspection):
        g.db.execute(Inspection.__table__.update().where(Inspection.id == inspection.id).values(revision=77))
        inspection.planned_at = "10:10"
        return said()

    one_more_door(monkeypatch, ("/probe/<uuid:inspection>", ["POST"], decide))
    app = make_app()
    an = app.test_client().sign_in("an")
    assert an.post(f"/probe/{DRAFT}", headers=an.csrf).status_code == 409
    assert planned_at(app.extensions["database"]) == "08:30"


def test_what_a_person_may_see_in_sql_is_what_the_table_allows(database):
    from audit_app.records.evidence import Report
    from audit_app.records.queries import inspections_visible_to, reports_visible_to
    from audit_app.rules.permissions import can

    with database.transaction(writing=False) as db:
        every = {inspection.id: inspection for inspection in db.scalars(select(Inspection))}
        papers = set(db.scalars(select(Report)))
        assert len(every) == 7 and len(papers) == 2
        people = list(db.scalars(select(User)))
        assert {person.name for person in people} == set(PEOPLE)
        for person in people:
            seen = {inspection.id for inspection in db.scalars(inspections_visible_to(person))}
            assert seen == {id for id, inspection in every.items() if can(person, Action.READ, inspection)}, person.name
            for report in papers & set(db.scalars(reports_visible_to(person))):
                assert can(person, Action.READ_REPORT, report), person.name
            hidden = papers - set(db.scalars(reports_visible_to(person)))
            if person.role in ("office", "office_lead"):
                assert not hidden
            elif person.role == "agency":
                assert not any(can(person, Action.READ_REPORT, report) for report in hidden), person.name


# ── Turns ─────────────────────────────────────────────────────────────────────────────────────────
class SlowBody(RawIOBase):
    """A body on a bad line: says that it has begun, and goes on when it is let."""

    def __init__(self, data: bytes):
        self.rest, self.begun, self.go_on = data, Event(), Event()

    def readable(self):
        return True

    def readinto(self, buffer):
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        part, self.rest = self.rest[:len(buffer)], self.rest[len(buffer):]
        buffer[:len(part)] = part
        return len(part)


def one_answer(an, item: dict | None = None) -> dict:
    return answer(item or items_of(an.whole(DRAFT))[0], note=uuid4().hex)


@pytest.mark.parametrize("what", ["photo", "rows"])
def test_binh_is_not_kept_waiting_while_ans_bytes_trickle_in(app, client_of, what):
    an, binh = client_of("an"), client_of("binh")
    mine, theirs = one_answer(an), answer(items_of(binh.whole(id_of("binhs")))[0], note="đến trước")
    data = picture(seed=3, width=640, height=480)
    body = SlowBody(data if what == "photo" else app.json.dumps({"answers": [mine]}).encode())
    address, method = (f"blobs/{hash_of(data)}", "PUT") if what == "photo" else ("rows", "POST")
    told = {"method": method, "headers": an.csrf, "content_type": "application/json",
            "environ_overrides": {"wsgi.input": body, "CONTENT_LENGTH": str(len(body.rest))}}  # fmt: skip
    with ThreadPoolExecutor(1) as pool:
        trickling = pool.submit(an.open, f"/sync/inspections/{DRAFT}/{address}", **told)
        try:
            assert body.begun.wait(PATIENCE)
            assert binh.rows(id_of("binhs"), answers=[theirs]).json["kept"] == [theirs["id"]]
        finally:
            body.go_on.set()
    assert trickling.result().status_code == (201 if what == "photo" else 200)
    assert trickling.result().json["kept"] == [hash_of(data) if what == "photo" else mine["id"]]


def test_an_answer_sent_while_the_visit_is_being_submitted_is_refused_not_slipped_in(monkeypatch, make_app):
    submitting, sent = Event(), Event()

    @allow(Action.SUBMIT)
    def submit_slowly(inspection):
        submitting.set()
        held_back = not sent.wait(SOON)
        tools = app.extensions["tools"]
        here = tools.blobs.held(str(inspection.id), inspections.pictures_of(g.db, inspection))
        inspections.submit(g.db, g.user, inspection, manifest={}, here=here,
                           checklist=tablet.checklist_of(inspection, tools.catalogue))
        return said("held back" if held_back else "slipped in")

    one_more_door(monkeypatch, ("/probe/<uuid:inspection>", ["POST"], submit_slowly))
    app = make_app()
    an, also_an = (app.test_client().sign_in("an") for _ in range(2))
    late, answers = one_answer(an), []

    def send():
        answers.append(also_an.rows(DRAFT, answers=[late]))
        sent.set()

    also_an.csrf  # noqa: B018 (asked before the race begins)
    with ThreadPoolExecutor(2) as pool:
        submission = pool.submit(an.post, f"/probe/{DRAFT}", headers=an.csrf)
        assert submitting.wait(PATIENCE)
        pool.submit(send)
    assert submission.result().text == "held back"
    assert [line["problem"] for line in answers[0].json["refused"]] == ["forbidden"]
    with app.extensions["database"].transaction(writing=False) as db:
        assert db.get(Answer, UUID(late["id"])) is None


def test_many_tablets_at_once_lose_nothing_and_keep_their_order(app, client_of, database):
    item = items_of(client_of("an").whole(DRAFT))[0]
    tablets = [client_of("an", fresh=True) for _ in range(6)]
    for tablet_of_an in tablets:
        tablet_of_an.csrf  # noqa: B018
    rows = [[answer(item, note=f"{tablet} {turn}") for turn in range(10)] for tablet in range(6)]

    def send(number: int) -> list[str]:
        return [kept for row in rows[number] for kept in tablets[number].rows(DRAFT, answers=[row]).json["kept"]]

    with ThreadPoolExecutor(6) as pool:
        kept = [id for ids in pool.map(send, range(6)) for id in ids]
    assert sorted(kept) == sorted(row["id"] for mine in rows for row in mine)
    with database.transaction(writing=False) as db:
        seqs = list(db.scalars(select(Answer.seq).where(Answer.inspection_id == DRAFT).order_by(Answer.seq)))
        assert seqs == list(range(1, len(seqs) + 1))
        assert db.scalar(select(func.count()).select_from(Answer).where(Answer.received_at > datetime.now(UTC))) == 0
