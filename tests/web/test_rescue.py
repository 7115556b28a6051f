"""The rescue package: what a tablet could not send comes in by hand, once; whatever is no package is turned away."""

import json
import zipfile
from hashlib import sha256
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from audit_app import cli
from audit_app.actions import rescue
from audit_app.media import packages
from audit_app.media.packages import PackageFlaw
from audit_app.records.db import Base
from audit_app.records.evidence import Answer, Event, Photo
from audit_app.records.models import User
from tests.factories import RETURNED_ITEM, answer, hash_of, id_of, photo, picture
from tests.unit.test_closing import meeting, signature
from tests.web.test_cli import house as terminal  # noqa: F401 (a fixture)
from tests.web.test_cli import nothing_stays_open  # noqa: F401 (a fixture)
from tests.web.visitor import items_of

DRAFT = id_of("draft")
ORIGINAL, WORKING = picture(seed=71, width=640, height=480), picture(seed=72)


def manifest(author, members: dict[str, bytes], **changed) -> dict:
    return {"format": "rescue/1", "api": 2, "app_version": "abc", "made_at": "2026-11-20T17:00:00+07:00",
            "inspection": str(DRAFT), "user": str(author), **changed,
            "files": changed.get("files", {name: sha256(data).hexdigest() for name, data in members.items()})}


def zipped(members: dict[str, bytes], *, how=zipfile.ZIP_STORED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", how) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def author(database):
    with database.transaction(writing=False) as db:
        return db.scalar(select(User.id).where(User.name == "an"))


@pytest.fixture
def batch(an) -> dict:
    """A morning without a network: an answer, a photo with both its files, a refusal with its witness."""
    held, item = meeting(), items_of(an.whole(DRAFT))[0]
    return {
        "answers": [answer(item, note="từ gói dự phòng") | {"seen": []}],
        "photos": [photo(RETURNED_ITEM, hash_of(ORIGINAL), working=hash_of(WORKING))], "meetings": [held],
        "signatures": [signature(meeting=held["id"], refused=True, strokes=[], reason="Không ký"),
                       signature(meeting=held["id"], role="witness")],
    }  # fmt: skip


@pytest.fixture
def pack(tmp_path, author):
    """Writes a package and returns its path."""
    def packed(batch, photos=(ORIGINAL, WORKING), *, how=zipfile.ZIP_STORED, extra=(), **changed):
        members = {"rows.json": json.dumps(batch).encode(),
                   **{f"photos/{hash_of(data)}.jpg": data for data in photos}, **dict(extra)}
        told = {"manifest.json": json.dumps(manifest(author, members, **changed)).encode()}
        path = tmp_path / "goi.zip"
        path.write_bytes(zipped(told | members, how=how))
        return path

    return packed


def everything(database) -> dict[str, int]:
    with database.transaction(writing=False) as db:
        return {name: db.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()
                if name not in ("signed_in", "sign_in_try")}  # fmt: skip


def test_what_was_on_the_tablet_is_in_the_house_under_its_author(an, tools, database, pack, batch):
    done = rescue.bring_in(tools, pack(batch))
    assert (done.kept, done.again, done.photos, done.photos_again, done.refused) == (5, 0, 2, 0, [])
    rows = an.whole(DRAFT)["rows"]
    assert next(row["author"] for row in rows["answers"] if row["note"] == "từ gói dự phòng") == "Nguyễn Thị Hoài An"
    for data in (ORIGINAL, WORKING):
        assert tools.blobs.get(str(DRAFT), hash_of(data)) == data
    with database.transaction(writing=False) as db:
        event = db.scalar(select(Event).where(Event.name == "inspection.imported"))
        assert event.inspection_id == DRAFT and (event.details["rows"], event.details["photos"]) == (5, 2)
    assert {row["role"] for row in rows["signatures"]} == {"agency", "witness"}


def test_twice_is_once(tools, database, pack, batch):
    rescue.bring_in(tools, pack(batch))
    before = everything(database)
    done = rescue.bring_in(tools, pack(batch))
    assert (done.kept, done.again, done.photos, done.photos_again, done.refused) == (0, 5, 0, 2, [])
    assert everything(database) == before


def test_when_the_tablet_finds_its_network_again_nothing_changes(an, tools, database, pack, batch):
    rescue.bring_in(tools, pack(batch))
    before = everything(database)
    told = an.rows(DRAFT, **batch).json
    assert told["refused"] == [] and len(told["kept"]) == 5
    assert an.put(DRAFT, ORIGINAL).status_code == an.put(DRAFT, WORKING).status_code == 200
    assert everything(database) == before


def test_what_the_tablet_had_sent_already_is_only_counted(an, tools, pack, batch):
    an.rows(DRAFT, answers=batch["answers"])
    an.put(DRAFT, WORKING)
    done = rescue.bring_in(tools, pack(batch))
    assert (done.kept, done.again, done.photos, done.photos_again) == (4, 1, 1, 1)


def test_a_bad_row_and_a_bad_photo_take_nothing_else_with_them(tools, pack, batch):
    batch["answers"] += [{"id": str(uuid4()), "item": "ZZ99", "answered_at": "2026-11-20T09:00:00Z"}, 7]
    done = rescue.bring_in(tools, pack(batch, photos=(ORIGINAL, b"no photo")))
    assert (done.kept, done.photos) == (5, 1)
    assert [line["problem"] for line in done.refused] == ["invalid"] * 3
    assert done.refused[2]["id"] == f"photo {hash_of(b'no photo')}" and all(line["message"] for line in done.refused)


def test_after_the_submission_only_photos_that_are_waited_for_come_in(tools, pack, batch, database):
    visit = id_of("submitted")
    with database.transaction(writing=False) as db:
        waiting = db.scalar(select(Photo.sha256).where(Photo.inspection_id == visit))
    done = rescue.bring_in(tools, pack(batch, inspection=str(visit)))
    assert done.kept == done.photos == 0 and {line["problem"] for line in done.refused} >= {"forbidden"}
    assert tools.blobs.has(str(visit), waiting)


def test_five_thousand_rows_come_in_portions(tools, database, pack, an):
    item = items_of(an.whole(DRAFT))[0]
    done = rescue.bring_in(tools, pack({"answers": [answer(item, note=str(n)) for n in range(4_100)]}, photos=()))
    assert done.kept == 4_100 and not done.refused


# ── What is turned away ───────────────────────────────────────────────────────────────────────────
def flaws() -> list:
    """(name, what pack() is told, a word of the sentence)"""
    nobody, bomb = str(uuid4()), b"\0" * 20_000_000
    far = {f"photos/{sha256(bomb).hexdigest()}.png": bomb}
    return [
        ("another inspection", {"inspection": nobody}, "not in this house"),
        ("no inspection", {"inspection": 7}, "which inspection"),
        ("another person", {"user": nobody}, "not on the team"), ("nobody", {"user": None}, "which user"),
        ("another format", {"format": "rescue/9"}, "format"), ("a newer app", {"api": 4}, "version"),
        ("no list", {"files": None}, "hashes"), ("a file left out", {"files": {}}, "not in the manifest"),
        ("another hash", {"files": {"rows.json": "0" * 64}, "photos": ()}, "hash"),
        ("a way out", {"extra": [("../../etc/cron.d/x", b"x")]}, "no tablet writes"),
        ("an absolute way", {"extra": [("/etc/passwd", b"x")]}, "no tablet writes"),
        ("a windows way", {"extra": [("photos\\..\\x.jpg", b"x")]}, "no tablet writes"),
        ("a script", {"extra": [("photos/run.sh", b"x")]}, "no tablet writes"),
        ("a photo under a wrong hash", {"extra": [(f"photos/{'0' * 64}.jpg", b"x")]}, "hash"),
        ("a bomb", {"extra": [*far.items(), *((f"photos/{n:064x}.png", bomb) for n in range(4))],
                    "how": zipfile.ZIP_DEFLATED}, "unpacks to far more"),
        ("a photo past the limit", {"extra": [(f"photos/{'1' * 64}.jpg", b"\0" * (packages.LARGEST_FILE + 1))],
                                    "how": zipfile.ZIP_DEFLATED}, "larger"),
    ]  # fmt: skip


@pytest.mark.parametrize(("told", "word"), [flaw[1:] for flaw in flaws()], ids=[flaw[0] for flaw in flaws()])
def test_what_no_tablet_made_is_turned_away_whole(tools, database, pack, batch, told, word):
    before = everything(database)
    with pytest.raises(PackageFlaw, match=word):
        rescue.bring_in(tools, pack(batch, **told))
    assert everything(database) == before and not tools.blobs.has(str(DRAFT), hash_of(ORIGINAL))


@pytest.mark.parametrize("rows", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"answers": 7}'])
def test_rows_that_cannot_be_read_are_turned_away(tools, tmp_path, author, rows):
    path = tmp_path / "goi.zip"
    path.write_bytes(zipped({"manifest.json": json.dumps(manifest(author, {"rows.json": rows})).encode(),
                             "rows.json": rows}))
    with pytest.raises(PackageFlaw, match=r"rows\.json"):
        rescue.bring_in(tools, path)


def test_a_file_that_stands_there_twice_is_turned_away(tools, tmp_path, author, batch):
    rows = json.dumps(batch).encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("manifest.json", json.dumps(manifest(author, {"rows.json": rows})))
        packed.writestr("rows.json", rows)
        packed.writestr("rows.json", b"{}")
    (tmp_path / "goi.zip").write_bytes(out.getvalue())
    with pytest.raises(PackageFlaw, match="two files of one name"):
        rescue.bring_in(tools, tmp_path / "goi.zip")


@pytest.mark.parametrize("where", [0.02, 0.3, 0.6, 0.97])
def test_one_bit_turned_anywhere_is_found(tools, database, pack, batch, where):
    path, before = pack(batch), everything(database)
    data = bytearray(path.read_bytes())
    data[int(len(data) * where)] ^= 4
    path.write_bytes(data)
    with pytest.raises(PackageFlaw):
        rescue.bring_in(tools, path)
    assert everything(database) == before


@pytest.mark.parametrize("cut", [0, 10, 0.5, 0.99])
def test_a_package_that_is_not_whole_is_turned_away(tools, pack, batch, cut):
    path = pack(batch)
    data = path.read_bytes()
    path.write_bytes(data[:int(len(data) * cut) if cut < 1 else cut])
    with pytest.raises(PackageFlaw, match="no zip file"):
        rescue.bring_in(tools, path)


# ── At the terminal ───────────────────────────────────────────────────────────────────────────────
def test_the_command_says_what_became_of_it(terminal, pack, batch, capsys, database):  # noqa: F811
    path = pack(batch)
    assert cli.main(["inspections", "import", str(path)]) == 0
    assert "rows: 5 kept, 0 already there; photos: 2 kept, 0 already there; refused: 0" in capsys.readouterr().out
    assert cli.main(["inspections", "import", str(path)]) == 0
    assert "rows: 0 kept, 5 already there; photos: 0 kept, 2 already there" in capsys.readouterr().out
    with database.transaction(writing=False) as db:
        assert db.scalar(select(func.count()).select_from(Answer).where(Answer.note == "từ gói dự phòng")) == 1


def test_the_command_ends_with_1_and_one_sentence_when_something_was_refused_or_is_no_package(
        terminal, pack, batch, capsys, tmp_path):  # noqa: F811
    bad = {"id": str(uuid4()), "item": "ZZ99", "answered_at": "2026-11-20T09:00:00Z"}
    assert cli.main(["inspections", "import", str(pack({"answers": [*batch["answers"], bad]}, photos=()))]) == 1
    shown = capsys.readouterr()
    assert f"{bad['id']}: invalid: " in shown.err and "1 rows or photos were refused" in shown.err
    assert "rows: 1 kept" in shown.out
    (tmp_path / "x.zip").write_bytes(b"no zip")
    for name, word in (("x.zip", "no zip file"), ("y.zip", "no file")):
        assert cli.main(["inspections", "import", str(tmp_path / name)]) == 1
        assert word in capsys.readouterr().err
