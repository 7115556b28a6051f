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

SMALLEST = 0.004
"""Side of a blur, as a share of the picture's, under which it covers nothing: six pixels of the largest picture."""

NEEDED = {"arrow": (2, 2), "box": (2, 2), "circle": (2, 2), "blur": (2, 2), "text": (1, 1), "pen": (1, POINTS)}
"""How few and how many points each kind of shape has: two are its ends, or opposite corners."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _words(said: str) -> str:
    """Words that nobody sees stay as they are: to refuse them is to refuse the blurs drawn beside them."""
    return tidy(said, limit=LETTERS) or said.strip()


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
    """All that is drawn over one photo. `private`: citizens or their papers are seen. `seen`: the drawings of this
    photo that its author knew and that this one replaces; a tablet that does not say knew its author's own."""

    photo: UUID
    shapes: tuple[Shape, ...] = Field(default=(), max_length=SHAPES)
    private: bool = False
    made_at: When
    seen: tuple[UUID, ...] | None = Field(default=None, max_length=1_000)

    @model_validator(mode="after")
    def bounded(self):
        """A photo is no canvas."""
        if sum(len(shape.points) for shape in self.shapes) > POINTS:
            raise RowUnreadable(field="shapes")
        return self


# ── Of several drawings ───────────────────────────────────────────────────────────────────────────
def covers(shapes: list[dict]) -> list[dict]:
    """The blurs among shapes, as they are kept, that cover something."""
    return [shape for shape in shapes if shape["kind"] == "blur"
            and all(abs(one - other) >= SMALLEST for one, other in zip(*shape["points"], strict=True))]


def heads(drawn: list) -> list:
    """The drawings of one photo that no other takes the place of; `drawn`: rows of Markup in the order they came."""
    gone: set[str] = set()
    own: dict = {}
    for row in drawn:
        before = own.setdefault(row.author_id, [])
        if row.seen is None:  # it was drawn in place of its author's own, if the order and the clock agree
            replaced = [one for one in before if one.made_at <= row.made_at]
            before[:] = [one for one in before if one.made_at > row.made_at]
            gone.update(str(one.id) for one in replaced)
        else:
            gone.update(id for id in row.seen if id != str(row.id))
        before.append(row)
    return [row for row in drawn if str(row.id) not in gone] or drawn


def united(drawn: list) -> tuple[list[dict], bool]:
    """All that these drawings show, each shape once, and whether any of them says that people are seen."""
    shapes = []
    for row in drawn:
        shapes += [shape for shape in row.shapes if shape not in shapes]
    return shapes, any(row.private for row in drawn)


def only_protects(shapes: list[dict], private: bool, standing) -> bool:
    """Whether a drawing protects more than the one that stands (or None), and takes nothing of its protection away."""
    before, was_private = (covers(standing.shapes), standing.private) if standing else ([], False)
    now = covers(shapes)
    more = (len(now), private) > (len(before), was_private)
    return more and private >= was_private and all(blur in now for blur in before)
