"""Photos in pieces over a bad line: a cut costs the piece in flight, two senders spoil nothing, rubbish is dropped."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from audit_app.media import photos
from audit_app.media.parts import Parts
from audit_app.records.work import Job
from audit_app.rules.problems import OffsetDiffers
from tests.factories import RETURNED_ITEM, hash_of, id_of, photo, picture

DRAFT = id_of("draft")
DATA = picture(seed=61, width=900, height=700, kind="PNG")
SHA = hash_of(DATA)
HALF = len(DATA) // 2


def address(sha256: str = SHA, visit=DRAFT) -> str:
    return f"/sync/inspections/{visit}/blobs/{sha256}"


def send(person, piece: bytes, offset: object, *, length: object = None, sha256: str = SHA, visit=DRAFT, **more):
    length = len(DATA) if length is None else length
    headers = person.csrf | {"Upload-Offset": str(offset), "Upload-Length": str(length)}
    return FlaskClient.patch(person, address(sha256, visit), data=piece, headers=headers,
                             content_type="application/octet-stream", **more)


def here(person, sha256: str = SHA) -> str | None:
    told = person.head(address(sha256))
    return "whole" if told.status_code == 200 else told.headers["Upload-Offset"]


def left(app) -> list:
    return [path for path in (app.extensions["settings"].data / "incoming").rglob("*") if path.is_file()]


def test_a_photo_comes_in_pieces_and_is_whole_in_the_end(an, app):
    assert here(an) == "0"
    first = send(an, DATA[:HALF], 0)
    assert (first.status_code, first.json, first.headers["Upload-Offset"]) == (202, {"offset": HALF}, str(HALF))
    assert here(an) == str(HALF)
    last = send(an, DATA[HALF:], HALF)
    assert (last.status_code, last.json) == (201, {"kept": [SHA]})
    assert here(an) == "whole" and app.extensions["blobs"].get(str(DRAFT), SHA) == DATA and not left(app)
    assert send(an, DATA[HALF:], HALF).status_code == 201, "the answer was lost, the piece comes again"
    assert an.put(DRAFT, DATA).status_code == 200


@pytest.mark.parametrize(("at", "claimed"), [(0, 5), (HALF, 0), (HALF, HALF - 1), (HALF, HALF + 1), (0, 10**10)])
def test_whoever_begins_elsewhere_is_told_where_to_go_on(an, app, at, claimed):
    if at:
        send(an, DATA[:at], 0)
    refused = send(an, DATA[:9], claimed)
    assert (refused.status_code, refused.json["problem"], refused.json["offset"]) == (409, "conflict", at)
    assert refused.json["message"] and here(an) == str(at)


def test_what_arrived_before_the_line_broke_is_kept(an, app):
    """The tablet promised a whole photo; after half of it the tunnel came."""
    an.troubled = True
    send(an, b"", 0, environ_overrides={"wsgi.input": BytesIO(DATA[:HALF]), "CONTENT_LENGTH": str(len(DATA))})
    assert here(an) == str(HALF)
    assert send(an, DATA[HALF:], HALF).status_code == 201 and here(an) == "whole"


def test_when_the_server_died_before_its_answer_an_empty_piece_ends_it(an, app):
    parts = Parts(app.extensions["settings"].data / "incoming")
    assert parts.append(str(DRAFT), SHA, offset=0, length=len(DATA), pieces=[DATA]) == len(DATA)
    assert here(an) == str(len(DATA))
    assert send(an, b"", len(DATA)).status_code == 201 and here(an) == "whole" and not left(app)


@pytest.mark.parametrize("what", ["another photo", "no photo"])
def test_what_turns_out_to_be_something_else_is_refused_and_forgotten(an, app, what):
    data = picture(seed=62) if what == "another photo" else b"no photo at all" * 100
    sha256 = SHA if what == "another photo" else hash_of(data)
    assert send(an, data[:50], 0, length=len(data), sha256=sha256).status_code == 202
    refused = send(an, data[50:], 50, length=len(data), sha256=sha256)
    assert (refused.status_code, refused.json["problem"]) == (422, "invalid") and refused.json["message"]
    assert here(an, sha256) == "0" and not left(app)


def test_more_than_was_promised_is_refused(an, app):
    refused = send(an, DATA, 0, length=HALF)
    assert (refused.status_code, refused.json["problem"]) == (422, "invalid")


@pytest.mark.parametrize("length", [photos.LARGEST_FILE + 1, 10**10])
def test_a_photo_past_the_limit_is_refused_before_its_first_piece(an, app, length):
    refused = send(an, DATA[:9], 0, length=length)
    assert (refused.status_code, refused.json["problem"]) == (413, "too_large") and not left(app)


@pytest.mark.parametrize(("header", "said"), [
    (header, said) for header in ("Upload-Offset", "Upload-Length")
    for said in ("", "-1", "1.5", "x", "0x10", "²", "9" * 400)])  # fmt: skip
def test_a_place_that_is_no_number_is_refused_by_name(an, app, header, said):
    headers = an.csrf | {"Upload-Offset": "0", "Upload-Length": "100"} | {header: said.encode().decode("latin-1")}
    refused = an.patch(address(), data=b"x", headers=headers)
    assert (refused.status_code, refused.json["problem"]) == (422, "invalid") and not left(app)


def test_a_full_disk_is_said_and_what_is_here_stays(an, app, monkeypatch):
    from audit_app.actions import pictures

    send(an, DATA[:HALF], 0)
    monkeypatch.setattr(pictures, "FLOOR", 1 << 62)
    an.troubled = True
    refused = send(an, DATA[HALF:], HALF)
    assert (refused.status_code, refused.json["problem"]) == (507, "no_room") and here(an) == str(HALF)


def test_a_photo_that_was_waited_for_is_made_small_when_its_last_piece_is_here(an, database):
    an.rows(DRAFT, photos=[photo(RETURNED_ITEM, SHA)])
    send(an, DATA, 0)
    with database.transaction(writing=False) as db:
        assert db.scalar(select(Job.name).where(Job.key == f"shrink:{DRAFT}:{SHA}")) == "shrink"


def test_after_the_submission_only_pieces_that_a_photo_waits_for_are_welcome(an):
    refused = send(an, DATA, 0, visit=id_of("submitted"))
    assert (refused.status_code, refused.json["problem"]) == (403, "forbidden")


def test_pieces_of_one_visit_are_not_those_of_another(an, client_of):
    binh = client_of("binh")
    send(an, DATA[:HALF], 0)
    assert send(binh, DATA[HALF:], HALF, visit=id_of("binhs")).json["offset"] == 0
    assert send(binh, DATA, 0).status_code == 404


# ── Two senders ───────────────────────────────────────────────────────────────────────────────────
def test_two_tabs_that_send_the_same_photo_at_once_spoil_nothing(tmp_path):
    """Each goes on from where the server says that the file ends, as our tablets do."""
    parts, data = Parts(tmp_path), os.urandom(400_000)

    def sender(_):
        offset = refused = 0
        while offset < len(data):
            pieces = [data[at:at + 1_000] for at in range(offset, min(offset + 20_000, len(data)), 1_000)]
            try:
                offset = parts.append("d", "s", offset=offset, length=len(data), pieces=pieces)
            except OffsetDiffers as problem:
                offset, refused = problem.details["offset"], refused + 1
        return refused

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sender, range(4)))
    assert (tmp_path / "d" / "s.part").read_bytes() == data


def test_a_sender_that_wakes_up_late_writes_nothing_over_the_others_pieces(tmp_path):
    parts = Parts(tmp_path)

    def slowly():
        yield b"aaaa"
        parts.append("d", "s", offset=4, length=12, pieces=[b"bbbb"])  # meanwhile the other one went on
        yield b"cccc"

    with pytest.raises(OffsetDiffers) as refused:
        parts.append("d", "s", offset=0, length=12, pieces=slowly())
    assert refused.value.details["offset"] == 8 and (tmp_path / "d/s.part").read_bytes() == b"aaaabbbb"


def test_a_sender_that_wakes_up_after_the_end_begins_no_new_file(tmp_path):
    parts, taken = Parts(tmp_path), []

    def slowly():
        yield b"aaaa"
        parts.finish("d", "s", lambda path: taken.append(path.read_bytes()))
        yield b"bbbb"

    with pytest.raises(OffsetDiffers) as refused:
        parts.append("d", "s", offset=0, length=8, pieces=slowly())
    assert refused.value.details["offset"] == 0 and taken == [b"aaaa"] and not (tmp_path / "d/s.part").exists()


def test_the_last_piece_sent_by_two_at_once_is_taken_once(tmp_path):
    parts, taken = Parts(tmp_path), []
    parts.append("d", "s", offset=0, length=4, pieces=[b"aaaa"])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: parts.finish("d", "s", lambda path: taken.append(path.read_bytes())), range(8)))
    assert taken == [b"aaaa"]


# ── Forgetting ────────────────────────────────────────────────────────────────────────────────────
def test_a_beginning_waits_a_week_for_its_rest_and_no_longer(tmp_path):
    parts = Parts(tmp_path)
    for name, days in (("old", 8), ("young", 6)):
        parts.append(name, "s", offset=0, length=9, pieces=[b"a"])
        then = time.time() - days * 86_400
        os.utime(tmp_path / name / "s.part", (then, then))
    (tmp_path / "tmpabc").write_bytes(b"left by a killed upload")
    os.utime(tmp_path / "tmpabc", (then - 5 * 86_400,) * 2)
    Parts(tmp_path).append("new", "s", offset=0, length=9, pieces=[b"a"])
    assert {path.name for path in tmp_path.iterdir()} == {"young", "new"}
    assert Parts(tmp_path).offset("young", "s") == 1 and Parts(tmp_path).offset("old", "s") == 0
