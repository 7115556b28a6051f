"""A day as people here type it, in a form or in a cell of a table."""

import re
from datetime import UTC, date, datetime

SHAPES = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y")
"""Day, month, year with any of their three signs, or ISO; the first is how a form shows a day."""

SHORT = re.compile(r"(\d{1,2}([/.-])\d{1,2}\2)(\d{2})", re.ASCII)
"""Day, month and a year of two figures, which is one of this century."""

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
"""What lies outside is a slip of typing in the year."""


def typed_day(typed: str) -> date | None:
    """The day that is meant; none when it is no day. Its year may still be a slip: `believable`."""
    typed = SHORT.sub(r"\g<1>20\3", typed.strip()) if SHORT.fullmatch(typed.strip()) else typed.strip()
    for shape in SHAPES:
        try:
            return datetime.strptime(typed, shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def believable(day: date) -> bool:
    """Whether its year can be meant."""
    return FIRST <= day <= LAST
