"""What a tablet says about itself: who it is, and what it still holds for one inspection."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from audit_app.rules.problems import RowUnreadable
from audit_app.rules.rows import Count, Title
from audit_app.rules.wording import tidy

CLOCK = 10**15
"""Milliseconds by which a tablet's clock may be off: any clock, but no number that a database cannot keep."""


class Unsent(BaseModel):
    """Counts of what waits on the tablet. `others`: rows that are neither answers nor photos."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    answers: Count = 0
    others: Count = 0
    photos: Count = 0
    originals: Count = 0


class Announcement(BaseModel):
    """One tablet's word; fields that newer ones may add are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    device: UUID
    name: Title = ""
    unsent: Unsent
    clock_offset_ms: Annotated[int, Field(ge=-CLOCK, le=CLOCK)] = 0
    app_version: Annotated[str, AfterValidator(tidy), Field(max_length=40)] = ""


def parse(said: dict) -> Announcement:
    """Raises RowUnreadable naming the first wrong field; TextTooLong, TextForbidden."""
    try:
        return Announcement.model_validate(said)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "device"
        raise RowUnreadable(field=where) from None
