"""The tablets' door. Bytes go up under their own hash, rows under ids made on the tablet; twice is once."""

import base64
import hashlib
import json
import logging
import tempfile
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask_wtf.csrf import generate_csrf

from audit_app.actions import brought_back, capture, inspections, kinds, parking, pictures, standing, tablets
from audit_app.media.blobs import roomy
from audit_app.media.parts import Parts
from audit_app.records import queries
from audit_app.records.db import now
from audit_app.rules import announced
from audit_app.rules import rows as row_rules
from audit_app.rules.permissions import Action
from audit_app.rules.problems import HashMismatch, Invalid, PhotoTooLarge, TooLarge, Unexpected, VersionUnknown
from audit_app.rules.wording import hanoi
from audit_app.web import errors, tablet
from audit_app.web.gate import allow

bp = Blueprint("sync", __name__, url_prefix="/sync")
log = logging.getLogger(__name__)
PHOTO = 25 * 1024 * 1024
ROWS = 8 * 1024 * 1024
PART = 256 * 1024


def tools():
    """The stores of this app."""
    return current_app.extensions["tools"]


@bp.before_request
def speak_the_same() -> None:
    """A tablet may say which version it speaks; without a word it is one of the first. Only hello is open to all."""
    said = request.headers.get("X-Audit-Api", "1")
    if said not in map(str, row_rules.ACCEPTED) and request.endpoint != "sync.hello":
        raise VersionUnknown()


@bp.get("/hello")
@allow(Action.SYNC)
def hello():
    device = _device()
    key = {} if device is None else {"key": base64.b64encode(
        tablets.device_key(current_app.secret_key, g.user, device)).decode()}
    return jsonify(user={"id": str(g.user.id), "name": g.user.name, "full_name": g.user.full_name, "role": g.user.role},
                   csrf=generate_csrf(), server_time=now().isoformat(), app_version=tablet.app_version(),
                   api=row_rules.API, accepts=row_rules.ACCEPTED, **key)


@bp.get("/inspections")
@allow(Action.SYNC)
def index():
    mine = queries.agenda(g.db, g.user, since=hanoi(now()).date() - timedelta(days=30))
    return jsonify([tablet.brief(g.db, inspection, tools().catalogue) for inspection in mine])


@bp.get("/inspections/<uuid:inspection>")
@allow(Action.CAPTURE)
def show(inspection):
    return jsonify(tablet.whole(g.db, inspection, tools().catalogue))


@bp.route("/inspections/<uuid:inspection>/blobs/<sha256>", methods=["HEAD"])
@allow(Action.CAPTURE, slow=True)
def blob_there(inspection, sha256):
    drawer = str(inspection.id)
    if tools().blobs.keeps(drawer, _hex(sha256)):
        # The hash, because a captive portal answers 200 too; the type, because of text the packer renames the ETag.
        return Response(status=200, headers={"ETag": f'"{sha256}"'}, mimetype="application/octet-stream")
    return Response(status=404, headers={"Upload-Offset": _parts().offset(drawer, sha256)})


@bp.put("/inspections/<uuid:inspection>/blobs/<sha256>")
@allow(Action.CAPTURE, slow=True, limit=PHOTO + 1)
def blob(inspection, sha256):
    with tools().database.transaction(writing=False) as db:
        capture.may_send_bytes(db, inspection, _hex(sha256))
    with roomy(), tempfile.NamedTemporaryFile(dir=_incoming()) as file:
        if _stream_to(file) != sha256:
            raise HashMismatch()
        new = pictures.receive(tools().database, tools().blobs, _parts(), inspection.id, sha256, Path(file.name),
                               wanted_by=capture.photos_of)
    return jsonify(kept=[sha256]), 201 if new else 200


@bp.patch("/inspections/<uuid:inspection>/blobs/<sha256>")
@allow(Action.CAPTURE, slow=True, limit=PHOTO + 1)
def blob_part(inspection, sha256):
    with tools().database.transaction(writing=False) as db:
        capture.may_send_bytes(db, inspection, _hex(sha256))
    here = pictures.receive_part(
        tools().database, tools().blobs, _parts(), inspection.id, sha256, offset=_octets("Upload-Offset"),
        length=_octets("Upload-Length"), pieces=iter(lambda: request.stream.read(PART), b""),
        wanted_by=capture.photos_of)
    if here is None:
        return jsonify(kept=[sha256]), 201
    return jsonify(offset=here), 202, {"Upload-Offset": here}


@bp.post("/inspections/<uuid:inspection>/rows")
@allow(Action.CAPTURE, slow=True, limit=ROWS)
def rows(inspection):
    said = _json_object()
    blobs = capture.asked_before(tools().database, tools().blobs, inspection, said)
    try:
        kept, refused = _take(inspection, said, blobs)
    except errors.FORESEEN:
        raise
    except Exception:
        log.exception("a batch of rows is taken in row by row")
        kept, refused = _take_singly(inspection, said, blobs)
    return jsonify(kept=kept, refused=refused)


def _take(inspection, said: dict, blobs) -> tuple[list[str], list[dict]]:
    """Take a batch in, all of it or nothing: (kept, refused)."""
    with tools().database.transaction() as db:
        inspection = queries.locked(db, inspection)
        done = capture.Intake(
            db, g.user, inspection, checklist=tablet.checklist_of(inspection, tools().catalogue),
            equipment={kind.id for kind in tools().catalogue.equipment}, blobs=blobs,
        ).take(said)
        parking.park(db, g.user, inspection, done.declined)
    return done.kept, done.refused


def _take_singly(inspection, said: dict, blobs) -> tuple[list[str], list[dict]]:
    """The same row by row: one over which we stumble is put away as it was sent, and holds no other back. Where none
    is kept, it is not the row that is wrong, and all of them come again."""
    kept, refused, stumbled = [], [], []
    for one in islice(kinds.singly(said), row_rules.LIMIT):
        try:
            taken = _take(inspection, one, blobs)
        except errors.FORESEEN:
            raise
        except Exception:
            log.exception("a row of %s", *one)
            (name, row), = one.items()
            stumbled.append((name, row[0] if isinstance(row, list) else row, Unexpected()))
        else:
            kept, refused = kept + taken[0], refused + taken[1]
    if not kept:
        raise Unexpected()
    with tools().database.transaction() as db:
        parking.park(db, g.user, queries.locked(db, inspection), stumbled)
    return kept, refused + [capture.told(row, problem) for _, row, problem in stumbled]


@bp.post("/inspections/<uuid:inspection>/absent")
@allow(Action.CAPTURE, slow=True)
def absent(inspection):
    said = _json_object()
    with tools().database.transaction(writing=False) as db:
        rows = brought_back.absent(db, inspection, said)
        seen = standing.read(db, inspection, tablet.checklist_of(inspection, tools().catalogue))
    return jsonify(rows=rows, originals=tablets.received(seen, tools().blobs, None)["originals_missing"])


@bp.post("/inspections/<uuid:inspection>/submission")
@allow(Action.SUBMIT, slow=True)
def submission(inspection):
    manifest = _json_object().get("manifest")
    if not isinstance(manifest, dict):
        raise Invalid()
    return jsonify(hand_in(inspection, manifest)), 201


def hand_in(inspection, manifest: dict) -> dict:
    """Ask the store about the photos, which may take long, and only then take the turn to hand the visit in."""
    with tools().database.transaction(writing=False) as db:
        named = inspections.pictures_of(db, inspection)
    here = tools().blobs.held(str(inspection.id), named)
    with tools().database.transaction() as db:
        inspection = queries.locked(db, inspection)
        return inspections.submit(db, g.user, inspection, here=here, manifest=manifest,
                                  checklist=tablet.checklist_of(inspection, tools().catalogue))


@bp.post("/inspections/<uuid:inspection>/device")
@allow(Action.CAPTURE, slow=True)
def device(inspection):
    said = announced.parse(_json_object())
    with tools().database.transaction() as db:
        told = tablets.announce(db, g.user, queries.locked(db, inspection), said)
        seen = standing.read(db, inspection, tablet.checklist_of(inspection, tools().catalogue))
        receipt = inspections.receipt_of(db, inspection)
    return jsonify(announced_at=told.announced_at.isoformat(), received=tablets.received(seen, tools().blobs, receipt))


@bp.get("/inspections/<uuid:inspection>/score")
@allow(Action.CAPTURE)
def score(inspection):
    seen = standing.read(g.db, inspection, tablet.checklist_of(inspection, tools().catalogue))
    return jsonify(tablet.score_of(seen.score))


def _json_object() -> dict:
    """The body as a JSON object. Raises Invalid: never a bare 400 without a name; TooLarge."""
    body = request.get_data()
    if request.content_length is None and len(body) >= request.max_content_length:
        raise TooLarge()  # sent in chunks, it was cut off there without a word
    try:
        said = json.loads(body, parse_int=row_rules.integer, object_pairs_hook=row_rules.once)
    except (ValueError, RecursionError) as error:
        raise Invalid() from error
    if not isinstance(said, dict):
        raise Invalid()
    return said


def _hex(sha256: str) -> str:
    """The hash as it is written everywhere. Raises Invalid."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise Invalid()
    return sha256


def _device() -> UUID | None:
    """The tablet that names itself, as browsers write the names they make. Raises Invalid."""
    said = request.headers.get("X-Audit-Device")
    if said is None:
        return None
    try:
        named = UUID(said)
    except ValueError as error:
        raise Invalid() from error
    if str(named) != said:
        raise Invalid()
    return named


def _octets(header: str) -> int:
    """A count of octets in a header. Raises Invalid."""
    said = request.headers.get(header, "")
    if not (said.isascii() and said.isdigit() and len(said) < 12):
        raise Invalid()
    return int(said)


def _parts() -> Parts:
    """Where photos wait for their rest; one for the process."""
    return current_app.extensions.setdefault("parts", Parts(_incoming()))


def _incoming() -> Path:
    folder = current_app.extensions["settings"].data / "incoming"
    folder.mkdir(exist_ok=True)
    return folder


def _stream_to(file) -> str:
    """Write the body to `file` as it comes; its sha256. Raises PhotoTooLarge as soon as it is known."""
    if (request.content_length or 0) > PHOTO:
        raise PhotoTooLarge()
    digest, octets = hashlib.sha256(), 0
    while part := request.stream.read(PART):
        octets += len(part)
        if octets > PHOTO:
            raise PhotoTooLarge()
        digest.update(part)
        file.write(part)
    file.flush()
    return digest.hexdigest()
