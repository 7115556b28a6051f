"""What was typed, in one spelling, and whether there is anything in it to be seen."""

import re
import unicodedata

LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
"""Of Windows, of old Macs, and those that are pasted from web pages and chats."""

HOLLOW = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and a sign by their category, nothing to the eye."""


def even(text: str | None) -> str:
    """NFC, one kind of line end, no blanks around."""
    return unicodedata.normalize("NFC", LINE_END.sub("\n", text or "")).strip()


def blank(text: str) -> bool:
    """Whether all of it is spaces, invisible characters and marks without a letter."""
    return all(c in HOLLOW or unicodedata.category(c)[0] in "ZCM" for c in text)
