"""Whatever a broken tablet, a wrong clock or a stranger sends: each row gets its answer, and none is lost."""

import json
from uuid import UUID, uuid4

import pytest
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import IterUnreader
from sqlalchemy import event, func, select

from audit_app.records.evidence import Answer, Markup, Meeting, Parked, Signature
from audit_app.rules.rows import NOTE
from tests.factories import RETURNED_ITEM, answer, hash_of, id_of, photo, picture
from tests.unit.test_closing import meeting, signature
from tests.web.visitor import items_of

DRAFT = id_of("draft")
STAMP = "2026-11-20T08:41:00+07:00"
NASTY = [
    None, True, 0, -1, 7, 10**400, 1e300, float("nan"), float("inf"), "", "x", "\ud800", "a\x00b", "a" * 25_000, "²",
    "'; DROP TABLE answer; --", "{{ 7 * 7 }}", "../../etc/passwd", [], [None], [[]], [[[[]]]], [[[10**400, 1, 1, 0]]],
    {}, {"a": 1}, [{}], [{"kind": "blur", "points": [[0, 10**400], [1, 1]]}], "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", str(UUID(int=0)), "A" * 64,
]  # fmt: skip
"""Values that no field is waiting for, or that some library stumbles over."""


@pytest.fixture
def good(an, tools) -> dict[str, dict]:
    """One row of every kind, as it should be."""
    whole = an.whole(DRAFT)
    item = next(item for item in items_of(whole) if item["kind"] == "a3")
    held, photo_id = meeting(), whole["rows"]["photos"][0]["id"]
    assert not an.rows(DRAFT, meetings=[held]).json["refused"]
    return {
        "answers": answer(item) | {"choices": [], "seen": [], "number": None, "of": None},
        "photos": photo(RETURNED_ITEM, "a" * 64, working="b" * 64),
        "removals": {"id": str(uuid4()), "photo": photo_id, "reason": "mờ", "removed_at": STAMP},
        "equipment": {"id": str(uuid4()), "kind": tools.catalogue.equipment[0].id, "total": 4, "working": 3, "note": "",
                      "counted_at": STAMP},
        "remarks": {"id": str(uuid4()), "kind": "proposal", "text": "thêm bàn", "written_at": STAMP},
        "meetings": meeting(),
        "signatures": signature(meeting=held["id"]),
        "markups": {"id": str(uuid4()), "photo": photo_id, "private": False, "made_at": STAMP, "shapes": [
            {"kind": "text", "points": [[0.5, 0.5]], "text": "thiếu", "colour": "#d32f2f"}]},
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["answers", "photos", "removals", "equipment", "remarks", "meetings", "signatures",
                                  "markups"])
def test_every_field_may_hold_anything_and_every_row_gets_its_answer(an, good, kind):
    rows, pattern = [], good[kind]
    for field in [*pattern, "surprise"]:
        rows += [{**pattern, "id": str(uuid4()), field: value} for value in NASTY]
        rows.append({key: value for key, value in pattern.items() if key != field} | {"id": str(uuid4())})
    rows += NASTY
    neighbour = answer(next(iter(items_of(an.whole(DRAFT))))) | {"id": str(uuid4())}
    batch = {kind: rows} | ({"answers": [*rows, neighbour]} if kind == "answers" else {"answers": [neighbour]})
    told = an.rows(DRAFT, **batch)
    assert told.status_code == 200
    kept, refused = told.json["kept"], told.json["refused"]
    assert neighbour["id"] in kept and len(kept) + len(refused) == len(rows) + 1
    assert all(line["problem"] and line["message"] for line in refused)
    assert an.whole(DRAFT)["inspection"]["id"] == str(DRAFT), "and everything that was kept can be shown again"
    assert an.get(f"/inspections/{DRAFT}/capture").status_code == 200


@pytest.mark.parametrize(("kind", "change"), [
    ("meetings", {"opinion": "khác"}), ("signatures", {"digest": "b" * 64}), ("markups", {"private": True}),
    ("signatures", {"title": "Phó Chánh Văn phòng"}), ("photos", {"lat": 1.5}), ("removals", {"reason": "khác"})])
def test_a_row_that_says_something_else_the_second_time_is_a_conflict(an, good, kind, change):
    row = good[kind]
    for _ in range(2):
        assert an.rows(DRAFT, **{kind: [row]}).json == {"kept": [row["id"]], "refused": []}
    refused, = an.rows(DRAFT, **{kind: [row | change]}).json["refused"]
    assert (refused["id"], refused["problem"]) == (row["id"], "conflict")


@pytest.mark.parametrize("kind", ["meetings", "signatures", "markups"])
def test_a_row_of_another_visit_is_not_taken_twice_nor_told(an, client_of, good, kind):
    an.rows(DRAFT, **{kind: [good[kind]]})
    told = client_of("binh").rows(id_of("binhs"), **{kind: [good[kind]]})
    assert told.json["kept"] == [] and told.json["refused"][0]["problem"] == "conflict" and "Phạm" not in told.text


@pytest.mark.parametrize("kind", ["meetings", "signatures", "markups"])
def test_what_the_visit_no_longer_takes_is_refused_by_name_and_kept_on_the_tablet(an, good, kind):
    refused, = an.rows(id_of("submitted"), **{kind: [good[kind] | {"id": str(uuid4())}]}).json["refused"]
    assert refused["problem"] in ("forbidden", "conflict") and refused["message"]


# ── What was refused is kept as it was sent ───────────────────────────────────────────────────────
def parked(database) -> list[tuple[str, str, dict]]:
    with database.transaction(writing=False) as db:
        return [(row.kind, row.problem, json.loads(row.raw)) for row in db.scalars(select(Parked).order_by(Parked.at))]


def test_a_refused_row_is_on_the_server_once_and_can_be_read_by_the_team_and_the_office(an, chi, good, database):
    row = good["answers"] | {"note": "bản đầu"}
    an.rows(DRAFT, answers=[row])
    other = row | {"note": "bản sau \x00 \ud800", "surprise": [1, None]}
    for _ in range(2):
        assert an.rows(DRAFT, answers=[other]).json["refused"][0]["problem"] == "invalid"
    changed = row | {"note": "bản khác"}
    assert an.rows(DRAFT, answers=[changed]).json["refused"][0]["problem"] == "conflict"
    assert parked(database) == [("answers", "invalid", other), ("answers", "conflict", changed)]
    for reader in (an, chi):
        page = reader.get(f"/inspections/{DRAFT}").text
        assert "không nhận: 2" in page and "bản khác" in page and "cả hai được giữ" in page


def test_rows_past_the_limit_come_again_and_are_not_kept_twice(an, good, database):
    an.rows(DRAFT, answers=[None] * 10_000)
    assert [kind for kind, _, _ in parked(database)] == ["answers"], "the same nothing is nothing once"
    flood = an.rows(DRAFT, answers=[None] * 10_000, photos=[None] * 10_001)
    assert (flood.status_code, flood.json["problem"]) == (413, "too_large") and len(flood.data) < 1_000


def test_the_longest_text_that_is_refused_is_kept_as_it_was_sent(an, good, database):
    last = good["remarks"] | {"id": str(uuid4()), "text": "ữ" * NOTE}
    an.rows(id_of("submitted"), remarks=[last])
    assert parked(database) == [("remarks", "forbidden", last)]


def test_of_two_lists_under_one_name_none_is_dropped_and_what_is_no_list_is_said(an, good):
    one, other = (json.dumps([good["answers"] | {"id": str(uuid4())}]) for _ in range(2))
    body = f'{{"answers": {one}, "answers": {other}}}'
    twice = an.post(f"/sync/inspections/{DRAFT}/rows", data=body, headers=an.csrf)
    assert (twice.status_code, twice.json["problem"]) == (422, "invalid")
    for no_list in ({}, "", 0, False):
        told = an.rows(DRAFT, answers=no_list, photos=None).json
        assert told["kept"] == [] and [line["problem"] for line in told["refused"]] == ["invalid"]


def test_a_list_or_a_field_misspelt_is_named_row_by_row_and_takes_no_neighbour_along(an, good, database):
    slip = {"id": str(uuid4()), "item": good["answers"]["item"], "valeu": "dat", "answered_at": STAMP}
    told = an.rows(DRAFT, Photos=[good["photos"]], answer=good["answers"], answers=[slip, good["answers"]]).json
    assert told["kept"] == [good["answers"]["id"]]
    assert [(line["id"], line["problem"]) for line in told["refused"]] == [
        (slip["id"], "invalid"), (good["photos"]["id"], "invalid"), (good["answers"]["id"], "invalid")]
    assert "valeu" in told["refused"][0]["message"] and "Photos" in told["refused"][1]["message"]
    assert len(parked(database)) == 3


def test_a_number_without_end_is_refused_in_its_own_row(an, good):
    body = json.dumps({"answers": [good["answers"], {**good["answers"], "id": str(uuid4()), "of": 7}]})
    told = an.post(f"/sync/inspections/{DRAFT}/rows", data=body.replace("7}", "7" * 5_000 + "}"), headers=an.csrf,
                   content_type="application/json").json
    assert told["kept"] == [good["answers"]["id"]] and "«of»" in told["refused"][0]["message"]


def test_after_the_submission_the_reason_is_named(an, good):
    refused, = an.rows(id_of("submitted"), answers=[good["answers"]]).json["refused"]
    assert refused["problem"] == "forbidden" and "đã nộp" in refused["message"]


@pytest.mark.parametrize("clock", ["1999-01-01T00:00:00+07:00", "2087-06-05T04:03:02Z"])
def test_a_clock_that_is_decades_off_loses_nothing(an, good, clock):
    batch = {"meetings": [good["meetings"] | {"opened_at": clock, "closed_at": clock}],
             "signatures": [good["signatures"] | {"signed_at": clock}],
             "markups": [good["markups"] | {"made_at": clock}]}
    told = an.rows(DRAFT, **batch).json
    assert told["refused"] == [] and len(told["kept"]) == 3


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"unsent":' * 10_000,
                                  b'{"device":"\\ud800"}', b'{"clock_offset_ms":' + b"9" * 5_000 + b"}"])
def test_garbage_at_the_tablets_own_door_is_named(an, body):
    told = an.post(f"/sync/inspections/{DRAFT}/device", data=body, headers=an.csrf)
    assert (told.status_code, told.json["problem"]) == (422, "invalid") and told.json["message"]


def test_ten_thousand_rows_of_all_kinds_are_taken_as_far_as_the_limit_and_the_rest_is_named(an, good, database):
    many = {kind: [row | {"id": str(uuid4())} for _ in range(1_250)] for kind, row in good.items()}
    told = an.rows(DRAFT, **many).json
    assert len(told["kept"]) == 2_000 and len(told["refused"]) == 8_000
    assert {line["problem"] for line in told["refused"]} == {"too_large"}
    ids = {row["id"] for rows in many.values() for row in rows}
    assert {*told["kept"], *(line["id"] for line in told["refused"])} == ids
    with database.transaction(writing=False) as db:
        assert [db.scalar(select(func.count()).select_from(table).where(table.inspection_id == DRAFT))
                for table in (Meeting, Signature, Markup)] == [1, 0, 0]


def test_two_thousand_answers_of_two_people_to_one_item_end_in_one_conflict(house, client_of, database):
    """Nobody does this by hand; a tablet gone mad might, and the server must not stand still over it."""
    visit = house.plan("mad", team=["giang", "an", "binh"])
    item = next(item for item in items_of(client_of("an").whole(visit)) if item["kind"] == "a3")
    for name, word in (("an", "dat"), ("binh", "khong_dat")):
        rows = [answer(item, word) | {"seen": []} for _ in range(1_000)]
        assert client_of(name).rows(visit, answers=rows).json["refused"] == []
    sides = client_of("giang").whole(visit)["conflicts"][item["id"]]
    assert [row["value"] for row in sides] == ["dat", "khong_dat"]
    with database.transaction(writing=False) as db:
        assert db.scalar(select(func.count()).select_from(Answer).where(Answer.inspection_id == visit)) == 2_000


def test_a_row_over_which_the_server_stumbles_holds_no_other_back_and_is_kept_as_it_was_sent(an, good, database):
    def stumble(_, __, row):
        if row.note == "vấp":
            raise RuntimeError("a flaw of ours")

    bad = good["answers"] | {"id": str(uuid4()), "note": "vấp"}
    event.listen(Answer, "before_insert", stumble)
    an.troubled = True
    try:
        alone = an.rows(DRAFT, answers=[bad])
        told = an.rows(DRAFT, answers=[bad, good["answers"]], equipment=[good["equipment"]]).json
    finally:
        event.remove(Answer, "before_insert", stumble)
    assert (alone.status_code, alone.json["problem"]) == (500, "unexpected"), "perhaps it is not the row that is wrong"
    assert told["kept"] == [good["answers"]["id"], good["equipment"]["id"]]
    assert [(line["id"], line["problem"]) for line in told["refused"]] == [(bad["id"], "unexpected")]
    assert parked(database) == [("answers", "unexpected", bad)]


def test_a_body_past_the_limit_is_refused_whole(an, good):
    huge = [good["signatures"] | {"id": str(uuid4()), "strokes": [[[1.5, 2.5, 1000, 0.5]] * 100] * 200}] * 30
    told = an.rows(DRAFT, signatures=huge)
    assert (told.status_code, told.json["problem"]) == (413, "too_large")


def test_pieces_and_bytes_of_a_visit_that_is_not_hers_are_not_found(an):
    data = picture(seed=81)
    headers = an.csrf | {"Upload-Offset": "0", "Upload-Length": str(len(data))}
    for visit in (id_of("binhs"), uuid4()):
        told = an.patch(f"/sync/inspections/{visit}/blobs/{hash_of(data)}", data=data, headers=headers)
        assert (told.status_code, told.json["problem"]) == (404, "not_found")


@pytest.mark.parametrize(("chunks", "status", "problem"), [
    ([b"2\r\n{}\r\n", b"0\r\n\r\n"], 200, None),
    ([b"zz\r\n{}\r\n"], 422, "invalid"),
    ([b"2\r\n{}xx"], 422, "invalid"),
    ([b"100000\r\n" + b" " * 0x100000 + b"\r\n"] * 9 + [b"0\r\n\r\n"], 413, "too_large"),
])
def test_a_body_in_chunks_is_heard_like_any_other(an, chunks, status, problem):
    stream = Body(ChunkedReader(None, IterUnreader(iter(chunks))))
    told = an.post(f"/sync/inspections/{DRAFT}/rows", headers={**an.csrf, "Transfer-Encoding": "chunked"},
                   environ_overrides={"wsgi.input": stream, "wsgi.input_terminated": True})
    assert told.status_code == status and told.json.get("problem") == problem
