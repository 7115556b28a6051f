"""Working days and deadlines."""

from datetime import date

import pytest

from audit_app.rules import deadlines


def test_fifteen_working_days_after_a_friday_end_on_a_friday_three_weeks_on():
    assert deadlines.notice_due(date(2026, 11, 6)) == date(2026, 11, 27)


def test_a_visit_after_the_end_of_its_round_has_its_own_days():
    ended = date(2026, 11, 6)
    assert deadlines.notice_from(ended, date(2026, 11, 3)) == ended
    assert deadlines.notice_from(ended, date(2026, 11, 9)) == date(2026, 11, 9)


def test_the_fixed_holidays_and_weekends_do_not_count():
    # 30/4 and 1/5/2026 are a Thursday and a Friday, followed by a weekend
    assert deadlines.working_days_after(date(2026, 4, 29), 1) == date(2026, 5, 4)


def test_days_the_office_adds_do_not_count_either():
    tet = {date(2026, 2, day) for day in range(16, 21)}
    assert deadlines.working_days_after(date(2026, 2, 13), 1, tet) == date(2026, 2, 23)


@pytest.mark.parametrize(("today", "left"), [
    (date(2026, 11, 6), 15), (date(2026, 11, 7), 15), (date(2026, 11, 26), 1), (date(2026, 11, 27), 0),
    (date(2026, 11, 30), -1),
])
def test_the_days_left_are_working_days_and_turn_negative(today, left):
    assert deadlines.working_days_left(today, date(2026, 11, 27)) == left

