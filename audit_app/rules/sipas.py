"""The citizens' satisfaction index (SIPAS): its 5 criteria and 24 sub-criteria, and which items touch which.

Two instruments, never added or subtracted: SIPAS asks citizens, an inspection looks at the place.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from audit_app.rules.checklist import Checklist
from audit_app.rules.law import Citation, Text
from audit_app.rules.source import PlacedError, Strict, Where, parsed

Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class SubCriterion(Strict):
    """`baseline` and `target` in percent, as printed; `follower` is the unit that follows it, where printed."""

    id: Annotated[str, Field(pattern=r"^[IVX]+\.[0-9]+$")]
    title: Text
    baseline: Percent
    target: Percent
    follower: Text | None = None


class Criterion(Strict):
    """Its own target is printed, never derived from its parts (I: ≥86 over ≥87, ≥87, ≥86, ≥85)."""

    id: Annotated[str, Field(pattern="^[IVX]+$")]
    title: Text
    baseline: Percent
    target: Percent
    follower: Text | None = None
    lead: Text | None = None
    parts: Annotated[tuple[SubCriterion, ...], Field(min_length=1)]

    def mean(self) -> Fraction:
        """The mean of its sub-criteria of the base year, exact, in percent."""
        return _mean(self.parts)

    def follower_of(self, part: SubCriterion) -> str | None:
        """The unit that follows a sub-criterion; a cell printed once stands for the whole criterion."""
        printed = (part.follower, self.follower, *(other.follower for other in self.parts))
        return next(filter(None, printed), None)


class Sipas(Strict):
    """One year's targets over a base year's values."""

    year: Annotated[int, Field(ge=2012, le=2100)]
    baseline_year: Annotated[int, Field(ge=2012, le=2100)]
    title: Text
    citation: Citation
    overall_baseline: Percent
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @property
    def parts(self) -> tuple[SubCriterion, ...]:
        return tuple(part for criterion in self.criteria for part in criterion.parts)

    def overall(self) -> Fraction:
        """The index of the base year: the mean of all sub-criteria (not of the criteria), exact, in percent."""
        return _mean(self.parts)

    def part(self, id: str) -> SubCriterion | None:
        return next((part for part in self.parts if part.id == id), None)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        ids = [criterion.id for criterion in self.criteria]
        if len(ids) != len(set(ids)):
            raise PlacedError(("criteria",), "a criterion stands twice")
        for c, criterion in enumerate(self.criteria):
            for p, part in enumerate(criterion.parts):
                if part.id != f"{criterion.id}.{p + 1}":
                    raise PlacedError(("criteria", c, "parts", p, "id"), f"expected {criterion.id}.{p + 1}")
        return self


def rounded(percent: Fraction) -> Decimal:
    """To two decimals, halves up, as the index is printed."""
    return Decimal(int(percent * 100 + Fraction(1, 2))).scaleb(-2)


def coverage(sipas: Sipas, checklist: Checklist) -> dict[str, tuple[str, ...]]:
    """For each sub-criterion the ids of the items that support it; empty where a visit can see nothing of it."""
    return {part.id: tuple(i.id for i in checklist.items if part.id in i.sipas) for part in sipas.parts}


def parse_sipas(data: str, where: Where) -> Sipas:
    """JSON text of one year's file. Raises ChecklistError."""
    return parsed(Sipas, data, where)


def _mean(parts: tuple[SubCriterion, ...]) -> Fraction:
    return sum((Fraction(part.baseline) for part in parts), Fraction(0)) / len(parts)
