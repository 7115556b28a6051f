"""Where in a file a piece of data stands, so that an error can name the file, the line and the item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

Loc = tuple[str | int, ...]
"""The way into nested data, as pydantic says it: ("sections", 0, "items", 3, "weight")."""


class ChecklistError(Exception):
    """The data in `checklists/` cannot be used; for maintainers at the command line, in English.

    `file` relative to the checkout, `line` from 1 (None when unknown), `item` the id the flaw belongs to
    (an item, a provision …; None when it belongs to the whole file), `sentence` what is wrong. `others` holds
    the further flaws found in the same reading, so that one run shows them all.
    """

    def __init__(self, file: str, line: int | None, item: str | None, sentence: str):
        self.file, self.line, self.item, self.sentence = file, line, item, sentence
        self.others: tuple[ChecklistError, ...] = ()
        super().__init__(file, line, item, sentence)

    @classmethod
    def of_many(cls, errors: list["ChecklistError"]) -> "ChecklistError":
        """The first of the errors, carrying the rest."""
        first = errors[0]
        first.others = tuple(errors[1:])
        return first

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        said = f"{place}: {self.item}: {self.sentence}" if self.item else f"{place}: {self.sentence}"
        return "\n".join([said, *map(str, self.others)])


@dataclass(frozen=True)
class Where:
    """A file and the line of every node read from it; lines may be left out for data that has no file."""

    file: str
    lines: Mapping[Loc, int] = field(default_factory=dict)
    items: Mapping[Loc, str] = field(default_factory=dict)

    def line(self, loc: Loc) -> int | None:
        """The line of the node at `loc`, or of the nearest node around it."""
        return self._nearest(self.lines, loc)

    def item(self, loc: Loc) -> str | None:
        """The id of the item around `loc`."""
        return self._nearest(self.items, loc)

    def known(self, loc: Loc) -> Loc:
        """As much of `loc` as stands in the file; pydantic adds the names of union members to it."""
        return next((loc[:n] for n in range(len(loc), 0, -1) if loc[:n] in self.lines), loc)

    def error(self, loc: Loc, sentence: str) -> ChecklistError:
        return ChecklistError(self.file, self.line(loc), self.item(loc), sentence)

    @staticmethod
    def _nearest(known: Mapping[Loc, int | str], loc: Loc):
        return next((known[loc[:n]] for n in range(len(loc), -1, -1) if loc[:n] in known), None)


class Strict(BaseModel):
    """What every model of the files in `checklists/` is: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


M = TypeVar("M", bound=Strict)


def parsed(model: type[M], data: str, where: Where) -> M:
    """JSON text checked against a model. Raises ChecklistError with one entry for each flaw."""
    try:
        return model.model_validate_json(data)
    except ValidationError as found:
        flaws = [flaw for flaw in found.errors(include_url=False) if not _echo(flaw)]
        # A misspelt key first: it is why another one is missing.
        flaws.sort(key=lambda flaw: flaw["type"] != "extra_forbidden")
        # A union says once for each member what one flaw is: the first of a place is enough.
        first = {where.known(tuple(flaw["loc"])): flaw for flaw in reversed(flaws)}
        raise ChecklistError.of_many([_said(flaw, where) for flaw in reversed(first.values())]) from None


def _echo(flaw: dict) -> bool:
    """A list found too short only because pydantic leaves out the members it has already complained about."""
    return flaw["type"] == "too_short" and bool(flaw["input"])


def _said(flaw: dict, where: Where) -> ChecklistError:
    """One flaw in words. A validator of ours names the place inside its model itself, as PlacedError."""
    loc = tuple(flaw["loc"])
    cause = flaw.get("ctx", {}).get("error")
    if isinstance(cause, PlacedError):
        return where.error(loc + cause.loc, cause.sentence)
    if flaw["type"] in ("extra_forbidden", "missing"):
        return where.error(loc, f"unknown key: {loc[-1]}" if flaw["type"] != "missing" else f"{loc[-1]} is missing")
    name = next((part for part in reversed(where.known(loc)) if isinstance(part, str)), None)
    sentence = flaw["msg"].removeprefix("Value error, ")
    return where.error(loc, f"{name}: {sentence}" if name else sentence)


class PlacedError(ValueError):
    """A flaw that a model's own check found, with its place inside that model."""

    def __init__(self, loc: Loc, sentence: str):
        self.loc, self.sentence = loc, sentence
        super().__init__(sentence)
