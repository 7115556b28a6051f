"""Which row of a table of agencies names its columns."""

import re
from string import ascii_uppercase
from typing import NamedTuple

from audit_app.rules.refusals import RegisterColumnMissing, RegisterColumnTwice, RegisterEmpty
from audit_app.rules.typed import blank
from audit_app.rules.wording import COLUMN, fold, visible

HEADERS = {
    "code": ("code", "ma", "ma co quan", "ma don vi", "ma co quan, don vi"),
    "name": ("name", "ten", "ten co quan", "ten don vi", "ten co quan, don vi"),
    "level": ("level", "cap", "cap co quan", "cap don vi", "cap hanh chinh"),
    "parent": ("parent", "co quan cap tren", "don vi cap tren", "ma co quan cap tren", "ma don vi cap tren"),
    "valid_from": ("valid_from", "tu ngay", "hieu luc tu", "hieu luc tu ngay", "ngay bat dau"),
    "valid_to": ("valid_to", "den ngay", "hieu luc den", "hieu luc den ngay", "den het ngay", "ngay ket thuc"),
    "successor": ("successor", "co quan ke thua", "don vi ke thua", "ma co quan ke thua", "ma don vi ke thua"),
    "address": ("address", "dia chi"),
    "contact": ("contact", "nguoi lien he"),
    "phone": ("phone", "dien thoai", "so dien thoai"),
    "email": ("email", "e-mail", "thu dien tu", "dia chi email"),
}
"""Column → headers without diacritics, in lower case."""

MEANT = {header: column for column, headers in HEADERS.items() for header in headers}
NEEDED = ("code", "name", "level")
SOUGHT = 10
"""So many rows with anything in them may the header be among: the name of the house, the country's motto, a title."""
MARKS = re.compile(r"\(\*\)|[*:\u200b-\u200f\u2060\ufeff]")
"""Signs of what must be filled in, and what cannot be seen."""

Line = tuple[int, list[str]]
"""The number of a row in its file, the first being 1, and its cells."""


class Table(NamedTuple):
    """The rows of a table: number → column → text; and the headers of its columns that are none of ours."""

    rows: dict[int, dict[str, str]]
    unused: list[str]


def column(header: str) -> str:
    """The column that a header means; empty when it is none of ours."""
    return MEANT.get(" ".join(MARKS.sub(" ", fold(header)).split()), "")


def likeness(lines: list[Line]) -> tuple[int, int, int]:
    """How much of a header the best of the first rows is: needed columns, columns, filled cells."""
    return max((_likeness(cells) for _, cells in lines[:SOUGHT]), default=(0, 0, 0))


def _likeness(cells: list[str]) -> tuple[int, int, int]:
    found = {column(cell) for cell in cells} - {""}
    return len(found & set(NEEDED)), len(found), sum(not blank(cell) for cell in cells)


def below_header(lines: list[Line]) -> Table:
    """The rows below the first one that names all needed columns. Rows that say nothing in any column of ours are left
    out.

    Raises RegisterEmpty, RegisterColumnMissing, RegisterColumnTwice.
    """
    if not lines:
        raise RegisterEmpty()
    like = [_likeness(cells) for _, cells in lines[:SOUGHT]]
    at = next((at for at, (needed, *_) in enumerate(like) if needed == len(NEEDED)), like.index(max(like)))
    columns = _columns(*lines[at])
    rows = {number: {name: cell for name, cell in zip(columns, cells, strict=False) if name}
            for number, cells in lines[at + 1:]}
    kept = {number: row for number, row in rows.items() if not all(blank(cell) for cell in row.values())}
    return Table(kept, _unused(lines[at][1], [cells for _, cells in lines[at + 1:]]))


def _unused(header: list[str], below: list[list[str]]) -> list[str]:
    """The columns that say something and are none of ours: by their headers, those without one by their letters."""
    width = max(map(len, [header, *below]))
    header = header + [""] * (width - len(header))
    filled = {at for cells in below for at, cell in enumerate(cells) if not blank(cell)}
    return [" ".join(visible(cell).split())[:40] if not blank(cell) else _letter(at) for at, cell in enumerate(header)
            if not column(cell) and (at in filled or not blank(cell))]


def _letter(at: int) -> str:
    """As spreadsheets call a column, the first being A; there are at most forty."""
    return ascii_uppercase[at] if at < 26 else f"A{ascii_uppercase[at - 26]}"


def _columns(number: int, cells: list[str]) -> list[str]:
    columns = [column(cell) for cell in cells]
    if lacking := [name for name in NEEDED if name not in columns]:
        raise RegisterColumnMissing(row=number, found=_quoted(cell for cell in cells if not blank(cell)),
                                    missing=_quoted(COLUMN[name] for name in lacking), lacking=", ".join(lacking))
    for name in filter(None, columns):
        if columns.count(name) > 1:
            twice = (cell for cell, meant in zip(cells, columns, strict=True) if meant == name)
            raise RegisterColumnTwice(row=number, found=_quoted(twice), column=COLUMN[name], header=name)
    return columns


def _quoted(said) -> str:
    """The first of them, cut short where they are no headers at all."""
    said = [f"«{' '.join(visible(one).split())[:40]}»" for one in said]
    return ", ".join([*said[:12], "…"] if len(said) > 12 else said)
