"""The closing meeting: who may sign what, which signatures still vouch for what stands, what papers show of it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions.standing import Standing
from audit_app.records import queries
from audit_app.records.evidence import Meeting, Signature
from audit_app.records.models import Inspection
from audit_app.rules import closing
from audit_app.rules.closing import SignatureRow
from audit_app.rules.problems import RowUnreadable, WitnessNeeded
from audit_app.rules.wording import hanoi


def check(db: Session, inspection: Inspection, row: SignatureRow) -> None:
    """Whether this signature can be taken in. A refusal needs its reason, and somebody who saw it signs first.

    Raises RowUnreadable, SignatureEmpty, RefusalNeedsReason, WitnessNeeded.
    """
    closing.check_signature(row)
    meeting = db.get(Meeting, row.meeting)
    if meeting is None or meeting.inspection_id != inspection.id:
        raise RowUnreadable(field="meeting")
    if row.refused:
        saw = select(Signature.id).where(Signature.meeting_id == row.meeting, Signature.role == "witness")
        if db.scalar(saw.limit(1)) is None:
            raise WitnessNeeded()


def meeting_of(db: Session, inspection: Inspection) -> Meeting | None:
    """The meeting that counts: the one told last."""
    mine = select(Meeting).where(Meeting.inspection_id == inspection.id)
    return db.scalar(mine.order_by(Meeting.seq.desc()).limit(1))


def signatures(db: Session, seen: Standing, meeting: Meeting | None) -> list[tuple[Signature, bool]]:
    """The last signature of each role, in the order of a paper, and whether it is stale.

    Stale: something changed after it was given, or it belongs to an earlier meeting. Nobody is kept from answering
    on; but what was signed is then not what stands.
    """
    mine = select(Signature).where(Signature.inspection_id == seen.inspection.id).order_by(Signature.seq)
    last = {row.role: row for row in db.scalars(mine)}
    found = sorted(last.values(), key=lambda row: closing.ROLES.index(row.role))
    if not found:
        return []
    now = digest(db, seen, meeting)
    return [(row, row.meeting_id != meeting.id or row.digest != now) for row in found]


def vouching(db: Session, seen: Standing, meeting: Meeting | None) -> list[tuple[Signature, bool]]:
    """The same without a witness of nothing: where the agency has signed after all, nobody refused."""
    found = signatures(db, seen, meeting)
    refused = any(row.role == "agency" and row.refused for row, _ in found)
    return [(row, stale) for row, stale in found if refused or row.role != "witness"]


def rows(db: Session, inspection: Inspection) -> list[str]:
    """Ids of the meeting that counts and of every signature: nothing new was held or signed while they are the same."""
    mine = select(Signature.id).where(Signature.inspection_id == inspection.id).order_by(Signature.seq)
    meeting = meeting_of(db, inspection)
    return [str(id) for id in ([meeting.id] if meeting else []) + list(db.scalars(mine))]


def digest(db: Session, seen: Standing, meeting: Meeting) -> str:
    """What a signature of this meeting would have to vouch for now."""
    return closing.digest(
        seen.inspection.id, meeting.id, answers=seen.answers.values(),
        photos=[photo for found in seen.photos.values() for photo in found],
        equipment=queries.equipment(db, seen.inspection.id).values(),
        remarks=[row for rows in queries.remarks(db, seen.inspection.id).values() for row in rows])


def told(db: Session, seen: Standing) -> dict:
    """For the snapshot: {"meeting": {…} or None, "signatures": [{…, "path", "view_box"}]}; times in Hà Nội."""
    meeting = meeting_of(db, seen.inspection)
    return {"meeting": meeting and {
        "opened_at": _moment(meeting.opened_at), "closed_at": meeting.closed_at and _moment(meeting.closed_at),
        "place": meeting.place or None, "present": meeting.present, "read_back": meeting.read_back,
        "opinion": meeting.opinion or None,
    }, "signatures": [{
        "role": row.role, "name": row.name, "title": row.title or None, "refused": row.refused,
        "reason": row.reason or None, "signed_at": _moment(row.signed_at), "stale": stale,
        "earlier": row.meeting_id != meeting.id,
        "digest": row.digest, "path": closing.path(row.strokes) or None,
        "view_box": closing.view_box(row.strokes) or None,
    } for row, stale in vouching(db, seen, meeting)]}


def _moment(at) -> str:
    return hanoi(at).isoformat(timespec="seconds")
