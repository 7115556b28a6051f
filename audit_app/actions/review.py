"""What the office decides about a submitted inspection: accept or mark an item, return, approve, number the notice."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from audit_app.actions import findings, jobs, pictures
from audit_app.actions.drawings import Drawings
from audit_app.actions.journal import just_did, record, take_turn
from audit_app.records import queries, submissions
from audit_app.records.db import now
from audit_app.records.evidence import SHOW, WITHHOLD, Approval, Markup, Verdict
from audit_app.records.models import Inspection
from audit_app.rules.letterhead import Signer
from audit_app.rules.problems import (
    NothingToReturn,
    NumberTaken,
    OwnWork,
    ReasonNeeded,
    RemedyTooEarly,
    ReturnsPending,
    StepImpossible,
    UnknownItem,
)
from audit_app.rules.refusals import (
    IssuedTooEarly,
    IssuedTooLate,
    PhotoIn,
    PhotoNotInNotice,
    PhotoOut,
    RemedyTooLate,
)
from audit_app.rules.wording import STATE, hanoi, tidy
from audit_app.rules.wording import day as in_words
from audit_app.rules.workflow import State, Step, after

REASON = 2_000
ISSUED_AHEAD, REMEDY_AHEAD = 92, 731  # days from today: later ones are mistyped years


def judge(db: Session, actor, inspection: Inspection, *, item: str, decision: str, reason: str = "",
          items: set[str]) -> None:
    """Accept an item, mark it to be sent back (with a reason), or clear the mark. `items`: those of this visit.

    Raises StepImpossible, UnknownItem, ReasonNeeded.
    """
    if inspection.state != State.SUBMITTED:
        raise StepImpossible(state=STATE[State(inspection.state)])
    if item not in items:
        raise UnknownItem(item=item)
    reason = tidy(reason, limit=REASON)
    if decision == "return" and not reason:
        raise ReasonNeeded(item=item)
    seq = queries.next_seq(db, Verdict, inspection.id)
    db.add(Verdict(inspection_id=inspection.id, seq=seq, submission=inspection.submissions, item=item,
                   decision=decision, reason=reason if decision == "return" else "", by_id=actor.id))
    db.flush()


def send_back(db: Session, actor, inspection: Inspection) -> list[str]:
    """Return the inspection: only the marked items open again. Raises NothingToReturn, StepImpossible."""
    state = after(inspection.state, Step.RETURN)
    marked = sorted(queries.returned(db, inspection))
    if not marked:
        raise NothingToReturn()
    inspection.state = state
    record(db, actor, "inspection.returned", inspection, items=marked)
    return marked


def just_sent_back(db: Session, actor, inspection: Inspection, reasons: dict[str, str]) -> bool:
    """Whether this person sent the inspection back a moment ago, these items for these reasons among them."""
    return inspection.state == State.RETURNED and just_did(db, actor, "inspection.returned", inspection) and (
        {item: tidy(reason) for item, reason in reasons.items()}.items() <= queries.returned(db, inspection).items())


def approve(db: Session, actor, inspection: Inspection, *, number: str = "", issued_on: date | None = None,
            remedy_by: date, conclusion: str = "", causes: str = "", signer: Signer | None = None,
            unseen: int = 0) -> None:
    """Approve the findings; state, event and the job that prints them are one commit.

    The number is the office's own, never invented here (NĐ 30/2020 Điều 15). `signer`: None leaves it to the
    letterhead. `unseen`: how many items nobody had looked at, which is written down. Raises OwnWork, ReturnsPending,
    NumberTaken, StepImpossible, and what `_check_days` raises.
    """
    if actor.id in inspection.team_ids:
        raise OwnWork()
    said = {"issued_on": issued_on, "remedy_by": remedy_by, "conclusion": tidy(conclusion), "causes": tidy(causes),
            **_signed(signer)}
    if inspection.state != State.SUBMITTED and just_did(db, actor, "inspection.approved", inspection) and _says(
            findings.approved(db, inspection.id), number=tidy(number, limit=20), **said):
        return
    state = after(inspection.state, Step.APPROVE)
    if pending := queries.returned(db, inspection):
        raise ReturnsPending(count=len(pending))
    _check_days(db, inspection, issued_on, remedy_by)
    db.add(Approval(inspection_id=inspection.id, number=_free(db, inspection, number, issued_on), by_id=actor.id,
                    **said))
    inspection.state = state
    record(db, actor, "inspection.approved", inspection, unseen=unseen)


def give_number(db: Session, actor, inspection: Inspection, *, number: str, issued_on: date,
                remedy_by: date | None = None, signer: Signer | None = None) -> None:
    """The number and the days that an issued notice got since, or other ones, and who signed it after all: it is
    printed once more with them.

    On paper a number is given after the signature (NĐ 30/2020, Điều 15, khoản 2), perhaps when little is left of the
    time to mend. None leaves `remedy_by` or `signer` as it is. Raises StepImpossible, NumberTaken, and what
    `_check_days` raises.
    """
    last = numbered(db, inspection)
    remedy_by = remedy_by or last.remedy_by
    _check_days(db, inspection, issued_on, remedy_by)
    said = {"number": _free(db, inspection, number, issued_on), "issued_on": issued_on, "remedy_by": remedy_by,
            **(_signed(signer) or {"signed_as": last.signed_as, "signed_by": last.signed_by})}
    if _says(last, **said):
        return
    approval = Approval(inspection_id=inspection.id, conclusion=last.conclusion, causes=last.causes, by_id=actor.id,
                        **said)
    db.add(approval)
    db.flush()
    record(db, actor, "inspection.numbered", inspection, approval=str(approval.id))
    jobs.submit(db, "renumber_findings", key=f"renumber_findings:{approval.id}", inspection_id=inspection.id)


def numbered(db: Session, inspection: Inspection) -> Approval:
    """What an issued notice says now of its number and day. Raises StepImpossible while it is not issued."""
    _issued(inspection)
    return findings.approved(db, inspection.id)


def take_out(db: Session, actor, inspection: Inspection, notice: dict, *, photo: str, reason: str) -> None:
    """Take a photo out of an issued notice, with its twins: it is printed once more without them.

    Nobody outside gets a version with the photo from this commit on (lists.withdrawn). `notice`: the snapshot of its
    first version. Raises StepImpossible, PhotoNotInNotice, PhotoOut (somebody else did), TextForbidden.
    """
    inspection = queries.locked(db, inspection)
    shown = _shown(inspection, notice, photo)
    if photo in findings.withheld(db, inspection.id):
        if just_did(db, actor, "photo.taken_out", inspection, photo=photo):
            return
        raise PhotoOut()
    why = _why(db, actor, inspection, shown["item"], WITHHOLD, reason)
    kept = Drawings(db, inspection).withhold(UUID(photo), actor.id, queries.next_seq(db, Markup, inspection.id))
    record(db, actor, "photo.taken_out", inspection, photo=photo, verdict=str(why.id), **_named(notice, kept),
           version=queries.newest_report(db, inspection.id).version)
    jobs.submit(db, "reprint_findings", key=f"reprint_findings:{why.id}", inspection_id=inspection.id)


def put_back(db: Session, actor, inspection: Inspection, notice: dict, *, photo: str, reason: str) -> None:
    """Put a photo that was taken out of an issued notice back into it, with its twins and as it was shown before: it is
    printed once more with them. The versions that were withdrawn stay so.

    `notice`: as above. Raises StepImpossible, PhotoNotInNotice, PhotoIn (somebody else did), TextForbidden.
    """
    inspection = queries.locked(db, inspection)
    shown = _shown(inspection, notice, photo)
    if photo not in findings.withheld(db, inspection.id):
        if just_did(db, actor, "photo.put_back", inspection, photo=photo):
            return
        raise PhotoIn()
    why = _why(db, actor, inspection, shown["item"], SHOW, reason)
    kept = Drawings(db, inspection).show_again(UUID(photo), actor.id, queries.next_seq(db, Markup, inspection.id))
    for drawn in kept:
        if drawn.shapes:
            pictures.ask_for_drawing(db, drawn)
    record(db, actor, "photo.put_back", inspection, photo=photo, verdict=str(why.id), **_named(notice, kept))
    jobs.submit(db, "reprint_with_photo", key=f"reprint_with_photo:{why.id}", inspection_id=inspection.id)


def _shown(inspection: Inspection, notice: dict, photo: str) -> dict:
    """What the notice says of a photo. Raises StepImpossible, PhotoNotInNotice."""
    _issued(inspection)
    found = next((row for row in notice["photos"] if row["id"] == photo), None)
    if found is None:
        raise PhotoNotInNotice()
    return found


def _why(db: Session, actor, inspection: Inspection, item: str, decision: str, reason: str) -> Verdict:
    why = Verdict(inspection_id=inspection.id, seq=queries.next_seq(db, Verdict, inspection.id), by_id=actor.id,
                  submission=inspection.submissions, item=item, decision=decision, reason=tidy(reason, limit=REASON))
    db.add(why)
    db.flush()
    return why


def _named(notice: dict, kept: list[Markup]) -> dict[str, list]:
    """Ids of the photos that were drawn over, and the numbers that those of the notice have in it."""
    photos = [str(row.photo_id) for row in kept]
    return {"photos": photos, "numbers": [row["number"] for row in notice["photos"] if row["id"] in photos]}


def _issued(inspection: Inspection) -> None:
    if inspection.state != State.ISSUED:
        raise StepImpossible(state=STATE[State(inspection.state)])


def _check_days(db: Session, inspection: Inspection, issued_on: date | None, remedy_by: date) -> None:
    """First the visit, then the notice, then what it demands; a year that was mistyped would stand in all lists.
    Raises IssuedTooEarly, IssuedTooLate, RemedyTooEarly, RemedyTooLate."""
    held_on, today = findings.held_on(db, inspection), hanoi(now()).date()
    if issued_on and issued_on < held_on:
        raise IssuedTooEarly(day=in_words(held_on))
    if remedy_by < (issued_on or held_on):
        raise RemedyTooEarly()
    if issued_on and (issued_on - today).days > ISSUED_AHEAD:
        raise IssuedTooLate(days=ISSUED_AHEAD)
    if (remedy_by - today).days > REMEDY_AHEAD:
        raise RemedyTooLate(days=REMEDY_AHEAD)


def last_signer(db: Session, signers: tuple[Signer, ...]) -> Signer:
    """Of those who may sign whoever was named last, else the first."""
    last = submissions.last_signed(db)
    return next((signer for signer in signers if last and _says(last, **_signed(signer))), signers[0])


def _signed(signer: Signer | None) -> dict[str, str]:
    return {"signed_as": "\n".join(signer.lines), "signed_by": signer.name or ""} if signer else {}


def _says(approval: Approval, **said) -> bool:
    return all(getattr(approval, name) == value for name, value in said.items())


def _free(db: Session, inspection: Inspection, number: str, issued_on: date | None) -> str:
    """The number, when no other notice of that year has it. Raises NumberTaken."""
    number, year = tidy(number, limit=20), (issued_on or hanoi(now())).year
    if number:
        take_turn(db, None)  # two who type the same number at once
    taken = number and submissions.notice_numbered(db, number, year, besides=inspection.id)
    if taken:
        raise NumberTaken(number=number, year=year, agency=db.get(Inspection, taken.inspection_id).agency.name)
    return number
