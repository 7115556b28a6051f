"""Somebody stays who can let people in, at the terminal and on the screens."""

import pytest
from sqlalchemy import select

from audit_app.actions import people
from audit_app.records.models import User
from audit_app.rules.refusals import LastAdministrator
from tests.web import test_cli as cli
from tests.web.test_cli import done, said

house, nothing_stays_open = cli.house, cli.nothing_stays_open


@pytest.fixture
def hoa(database):
    """A second administrator."""
    with database.transaction() as db:
        return people.add(db, None, name="hoa", full_name="Ngô Thị Hoa", role="admin", password_hash="none")


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
