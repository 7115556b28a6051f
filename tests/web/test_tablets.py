"""Announced, not received: what a tablet says it holds, what the server has, and that both tell the same numbers."""

from base64 import b64decode
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from audit_app.records import tablets
from audit_app.records.models import Tablet
from tests.factories import answer, hash_of, id_of, photo, picture
from tests.web.visitor import items_of

DRAFT = id_of("draft")
DEVICE = "5f0c8a1e-7b52-4d3c-9a46-0e1b2c3d4e5f"


def announcement(**unsent) -> dict:
    return {"device": DEVICE, "name": "Máy tính bảng 3", "clock_offset_ms": -90_000, "app_version": "abc",
            "unsent": {"answers": 0, "photos": 0, "originals": 0, **unsent}}  # fmt: skip


def announce(person, visit=DRAFT, **unsent):
    return person.post(f"/sync/inspections/{visit}/device", json=announcement(**unsent), headers=person.csrf)


def kept(database) -> list[Tablet]:
    with database.transaction(writing=False) as db:
        return tablets.of(db, DRAFT)


def test_the_office_learns_what_ans_tablet_still_holds_and_only_the_last_word_counts(an, database):
    for held in ({"answers": 12, "photos": 3, "originals": 40}, {"answers": 0, "photos": 0, "originals": 5}):
        assert announce(an, **held).status_code == 200
        line, = kept(database)
        assert (line.answers, line.photos, line.originals) == tuple(held.values())
        assert (line.name, line.user.name, line.clock_offset_ms) == ("Máy tính bảng 3", "an", -90_000)
    with database.transaction(writing=False) as db:
        assert tablets.waiting(db, [DRAFT, id_of("binhs")]) == {DRAFT: 5}


def test_two_people_on_one_tablet_do_not_hide_each_others_unsent_work(client_of, house, database):
    shared = house.plan("shared", team=["an", "binh"])
    announce(client_of("an"), shared, answers=7)
    announce(client_of("binh"), shared, answers=0)
    with database.transaction(writing=False) as db:
        assert {(line.user.name, line.answers) for line in tablets.of(db, shared)} == {("an", 7), ("binh", 0)}
        assert tablets.waiting(db, [shared]) == {shared: 7}


def test_who_hands_in_and_asks_learns_what_the_tablets_of_the_others_still_hold(client_of, house):
    shared = house.plan("held", team=["an", "binh"])
    an, binh = client_of("an"), client_of("binh")
    announce(an, shared, answers=7)
    announce(binh, shared, answers=3, originals=2)
    assert an.submit(shared, ask=True).json["missing"][-1] == {"kind": "tablet", "person": "Trần Quốc Bình", "rows": 3}
    assert an.submit(shared).json["missing"] == an.submit(shared, ask=True).json["missing"][:-1], "who asks not goes on"
    items = items_of(binh.whole(shared))
    assert not binh.rows(shared, answers=[answer(item) for item in items[:3]]).json["refused"]
    assert "tablet" not in {gap["kind"] for gap in an.submit(shared, ask=True).json["missing"]}


def test_what_came_in_after_the_announcement_is_counted_beside_it(an, database):
    announce(an, answers=2, photos=1)
    line, = kept(database)
    items = items_of(an.whole(DRAFT))
    rows = {"answers": [answer(items[0]), answer(items[1])], "photos": [photo(items[0]["id"], "a" * 64)],
            "remarks": [{"id": str(uuid4()), "kind": "proposal", "text": "x",
                         "written_at": "2026-11-20T08:00:00Z"}]}  # fmt: skip
    assert not an.rows(DRAFT, **rows).json["refused"]
    with database.transaction(writing=False) as db:
        assert tablets.arrived_since(db, line) == {"answers": 2, "others": 1, "photos": 1}


def test_the_tablet_is_told_what_is_here_down_to_the_original(an, chi, house):
    mine = house.plan("count")
    items = items_of(an.whole(mine))
    original, working = picture(seed=31, width=640, height=480), picture(seed=32)
    rows = [photo(items[0]["id"], hash_of(original), working=hash_of(working)), photo(items[1]["id"], "b" * 64)]
    assert not an.rows(mine, answers=[answer(items[0])], photos=rows).json["refused"]
    an.put(mine, working)
    said = announce(an, mine).json["received"]
    assert said == {"answers": 1, "items": len(items), "photos": 2, "pictures": 1,
                    "originals_missing": sorted([hash_of(original), "b" * 64]),
                    "missing": an.submit(mine).json["missing"][:len(items) - 1], "receipt": None}  # fmt: skip
    page = chi.get(f"/inspections/{mine}").text
    assert f"<b>1/{len(items)} câu</b>, <b>1/2 ảnh</b>, bản gốc <b>0/2</b>" in page, "the office reads the same figures"
    an.put(mine, original)
    assert announce(an, mine).json["received"]["originals_missing"] == ["b" * 64]


def test_a_tablet_may_still_speak_after_the_submission(an):
    assert announce(an, id_of("submitted"), originals=3).status_code == 200


def test_nobody_but_its_team_speaks_for_a_visit(client_of, chi):
    assert announce(client_of("binh")).status_code == 404
    told = announce(chi)
    assert (told.status_code, told.json["problem"]) == (403, "forbidden")


@pytest.mark.parametrize("change", [
    {"device": None}, {"device": "máy 3"}, {"unsent": None}, {"unsent": 7}, {"unsent": {"answers": -1}},
    {"unsent": {"photos": "ba"}}, {"unsent": {"originals": 10**9}}, {"clock_offset_ms": 10**18},
    {"clock_offset_ms": "x"}, {"clock_offset_ms": float("inf")}, {"app_version": "x" * 41}, {"app_version": "\ud800"},
    {"name": "a" * 121}, {"name": "a\x00"}, {"name": "\ud800"}, {"name": 5}])
def test_what_makes_no_sense_is_refused_by_name_and_nothing_is_kept(an, database, change):
    told = an.post(f"/sync/inspections/{DRAFT}/device", json={**announcement(), **change}, headers=an.csrf)
    assert (told.status_code, told.json["problem"]) == (422, "invalid") and told.json["message"]
    with database.transaction(writing=False) as db:
        assert db.scalar(select(func.count()).select_from(Tablet)) == 0


@pytest.mark.parametrize("clock", [-(10**13), 10**13])
def test_a_clock_that_is_centuries_off_is_kept_and_shown(an, database, clock):
    told = an.post(f"/sync/inspections/{DRAFT}/device", json={**announcement(), "clock_offset_ms": clock},
                   headers=an.csrf)
    assert told.status_code == 200 and kept(database)[0].clock_offset_ms == clock


# ── What the office sees of it ────────────────────────────────────────────────────────────────────
def words(person, address: str) -> str:
    return " ".join(person.get(address).text.split())


def test_the_office_reads_what_has_not_arrived(an, chi):
    visit = id_of("submitted")
    quiet = words(chi, f"/inspections/{visit}")
    assert "Còn chờ đoàn kiểm tra" not in quiet and "còn 5 mục trên máy tính bảng" not in words(chi, "/review")
    announce(an, visit, originals=5)
    told = words(chi, f"/inspections/{visit}")
    assert "Còn chờ đoàn kiểm tra" in told and "5 bản gốc chưa gửi" in told and "Máy tính bảng 3" in told
    assert "còn 5 mục trên máy tính bảng" in words(chi, "/review")
    announce(an, visit)
    assert "chưa gửi" not in words(chi, f"/inspections/{visit}") and "còn 5 mục" not in words(chi, "/review")


def test_the_office_reads_that_a_clock_is_wrong_and_that_originals_are_away(an, chi):
    item = items_of(an.whole(DRAFT))[0]["id"]
    an.rows(DRAFT, photos=[photo(item, "c" * 64)])
    told = announcement(originals=1) | {"clock_offset_ms": 7 * 60_000}
    an.post(f"/sync/inspections/{DRAFT}/device", json=told, headers=an.csrf)
    page = words(chi, f"/inspections/{DRAFT}")
    assert "đồng hồ của máy nhanh 7 phút" in page and f"Bản gốc chưa về máy chủ: {item} (1 ảnh)." in page


def test_the_office_reads_which_photos_stay_out_of_the_paper_and_what_the_lead_must_choose(an, chi, client_of, house):
    visit = house.plan("open questions", team=["an", "binh"])
    items = [item for item in items_of(an.whole(visit)) if item["kind"] == "a3"]
    row = photo(items[0]["id"], "d" * 64)
    an.rows(visit, answers=[answer(items[1], "dat") | {"seen": []}], photos=[row],
            markups=[{"id": str(uuid4()), "photo": row["id"], "private": True, "made_at": "2026-11-20T09:00:00Z"}])
    client_of("binh").rows(visit, answers=[answer(items[1], "khong_dat") | {"seen": []}])
    page = words(chi, f"/inspections/{visit}")
    assert f"sẽ không đưa vào văn bản: {items[0]['id']} (1 ảnh)." in page
    assert f"chờ đoàn chọn: {items[1]['id']}." in page


def test_a_tablet_gets_the_key_of_its_person_and_nobody_elses(an, client_of):
    def key(person, **headers):
        answer = person.get("/sync/hello", headers=headers)
        assert answer.headers["Cache-Control"] == "private, no-store"
        return answer.json.get("key")

    named, other = {"X-Audit-Device": DEVICE}, {"X-Audit-Device": str(uuid4())}
    mine = key(an, **named)
    assert len(b64decode(mine)) == 32 and key(client_of("an"), **named) == mine, "after signing in again it opens"
    assert len({mine, key(an, **other), key(client_of("binh"), **named)}) == 3
    assert key(an) is None


@pytest.mark.parametrize("said", ["", "x", DEVICE.upper(), DEVICE.replace("-", ""), f"{{{DEVICE}}}", DEVICE + "0", "²"])
def test_a_device_whose_name_is_none_gets_no_key(an, said):
    told = an.get("/sync/hello", headers={"X-Audit-Device": said.encode().decode("latin-1")})
    assert (told.status_code, told.json["problem"]) == (422, "invalid") and "key" not in told.json
