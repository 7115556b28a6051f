"""Writing down what happened, and what must follow, in the same transaction."""

import hashlib
import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit_app.actions import jobs
from audit_app.records.db import now
from audit_app.records.evidence import Event
from audit_app.records.models import Inspection

AFTER = {
    "inspection.approved": ["issue_findings"],
}
"""Jobs that an event causes; the key holds the count of submissions, so that asking twice asks once."""


HOUSE = 2542
"""The advisory lock of the chain that belongs to no inspection."""


def record(db: Session, actor, name: str, inspection: Inspection | None, **details) -> Event:
    """Add an event to the chain of its inspection (or to the chain of the house), and the jobs it causes.

    `details` must be plain JSON values: ids, never contents.
    """
    chain = inspection.id if inspection is not None else None
    take_turn(db, chain)
    same = Event.inspection_id == chain if chain else Event.inspection_id.is_(None)
    last = db.execute(select(Event.seq, Event.hash).where(same).order_by(Event.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, "")
    event = Event(inspection_id=chain, seq=seq, at=now(), actor_id=actor.id if actor else None, name=name,
                  details=details, previous=previous)
    event.hash = fingerprint(event)
    db.add(event)
    db.flush()
    for job in AFTER.get(name, ()):
        jobs.submit(db, job, key=f"{job}:{chain}:{inspection.submissions}", inspection_id=chain)
    return event


def take_turn(db: Session, chain) -> None:
    """Two events of one chain are written one after the other (SQLite has one writer anyway); None: that of the house,
    for whatever must happen once in all of it."""
    if chain is not None:
        db.execute(select(Inspection.id).where(Inspection.id == chain).with_for_update())
    elif db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(HOUSE)))


def fingerprint(event: Event) -> str:
    """sha256 over the event before and everything this one says."""
    said = {"previous": event.previous, "inspection": str(event.inspection_id), "seq": event.seq,
            "at": event.at.isoformat(), "actor": str(event.actor_id), "name": event.name, "details": event.details}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
