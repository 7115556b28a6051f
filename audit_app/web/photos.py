"""Pictures and originals: each request asks anew whether this person may see this inspection."""

from io import BytesIO
from itertools import chain

from flask import Blueprint, Response, current_app, g, request, send_file
from sqlalchemy import select

from audit_app.actions import pictures
from audit_app.actions.journal import record
from audit_app.media.photos import ending
from audit_app.records import queries
from audit_app.records.evidence import Photo
from audit_app.rules.permissions import Action
from audit_app.rules.problems import BlobMissing, NotFound
from audit_app.rules.wording import photo_name
from audit_app.web.gate import allow

bp = Blueprint("photos", __name__, url_prefix="/inspections/<uuid:inspection>/photos/<uuid:photo>")
EDGE = {"thumb": pictures.THUMB, "print": pictures.PRINT, "screen": pictures.SCREEN}


@bp.get("/<any(thumb, print, screen):size>")
@allow(Action.READ, slow=True)
def picture(inspection, photo, size):
    """No transaction is open while the store is asked: it may be silent for a minute."""
    tools = current_app.extensions["tools"]
    outside = "redacted" in request.args  # what an agency would see, for those who see more
    audience = pictures.Audience.OUTSIDE if outside else pictures.audience_of(g.user)
    with tools.database.transaction(writing=False) as db:
        found = pictures.find(db, _of(db, inspection, photo), EDGE[size], audience)
    data = tools.blobs.get(str(inspection.id), found.sha256)
    response = send_file(BytesIO(data), mimetype="image/jpeg", etag=found.sha256)
    response.headers["Cache-Control"] = "private, no-cache"  # only this person's browser keeps it, and asks each time
    return response


@bp.get("/original")
@allow(Action.SEE_ORIGINAL, slow=True)
def original(inspection, photo):
    """The untouched bytes: never shown in the page, only saved, and every opening is written down."""
    tools = current_app.extensions["tools"]
    with tools.database.transaction() as db:
        row = _of(db, inspection, photo)
        if not tools.blobs.has(str(inspection.id), row.sha256):
            raise BlobMissing()
        beside = queries.photos_by_item(db, inspection.id).get(row.item, [])
        number = next((n for n, photo in enumerate(beside, 1) if photo.id == row.id), len(beside) + 1)
        if request.method == "GET":
            record(db, g.user, "photo.original_opened", inspection, photo=str(row.id), item=row.item, number=number)
    parts = tools.blobs.stream(str(inspection.id), row.sha256)
    first = next(parts := iter(parts))
    name = photo_name(inspection.agency.name, row.item, number, row.taken_at, ending(bytes(first[:4])))
    headers = {"Content-Disposition": f'attachment; filename="{name}"',
               "Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(chain([first], parts), mimetype="application/octet-stream", headers=headers)


def _of(db, inspection, id) -> Photo:
    found = db.scalar(select(Photo).where(Photo.id == id, Photo.inspection_id == inspection.id))
    if found is None:
        raise NotFound()
    return found
