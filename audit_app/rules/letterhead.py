"""Who issues the papers: the lines an office sets for itself, kept in checklists/letterhead.yaml."""

import json
from typing import Annotated

from pydantic import Field

from audit_app.rules.law import Text
from audit_app.rules.source import Strict, Where, parsed


class Signer(Strict):
    """Who may sign a notice: `lines` above the signature say for whom and as what (documents.md, «signature»), the
    `name` stands below it; without one there is room to write it."""

    lines: Annotated[tuple[Text, ...], Field(min_length=1, max_length=3)]
    name: Annotated[Text, Field(max_length=120)] | None = None

    @property
    def label(self) -> str:
        """As the office chooses among them: what tells them apart comes first."""
        *others, title = self.lines
        told = f"{title} ({', '.join(others)})" if others else title
        return f"{self.name}, {told}" if self.name else told


class Letterhead(Strict):
    """Header, signers and recipients of a document (NĐ 30/2020 Điều 8, Phụ lục I); settings, not constants.

    `parent_body` and `body` stand top left, `symbol` behind the number («/TB-VP»); the office chooses one of the
    `signers` when it approves; `grounds` are the ids of the instruments a notice may rest on: only those known to be in
    force on the day of the paper are printed.
    """

    parent_body: Text
    body: Text
    symbol: Annotated[str, Field(pattern=r"^[^\sa-z]{2,31}$")]
    place: Text
    signers: Annotated[tuple[Signer, ...], Field(min_length=1)]
    recipients: Annotated[tuple[Text, ...], Field(min_length=1)]
    archive: Text
    grounds: tuple[str, ...] = ()


def parse(data: str, where: Where) -> Letterhead:
    """JSON text of the file. Raises ChecklistError."""
    said = json.loads(data)
    if isinstance(said, dict) and "signer_title" in said and "signers" not in said:
        data = json.dumps(_with_its_one_signer(said))
    return parsed(Letterhead, data, where)


def _with_its_one_signer(said: dict) -> dict:
    """The file of an office from before it could name several signers: it goes on holding as it is."""
    authority, title, name = (said.pop(f"signer_{part}", None) for part in ("authority", "title", "name"))
    return said | {"signers": [{"lines": [authority, title] if authority is not None else [title], "name": name}]}
