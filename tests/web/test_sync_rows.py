"""Rows under ids made on the tablet: twice is once, a bad one is named, its neighbours are kept."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from audit_app.records.evidence import Answer, EquipmentCount, Event, Photo, Remark, Removal
from tests.factories import RETURNED_ITEM, answer, hash_of, id_of, photo, picture
from tests.web.visitor import items_of

DRAFT = id_of("draft")
STAMP = "2026-11-20T08:41:00+07:00"
TABLES = {"answers": Answer, "photos": Photo, "removals": Removal, "equipment": EquipmentCount, "remarks": Remark}


@pytest.fixture
def items(an) -> dict[str, dict]:
    """One item of each kind that An is asked."""
    return {item["kind"]: item for item in reversed(items_of(an.whole(DRAFT)))}


def counts(database) -> dict[str, int]:
    with database.transaction(writing=False) as db:
        return {name: db.scalar(select(func.count()).select_from(table)) for name, table in TABLES.items()}


def one_of_each(items: dict, tools, photo_id: str) -> dict[str, list[dict]]:
    return {
        "answers": [answer(item, note="ghi") for item in items.values()],
        "photos": [photo(RETURNED_ITEM, "a" * 64)],
        "removals": [{"id": str(uuid4()), "photo": photo_id, "reason": "mờ", "removed_at": STAMP}],
        "equipment": [{"id": str(uuid4()), "kind": tools.catalogue.equipment[0].id, "total": 4, "working": 3,
                       "counted_at": STAMP}],
        "remarks": [{"id": str(uuid4()), "kind": "proposal", "text": "đề xuất", "written_at": STAMP}],
    }  # fmt: skip


def test_what_an_sends_twice_is_there_once(an, items, tools, database):
    batch = one_of_each(items, tools, an.whole(DRAFT)["rows"]["photos"][0]["id"])
    ids = sorted(row["id"] for rows in batch.values() for row in rows)
    before = counts(database)
    for _ in range(2):
        told = an.rows(DRAFT, **batch)
        assert told.status_code == 200 and told.json["refused"] == [] and sorted(told.json["kept"]) == ids
    assert counts(database) == {name: before[name] + len(batch[name]) for name in before}


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_says_something_else_the_second_time_is_a_conflict_and_the_first_stays(
        an, items, tools, database, name):
    batch = one_of_each(items, tools, an.whole(DRAFT)["rows"]["photos"][0]["id"])
    row = batch[name][0]
    assert an.rows(DRAFT, **{name: [row]}).json["kept"] == [row["id"]]
    before, other = counts(database), an.whole(DRAFT)["rows"]["photos"][1]["id"]
    changed = {"answers": {"note": "khác"}, "photos": {"sha256": "b" * 64}, "removals": {"photo": other},
               "equipment": {"total": 9}, "remarks": {"text": "khác"}}[name]  # fmt: skip
    neighbour = answer(items["a3"], note="hàng xóm")
    told = an.rows(DRAFT, **{name: [row | changed], **({"answers": [row | changed, neighbour]} if name == "answers"
                                                       else {"answers": [neighbour]})}).json
    assert told["kept"] == [neighbour["id"]]
    assert [(line["id"], line["problem"]) for line in told["refused"]] == [(row["id"], "conflict")]
    assert told["refused"][0]["message"]
    assert counts(database) == before | {"answers": before["answers"] + 1}


def test_the_id_of_another_visits_row_is_a_conflict_and_tells_nothing(an, client_of):
    """Bình's row is not An's, and An does not learn what it says."""
    binh = client_of("binh")
    theirs = answer(items_of(binh.whole(id_of("binhs")))[0], note="riêng của Bình")
    binh.rows(id_of("binhs"), answers=[theirs])
    told = an.rows(DRAFT, answers=[theirs])
    assert told.json["refused"][0]["problem"] == "conflict" and "riêng của Bình" not in told.text


def bad_rows() -> list:
    """(name of the case, list, kind of item or None, what is changed, problem)"""
    far, deep = "9" * 400, [[[[]]]]
    return [
        ("no id", "answers", "a3", {"id": None}, "invalid"), ("id is no uuid", "answers", "a3", {"id": "7"}, "invalid"),
        ("id is a number", "answers", "a3", {"id": 7}, "invalid"), ("id is a list", "answers", "a3", {"id": deep},
                                                                    "invalid"),
        ("half a letter in the id", "answers", "a3", {"id": "\ud800"}, "invalid"),
        ("no item", "answers", "a3", {"item": None}, "invalid"),
        ("item of another list", "answers", "a3", {"item": "ZZ99"}, "invalid"),
        ("item is a list", "answers", "a3", {"item": deep}, "invalid"),
        ("unknown word", "answers", "a3", {"value": "tốt"}, "invalid"),
        ("another kind's word", "answers", "a2", {"value": "mot_phan"}, "invalid"),
        ("half a letter in the word", "answers", "a3", {"value": "\ud800"}, "invalid"),
        ("word is a number", "answers", "a3", {"value": 1}, "invalid"),
        ("unknown severity", "answers", "a3", {"value": "khong_dat", "severity": "rất nặng"}, "invalid"),
        ("severity is a list", "answers", "a3", {"value": "khong_dat", "severity": deep}, "invalid"),
        ("severity is a number", "answers", "a3", {"value": "khong_dat", "severity": 3}, "invalid"),
        ("negative number", "answers", "number", {"number": -1}, "invalid"),
        ("number in words", "answers", "number", {"number": "hai"}, "invalid"),
        ("not a number", "answers", "number", {"number": "NaN"}, "invalid"),
        ("no end", "answers", "number", {"number": "Infinity"}, "invalid"),
        ("number past the sky", "answers", "number", {"number": 10**400}, "invalid"),
        ("number below the floor", "answers", "number", {"number": "1e-400"}, "invalid"),
        ("number that would fill the memory", "answers", "number", {"number": "1e-99999999"}, "invalid"),
        ("number is yes", "answers", "number", {"number": True}, "invalid"),
        ("number is an object", "answers", "number", {"number": {"a": 1}}, "invalid"),
        ("word against the number", "answers", "ratio", {"number": 5, "of": 8, "value": "dat"}, "invalid"),
        ("more than the whole", "answers", "ratio", {"number": 9, "of": 8}, "invalid"),
        ("a whole of nothing", "answers", "ratio", {"number": 0, "of": 0}, "invalid"),
        ("half a ratio", "answers", "ratio", {"number": 3, "of": None}, "invalid"),
        ("the other half", "answers", "ratio", {"number": None, "of": 3}, "invalid"),
        ("part of a case", "answers", "ratio", {"number": 1.5, "of": 3}, "invalid"),
        ("whole in words", "answers", "ratio", {"number": 1, "of": "ba"}, "invalid"),
        ("whole past the sky", "answers", "ratio", {"number": 1, "of": 10**30}, "invalid"),
        ("unknown tick", "answers", "choice", {"choices": ["ở_đâu_đó"]}, "invalid"),
        ("ticks are a word", "answers", "choice", {"choices": "a"}, "invalid"),
        ("word on a list of ticks", "answers", "choice", {"value": "dat"}, "invalid"),
        ("no time", "answers", "a3", {"answered_at": None}, "invalid"),
        ("time in words", "answers", "a3", {"answered_at": "hôm qua"}, "invalid"),
        ("before all time", "answers", "a3", {"answered_at": "0001-01-01T00:00:00+14:00"}, "invalid"),
        ("the first year", "answers", "a3", {"answered_at": "0001-01-02T00:00:00Z"}, "invalid"),
        ("after all time", "answers", "a3", {"answered_at": "9999-12-31T23:59:59Z"}, "invalid"),
        ("time is a far number", "answers", "a3", {"answered_at": float("1e300")}, "invalid"),
        ("an endless note", "answers", "a3", {"note": "a" * 20_001}, "invalid"),
        ("a note with a hole", "answers", "a3", {"note": "a\x00b"}, "invalid"),
        ("a note with half a letter", "answers", "a3", {"note": "\ud83d"}, "invalid"),
        ("note is a number", "answers", "a3", {"note": 5}, "invalid"),
        ("photo without hash", "photos", None, {"sha256": None}, "invalid"),
        ("photo with a short hash", "photos", None, {"sha256": "ab"}, "invalid"),
        ("hash in capitals", "photos", None, {"sha256": "A" * 64}, "invalid"),
        ("photo of nothing", "photos", None, {"item": "ZZ99"}, "invalid"),
        ("photo from nowhere", "photos", None, {"source": "internet"}, "invalid"),
        ("photo past the pole", "photos", None, {"lat": 91}, "invalid"),
        ("photo nowhere at all", "photos", None, {"lon": "NaN"}, "invalid"),
        ("removal of nothing", "removals", None, {"photo": str(uuid4())}, "invalid"),
        ("removal of words", "removals", None, {"photo": "ảnh"}, "invalid"),
        ("unknown equipment", "equipment", None, {"kind": "xe_tang"}, "invalid"),
        ("more work than there are", "equipment", None, {"working": 5}, "invalid"),
        ("minus one machine", "equipment", None, {"total": -1}, "invalid"),
        ("half a machine", "equipment", None, {"total": 4.5}, "invalid"),
        ("too many machines", "equipment", None, {"total": int(far[:12])}, "invalid"),
        ("unknown remark", "remarks", None, {"kind": "tin_đồn"}, "invalid"),
        ("an endless remark", "remarks", None, {"text": "a" * 20_001}, "invalid"),
    ]  # fmt: skip


def test_every_bad_row_is_named_with_its_problem_and_no_neighbour_is_lost(an, items, tools, database):
    good = one_of_each(items, tools, an.whole(DRAFT)["rows"]["photos"][0]["id"])
    before = counts(database)
    for case, name, kind, change, problem in bad_rows():
        pattern = next(row for row in good[name] if kind is None or row["item"] == items[kind]["id"])
        bad = {**pattern, "id": str(uuid4()), **change}
        left, right = answer(items["a3"], note="trái"), answer(items["a2"], note="phải")
        batch = {"answers": [left, right], "remarks": [], **({name: [bad]} if name != "answers" else {})}
        if name == "answers":
            batch["answers"] = [left, bad, right]
        told = an.rows(DRAFT, **batch)
        assert told.status_code == 200, case
        assert told.json["kept"] == [left["id"], right["id"]], case
        said = [(line["id"], line["problem"]) for line in told.json["refused"]]
        assert said == [(bad["id"] if isinstance(bad["id"], str) else None, problem)], f"{case}: {told.json}"
        assert told.json["refused"][0]["message"], case
    assert counts(database) == before | {"answers": before["answers"] + 2 * len(bad_rows())}


@pytest.mark.parametrize("row", [None, 7, "dòng", [], ["id"], True, {}])
def test_what_is_no_row_at_all_is_refused_and_its_neighbour_kept(an, items, row):
    good = answer(items["a3"])
    told = an.rows(DRAFT, answers=[row, good], photos="ảnh", remarks={"a": 1}).json
    assert told["kept"] == [good["id"]]
    assert [(line["id"], line["problem"]) for line in told["refused"]] == [(None, "invalid")] * 3


@pytest.mark.parametrize("body", [
    b"", b"null", b"[]", b"7", b'"x"', b"{", b'{"answers":[', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000,
    b'{"answers":[{"number":' + b"9" * 5_000 + b"}]}", "{\"answers\": [\u0000]}".encode()])
def test_garbage_is_a_named_problem_and_never_a_crash(an, body):
    for door in ("rows", "submission"):
        told = an.post(f"/sync/inspections/{DRAFT}/{door}", data=body, headers=an.csrf, content_type="application/json")
        assert told.status_code in (200, 409, 422), told.status
        assert told.status_code == 200 or (told.json["problem"] and told.json["message"])


def test_ten_thousand_rows_are_taken_as_far_as_the_limit_and_the_rest_is_named(an, items, database):
    before = counts(database)
    batch = [answer(items["a3"], note=str(n)) for n in range(10_000)]
    told = an.rows(DRAFT, answers=batch).json
    assert told["kept"] == [row["id"] for row in batch[:2_000]]
    assert {(line["problem"]) for line in told["refused"]} == {"too_large"}
    assert [line["id"] for line in told["refused"]] == [row["id"] for row in batch[2_000:]]
    assert counts(database)["answers"] == before["answers"] + 2_000


def test_a_body_past_the_limit_is_refused_whole_and_nothing_is_kept(an, items, database):
    before = counts(database)
    batch = [answer(items["a3"], note="a" * 19_000) for _ in range(500)]
    told = an.rows(DRAFT, answers=batch)
    assert (told.status_code, told.json["problem"]) == (413, "too_large") and counts(database) == before


# ── What is kept is what was meant ────────────────────────────────────────────────────────────────
def standing(an, item: dict) -> dict:
    return next(row for row in an.whole(DRAFT)["rows"]["answers"] if row["item"] == item["id"])


@pytest.mark.parametrize(("kind", "said", "number"), [
    ("number", "2.50", 2.5), ("number", 2.5, 2.5), ("number", 0, 0), ("number", "007", 7),
    ("number", 999_999_999_999, 999_999_999_999), ("ratio", 8.0, 8)])  # fmt: skip
def test_a_number_comes_back_as_it_was_meant(an, items, kind, said, number):
    row = {**answer(items[kind]), "number": said, **({"of": 8} if kind == "ratio" else {})}
    assert an.rows(DRAFT, answers=[row]).json["kept"] == [row["id"]]
    assert standing(an, items[kind])["number"] == number


def test_answers_given_by_one_tap_for_the_rest_of_a_section_are_told_as_a_group_once(an, items, database):
    asked = list(items.values())[:3]
    group = [answer(item) | {"group": True} for item in asked[:2]]
    for _ in range(2):
        assert an.rows(DRAFT, answers=[*group, answer(asked[2])]).json["refused"] == []
    with database.transaction(writing=False) as db:
        told = db.scalars(select(Event).where(
            Event.inspection_id == UUID(str(DRAFT)), Event.name == "answers.grouped")).all()
    assert [event.details for event in told] == [{"items": [item["id"] for item in asked[:2]]}]
    assert "Chọn Đạt chung" in an.get(f"/inspections/{DRAFT}").text


def test_the_last_answer_stands_and_the_ones_before_it_stay_on_record(an, items, database):
    words = ["dat", "khong_dat", None, "mot_phan"]
    rows = [{**answer(items["a3"], "dat"), "value": word} for word in words]
    for row in rows:
        an.rows(DRAFT, answers=[row])
    assert standing(an, items["a3"])["value"] == "mot_phan"
    with database.transaction(writing=False) as db:
        kept = db.scalars(select(Answer).where(Answer.item == items["a3"]["id"], Answer.inspection_id == DRAFT)
                          .order_by(Answer.seq))
        assert [row.value for row in kept][-4:] == words


@pytest.mark.parametrize("clock", ["2021-03-04T05:06:07+07:00", "2031-03-04T05:06:07Z"])
def test_a_tablet_whose_clock_is_years_off_loses_nothing(an, items, clock):
    row = {**answer(items["a3"], note="giờ sai"), "answered_at": clock}
    assert an.rows(DRAFT, answers=[row]).json["kept"] == [row["id"]]
    kept = standing(an, items["a3"])
    assert datetime.fromisoformat(kept["answered_at"]) == datetime.fromisoformat(clock)
    assert datetime.fromisoformat(kept["received_at"]) <= datetime.now(UTC)


def test_words_are_kept_in_one_spelling_however_they_were_typed(an, items):
    row = answer(items["a3"], note="Hoàn Kiếm\r\ncó đủ")  # letters and marks typed one by one
    an.rows(DRAFT, answers=[row])
    assert standing(an, items["a3"])["note"] == "Hoàn Kiếm\ncó đủ"
    assert an.rows(DRAFT, answers=[row]).json["kept"] == [row["id"]]


def test_an_id_in_capitals_is_named_as_it_was_sent(an, items):
    row = {**answer(items["a3"]), "id": str(UUID("ABCDEF12-0000-4000-8000-ABCDEFABCDEF")).upper()}
    for _ in range(2):
        assert an.rows(DRAFT, answers=[row]).json == {"kept": [row["id"]], "refused": []}


def test_a_photo_taken_out_no_longer_counts_but_its_row_stays(an, database):
    before = an.whole(DRAFT)["rows"]["photos"]
    out = {"id": str(uuid4()), "photo": before[0]["id"], "reason": "mờ", "removed_at": STAMP}
    assert an.rows(DRAFT, removals=[out]).json["kept"] == [out["id"]]
    assert [row["id"] for row in an.whole(DRAFT)["rows"]["photos"]] == [row["id"] for row in before[1:]]
    with database.transaction(writing=False) as db:
        assert db.get(Photo, UUID(before[0]["id"])) is not None


def test_rows_may_come_before_their_bytes(an):
    data = picture(seed=61)
    named = photo(RETURNED_ITEM, hash_of(data))
    assert an.rows(DRAFT, photos=[named]).json["kept"] == [named["id"]]
    assert an.put(DRAFT, data).status_code == 201
    assert named["id"] in [row["id"] for row in an.whole(DRAFT)["rows"]["photos"]]


@pytest.mark.parametrize(("kind", "foreign"), [
    ("a3", {"number": 3}), ("a3", {"choices": ["x"]}), ("ratio", {"choices": ["x"]}), ("number", {"of": 3}),
    ("choice", {"number": 3})])
def test_what_an_item_does_not_ask_for_takes_no_answer_back(an, items, kind, foreign):
    assert not an.rows(DRAFT, answers=[answer(items[kind])]).json["refused"]
    said = answer(items[kind]) | {"value": None, "number": None, "of": None, "choices": []} | foreign
    line, = an.rows(DRAFT, answers=[said]).json["refused"]
    assert next(iter(foreign)) in line["message"]


def test_nothing_below_nothing_is_nothing(an):
    item = next(item for item in items_of(an.whole(DRAFT)) if item["kind"] == "number")
    row = answer(item) | {"number": -0.0}
    assert an.rows(DRAFT, answers=[row]).json["kept"] == [row["id"]]
    kept = next(line for line in an.whole(DRAFT)["rows"]["answers"] if line["item"] == item["id"])
    assert str(kept["number"]) == "0"
