"""Photos on papers: numbered in the order of their taking, and as many in the minutes as in the notice and inside."""

from datetime import timedelta
from uuid import uuid4

import pytest

from audit_app.actions import jobs, minutes
from audit_app.records.db import now
from audit_app.records.models import Inspection
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
