"""The order of names in a Vietnamese list."""

import re
import unicodedata

SHAPES = {0x306: "\ufff1", 0x302: "\ufff2", 0x31B: "\ufff3", 0x111: "d\ufff1"}
"""Breve, circumflex, horn and the d with a stroke make letters of their own, behind all that begins with the plain
one."""

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Grave, hook, tilde, acute, dot below; a word without any comes first."""

NUMBER = re.compile(r"0*([0-9]+)")
"""The longer number is the larger one, once its zeros are gone: 2, 12, 119."""


def place(name: str) -> list[tuple]:
    """Where a name stands among others, as a key to sort by: word by word, the letters before the tones, numbers by
    how large they are."""
    return [_word(word) for word in unicodedata.normalize("NFD", name.casefold()).split()]


def _word(marks: str) -> tuple:
    letters = "".join(mark for mark in marks if mark not in TONES).translate(SHAPES)
    sorted_as = NUMBER.sub(lambda found: f"{len(found[1]):03}{found[1]}", letters)
    return sorted_as, [TONES.index(mark) for mark in marks if mark in TONES]
