"""Somebody stays who can let people in, at the terminal and on the screens, also when two stop each other at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import func, select, text

from audit_app.actions import people
from audit_app.actions.journal import take_turn
from audit_app.records.models import User
from audit_app.rules.refusals import LastAdministrator
from tests.factories import id_of, password_of
from tests.web import test_cli as cli
from tests.web.test_cli import done, said

house, nothing_stays_open = cli.house, cli.nothing_stays_open


@pytest.fixture
def hoa(app, database):
    """A second administrator."""
    hashed = app.extensions["passwords"].hash(password_of("hoa"))
    with database.transaction() as db:
        return people.add(db, None, name="hoa", full_name="Ngô Thị Hoa", role="admin", password_hash=hashed)


def test_the_last_administrator_is_not_disabled_at_the_terminal_and_works_on(house, client_of, capsys):
    admin = client_of("admin")
    assert done("users", "disable", "admin") == 1
    assert said(capsys) == "This is the last administrator who can sign in; add another one first.\n"
    assert admin.get("/people").status_code == 200


def test_one_of_two_administrators_is_disabled_at_the_terminal_and_then_the_other_is_the_last(house, hoa, capsys):
    assert done("users", "disable", "admin") == 0
    assert done("users", "disable", "hoa") == 1 and "last administrator" in said(capsys)


def test_who_was_disabled_a_moment_ago_does_not_disable_the_last_administrator(database, hoa):
    with database.transaction() as db:
        admin = db.scalar(select(User).where(User.name == "admin"))
        people.disable(db, admin, db.get(User, hoa.id))
    with pytest.raises(LastAdministrator), database.transaction() as db:
        people.disable(db, hoa, db.get(User, admin.id))  # was let in before the first had done


# ── At the same moment ────────────────────────────────────────────────────────────────────────────
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def begun_during(database, first, *deeds, then=lambda db: None) -> list:
    """What comes of deeds that begin, and get as far as a lock lets them, before the transaction of `first` goes on
    with `then` and ends."""
    with ThreadPoolExecutor(len(deeds)) as pool:
        with database.transaction() as db:
            first(db)
            going = [pool.submit(deed) for deed in deeds]
            while db.get_bind().dialect.name == "postgresql" and not any(one.done() for one in going):
                with database.transaction(writing=False) as look:  # SQLite lets nobody begin to write
                    if look.scalar(WAITING) == len(deeds):
                        break
                Event().wait(0.01)
            then(db)
        return [one.result(30) for one in going]


def hold_the_chain(db) -> None:
    """Whoever wants to write an event of the house waits."""
    take_turn(db, None)


@pytest.mark.parametrize(("door", "typed"), [("/disabling", {}), ("", {"full_name": "Ai", "role": "office"})],
                         ids=["disable", "another role"])
def test_of_two_administrators_who_stop_each_other_at_once_one_stays_and_the_other_is_told(
        client_of, database, hoa, door, typed):
    with database.transaction(writing=False) as db:
        admin = db.scalar(select(User.id).where(User.name == "admin"))
    pairs = [(client_of("admin"), hoa.id, client_of("admin").csrf), (client_of("hoa"), admin, client_of("hoa").csrf)]
    done = begun_during(database, hold_the_chain, *(lambda who=who, whom=whom, csrf=csrf: who.post(
        f"/people/{whom}{door}", data=typed, headers=csrf) for who, whom, csrf in pairs))
    taken, refused = sorted(done, key=lambda answer: answer.status_code)
    told = {"sqlite": "Phiên làm việc đã kết thúc", "postgresql": "quản trị viên cuối cùng"}
    assert taken.status_code == 302 and told[database.engine.dialect.name] in refused.text
    with database.transaction(writing=False) as db:
        left = select(func.count()).select_from(User).where(User.role == "admin", User.disabled_at.is_(None))
        assert db.scalar(left) == 1


def test_of_two_terminals_that_disable_the_last_two_administrators_at_once_one_refuses(house, database, hoa, capsys):
    codes = begun_during(database, hold_the_chain, *(
        lambda name=name: done("users", "disable", name) for name in ("admin", "hoa")))
    assert sorted(codes) == [0, 1] and "last administrator" in said(capsys)


def test_who_is_given_another_role_while_a_visit_is_planned_is_not_on_its_team(chi, database):
    page = f"/rounds/{id_of('round')}/visits"
    with database.transaction(writing=False) as db:
        giang = db.scalar(select(User.id).where(User.name == "giang"))

    def to_the_office(db) -> None:
        person = db.scalar(select(User).where(User.id == giang).with_for_update(key_share=True))
        people.change(db, None, person, full_name="Giang", title="", role="office", agency_id=None)

    planned, = begun_during(database, to_the_office, lambda: chi.send(
        page, page, agency=str(id_of("tu_phap")), team=[str(giang)]))
    assert planned.status_code == 422 and "không còn kiểm tra được" in planned.text
