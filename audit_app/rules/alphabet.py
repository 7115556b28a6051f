"""The order of names in a Vietnamese list."""

import unicodedata

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng; a word without any comes first."""


def place(name: str) -> list[tuple]:
    """Where a name stands among others, as a key to sort by: word by word, the letters before the tones."""
    return [_word(word) for word in unicodedata.normalize("NFD", name.casefold()).split()]


def _word(marks: str) -> tuple:
    letters = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))
    tones = [TONES.index(mark) for mark in marks if mark in TONES]
    return [(LETTERS.find(letter), letter) for letter in letters], tones
