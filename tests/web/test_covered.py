"""No blur is ever lost: not to a colleague who never saw it, not to a clock, not to a late line, not to a twin."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from audit_app.actions import issue, jobs
from audit_app.records import queries
from audit_app.records.evidence import Derivative, Event, Markup, Photo
from audit_app.records.models import Inspection, User
from audit_app.rules.markups import covers
from audit_app.rules.problems import BlobMissing
from tests.factories import RETURNED_ITEM, Scene, hash_of, id_of, photo, picture
from tests.web.visitor import items_of

VISIT, SHOT, COPY = id_of("covered"), picture(seed=91), picture(seed=92)
BLUR = {"kind": "blur", "points": [[0.1, 0.1], [0.6, 0.5]], "text": "", "colour": "#d32f2f"}
ARROW = {"kind": "arrow", "points": [[0.9, 0.9], [0.7, 0.7]], "text": "", "colour": "#d32f2f"}
SPECK = BLUR | {"points": [[0.1, 0.1], [0.1, 0.1]]}


def drawn(photo_id: str, *shapes, private: bool = False, **more) -> dict:
    return {"id": str(uuid4()), "photo": photo_id, "shapes": list(shapes), "private": private,
            "made_at": "2026-11-20T09:00:00+07:00", **more}  # fmt: skip


@pytest.fixture
def acts(house):
    """Let the visit be played on: acts("submit"), acts("approve") …"""
    def play(*names: str) -> None:
        with house.tools.database.transaction() as db:
            scene = Scene(house, db, "covered", db.scalar(select(User).where(User.name == "an")))
            for name in names:
                getattr(scene, name)()
    return play


@pytest.fixture
def taken(an, house, acts) -> str:
    """A visit of An and Bình with everything answered, and the id of a photo."""
    house.plan("covered", team=("an", "binh"))
    acts("capture")
    an.put(VISIT, SHOT)
    row = photo(RETURNED_ITEM, hash_of(SHOT))
    assert not an.rows(VISIT, photos=[row]).json["refused"]
    return row["id"]


def stands(person, photo_id: str) -> tuple[list, bool]:
    """Kinds of the shapes that stand on a photo, as its team is told, and whether it is private."""
    row = next((row for row in person.whole(VISIT)["rows"]["markups"] if row["photo"] == photo_id), None)
    return (sorted(shape["kind"] for shape in row["shapes"]), row["private"]) if row else ([], False)


def send(person, *rows) -> list[dict]:
    return person.rows(VISIT, markups=list(rows)).json["refused"]


# ── Who knew what ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("told", [{"seen": []}, {}])
def test_a_colleague_who_never_saw_the_blur_does_not_take_it_away(an, client_of, taken, told):
    send(an, drawn(taken, BLUR, private=True, seen=[]))
    assert not send(client_of("binh"), drawn(taken, ARROW, **told))
    assert stands(an, taken) == (["arrow", "blur"], True)


def test_whoever_knew_of_the_blur_may_take_it_away(an, client_of, taken):
    first = drawn(taken, BLUR, private=True, seen=[])
    send(an, first)
    send(client_of("binh"), drawn(taken, ARROW, seen=[first["id"]]))
    assert stands(an, taken) == (["arrow"], False)


def test_whoever_knew_of_a_drawing_knew_those_it_took_the_place_of(an, client_of, taken):
    first = drawn(taken, ARROW, seen=[])
    second = drawn(taken, BLUR, seen=[first["id"]])
    send(an, first)
    send(client_of("binh"), second)
    send(an, drawn(taken, seen=[second["id"]]))
    assert stands(an, taken) == ([], False)
    told = next(row for row in an.whole(VISIT)["rows"]["markups"] if row["photo"] == taken)
    assert {first["id"], second["id"]} <= set(told["seen"]), "so that a tablet that knew only the first is told"


def test_an_older_drawing_that_comes_later_stays_replaced(an, taken):
    old, new = drawn(taken, ARROW, seen=[]), drawn(taken, BLUR, private=True)
    new["seen"] = [old["id"]]
    send(an, new)
    send(an, old)
    assert stands(an, taken) == (["blur"], True)
    for _ in range(2):
        assert not send(an, old, new), "sent again nothing changes"
    assert stands(an, taken) == (["blur"], True)


@pytest.mark.parametrize(("hours", "stand"), [((9, 10), ["blur"]), ((11, 10), ["arrow", "blur"])])
def test_a_tablet_that_does_not_say_replaces_its_own_where_order_and_clock_agree(an, taken, hours, stand):
    first, then = (f"2026-11-20T{hour:02}:00:00+07:00" for hour in hours)
    send(an, drawn(taken, ARROW) | {"made_at": first})
    send(an, drawn(taken, BLUR) | {"made_at": then})
    assert stands(an, taken) == (stand, False)


def test_rows_that_name_each_other_lose_nothing(an, taken):
    one, other = drawn(taken, ARROW), drawn(taken, BLUR, private=True)
    one["seen"], other["seen"] = [other["id"]], [one["id"], other["id"]]
    send(an, one, other)
    assert stands(an, taken) == (["arrow", "blur"], True)


# ── The same picture twice ────────────────────────────────────────────────────────────────────────
def test_what_is_covered_at_one_item_is_covered_at_every_other(an, taken):
    other = next(item["id"] for item in items_of(an.whole(VISIT)) if item["id"] != RETURNED_ITEM)
    twin, late = photo(other, hash_of(SHOT)), photo(other, hash_of(SHOT))
    an.rows(VISIT, photos=[twin], markups=[drawn(twin["id"], ARROW, seen=[])])
    send(an, drawn(taken, BLUR, ARROW, private=True, seen=[]))
    an.rows(VISIT, photos=[late])
    assert stands(an, twin["id"]) == (["arrow", "blur"], True)
    assert stands(an, late["id"]) == (["blur"], True)


def test_a_speck_covers_nobody(an, taken, database):
    send(an, drawn(taken, SPECK, private=True, seen=[]))
    with database.transaction(writing=False) as db:
        assert covers(queries.markups(db, VISIT)[db.scalar(
            select(Photo.id).where(Photo.sha256 == hash_of(SHOT)))].shapes) == []


# ── What comes late ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", ["submitted", "approved", "returned"])
def test_a_blur_that_comes_late_is_taken_and_nothing_else_is(an, taken, acts, database, state):
    if state == "returned":  # the item with the photo stays shut
        other = next(item["id"] for item in items_of(an.whole(VISIT)) if item["id"] != RETURNED_ITEM)
        row = photo(other, hash_of(COPY))
        an.put(VISIT, COPY)
        an.rows(VISIT, photos=[row])
        taken = row["id"]
    acts("submit", *{"submitted": [], "approved": ["approve"], "returned": ["send_back"]}[state])
    assert send(an, drawn(taken, ARROW, seen=[]))[0]["problem"] == "forbidden"
    first = drawn(taken, BLUR, private=True, seen=[])
    assert not send(an, first)
    assert send(an, drawn(taken, seen=[first["id"]]))[0]["problem"] == "forbidden", "and it is not taken away again"
    assert stands(an, taken) == (["blur"], True)
    with database.transaction(writing=False) as db:
        event = db.scalar(select(Event).where(Event.inspection_id == VISIT, Event.name == "photo.covered"))
        assert len(event.details["items"]) == 1


def test_a_paper_that_was_made_before_the_last_blur_is_made_again(an, taken, acts, tools, house, monkeypatch):
    acts("submit", "approve")
    made = []

    def printed(*args):
        if not made:
            assert not send(an, drawn(taken, BLUR, private=True, seen=[]))
        made.append(args[1])
        return b"%PDF-1.7\n%%EOF\n"

    monkeypatch.setattr(issue, "print_notice", printed)
    for _ in range(2):
        for job in house._jobs("issue_findings", "queued"):
            jobs.run(tools, job)
    with tools.database.transaction(writing=False) as db:
        assert db.get(Inspection, VISIT).state == "issued"
        standing = queries.markup_of(db, db.scalar(select(Photo).where(Photo.sha256 == hash_of(SHOT))))
        redacted = issue.pictures.find(db, db.get(Photo, standing.photo_id), issue.pictures.PRINT).sha256
    before, after = (next(line["print"] for line in told["photos"] if line["sha256"] == hash_of(SHOT)) for told in made)
    assert before != redacted and after == redacted


def test_a_blur_that_comes_while_pictures_are_made_holds_the_paper_up_for_a_moment_only(an, taken, acts, tools, house):
    acts("submit", "approve")
    job, = house._jobs("issue_findings", "queued")
    with tools.database.transaction() as db:
        db.execute(delete(Derivative).where(Derivative.source == hash_of(SHOT)))
        row = jobs.claim(db, job)
    with pytest.raises(issue.PrintedTooEarly):
        issue.issue_findings(tools, row, lambda done: send(an, drawn(taken, BLUR, private=True, seen=[])))


# ── Drawn on the working copy ─────────────────────────────────────────────────────────────────────
def test_a_blur_drawn_on_the_working_copy_waits_for_it(an, taken, tools, database, house):
    row = photo(RETURNED_ITEM, hash_of(picture(seed=93)), working=hash_of(COPY))
    an.put(VISIT, picture(seed=93))
    an.rows(VISIT, photos=[row], markups=[drawn(row["id"], BLUR, private=True, seen=[])])
    with database.transaction(writing=False) as db:
        markup = db.scalar(select(Markup.id).where(Markup.photo_id == Photo.id, Photo.working == hash_of(COPY)))
    with pytest.raises(BlobMissing):
        issue.redaction.make(tools, markup)
    told = an.submit(VISIT)
    assert {"kind": "bytes", "item": RETURNED_ITEM, "sha256": row["sha256"]} in told.json["missing"]
    an.put(VISIT, COPY)
    assert house._jobs("redact", "queued") and an.submit(VISIT).status_code == 201


def test_before_approving_the_office_learns_that_a_tablet_still_holds_something(an, chi, taken, acts):
    acts("submit")
    assert "chưa gửi" not in chi.get(f"/inspections/{VISIT}/approval").text
    unsent = {"answers": 0, "others": 1, "photos": 0, "originals": 4}
    announced = {"device": str(uuid4()), "name": "Máy 3", "unsent": unsent, "app_version": "abc"}
    assert an.post(f"/sync/inspections/{VISIT}/device", json=announced, headers=an.csrf).status_code == 200
    assert "(Máy 3) báo còn 1 dòng chưa gửi" in chi.get(f"/inspections/{VISIT}/approval").text
    send(an, drawn(taken, BLUR, private=True, seen=[]))
    assert "chưa gửi" not in chi.get(f"/inspections/{VISIT}/approval").text
