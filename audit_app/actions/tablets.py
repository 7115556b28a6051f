"""What a tablet announces, and what the server can tell it back: both sides then say the same numbers."""

import hashlib
import hmac
from uuid import UUID

from sqlalchemy.orm import Session

from audit_app.actions.pictures import sources
from audit_app.actions.standing import Standing
from audit_app.records.db import now
from audit_app.records.models import Inspection, Tablet
from audit_app.rules.announced import Announcement
from audit_app.rules.workflow import OPEN


def device_key(secret: str, user, device: UUID) -> bytes:
    """What one person's work is sealed with on one device: made from the secret, so that it is never kept anywhere."""
    return hmac.digest(secret.encode(), b"tablet 1" + user.id.bytes + device.bytes, hashlib.sha256)


def announce(db: Session, actor, inspection: Inspection, said: Announcement) -> Tablet:
    """Keep the last word of this person's tablet about this inspection; the caller holds its lock."""
    key = (inspection.id, said.device, actor.id)
    tablet = db.get(Tablet, key)
    if tablet is None:
        tablet = Tablet(inspection_id=key[0], device=key[1], user_id=key[2])
        db.add(tablet)
    tablet.name, tablet.app_version, tablet.clock_offset_ms = said.name, said.app_version, said.clock_offset_ms
    tablet.answers, tablet.others = said.unsent.answers, said.unsent.others
    tablet.photos, tablet.originals = said.unsent.photos, said.unsent.originals
    tablet.announced_at = now()
    db.flush()
    return tablet


def received(seen: Standing, blobs, receipt: str | None) -> dict:
    """What is here: {"answers", "items", "photos", "pictures", "originals_missing": [sha256], "missing", "receipt"}.

    `pictures`: photos of which a copy or the original is here; `originals_missing`: those still on a tablet;
    `missing`: what keeps the team from submitting; `receipt`: the code given for the submission that stands, or None.
    """
    drawer = str(seen.inspection.id)
    photos = [photo for found in seen.photos.values() for photo in found]
    here = blobs.held(drawer, [sha256 for photo in photos for sha256 in sources(photo)])
    return {
        "answers": seen.done, "items": len(seen.items), "photos": len(photos),
        "pictures": sum(not here.isdisjoint(sources(photo)) for photo in photos),
        "originals_missing": sorted({photo.sha256 for photo in photos if photo.sha256 not in here}),
        "missing": seen.missing() if seen.inspection.state in OPEN else [],
        "receipt": receipt,
    }
