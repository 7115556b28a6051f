"""Typed text: what is empty though it has characters, and that what is not empty stays as it was typed."""

import pytest

from audit_app.rules.wording import tidy


@pytest.mark.parametrize("typed", [
    None, "", " \t\r\n\u00a0\u3000", "\u200b", "\ufeff\u2060\u200d", "\u00ad\u202e\u2066", "\u0301", " \u0323\u0302 ",
    "\ufe0f", "\u3164\u115f\u1160\uffa0", "\u2800", "\ue000", "\U000e0041"])
def test_what_nobody_sees_is_nothing(typed):
    assert tidy(typed) == ""


def test_every_kind_of_line_end_is_one():
    assert tidy(" một\r\nhai\rba\u2028bốn\u2029\u2029năm\n") == "một\nhai\nba\nbốn\n\nnăm"


@pytest.mark.parametrize("typed", ["👩‍💻", "a\u200bb", "Hoà\ufeffn", "\u200b—", "ក្‌ក", "✔\ufe0f", "\u2800x\u3164", "."])
def test_what_is_seen_keeps_what_is_not(typed):
    assert tidy(typed) == typed
