"""What a row of the register of agencies may say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from audit_app.rules.problems import TextForbidden, TextTooLong
from audit_app.rules.refusals import RegisterRowFlaw
from audit_app.rules.typed import even
from audit_app.rules.typed_day import FIRST, LAST, believable, typed_day
from audit_app.rules.wording import COLUMN, LEVEL, ROW_FLAW, fold, tidy
from audit_app.rules.wording import day as in_words

IN_ENGLISH = {
    "missing": "is empty; fill it in.",
    "too_long": "is longer than {limit} characters; shorten it.",
    "unseen": "has a character that cannot be shown; empty the cell and type it anew.",
    "level": "says {said!r}; it must be S, H, X or T.",
    "email": "says {said!r}, which is no e-mail address; write it as name@hanoi.gov.vn.",
    "no_zero": "has no 0 in front, which spreadsheets drop from telephone numbers; look at it again.",
    "day": "says {said!r}, which is no day; write it as 01/07/2025.",
    "year": "says {said!r}; a day lies between {first} and {last}: correct the year.",
    "ends_early": "names a day before the first one on which the name holds; correct one of the two.",
    "ends_visits": "says {day}, with visits after it that are neither issued nor called off ({n}); look at them again.",
    "ends_people": "says {day}, with accounts in use ({n}) and no successor; look at them again.",
    "renamed": "makes {said!r} of {old!r}, which has accounts or visits already; correct a slip of typing on the page "
               "of the agency; write a new name as a new row, with the first day on which it holds.",
    "circle": "goes round in a circle: no agency stands above itself.",
    "overlap": "begins while another name of the code {said!r} still holds; correct the days.",
    "twice": "repeats the code {said!r} with the first day of row {first}; remove one of the two rows.",
    "same_name": "says {said!r}, which is also the name of the agency {code!r} at the same time.",
    "code": "names the code {said!r}, which is neither in the table nor in the register.",
}
"""What ROW_FLAW says, for the terminal."""

FROM = date(2021, 1, 1)
"""The first day of a name for which the table says none."""

REACHED = ("address", "contact", "phone", "email")
"""Columns in which an empty cell takes nothing away: a table has what somebody knew, not all that is known."""

EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
"""What an e-mail address looks like, in a form and in a cell."""

ZERO_LOST = re.compile("[2-9][0-9]{7,9}")
"""A telephone number, without what stands between its digits, that had a 0 in front; service numbers (1900 …) have
none."""

LETTER = {fold(word): letter for letter, kinds in LEVEL.items() for word in (letter, kinds, *kinds.split(", "))}
"""What a cell may say of the level → the letter that is kept: «X», «Phường», «xã», «Xã, phường, thị trấn»."""

LONGEST = {"code": 40, "name": 200, "address": 300, "contact": 200, "phone": 60, "email": 120}


@dataclass(frozen=True, kw_only=True)
class AgencyRow:
    """One agency between two days; `parent` and `successor` are codes, `given` the columns the table has."""

    code: str
    name: str
    level: str
    valid_from: date
    valid_to: date | None = None
    parent: str = ""
    successor: str = ""
    address: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    given: frozenset[str] = frozenset()

    def columns(self) -> dict:
        """The values of the table's own columns."""
        return {"code": self.code, "name": self.name, "name_fold": fold(self.name), "level": self.level,
                "valid_from": self.valid_from, "valid_to": self.valid_to, "address": self.address,
                "contact": self.contact, "phone": self.phone, "email": self.email}

    def changes(self) -> dict:
        """Of those, what the table speaks of: a column that it has not says nothing of an agency that is known, nor
        does an empty cell of how one is reached."""
        return {name: value for name, value in self.columns().items()
                if (name in self.given or name == "name_fold") and (value or name not in REACHED)}


class Codes:
    """How codes are written. Case tells no two agencies apart: a code is written as it is on file, or as in the first
    row that has it. Only where codes on file differ by nothing else, taken in before this was so, each is met by its
    own spelling, and any other spelling means the one that comes last."""

    def __init__(self, on_file: Iterable[str]):
        self._exact = {code: code for code in on_file}
        self._folded = {code.casefold(): code for code in self._exact}

    def own(self, row: AgencyRow) -> AgencyRow:
        """A row under its code as it is written; a new one is written so from now on."""
        return replace(row, code=self._find(row.code) or self._folded.setdefault(row.code.casefold(), row.code))

    def named(self, row: AgencyRow) -> AgencyRow:
        """A row that names others by their codes as these are written; those that nobody has stay as they are."""
        return replace(row, parent=self._find(row.parent) or row.parent,
                       successor=self._find(row.successor) or row.successor)

    def nobody(self, said: dict) -> list[tuple[str, str]]:
        """Of a row as it was typed, the columns that name others by codes which nobody has, each with that code."""
        named = [(column, one_line(said.get(column))) for column in ("parent", "successor")]
        return [(column, code) for column, code in named if code and self._find(code) is None]

    def _find(self, code: str) -> str | None:
        return self._exact.get(code) or self._folded.get(code.casefold())


def flaw(column: str, why: str, **details) -> RegisterRowFlaw:
    """What is wrong with a cell, naming its column; `why` is a key of ROW_FLAW and of IN_ENGLISH."""
    return RegisterRowFlaw(column=COLUMN[column], why=ROW_FLAW[why].format(**details), header=column,
                           what=IN_ENGLISH[why].format(**details))


def parse_row(said: dict) -> tuple[AgencyRow | None, list[RegisterRowFlaw]]:
    """A row by its column names, values are text; and what is wrong, a flaw a cell: with one there is no row."""
    wrong: dict[str, RegisterRowFlaw] = {}
    text = {name: _cell(name, said.get(name), wrong) for name in COLUMN}
    for needed in ("code", "name"):
        if not text[needed]:
            wrong.setdefault(needed, flaw(needed, "missing"))
    level = LETTER.get(fold(text["level"]).removeprefix("cap "))
    if level is None:
        wrong.setdefault("level", flaw("level", "level", said=text["level"]))
    if text["email"] and not EMAIL.match(text["email"]):
        wrong.setdefault("email", flaw("email", "email", said=text["email"]))
    begins, ends = (_day(name, text[name], wrong) for name in ("valid_from", "valid_to"))
    if ends and ends < (begins or FROM) and "valid_from" not in wrong:
        wrong.setdefault("valid_to", flaw("valid_to", "ends_early"))
    if wrong:
        return None, [wrong[name] for name in COLUMN if name in wrong]
    return AgencyRow(**{**text, "level": level, "valid_from": begins or FROM, "valid_to": ends,
                        "given": frozenset(said)}), []


def odd(row: AgencyRow) -> list[RegisterRowFlaw]:
    """What a row says that may be meant, and hardly is."""
    return [flaw("phone", "no_zero")] if ZERO_LOST.fullmatch(re.sub(r"[\s.()-]", "", row.phone)) else []


def one_line(said) -> str:
    """What a cell says, with single blanks."""
    return " ".join(even(str(said or "")).split())


def _cell(column: str, said, wrong: dict) -> str:
    """One line, with single blanks: what spreadsheets have between words cannot be seen, and is no other name."""
    limit = LONGEST.get(column, 40)
    try:
        return " ".join(tidy(str(said or ""), limit=limit).split())
    except TextTooLong:
        wrong[column] = flaw(column, "too_long", limit=limit)
    except TextForbidden:
        wrong[column] = flaw(column, "unseen")
    return ""


def _day(column: str, typed: str, wrong: dict) -> date | None:
    """As forms read days, and within the years that they take."""
    if not typed:
        return None
    found = typed_day(typed)
    if found is None:
        wrong[column] = flaw(column, "day", said=typed)
    elif not believable(found):
        wrong[column] = flaw(column, "year", said=typed, first=in_words(FIRST), last=in_words(LAST))
    return found


def runs(numbers: Iterable[int], dash: str) -> str:
    """Numbers of rows in a few words: 2–4, 7. The first of them where they are scattered."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    said = [str(run[0]) if len(run) == 1 else f"{run[0]}{dash}{run[-1]}" for run in found]
    return ", ".join([*said[:12], "…"] if len(said) > 12 else said)
