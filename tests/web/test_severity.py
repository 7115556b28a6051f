"""How grave a fault is: said if the inspector wants to, kept with the answer, shown of a fault only, never scored."""

import re

import pytest

from audit_app.actions import standing
from audit_app.records.models import Inspection
from tests.factories import FAILED_ITEM, answer, id_of
from tests.unit.test_closing import meeting
from tests.web.test_minutes import VISIT, hand_in, words_of
from tests.web.visitor import items_of

DRAFT = id_of("draft")
PAGE = f"/inspections/{DRAFT}/capture"


@pytest.fixture
def item(an) -> dict:
    """Words are asked, and «đạt một phần» is one of them."""
    return next(item for item in items_of(an.whole(DRAFT)) if item["kind"] == "a3" and item["scored"])


def kept(an, item: dict, value: str, severity: str | None) -> dict:
    row = answer(item, value) | {"severity": severity}
    assert an.rows(DRAFT, answers=[row]).json == {"kept": [row["id"]], "refused": []}
    return row


def card(an, item: dict) -> str:
    """The item's form on the tablet's page."""
    return re.search(rf'<fieldset id="{item["id"]}".*?</fieldset>', an.get(PAGE).text, re.DOTALL)[0]


def chosen(an, item: dict) -> list[str]:
    return re.findall(r'name="severity" value="(\w+)" checked', card(an, item))


@pytest.mark.parametrize("value", ["khong_dat", "mot_phan"])
def test_a_faults_severity_is_kept_and_told_again_and_scores_nothing(an, item, value):
    kept(an, item, value, None)
    before, plain = an.whole(DRAFT)["score"], card(an, item)
    assert plain.count('name="severity"') == 3 and not chosen(an, item)
    sent = kept(an, item, value, "nghiem_trong")
    other = an.rows(DRAFT, answers=[sent | {"severity": "nhe"}]).json["refused"]
    assert [line["problem"] for line in other] == ["conflict"]
    whole = an.whole(DRAFT)
    row = next(row for row in whole["rows"]["answers"] if row["item"] == item["id"])
    assert (row["id"], row["severity"]) == (sent["id"], "nghiem_trong") and whole["score"] == before
    assert chosen(an, item) == ["nghiem_trong"]


@pytest.mark.parametrize("value", ["dat", "khong_ap_dung"])
def test_what_is_no_fault_shows_none(an, item, value, database, tools):
    kept(an, item, value, "dang_ke")
    assert 'name="severity"' not in card(an, item)
    with database.transaction(writing=False) as db:
        visit = db.get(Inspection, DRAFT)
        found = standing.read(db, visit, tools.catalogue.get(visit.checklist_id, visit.checklist_version))
        assert found.severity(next(one for one in found.items if one.id == item["id"])) is None


def test_without_scripts_it_is_chosen_in_the_form_of_the_item(an, item):
    kept(an, item, "khong_dat", None)
    said = {"item": item["id"], "value": "khong_dat", "severity": "nhe"}
    assert an.post(f"/inspections/{DRAFT}/answers", data=said, headers=an.csrf).status_code == 302
    assert chosen(an, item) == ["nhe"]
    refused = an.post(
        f"/inspections/{DRAFT}/answers", data=said | {"severity": "khủng khiếp"}, headers=an.csrf, follow_redirects=True
    )
    assert "khủng khiếp" in refused.text and chosen(an, item) == ["nhe"]


@pytest.mark.parametrize(("other", "sides"), [("nhe", 0), ("nghiem_trong", 2), (None, 2)])
def test_two_who_call_the_same_fault_differently_grave_do_not_agree(client_of, house, item, other, sides):
    visit = house.plan("two tablets", team=["giang", "an", "binh"])
    for name, severity in (("an", "nhe"), ("binh", other)):
        row = answer(item, "khong_dat") | {"severity": severity, "seen": []}
        assert client_of(name).rows(visit, answers=[row]).json["kept"] == [row["id"]]
    giang = client_of("giang")
    told = giang.whole(visit)["conflicts"].get(item["id"], [])
    assert [side["severity"] for side in told] == (["nhe", other] if sides else [])
    assert "· Nhẹ" in giang.get(f"/inspections/{visit}/team").text


def test_the_minutes_say_it(an, item, tools):
    kept(an, item, "mot_phan", "dang_ke")
    an.rows(VISIT, meetings=[meeting()])
    hand_in(an, tools)
    said = words_of(an.get(f"/inspections/{VISIT}/minutes.pdf").data)
    assert f"Mục{item['id']}(" in said.replace("-", "") and "mứcđộ:đángkể" in said


def test_the_desk_names_what_is_not_in_order_before_all_items_and_what_of_it_was_looked_at(chi):
    visit = id_of("submitted")
    for marks in (0, 1):
        page = chi.get(f"/inspections/{visit}/review").text
        faults = re.search(r'<p class="desk-differences desk-faults">.*?</p>', page, re.DOTALL)[0]
        assert f"item={FAILED_ITEM}" in faults and page.index(faults) < page.index('<ol class="desk-sections">')
        assert faults.count("<a ") == int(re.search(r"\((\d+)\)", faults)[1]) and faults.count("đã xem") == marks
        said = {"item": FAILED_ITEM, "decision": "accept", "submission": "1"}
        assert chi.post(f"/inspections/{visit}/verdicts", data=said, headers=chi.csrf).status_code == 302
