"""Rows that were not taken in, kept exactly as they were sent: whatever a tablet said is on the server (A7, A14)."""

import hashlib
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.records import tablets
from audit_app.records.evidence import Parked
from audit_app.records.models import Inspection
from audit_app.rules.problems import Problem

LONGEST = 512 * 1024
"""Characters of one row: six for each sign of the longest note or opinion, thirty for each point of the longest
signature fit in; what is longer was written by no tablet and stays where it is."""

MOST = 20_000
"""Rows kept for one visit, so that a program gone wild does not fill the disk."""


def park(db: Session, actor, inspection: Inspection, declined: list[tuple[str, object, Problem]]) -> None:
    """Keep rows that were refused; the same row refused again is here once. The caller holds the inspection's lock."""
    new: dict[str, Parked] = {}
    for name, said, problem in declined:
        raw = _raw(said)
        digest = hashlib.sha256(ascii([str(actor.id), name, raw]).encode()).hexdigest()
        if len(raw) <= LONGEST and digest not in new:
            new[digest] = Parked(inspection_id=inspection.id, author_id=actor.id, digest=digest, raw=raw,
                                 kind=_shown(name)[:40], problem=problem.name, message=_shown(problem.message))
    if not new:
        return
    known = set(db.scalars(select(Parked.digest).where(Parked.inspection_id == inspection.id, Parked.digest.in_(new))))
    room = MOST - tablets.parked_count(db, inspection.id)
    db.add_all([row for digest, row in new.items() if digest not in known][:max(room, 0)])


def _raw(said) -> str:
    """As JSON in ASCII: there is no sign in it that a database cannot keep."""
    try:
        return json.dumps(said, sort_keys=True)
    except RecursionError:
        return " " * (LONGEST + 1)  # nested beyond reason


def _shown(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:500]
