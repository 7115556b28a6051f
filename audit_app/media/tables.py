"""The only door to openpyxl: the rows of an XLSX or a CSV, as text, numbered as the file numbers them; and an XLSX of
our own."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from audit_app.rules.columns import Line
from audit_app.rules.problems import Problem
from audit_app.rules.refusals import (
    RegisterEncoding,
    RegisterQuoted,
    RegisterTooBig,
    RegisterTooTall,
    RegisterUnreadable,
)
from audit_app.rules.typed import blank

CELLS = 40
"""More cells a row than any register has; what lies beyond is left out."""
LOOKED_AT = 100_000
"""Rows that are looked at, blank ones included: spreadsheets keep borders far below the last word."""
UNPACKED = 20 * 1024 * 1024
"""Octets of a file, or of the sheets of an XLSX, unpacked: five times those of the largest register."""
WORDS = 4 * 1024 * 1024
"""Octets of all else in an XLSX, its words among them: read at once, and one of five octets costs 350 then."""
WIDEST = 60
"""Characters that a column of our own shows at most."""
SIGNS = (";", ",", "\t")
SAID = re.compile(r'"?sep=([,;|\t])', re.IGNORECASE)
"""The first line by which a CSV tells Excel its separator."""

def read(path: Path) -> list[list[Line]]:
    """Every way to read the file: one for an XLSX (its first sheet), one for each separator that a CSV may have. Blank
    rows are left out and counted. What the file is, its first octets tell.

    Raises RegisterUnreadable, RegisterEncoding, RegisterQuoted, RegisterTooBig, RegisterTooTall.
    """
    with path.open("rb") as file:
        first = file.read(4)
    if path.stat().st_size > UNPACKED:
        raise RegisterTooBig()
    if first == b"PK\x03\x04":
        return [_xlsx(path)]
    if first == b"\xd0\xcf\x11\xe0" or path.suffix.lower() == ".xlsx":  # an XLS of old, or one with a password
        raise RegisterUnreadable()
    return _csv(_text(path.read_bytes()))


def write(title: str, rows: list[list[str]]) -> bytes:
    """An XLSX of one sheet, its first row the header, which stays in sight. All cells are text, now and when they are
    typed over: a telephone number keeps its 0, and nothing is reckoned."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(zip(*rows, strict=True), 1):
        sheet.column_dimensions[get_column_letter(number)].width = 2 + min(WIDEST, max(map(len, column)))
    for number, row in enumerate(rows):
        sheet.append([_text_cell(sheet, said, bold=not number) for said in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet, said: str, *, bold: bool) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, said)
    cell.data_type, cell.number_format = "s", "@"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _xlsx(path: Path) -> list[Line]:
    try:
        with path.open("rb") as file:  # by its name openpyxl would refuse one that is called CSV
            with ZipFile(file) as packed:
                sheets, words = 0, 0
                for part in packed.infolist():
                    if part.filename.startswith("xl/worksheets/"):
                        sheets += part.file_size
                    else:
                        words += part.file_size
                if sheets > UNPACKED or words > WORDS:
                    raise RegisterTooBig()
            book = load_workbook(file, read_only=True, data_only=True)
            rows = book.worksheets[0].iter_rows(values_only=True, max_row=LOOKED_AT + 1, max_col=CELLS)
            return list(_filled([_plain(cell) for cell in row] if set(row) != {None} else [] for row in rows))
    except Problem:
        raise
    except Exception as error:  # a broken or hostile spreadsheet makes openpyxl raise almost anything
        raise RegisterUnreadable() from error


def _plain(cell) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else ("" if cell is None else str(cell))


def _text(data: bytes) -> str:
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise RegisterEncoding(row=data.count(b"\n", 0, error.start) + 1) from error
    if "\0" in text:  # UTF-16 without its mark
        raise RegisterEncoding(row=text.count("\n", 0, text.index("\0")) + 1)
    return text


def _csv(text: str) -> list[list[Line]]:
    """By the sign that its first line says, and by each of the usual ones; where a wrong one breaks, another may do. A
    quote that is left open would take in all rows below it."""
    said, ways = SAID.match(text), []
    head = next((line for line in text.splitlines() if not blank(line) and line != (said and said[0])), "")
    own = said[1] if said else max(SIGNS, key=head.count)
    for sign in dict.fromkeys((own, *SIGNS)):
        rows, begun = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True), [0]
        try:
            ways.append(list(_filled(_cells(rows, begun))))
        except csv.Error as error:
            if sign == own:
                raise RegisterQuoted(row=begun[0] + 1) from error
    return ways


def _cells(rows, begun: list[int]) -> Iterator[list[str]]:
    """The rows of a CSV; `begun`: how many lines were read before the one that comes next."""
    for row in rows:
        begun[0] = rows.line_num
        yield row[:CELLS]


def _filled(rows: Iterable[list[str]]) -> Iterator[Line]:
    for number, cells in enumerate(islice(rows, LOOKED_AT + 1), 1):
        if number > LOOKED_AT:
            raise RegisterTooTall(limit=LOOKED_AT)
        if any(cell and not blank(cell) for cell in cells):
            yield number, cells
