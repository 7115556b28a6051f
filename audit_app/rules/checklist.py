"""What an inspector is asked: items in sections, each with its kind of answer, its weight and its ground in law.

parse() is the only way to make a Checklist from a file, so every Checklist in the house is valid.
"""

import hashlib
import json
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from audit_app.rules.law import Citation, Text
from audit_app.rules.source import ChecklistError, PlacedError, Strict, Where, parsed

ItemId = Annotated[str, Field(pattern="^[A-Z]{2,4}[0-9]{2,3}$")]
SectionId = Annotated[str, Field(pattern="^[A-Z]{2,4}$")]
ChecklistId = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,40}$")]
Slug = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,40}$")]
SubCriterion = Annotated[str, Field(pattern=r"^[IVX]+\.[0-9]+$")]
Level = Literal["S", "H", "X", "T"]
Kind = Literal["a3", "a2", "ratio", "number", "choice"]
PhotoRule = Literal["required", "on_fail", "encouraged", "none"]
Basis = Literal["BB", "SR", "CD", "KN"]


class Option(Strict):
    """One thing to tick in an item of kind `choice`."""

    id: Slug
    text: Text


class LevelValidity(Strict):
    """A level of administration, and until when there are agencies of that level."""

    id: Level
    title: Text
    valid_from: date | None = None
    valid_to: date | None = None


class Item(Strict):
    """One question. `weight` counts inside its section; `tier` 1 every visit, 2 full visit, 3 extended visit.

    A `ratio` asks for two numbers (`number_label` of `of_label`); a `number` passes when it keeps to `at_least`
    and `at_most`, and without either is only recorded. Thresholds stand here only where the law gives one.
    What is found under a `confidential` item counts in the score that the office sees; it stands in no paper, nor
    does it count in the score that papers tell, and it is not read out.
    """

    id: ItemId
    text: Text
    verify: Text
    note: Text | None = None
    kind: Kind
    photo: PhotoRule
    weight: Annotated[int, Field(ge=0, le=100)]
    critical: bool = False
    tier: Annotated[int, Field(ge=1, le=3)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] = ("S", "H", "X", "T")
    basis: Basis
    required: bool = True
    confidential: bool = False
    unit: Text | None = None
    number_label: Text | None = None
    of_label: Text | None = None
    at_least: int | None = None
    at_most: int | None = None
    fewer_is_better: bool = False
    options: tuple[Option, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    citations: tuple[Citation, ...] = ()
    sipas: tuple[SubCriterion, ...] = ()
    tasks: tuple[Annotated[int, Field(ge=1)], ...] = ()

    @property
    def has_threshold(self) -> bool:
        return self.at_least is not None or self.at_most is not None

    @property
    def scored(self) -> bool:
        """Whether the item counts in score and coverage: it weighs something, is more than good practice, and
        its answer has a value between 0 and 1."""
        return self.weight > 0 and self.basis != "KN" and self._has_value

    @property
    def _has_value(self) -> bool:
        return self.kind in ("a3", "a2", "ratio") or (self.kind == "number" and self.has_threshold)

    def applies(self, level: str, tier: int, day: date) -> bool:
        """Whether the item is asked at an agency of that level, on a visit of that tier, on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return level in self.levels and self.tier <= tier and begun and (self.valid_to is None or day <= self.valid_to)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for wrong, place, sentence in self._flaws():
            if wrong:
                raise PlacedError((place,), sentence)
        return self

    def _flaws(self):
        """(is it wrong, the key it stands at, what is wrong) for everything that only several keys can tell."""
        ratio, number, choice = self.kind == "ratio", self.kind == "number", self.kind == "choice"
        low, high = self.at_least, self.at_most
        yield ratio and not (self.number_label and self.of_label), "kind", "a ratio needs number_label and of_label"
        yield self.of_label is not None and not ratio, "of_label", "only a ratio has an of_label"
        yield self.fewer_is_better and not ratio, "fewer_is_better", "only a ratio can say that fewer is better"
        yield self.has_threshold and not number, "at_least" if low is not None else "at_most", "only a number has one"
        yield low is not None and high is not None and low > high, "at_least", "no number can pass"
        yield self.unit is not None and not (number or ratio), "unit", "only a number or a ratio has a unit"
        yield choice and len(self.options) < 2, "kind", "a choice needs at least two options"
        yield self.options and not choice, "options", "only a choice has options"
        yield _twice(option.id for option in self.options), "options", "an option stands twice"
        yield self.critical and not self._has_value, "critical", "an item that cannot fail cannot be critical"
        yield self.basis != "KN" and not self.citations, "basis", f"basis {self.basis} needs a citation"
        yield self.critical and self.basis == "KN", "critical", "good practice (KN) is never a breach"
        yield _twice(self.levels), "levels", "a level stands twice"
        yield _twice(citation.key for citation in self.citations), "citations", "a citation stands twice"
        yield _twice(self.sipas), "sipas", "a sub-criterion stands twice"
        yield _twice(self.tasks), "tasks", "a task stands twice"
        yield self.valid_from and self.valid_to and self.valid_to < self.valid_from, "valid_to", "ends before it begins"


class Section(Strict):
    """A part of the checklist; `weight` counts among the sections."""

    id: SectionId
    title: Text
    weight: Annotated[int, Field(ge=1, le=100)]
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class Checklist(Strict):
    """One version. `method`: `sections` (weighted mean of section scores) or `items` (weighted mean of items).

    `minimum_coverage`: below this percentage of answered applicable items no score is given. `sipas` and
    `tasks` name the lists (by year) that the items' codes refer to.
    """

    id: ChecklistId
    version: Annotated[int, Field(ge=1)]
    title: Text
    effective_from: date
    effective_to: date | None = None
    method: Literal["sections", "items"]
    minimum_coverage: Annotated[int, Field(ge=0, le=100)] = 50
    sipas: int | None = None
    tasks: int | None = None
    levels: Annotated[tuple[LevelValidity, ...], Field(min_length=1)]
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)

    def item(self, id: str) -> Item | None:
        return self._by_id.get(id)

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    def in_force_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def offered(self, level: str, tier: int, day: date) -> tuple[Section, ...]:
        """The sections with only the items that apply; empty sections, and levels that are no more, left out."""
        if not any(known.id == level and _holds(known, day) for known in self.levels):
            return ()
        kept = ((s, tuple(i for i in s.items if i.applies(level, tier, day))) for s in self.sections)
        return tuple(section.model_copy(update={"items": items}) for section, items in kept if items)

    def canonical(self) -> str:
        """JSON with one spelling for one content: what is pinned and hashed. from_canonical() reads it back.

        Defaults are left out, so a key that the format gains later does not change what is pinned today.
        """
        data = self.model_dump(mode="json", exclude_defaults=True)
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.effective_to and self.effective_to < self.effective_from:
            raise PlacedError(("effective_to",), "ends before it begins")
        if _twice(level.id for level in self.levels):
            raise PlacedError(("levels",), "a level stands twice")
        known = {level.id for level in self.levels}
        sections: set[str] = set()
        items: set[str] = set()
        for s, section in enumerate(self.sections):
            if section.id in sections:
                raise PlacedError(("sections", s, "id"), f"section {section.id} stands twice")
            sections.add(section.id)
            for i, item in enumerate(section.items):
                loc = ("sections", s, "items", i)
                if item.id in items:
                    raise PlacedError((*loc, "id"), f"item {item.id} stands twice")
                if not known.issuperset(item.levels):
                    raise PlacedError((*loc, "levels"), "a level that the checklist does not list")
                items.add(item.id)
        return self


def _twice(ids) -> bool:
    ids = list(ids)
    return len(ids) != len(set(ids))


def _holds(dated: LevelValidity, day: date) -> bool:
    begun = dated.valid_from is None or dated.valid_from <= day
    return begun and (dated.valid_to is None or day <= dated.valid_to)


def parse(data: str | dict, where: Where) -> Checklist:
    """A checklist from the data of a file (JSON text, or a dict that JSON can say). Raises ChecklistError."""
    return parsed(Checklist, data if isinstance(data, str) else json.dumps(data), where)


def from_canonical(text: str) -> Checklist:
    """The pinned checklist, from what canonical() wrote."""
    return parse(text, Where("pinned checklist"))


__all__ = ["Checklist", "ChecklistError", "Item", "LevelValidity", "Option", "Section", "from_canonical", "parse"]
