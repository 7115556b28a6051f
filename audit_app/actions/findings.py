"""From an approved inspection to its findings: one frozen snapshot, from which everything is printed."""

import hashlib
import hmac
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit_app.actions import closing, pictures, standing
from audit_app.records import queries, submissions, tablets
from audit_app.records.evidence import Answer, Approval, Photo
from audit_app.records.models import Inspection
from audit_app.rules.checklist import Item
from audit_app.rules.conflicts import together
from audit_app.rules.problems import PhotoNotReady
from audit_app.rules.scoring import FAULTS, one_decimal
from audit_app.rules.wording import HANOI, ground, hanoi

FORMAT = "findings/1"
DRIFT = timedelta(minutes=10)
"""How far a tablet's clock may be ahead before its times are called wrong."""
WRONG = timedelta(hours=1)
"""How far a clock is known to be off before its times count for nothing."""


def gather(db: Session, inspection: Inspection, *, version: int, catalogue, settings) -> dict:
    """Everything the papers say about an inspection, as plain JSON values; nothing printed is computed twice.

    The wording of law is that of the day of the visit, the grounds are those of the paper's own day; numbers, dates
    and times as documented in outside.md.
    """
    seen = standing.read(db, inspection, catalogue.get(inspection.checklist_id, inspection.checklist_version))
    approval, numbered, day = approved(db, inspection.id), published(db, seen), held_on(db, inspection)
    sections = [{"id": s.id, "title": s.title, "items": [
        _item(seen, item, catalogue.law, day, numbered) for item in s.items]} for s in seen.sections]
    rows = {row["id"]: (row, section["id"]) for section in sections for row in section["items"]}
    faults = [rows[item.id] for item in seen.items if rows[item.id][0]["outcome"] in FAULTS]
    return {
        "format": FORMAT,
        **visit(db, inspection),
        "document": _document(inspection, approval, version, catalogue.letterhead, settings),
        "grounds": _grounds(approval, catalogue),
        "checklist": described(seen.checklist),
        "score": told_score(seen),
        "sections": sections,
        "findings": _numbered_faults([f for f in faults if f[0]["basis"] != "KN"]),
        "recommendations": _numbered_faults([f for f in faults if f[0]["basis"] == "KN"]),
        "equipment": counted(db, inspection, catalogue),
        "remarks": remarked(db, inspection),
        "photos": _photos(db, inspection, seen, numbered),
        **closing.told(db, seen),
    }


def renumbered(snapshot: dict, inspection: Inspection, approval: Approval, *, version: int, catalogue,
               settings) -> dict:
    """The next version of a paper that got its number and days after it was issued: all else is as it was frozen.

    Where the paper before had a number, the next one says that it replaces it. The grounds are those of its day: the
    same day has the same.
    """
    told, before = _document(inspection, approval, version, catalogue.letterhead, settings), snapshot["document"]
    own = {name: told[name] for name in ("number", "issued_on", "remedy_by", "code", "verify_url", "version")}
    own["replaces"] = {name: before[name] for name in ("number", "symbol", "issued_on")} if before["number"] else None
    grounds = snapshot["grounds"] if own["issued_on"] == before["issued_on"] else _grounds(approval, catalogue)
    own |= signature(told) if approval.signed_as else {}
    return {**snapshot, "document": {**before, **own}, "grounds": grounds}


def signature(document: dict) -> dict:
    """Who signs a paper, for whom and as what."""
    return {name: document[name] for name in ("signer_authority", "signer_title", "signer_name")}


def withheld(db: Session, inspection_id: UUID) -> set[str]:
    """Ids of the photos that stay inside."""
    return {str(photo) for photo, markup in queries.markups(db, inspection_id).items() if pictures.withheld(markup)}


def showing(snapshot: dict, first: dict, inside: set[str]) -> dict:
    """What a paper says with the photos of its first version but those that stay inside. All keep their numbers, which
    its texts may name."""
    gone = {photo["number"] for photo in first["photos"] if photo["id"] in inside}

    def bare(rows: list[dict]) -> list[dict]:
        return [{**row, "photos": [number for number in row["photos"] if number not in gone]} for row in rows]

    told = {**snapshot, "photos": [photo for photo in first["photos"] if photo["id"] not in inside],
            "taken_out": sorted(gone),
            "sections": [{**section, "items": bare(section["items"])} for section in first["sections"]],
            **{name: bare(first[name]) for name in ("findings", "recommendations")}}
    return told if gone else {name: value for name, value in told.items() if name != "taken_out"}


def approved(db: Session, inspection_id: UUID) -> Approval:
    """The last word of the office about what the notice says."""
    mine = select(Approval).where(Approval.inspection_id == inspection_id)
    return db.scalar(mine.order_by(Approval.at.desc()).limit(1))


def _grounds(approval: Approval, catalogue) -> list[str]:
    """The instruments that the letterhead names and that are in force on the day of the paper."""
    issued = approval.issued_on or hanoi(approval.at).date()
    return [ground(i.label, i.shown_issue_date, i.issuer, i.title)
            for i in map(catalogue.law.instrument, catalogue.letterhead.grounds)
            if i is not None and i.in_force_on(issued) and not i.is_doubtful_on(issued)]


def visit(db: Session, inspection: Inspection) -> dict:
    """Where, when, within which round, by whom."""
    return {
        "inspection": {"id": str(inspection.id), "tier": inspection.tier,
                       "planned_for": inspection.planned_for.isoformat(), **_times(db, inspection)},
        "round": _round(inspection),
        "agency": {"id": str(inspection.agency_id), "name": inspection.agency.name, "level": inspection.level,
                   "address": inspection.agency.address or None},
        "team": [{"name": a.user.full_name, "title": a.user.title, "lead": a.lead} for a in inspection.team],
    }


def described(checklist) -> dict:
    """Which checklist, in which version."""
    return {"id": checklist.id, "version": checklist.version, "sha256": checklist.sha256, "title": checklist.title,
            "method": checklist.method, "minimum_coverage": checklist.minimum_coverage}


def remarked(db: Session, inspection: Inspection) -> dict:
    """What the agency finds hard, proposes, explains."""
    rows = queries.remarks(db, inspection.id)
    return {kind: together(rows.get(kind, [])) or None for kind in ("difficulty", "proposal", "explanation")}


def published(db: Session, seen: standing.Standing) -> dict[UUID, int]:
    """Photos are numbered in the order of the checklist, then of their taking; those that stay inside have none."""
    markups = queries.markups(db, seen.inspection.id)
    order = [photo for item in seen.items if not item.confidential for photo in _taken(seen, item)
             if not pictures.withheld(markups.get(photo.id))]
    return {photo.id: number for number, photo in enumerate(order, 1)}


def _taken(seen: standing.Standing, item: Item) -> list[Photo]:
    return sorted(seen.photos.get(item.id, ()), key=lambda photo: (photo.taken_at, photo.seq))


def _item(seen: standing.Standing, item: Item, law, day: date, numbered: dict) -> dict:
    row = told_of(seen, item)
    return {
        "id": item.id, "text": item.text, "kind": item.kind, "basis": item.basis, "critical": item.critical,
        "confidential": item.confidential, "scored": item.scored,
        "outcome": seen.outcome_of(item, row) if row else None, "value": row.value if row else None,
        "number": row.number if row else None, "of": row.of if row else None, "unit": item.unit,
        "choices": [option.text for option in item.options if row and option.id in row.choices],
        "severity": seen.severity(item, row) if row else None, "note": (row.note or None) if row else None,
        "citations": law.cited(item.citations, day),
        "photos": [numbered[photo.id] for photo in _taken(seen, item) if photo.id in numbered],
    }


def told_of(seen: standing.Standing, item: Item) -> Answer | None:
    """The answer that papers may tell; of a confidential item none (law.md CC09: «chuyển riêng, không ghi»)."""
    return None if item.confidential else seen.answers.get(item.id)


def _numbered_faults(rows: list[tuple[dict, str]]) -> list[dict]:
    return [{
        "number": number, "item": row["id"], "section": section, "outcome": row["outcome"],
        "critical": row["critical"], "severity": row["severity"], "text": row["text"], "fact": row["note"],
        "number_value": row["number"], "of": row["of"], "unit": row["unit"], "citations": binding(row["citations"]),
        "photos": row["photos"],
    } for number, (row, section) in enumerate(rows, 1)]


def binding(citations: list[dict]) -> list[dict]:
    """What a finding rests on: law in force on the day of the visit (documents.md 3, law.md §14). Where none of it is,
    what had ended by then, which papers say of it and the office is told before approval; never what had not begun."""
    return [said for said in citations if said["in_force"]] or [said for said in citations if said["state"] == "ended"]


def _times(db: Session, inspection: Inspection) -> dict:
    """Days and hours of the visit on a clock in Hà Nội: from the first thing said or photographed on site to the end
    of its closing meeting, or to the last such thing where none was held.

    What a clock says that cannot be (before the round, after the visit was handed in, an end before its beginning), or
    that is known to be off by more than an hour, tells nothing; what the team looked up before the planned day, or
    corrects later, is no part of the visit.
    """
    since = _since(inspection)
    wrong = {person for person, ahead in tablets.clocks(db, inspection.id).items() if abs(ahead) > WRONG}
    meeting, answers = closing.meeting_of(db, inspection), queries.answers(db, inspection.id).values()
    met = [at for at in (meeting.opened_at, meeting.closed_at) if at and since <= at <= inspection.submitted_at
           and at >= meeting.opened_at] if meeting and meeting.author_id not in wrong else []
    end = max(met, default=submissions.first(db, inspection.id).at)
    photos = [photo for photo in queries.photos(db, inspection.id) if photo.source != "gallery"]
    taken = [photo.taken_at for photo in photos if photo.author_id not in wrong]
    said = [row.answered_at for row in answers if row.author_id not in wrong]
    done = sorted(hanoi(at) for at in (*met, *said, *taken) if since <= at <= end)
    on_site = [at for at in done if at.date() >= inspection.planned_for] or done
    if not on_site:
        return {"held_on": inspection.planned_for.isoformat(), "held_until": None, "started_at": None, "ended_at": None}
    first, last = on_site[0], on_site[-1]
    return {"held_on": first.date().isoformat(),
            "held_until": last.date().isoformat() if last.date() != first.date() else None,
            "started_at": first.isoformat(timespec="seconds"), "ended_at": last.isoformat(timespec="seconds")}


def _since(inspection: Inspection) -> datetime:
    """Before this nothing of the visit can have been said or photographed."""
    return datetime.combine(min(inspection.round.starts_on, inspection.planned_for), time(), HANOI)


def held_on(db: Session, inspection: Inspection) -> date:
    """The day of the visit, whose law counts: the first on which it was made, as its papers say; until it was handed
    in for the first time, the planned one."""
    handed_in = submissions.first(db, inspection.id) is not None
    return date.fromisoformat(_times(db, inspection)["held_on"]) if handed_in else inspection.planned_for


def _round(inspection: Inspection) -> dict:
    plan = inspection.round
    return {"title": plan.title, "decision": plan.decision or None, "starts_on": plan.starts_on.isoformat(),
            "ends_on": plan.ends_on.isoformat()}


def _document(inspection: Inspection, approval: Approval, version: int, letterhead, settings) -> dict:
    code = verification_code(settings.secret_key, inspection.id, version)
    lines, name = approval.signed_as.split("\n"), approval.signed_by
    if not approval.signed_as:
        lines, name = letterhead.signers[0].lines, letterhead.signers[0].name
    return {
        "number": approval.number or None, "symbol": letterhead.symbol,
        "issued_on": approval.issued_on.isoformat() if approval.issued_on else None, "place": letterhead.place,
        "parent_body": letterhead.parent_body, "body": letterhead.body,
        "signer_authority": "\n".join(lines[:-1]) or None, "signer_title": lines[-1], "signer_name": name or None,
        "recipients": list(letterhead.recipients),
        "archive": letterhead.archive, "remedy_by": approval.remedy_by.isoformat(), "code": code,
        "verify_url": f"{settings.public_url}/verify/{code}", "version": version, "replaces": None,
        "approved_at": hanoi(approval.at).isoformat(), "conclusion": approval.conclusion or None,
        "causes": approval.causes or None,
    }


def verification_code(secret: str, inspection_id: UUID, version: int) -> str:
    """The code in the QR: cannot be guessed, and is the same when the paper is printed again."""
    digest = hmac.new(secret.encode(), f"report:{inspection_id}:{version}".encode(), hashlib.sha256).hexdigest().upper()
    return "-".join(digest[i:i + 4] for i in range(0, 24, 4))


def told_score(seen: standing.Standing) -> dict:
    """The score with its parts, as papers say it; `without`: the confidential items, which do not count in it."""
    found, titles = seen.told_score, {section.id: section for section in seen.sections}
    return {
        "percent": one_decimal(found.percent), "coverage": one_decimal(found.coverage),
        "answered": found.answered, "applicable": found.applicable, "not_applicable": found.not_applicable,
        "unanswered": found.unanswered, "critical_failed": list(found.critical_failed),
        "without": seen.secret,
        "sections": [{"id": s.id, "title": titles[s.id].title, "weight": titles[s.id].weight,
                      "percent": one_decimal(s.percent), "coverage": one_decimal(s.coverage),
                      "answered": s.answered, "applicable": s.applicable} for s in found.sections],
    }


def counted(db: Session, inspection: Inspection, catalogue) -> list[dict]:
    """What was counted of each kind."""
    found = queries.equipment(db, inspection.id)
    return [{"kind": kind.id, "name": kind.name, "total": row.total, "working": row.working, "note": row.note or None}
            for kind in catalogue.equipment if (row := found.get(kind.id)) is not None]


def _photos(db: Session, inspection: Inspection, seen: standing.Standing, numbered: dict) -> list[dict]:
    sections = {item.id: section.id for section in seen.sections for item in section.items}
    every = {photo.id: photo for found in seen.photos.values() for photo in found}
    since = _since(inspection)
    return [_photo(db, every[id], number, sections, since) for id, number in numbered.items()]


def _photo(db: Session, photo: Photo, number: int, sections: dict, since: datetime) -> dict:
    """`misdated`: taken, says its tablet, when it cannot have been; what comes from a gallery may be older."""
    live = photo.source != "gallery"
    return {
        "number": number, "id": str(photo.id), "item": photo.item, "section": sections[photo.item],
        "sha256": photo.sha256, **_printable(db, photo),
        "taken_at": hanoi(photo.taken_at).isoformat(), "source": photo.source,
        "misdated": live and not since <= photo.taken_at <= photo.received_at + DRIFT,
        "lat": photo.lat, "lon": photo.lon, "accuracy": photo.accuracy,
    }


def _printable(db: Session, photo: Photo) -> dict:
    """The picture of a photo for paper; nothing in its place when none could be made: the paper says so."""
    try:
        printed = pictures.find(db, photo, pictures.PRINT)
    except PhotoNotReady:
        return {"print": None, "width": None, "height": None}
    return {"print": printed.sha256, "width": printed.width, "height": printed.height}

