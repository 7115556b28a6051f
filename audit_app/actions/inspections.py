"""What can be done with an inspection: plan it, submit it."""

import hashlib
from collections.abc import Set
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit_app.actions import closing, jobs, standing
from audit_app.actions.journal import record
from audit_app.actions.pictures import drawn_on, sources
from audit_app.records import queries, tablets
from audit_app.records.db import now
from audit_app.records.evidence import Answer, Event, Photo
from audit_app.records.models import Agency, Assignment, Inspection, PinnedChecklist, Round, User
from audit_app.rules.checklist import Checklist
from audit_app.rules.problems import HandedInWithout, Incomplete, Invalid
from audit_app.rules.refusals import AgencyNotInForce
from audit_app.rules.scoring import one_decimal
from audit_app.rules.wording import day as in_words
from audit_app.rules.workflow import OPEN, Step, after


def plan(db: Session, actor, *, round: Round, agency: Agency, day: date, at: str = "", tier: int | None = None,
         team: list[User], lead: User | None = None, checklist: Checklist, id: UUID | None = None) -> Inspection:
    """A visit to one agency, with its team and its pinned checklist. Raises AgencyNotInForce, Invalid."""
    if not agency.in_force_on(day):
        raise AgencyNotInForce(agency=agency.name, day=in_words(day))
    if not team:
        raise Invalid()
    pin(db, checklist)
    inspection = Inspection(id=id, round_id=round.id, agency_id=agency.id, level=agency.level, tier=tier or round.tier,
                            planned_for=day, planned_at=at, checklist_id=checklist.id,
                            checklist_version=checklist.version)
    inspection.team = [Assignment(user_id=person.id, lead=person is (lead or team[0])) for person in team]
    db.add(inspection)
    db.flush()
    record(db, actor, "inspection.planned", inspection, agency=str(agency.id))
    return inspection


def pin(db: Session, checklist: Checklist) -> None:
    """Keep the version as it is on its first use; what was asked can then be proven for ever."""
    if db.get(PinnedChecklist, (checklist.id, checklist.version)) is None:
        db.add(PinnedChecklist(id=checklist.id, version=checklist.version, sha256=checklist.sha256,
                               canonical=checklist.canonical()))
        db.flush()


def pictures_of(db: Session, inspection: Inspection) -> set[str]:
    """The names of all that the photos of a visit may be shown from; the store says which of them are `here`."""
    return {sha256 for photo in queries.photos(db, inspection.id) for sha256 in sources(photo)}


def submit(db: Session, actor, inspection: Inspection, *, checklist: Checklist, here: Set[str], manifest: dict) -> dict:
    """Hand the visit to the office. Returns {"receipt", "counts"}; the same submission again gives the same.

    `here`: which of its pictures (`pictures_of`) the store holds, asked before, because a silent store must hold up
    nobody's turn; what has come since counts as missing until the next try.
    `manifest`: {"answers": how many items the tablet holds answers for, "photos": [sha256 of each original], "ask":
    whether what colleagues' tablets still hold is a reason to wait, "signed": whether a signature that no longer
    vouches for what stands is one}.
    Raises Incomplete and HandedInWithout, both with `missing` in their details, StepImpossible.
    """
    seen, lost = standing.read(db, inspection, checklist), _rows_lost(db, inspection, manifest)
    digest = fingerprint(seen)
    if (again := _receipt_given(db, inspection, digest)) is not None:
        if lost:  # a tablet that was late: no receipt for what never came
            raise HandedInWithout(missing=lost)
        return again
    state = after(inspection.state, Step.SUBMIT)
    missing = seen.missing() + lost + _bytes_lost(seen, here)
    missing += _held_elsewhere(db, actor, inspection) if manifest.get("ask") is True else []
    missing += _outdated(db, seen) if manifest.get("signed") is True else []
    if missing:
        raise Incomplete(count=len(missing), missing=missing)
    inspection.state = state
    inspection.submissions += 1
    inspection.submitted_at = now()
    scored = seen.score
    inspection.percent = None if scored.percent is None else str(one_decimal(scored.percent))
    inspection.coverage, inspection.answered = str(scored.coverage), scored.answered
    inspection.applicable = scored.applicable
    given = {"receipt": receipt(digest), "counts": _counts(seen, here)}
    record(db, actor, "inspection.submitted", inspection, digest=digest, **given)
    if closing.meeting_of(db, inspection) is not None:
        jobs.submit(db, "print_minutes", key=f"print_minutes:{inspection.id}:{inspection.submissions}",
                    inspection_id=inspection.id)
    return given


def fingerprint(seen: standing.Standing) -> str:
    """sha256 over everything submitted: ids of the current answers, ids and hashes of the photos."""
    lines = sorted(f"a {row.id}" for row in seen.answers.values())
    lines += sorted(f"p {photo.id} {photo.sha256}" for photos in seen.photos.values() for photo in photos)
    return hashlib.sha256("\n".join([str(seen.inspection.id), *lines]).encode()).hexdigest()


def receipt(digest: str) -> str:
    """The short code both sides can read out: KT-7F3A-19C2."""
    return f"KT-{digest[:4]}-{digest[4:8]}".upper()


def _receipt_given(db: Session, inspection: Inspection, digest: str) -> dict | None:
    """The answer already given to this very submission, when its reply was lost on the way."""
    last = None if inspection.state in OPEN else _last_submission(db, inspection)
    if last is None or last.details["digest"] != digest:
        return None
    return {"receipt": last.details["receipt"], "counts": last.details["counts"]}


def receipt_of(db: Session, inspection: Inspection) -> str | None:
    """The code given for the submission that stands; None while the team works."""
    last = None if inspection.state in OPEN else _last_submission(db, inspection)
    return last and last.details["receipt"]


def _last_submission(db: Session, inspection: Inspection) -> Event | None:
    mine = select(Event).where(Event.inspection_id == inspection.id, Event.name == "inspection.submitted")
    return db.scalar(mine.order_by(Event.seq.desc()).limit(1))


def _rows_lost(db: Session, inspection: Inspection, manifest: dict) -> list[dict]:
    """The rows of answers and photos that the tablet says it holds and the server has not. Raises Invalid."""
    found = []
    announced, said = manifest.get("photos", []), manifest.get("answers", 0)
    if not isinstance(announced, list) or not all(isinstance(s, str) for s in announced) or not _is_count(said):
        raise Invalid()
    kept = db.scalar(select(func.count()).select_from(Answer).where(Answer.inspection_id == inspection.id))
    if said > kept:
        found.append({"kind": "rows", "announced": said, "received": kept})
    every = set(db.scalars(select(Photo.sha256).where(Photo.inspection_id == inspection.id)))
    found += [{"kind": "photo_row", "sha256": sha256} for sha256 in announced if sha256 not in every]
    return found


def _bytes_lost(seen: standing.Standing, here: Set[str]) -> list[dict]:
    """The photos of which neither a copy nor the original has come."""
    found = []
    for photo in (photo for photos in seen.photos.values() for photo in photos):
        drawn = photo.id in seen.markups and seen.markups[photo.id].shapes
        if here.isdisjoint([drawn_on(photo)] if drawn else sources(photo)):
            found.append({"kind": "bytes", "item": photo.item, "sha256": photo.sha256})
    return found


def _held_elsewhere(db: Session, actor, inspection: Inspection) -> list[dict]:
    """What tablets of the others on the team said they hold and has not come: after the submission it is refused."""
    others = inspection.team_ids - {actor.id}
    return [{"kind": "tablet", "person": tablet.user.full_name, "rows": rows}
            for tablet in tablets.of(db, inspection.id)
            if tablet.user_id in others and (rows := tablets.behind(db, tablet))]


def _outdated(db: Session, seen: standing.Standing) -> list[dict]:
    """Who has signed something older than what stands."""
    meeting = closing.meeting_of(db, seen.inspection)
    return [{"kind": "signature", "role": hand.role, "name": hand.name, "refused": hand.refused}
            for hand, stale in closing.vouching(db, seen, meeting) if stale]


def _is_count(said) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def _counts(seen: standing.Standing, here: Set[str]) -> dict:
    photos = [photo for found in seen.photos.values() for photo in found]
    waiting = sorted({photo.sha256 for photo in photos} - here)
    return {"answers": seen.done, "items": len(seen.items), "photos": len(photos), "originals_missing": waiting}
