"""Legal instruments with their cited provisions, and whether a provision is in force on a day.

Provenance decides what may be shown: words that were read (`text`), read at second hand, ordered by the city's
letter (`directive`), or only remembered (`unverified`: kept on file for whoever verifies it, never shown as law).
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from audit_app.rules import wording
from audit_app.rules.source import ChecklistError, PlacedError, Strict, Where, parsed

Key = Annotated[str, Field(pattern=r"^[A-Z]{2,6}[0-9]{0,5}[A-Z]{0,3}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^\S(.*\S)?$")]
Count = Annotated[int, Field(ge=1, le=999)]
Numbered = Count | Annotated[str, Field(pattern=r"^[0-9]+[a-z\u0111]$")]
Clause = Count | Annotated[str, Field(pattern=r"^[0-9]+([a-z\u0111]|-[0-9]+)$")]
Point = Annotated[str, Field(pattern=r"^[a-z\u0111]$")]


class Provenance(StrEnum):
    TEXT = "text"
    SECOND_HAND = "second-hand"
    DIRECTIVE = "directive"
    UNVERIFIED = "unverified"


class Depth(StrEnum):
    """How fine a citation may be."""

    INSTRUMENT = "instrument"
    PART = "part"
    ARTICLE = "article"
    CLAUSE = "clause"
    POINT = "point"


class Place(Strict):
    """A place inside an instrument: Điều, khoản, điểm; `part` for what is no Điều («Chương III», «nhiệm vụ 7»).

    A clause may be a range ("2-4"). All left out means the instrument as a whole.
    """

    article: Numbered | None = None
    clause: Clause | None = None
    point: Point | None = None
    part: Text | None = None

    @property
    def depth(self) -> Depth:
        for depth in (Depth.POINT, Depth.CLAUSE, Depth.ARTICLE, Depth.PART):
            if getattr(self, depth) is not None:
                return depth
        return Depth.INSTRUMENT

    def key_in(self, instrument: str) -> str:
        """«ND61/d13/k2/b»: Điều with d, khoản with k, a part as it is written."""
        said = [
            instrument,
            f"d{self.article}" if self.article is not None else None,
            self.part if self.article is None else None,
            f"k{self.clause}" if self.clause is not None else None,
            self.point,
            self.part if self.article is not None else None,
        ]
        return "/".join(filter(None, said))

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.clause is not None and self.article is None and self.part is None:
            raise PlacedError(("clause",), "a clause needs an article or a part")
        return self


class Citation(Place):
    """An item's ground in law; `quotation` narrows the provision's own to the words this item rests on."""

    instrument: Key
    quotation: Text | None = None

    @property
    def key(self) -> str:
        return self.key_in(self.instrument)


class Provision(Place):
    """One cited place: our own one-sentence paraphrase, and a short quotation only where the text was read.

    `caveat`: what a reader must be told (an amendment whose wording was not seen). `amended_by`: the
    instruments that gave the place its present wording. `source`: where it was read, for maintainers.
    `valid_from`, `valid_to`: only where they differ from the instrument's.
    """

    paraphrase: Text
    quotation: Text | None = None
    provenance: Provenance
    amended_by: tuple[Key, ...] = ()
    caveat: Text | None = None
    source: Text | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.quotation and self.provenance is not Provenance.TEXT:
            raise PlacedError(("quotation",), f"a quotation needs provenance text, not {self.provenance}")
        _ordered(self)
        return self


class Instrument(Strict):
    """A document that items cite. `valid_to_year` stands where the register knows no day, only the year.

    `amended_unread`: instruments that changed it after the wording on file, whose own words were not read.
    `unchecked_from`: from that day on nobody has checked that it is still in force. `replaced_by_provenance`: how the
    succession is known; one that is only remembered is said to be so.
    """

    id: Key
    kind: Text
    number: Text
    title: Text
    label: Text
    short: Text
    issuer: Text
    issued_on: date | None = None
    issued_on_provenance: Provenance | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    valid_to_year: Annotated[int, Field(ge=1945, le=2100)] | None = None
    unchecked_from: date | None = None
    replaced_by: Key | None = None
    replaced_by_provenance: Provenance = Provenance.SECOND_HAND
    amended_unread: tuple[Key, ...] = ()
    provenance: Provenance
    cite_no_deeper_than: Depth | None = None
    source: Text
    provisions: tuple[Provision, ...] = ()

    @property
    def shown_issue_date(self) -> date | None:
        """The date of issue, unless it is only remembered."""
        remembered = (self.issued_on_provenance or self.provenance) is Provenance.UNVERIFIED
        return None if remembered else self.issued_on

    def in_force_on(self, day: date) -> bool:
        return not self.begins_after(day) and not self.ended_before(day)

    def is_doubtful_on(self, day: date) -> bool:
        """Nobody has checked whether it is still in force on that day."""
        return self.unchecked_from is not None and day >= self.unchecked_from

    def begins_after(self, day: date) -> bool:
        start = self.valid_from or self.issued_on
        return start is not None and day < start

    def ended_before(self, day: date) -> bool:
        if self.valid_to is not None:
            return day > self.valid_to
        return self.valid_to_year is not None and day.year > self.valid_to_year

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        _ordered(self)
        if self.number not in self.label:
            raise PlacedError(("label",), f"the label does not name the number {self.number}")
        if self.valid_to and self.valid_to_year:
            raise PlacedError(("valid_to_year",), "give the day or the year of the end, not both")
        if self.issued_on and self.valid_from and self.valid_from < self.issued_on:
            raise PlacedError(("valid_from",), "in force before it was issued")
        seen: set[str] = set()
        for place, provision in enumerate(self.provisions):
            self._check(provision, ("provisions", place), seen)
        return self

    def _check(self, provision: Provision, loc: tuple, seen: set[str]) -> None:
        key = provision.key_in(self.id)
        if key in seen:
            raise PlacedError(loc, f"{key} stands twice")
        seen.add(key)
        if self.valid_from and provision.valid_from and provision.valid_from < self.valid_from:
            raise PlacedError((*loc, "valid_from"), f"{key} in force before its instrument")
        if self.valid_to and provision.valid_to and provision.valid_to > self.valid_to:
            raise PlacedError((*loc, "valid_to"), f"{key} in force after its instrument")
        limit = self.cite_no_deeper_than
        guarded = provision.provenance in (Provenance.SECOND_HAND, Provenance.DIRECTIVE)
        if limit and guarded and _ORDER.index(provision.depth) > _ORDER.index(limit):
            sentence = f"{key} is deeper than the {limit} that its provenance ({provision.provenance}) allows"
            raise PlacedError(loc, sentence)


_ORDER = list(Depth)


def _ordered(dated) -> None:
    if dated.valid_from and dated.valid_to and dated.valid_to < dated.valid_from:
        raise PlacedError(("valid_to",), "ends before it begins")


class Law:
    """All instruments, and what a citation means on a day. The only way in is made of checked instruments."""

    def __init__(self, instruments: Iterable[Instrument]):
        self.instruments = {instrument.id: instrument for instrument in instruments}
        self._provisions = {p.key_in(i.id): p for i in self.instruments.values() for p in i.provisions}

    def instrument(self, id: str) -> Instrument | None:
        return self.instruments.get(id)

    def provision(self, citation: Citation) -> Provision | None:
        """The provision on file at exactly the cited place; None when that place is not on file."""
        return self._provisions.get(citation.key)

    def successor(self, instrument: Instrument) -> Instrument | None:
        return self.instruments.get(instrument.replaced_by) if instrument.replaced_by else None

    def describe(self, citation: Citation, day: date) -> dict | None:
        """What screens and papers show of a citation on the day of a visit; JSON-able, dates ISO.

        None when the provision is unverified: it must not be shown as law. `state` is `in_force`, `not_yet` or
        `ended`; `replaced_by` is said only when it has ended, and `successor` is it with what is not sure about it.
        `valid_to` is None where only the year is known.
        """
        instrument, provision = self.instruments[citation.instrument], self._provisions[citation.key]
        if Provenance.UNVERIFIED in (provision.provenance, instrument.provenance):
            return None
        state = _state(instrument, provision, day)
        successor = self.successor(instrument) if state == "ended" else None
        place = (citation.part, citation.article, citation.clause, citation.point)
        amending = ", ".join(self.instruments[id].label for id in provision.amended_by)
        return {
            "key": citation.key,
            "label": f"{wording.provision(*place)} {instrument.label}".strip() + wording.amended(amending),
            "short": f"{instrument.short} {wording.provision_short(*place)}".strip(),
            "title": instrument.title,
            "paraphrase": provision.paraphrase,
            "quotation": citation.quotation or provision.quotation,
            "caveat": self._caveat(instrument, provision, day, state),
            "provenance": provision.provenance.value,
            "valid_from": _iso(provision.valid_from or instrument.valid_from),
            "valid_to": _iso(provision.valid_to or instrument.valid_to),
            "in_force": state == "in_force",
            "state": state,
            "replaced_by": successor.label if successor else None,
            "successor": _successor(instrument, successor) if successor else None,
        }

    def cited(self, citations: Iterable[Citation], day: date) -> list[dict]:
        """Those of them that may be shown, as `describe` says: what is in force on that day before what is not."""
        found = [said for one in citations if (said := self.describe(one, day)) is not None]
        return sorted(found, key=lambda said: not said["in_force"])

    def rests_on_nothing(self, citations: Iterable[Citation], day: date) -> bool:
        """Whether none of these citations may be shown as law in force on that day."""
        return not any(said["in_force"] for said in self.cited(citations, day))

    def _caveat(self, instrument: Instrument, provision: Provision, day: date, state: str) -> str | None:
        """What a reader must be told: the provision's own caveat, what changed its words by then (or by its last day)
        and was not read, what nobody knows of its end."""
        last = min(day, instrument.valid_to or day)
        later = [one for id in instrument.amended_unread if (one := self.instruments[id]).in_force_on(last)]
        said = [provision.caveat, *(wording.amended_unread(one.label, one.valid_from) for one in later)]
        if day.year == instrument.valid_to_year:
            said.append(wording.ends_within(day.year))
        if state == "in_force" and instrument.is_doubtful_on(day):
            said.append(wording.FORCE_UNCHECKED)
        return " ".join(filter(None, said)) or None


def _successor(instrument: Instrument, successor: Instrument) -> str:
    remembered = instrument.replaced_by_provenance is Provenance.UNVERIFIED
    return successor.label + (wording.SUCCESSION_UNCHECKED if remembered else "")


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _state(instrument: Instrument, provision: Provision, day: date) -> str:
    if instrument.ended_before(day) or (provision.valid_to and day > provision.valid_to):
        return "ended"
    if instrument.begins_after(day) or (provision.valid_from and day < provision.valid_from):
        return "not_yet"
    return "in_force"


def parse_instrument(data: str, where: Where) -> Instrument:
    """JSON text of one law file. Raises ChecklistError."""
    return parsed(Instrument, data, where)


__all__ = ["ChecklistError", "Citation", "Depth", "Instrument", "Law", "Place", "Provenance", "Provision"]
