"""Two tablets, one item: both answers are kept, both are shown, the team lead chooses, nothing vanishes."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from audit_app.actions import findings
from audit_app.records.db import now
from audit_app.records.evidence import Answer
from audit_app.records.models import Inspection, User
from tests.factories import answer, canary, hash_of, id_of, photo, picture, wants_photo
from tests.web.test_tablets import announcement
from tests.web.visitor import items_of


@pytest.fixture
def visit(house) -> UUID:
    """Giang leads, An and Bình work beside her."""
    return house.plan("two tablets", team=["giang", "an", "binh"])


@pytest.fixture
def item(client_of, visit) -> dict:
    return next(item for item in items_of(client_of("an").whole(visit)) if item["kind"] == "a3" and not
                wants_photo(item, "khong_dat"))


def say(person, visit, item: dict, value: str, seen: list | None, note: str = "") -> tuple[str, dict]:
    row = answer(item, value, note) | ({} if seen is None else {"seen": seen})
    return row["id"], person.rows(visit, answers=[row]).json


@pytest.fixture
def sides(client_of, visit, item) -> list[str]:
    """An and Bình answered without knowing of each other."""
    ids = []
    for name, value in (("an", "dat"), ("binh", "khong_dat")):
        id, told = say(client_of(name), visit, item, value, [], note=f"của {name}")
        assert told == {"kept": [id], "refused": []}
        ids.append(id)
    return ids


def test_both_answers_are_kept_and_everybody_on_the_team_sees_both(client_of, visit, item, sides):
    for name in ("an", "binh", "giang"):
        told = client_of(name).whole(visit)["conflicts"]
        assert list(told) == [item["id"]]
        assert [(row["id"], row["author"], row["value"], row["note"]) for row in told[item["id"]]] == [
            (sides[0], "Nguyễn Thị Hoài An", "dat", "của an"), (sides[1], "Trần Quốc Bình", "khong_dat", "của binh")]
        assert all(row["received_at"] and row["answered_at"] and row["author_id"] for row in told[item["id"]])


def test_each_side_stands_on_the_page_with_the_mark_of_its_answer(client_of, visit, sides):
    page = client_of("giang").get(f"/inspections/{visit}/capture").text
    assert re.findall(r'<b data-said="([a-z_]+)">', page) == ["dat", "khong_dat"]


def test_each_sees_the_score_of_the_side_that_stands_on_the_own_page(client_of, visit, item):
    for name, value in (("an", "dat"), ("binh", "khong_ap_dung")):
        say(client_of(name), visit, item, value, [])
    pages = [client_of(name).get(f"/inspections/{visit}/capture").text for name in ("an", "binh", "giang")]
    assert [re.search(r"data-score>([^<]*)<", page)[1] for page in pages] == ["độ phủ 1 %", "độ phủ 0 %", "độ phủ 0 %"]


def test_until_the_choice_the_newest_counts_and_nothing_can_be_submitted(client_of, visit, item, sides):
    giang = client_of("giang")
    whole = giang.whole(visit)
    assert [row["id"] for row in whole["rows"]["answers"]] == [sides[1]]
    assert {"item": item["id"], "kind": "conflict"} in giang.submit(visit).json["missing"]


def test_the_lead_chooses_and_then_it_is_over(client_of, visit, item, sides, database):
    giang = client_of("giang")
    id, told = say(giang, visit, item, "dat", sides, note="đã xem lại")
    assert told["kept"] == [id]
    whole = giang.whole(visit)
    assert whole["conflicts"] == {} and [row["id"] for row in whole["rows"]["answers"]] == [id]
    assert {"item": item["id"], "kind": "conflict"} not in giang.submit(visit).json["missing"]
    with database.transaction(writing=False) as db:
        assert db.scalar(select(func.count()).select_from(Answer).where(Answer.item == item["id"],
                                                                        Answer.inspection_id == visit)) == 3


def test_whom_the_office_makes_the_lead_is_offered_the_choice_at_the_next_look(client_of, chi, database, visit, sides):
    an, page, plan = client_of("an"), f"/inspections/{visit}/team", f"/rounds/visits/{visit}"
    before = an.get(page)
    assert "Chờ trưởng đoàn" in before.text
    form = next(form for form in chi.forms(plan) if form.action.endswith(plan))
    team = [box.get("value") for box in form.fields if box.get("name") == "team" and box.get("checked") is not None]
    with database.transaction(writing=False) as db:
        id = str(db.scalar(select(User.id).where(User.name == "an")))
    assert chi.post(plan, data=form.values() | {"team": team, "lead": id}).status_code == 302
    after = an.get(page, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and "Chọn một câu" in after.text


@pytest.mark.parametrize("seen", ["both", "none said"])
def test_a_member_cannot_choose_and_both_sides_stay(client_of, visit, item, sides, seen):
    """A tablet of the first version does not say what it knew; it must not end a conflict it never showed."""
    for name in ("an", "binh"):
        id, told = say(client_of(name), visit, item, "mot_phan", sides if seen == "both" else None)
        assert told["kept"] == [] and [(line["id"], line["problem"]) for line in told["refused"]] == [(id, "forbidden")]
        assert "trưởng đoàn" in told["refused"][0]["message"]
    assert [row["id"] for row in client_of("an").whole(visit)["conflicts"][item["id"]]] == sides


def test_a_plain_form_does_not_end_a_conflict_either(client_of, visit, item, sides):
    an = client_of("an")
    page = an.post(f"/inspections/{visit}/answers", data={"item": item["id"], "value": "dat"}, headers=an.csrf,
                   follow_redirects=True)
    assert "chỉ trưởng đoàn được chọn" in page.text
    assert [row["id"] for row in an.whole(visit)["conflicts"][item["id"]]] == sides


def test_an_may_change_her_own_side_while_it_is_open(client_of, visit, item, sides):
    id, told = say(client_of("an"), visit, item, "mot_phan", [sides[0]])
    assert told["kept"] == [id]
    assert {row["id"] for row in client_of("giang").whole(visit)["conflicts"][item["id"]]} == {id, sides[1]}


def test_a_whole_day_of_two_tablets_in_one_batch_each_ends_in_the_same_conflicts(client_of, visit):
    an, binh = client_of("an"), client_of("binh")
    items = items_of(an.whole(visit))
    for person, value in ((an, "dat"), (binh, "khong_dat")):
        batch = [answer(item, value) | {"seen": []} for item in items if item["kind"] in ("a2", "a3")]
        assert person.rows(visit, answers=batch).json["refused"] == []
    assert set(an.whole(visit)["conflicts"]) == {item["id"] for item in items if item["kind"] in ("a2", "a3")}


def test_tablets_of_the_first_version_go_on_as_before(an):
    """They never say what they knew: the last answer stands, and nobody is asked to choose."""
    draft = id_of("draft")
    item = items_of(an.whole(draft))[0]
    for value in ("dat", "khong_ap_dung"):
        id, _ = say(an, draft, item, value, None)
    whole = an.whole(draft)
    assert whole["conflicts"] == {} and next(row["id"] for row in whole["rows"]["answers"]
                                              if row["item"] == item["id"]) == id


def test_a_refused_choice_takes_no_neighbour_with_it(client_of, visit, item, sides):
    an = client_of("an")
    others = [other for other in items_of(an.whole(visit)) if other["id"] != item["id"]][:2]
    bad = answer(item, "dat") | {"seen": sides}
    good = [answer(other) | {"seen": []} for other in others]
    told = an.rows(visit, answers=[good[0], bad, good[1]]).json
    assert told["kept"] == [row["id"] for row in good] and [line["id"] for line in told["refused"]] == [bad["id"]]


@pytest.mark.parametrize("seen", ["x", 7, ["x"], [None], [{}], ["0" * 36] * 1_001, {"a": 1}])
def test_a_list_that_names_no_answers_is_refused_by_name(client_of, visit, item, seen):
    id, told = say(client_of("an"), visit, item, "dat", seen)
    assert [(line["id"], line["problem"]) for line in told["refused"]] == [(id, "invalid")]
    assert "seen" in told["refused"][0]["message"]


def test_an_answer_may_know_answers_that_are_still_on_their_way(client_of, visit, item):
    """An's first answer was refused, mended and sent after the second one."""
    an = client_of("an")
    first = answer(item, "dat") | {"seen": []}
    second, _ = say(an, visit, item, "khong_dat", [first["id"]])
    assert an.rows(visit, answers=[first]).json["kept"] == [first["id"]]
    whole = an.whole(visit)
    assert [row["id"] for row in whole["rows"]["answers"]] == [second] and whole["conflicts"] == {}


def test_after_the_choice_the_visit_is_submitted_with_what_the_lead_said(client_of, visit, item, sides):
    giang, data = client_of("giang"), picture(seed=41)
    giang.put(visit, data)
    items = [other for other in items_of(giang.whole(visit)) if other["id"] != item["id"]]
    photos = [photo(other["id"], hash_of(data)) for other in items if wants_photo(other)]
    assert not giang.rows(visit, answers=[answer(other) for other in items], photos=photos).json["refused"]
    assert giang.submit(visit).json["missing"] == [{"item": item["id"], "kind": "conflict"}]
    say(giang, visit, item, "dat", sides, note=canary("note", "lead"))
    assert giang.submit(visit).status_code == 201


# ── Remarks ───────────────────────────────────────────────────────────────────────────────────────
def remark(person, visit, text: str, seen: list | None = None) -> str:
    row = {"id": str(uuid4()), "kind": "difficulty", "text": text, "written_at": "2026-11-20T17:00:00+07:00"}
    assert person.rows(visit, remarks=[row | ({} if seen is None else {"seen": seen})]).json["kept"] == [row["id"]]
    return row["id"]


def test_what_two_people_remark_without_knowing_of_each_other_stands_on_the_page_and_on_paper(client_of, visit, house):
    an, binh = client_of("an"), client_of("binh")
    ids = [remark(binh, visit, "Máy lấy số hỏng", []), remark(an, visit, "Thiếu ghế chờ", [])]
    assert [row["id"] for row in an.whole(visit)["rows"]["remarks"]] == ids
    assert "Máy lấy số hỏng\n\nThiếu ghế chờ" in an.get(f"/inspections/{visit}/capture").text
    page = an.get(f"/inspections/{visit}/team").text
    assert " ".join(ids) in page and "Máy lấy số hỏng\n\nThiếu ghế chờ</p>" in page
    with house.tools.database.transaction(writing=False) as db:
        told = findings.remarked(db, db.get(Inspection, visit))
    assert told == {"difficulty": "Máy lấy số hỏng\n\nThiếu ghế chờ", "proposal": None, "explanation": None}
    last = remark(an, visit, "Máy hỏng, thiếu ghế", ids)
    assert [row["id"] for row in an.whole(visit)["rows"]["remarks"]] == [last]


def test_a_tablet_that_does_not_say_what_it_knew_is_taken_at_its_word_as_before(client_of, visit):
    remark(client_of("binh"), visit, "Máy lấy số hỏng")
    last = remark(client_of("an"), visit, "Thiếu ghế chờ")
    assert [row["id"] for row in client_of("an").whole(visit)["rows"]["remarks"]] == [last]


def test_the_plain_form_writes_only_what_was_changed_in_it_and_over_nothing_it_did_not_show(client_of, visit):
    an, binh = client_of("an"), client_of("binh")
    shown = remark(an, visit, "Thiếu ghế chờ", [])
    later = remark(binh, visit, "Máy lấy số hỏng", [])
    form = {"difficulty": "Thiếu ghế chờ", "known-difficulty": shown, "proposal": "Thêm bàn", "known-proposal": ""}
    assert an.post(f"/inspections/{visit}/remarks", data=form, headers=an.csrf).status_code == 302
    rows = an.whole(visit)["rows"]["remarks"]
    assert [row["id"] for row in rows if row["kind"] == "difficulty"] == [shown, later]
    assert [row["text"] for row in rows if row["kind"] == "proposal"] == ["Thêm bàn"]


# ── Counts of equipment: they do not say what their author knew ───────────────────────────────────
@pytest.mark.parametrize(("minutes", "ahead", "working", "told"), [
    (-30, 0, 3, True), (-30, 0, 4, False), (0, 0, 3, False), (0, 10, 3, True), (10, 0, 3, True),
], ids=["counted before Bình's came", "the same", "counted after it", "by a clock that is ahead, as is known",
        "by one that must be ahead"])
def test_a_count_that_came_after_another_one_its_author_cannot_have_known_names_that_one(
        client_of, tools, visit, minutes, ahead, working, told):
    kind = tools.catalogue.equipment[0].id
    clock = announcement() | {"clock_offset_ms": ahead * 60_000}
    client_of("an").post(f"/sync/inspections/{visit}/device", json=clock, headers=client_of("an").csrf)

    def count(person, working, at):
        row = {"id": str(uuid4()), "kind": kind, "total": 4, "working": working, "counted_at": at.isoformat()}
        assert person.rows(visit, equipment=[row]).json["refused"] == []

    count(client_of("binh"), 4, now())
    count(client_of("an"), 1, now() - timedelta(hours=1))  # nobody's own count is held against them
    count(client_of("an"), working, now() + timedelta(minutes=minutes))
    for name, page in (("an", "capture"), ("binh", "team"), ("chi", "")):
        shown = client_of(name).get(f"/inspections/{visit}/{page}".rstrip("/")).text
        assert ("Trần Quốc Bình đếm khác: có 4, hoạt động 4" in shown) is told, page
        assert "An đếm khác" not in shown
    count(client_of("binh"), 4, now())
    assert "đếm khác" not in client_of("chi").get(f"/inspections/{visit}").text, "he knew, and says it again"


# ── One person, two tablets: the one that was off in the basement sends last ──────────────────────
def test_what_an_said_before_on_another_tablet_stands_beside_what_she_said_since_and_she_chooses(
        client_of, visit, item):
    an, ids = client_of("an"), []
    for value, hour in (("khong_dat", 15), ("dat", 10)):
        row = answer(item, value, f"lúc {hour} giờ") | {"seen": [], "answered_at": f"2026-11-20T{hour}:00:00+07:00"}
        assert an.rows(visit, answers=[row]).json["kept"] == [row["id"]]
        ids.append(row["id"])
    assert [row["id"] for row in an.whole(visit)["conflicts"][item["id"]]] == ids
    assert {"item": item["id"], "kind": "conflict"} in client_of("giang").submit(visit).json["missing"]
    page, others = (client_of(name).get(f"/inspections/{visit}/team").text for name in ("an", "binh"))
    assert "trên hai máy" in page and page.count("Chọn câu trả lời này") == 2
    assert "Chờ trưởng đoàn" in others and "Chọn câu trả lời này" not in others
    assert say(client_of("binh"), visit, item, "dat", ids)[1]["kept"] == []
    chosen, told = say(an, visit, item, "khong_dat", ids, "đã xem lại")
    assert told["kept"] == [chosen] and an.whole(visit)["conflicts"] == {}


def test_what_an_remarked_or_counted_before_on_another_tablet_hides_nothing_she_said_since(client_of, tools, visit):
    an, kind = client_of("an"), tools.catalogue.equipment[0].id
    for hour, total in ((15, 5), (10, 9)):
        at = f"2026-11-20T{hour}:00:00+07:00"
        said = {"id": str(uuid4()), "kind": "difficulty", "text": f"lúc {hour} giờ", "seen": [], "written_at": at}
        counts = {"id": str(uuid4()), "kind": kind, "total": total, "working": 1, "counted_at": at}
        assert an.rows(visit, remarks=[said], equipment=[counts]).json["refused"] == []
    page = an.get(f"/inspections/{visit}/capture").text
    assert "lúc 15 giờ\n\nlúc 10 giờ" in page and "An đếm khác: có 5, hoạt động 1" in page
