"""Bytes under their own hash: what is kept, what is refused, and that nothing refused is half kept."""

from functools import cache
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from PIL import Image

from audit_app.actions import pictures
from audit_app.media import photos
from audit_app.media.sandbox import Sandbox
from tests.factories import hash_of, id_of, picture

DRAFT = id_of("draft")
HEIC = Path(__file__).parents[1] / "pictures/quad.heic"


def stored(app) -> set[str]:
    """Every file that is kept, and whatever was left on the way."""
    data = app.extensions["settings"].data
    kept = {str(path.relative_to(data)) for path in (data / "blobs").rglob("*") if path.is_file()}
    return kept | {str(path.relative_to(data)) for path in (data / "incoming").rglob("*")}


class Endless(RawIOBase):
    """A body that never ends; whoever reads on past every limit fails the test."""

    given = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        self.given += len(buffer)
        assert self.given < 40_000_000, "read to no end"
        return len(buffer)


def address(sha256: str) -> str:
    return f"/sync/inspections/{DRAFT}/blobs/{sha256}"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_ans_photo_is_kept_once_however_often_she_sends_it(an, app, kind):
    data = HEIC.read_bytes() if kind == "HEIC" else picture(seed=55, kind=kind)
    sha256 = hash_of(data)
    before = stored(app)
    assert an.head(address(sha256)).status_code == 404
    first, second = an.put(DRAFT, data), an.put(DRAFT, data)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["kept"] == second.json["kept"] == [sha256]
    told = an.head(address(sha256), headers={"Accept-Encoding": "gzip, br"})  # as browsers ask
    assert told.status_code == 200 and told.headers["ETag"] == f'"{sha256}"' and "Content-Encoding" not in told.headers
    assert stored(app) - before == {f"blobs/{DRAFT}/{sha256[:2]}/{sha256}"}
    assert app.extensions["blobs"].get(str(DRAFT), sha256) == data


@cache
def broken() -> dict[str, bytes]:
    """Files that are no pictures, or no pictures of ours, or not whole."""
    whole = picture(seed=8, width=800, height=600)
    gif, tiff = BytesIO(), BytesIO()
    Image.new("RGB", (8, 8)).save(gif, "GIF")
    Image.new("RGB", (8, 8)).save(tiff, "TIFF")
    return {
        "nothing": b"", "one byte": b"\xff", "words": "không phải ảnh".encode(), "cut short": whole[:len(whole) // 2],
        "a page": b"<!doctype html><script>alert(1)</script>", "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "a GIF": gif.getvalue(), "a TIFF": tiff.getvalue(), "a PDF": b"%PDF-1.7\n%%EOF",
        "a torn HEIC": HEIC.read_bytes()[:900], "zeros": bytes(5000),
    }  # fmt: skip


@pytest.mark.parametrize("what", broken())
def test_what_is_no_whole_picture_is_refused_with_a_sentence_and_nothing_is_kept(an, app, what):
    data = broken()[what]
    before = stored(app)
    refused = an.put(DRAFT, data)
    assert (refused.status_code, refused.json["problem"]) == (422, "invalid") and refused.json["message"]
    assert an.head(address(hash_of(data))).status_code == 404
    assert stored(app) == before


def test_a_picture_that_would_fill_the_memory_is_refused_and_not_kept(an, app):
    out = BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG", compress_level=1)
    before = stored(app)
    refused = an.put(DRAFT, out.getvalue())
    assert (refused.status_code, refused.json["problem"]) == (413, "too_large")
    assert stored(app) == before


def test_bytes_that_are_not_those_of_their_name_are_refused_and_not_kept(an, app):
    before = stored(app)
    refused = an.put(DRAFT, picture(seed=55), sha256=hash_of(picture(seed=6)))
    assert (refused.status_code, refused.json["problem"]) == (422, "invalid")
    assert stored(app) == before


@pytest.mark.parametrize("length_told", [True, False])
def test_a_file_past_the_limit_is_refused_before_it_is_all_read(an, app, length_told):
    before = stored(app)
    told = {"CONTENT_LENGTH": "26214401"} if length_told else {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    refused = an.open(address("0" * 64), method="PUT", headers=an.csrf, content_type="image/jpeg",
                      environ_overrides={"wsgi.input": Endless(), **told})
    assert (refused.status_code, refused.json["problem"]) == (413, "too_large")
    assert stored(app) == before


@pytest.mark.parametrize("name", ["abc", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "..%2f..%2fetc%2fpasswd", "%00" * 64])
def test_a_name_that_is_no_hash_is_refused_and_touches_no_file(an, app, name):
    before = stored(app)
    for answered in (an.head(address(name)), an.put(DRAFT, picture(), sha256=name)):
        assert answered.status_code in (404, 422)
    assert stored(app) == before


@pytest.mark.parametrize("said", ["application/octet-stream", "application/x-www-form-urlencoded", "text/html", ""])
def test_the_bytes_count_and_not_what_a_program_calls_them(an, said):
    """`curl --data-binary` calls everything a form."""
    data = picture(seed=55)
    headers = an.csrf | ({"Content-Type": said} if said else {})
    assert an.open(address(hash_of(data)), method="PUT", data=data, headers=headers).status_code == 201


def test_a_full_disk_is_said_and_the_tablet_keeps_its_photo(an, app, monkeypatch):
    monkeypatch.setattr(pictures, "FLOOR", 1 << 62)  # as if this much had to stay free
    an.troubled = True
    refused = an.put(DRAFT, picture(seed=55))
    assert (refused.status_code, refused.json["problem"]) == (507, "no_room")
    assert an.head(address(hash_of(picture(seed=55)))).status_code == 404


@pytest.fixture
def killing(monkeypatch):
    """Every decoder is ended by the kernel, as on a machine that is short of memory for this picture."""
    monkeypatch.setattr(pictures, "TRIES", 3)
    with monkeypatch.context() as patched:
        patched.setattr(photos, "_children", Sandbox("tests.unit.misbehaving", memory=1024, cpu=5, wall=30))
        yield patched.undo


@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "in pieces"])
def test_a_photo_that_always_ends_its_decoder_is_refused_at_last_and_holds_up_no_tablet(an, app, killing, in_pieces):
    """The tablet keeps it, says why, and goes on with the others; a person may have it sent again."""
    data, an.troubled, before = picture(seed=58), True, stored(app)
    url, more = address(hash_of(data)), {"Upload-Offset": "0", "Upload-Length": str(len(data))}

    def send():
        if not in_pieces:
            return an.put(DRAFT, data)
        at = int(an.head(url).headers["Upload-Offset"])
        return an.patch(url, data=data[at:], content_type="application/octet-stream",
                        headers=an.csrf | more | {"Upload-Offset": str(at)})

    for _ in range(2):
        told = [send() for _ in range(3)]
        assert [(one.status_code, one.json["problem"]) for one in told] == [(503, "busy")] * 2 + [(413, "too_large")]
        assert "không đủ bộ nhớ" in told[-1].json["message"]
    assert not [name for name in stored(app) - before if hash_of(data) in name]
    assert send().status_code == 503
    killing()
    assert send().status_code == 201, "the machine has memory again"
    assert [name for name in stored(app) - before if hash_of(data) in name] == [
        f"blobs/{DRAFT}/{hash_of(data)[:2]}/{hash_of(data)}"]


def test_after_the_submission_only_bytes_that_a_photo_waits_for_are_welcome(an):
    visit = id_of("submitted")
    refused = an.put(visit, picture(seed=55))
    assert (refused.status_code, refused.json["problem"]) == (403, "forbidden")


@pytest.mark.parametrize("rot", [b"", picture(seed=57)[:-1] + b"?"], ids=["cut", "one byte"])
def test_a_photo_that_rotted_on_the_disk_is_mended_by_sending_it_again(an, app, rot):
    data = picture(seed=57)
    sha256 = hash_of(data)
    assert an.put(DRAFT, data).status_code == 201
    (app.extensions["settings"].data / "blobs" / str(DRAFT) / sha256[:2] / sha256).write_bytes(rot)
    assert an.put(DRAFT, data).status_code == 200
    assert app.extensions["blobs"].get(str(DRAFT), sha256) == data


@pytest.mark.parametrize("rot", [b"", picture(seed=57)[:-1] + b"?"], ids=["cut", "one byte"])
def test_a_photo_that_rotted_is_not_claimed_to_be_here_and_its_pieces_mend_it(an, app, rot):
    data = picture(seed=57)
    sha256 = hash_of(data)
    assert an.put(DRAFT, data).status_code == 201 and an.head(address(sha256)).status_code == 200
    (app.extensions["settings"].data / "blobs" / str(DRAFT) / sha256[:2] / sha256).write_bytes(rot)
    told = an.head(address(sha256))
    assert (told.status_code, told.headers["Upload-Offset"]) == (404, "0"), "the tablet would drop its good copy"
    half = len(data) // 2
    for at, piece in ((0, data[:half]), (half, data[half:])):
        an.patch(address(sha256), data=piece, content_type="application/octet-stream",
                 headers=an.csrf | {"Upload-Offset": str(at), "Upload-Length": str(len(data))})
    assert an.head(address(sha256)).status_code == 200
    assert app.extensions["blobs"].get(str(DRAFT), sha256) == data


def test_of_a_photo_that_is_too_large_it_is_said_that_the_photo_is(an):
    done = an.put(DRAFT, bytes(25 * 1024 * 1024 + 2))
    assert done.status_code == 413 and done.json["message"].startswith("Ảnh lớn quá mức cho phép")
