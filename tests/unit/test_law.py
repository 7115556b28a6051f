"""The law on file: what is in force on a day, what may be shown, and how deep it may be cited."""

import json
from datetime import date
from pathlib import Path

import pytest

from audit_app.records.catalogue import Catalogue
from audit_app.rules.law import Citation, Instrument, Law, Provenance

CATALOGUE = Catalogue(Path(__file__).parents[2] / "checklists")
LAW = CATALOGUE.law
VISIT_2021, VISIT_2026 = date(2021, 8, 20), date(2026, 11, 23)
QUEUE_MACHINE = Citation(instrument="ND61", article=13, clause=2, point="b")
EVERY_VERSION = pytest.mark.parametrize("version", [1, 2])


def test_a_visit_of_2021_rests_on_decree_61():
    said = LAW.describe(QUEUE_MACHINE, VISIT_2021)
    assert said["label"] == "điểm b khoản 2 Điều 13 Nghị định số 61/2018/NĐ-CP"
    assert said["short"] == "NĐ 61/2018 Đ13 k2b"
    assert (said["in_force"], said["state"], said["replaced_by"]) == (True, "in_force", None)
    assert (said["valid_from"], said["valid_to"]) == ("2018-06-21", "2025-06-30")
    assert said["provenance"] == "text"


@EVERY_VERSION
def test_what_is_in_force_is_named_before_what_has_ended(version):
    item = CATALOGUE.get("mot-cua", version).item("NY01")
    assert LAW.cited(item.citations, VISIT_2021)[0]["key"].startswith("ND61")
    said = LAW.cited(item.citations, VISIT_2026)
    assert [one["in_force"] for one in said] == sorted((one["in_force"] for one in said), reverse=True)
    assert said[0]["in_force"] and said[-1]["key"].startswith("ND61") and len(said) == 3


def test_a_visit_of_2026_is_told_that_decree_61_has_ended_and_what_came_after():
    said = LAW.describe(QUEUE_MACHINE, VISIT_2026)
    assert (said["in_force"], said["state"]) == (False, "ended")
    assert said["replaced_by"] == "Nghị định số 118/2025/NĐ-CP"
    assert said["label"] == "điểm b khoản 2 Điều 13 Nghị định số 61/2018/NĐ-CP", "nothing is relabelled silently"


@pytest.mark.parametrize("day, in_force", [("2018-06-20", False), ("2018-06-21", True), ("2025-06-30", True),
                                           ("2025-07-01", False)])  # fmt: skip
def test_an_instrument_is_in_force_from_its_first_day_to_its_last(day, in_force):
    assert LAW.instrument("ND61").in_force_on(date.fromisoformat(day)) is in_force


def test_a_provision_not_yet_in_force_is_said_to_be_so_without_a_successor():
    said = LAW.describe(Citation(instrument="ND107"), date(2021, 11, 1))
    assert (said["in_force"], said["state"], said["replaced_by"]) == (False, "not_yet", None)


def test_an_end_known_only_by_its_year_is_shown_without_an_invented_day():
    slips = Citation(instrument="TT01", article=12, clause=2)
    last, first = LAW.describe(slips, date(2025, 12, 31)), LAW.describe(slips, date(2026, 1, 1))
    assert (last["in_force"], first["in_force"]) == (True, False)
    assert first["valid_to"] is None
    assert first["replaced_by"] == "Thông tư số 03/2025/TT-VPCP"


def test_what_is_only_remembered_is_kept_on_file_and_never_shown():
    for citation in (Citation(instrument="QD129", article=14), Citation(instrument="LNKT", article=40)):
        assert LAW.provision(citation).provenance is Provenance.UNVERIFIED
        assert LAW.describe(citation, VISIT_2021) is None


def test_a_date_of_issue_that_is_only_remembered_is_not_shown():
    assert LAW.instrument("LPHI").issued_on == date(2015, 11, 25)
    assert LAW.instrument("LPHI").shown_issue_date is None
    assert LAW.instrument("ND61").shown_issue_date == date(2018, 4, 23)


def test_a_quotation_of_the_item_is_shown_before_that_of_the_provision():
    narrow = QUEUE_MACHINE.model_copy(update={"quotation": "máy lấy số xếp hàng tự động"})
    assert LAW.describe(narrow, VISIT_2021)["quotation"] == "máy lấy số xếp hàng tự động"
    assert "đủ ghế ngồi chờ" in LAW.describe(QUEUE_MACHINE, VISIT_2021)["quotation"]


def test_only_what_was_read_is_quoted():
    for instrument in LAW.instruments.values():
        for provision in instrument.provisions:
            assert provision.quotation is None or provision.provenance is Provenance.TEXT


def test_an_amendment_whose_wording_was_not_seen_is_said():
    said = LAW.describe(Citation(instrument="ND20", article=19), VISIT_2021)
    assert "92/2017" in said["caveat"]
    assert said["quotation"] is None


@pytest.mark.parametrize("day, told", [("2021-12-05", False), ("2021-12-06", True), ("2025-06-30", True),
                                       ("2025-07-01", True)])  # fmt: skip
def test_words_older_than_an_amendment_nobody_read_say_so_from_its_first_day_for_good(day, told):
    said = LAW.describe(QUEUE_MACHINE, date.fromisoformat(day))
    assert said["caveat"] == ("Nghị định số 107/2021/NĐ-CP đã sửa đổi, bổ sung một số điều của văn bản này từ "
                              "06/12/2021; lời văn sau khi sửa của điều khoản này chưa được đối chiếu."
                              if told else None)  # fmt: skip


@pytest.mark.parametrize("day, told", [("2024-12-31", False), ("2025-01-01", True), ("2025-12-31", True),
                                       ("2026-01-01", False)])  # fmt: skip
def test_in_the_year_of_an_end_without_a_day_nothing_is_called_in_force_without_a_word(day, told):
    said = LAW.describe(Citation(instrument="TT01", article=12, clause=2), date.fromisoformat(day))
    assert said["caveat"] == ("Văn bản này hết hiệu lực trong năm 2025, chưa rõ ngày." if told else None)


def test_an_amended_provision_names_the_amendment():
    said = LAW.describe(Citation(instrument="ND63", article=17, clause=1, point="b"), VISIT_2021)
    assert said["label"] == ("điểm b khoản 1 Điều 17 Nghị định số 63/2010/NĐ-CP "
                             "(được sửa đổi, bổ sung theo Nghị định số 92/2017/NĐ-CP)")  # fmt: skip


@pytest.mark.parametrize("place, label", [
    ({"instrument": "TT02", "part": "Chương III"}, "Chương III Thông tư số 02/2017/TT-VPCP"),
    ({"instrument": "TT02", "article": 15}, "Điều 15 Thông tư số 02/2017/TT-VPCP"),
    ({"instrument": "QD468", "part": "Mục V", "clause": 2, "point": "e"},
     "điểm e khoản 2 Mục V Quyết định số 468/QĐ-TTg"),
    ({"instrument": "TT01", "article": 7, "clause": "2-4"},
     "khoản 2 đến khoản 4 Điều 7 Thông tư số 01/2018/TT-VPCP"),
    ({"instrument": "ND61", "article": 19, "clause": 9, "part": "đoạn 2"},
     "đoạn 2 khoản 9 Điều 19 Nghị định số 61/2018/NĐ-CP"),
    ({"instrument": "CV2542", "part": "nhiệm vụ 13 Phụ lục 2"},
     "nhiệm vụ 13 Phụ lục 2 Công văn số 2542/UBND-SNV"),
    ({"instrument": "CV2319"}, "Công văn số 2319/VPCP-KSTT"),
])  # fmt: skip
def test_a_citation_is_labelled_as_a_lawyer_writes_it(place, label):
    assert LAW.describe(Citation(**place), VISIT_2026)["label"] == label


@EVERY_VERSION
def test_the_circular_that_was_only_read_in_part_is_cited_no_deeper_than_its_articles(version):
    for provision in LAW.instrument("TT02").provisions:
        assert provision.clause is None and provision.point is None
        assert provision.article in (None, 15, 46)
    for item in CATALOGUE.get("mot-cua", version).items:
        for citation in item.citations:
            if citation.instrument == "TT02":
                assert citation.article in (15, 46) or citation.part.startswith("Chương III")


@EVERY_VERSION
def test_every_description_can_be_frozen_as_json(version):
    for item in CATALOGUE.get("mot-cua", version).items:
        for citation in item.citations:
            for day in (VISIT_2021, VISIT_2026):
                json.dumps(LAW.describe(citation, day))


@EVERY_VERSION
def test_every_provision_on_file_is_cited_by_someone_or_waits_to_be_verified(version):
    cited = {citation.key for item in CATALOGUE.get("mot-cua", version).items for citation in item.citations}
    cited |= {kind.citation.key for kind in CATALOGUE.equipment}
    cited |= {listed.citation.key for listed in (CATALOGUE.sipas[2021], CATALOGUE.tasks[2021])}
    idle = {
        provision.key_in(instrument.id)
        for instrument in LAW.instruments.values()
        for provision in instrument.provisions
        if provision.provenance is not Provenance.UNVERIFIED
    }
    assert idle <= cited, f"on file, cited by nobody: {idle - cited}"


def test_an_empty_law_knows_nothing():
    empty = Law([])
    assert empty.instrument("ND61") is None
    assert empty.provision(QUEUE_MACHINE) is None


def test_an_instrument_without_a_successor_has_none():
    assert LAW.successor(LAW.instrument("ND118")) is None
    assert LAW.successor(LAW.instrument("ND61")).id == "ND118"


def test_validity_of_a_provision_narrows_that_of_its_instrument():
    instrument = Instrument.model_validate_json(json.dumps({
        "id": "ND1", "kind": "k", "number": "1/2020", "title": "t", "label": "k 1/2020", "short": "k 1", "issuer": "i",
        "valid_from": "2020-01-01", "provenance": "text", "source": "s",
        "provisions": [{"article": 1, "paraphrase": "p", "provenance": "text", "valid_to": "2020-12-31"}],
    }))  # fmt: skip
    law, citation = Law([instrument]), Citation(instrument="ND1", article=1)
    assert law.describe(citation, date(2020, 12, 31))["in_force"]
    assert law.describe(citation, date(2021, 1, 1))["state"] == "ended"
    assert law.describe(citation, date(2019, 12, 31))["state"] == "not_yet"


def test_a_quotation_of_what_is_allowed_except_sometimes_says_the_exception():
    for instrument in LAW.instruments.values():
        for provision in instrument.provisions:
            if provision.quotation and ", trừ " in provision.paraphrase:
                assert "trừ" in provision.quotation or "không" in provision.quotation, provision.key_in(instrument.id)


@pytest.mark.parametrize(("id", "known", "unsure"), [("TT02", "2025-12-31", "2026-01-01"),
                                                     ("QD45", "2025-06-30", "2025-07-01")])  # fmt: skip
def test_where_nobody_has_checked_that_an_instrument_is_still_in_force_the_reader_is_told(id, known, unsure):
    provision = next(p for p in LAW.instrument(id).provisions if p.provenance is not Provenance.UNVERIFIED)
    citation = Citation(instrument=id, **provision.model_dump(include={"part", "article", "clause", "point"}))
    before, after = (LAW.describe(citation, date.fromisoformat(day)) for day in (known, unsure))
    assert "Chưa kiểm chứng" not in (before["caveat"] or "") and "Chưa kiểm chứng" in after["caveat"]
    assert before["in_force"] and after["in_force"]


def test_a_succession_that_is_only_remembered_is_said_to_be_so():
    successor = LAW.describe(QUEUE_MACHINE, VISIT_2026)["successor"]
    assert successor == "Nghị định số 118/2025/NĐ-CP, chưa kiểm chứng việc thay thế"
