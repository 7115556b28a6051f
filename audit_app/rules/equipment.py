"""The kinds of equipment that an inspection counts, each with the item and the provision it belongs to."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from audit_app.rules.checklist import ChecklistId, ItemId, Slug
from audit_app.rules.law import Citation, Text
from audit_app.rules.source import PlacedError, Strict, Where, parsed


class EquipmentKind(Strict):
    id: Slug
    name: Text
    unit: Text
    item: ItemId
    citation: Citation


class Equipment(Strict):
    """The kinds, in the order of the table; `checklist` is the one whose items they name."""

    checklist: ChecklistId
    kinds: Annotated[tuple[EquipmentKind, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: set[str] = set()
        for k, kind in enumerate(self.kinds):
            if kind.id in seen:
                raise PlacedError(("kinds", k, "id"), f"{kind.id} stands twice")
            seen.add(kind.id)
        return self


def agrees(*, total: int, working: int, number: Decimal | None, of: int | None) -> bool:
    """Whether a count says the same as the answer to the item it belongs to: n of N are those that work of all, a
    number alone is either of the two. An answer without a number says nothing of it."""
    if number is None:
        return True
    return number in (total, working) if of is None else (number, of) == (working, total)


def parse_equipment(data: str, where: Where) -> Equipment:
    """JSON text of the file. Raises ChecklistError."""
    return parsed(Equipment, data, where)
