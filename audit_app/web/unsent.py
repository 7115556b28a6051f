"""What tablets announced and has not arrived, which originals they still hold, which photos stay out of the paper."""

import json
from collections import Counter
from datetime import timedelta

from audit_app.actions import pictures
from audit_app.actions.inspections import receipt_of
from audit_app.actions.kinds import TABLES
from audit_app.actions.standing import Standing
from audit_app.actions.tablets import received
from audit_app.records import queries, tablets
from audit_app.records.evidence import Parked
from audit_app.records.models import Tablet
from audit_app.rules.problems import Conflict
from audit_app.rules.wording import ANSWER

DRIFT = timedelta(minutes=2)
"""From this on a tablet's clock is said to be wrong."""


SHOWN = 2_000
"""Signs of a refused row that are shown; all of it is kept."""


def told(db, seen: Standing, blobs) -> dict:
    """What is here, in the figures that the tablets were told too (`received`), and what is not.

    For templates/inspections/_tablets.html, as `unsent`; every list is empty when all is well.

    {"tablets": [{"name", "person", "at", "held": {answers, others, photos, originals}, "total", "arrived",
    "behind": how many rows have not arrived since,
    "clock": minutes the clock is ahead (negative: behind) or None}], "originals": {item: how many are still on a
    tablet}, "withheld": {item: how many photos stay out of the paper}, "conflicts": [items that wait for the lead],
    "parked": [the newest rows that were refused: {"at", "person", "kind", "item" or None, "value": an answer's or
    None, "words": what was typed, "message", "raw"}],
    "parked_count": of all}
    """
    drawer, markups = str(seen.inspection.id), queries.markups(db, seen.inspection.id)
    photos = [photo for item in seen.items for photo in seen.photos.get(item.id, ())]
    originals = blobs.held(drawer, {photo.sha256 for photo in photos})
    return {
        "received": received(seen, blobs, receipt_of(db, seen.inspection)),
        "tablets": [_tablet(db, line) for line in tablets.of(db, seen.inspection.id)],
        "originals": Counter(photo.item for photo in photos if photo.sha256 not in originals),
        "withheld": Counter(photo.item for photo in photos if pictures.withheld(markups.get(photo.id))),
        "conflicts": [item.id for item in seen.items if item.id in seen.conflicts],
        "parked": [_parked(row) for row in tablets.parked(db, seen.inspection.id)],
        "parked_count": tablets.parked_count(db, seen.inspection.id),
    }


def refused(db, inspection_id) -> list[dict]:
    """The newest rows that were refused and have not come since, as `told` has them: what somebody recorded and no
    result has."""
    rows = tablets.parked(db, inspection_id)
    came = {str(row.id) for kind in {row.kind for row in rows} & TABLES.keys()
            for row in queries.captured(db, TABLES[kind], inspection_id)}
    return [_parked(row) for row in rows
            if row.problem == Conflict.name or str(_said(row).get("id")).lower() not in came]


def _said(row: Parked) -> dict:
    said = json.loads(row.raw)
    return said if isinstance(said, dict) else {}


def _parked(row: Parked) -> dict:
    said, fields = json.loads(row.raw), _said(row)
    item, value = (fields.get(name) for name in ("item", "value"))
    words = next((fields[name] for name in ("note", "text", "reason", "opinion") if fields.get(name)), None)
    raw = json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace").decode()
    return {"at": row.at, "person": row.author.full_name, "kind": row.kind, "message": row.message,
            "item": item if isinstance(item, str) and item.isprintable() else None,
            "value": value if isinstance(value, str) and value in ANSWER else None,
            "words": "".join(sign for sign in words[:SHOWN] if sign.isprintable() or sign == "\n")
            if isinstance(words, str) else "",
            "raw": raw if len(raw) <= SHOWN else raw[:SHOWN] + "…"}


def _tablet(db, line: Tablet) -> dict:
    held = {"answers": line.answers, "others": line.others, "photos": line.photos, "originals": line.originals}
    drift = timedelta(milliseconds=line.clock_offset_ms)
    arrived = tablets.arrived_since(db, line) if sum(held.values()) else {}
    return {"name": line.name, "person": line.user.full_name, "at": line.announced_at, "held": held,
            "total": sum(held.values()), "arrived": arrived, "behind": tablets.behind(db, line),
            "clock": round(drift / timedelta(minutes=1)) if abs(drift) > DRIFT else None}
