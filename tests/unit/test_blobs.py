"""Bytes are kept whole, once, and never given back damaged: in a folder, and in an S3 store."""

import hashlib
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from audit_app.media import blobs as door
from audit_app.media.blobs import Blobs
from audit_app.rules.problems import BlobDamaged, BlobMissing, HashMismatch, NoRoom, StoreAway

DATA = hashlib.shake_256(b"a photo").digest(900_000)  # the same on every worker: it names the tests
SHA = hashlib.sha256(DATA).hexdigest()
DRAWER = "5f0c1f4e-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def s3():
    moto = pytest.importorskip("moto.server", reason="needs moto of tests/requirements.txt")
    pytest.importorskip("flask_cors", reason="moto's server needs flask-cors")
    import boto3

    server = moto.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "an", "AWS_SECRET_ACCESS_KEY": "binh",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        client = boto3.client("s3", endpoint_url=settings["AWS_ENDPOINT_URL"], region_name="us-east-1")
        client.create_bucket(Bucket="evidence")
        yield client
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def blobs(request, tmp_path):
    if request.param == "folder":
        return Blobs.open(tmp_path / "blobs")
    request.getfixturevalue("s3")
    return Blobs.open(f"s3://evidence/{tmp_path.name}")


@pytest.fixture
def folder(tmp_path):
    return Blobs.open(str(tmp_path / "blobs")), tmp_path / "blobs"


def lying(root: Path) -> Path:
    """The one file in the store."""
    (file,) = [path for path in root.rglob("*") if path.is_file()]
    return file


def test_bytes_come_back_as_they_were(blobs):
    assert blobs.put(DRAWER, DATA) == SHA
    assert blobs.get(DRAWER, SHA) == DATA
    assert blobs.has(DRAWER, SHA) and blobs.size(DRAWER, SHA) == len(DATA)
    assert b"".join(blobs.stream(DRAWER, SHA)) == DATA


def test_nothing_at_all_can_be_kept(blobs):
    assert blobs.get(DRAWER, blobs.put(DRAWER, b"")) == b""


def test_twice_is_once(blobs, tmp_path):
    (tmp_path / "sent").write_bytes(DATA)
    for _ in range(2):
        assert blobs.put(DRAWER, DATA) == blobs.put_file(DRAWER, tmp_path / "sent", SHA) == SHA
    assert blobs.get(DRAWER, SHA) == DATA


def test_a_temporary_file_is_kept_and_left_alone(blobs, tmp_path):
    (tmp_path / "sent").write_bytes(DATA)
    assert blobs.put_file(DRAWER, tmp_path / "sent", SHA) == SHA
    assert blobs.get(DRAWER, SHA) == (tmp_path / "sent").read_bytes() == DATA


@pytest.mark.parametrize("before", [False, True], ids=["new", "already kept"])
def test_a_file_whose_hash_differs_is_refused_and_leaves_nothing_behind(blobs, tmp_path, before):
    if before:
        blobs.put(DRAWER, DATA)
    (tmp_path / "sent").write_bytes(DATA[:-1] + b"?")
    with pytest.raises(HashMismatch):
        blobs.put_file(DRAWER, tmp_path / "sent", SHA)
    assert blobs.has(DRAWER, SHA) is before


def test_what_is_not_there_is_missing(blobs):
    with pytest.raises(BlobMissing):
        blobs.get(DRAWER, SHA)
    with pytest.raises(BlobMissing):
        blobs.stream(DRAWER, SHA)
    with pytest.raises(BlobMissing):
        blobs.size(DRAWER, SHA)
    assert not blobs.has(DRAWER, SHA)


def test_one_inspection_does_not_see_into_the_drawer_of_another(blobs):
    blobs.put(DRAWER, DATA)
    assert not blobs.has("5f0c1f4e-0000-4000-8000-000000000002", SHA)


def test_of_many_names_those_that_are_held_are_found_without_asking_for_every_one(blobs, monkeypatch):
    held = {blobs.put(DRAWER, bytes([number])) for number in range(4)}
    elsewhere = blobs.put("another-drawer", b"elsewhere")
    assert blobs.held(DRAWER, [elsewhere, *list(held)[:2]]) == set(list(held)[:2])
    monkeypatch.setattr("obstore.head", lambda *_: pytest.fail("one question for each"))
    assert blobs.held(DRAWER, [elsewhere, SHA, *held]) == held
    assert blobs.held(DRAWER, ()) == frozenset()


@pytest.mark.parametrize("drawer, sha256", [
    ("..", SHA), ("a/b", SHA), ("", SHA), ("/etc", SHA), ("a\0", SHA), ("-x", SHA),
    (DRAWER, "../../secret"), (DRAWER, SHA.upper()), (DRAWER, SHA[:-1]), (DRAWER, SHA + "/x"), (DRAWER, ""),
])
def test_a_name_that_is_no_name_reaches_nothing(blobs, drawer, sha256):
    with pytest.raises(BlobMissing):
        blobs.get(drawer, sha256)
    with pytest.raises(BlobMissing):
        blobs.has(drawer, sha256)


def test_a_store_that_answers_is_healthy(blobs):
    assert blobs.healthy() is True


def test_a_bucket_that_does_not_answer_is_not_healthy(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "binh")
    assert Blobs.open("s3://evidence/x").healthy() is False


def test_a_bucket_that_does_not_answer_is_away_and_tells_nobody_its_address(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "binh")
    blobs = Blobs.open("s3://evidence/x")
    for ask in (lambda: blobs.has(DRAWER, SHA), lambda: blobs.put(DRAWER, DATA), lambda: blobs.get(DRAWER, SHA)):
        with pytest.raises(StoreAway) as told:
            ask()
        assert "127.0.0.1" not in told.value.message


def test_a_bucket_of_that_name_must_exist_to_be_healthy(s3):
    assert Blobs.open("s3://no-such-bucket/x").healthy() is False


def test_evidence_does_not_cross_a_network_in_the_clear(monkeypatch, caplog):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://store.example")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "binh")
    with pytest.raises(StoreAway), caplog.at_level("ERROR"):
        Blobs.open("s3://evidence/x").put(DRAWER, DATA)
    assert "BadScheme" in caplog.text


def test_a_folder_that_cannot_be_written_is_not_healthy(tmp_path):
    (tmp_path / "a file").write_text("x")
    assert Blobs.open(tmp_path / "a file" / "blobs").healthy() is False


@pytest.mark.parametrize("at", [0, 1, 450_000, 899_999])
def test_one_flipped_byte_is_noticed_before_the_end(folder, at):
    blobs, root = folder
    blobs.put(DRAWER, DATA)
    rotten = bytearray(DATA)
    rotten[at] ^= 1
    lying(root).write_bytes(rotten)
    given = 0
    with pytest.raises(BlobDamaged):
        for piece in blobs.stream(DRAWER, SHA):
            given += len(piece)
    assert given < len(DATA)


def test_a_rotten_blob_in_a_bucket_is_noticed(s3):
    blobs = Blobs.open("s3://evidence/rot")
    blobs.put(DRAWER, DATA)
    s3.put_object(Bucket="evidence", Key=f"rot/{DRAWER}/{SHA[:2]}/{SHA}", Body=DATA[:-1])
    with pytest.raises(BlobDamaged):
        blobs.get(DRAWER, SHA)


def test_a_rotten_blob_is_mended_when_the_tablet_sends_it_again(folder, tmp_path):
    blobs, root = folder
    (tmp_path / "sent").write_bytes(DATA)
    blobs.put(DRAWER, DATA)
    lying(root).write_bytes(b"rot")
    blobs.put_file(DRAWER, tmp_path / "sent", SHA)
    assert blobs.get(DRAWER, SHA) == DATA


def test_the_bytes_and_the_entries_of_every_folder_are_synced_before_a_receipt(folder, monkeypatch):
    blobs, root = folder
    synced = []
    real = os.fsync

    def watched(handle):
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(door.os, "fsync", watched)
    blobs.put(DRAWER, DATA)
    first, *entries = synced
    assert first.name.endswith(".partial") and first.parent == lying(root).parent  # bytes before the rename
    shelf = lying(root).parent
    assert entries == [shelf, shelf.parent, root, root.parent]
    synced.clear()
    blobs.put(DRAWER, DATA)  # the same again: whoever wrote it first may not have come to the folder yet
    assert synced == [shelf]


def test_a_full_disk_is_said_and_nothing_half_written_stays(folder, monkeypatch):
    blobs, root = folder

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(door.os, "fsync", full)
    with pytest.raises(NoRoom):
        blobs.put(DRAWER, DATA)
    assert not [path for path in root.rglob("*") if path.is_file()]


def test_a_bucket_that_is_not_there_yet_is_a_store_that_is_away(s3):
    """Somebody makes it, or corrects its name; until then nothing is taken for lost."""
    blobs = Blobs.open("s3://no-such-bucket/x")
    with pytest.raises(StoreAway):
        blobs.put(DRAWER, DATA)
    with pytest.raises(StoreAway):
        blobs.held(DRAWER, [f"{number:064x}" for number in range(9)])
    with pytest.raises(StoreAway):
        blobs.get(DRAWER, SHA)


def test_the_room_left_is_known_before_bytes_are_taken_in(folder):
    assert folder[0].room() > 0
    assert Blobs.open("s3://evidence/x").room() is None


def test_what_a_crash_left_behind_is_swept_and_evidence_is_not(folder):
    blobs, root = folder
    blobs.put(DRAWER, DATA)
    shelf = lying(root).parent
    for name, age in ((".old.partial", 3 * 86_400), (".new.partial", 60)):
        (shelf / name).write_bytes(b"half")
        moment = (shelf / name).stat().st_mtime - age
        os.utime(shelf / name, (moment, moment))
    os.utime(shelf / SHA, (0, 0))
    assert blobs.sweep(timedelta(days=1)) == 1
    assert {path.name for path in shelf.iterdir()} == {SHA, ".new.partial"}


def test_many_tablets_sending_the_same_photo_at_once_keep_one(folder):
    blobs, root = folder
    found = []
    senders = [threading.Thread(target=lambda: found.append(blobs.put(DRAWER, DATA))) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert found == [SHA] * 8 and lying(root).read_bytes() == DATA


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_forked_after_the_bucket_was_used_is_told_and_does_not_hang(s3):
    blobs = Blobs.open("s3://evidence/fork")
    blobs.put(DRAWER, DATA)
    child = os.fork()
    if child == 0:
        try:
            blobs.get(DRAWER, SHA)
        except RuntimeError:
            os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
