"""The meeting that closes a visit: what tablets send of it, what a signature vouches for, how strokes are drawn."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from audit_app.rules.problems import RefusalNeedsReason, RowUnreadable, SignatureEmpty
from audit_app.rules.rows import Row, Sha256, Text, Title, When
from audit_app.rules.wording import tidy

PEOPLE, STROKES, POINTS = 50, 200, 20_000
ROOM = 300
"""Characters that say where the meeting was."""
ROLES = ("lead", "secretary", "agency", "witness")
"""Who signs, in the order in which a paper shows them."""


def _needed(said: str) -> str:
    if not said:
        raise ValueError("nothing")
    return said


def _placed(said: str | None) -> str:
    return tidy(said, limit=ROOM)


Name = Annotated[Title, AfterValidator(_needed)]
Room = Annotated[str | None, AfterValidator(_placed)]
Place = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Milliseconds = Annotated[float, Field(ge=0, le=1e14, allow_inf_nan=False)]
Pressure = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Stroke = Annotated[tuple[tuple[Place, Place, Milliseconds, Pressure], ...], Field(min_length=1, max_length=POINTS)]
Size = Annotated[int, Field(ge=1, le=10_000)]


class Present(BaseModel):
    """Somebody at the table."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: Name
    title: Title = ""
    side: Literal["team", "agency"]


class MeetingRow(Row):
    """The minutes are read out, the agency says what it thinks. Sent before the first signature, once as a whole."""

    opened_at: When
    closed_at: When | None = None
    place: Room = ""
    present: tuple[Present, ...] = Field(default=(), max_length=PEOPLE)
    read_back: bool = False
    opinion: Text = ""


class SignatureRow(Row):
    """Strokes on glass as [x, y, milliseconds, pressure], or a refusal. `digest`: see `digest` below."""

    meeting: UUID
    role: Literal[ROLES]
    name: Name
    title: Title = ""
    strokes: tuple[Stroke, ...] = Field(default=(), max_length=STROKES)
    width: Size
    height: Size
    refused: bool = False
    reason: Text = ""
    signed_at: When
    digest: Sha256

    @model_validator(mode="after")
    def bounded(self):
        """A signature is no painting."""
        if sum(map(len, self.strokes)) > POINTS:
            raise RowUnreadable(field="strokes")
        return self


def check_signature(row: SignatureRow) -> None:
    """Raises SignatureEmpty, RefusalNeedsReason; RowUnreadable when somebody refuses who is not asked to agree."""
    if not row.refused and not row.strokes:
        raise SignatureEmpty()
    if row.refused and row.role != "agency":
        raise RowUnreadable(field="refused")
    if row.refused and not row.reason:
        raise RefusalNeedsReason()


def digest(inspection, meeting, *, answers: Iterable, photos: Iterable, equipment: Iterable,
           remarks: Iterable) -> str:
    """sha256 of what was read out: a tablet reckons it from the rows it shows, the server from those that stand.

    One line each: the inspection's id first; then, sorted, «a <id>» of each standing answer, «p <id> <sha256>» of
    each photo, «e <id>» of each count of equipment, «r <id>» of each remark, «m <id>» of the meeting. Joined with a
    line feed. Whatever changes afterwards gives another digest: the signature then vouches for something older.
    """
    lines = [f"m {meeting}", *(f"a {row.id}" for row in answers), *(f"p {row.id} {row.sha256}" for row in photos),
             *(f"e {row.id}" for row in equipment), *(f"r {row.id}" for row in remarks)]
    return hashlib.sha256("\n".join([str(inspection), *sorted(lines)]).encode()).hexdigest()


def path(strokes: list) -> str:
    """The strokes as the `d` of an SVG path; a single point is a dot where line ends are round."""
    def stroke(points: list) -> str:
        first, *rest = [f"{_short(x)} {_short(y)}" for x, y, *_ in points]
        return f"M{first}" + ("".join(f"L{at}" for at in rest) or "h0")

    return "".join(map(stroke, strokes))


def view_box(strokes: list, *, margin: int = 4) -> str:
    """The `viewBox` that just holds the strokes; empty when there are none."""
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return ""
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    left, top = min(xs) - margin, min(ys) - margin
    return " ".join(map(_short, (left, top, max(xs) + margin - left, max(ys) + margin - top)))


def _short(number: float) -> str:
    said = f"{number:.1f}".removesuffix(".0")
    return "0" if said == "-0" else said
