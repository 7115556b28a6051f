"""What the office sees in a browser while the worker works for it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import pytest

from tests.e2e.conftest import DESK, ONLINE, shoot, sync_api

expect = sync_api.expect
PRINTING = """INSERT INTO job
    (name, key, inspection_id, payload, state, attempts, lease_until, queued_at, progress, error)
    SELECT 'renumber_findings', 'test', id, '{}', 'running', 1, '2099-01-01', '2026-01-01', 40, ''
    FROM inspection WHERE state = 'issued' LIMIT 1 RETURNING inspection_id"""


@pytest.fixture
def printing(server) -> Iterator[str]:
    """The page of a visit whose paper is being printed, without end."""
    with closing(sqlite3.connect(server.data / "audit.db", isolation_level=None)) as db:
        yield f"/inspections/{UUID(db.execute(PRINTING).fetchone()[0])}"
        db.execute("DELETE FROM job WHERE key = 'test'")


def test_chi_is_told_that_her_session_ended_while_a_paper_was_printed(person, printing):
    chi = person("chi", DESK, printing, **ONLINE)
    expect(chi.locator("[data-printing-share]")).to_have_text("40")
    shoot(chi, "printing")
    chi.context.clear_cookies()
    expect(chi.locator("[data-printing-signed-out]")).to_be_visible()
    expect(chi.locator("[data-printing-watched]")).to_be_hidden()
    with chi.expect_navigation():
        chi.get_by_role("link", name="Đăng nhập lại để xem tiếp").click()
    assert "/sign-in" in chi.url
