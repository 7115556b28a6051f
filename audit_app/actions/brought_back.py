"""After the server was set back to an older copy: which rows of a tablet are gone, where those that come back stand."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit_app.actions import kinds
from audit_app.records.evidence import Answer, EquipmentCount, Meeting, Remark, Signature
from audit_app.records.models import Inspection
from audit_app.rules import rows
from audit_app.rules.problems import Invalid, TooManyRows

LAST_COUNTS = {Answer: ("item", "answered_at"), EquipmentCount: ("kind", "counted_at"), Remark: ("kind", "written_at"),
               Signature: ("role", "signed_at"), Meeting: (None, "closed_at")}
"""Tables of which the last row about one thing counts: what it is about (a visit has one meeting), when it was said."""


def absent(db: Session, inspection: Inspection, said: dict) -> list[str]:
    """Which of the rows in `said`, {"answers": [id, …], …}, this visit does not have: a tablet asks for those that it
    was once told are kept.

    Raises Invalid, TooManyRows.
    """
    if not all(name in kinds.TABLES and isinstance(ids, list) for name, ids in said.items()):
        raise Invalid()
    if sum(map(len, said.values())) > rows.FLOOD:
        raise TooManyRows(limit=rows.FLOOD)
    if not all(isinstance(id, str) for ids in said.values() for id in ids):
        raise Invalid()
    found = []
    for name, ids in said.items():
        table = kinds.TABLES[name]
        here = {str(id) for id in db.scalars(select(table.id).where(table.inspection_id == inspection.id))}
        found += [id for id in ids if id.lower() not in here]  # some programs spell them in capitals
    return found


def overtaken(db: Session, inspection_id: UUID, table, row: rows.Row) -> bool:
    """Whether a row that comes again (`kept_at`: when it was first said to be kept) was followed by a later one about
    the same, which it must not take the place of. A later one came after that moment, and was said after it too: it
    may be one that was lost itself, and came back sooner."""
    if row.kept_at is None or table not in LAST_COUNTS:
        return False
    about, moment = LAST_COUNTS[table]
    later = select(table.id).where(table.inspection_id == inspection_id, table.received_at > row.kept_at,
                                   getattr(table, moment) > getattr(row, moment))
    if about:
        later = later.where(getattr(table, about) == getattr(row, about))
    return db.scalar(later.limit(1)) is not None


def place(db: Session, inspection_id: UUID, table) -> int:
    """Before all others of its table: it stands in the history, and in the place of none."""
    return (db.scalar(select(func.min(table.seq)).where(table.inspection_id == inspection_id)) or 0) - 1
