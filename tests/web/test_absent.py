"""A tablet asks for what it was told is kept: what a server that was set back to an older copy has lost."""

from uuid import uuid4

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
