"""The tablets' door as outside.md draws it: who I am, what I am assigned, everything I need to work offline."""

import re
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from audit_app.actions import people
from audit_app.records import queries
from audit_app.records.db import now
from audit_app.records.evidence import Answer
from audit_app.records.models import Agency, Inspection, User
from tests.factories import FAILED_ITEM, RETURNED_ITEM, VISITS, answer, canary, hash_of, id_of, photo, picture
from tests.web.visitor import items_of

time_machine = pytest.importorskip("time_machine", reason="time-machine is in tests/requirements.txt")

DRAFT = id_of("draft")


def test_hello_tells_an_who_she_is_and_what_time_it_is(an):
    said = an.get("/sync/hello")
    assert said.headers["Cache-Control"] == "private, no-store"
    assert set(said.json) == {"user", "csrf", "server_time", "app_version", "api", "accepts"}
    assert said.json["user"]["name"] == "an" and said.json["user"]["role"] == "inspector"
    assert datetime.fromisoformat(said.json["server_time"]).tzinfo is not None
    assert said.json["csrf"] and said.json["app_version"]


def test_an_is_told_of_her_own_inspections_and_of_no_other(an):
    told = {line["id"]: line for line in an.get("/sync/inspections").json}
    assert set(told) == {str(id_of(visit)) for visit, (_, inspector) in VISITS.items() if inspector == "an"}
    line = told[str(DRAFT)]
    assert line["agency"] == {"id": str(id_of("hoan_kiem")), "name": "UBND phường Hoàn Kiếm", "level": "X"}
    assert line["state"] == "draft" and set(line["checklist"]) == {"id", "version", "sha256"}
    whole = an.whole(DRAFT)
    assert line["counts"] == {"answers": len(items_of(whole)), "photos": len(whole["rows"]["photos"])}


def test_an_is_told_everything_she_needs_to_work_offline(an, tools):
    whole = an.whole(DRAFT)
    checklist = tools.catalogue.get(whole["checklist"]["id"], whole["checklist"]["version"])
    assert whole["checklist"]["sha256"] == checklist.sha256 and whole["checklist"]["method"] == "sections"
    asked = items_of(whole)
    assert {item["kind"] for item in asked} <= {"a3", "a2", "ratio", "number", "choice"}
    assert {item["photo"] for item in asked} <= {"required", "on_fail", "encouraged", "none"}
    assert all(key in whole["law"] for item in asked for key in item["citations"])
    assert all(item["number_label"] and item["of_label"] for item in asked if item["kind"] == "ratio")
    assert all(law["label"] and "in_force" in law for law in whole["law"].values())
    assert set(whole["score"]) >= {"percent", "coverage", "sections", "critical_failed"}
    assert {row["note"] for row in whole["rows"]["answers"]} == {canary("note", "draft")}


def test_only_what_applies_to_this_agency_this_tier_and_this_day_is_asked(an, house, tools):
    full = house.plan("full", tier=2)
    office = house.plan("office", agency="tu_phap")
    earlier = house.plan("earlier", day=house.today - timedelta(days=20))
    checklist = tools.catalogue.in_force(house.today)[0]
    for visit, level, tier, day in ((full, "X", 2, house.today), (office, "S", 1, house.today),
                                    (earlier, "X", 1, house.today - timedelta(days=20))):
        meant = [item.id for section in checklist.sections for item in section.items if item.applies(level, tier, day)]
        assert [item["id"] for item in items_of(an.whole(visit))] == meant
    assert not an.whole(full)["rows"]["answers"] and an.whole(full)["score"]["percent"] is None


def test_what_was_found_under_an_older_version_is_shown_beside_the_items_of_the_newer(an, house, database):
    with database.transaction() as db:
        last = db.get(Inspection, id_of("issued"))
        last.planned_for, last.checklist_version = date(2026, 11, 20), 1
        db.get(Agency, last.agency_id).valid_from = date(2021, 1, 1)
    told = an.whole(house.plan("newer", day=date(2026, 11, 30), tier=3))
    assert told["checklist"]["version"] == 2
    assert told["previous"]["id"] == str(id_of("issued"))
    assert told["previous"]["items"][FAILED_ITEM]["outcome"] == "khong_dat"
    assert told["previous"]["items"].keys() <= {item["id"] for item in items_of(told)}
    page = an.get(f"/inspections/{id_of('newer')}/capture").text
    assert "Lần trước 20/11/2026" in page and canary("note", "issued") in page and "Tái phạm" in page


def test_an_sees_what_was_found_at_the_same_agency_the_last_time(an):
    before = an.whole(DRAFT)["previous"]
    assert before["id"] == str(id_of("issued")) and before["items"][FAILED_ITEM]["outcome"] == "khong_dat"
    assert before["items"][FAILED_ITEM]["note"] == canary("note", "issued")


def test_what_was_counted_and_ticked_the_last_time_is_told_in_figures_and_words(an):
    last, before = an.whole(id_of("issued")), an.whole(DRAFT)["previous"]["items"]
    words = {option["id"]: option["text"] for item in items_of(last) for option in item["options"]}
    page = re.sub(r"</?b[^>]*>", "", an.get(f"/inspections/{DRAFT}/capture").text)
    told = [row for row in last["rows"]["answers"] if row["item"] in before and f'data-item="{row["item"]}"' in page]
    shares, ticks = [row for row in told if row["of"]], [row for row in told if row["choices"]]
    assert shares and ticks
    for row in told:
        found = before[row["item"]]
        assert (found["number"], found["of"]) == (row["number"], row["of"])
        assert found["choices"] == [words[id] for id in words if id in row["choices"]]
    for row in shares:
        card = page.partition(f'data-item="{row["item"]}"')[2].partition("</fieldset>")[0]
        assert re.search(rf"Lần trước [\d/]+: (?:[^<]+ )?{row['number']}/{row['of']}\b", card), card
    for row in ticks:
        card = page.partition(f'data-item="{row["item"]}"')[2].partition("</fieldset>")[0]
        seen = card.partition('class="previous"')[2].partition("</p>")[0]
        assert "; ".join(before[row["item"]]["choices"]) in seen, seen


def test_that_the_question_was_another_one_the_last_time_is_told_to_team_and_office(an, chi, house):
    """BH03 of version 1 asks for signs, which the decree does not demand."""
    with house.tools.database.transaction() as db:
        for visit, version in (("issued", 1), ("draft", 2), ("submitted", 2)):
            db.get(Inspection, id_of(visit)).checklist_version = version
    told = an.whole(DRAFT)["previous"]["items"]
    assert told["BH03"]["asked"].startswith("Có chỉ dẫn từ cổng vào") and "asked" not in told["BH01"]
    page = an.get(f"/inspections/{DRAFT}/capture").text
    cards = [page.partition(f'data-item="{id}"')[2].partition("</fieldset>")[0] for id in ("BH03", "BH01")]
    assert ["khi đó câu hỏi khác" in card for card in cards] == [True, False]
    desk = chi.get(f"/inspections/{id_of('submitted')}/review?item=BH03").text
    assert f"Khi đó câu hỏi là: «{told['BH03']['asked']}»" in desk


def test_binh_gets_no_address_of_a_photo_that_he_may_not_see(client_of, house):
    """The last visit to Hoàn Kiếm was An's; its words are handed on, its photos are not his to open."""
    binh = client_of("binh")
    mine = house.plan("binh at hoan kiem", team=["binh"])
    for line in binh.whole(mine)["previous"]["items"].values():
        assert line["photo"] is None
    assert "/photos/" not in binh.get(f"/inspections/{mine}/capture").text


def test_what_is_confidential_is_not_handed_on_to_another_team(an, client_of, house, database):
    asked = next(item for item in items_of(an.whole(id_of("issued"))) if item["confidential"])
    with database.transaction() as db:
        last = db.get(Inspection, id_of("issued"))
        an_id = next(iter(last.team_ids))
        said = {"value": None, "number": 2, "of": 10, "choices": [], "note": "Lời người dân"}
        db.add(Answer(id=uuid4(), inspection_id=last.id, seq=queries.next_seq(db, Answer, last.id), item=asked["id"],
                      author_id=an_id, answered_at=now(), **said))
    mine, binh = house.plan("binh at hoan kiem", team=["binh"]), client_of("binh")
    hers, his = an.whole(DRAFT)["previous"], binh.whole(mine)["previous"]
    assert hers["items"][asked["id"]]["note"] == "Lời người dân" and asked["id"] in hers["score"]["critical_failed"]
    assert asked["id"] not in his["items"] and asked["id"] not in his["score"]["critical_failed"]
    assert "Lời người dân" not in binh.get(f"/inspections/{mine}/capture").text


def test_an_returned_visit_says_which_items_are_open_and_why(an):
    assert an.whole(id_of("returned"))["returned"] == {RETURNED_ITEM: canary("verdict", "returned")}
    assert an.whole(DRAFT)["returned"] == {}


# ── Who is let in ─────────────────────────────────────────────────────────────────────────────────
def test_without_its_token_nothing_is_taken_and_the_tablet_is_told_why(an):
    row = answer(items_of(an.whole(DRAFT))[0])
    for headers in ({}, {"X-CSRFToken": "old"}):
        refused = an.post(f"/sync/inspections/{DRAFT}/rows", json={"answers": [row]}, headers=headers)
        assert (refused.status_code, refused.json["problem"]) == (400, "csrf") and refused.json["message"]


def test_a_token_lives_as_long_as_the_session(an):
    row = answer(items_of(an.whole(DRAFT))[0])
    headers = an.csrf
    with time_machine.travel(datetime.now().astimezone() + timedelta(days=2)):
        assert an.post(f"/sync/inspections/{DRAFT}/rows", json={"answers": [row]}, headers=headers).status_code == 200


@pytest.mark.parametrize("ending", ["week", "disabled", "new password"])
def test_when_ans_session_is_over_her_tablet_is_told_to_sign_in_and_nothing_is_taken(an, database, ending):
    row = answer(items_of(an.whole(DRAFT))[0])
    headers, later = an.csrf, datetime.now().astimezone()
    if ending == "week":
        later += timedelta(days=8)
    else:
        with database.transaction() as db:
            person = db.scalar(select(User).where(User.name == "an"))
            if ending == "disabled":
                people.disable(db, None, person)
            else:
                people.give_password(db, None, person, "x")
    with time_machine.travel(later):
        for answered in (an.get("/sync/hello"), an.get("/sync/inspections"), an.get(f"/sync/inspections/{DRAFT}"),
                         an.post(f"/sync/inspections/{DRAFT}/rows", json={"answers": [row]}, headers=headers),
                         an.put(DRAFT, picture(seed=9)), an.submit(DRAFT)):  # fmt: skip
            assert (answered.status_code, answered.json["problem"]) == (401, "sign_in")
    with database.transaction(writing=False) as db:
        assert db.get(Answer, UUID(row["id"])) is None


def test_what_is_not_hers_and_what_is_not_at_all_look_alike_to_an(an):
    missing = "00000000-0000-4000-8000-000000000000"
    for address in ("", "/score", "/rows", "/submission"):
        method = an.post if address in ("/rows", "/submission") else an.get
        answers = [method(f"/sync/inspections/{id}{address}", headers=an.csrf) for id in (id_of("binhs"), missing)]
        assert [a.status_code for a in answers] == [404, 404] and answers[0].json == answers[1].json
        assert answers[0].json["problem"] == "not_found"
    assert an.put(id_of("binhs"), picture()).status_code == an.put(missing, picture()).status_code == 404


def test_a_hash_opens_nothing_in_another_drawer(an, client_of):
    """Bình's photo is not An's because she knows its hash; nor does it count as hers when she names it."""
    secret = picture(seed=77)
    assert client_of("binh").put(id_of("binhs"), secret).status_code == 201
    sha256 = hash_of(secret)
    assert an.put(DRAFT, b"", sha256).status_code == 422
    assert an.head(f"/sync/inspections/{DRAFT}/blobs/{sha256}").status_code == 404
    named = photo(RETURNED_ITEM, sha256)
    assert an.rows(DRAFT, photos=[named]).json["kept"] == [named["id"]]
    assert {"kind": "bytes", "item": RETURNED_ITEM, "sha256": sha256} in an.submit(DRAFT).json["missing"]
