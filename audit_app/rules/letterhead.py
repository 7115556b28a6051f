"""Who issues the papers: the lines an office sets for itself, kept in checklists/letterhead.yaml."""

from typing import Annotated

from pydantic import Field

from audit_app.rules.law import Text
from audit_app.rules.source import Strict, Where, parsed


class Letterhead(Strict):
    """Header, signer and recipients of a document (NĐ 30/2020 Điều 8, Phụ lục I); settings, not constants.

    `parent_body` and `body` stand top left, `symbol` behind the number («/TB-VP»), `grounds` are the ids of the
    instruments a notice may rest on: only those known to be in force on the day of the paper are printed.
    """

    parent_body: Text
    body: Text
    symbol: Annotated[str, Field(pattern=r"^[^\sa-z]{2,31}$")]
    place: Text
    signer_authority: Text | None = None
    signer_title: Text
    signer_name: Text | None = None
    recipients: Annotated[tuple[Text, ...], Field(min_length=1)]
    archive: Text
    grounds: tuple[str, ...] = ()


def parse(data: str, where: Where) -> Letterhead:
    """JSON text of the file. Raises ChecklistError."""
    return parsed(Letterhead, data, where)
