"""Photos on papers: numbered in the order of their taking, and as many in the minutes as in the notice and inside."""

import json
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from audit_app.actions import issue, jobs, minutes
from audit_app.actions.capture import photos_of
from audit_app.records import queries
from audit_app.records.db import now
from audit_app.records.models import Inspection
from audit_app.records.work import Job
from audit_app.rules.problems import BlobMissing
from tests.factories import RETURNED_ITEM, Scene, hash_of, id_of, photo, picture
from tests.unit.test_closing import meeting
from tests.web.test_closing import snapshot
from tests.web.test_minutes import play

VISIT, SHOT = id_of("draft"), picture(seed=43)


@pytest.fixture
def frozen(an, house, tools):
    """What the notice says, once the visit was handed in and approved."""
    def of() -> dict:
        assert an.submit(VISIT).status_code == 201
        play(house, Scene.approve)
        for id in house._jobs("shrink", "queued"):
            jobs.run(tools, id)
        return snapshot(tools, VISIT)
    return of


def test_photos_of_an_item_are_numbered_in_the_order_of_their_taking_whenever_they_came(an, frozen):
    old = an.whole(VISIT)["rows"]["photos"][0]
    for hours in (1, 3, 2):
        shot = photo(old["item"], old["sha256"], taken_at=(now() - timedelta(hours=hours)).isoformat())
        assert an.rows(VISIT, photos=[shot]).json["refused"] == []
    told = frozen()
    mine = [one for one in told["photos"] if one["item"] == old["item"]]
    assert len(mine) == 4 and mine == sorted(mine, key=lambda one: one["taken_at"])
    row = next(row for part in told["sections"] for row in part["items"] if row["id"] == old["item"])
    assert row["photos"] == [one["number"] for one in mine]


def test_the_minutes_say_how_many_of_their_photos_the_notice_will_not_show(an, frozen, tools):
    an.put(VISIT, SHOT)
    shot = photo(RETURNED_ITEM, hash_of(SHOT))
    hidden = {"id": str(uuid4()), "photo": shot["id"], "shapes": [], "private": True, "made_at": now().isoformat()}
    assert an.rows(VISIT, meetings=[meeting()], photos=[shot], markups=[hidden]).json["refused"] == []
    told = frozen()
    with tools.database.transaction(writing=False) as db:
        short = minutes.gather(db, db.get(Inspection, VISIT), tools.catalogue)
    assert short["withheld_count"] == 1 and short["photo_count"] == len(told["photos"]) + 1
    page = tools.templates.get_template("papers/minutes.html").render(s=short)
    assert f"{short['photo_count']} ảnh minh chứng (trong đó 1 ảnh không công bố)." in page


# ── Photos that give no picture ───────────────────────────────────────────────────────────────────
@pytest.fixture
def printing(an, house, database):
    """Hand the visit in and approve it: the job that prints its notice."""
    def of() -> Job:
        assert an.submit(VISIT).status_code == 201
        play(house, Scene.approve)
        with database.transaction(writing=False) as db:
            return db.scalar(select(Job).where(Job.name == "issue_findings", Job.inspection_id == VISIT))
    return of


@pytest.fixture
def unreadable(an, tools) -> dict:
    """The row of a photo that an older house took in and that nobody can make smaller, blurred."""
    row = photo(RETURNED_ITEM, tools.blobs.put(str(VISIT), b"no picture any more"))
    blur = {"kind": "blur", "points": [[0.1, 0.1], [0.6, 0.5]], "text": "", "colour": "#d32f2f"}
    drawn = {"id": str(uuid4()), "photo": row["id"], "shapes": [blur], "private": True, "made_at": now().isoformat()}
    assert an.rows(VISIT, photos=[row], markups=[drawn]).json["refused"] == []
    return row


def test_a_photo_that_nobody_can_show_does_not_keep_the_agency_from_its_notice(unreadable, printing, tools, database):
    issue.issue_findings(tools, printing(), lambda done: None)
    with database.transaction(writing=False) as db:
        assert db.get(Inspection, VISIT).state == "issued"
        told = tools.blobs.get(str(VISIT), queries.newest_report(db, VISIT).snapshot)
    line = next(one for one in json.loads(told)["photos"] if one["id"] == unreadable["id"])
    assert line["sha256"] == unreadable["sha256"] and (line["print"], line["width"], line["height"]) == (None,) * 3
    page = tools.templates.get_template("papers/notice.html").render(s=json.loads(told), qr="")
    assert page.count("Không hiển thị được ảnh này; bản gốc được lưu trong hồ sơ kiểm tra.") == 1


def test_a_working_copy_that_gives_no_picture_is_shown_by_its_original(an, printing, tools, database):
    broken = tools.blobs.put(str(VISIT), b"no working copy any more")
    row = photo(RETURNED_ITEM, hash_of(SHOT), working=broken)
    an.put(VISIT, SHOT)
    assert an.rows(VISIT, photos=[row]).json["refused"] == []
    issue.issue_findings(tools, printing(), lambda done: None)
    with database.transaction(writing=False) as db:
        shown = issue.pictures.find(db, photos_of(db, VISIT, hash_of(SHOT))[0], issue.pictures.PRINT)
    assert shown.source == hash_of(SHOT)


def test_a_notice_waits_for_a_photo_of_which_nothing_is_here(printing, tools):
    job = printing()
    with pytest.raises(BlobMissing):
        issue.pictures.shrink_first(tools, job.inspection_id, (hash_of(SHOT),))


# ── A store that takes its time ───────────────────────────────────────────────────────────────────
@pytest.fixture
def asked(app, database, monkeypatch) -> list[str]:
    """What a store in a cloud is asked; it may be silent for a minute, and others must be able to write meanwhile."""
    blobs, asked = app.extensions["blobs"], []

    class Slow:
        def __init__(self, store):
            self.store = store

        def __getattr__(self, name):
            asked.append(name)
            with database.transaction() as db:  # another's turn
                db.execute(update(Inspection).where(Inspection.id == VISIT).values(planned_at="10:10"))
            return getattr(self.store, name)

    monkeypatch.setattr(blobs, "_store", Slow(blobs._store))
    return asked


def test_nobody_waits_for_a_turn_while_the_store_is_asked(an, asked):
    an.put(VISIT, SHOT)
    asked.clear()
    shot = photo(RETURNED_ITEM, hash_of(SHOT))
    old = an.whole(VISIT)["rows"]["photos"][0]
    drawn = {"id": str(uuid4()), "photo": old["id"], "private": False, "made_at": now().isoformat(),
             "shapes": [{"kind": "blur", "points": [[0.1, 0.1], [0.6, 0.5]], "text": "", "colour": "#d32f2f"}]}
    assert an.rows(VISIT, photos=[shot], markups=[drawn]).json["refused"] == []
    assert asked == ["held"]
    assert an.get(f"/inspections/{VISIT}/photos/{old['id']}/thumb").status_code == 200
    assert asked == ["held", "read"]


def test_nobody_waits_for_a_turn_while_a_photo_comes_with_a_plain_form(an, asked):
    said = {"item": RETURNED_ITEM, "value": "dat", "photo": (BytesIO(SHOT), "a.jpg")}
    assert an.post(f"/inspections/{VISIT}/answers", data=said, headers=an.csrf).status_code == 302
    assert asked[-1] == "held" and asked.count("held") == 1


@pytest.mark.parametrize("door", ["a tablet", "the plain form"])
def test_nobody_waits_for_a_turn_while_a_visit_is_handed_in(an, asked, door):
    original = photo(RETURNED_ITEM, "0" * 64, working=hash_of(SHOT))  # is still on the tablet
    an.put(VISIT, SHOT)
    an.rows(VISIT, photos=[original])
    asked.clear()
    if door == "a tablet":
        assert an.submit(VISIT).json["counts"]["originals_missing"] == ["0" * 64]
    else:
        assert an.send(f"/inspections/{VISIT}/capture", "/submission").status_code == 302
    assert asked == ["held"] and an.whole(VISIT)["inspection"]["state"] == "submitted"
