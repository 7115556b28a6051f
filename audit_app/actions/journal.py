"""Writing down what happened, and what must follow, in the same transaction."""

import hashlib
import json
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from audit_app.actions import jobs
from audit_app.records.db import now
from audit_app.records.evidence import Event
from audit_app.records.models import Inspection

AFTER = {
    "inspection.approved": ["issue_findings"],
}
"""Jobs that an event causes; the key holds the count of submissions, so that asking twice asks once."""


MOMENT = timedelta(minutes=5)
"""How long a second click may take on a slow line."""

HOUSE = 2542
"""The advisory lock of the chain that belongs to no inspection."""


def record(db: Session, actor, name: str, inspection: Inspection | None, **details) -> Event:
    """Add an event to the chain of its inspection (or to the chain of the house), and the jobs it causes.

    `details` must be plain JSON values: ids, never contents.
    """
    chain = inspection.id if inspection is not None else None
    take_turn(db, chain)
    last = db.execute(select(Event.seq, Event.hash).where(_of_chain(chain)).order_by(Event.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, "")
    event = Event(inspection_id=chain, seq=seq, at=now(), actor_id=actor.id if actor else None, name=name,
                  details=details, previous=previous)
    event.hash = fingerprint(event)
    db.add(event)
    db.flush()
    for job in AFTER.get(name, ()):
        jobs.submit(db, job, key=f"{job}:{chain}:{inspection.submissions}", inspection_id=chain)
    return event


def just_did(db: Session, actor, name: str, inspection: Inspection | None, **details) -> bool:
    """Whether this is the last that this person did in a chain, and a moment ago: a second click asks for it again."""
    chain = inspection.id if inspection is not None else None
    last = db.scalar(select(Event).where(_of_chain(chain), Event.actor_id == actor.id)
                     .order_by(Event.seq.desc()).limit(1))
    return last is not None and last.name == name and now() - last.at < MOMENT and (
        {**last.details, **details} == last.details)


def born(db: Session, table, id: UUID | None, chain, said: dict) -> tuple:
    """A row under the id that was made with its form, and whether it is there already, saying the same. Under an id
    that says something else it is one more row. `chain`: where its event will stand."""
    take_turn(db, chain)
    known = db.get(table, id) if id else None
    if known is not None and all(getattr(known, name) == value for name, value in said.items()):
        return known, True
    return table(id=None if known else id, **said), False


def take_turn(db: Session, chain) -> None:
    """Two events of one chain are written one after the other (SQLite has one writer anyway); None: that of the house,
    for whatever must happen once in all of it."""
    if chain is not None:
        db.execute(select(Inspection.id).where(Inspection.id == chain).with_for_update(key_share=True))
    elif db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(HOUSE)))


def _of_chain(chain) -> ColumnElement[bool]:
    return Event.inspection_id == chain if chain else Event.inspection_id.is_(None)


def fingerprint(event: Event) -> str:
    """sha256 over the event before and everything this one says."""
    said = {"previous": event.previous, "inspection": str(event.inspection_id), "seq": event.seq,
            "at": event.at.isoformat(), "actor": str(event.actor_id), "name": event.name, "details": event.details}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
