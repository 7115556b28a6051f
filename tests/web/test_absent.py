"""A tablet asks for what it was told is kept: what a server that was set back to an older copy has lost."""

from datetime import timedelta
from uuid import uuid4

import pytest

from audit_app.records.db import now
from tests.factories import answer, id_of, photo
from tests.web.visitor import items_of

DRAFT = id_of("draft")


def asked(visitor, **said):
    return visitor.post(f"/sync/inspections/{DRAFT}/absent", json=said, headers=visitor.csrf)


def test_a_tablet_hears_which_of_its_rows_are_no_longer_here_and_which_originals(an):
    item, lost = items_of(an.whole(DRAFT))[0], str(uuid4())
    given, taken = answer(item), photo(item["id"], "c" * 64)
    assert an.rows(DRAFT, answers=[given], photos=[taken]).json["refused"] == []
    told = asked(an, answers=[given["id"], lost], photos=[taken["id"]], removals=[lost]).json
    assert told["rows"] == [lost, lost]
    assert asked(an, answers=[given["id"].upper()]).json["rows"] == []
    assert "c" * 64 in told["originals"]


def test_a_row_of_another_visit_is_not_here(an):
    given = answer(items_of(an.whole(DRAFT))[0])
    an.rows(DRAFT, answers=[given])
    address = f"/sync/inspections/{id_of('returned')}/absent"
    assert an.post(address, json={"answers": [given["id"]]}, headers=an.csrf).json["rows"] == [given["id"]]


def test_what_is_no_list_of_ids_is_refused_in_words(an):
    for name, ids, status in (("letters", [], 422), ("answers", "all", 422), ("answers", [7, {}], 422),
                              ("answers", [None] * 20_001, 413)):
        said = {name: ids}
        told = asked(an, **said)
        assert told.status_code == status and told.json["message"], said


def ago(row: dict, moment: str, hours: int) -> dict:
    """The row as it comes back from a tablet on which it was made so many hours ago, and kept since then."""
    then = (now() - timedelta(hours=hours)).isoformat()
    return row | {moment: then, "kept_at": then}


def counted(working: int) -> dict:
    return {"id": str(uuid4()), "kind": "may_lay_so", "total": 5, "working": working, "counted_at": now().isoformat()}


def held(number: int) -> dict:
    return {"id": str(uuid4()), "opened_at": now().isoformat(), "closed_at": now().isoformat(), "opinion": str(number)}


def stands(person, visit, name: str) -> list[str]:
    """The ids that count, of one list."""
    return [row["id"] for row in person.whole(visit)["rows"][name]]


@pytest.mark.parametrize(("name", "made", "moment"), [("equipment", counted, "counted_at"),
                                                      ("meetings", held, "closed_at")])
def test_what_comes_back_takes_the_place_of_nothing_that_a_colleague_said_since(client_of, house, name, made, moment):
    visit = house.plan("set back", team=["giang", "an", "binh"])
    back, since, later = ago(made(1), moment, 1), made(2), made(3)
    an, binh = client_of("an"), client_of("binh")
    for person, row, counts in ((binh, since, since), (an, back, since), (an, later, later)):
        assert person.rows(visit, **{name: [row]}).json == {"kept": [row["id"]], "refused": []}
        assert stands(an, visit, name)[-1] == counts["id"]


def test_an_older_answer_that_comes_back_leaves_the_same_persons_newer_one_of_another_tablet(client_of, house):
    visit = house.plan("two of hers", team=["giang", "an", "binh"])
    an = client_of("an")
    item = next(item for item in items_of(an.whole(visit)) if item["kind"] == "a3")
    back, since = ago(answer(item, "dat") | {"seen": []}, "answered_at", 1), answer(item, "khong_dat") | {"seen": []}
    an.rows(visit, answers=[since])
    assert an.rows(visit, answers=[back]).json == {"kept": [back["id"]], "refused": []}
    assert stands(an, visit, "answers") == [since["id"]] and an.whole(visit)["conflicts"] == {}


def test_an_older_answer_that_comes_back_stands_beside_a_colleagues_newer_one_which_counts_until_the_lead_chooses(
        client_of, house):
    visit = house.plan("hers and his", team=["giang", "an", "binh"])
    an, binh = client_of("an"), client_of("binh")
    item = next(item for item in items_of(an.whole(visit)) if item["kind"] == "a3")
    back, since = ago(answer(item, "dat") | {"seen": []}, "answered_at", 1), answer(item, "khong_dat") | {"seen": []}
    binh.rows(visit, answers=[since])
    an.rows(visit, answers=[back])
    assert [row["id"] for row in an.whole(visit)["conflicts"][item["id"]]] == [back["id"], since["id"]]
    assert stands(an, visit, "answers") == [since["id"]]


def test_what_comes_back_stands_again_over_what_was_said_before_it(client_of, house):
    """What the server had all along, and what a colleague's tablet brought back sooner."""
    visit = house.plan("nothing since", team=["giang", "an", "binh"])
    for hours, name in ((3, "binh"), (2, "an"), (1, "binh")):
        row = ago(counted(hours), "counted_at", hours)
        client_of(name).rows(visit, equipment=[row])
        assert stands(client_of("an"), visit, "equipment") == [row["id"]]
