"""The tablet page, and the plain forms it is made of: without JavaScript each of them still saves."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from audit_app.actions import capture, pictures, standing
from audit_app.records import queries
from audit_app.records.db import now
from audit_app.records.evidence import Remark
from audit_app.rules import rows, wording
from audit_app.rules.conflicts import together
from audit_app.rules.permissions import Action
from audit_app.rules.problems import Incomplete, PhotoTooLarge, PhotoUnreadable
from audit_app.rules.workflow import OPEN
from audit_app.web import forms, plain, tablet, team
from audit_app.web.gate import allow
from audit_app.web.sync import PHOTO, _incoming, hand_in, tools

bp = Blueprint("capture", __name__, url_prefix="/inspections/<uuid:inspection>")
SEVERAL = 8 * PHOTO
LIMITS = {"photo_bytes": PHOTO, "photo_pixels": 60_000_000, "note_field": 2 * rows.NOTE}
"""A field lets twice of what is taken in: what is pasted is then refused with a sentence, and never cut unseen."""


@bp.get("/capture")
@allow(Action.CAPTURE)
def page(inspection):
    return render_template("inspections/capture.html", **context(g.db, inspection, tools().catalogue))


@bp.get("/guide")
@allow(Action.CAPTURE)
def guide(inspection):
    return render_template("inspections/guide.html", **context(g.db, inspection, tools().catalogue))


def context(db, inspection, catalogue) -> dict:
    """Everything the page shows; the shape is documented at the head of the template."""
    seen = standing.read(db, inspection, tablet.checklist_of(inspection, catalogue))
    before = tablet.previous(db, inspection, catalogue)
    returned = queries.returned(db, inspection) if inspection.state == "returned" else None
    mine = {item.id: row for item in seen.items if (row := team.own(seen, item))}  # as the page shows them
    return {
        "inspection": _visit(inspection, seen.checklist), "limits": LIMITS,
        "sections": [_section(section, seen, before, returned, catalogue.law) for section in seen.sections],
        "score": tablet.score_of(seen.score_with(mine)), "answered": seen.done, "total": len(seen.items),
        "equipment": _equipment(team.counted(db, inspection.id), catalogue),
        "remarks": _remarks(queries.remarks(db, inspection.id)),
        "missing": seen.missing(),
    }


def _visit(inspection, checklist) -> dict:
    return {"id": inspection.id, "state": inspection.state, "tier": inspection.tier,
            "tier_name": wording.TIER[inspection.tier], "planned_for": inspection.planned_for,
            "agency": inspection.agency, "method": checklist.method, "minimum_coverage": checklist.minimum_coverage}


def _section(section, seen, before, returned, law) -> dict:
    items = [_row(item, seen, before, returned, law) for item in section.items]
    return {"id": section.id, "title": section.title, "weight": section.weight, "rows": items, "total": len(items),
            "answered": sum(row["answer"] is not None and row["answer"]["outcome"] is not None for row in items)}


def _row(item, seen, before, returned, law) -> dict:
    row = team.own(seen, item) or seen.answers.get(item.id)
    earlier = before.get("items", {}).get(item.id)
    day = seen.inspection.planned_for
    return {
        "item": item, "stands": str(seen.answers[item.id].id) if item.id in seen.answers else None,
        "answer": row and {"id": str(row.id), "value": row.value, "number": row.number, "of": row.of,
                           "choices": row.choices, "note": row.note, "severity": row.severity,
                           "outcome": seen.outcome_of(item, row), "answered_at": row.answered_at.isoformat(),
                           "author": row.author.full_name},
        "photos": [team.photo(seen, photo) for photo in seen.photos.get(item.id, ())], **team.sides(seen, item),
        "citations": law.cited(item.citations, day),
        "previous": earlier and {**earlier, "date": before["date"], **_last_photo(before["id"], earlier["photo"])},
        "locked": seen.inspection.state not in OPEN or (returned is not None and item.id not in returned),
        "returned": (returned or {}).get(item.id), "unmended": item.id in seen.unmended, "refused": None,
    }


def _last_photo(inspection: str, photo: str | None) -> dict:
    def url(size):
        return photo and url_for("photos.picture", inspection=inspection, photo=photo, size=size)

    return {"thumb_url": url("thumb"), "screen_url": url("screen")}


def _equipment(counted: dict, catalogue) -> list[dict]:
    return [{"kind": kind.id, "name": kind.name, "unit": kind.unit, "item": kind.item,
             "total": row.total if row else None, "working": row.working if row else None,
             "note": row.note if row else "", "count_id": str(row.id) if row else None, "refused": None,
             "others": others}
            for kind in catalogue.equipment for rows, others in [counted.get(kind.id, ([], []))]
            for row in [rows[-1] if rows else None]]


def _remarks(written: dict) -> dict[str, dict]:
    """{kind: {"text": all that stands, "known": its ids, "refused": why what was sent is not taken, or None}}"""
    return {kind: {"text": together(rows), "known": " ".join(str(row.id) for row in rows), "refused": None}
            for kind in ("difficulty", "proposal", "explanation") for rows in [written.get(kind, [])]}


# ── The plain forms ───────────────────────────────────────────────────────────────────────────────
@bp.post("/answers")
@allow(Action.ANSWER, slow=True, limit=SEVERAL)
def answer(inspection):
    said = plain.answer_row(request.form)
    photos, refused = _photo_rows(inspection, said["item"])
    batch = {"answers": [said], "photos": photos}
    blobs = capture.asked_before(tools().database, tools().blobs, inspection, batch)
    with tools().database.transaction() as db:  # only now: photos are looked at while nobody waits
        visit = queries.locked(db, inspection)
        return _back(db, visit, _take(db, visit, batch, blobs), "#" + said["item"], refused)


@bp.post("/equipment")
@allow(Action.ANSWER)
def equipment(inspection):
    kinds = [kind.id for kind in tools().catalogue.equipment]
    done = _take(g.db, inspection, {"equipment": plain.equipment_rows(request.form, kinds)})
    return _back(g.db, inspection, done, "#equipment")


@bp.post("/remarks")
@allow(Action.ANSWER)
def remarks(inspection):
    said = plain.remark_rows(request.form, queries.captured(g.db, Remark, inspection.id))
    done = _take(g.db, inspection, {"remarks": said})
    return _back(g.db, inspection, done, "#remarks")


@bp.post("/submission")
@allow(Action.SUBMIT, slow=True)
def submission(inspection):
    try:
        given = hand_in(inspection, {})
    except Incomplete as problem:
        flash(problem.message, "error")
        return redirect(url_for("capture.page", inspection=inspection.id) + "#missing")
    flash(forms.SUBMITTED.format(**given), "success")
    return redirect(url_for("inspections.show", inspection=inspection.id))


def _take(db, inspection, batch: dict, blobs=None) -> capture.Intake:
    """Take rows in; `blobs`: the store, asked before about their photos, where they have any."""
    catalogue = tools().catalogue
    return capture.Intake(db, g.user, inspection, checklist=tablet.checklist_of(inspection, catalogue),
                          equipment={kind.id for kind in catalogue.equipment}, blobs=blobs or tools().blobs).take(batch)


def _photo_rows(inspection, item: str) -> tuple[list[dict], list[str]]:
    """The rows of the photos that came with a plain form, and what is said of those that are none: the answer beside
    them is taken in all the same."""
    rows, refused = [], []
    for file in request.files.getlist("photo"):
        if file.filename:
            try:
                rows.append(_photo_row(inspection, item, file))
            except (PhotoUnreadable, PhotoTooLarge) as problem:
                refused.append(problem.message)
    return rows, refused


def _photo_row(inspection, item: str, file) -> dict:
    """Keep a photo that came with a plain form; its row names it by hash like any other."""
    with tempfile.NamedTemporaryFile(dir=_incoming()) as kept:
        file.save(kept)
        kept.flush()
        sha256 = pictures.keep(tools().blobs, inspection.id, Path(kept.name))
    return {"id": str(uuid4()), "item": item, "sha256": sha256, "taken_at": now().isoformat(), "source": "gallery"}


def _back(db, inspection, done: capture.Intake, anchor: str, refused: Sequence[str] = ()):
    """To the page; what was refused stands on it as it was typed. `refused`: what is said of photos that are none."""
    for said in refused:
        flash(said, "error")
    if not done.refused and refused:
        flash(forms.PHOTO_LEFT_OUT)
        return redirect(url_for("capture.page", inspection=inspection.id) + anchor)
    if not done.refused:
        flash(forms.SAVED, "success")
        return redirect(url_for("capture.page", inspection=inspection.id) + anchor)
    for *_, problem in done.declined:
        flash(plain.reason(problem), "error")
    told = context(db, inspection, tools().catalogue)
    plain.put_back(told, done.declined)
    return render_template("inspections/capture.html", **told), 422
