"""Days off that move from year to year (Tết, Giỗ Tổ, days given in lieu): the office's list, days-off.yaml."""

from datetime import date
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from audit_app.rules.source import PlacedError, Strict, Where, parsed


class YearOff(Strict):
    """All days off of one year that are no weekend and no holiday of the sun's calendar."""

    year: Annotated[int, Field(ge=2021, le=2100)]
    days: tuple[date, ...]

    @model_validator(mode="after")
    def _of_this_year(self) -> Self:
        for place, day in enumerate(self.days):
            if day.year != self.year or day in self.days[:place]:
                raise PlacedError(("days", place), f"{day} is not of {self.year}, or stands twice")
        return self


class DaysOff(Strict):
    """The years whose days off are known. A year that is not listed has only the fixed holidays."""

    years: tuple[YearOff, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        listed = [one.year for one in self.years]
        for place, year in enumerate(listed):
            if year in listed[:place]:
                raise PlacedError(("years", place, "year"), f"{year} stands twice")
        return self

    @cached_property
    def days(self) -> frozenset[date]:
        """All of them."""
        return frozenset(day for one in self.years for day in one.days)

    def known(self, start: date, end: date) -> bool:
        """Whether every year from `start` to `end` is listed."""
        return {one.year for one in self.years} >= set(range(start.year, end.year + 1))


def parse_days_off(data: str, where: Where) -> DaysOff:
    """JSON text of the file. Raises ChecklistError."""
    return parsed(DaysOff, data, where)
