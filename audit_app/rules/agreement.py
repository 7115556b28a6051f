"""Whether the files in `checklists/` agree: citations resolve, codes exist, validities make sense together."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from audit_app.rules.checklist import Checklist, Item
from audit_app.rules.equipment import Equipment
from audit_app.rules.law import Citation, Depth, Instrument, Law, Place, Provenance
from audit_app.rules.letterhead import Letterhead
from audit_app.rules.sipas import Sipas
from audit_app.rules.source import ChecklistError, Loc, Where
from audit_app.rules.tasks import TaskList


def law_flaws(law: Law, wheres: Mapping[str, Where]) -> Iterator[ChecklistError]:
    """What is wrong between instruments; `wheres` by the instrument's id."""
    for instrument in law.instruments.values():
        where, successor = wheres[instrument.id], law.successor(instrument)
        if instrument.replaced_by and successor is None:
            yield where.error(("replaced_by",), f"unknown instrument {instrument.replaced_by}")
        if successor and not (instrument.valid_to or instrument.valid_to_year):
            yield where.error(("replaced_by",), "replaced, but without an end of validity")
        if successor and _before(successor, instrument):
            yield where.error(("replaced_by",), f"{successor.id} is older than what it replaces")
        for a, id in enumerate(instrument.amended_unread):
            later = law.instrument(id)
            if later is None or later.valid_from is None:
                yield where.error(("amended_unread", a), f"no instrument {id} with a first day on file")
        for p, provision in enumerate(instrument.provisions):
            for a, id in enumerate(provision.amended_by):
                if id not in law.instruments:
                    yield where.error(("provisions", p, "amended_by", a), f"unknown instrument {id}")


def checklist_flaws(checklist: Checklist, where: Where, law: Law, sipas: Mapping[int, Sipas],
                    tasks: Mapping[int, TaskList], versions: Iterable[Checklist]) -> Iterator[ChecklistError]:
    """What a checklist says that law, sub-criteria or tasks do not know; `versions`: every checklist on file."""
    for name, year, known in (("sipas", checklist.sipas, sipas), ("tasks", checklist.tasks, tasks)):
        if year is not None and year not in known:
            yield where.error((name,), f"there is no {name}/{year}.yaml")
    codes = {part.id for part in sipas[checklist.sipas].parts} if checklist.sipas in sipas else set()
    numbers = {task.number for task in tasks[checklist.tasks].tasks} if checklist.tasks in tasks else set()
    for s, section in enumerate(checklist.sections):
        for i, item in enumerate(section.items):
            loc: Loc = ("sections", s, "items", i)
            for n, code in enumerate(item.sipas):
                if code not in codes:
                    yield where.error((*loc, "sipas", n), f"sub-criterion {code} is not in sipas/{checklist.sipas}")
            for n, number in enumerate(item.tasks):
                if number not in numbers:
                    yield where.error((*loc, "tasks", n), f"task {number} is not in tasks/{checklist.tasks}")
            window = _window(item, checklist, versions)
            for n, citation in enumerate(item.citations):
                yield from citation_flaws(citation, where, (*loc, "citations", n), law, window)


def equipment_flaws(equipment: Equipment, where: Where, law: Law,
                    checklists: Iterable[Checklist]) -> Iterator[ChecklistError]:
    """Kinds that belong to no item, or to no provision."""
    versions = [checklist for checklist in checklists if checklist.id == equipment.checklist]
    for k, kind in enumerate(equipment.kinds):
        if not any(checklist.item(kind.item) for checklist in versions):
            yield where.error(("kinds", k, "item"), f"no version of {equipment.checklist} has an item {kind.item}")
        yield from citation_flaws(kind.citation, where, ("kinds", k, "citation"), law)


def letterhead_flaws(letterhead: Letterhead, where: Where, law: Law) -> Iterator[ChecklistError]:
    """Grounds of a notice that are not on file, or that nobody has verified."""
    for n, id in enumerate(letterhead.grounds):
        instrument = law.instrument(id)
        if instrument is None:
            yield where.error(("grounds", n), f"unknown instrument {id}")
        elif instrument.provenance is Provenance.UNVERIFIED:
            yield where.error(("grounds", n), f"{id} is unverified: it cannot be a ground")


def citation_flaws(citation: Citation, where: Where, loc: Loc, law: Law,
                   window: tuple[date | None, date | None] = (None, None)) -> Iterator[ChecklistError]:
    """What is wrong with one citation; `window` is when the item that gives it is asked."""
    instrument, provision = law.instrument(citation.instrument), law.provision(citation)
    if instrument is None:
        yield where.error((*loc, "instrument"), f"unknown instrument {citation.instrument}")
    elif provision is None:
        yield where.error(loc, _unresolved(citation, instrument))
    else:
        if citation.quotation and provision.provenance is not Provenance.TEXT:
            sentence = f"{citation.key} was not read ({provision.provenance}), so it cannot be quoted"
            yield where.error((*loc, "quotation"), sentence)
        end = provision.valid_to or instrument.valid_to
        if not end and instrument.valid_to_year:
            end = date(instrument.valid_to_year, 12, 31)
        span = (provision.valid_from or instrument.valid_from, end)
        if not _overlap(window, span):
            yield where.error(loc, f"{citation.key} is never in force while the item is asked")


def _unresolved(citation: Citation, instrument: Instrument) -> str:
    held = {provision.key_in(instrument.id): provision for provision in instrument.provisions}
    for coarser in _coarser(citation):
        if coarser.key_in(instrument.id) in held:
            known = held[coarser.key_in(instrument.id)]
            return (f"{citation.key} is deeper than the law file allows: "
                    f"only {coarser.key_in(instrument.id)} is on file ({known.provenance})")
    return f"{citation.key} is not in the law file of {instrument.id}"


def _coarser(citation: Citation) -> Iterator[Place]:
    """The places around a citation, from the finest to the whole instrument."""
    depth, article, clause, part = citation.depth, citation.article, citation.clause, citation.part
    if part is not None and article is not None:
        yield Place(article=article, clause=clause, point=citation.point)
    if depth is Depth.POINT:
        yield Place(article=article, clause=clause, part=None if article is not None else part)
    if clause is not None:
        yield Place(article=article, part=None if article is not None else part)
    yield Place()


def _before(one: Instrument, other: Instrument) -> bool:
    starts = [instrument.valid_from or instrument.issued_on for instrument in (one, other)]
    return None not in starts and starts[0] < starts[1]


def _window(item: Item, checklist: Checklist, versions: Iterable[Checklist]) -> tuple[date | None, date | None]:
    """When the item is asked: since the first version that has it, so a ground that ended meanwhile stays on file."""
    begun = min(v.effective_from for v in versions if v.id == checklist.id and v.item(item.id))
    ends = [day for day in (item.valid_to, checklist.effective_to) if day]
    return max(item.valid_from or date.min, begun), min(ends, default=None)


def _overlap(one: tuple[date | None, date | None], other: tuple[date | None, date | None]) -> bool:
    begin = max(one[0] or date.min, other[0] or date.min)
    return begin <= min(one[1] or date.max, other[1] or date.max)
