"""Who signs a notice: the office chooses when it approves, and may say otherwise once it is signed."""

import json

import pytest
from sqlalchemy import select

from audit_app.actions import jobs
from audit_app.records.evidence import Report
from audit_app.records.models import Inspection
from audit_app.rules.letterhead import Signer
from tests.factories import id_of

VISIT, NEXT, ISSUED = id_of("submitted"), id_of("binhs"), id_of("binhs_issued")
DEPUTY = Signer(lines=("TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"), name="Nguyễn Thị Ngọc Ánh")
CHIEF = Signer(lines=("CHÁNH VĂN PHÒNG",))


@pytest.fixture(autouse=True)
def signers(tools, monkeypatch):
    monkeypatch.setattr(tools.catalogue, "letterhead",
                        tools.catalogue.letterhead.model_copy(update={"signers": (CHIEF, DEPUTY)}))


@pytest.fixture
def papers(database, tools):
    """All signatures that a visit's notices say, the oldest first."""
    def papers(visit):
        jobs.drain(tools)
        with database.transaction(writing=False) as db:
            kept = list(db.scalars(select(Report).where(Report.inspection_id == visit).order_by(Report.version)))
        told = [json.loads(tools.blobs.get(str(visit), report.snapshot))["document"] for report in kept]
        return [(one["signer_authority"], one["signer_title"], one["signer_name"]) for one in told]

    return papers


def chosen(page: str) -> str:
    return page.partition('<option value="')[2].partition(" selected")[0].rpartition('value="')[2].strip('"')


def test_the_office_chooses_who_signs_and_the_next_notice_offers_the_same(chi, papers, database):
    assert chosen(chi.get(f"/inspections/{VISIT}/approval").text) == CHIEF.label
    assert chi.send(f"/inspections/{VISIT}/approval", "/approval", signer=DEPUTY.label).status_code == 302
    assert papers(VISIT) == [("TL. CHỦ TỊCH\nKT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG", "Nguyễn Thị Ngọc Ánh")]
    with database.transaction() as db:
        db.get(Inspection, NEXT).state = "submitted"
    assert chosen(chi.get(f"/inspections/{NEXT}/approval").text) == DEPUTY.label


def test_nobody_signs_whom_the_letterhead_does_not_name(chi, papers):
    page = chi.send(f"/inspections/{VISIT}/approval", "/approval", signer="GIÁM ĐỐC", conclusion="Cơ bản đạt.")
    assert page.status_code == 422 and "Hãy chọn một giá trị trong danh sách." in page.text
    assert "Cơ bản đạt." in page.text and papers(VISIT) == []


def test_who_signed_after_all_is_named_with_the_number_and_stays_where_nobody_is_named(chi, papers, house):
    said = {"number": "88", "issued_on": f"{house.today:%d/%m/%Y}"}
    before, = papers(ISSUED)
    for more in ({}, {"signer": DEPUTY.label}, {"number": "89"}):
        said |= more
        assert chi.send(f"/inspections/{ISSUED}/number", "/number", **said).status_code == 302
        said.pop("signer", None)
        told = papers(ISSUED)
    deputy = ("\n".join(DEPUTY.lines[:-1]), DEPUTY.lines[-1], DEPUTY.name)
    assert told == [before, before, deputy, deputy]


def test_with_one_signer_there_is_nothing_to_choose(chi, tools, monkeypatch):
    monkeypatch.setattr(tools.catalogue, "letterhead",
                        tools.catalogue.letterhead.model_copy(update={"signers": (CHIEF,)}))
    assert "Người ký" not in chi.get(f"/inspections/{VISIT}/approval").text


def test_whoever_alone_may_sign_now_is_named_on_a_notice_another_was_to_sign(chi, papers, tools, monkeypatch, house):
    said = {"number": "88", "issued_on": f"{house.today:%d/%m/%Y}"}
    chi.send(f"/inspections/{ISSUED}/number", "/number", signer=DEPUTY.label, **said)
    monkeypatch.setattr(tools.catalogue, "letterhead",
                        tools.catalogue.letterhead.model_copy(update={"signers": (CHIEF,)}))
    assert chi.send(f"/inspections/{ISSUED}/number", "/number", signer=CHIEF.label, **said).status_code == 302
    assert papers(ISSUED)[-1] == (None, "CHÁNH VĂN PHÒNG", None)


def test_a_signer_who_went_while_the_page_was_open_is_refused_beside_those_who_are_left(chi, tools, monkeypatch, house):
    said = {"signer": DEPUTY.label, "number": "88", "issued_on": f"{house.today:%d/%m/%Y}"}
    monkeypatch.setattr(tools.catalogue, "letterhead",
                        tools.catalogue.letterhead.model_copy(update={"signers": (CHIEF,)}))
    for page in (f"/inspections/{VISIT}/approval", f"/inspections/{ISSUED}/number"):
        refused = chi.post(page, data=said, headers=chi.csrf)
        assert refused.status_code == 422 and 'value="88"' in refused.text
        assert 'id="field-signer"' in refused.text and CHIEF.label in refused.text
