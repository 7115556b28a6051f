"""Handing in: nothing missing, a receipt that stays the same, a score anyone can work out, and what may be mended."""

from fractions import Fraction
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import select

from audit_app.actions import review
from audit_app.records.evidence import Event
from audit_app.records.models import Inspection, User
from tests.factories import FAILED_ITEM, RETURNED_ITEM, answer, hash_of, id_of, photo, picture, wants_photo
from tests.web.visitor import items_of

DRAFT, RETURNED = id_of("draft"), id_of("returned")


@pytest.fixture
def fresh(house):
    """A visit nobody has begun."""
    return house.plan("fresh")


def fill_in(an, visit, word=None, **more) -> tuple[dict, bytes]:
    """Answer everything and photograph what must be; the rows, and the one photo that proves it all."""
    word, data, items = word or {}, picture(seed=71), items_of(an.whole(visit))
    batch = {
        "answers": [answer(item, word.get(item["id"], "dat"), "ghi chú") for item in items],
        "photos": [photo(item["id"], hash_of(data), **more) for item in items
                   if wants_photo(item, word.get(item["id"], "dat"))],
    }  # fmt: skip
    told = an.rows(visit, **batch).json
    assert told["refused"] == []
    return batch, data


def submitted_events(database, visit) -> list[dict]:
    with database.transaction(writing=False) as db:
        mine = select(Event).where(Event.inspection_id == visit, Event.name == "inspection.submitted")
        return [event.details for event in db.scalars(mine)]


def test_an_empty_visit_is_refused_with_everything_that_is_missing(an, fresh):
    told = an.submit(fresh)
    assert (told.status_code, told.json["problem"]) == (409, "conflict") and told.json["message"]
    asked = [item["id"] for item in items_of(an.whole(fresh)) if item["required"]]
    assert told.json["missing"] == [{"item": id, "kind": "answer"} for id in asked]


def test_each_missing_thing_is_named_until_an_has_sent_it(an, fresh, database):
    items = {item["id"]: item for item in items_of(an.whole(fresh))}
    batch, data = fill_in(an, fresh, {FAILED_ITEM: "khong_dat"})
    assert FAILED_ITEM in [row["item"] for row in batch["photos"]]
    # the photo of what failed is taken out again, an answer is taken back, the bytes have not come
    gone = next(row for row in batch["photos"] if row["item"] == FAILED_ITEM)
    an.rows(fresh, removals=[{"id": str(uuid4()), "photo": gone["id"], "removed_at": gone["taken_at"]}],
            answers=[{**answer(items["TS02"]), "value": None}])
    missing = an.submit(fresh, answers=len(items), photos=["f" * 64, hash_of(data)]).json["missing"]
    named = {row["item"] for row in batch["photos"]} - {FAILED_ITEM}
    assert {"item": FAILED_ITEM, "kind": "photo"} in missing and {"item": "TS02", "kind": "answer"} in missing
    assert {"kind": "photo_row", "sha256": "f" * 64} in missing
    assert {line["item"] for line in missing if line["kind"] == "bytes"} == named

    assert an.put(fresh, data).status_code == 201
    assert {line["kind"] for line in an.submit(fresh).json["missing"]} == {"photo", "answer"}
    an.rows(fresh, answers=[answer(items["TS02"])], photos=[photo(FAILED_ITEM, hash_of(data))])
    assert an.submit(fresh).status_code == 201 and len(submitted_events(database, fresh)) == 1


def test_a_note_says_why_an_item_was_left_open_and_then_it_is_not_missing(an, fresh):
    item = next(item for item in items_of(an.whole(fresh)) if item["kind"] == "a3")
    left = {**answer(item, note="Phòng bị khoá, không vào được."), "value": None}
    an.rows(fresh, answers=[left])
    assert item["id"] not in [line["item"] for line in an.submit(fresh).json["missing"]]
    an.rows(fresh, answers=[{**answer(item, note="\u200b"), "value": None}])
    assert item["id"] in [line["item"] for line in an.submit(fresh).json["missing"]]


def test_the_tablet_that_holds_more_than_the_server_is_told_so(an):
    """The manifest counts; what was lost on the way is found out before the tablet forgets it."""
    told = an.submit(DRAFT, answers=100_000)
    assert told.status_code == 409 and {line["kind"] for line in told.json["missing"]} == {"rows"}


@pytest.mark.parametrize("manifest", [
    {"answers": "nhiều"}, {"photos": "ảnh"}, {"photos": [1]}, {"photos": {}}, {"answers": [1]}, {"answers": 1.5},
    {"answers": -1}, {"answers": True}])
def test_a_manifest_that_cannot_be_read_is_a_named_problem(an, manifest):
    told = an.submit(DRAFT, **manifest)
    assert (told.status_code, told.json["problem"]) == (422, "invalid")


@pytest.mark.parametrize("body", [{}, {"manifest": None}, {"manifest": []}, {"manifest": "x"}])
def test_a_submission_without_a_manifest_is_refused(an, body):
    told = an.post(f"/sync/inspections/{DRAFT}/submission", json=body, headers=an.csrf)
    assert (told.status_code, told.json["problem"]) == (422, "invalid")


def test_an_gets_a_receipt_and_the_same_one_when_its_reply_was_lost(an, fresh, database):
    batch, data = fill_in(an, fresh)
    an.put(fresh, data)
    first = an.submit(fresh, answers=len(batch["answers"]), photos=[hash_of(data)])
    again = an.submit(fresh, answers=len(batch["answers"]), photos=[hash_of(data)])
    assert (first.status_code, again.status_code) == (201, 201) and first.json == again.json
    assert first.json["receipt"] and first.json["counts"] == {
        "answers": len(batch["answers"]), "items": len(batch["answers"]), "photos": len(batch["photos"]),
        "originals_missing": []}  # fmt: skip
    assert len(submitted_events(database, fresh)) == 1
    assert an.whole(fresh)["inspection"]["state"] == "submitted"


def test_the_same_receipt_is_given_even_when_the_office_was_faster_than_the_second_try(an, fresh, database, house):
    _, data = fill_in(an, fresh)
    an.put(fresh, data)
    first = an.submit(fresh).json
    with database.transaction() as db:
        chi = db.scalar(select(User).where(User.name == "chi"))
        review.approve(db, chi, db.get(Inspection, fresh), remedy_by=house.today)
    again = an.submit(fresh)
    assert again.status_code == 201 and again.json == first


@pytest.mark.parametrize("more", [{"answers": 100_000}, {"photos": ["f" * 64]}])
def test_a_late_tablet_gets_no_receipt_for_what_never_came(an, fresh, more):
    """A colleague was faster; what this tablet holds yet is named, not covered by the receipt of the other."""
    _, data = fill_in(an, fresh)
    an.put(fresh, data)
    an.submit(fresh)
    told = an.submit(fresh, **more)
    assert told.status_code == 409 and {line["kind"] for line in told.json["missing"]} <= {"rows", "photo_row"}
    assert told.json["missing"] and an.whole(fresh)["inspection"]["state"] == "submitted"
    assert "đã nộp" in told.json["message"] and "Chưa nộp" not in told.json["message"]


def test_a_working_copy_is_enough_to_hand_in_and_the_awaited_original_is_named(an, fresh):
    original = picture(seed=72, width=640, height=480)
    _, working = fill_in(an, fresh)
    rows = an.whole(fresh)["rows"]["photos"]
    an.rows(fresh, photos=[photo(rows[0]["item"], hash_of(original), working=hash_of(working))])
    an.put(fresh, working)
    told = an.submit(fresh)
    assert told.status_code == 201 and told.json["counts"]["originals_missing"] == [hash_of(original)]
    assert an.put(fresh, original).status_code == 201, "an original that is awaited is welcome after the submission"


def test_what_is_handed_in_is_closed(an, fresh):
    items, (_, data) = items_of(an.whole(fresh)), fill_in(an, fresh)
    an.put(fresh, data)
    an.submit(fresh)
    late = answer(items[0], note="muộn")
    told = an.rows(fresh, answers=[late], photos=[photo(items[0]["id"], hash_of(data))]).json
    assert told["kept"] == [] and [line["problem"] for line in told["refused"]] == ["forbidden"] * 2


# ── The score, worked out again from what /sync says ──────────────────────────────────────────────
def worth(item: dict, row: dict | None) -> Fraction | str | None:
    """What an answer is worth between 0 and 1; "off" when it does not apply, None when there is none."""
    if row is None:
        return None
    if row["value"] == "khong_ap_dung":
        return "off"
    if item["kind"] in ("a3", "a2"):
        return {"dat": Fraction(1), "mot_phan": Fraction(1, 2), "khong_dat": Fraction(0)}.get(row["value"])
    if item["kind"] == "choice" or row["number"] is None:
        return None
    number = Fraction(str(row["number"]))
    if item["kind"] == "ratio":
        return 1 - number / row["of"] if item["fewer_is_better"] else number / row["of"]
    if item["at_least"] is None and item["at_most"] is None:
        return None
    enough = item["at_least"] is None or number >= item["at_least"]
    return Fraction(enough and (item["at_most"] is None or number <= item["at_most"]))


def worked_out(whole: dict) -> dict:
    """The score by the letter of the method, from the JSON alone."""
    rows = {row["item"]: row for row in whole["rows"]["answers"]}
    earned = possible = Fraction(0)
    answered, applicable, failed = 0, 0, []
    for section in whole["checklist"]["sections"]:
        values = [(item, worth(item, rows.get(item["id"]))) for item in section["items"]]
        failed += [item["id"] for item, value in values if item["critical"] and isinstance(value, Fraction)
                   and (value == 0 if item["kind"] in ("a3", "a2") else value < 1)]  # fmt: skip
        counted = [(item, value) for item, value in values if item["scored"] and value != "off"]
        met = [(item["weight"], value) for item, value in counted if value is not None]
        applicable, answered = applicable + len(counted), answered + len(met)
        if met:
            share = sum(weight * value for weight, value in met) / sum(weight for weight, _ in met)
            earned, possible = earned + section["weight"] * share, possible + section["weight"]
    coverage = Fraction(100 * answered, applicable) if applicable else Fraction(0)
    enough = possible and coverage >= whole["checklist"]["minimum_coverage"]
    return {"percent": float(100 * earned / possible) if enough else None, "coverage": float(coverage),
            "answered": answered, "applicable": applicable, "critical_failed": failed}


@pytest.mark.parametrize(("seed", "share"), [(1, 1.0), (2, 1.0), (3, 0.8), (4, 0.51), (5, 0.3), (6, 0.0)])
def test_the_score_is_what_anyone_works_out_from_the_answers(an, house, seed, share):
    visit, dice = house.plan(f"score {seed}", tier=3), Random(seed)
    words = ("dat", "dat", "dat", "mot_phan", "khong_dat", "khong_ap_dung")
    rows = []
    for item in items_of(an.whole(visit)):
        if dice.random() <= share:
            word = dice.choice(words)
            rows.append(answer(item, "khong_dat" if word == "mot_phan" and item["kind"] != "a3" else word))
            if item["kind"] == "ratio" and rows[-1].get("of"):
                rows[-1] |= {"of": (whole := dice.randrange(1, 40)), "number": dice.randrange(0, whole + 1)}
    assert an.rows(visit, answers=rows).json["refused"] == []
    whole = an.whole(visit)
    mine = worked_out(whole)
    assert {name: whole["score"][name] for name in mine} == mine
    assert (mine["percent"] is None) == (share < 0.5)
    assert an.get(f"/sync/inspections/{visit}/score").json == whole["score"]


def test_a_visit_whose_counts_share_no_measure_is_handed_in_and_listed_with_its_score(an, chi, fresh):
    """Each count is out of another number, so that the exact score has no short fraction."""
    _, data = fill_in(an, fresh)
    an.put(fresh, data)
    ratios = [item for item in items_of(an.whole(fresh)) if item["kind"] == "ratio"]
    counts = [{**answer(item), "number": 200 + n, "of": 211 + 6 * n} for n, item in enumerate(ratios)]
    shown = [photo(item["id"], hash_of(data)) for item in ratios]
    assert an.rows(fresh, answers=counts, photos=shown).json["refused"] == []
    told = an.whole(fresh)
    assert an.submit(fresh).status_code == 201
    said = f"{int(worked_out(told)['percent'] * 10 + 0.5) / 10} %".replace(".", ",")
    assert said in chi.get("/review").text


# ── Sent back ─────────────────────────────────────────────────────────────────────────────────────
def test_only_what_was_sent_back_is_open_and_the_mended_visit_is_handed_in_again(an, database):
    items = {item["id"]: item for item in items_of(an.whole(RETURNED))}
    mended, other = answer(items[RETURNED_ITEM], note="đã sửa"), answer(items["TS01"], note="len lén")
    told = an.rows(RETURNED, answers=[other, mended], photos=[photo("TS01", "c" * 64)]).json
    assert told["kept"] == [mended["id"]]
    assert [line["problem"] for line in told["refused"]] == ["forbidden", "forbidden"]
    assert an.submit(RETURNED).status_code == 201
    first, second = (details["receipt"] for details in submitted_events(database, RETURNED))
    assert first != second and an.whole(RETURNED)["returned"] == {}


def test_a_visit_is_not_handed_in_again_with_nothing_done_to_what_was_sent_back(an):
    refused = an.submit(RETURNED)
    assert refused.status_code == 409 and refused.json["missing"] == [{"item": RETURNED_ITEM, "kind": "returned"}]
    page = an.post(f"/inspections/{RETURNED}/submission", headers=an.csrf, follow_redirects=True).text
    assert f"{RETURNED_ITEM}: Văn phòng trả lại, chưa sửa" in page
    shot = picture()
    an.put(RETURNED, shot)
    assert an.rows(RETURNED, photos=[photo(RETURNED_ITEM, hash_of(shot))]).json["refused"] == []
    assert an.submit(RETURNED).status_code == 201, "a better photo is an answer too"


def test_equipment_and_remarks_stay_open_in_a_returned_visit(an, tools):
    """They belong to no item, so no reason can close them."""
    kind = tools.catalogue.equipment[0].id
    stamp = "2026-11-20T09:00:00+07:00"
    told = an.rows(RETURNED, remarks=[{"id": str(uuid4()), "kind": "proposal", "text": "thêm", "written_at": stamp}],
                   equipment=[{"id": str(uuid4()), "kind": kind, "total": 2, "working": 2, "counted_at": stamp}])
    assert told.json["refused"] == [] and len(told.json["kept"]) == 2
