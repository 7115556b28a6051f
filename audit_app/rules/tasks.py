"""The tasks that the city's letter gives to its agencies (Phụ lục 2), which items refer to by number."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from audit_app.rules.law import Citation, Text
from audit_app.rules.source import PlacedError, Strict, Where, parsed


class Task(Strict):
    """One row as written. `remark` is its «Ghi chú» column; `note` is ours (a slip mended, a doubt)."""

    number: Annotated[int, Field(ge=1)]
    text: Text
    lead: Annotated[tuple[Text, ...], Field(min_length=1)]
    cooperating: tuple[Text, ...] = ()
    requirement: Text | None = None
    deadline: Text | None = None
    remark: Text | None = None
    note: Text | None = None


class Table(Strict):
    number: Annotated[int, Field(ge=1)]
    title: Text
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]


class TaskList(Strict):
    """The tasks of one year, numbered through all tables."""

    year: Annotated[int, Field(ge=2012, le=2100)]
    title: Text
    citation: Citation
    note: Text | None = None
    tables: Annotated[tuple[Table, ...], Field(min_length=1)]

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(task for table in self.tables for task in table.tasks)

    def task(self, number: int) -> Task | None:
        return next((task for task in self.tasks if task.number == number), None)

    @model_validator(mode="after")
    def _numbered_through(self) -> Self:
        expected = 1
        for t, table in enumerate(self.tables):
            if table.number != t + 1:
                raise PlacedError(("tables", t, "number"), f"expected table {t + 1}")
            for i, task in enumerate(table.tasks):
                if task.number != expected:
                    raise PlacedError(("tables", t, "tasks", i, "number"), f"expected task {expected}")
                expected += 1
        return self


def parse_tasks(data: str, where: Where) -> TaskList:
    """JSON text of one year's file. Raises ChecklistError."""
    return parsed(TaskList, data, where)
