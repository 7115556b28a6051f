"""A day as it is typed: every sign people put between its parts, and the years that can be meant."""

from datetime import date

import pytest

from audit_app.rules.typed_day import FIRST, LAST, believable, typed_day


@pytest.mark.parametrize("typed", ["01/07/2025", "1/7/2025", "01-07-2025", "01.07.2025", "2025-07-01", " 01/07/2025 ",
                                   "01/07/25", "1/7/25", "1-7-25", "1.7.25", " 01.07.25 "])
def test_every_way_people_here_write_a_day_is_that_day(typed):
    assert typed_day(typed) == date(2025, 7, 1)


@pytest.mark.parametrize("typed", ["", "mai", "07/13/2025", "31/06/2025", "01/07", "45839", "1 July 2025",
                                   "07/13/25", "1/7-25", "1/7/5", "1/7/025", "1/7/\u0662\u0665"])
def test_what_is_no_day_is_none(typed):
    assert typed_day(typed) is None


@pytest.mark.parametrize(("typed", "year"), [("15/1/27", 2027), ("5-12-26", 2026), ("5.12.00", 2000), ("1/1/99", 2099)])
def test_two_figures_are_a_year_of_this_century(typed, year):
    assert typed_day(typed).year == year and believable(typed_day(typed))


@pytest.mark.parametrize(("typed", "meant"), [("01/07/2205", False), ("01/01/0001", False), ("01/07/0205", False),
                                              ("31/12/1999", False), ("01/01/2000", True), ("01/01/2100", True),
                                              ("02/01/2100", False)])
def test_a_year_that_nobody_means_is_not_believed(typed, meant):
    assert believable(typed_day(typed)) is meant and believable(FIRST) and believable(LAST)
