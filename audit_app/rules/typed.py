"""What was typed, in one spelling, and whether there is anything in it to be seen."""

import unicodedata

HOLLOW = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and a sign by their category, nothing to the eye."""


def even(text: str | None) -> str:
    """NFC, one kind of line end, no blanks around."""
    return unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def blank(text: str) -> bool:
    """Whether all of it is spaces, invisible characters and marks without a letter."""
    return all(c in HOLLOW or unicodedata.category(c)[0] in "ZCM" for c in text)
