"""What tablets announced and has not arrived, which originals they still hold, which photos stay out of the paper."""

import json
from collections import Counter
from datetime import timedelta

from audit_app.actions import pictures
from audit_app.actions.inspections import receipt_of
from audit_app.actions.standing import Standing
from audit_app.actions.tablets import received
from audit_app.records import queries, tablets
from audit_app.records.evidence import Parked
from audit_app.records.models import Tablet

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
    "parked": [the newest rows that were refused: {"at", "person", "kind", "item" or None, "message", "raw"}],
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


def _parked(row: Parked) -> dict:
    said = json.loads(row.raw)
    item = said.get("item") if isinstance(said, dict) else None
    raw = json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace").decode()
    return {"at": row.at, "person": row.author.full_name, "kind": row.kind, "message": row.message,
            "item": item if isinstance(item, str) and item.isprintable() else None,
            "raw": raw if len(raw) <= SHOWN else raw[:SHOWN] + "…"}


def _tablet(db, line: Tablet) -> dict:
    held = {"answers": line.answers, "others": line.others, "photos": line.photos, "originals": line.originals}
    drift = timedelta(milliseconds=line.clock_offset_ms)
    arrived = tablets.arrived_since(db, line) if sum(held.values()) else {}
    return {"name": line.name, "person": line.user.full_name, "at": line.announced_at, "held": held,
            "total": sum(held.values()), "arrived": arrived, "behind": tablets.behind(db, line),
            "clock": round(drift / timedelta(minutes=1)) if abs(drift) > DRIFT else None}
