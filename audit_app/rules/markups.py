"""What an inspector draws over a photo: shapes with coordinates from 0 to 1 over the upright picture."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from audit_app.rules.problems import RowUnreadable
from audit_app.rules.rows import Row, When
from audit_app.rules.wording import tidy

SHAPES, POINTS, LETTERS = 100, 5_000, 200
FINEST = 5
"""Decimals of a coordinate that are kept: a tenth of a pixel of the largest photo."""

NEEDED = {"arrow": (2, 2), "box": (2, 2), "circle": (2, 2), "blur": (2, 2), "text": (1, 1), "pen": (1, POINTS)}
"""How few and how many points each kind of shape has: two are its ends, or opposite corners."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _words(said: str) -> str:
    return tidy(said, limit=LETTERS)


class Shape(BaseModel):
    """One thing drawn; `blur` is no drawing: what it covers is destroyed in every picture that leaves the house."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    kind: Literal["arrow", "box", "circle", "pen", "text", "blur"]
    points: tuple[tuple[Share, Share], ...] = Field(max_length=POINTS)
    text: Annotated[str, AfterValidator(_words)] = ""
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#d32f2f"

    @model_validator(mode="after")
    def whole(self):
        """A shape has as many points as its kind needs, and a text says something."""
        least, most = NEEDED[self.kind]
        if not least <= len(self.points) <= most or (self.kind == "text" and not self.text):
            raise RowUnreadable(field=f"shapes.{self.kind}")
        return self

    def kept(self) -> dict:
        """As plain JSON values, in one spelling."""
        points = [[round(x, FINEST), round(y, FINEST)] for x, y in self.points]
        return {"kind": self.kind, "points": points, "text": self.text, "colour": self.colour}


class MarkupRow(Row):
    """All that is drawn over one photo: a later row replaces it whole. `private`: citizens or their papers are seen."""

    photo: UUID
    shapes: tuple[Shape, ...] = Field(default=(), max_length=SHAPES)
    private: bool = False
    made_at: When

    @model_validator(mode="after")
    def bounded(self):
        """A photo is no canvas."""
        if sum(len(shape.points) for shape in self.shapes) > POINTS:
            raise RowUnreadable(field="shapes")
        return self
