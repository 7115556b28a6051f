"""The hour of a visit, as people type it."""

import pytest

from audit_app.web.forms import hour


@pytest.mark.parametrize(("typed", "meant"), [
    ("8h", "08:00"), ("14g", "14:00"), ("8h30", "08:30"), ("8.30", "08:30"), ("8:30", "08:30"), (" 13:05 ", "13:05"),
    ("8", "8"), ("25h", "25:00"), ("8h3", "8h3"), (None, "")])
def test_an_hour_is_understood_as_it_is_written_here(typed, meant):
    assert hour(typed) == meant
