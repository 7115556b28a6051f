"""The register of agencies: read a spreadsheet, take it in whole or not at all."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit_app.actions.journal import record
from audit_app.media import tables
from audit_app.records.models import Agency, Inspection, User
from audit_app.rules import columns
from audit_app.rules.problems import Problem
from audit_app.rules.refusals import NameOfAnother, RegisterTooLong
from audit_app.rules.register import LONGEST, REACHED, AgencyRow, Codes, flaw, odd, one_line, parse_row, runs
from audit_app.rules.wording import COLUMN, SHEET, day, fold, tidy
from audit_app.rules.workflow import State

LARGEST = tables.UNPACKED + 1024 * 1024
"""Octets of a form with a table: one too large for us is told so, as any other that cannot be read."""
ROWS = 5_000
"""More agencies than any register has."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one row, or odd about it; `row` counts as the file does, whatever stands above its header."""

    row: int
    problem: Problem


def gathered(flaws: list[Flaw], dash: str = "–") -> list[tuple[str, Problem]]:
    """Each thing that is wrong once, in the order of the first row that has it, with the rows that have it: 2–4, 7."""
    rows = defaultdict(list)
    for one in flaws:
        rows[one.problem.message].append(one)
    return [(runs((one.row for one in same), dash), same[0].problem) for same in rows.values()]


@dataclass
class Imported:
    """What became of the rows."""

    added: int = 0
    changed: int = 0
    same: int = 0
    flaws: list[Flaw] = field(default_factory=list)
    odd: list[Flaw] = field(default_factory=list)

    @property
    def wrong_rows(self) -> int:
        """How many rows have a flaw, or several."""
        return len({one.row for one in self.flaws})


def in_english(done: Imported, unused: list[str]) -> list[str]:
    """What there is to tell at the terminal beside the counts, a line each."""
    lines = [f"row{'' if rows.isdigit() else 's'} {rows}: {problem.in_english}"
             for told in (done.flaws, done.odd) for rows, problem in gathered(told, dash="-")]
    return [*lines, f"columns not used: {', '.join(unused)}"] if unused else lines


def read(path: Path) -> columns.Table:
    """Rows of a CSV or of the first sheet of an XLSX by their numbers in the file; of the ways to read it the one in
    which most columns are found. Raises RegisterUnreadable, each kind of it with what was found."""
    table = columns.below_header(max(tables.read(path), key=columns.likeness))
    if len(table.rows) > ROWS:
        raise RegisterTooLong(limit=ROWS)
    return table


def register(db: Session) -> bytes:
    """All agencies, ended ones too, as an XLSX in the columns that `take` reads: to be corrected, or as a pattern."""
    found = list(db.scalars(select(Agency).order_by(Agency.level, Agency.code, Agency.valid_from)))
    codes = {agency.id: agency.code for agency in found}
    rows = [[agency.code, agency.name, agency.level, codes.get(agency.parent_id, ""), day(agency.valid_from),
             day(agency.valid_to) if agency.valid_to else "", codes.get(agency.successor_id, ""), agency.address,
             agency.contact, agency.phone, agency.email] for agency in found]
    return tables.write(SHEET, [list(COLUMN.values()), *rows])


def take(db: Session, actor, rows: dict[int, dict]) -> Imported:
    """Add or update by code, whatever its case (rules/register.py: Codes), and first day; rows by their numbers. With
    one flaw nothing is taken."""
    with db.begin_nested() as attempt:
        done = _take_all(db, actor, rows)
        if done.flaws:
            attempt.rollback()
    return done


def _take_all(db: Session, actor, rows: dict[int, dict]) -> Imported:
    done = Imported()
    known = {(a.code, a.valid_from): a for a in db.scalars(select(Agency).order_by(Agency.valid_from, Agency.code))}
    codes = Codes(code for code, _ in known)
    parsed = _parsed(rows, codes, done)
    unread = {one_line(rows[one.row].get("code")).casefold() for one in done.flaws}
    before, changed = {key: agency.name_fold for key, agency in known.items()}, set()
    ends = {key: agency.valid_to for key, agency in known.items()}
    used = {*db.scalars(select(User.agency_id)), *db.scalars(select(Inspection.agency_id))}
    for number, row in parsed:
        _take_one(db, row, known, used, changed, done, number)
    db.flush()  # a row may name a parent that stands below it
    _part(known, parsed, done)
    _tie(known, parsed, changed, done, unread)
    for number in rows.keys() - {number for number, _ in parsed}:
        for column, code in codes.nobody(rows[number]):
            if code.casefold() not in unread:
                done.flaws.append(Flaw(number, flaw(column, "code", said=code)))
    _look_over(known, parsed, before, done)
    _look_after(db, known, parsed, ends, done)
    for told in (done.flaws, done.odd):
        told.sort(key=lambda flaw: flaw.row)
    done.added, done.changed = len(known) - len(before), len(changed & before.keys())
    done.same = len(parsed) - done.added - done.changed
    if not done.flaws:
        db.flush()
        record(db, actor, "agencies.imported", None, added=done.added, changed=done.changed)
    return done


def _parsed(rows: dict[int, dict], codes: Codes, done: Imported) -> list[tuple[int, AgencyRow]]:
    """The rows that can be read, each with its number in the table and with codes as they are written."""
    parsed, first = [], {}
    for number, said in rows.items():
        typed, wrong = parse_row(said)
        row = typed and codes.own(typed)
        if row and (before := first.setdefault((row.code, row.valid_from), number)) != number:
            wrong = [flaw("code", "twice", said=typed.code, first=before)]
        done.flaws += [Flaw(number, problem) for problem in wrong]
        if not wrong:
            parsed.append((number, row))
    return [(number, codes.named(row)) for number, row in parsed]  # one may name another that stands below it


def _take_one(db: Session, row: AgencyRow, known: dict, used: set, changed: set, done: Imported, number: int) -> None:
    key = row.code, row.valid_from
    found = known.get(key)
    if found is None:
        known[key] = Agency(**row.columns())
        db.add(known[key])
    elif fold(found.name).split() != fold(row.name).split() and found.id in used:
        done.flaws.append(Flaw(number, flaw("name", "renamed", old=found.name, said=row.name)))
    else:
        for name, value in row.changes().items():
            _set(found, name, value, key, changed)


def _set(agency: Agency, name: str, value, key: tuple, changed: set) -> None:
    if getattr(agency, name) != value:
        setattr(agency, name, value)
        changed.add(key)


def _part(known: dict, parsed: list, done: Imported) -> None:
    """No agency has two names on one day, when all rows are in: one may end an old name after another began the new."""
    numbers = {(row.code, row.valid_from): number for number, row in parsed}
    for one, later in pairwise(sorted(known)):
        ends = known[one].valid_to
        told = [numbers[key] for key in (one, later) if key in numbers]
        if told and one[0] == later[0] and (ends is None or later[1] <= ends):
            done.flaws.append(Flaw(max(told), flaw("valid_from", "overlap", said=one[0])))


def _look_over(known: dict, parsed: list, before: dict, done: Imported) -> None:
    """Tell what is odd in a row. A new agency, or one with a new name, may have the name of another that exists at the
    same time; it rarely means to. `before`: the folded names that were kept."""
    named = defaultdict(list)
    for agency in known.values():
        named[agency.name_fold].append(agency)
    for number, row in parsed:
        done.odd += [Flaw(number, problem) for problem in odd(row)]
        agency = known[row.code, row.valid_from]
        if agency.name_fold == fold(row.name) != before.get((row.code, row.valid_from)):
            done.odd += [Flaw(number, flaw("name", "same_name", said=row.name, code=other.code))
                         for other in named[agency.name_fold] if other.code != row.code and _together(other, agency)]


def _look_after(db: Session, known: dict, parsed: list, ends: dict, done: Imported) -> None:
    """Tell of an agency that ends now, or earlier than it did, which visits and accounts it leaves behind. `ends`: the
    last days that were kept."""
    visits = _counts(db, select(Inspection.agency_id, func.count()).join(Agency, Agency.id == Inspection.agency_id)
                     .where(Inspection.planned_for > Agency.valid_to,
                            Inspection.state.not_in((State.ISSUED, State.CANCELLED))).group_by(Inspection.agency_id))
    people = _counts(db, select(User.agency_id, func.count()).where(User.disabled_at.is_(None))
                     .group_by(User.agency_id))
    for number, row in parsed:
        key = row.code, row.valid_from
        agency, kept = known[key], ends.get(key)
        if key in ends and agency.valid_to and (kept is None or agency.valid_to < kept):
            left = {"ends_visits": visits.get(agency.id),
                    "ends_people": None if agency.successor_id else people.get(agency.id)}
            done.odd += [Flaw(number, flaw("valid_to", why, day=day(agency.valid_to), n=n))
                         for why, n in left.items() if n]


def _counts(db: Session, query) -> dict:
    return dict(db.execute(query).all())


def _together(one, other) -> bool:
    """Whether both hold on any day."""
    return ((one.valid_to is None or other.valid_from <= one.valid_to)
            and (other.valid_to is None or one.valid_from <= other.valid_to))


def _tie(known: dict, parsed: list, changed: set, done: Imported, unread: set[str]) -> None:
    """Parents and successors are named by code, the newest with that code; an empty cell says that there is none.
    `unread`: codes of rows that cannot be read, which are told by themselves."""
    by_code = {code: agency for (code, _), agency in sorted(known.items(), key=lambda pair: pair[0][1])}
    for number, row in parsed:
        key = row.code, row.valid_from
        agency = known.get(key)
        for column, code in (("parent", row.parent), ("successor", row.successor)):
            if code and code not in by_code:
                if code.casefold() not in unread:
                    done.flaws.append(Flaw(number, flaw(column, "code", said=code)))
            elif agency is not None and column in row.given:
                _set(agency, f"{column}_id", by_code[code].id if code else None, key, changed)
    by_id = {agency.id: agency for agency in known.values()}
    for number, row in parsed:
        for column in ("parent", "successor"):
            if getattr(row, column) and _circles(known.get((row.code, row.valid_from)), f"{column}_id", by_id):
                done.flaws.append(Flaw(number, flaw(column, "circle")))


def reach(db: Session, actor, agency: Agency, *, name: str, **said: str) -> None:
    """What an agency is rightly called, where it is and whom to call: address, contact, phone, email. Papers that are
    out keep the name they were printed with. Raises TextTooLong, TextForbidden, NameOfAnother."""
    name = " ".join(tidy(name, limit=LONGEST["name"]).split())
    renamed = name != agency.name
    if name.casefold() != agency.name.casefold():
        _check_nobody_is_called(db, name, agency)
    agency.name, agency.name_fold = name, fold(name)
    for column in REACHED:
        setattr(agency, column, tidy(said[column], limit=LONGEST[column]))
    record(db, actor, "agency.name_corrected" if renamed else "agency.changed", None, agency=str(agency.id))


def _check_nobody_is_called(db: Session, name: str, agency: Agency) -> None:
    """One that had the name of another before may keep it. Raises NameOfAnother."""
    others = db.scalars(select(Agency).where(Agency.name_fold == fold(name), Agency.code != agency.code)
                        .order_by(Agency.code))
    for other in others:  # a name that differs in its diacritics alone is another name
        if other.name.casefold() == name.casefold() and _together(other, agency):
            raise NameOfAnother(code=other.code)


def _circles(agency: Agency | None, column: str, by_id: dict) -> bool:
    """Whether one comes back to where one began, going from one to the next."""
    met = set()
    while agency is not None and agency.id not in met:
        met.add(agency.id)
        agency = by_id.get(getattr(agency, column))
    return agency is not None


