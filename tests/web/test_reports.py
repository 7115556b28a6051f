"""The issued paper: who reads it, under which name it comes, and what anyone can verify of it."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from audit_app.records.evidence import Event, Report
from audit_app.rules.wording import paper_name
from tests.factories import canary, id_of

REPORT = id_of("report issued")
PAPER = f"/reports/{REPORT}.pdf"


def report_of(database, id=REPORT) -> Report:
    with database.transaction(writing=False) as db:
        return db.get(Report, id)


def replace_it(database, later: int = 0) -> None:
    """A second version of Dung's report, with a deadline so many days later."""
    with database.transaction() as db:
        old = db.get(Report, REPORT)
        db.add(Report(id=id_of("second"), inspection_id=old.inspection_id, agency_id=old.agency_id, version=2,
                      code="AAAA-BBBB", number="119", snapshot=old.snapshot, pdf=old.pdf, octets=old.octets,
                      findings=old.findings, remedy_by=old.remedy_by + timedelta(days=later)))


@pytest.mark.parametrize("who", ["dung", "an", "chi"])
def test_those_it_concerns_get_the_stored_bytes_under_a_name_a_person_can_read(client_of, database, who):
    answer = client_of(who).get(PAPER)
    report = report_of(database)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert hashlib.sha256(answer.data).hexdigest() == report.pdf and len(answer.data) == report.octets
    said = answer.headers["Content-Disposition"]
    assert said.startswith("inline") and "Thong-bao-ket-luan_UBND-phuong-Hoan-Kiem_" in said and said.endswith(".pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("who", ["em", "binh", "admin"])
def test_for_everyone_else_it_does_not_exist(client_of, who):
    assert client_of(who).get(PAPER).status_code == 404


def test_each_download_is_written_down_and_a_question_whether_it_is_there_is_none(dung, database):
    dung.get(PAPER)
    assert dung.head(PAPER).status_code == 200
    with database.transaction(writing=False) as db:
        (event,) = db.scalars(select(Event).where(Event.name == "report.downloaded"))
        assert event.inspection_id == id_of("issued")
        assert event.details == {"report": str(REPORT)} and event.actor.name == "dung"


def test_a_file_name_keeps_no_mark_and_no_sign_that_a_system_trips_over(house):
    name = paper_name('UBND xã Đông Anh / "Trung tâm" ..\\', house.today)
    assert name == f"Thong-bao-ket-luan_UBND-xa-Dong-Anh-Trung-tam_{house.today.isoformat()}.pdf"


def test_chi_finds_a_report_by_the_agency_and_sees_what_was_replaced(chi, database):
    assert PAPER in chi.get("/reports?q=hoan_kiem").text  # by its code
    assert PAPER in chi.get("/reports?q=hoan").text and PAPER not in chi.get("/reports?q=ba+dinh").text
    replace_it(database)
    page = chi.get("/reports?q=hoan").text
    assert "Đã thay thế" in page and f'/reports/{id_of("second")}.pdf' in page


def test_the_public_page_says_that_a_paper_stands_and_names_neither_agency_nor_finding(nobody, database):
    report = report_of(database)
    page = nobody.get(f"/verify/{report.code}").text
    assert "Văn bản còn giá trị" in page and "118/TB-VP" in page and report.pdf in page
    for secret in ("Hoàn Kiếm", canary("note", "issued"), "BH07", str(REPORT), str(report.inspection_id), "Chi",
                   canary("conclusion", "issued")):
        assert secret not in page, secret


def test_a_code_may_be_typed_without_its_hyphens_and_in_small_letters(nobody, database):
    code = report_of(database).code
    assert "-" in code
    for typed in (code.replace("-", ""), code.lower(), code.replace("-", " ")):
        assert "Văn bản còn giá trị" in nobody.get(f"/verify/{typed}").text, typed


def test_the_public_page_says_that_a_paper_was_replaced(nobody, database):
    replace_it(database)
    page = nobody.get(f"/verify/{report_of(database).code}").text
    assert "đã được thay thế" in page and "Văn bản còn giá trị" not in page


@pytest.mark.parametrize("code", ["0000-1111", "x", "%00", "A" * 500, "<script>"])
def test_an_unknown_code_is_a_calm_page(nobody, code):
    answer = nobody.get(f"/verify/{code}")
    assert answer.status_code == 404 and "<script>alert" not in answer.text
