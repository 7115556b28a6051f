"""The rows a tablet sends, parsed at the door into frozen things; each bad row is its own named problem."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from audit_app.rules.checklist import Item
from audit_app.rules.problems import NumberNeeded, RatioImpossible, RowUnreadable, UnknownValue
from audit_app.rules.scoring import Answered, outcome
from audit_app.rules.wording import HANOI, SEVERITY, tidy

API = 3
"""The version of what tablets say. 1: the first tablets. 2: answers say what their author knew (`seen`), tablets
announce themselves, photos come in pieces, rows of meetings, signatures and mark-up. 3: answers have a severity,
remarks say what their author knew."""

ACCEPTED = tuple(version for version in (API - 2, API - 1, API) if version > 0)
"""This version and the two before it: a field that an older one lacks has a default, and none ever changes its
meaning. A newer one is refused whole: what this server does not know it would drop in silence."""

LIMIT = 2_000
"""Rows the server takes in one request; the rest is refused by name and comes with the next one."""

FLOOD = 10 * LIMIT
"""Rows in one request above which it is refused as a whole."""

NOTE = 20_000
"""Characters of one note or remark."""

NAME = 120
"""Characters of a name or of what somebody is."""

EARLIEST, LATEST = 1970, 2999
"""The years that a clock gone wrong may still show."""

JUDGED = {"a3": ("dat", "mot_phan", "khong_dat", "khong_ap_dung"), "a2": ("dat", "khong_dat", "khong_ap_dung")}


def _zoned(moment: datetime) -> datetime:
    """A tablet's clock without a zone shows Hà Nội's time. A clock may be years off; but a year in which the same
    moment, told elsewhere on earth, would leave the calendar could be kept and never be shown again."""
    if not EARLIEST <= moment.year <= LATEST:
        raise ValueError("no clock means this")
    return (moment if moment.tzinfo else moment.replace(tzinfo=HANOI)).astimezone(UTC)


def _number(said):
    """JSON numbers as exact decimals; text only when it is a plain number, as static/js/items.js reads one: Decimal
    itself takes «1_000» and the figures of other scripts too."""
    if isinstance(said, bool) or (isinstance(said, str) and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", said)):
        raise ValueError("not a number")
    return Decimal(str(said)) if isinstance(said, int | float) else said


def once(pairs: list[tuple[str, object]]) -> dict:
    """For JSON's reader: of two values under one name one would be dropped in silence. Raises ValueError."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def integer(digits: str) -> int | str:
    """For JSON's reader: a number longer than any that is meant stays text, and is refused in its own row."""
    return int(digits) if len(digits) <= 400 else digits


def _tidied(said: str | None) -> str:
    return tidy(said, limit=NOTE)


def _line(said: str | None) -> str:
    return tidy(said, limit=NAME)


When = Annotated[datetime, AfterValidator(_zoned)]
Text = Annotated[str | None, AfterValidator(_tidied)]
Title = Annotated[str | None, AfterValidator(_line)]
Measured = Annotated[Decimal, Field(ge=0, lt=10**12, decimal_places=6, allow_inf_nan=False)]
Number = Annotated[Measured | None, BeforeValidator(_number)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, Field(min_length=1, max_length=40)]
Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]


class Row(BaseModel):
    """What every row has. Fields a newer tablet may add are ignored, so that both sides can grow. `kept_at`: of
    one that comes again because a server that was set back has lost it, when it was first said to be kept."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: UUID
    kept_at: When | None = None


class AnswerRow(Row):
    """An answer; everything empty means that it was cleared. `severity`: how grave a fault is; `seen`: the answers to
    the item its author knew; `group`: given together with others by one «đạt tất cả các mục còn lại»."""

    item: Code
    value: str | None = None
    number: Number = None
    of: Count | None = None
    choices: tuple[Code, ...] = Field(default=(), max_length=50)
    severity: str | None = None
    note: Text = ""
    answered_at: When
    seen: tuple[UUID, ...] | None = Field(default=None, max_length=1_000)
    group: bool = False


SAYS = {"value", "number", "of", "choices", "severity", "note"}
"""The fields of an answer that say something."""


class PhotoRow(Row):
    """A photo of an item; its bytes travel under their hashes."""

    item: Code
    sha256: Sha256
    working: Sha256 | None = None
    taken_at: When
    source: Literal["live", "camera", "gallery"] = "camera"
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    accuracy: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)] | None = None


class RemovalRow(Row):
    """A photo taken out of the findings."""

    photo: UUID
    reason: Text = ""
    removed_at: When


class EquipmentRow(Row):
    """A count of one kind of equipment."""

    kind: Code
    total: Count
    working: Count
    note: Text = ""
    counted_at: When


class RemarkRow(Row):
    """Difficulties, proposals, or the agency's explanation. `seen`: the remarks of this kind that its author knew and
    that it takes the place of; one that does not say knew all before it."""

    kind: Literal["difficulty", "proposal", "explanation"]
    text: Text
    written_at: When
    seen: tuple[UUID, ...] | None = Field(default=None, max_length=1_000)


KINDS = {"answers": AnswerRow, "photos": PhotoRow, "removals": RemovalRow, "equipment": EquipmentRow,
         "remarks": RemarkRow}
"""The lists of a batch, in the order in which they are taken in."""


def parse(kind: type[Row], said) -> Row:
    """One row out of JSON. Raises RowUnreadable naming the first wrong field; TextTooLong, TextForbidden."""
    if kind is AnswerRow and isinstance(said, dict) and not SAYS & set(said):
        for field in sorted(set(said) - set(AnswerRow.model_fields)):
            raise RowUnreadable(field=field[:40])  # a slip of the pen, not an answer taken back
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "id"
        raise RowUnreadable(field=where) from None


def ids(said: list) -> set[UUID]:
    """The ids in a list of rows as they were sent; what is none is left out."""
    found = set()
    for row in said:
        with suppress(LookupError, ValueError, TypeError, AttributeError):
            found.add(UUID(row["id"]))
    return found


MEASURES = {"ratio": {"number", "of"}, "number": {"number"}, "choice": {"choices"}}
"""What is said of an item beside a value, by its kind."""


def check_answer(item: Item, row: AnswerRow) -> None:
    """Whether this answer can be given to this item. Raises UnknownValue, NumberNeeded, RatioImpossible; RowUnreadable
    for what this kind of item does not ask for: kept, it would be no answer, in the place of the one there was."""
    given = {name for name in ("number", "of", "choices") if getattr(row, name) not in (None, ())}
    if foreign := given - MEASURES.get(item.kind, frozenset()):
        raise RowUnreadable(field=min(foreign))
    if row.severity is not None and row.severity not in SEVERITY:
        raise UnknownValue(value=row.severity, item=item.id)
    if item.kind in JUDGED:
        if row.value is not None and row.value not in JUDGED[item.kind]:
            raise UnknownValue(value=row.value, item=item.id)
    elif item.kind == "choice":
        unknown = [choice for choice in row.choices if choice not in {option.id for option in item.options}]
        if unknown or row.value not in (None, "khong_ap_dung"):
            raise UnknownValue(value=(unknown or [row.value])[0], item=item.id)
    else:
        _check_measured(item, row)


def _check_measured(item: Item, row: AnswerRow) -> None:
    """A ratio needs both numbers, n ≤ N, N > 0; a word beside the number must say what the number says."""
    if row.value == "khong_ap_dung":
        return
    if item.kind == "ratio" and (row.number is not None or row.of is not None):
        if row.number is None or row.of is None:
            raise NumberNeeded(item=item.id)
        if row.of == 0 or row.number > row.of or row.number != row.number.to_integral_value():
            raise RatioImpossible(item=item.id)
    meant = outcome(item, Answered(value=None, number=row.number, of=row.of))
    if row.value is not None and row.value != meant:
        raise UnknownValue(value=row.value, item=item.id)
