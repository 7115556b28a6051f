"""A day as people here type it, in a form or in a cell of a table."""

from datetime import UTC, date, datetime

SHAPES = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y")
"""Day, month, year with any of their three signs, or ISO; the first is how a form shows a day."""

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
"""What lies outside is a slip of typing in the year."""


def typed_day(typed: str) -> date | None:
    """The day that is meant; none when it is no day. Its year may still be a slip: `believable`."""
    for shape in SHAPES:
        try:
            return datetime.strptime(typed.strip(), shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def believable(day: date) -> bool:
    """Whether its year can be meant."""
    return FIRST <= day <= LAST
