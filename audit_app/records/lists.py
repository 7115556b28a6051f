"""The lists of the office and the administrator: filtered, paged, counted; never a query per row."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from audit_app.records import news
from audit_app.records.db import now
from audit_app.records.evidence import Event, Report, Response
from audit_app.records.models import Agency, Assignment, Inspection, Round, User
from audit_app.records.queries import OFFICE, TEAM, agencies_in_force, may_inspect
from audit_app.records.work import PRINTING, Job
from audit_app.rules.alphabet import place
from audit_app.rules.wording import fold, hanoi
from audit_app.rules.workflow import DONE, OPEN, State

LINES = 50


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, which page of how many (from 1), how many rows in all."""

    rows: list
    number: int
    pages: int
    total: int


def _page(db: Session, query: Select, number: int, *, lines: int = LINES) -> Page:
    """Page `number` of a query; a number past the end gives the last page."""
    total = db.scalar(query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None))
    pages = max(1, -(-total // lines))
    number = min(max(1, number), pages)
    result = db.execute(query.limit(lines).offset((number - 1) * lines)).unique()
    rows = result.all() if len(query.column_descriptions) > 1 else result.scalars().all()
    return Page(list(rows), number, pages, total)


def _cut(found: list, number: int, *, lines: int) -> Page:
    """Page `number` of what was found and sorted here; a number past the end gives the last page."""
    pages = max(1, -(-len(found) // lines))
    number = min(max(1, number), pages)
    return Page(found[(number - 1) * lines:number * lines], number, pages, len(found))


def _called(db: Session, typed: str, level: str = "", on: date | None = None) -> list[Agency]:
    """Agencies whose name or code has every typed part, as templates/components/pick.html finds them; of one level;
    `on`: only those that exist on that day. All are read: there are hundreds, not thousands."""
    query = select(Agency).where(*([Agency.level == level] if level else []))
    if on:
        query = query.where(Agency.valid_from <= on, Agency.valid_to.is_(None) | (Agency.valid_to >= on))
    words = fold(typed).split()[:8]
    return [agency for agency in db.scalars(query)
            if all(word in f"{agency.name_fold} {fold(agency.code)}" for word in words)]


def _of_agency(db: Session, column, typed: str, level: str) -> list[ColumnElement[bool]]:
    """Rows of the agencies that were searched for; none typed is no condition."""
    if not (typed.strip() or level):
        return []
    return [column.in_([agency.id for agency in _called(db, typed, level)])]


# ── Inspections ───────────────────────────────────────────────────────────────────────────────────
def inspections(db: Session, *, states: tuple[str, ...], typed: str = "", level: str = "", page: int = 1,
                lines: int = LINES) -> Page:
    """Inspections in these states: what waits longest first, what is issued newest first."""
    order = Inspection.submitted_at.desc() if states == (State.ISSUED,) else Inspection.submitted_at
    query = select(Inspection).where(Inspection.state.in_(states), *_of_agency(db, Inspection.agency_id, typed, level))
    return _page(db, query.order_by(order, Inspection.id), page, lines=lines)


def per_state(db: Session, *, round_id: UUID | None = None, typed: str = "", level: str = "") -> dict[str, int]:
    """How many inspections, of the round and the agencies that were searched for, stand in each state; 0 where none."""
    said = _of_agency(db, Inspection.agency_id, typed, level)
    said += [Inspection.round_id == round_id] if round_id else []
    rows = db.execute(select(Inspection.state, func.count()).where(*said).group_by(Inspection.state)).all()
    return {**{str(state): 0 for state in State}, **dict(rows)}


def of_round(db: Session, round_id: UUID, *, states: Collection[str] = tuple(State), typed: str = "", level: str = "",
             page: int = 1, lines: int = LINES) -> Page:
    """The inspections of a round in these states, in the order of their visits."""
    query = select(Inspection).where(Inspection.round_id == round_id, Inspection.state.in_(states),
                                     *_of_agency(db, Inspection.agency_id, typed, level))
    return _page(db, query.order_by(Inspection.planned_for, Inspection.planned_at, Inspection.id), page, lines=lines)


def planned(db: Session, *, states: Collection[str], first: date | None = None, last: date, lines: int = LINES) -> Page:
    """The inspections in these states that are planned for `first` to `last`, in the order of their visits."""
    days = [Inspection.planned_for <= last, *([Inspection.planned_for >= first] if first else [])]
    query = select(Inspection).where(Inspection.state.in_(states), *days)
    return _page(db, query.order_by(Inspection.planned_for, Inspection.planned_at, Inspection.id), 1, lines=lines)


def of_agencies(db: Session, ids: list[UUID]) -> list[Inspection]:
    """Every inspection of these agencies, newest first."""
    query = select(Inspection).where(Inspection.agency_id.in_(ids))
    return list(db.scalars(query.order_by(Inspection.planned_for.desc(), Inspection.id)))


def jobs(db: Session, *, lines: int = LINES) -> Page:
    """Rows of (Job, its Inspection or none): work that failed, then papers being printed, then those that wait."""
    printing = Job.name.in_(PRINTING) & Job.state.in_(("queued", "running"))
    query = select(Job, Inspection).outerjoin(Inspection, Inspection.id == Job.inspection_id).where(
        or_(Job.state == "failed", printing))
    turn = case({"failed": 0, "running": 1}, value=Job.state, else_=2)
    return _page(db, query.order_by(turn, Job.id), 1, lines=lines)


# ── Rounds ────────────────────────────────────────────────────────────────────────────────────────
def rounds(db: Session, *, page: int = 1) -> Page:
    """Rounds, the newest first."""
    return _page(db, select(Round).order_by(Round.starts_on.desc(), Round.title), page)


def rounds_under_way(db: Session, today: date) -> list[Round]:
    """Rounds that run today, and ended ones whose inspections are not all issued or called off."""
    unfinished = select(Inspection.round_id).where(Inspection.state.not_in(DONE))
    running = (Round.starts_on <= today) & (Round.ends_on >= today)
    begun = Round.starts_on <= today
    query = select(Round).where(running | (begun & Round.id.in_(unfinished)))
    return list(db.scalars(query.order_by(Round.ends_on, Round.title)))


def states_of_rounds(db: Session, ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """How many inspections of each round stand in each state."""
    found: dict[UUID, dict[str, int]] = defaultdict(lambda: {str(state): 0 for state in State})
    query = select(Inspection.round_id, Inspection.state, func.count()).where(Inspection.round_id.in_(ids))
    for round_id, state, count in db.execute(query.group_by(Inspection.round_id, Inspection.state)):
        found[round_id][state] = count
    for id in ids:
        _ = found[id]
    return dict(found)


def inspectors(db: Session, *, staying: Collection[UUID] = ()) -> list[User]:
    """People who can be put on a team, and those who are on it already, by their names."""
    query = select(User).where(may_inspect() | User.id.in_(staying))
    return sorted(db.scalars(query), key=lambda person: place(person.full_name))


# ── Reports and what agencies say to them ─────────────────────────────────────────────────────────
def _newest_only() -> ColumnElement[bool]:
    later = aliased(Report)
    return ~select(later.id).where(later.inspection_id == Report.inspection_id, later.version > Report.version).exists()


def _withdrawn() -> ColumnElement[bool]:
    """Whether a photo was taken out of a report since: nobody outside gets it any more."""
    return exists().where(Event.inspection_id == Report.inspection_id, Event.name == "photo.taken_out",
                          Event.details["version"].as_integer() >= Report.version)


def _answered() -> ColumnElement[int]:
    """How many findings of a report have at least one response, to it or to a version before it: these have the same
    findings."""
    earlier = aliased(Report)
    mine = select(func.count(func.distinct(Response.finding))).join(earlier, Response.report_id == earlier.id).where(
        earlier.inspection_id == Report.inspection_id, earlier.version <= Report.version)
    return mine.correlate(Report).scalar_subquery()


def _late(today: date) -> ColumnElement[int]:
    """How many findings of a report have a newest answer that promised a day which is past."""
    said, answered, later, again = aliased(Response), aliased(Report), aliased(Response), aliased(Report)
    newer = select(later.id).join(again, later.report_id == again.id).where(
        again.inspection_id == answered.inspection_id, later.finding == said.finding, later.at > said.at)
    late = select(func.count()).select_from(said).join(answered, said.report_id == answered.id).where(
        answered.inspection_id == Report.inspection_id, said.promised_on < today, ~newer.exists())
    return late.correlate(Report).scalar_subquery()


def reports(db: Session, *, typed: str = "", level: str = "", page: int = 1) -> Page:
    """Rows of (Report, whether a later version replaced it), the newest first."""
    query = select(Report, ~_newest_only()).where(*_of_agency(db, Report.agency_id, typed, level))
    return _page(db, query.order_by(Report.issued_at.desc(), Report.id), page)


def remedies(db: Session, *, today: date, typed: str = "", level: str = "", until: date | None = None,
             only_open: bool = False, only_late: bool = False, since: datetime | None = None, page: int = 1,
             lines: int = LINES) -> Page:
    """Rows of (Report in its newest version, findings answered, findings whose promised day is past): unanswered first,
    then by deadline. `since`: only those with an answer from then on, the newest answer first."""
    answered, late = _answered(), _late(today)
    settled = case((answered >= Report.findings, 1), else_=0)
    query = select(Report, answered, late).where(
        Report.findings > 0, _newest_only(), *_of_agency(db, Report.agency_id, typed, level))
    if until:
        query = query.where(Report.remedy_by <= until)
    if only_open:
        query = query.where(settled == 0)
    if only_late:
        query = query.where(late > 0)
    order = [settled, Report.remedy_by]
    if since:
        query, order = query.where(news.last_answer() >= since), [news.last_answer().desc()]
    return _page(db, query.order_by(*order, Report.id), page, lines=lines)


def reports_of_agency(db: Session, agency_id: UUID) -> list[tuple[Report, int, bool, bool]]:
    """Rows of (Report, findings answered, whether a later version replaced it, whether it is withdrawn), the newest
    first."""
    query = select(Report, _answered(), ~_newest_only(), _withdrawn()).where(Report.agency_id == agency_id)
    return list(db.execute(query.order_by(Report.issued_at.desc(), Report.version.desc())).unique().all())


def replaced(db: Session, report: Report) -> Report | None:
    """The version that replaced this one, if any."""
    later = select(Report).where(Report.inspection_id == report.inspection_id, Report.version > report.version)
    return db.scalar(later.order_by(Report.version.desc()).limit(1))


def replaces(db: Session, report: Report) -> Report | None:
    """The version that this one replaced, if any."""
    before = select(Report).where(Report.inspection_id == report.inspection_id, Report.version < report.version)
    return db.scalar(before.order_by(Report.version.desc()).limit(1))


def first_version(db: Session, inspection_id: UUID) -> Report | None:
    """The version with which a notice was issued: it shows all photos that any version ever showed."""
    mine = select(Report).where(Report.inspection_id == inspection_id)
    return db.scalar(mine.order_by(Report.version).limit(1))


def withdrawn(db: Session, report: Report) -> bool:
    """Whether the paper shows a photo that was taken out since."""
    return db.scalar(select(_withdrawn()).select_from(Report).where(Report.id == report.id))


# ── The register and the people ───────────────────────────────────────────────────────────────────
def agencies(db: Session, *, typed: str = "", level: str = "", on: date | None = None, page: int = 1,
             lines: int = LINES) -> Page:
    """Agencies by parts of their name or code, in Vietnamese order, which no database knows."""
    found = _called(db, typed, level, on)
    found.sort(key=lambda agency: (agency.level, place(agency.name), agency.valid_from))
    return _cut(found, page, lines=lines)


def lineage(db: Session, agency: Agency) -> dict[str, list[Agency]]:
    """What came before this agency, what came after it, what stands above it."""
    before = db.scalars(select(Agency).where(Agency.successor_id == agency.id).order_by(Agency.name_fold))
    after = db.get(Agency, agency.successor_id) if agency.successor_id else None
    parent = db.get(Agency, agency.parent_id) if agency.parent_id else None
    return {"before": list(before), "after": [after] if after else [], "parent": [parent] if parent else []}


def people(db: Session, *, typed: str = "", role: str = "", page: int = 1, lines: int = LINES) -> Page:
    """People with their agencies: those who may sign in first, by name. `role`: a role, or `office`, `team` for both
    of its kinds. Names are folded here, not in the database: there are hundreds of people, not thousands."""
    query = select(User).options(joinedload(User.agency))
    if role:
        query = query.where(User.role.in_({"office": OFFICE, "team": TEAM}.get(role, (role,))))
    words = fold(typed).split()
    found = [person for person in db.scalars(query) if all(word in _said_of(person) for word in words)]
    found.sort(key=lambda person: (person.disabled_at is not None, person.role, place(person.full_name), person.name))
    return _cut(found, page, lines=lines)


def _said_of(person: User) -> str:
    return fold(f"{person.name} {person.full_name} {person.agency.name if person.agency else ''}")


def people_of_agency(db: Session, agency_id: UUID) -> list[User]:
    """Who may sign in for an agency."""
    query = select(User).where(User.agency_id == agency_id, User.disabled_at.is_(None))
    return list(db.scalars(query.order_by(User.name)))


def open_visits(db: Session, person_id: UUID) -> list[Inspection]:
    """The visits, in which the team may still answer, of whose team somebody is, the next one first; with agencies."""
    mine = select(Inspection).join(Assignment).where(Assignment.user_id == person_id, Inspection.state.in_(OPEN))
    return list(db.scalars(mine.order_by(Inspection.planned_for, Inspection.id).options(joinedload(Inspection.agency))))


def last_issued(db: Session, agencies: set[UUID]) -> dict[UUID, Inspection]:
    """The newest issued inspection of each agency."""
    mine = select(Inspection).where(Inspection.agency_id.in_(agencies), Inspection.state == "issued")
    return {row.agency_id: row for row in db.scalars(mine.order_by(Inspection.planned_for))}


def findings_counts(db: Session, ids: list[UUID]) -> dict[UUID, int]:
    """How many findings the newest report of each inspection holds."""
    rows = db.execute(select(Report.inspection_id, Report.findings).where(Report.inspection_id.in_(ids))
                      .order_by(Report.version))
    return dict(rows.all())


def agency_today(db: Session, code: str) -> Agency | None:
    """The agency that has this code today, however its letters are written. Raises UnicodeEncodeError."""
    wanted = code.encode().decode().casefold()
    return next((agency for agency in agencies_in_force(db, hanoi(now()).date())
                 if agency.code.casefold() == wanted), None)
