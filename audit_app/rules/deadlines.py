"""Days that count: working days after an event, and how many are left."""

from collections.abc import Collection
from datetime import date, timedelta

from audit_app.rules.law import Citation

NOTICE_WORKING_DAYS, NOTICE_GROUND = 15, Citation(instrument="TT02", article=46)
"""A notice is due this many working days after its round ended, and where that stands."""

REMEDY_DAYS = 30
"""What the office is proposed as time to mend; a proposal only, no law sets it."""

SOON_DAYS = 7
"""From here on a deadline is near."""

SOLAR_HOLIDAYS = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
"""(month, day) of the holidays that are the same each year. Tết, Giỗ Tổ, the second day of Quốc khánh and days given
in lieu move from year to year: they are a yearly list of the office (`also_off`, see days_off.py), never guessed."""


def days_late(on: date, due: date) -> int:
    """Days, of the calendar, from a deadline to what came after it; 0 in time."""
    return max(0, (on - due).days)


def is_working_day(day: date, also_off: Collection[date] = ()) -> bool:
    """Monday to Friday, no fixed holiday, not in the office's own list of days off."""
    return day.weekday() < 5 and (day.month, day.day) not in SOLAR_HOLIDAYS and day not in also_off


def working_days_after(start: date, days: int, also_off: Collection[date] = ()) -> date:
    """The `days`-th working day after `start`; the day of the event itself does not count."""
    found = start
    while days > 0:
        found += timedelta(days=1)
        days -= is_working_day(found, also_off)
    return found


def working_days_left(today: date, due: date, also_off: Collection[date] = ()) -> int:
    """Working days from tomorrow to `due`; negative once it has passed."""
    if due < today:
        return -working_days_left(due, today, also_off)
    span = (due - today).days
    return sum(is_working_day(today + timedelta(days=ahead), also_off) for ahead in range(1, span + 1))


def notice_from(round_ends_on: date, visited_on: date) -> date:
    """The day after which the days of a visit's notice count: the end of its round, or the visit that came later."""
    return max(round_ends_on, visited_on)


def notice_due(round_ends_on: date, also_off: Collection[date] = ()) -> date:
    """The last day for the notice of a round that ends on this day."""
    return working_days_after(round_ends_on, NOTICE_WORKING_DAYS, also_off)
