"""The numbers of notices: the office types them, none twice in a year."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from audit_app.actions import issue, jobs
from audit_app.records.evidence import Approval, Report
from audit_app.records.models import Inspection, User
from audit_app.records.work import Job
from tests.factories import id_of

SUBMITTED = id_of("submitted")


def approved(chi, **said):
    return chi.send(f"/inspections/{SUBMITTED}/approval", "/approval", **said)


@pytest.mark.parametrize(("number", "issued_on", "taken"), [
    ("118", "", True), ("0118", "", True), ("118", "today", True), ("118a", "", False), ("119", "", False),
    ("", "", False),
])
def test_a_number_is_given_once_a_year(chi, database, house, number, issued_on, taken):
    """An's issued visit has number 118 of today."""
    done = approved(chi, number=number, issued_on=f"{house.today:%d/%m/%Y}" if issued_on else "")
    assert done.status_code == (422 if taken else 302)
    if taken:
        assert "đã dùng trong năm" in done.text and "UBND phường Hoàn Kiếm" in done.text
    with database.transaction(writing=False) as db:
        assert db.get(Inspection, SUBMITTED).state == ("submitted" if taken else "approved")


@pytest.mark.parametrize("number", ["0", "000", "0a", "11\u0668", "1_0", "số 0/TB-VP"])
def test_nought_is_no_number(chi, number):
    """And no other notice without a number is blamed for it; nor are figures of other scripts one: 11\u0668 is 118."""
    assert "Chỉ ghi phần số" in approved(chi, number=number).text


@pytest.mark.parametrize(("typed", "kept"), [
    ("số 125", "125"), ("125/TB-VP", "125"), (" Số: 125a / tb-vp ", "125a"), ("so\u0302\u0301 0125/TB-VP", "0125"),
    ("125/TB-UBND", None), ("125/TB-VPX", None), ("125/", None), ("/TB-VP", None)])
def test_a_number_may_be_typed_as_it_stands_on_the_paper_with_the_symbol_of_notices_alone(chi, database, typed, kept):
    done = approved(chi, number=typed)
    assert done.status_code == (302 if kept else 422) and ("Chỉ ghi phần số" in done.text) is (kept is None)
    with database.transaction(writing=False) as db:
        assert db.scalar(select(Approval.number).where(Approval.inspection_id == SUBMITTED)) == kept
    if kept is None:
        assert f'value="{typed}"' in done.text, "what was typed stays"


def test_a_number_with_its_symbol_is_still_given_once_a_year(chi, house):
    assert "đã dùng trong năm" in approved(chi, number="số 118/TB-VP").text
    assert "đã dùng trong năm" in give(chi, number="118/TB-VP", issued_on=f"{house.today:%d/%m/%Y}").text


def test_a_number_of_last_year_is_free_again(chi, database, house):
    with database.transaction() as db:
        by = db.scalar(select(User.id).where(User.name == "chi"))
        db.add(Approval(inspection_id=id_of("binhs"), number="300", issued_on=date(house.today.year - 1, 12, 31),
                        remedy_by=house.today, by_id=by))
    assert approved(chi, number="300").status_code == 302


@pytest.mark.parametrize(("said", "field", "sentence"), [
    ({"issued_on": 93, "remedy_by": 94}, "issued_on", "Ngày ban hành sau hôm nay quá 92 ngày"),
    ({"remedy_by": 732}, "remedy_by", "Thời hạn khắc phục sau hôm nay quá 731 ngày"),
])
def test_a_day_whose_year_was_mistyped_is_refused_at_its_field(chi, house, said, field, sentence):
    days = {name: house.today + timedelta(days=ahead) for name, ahead in said.items()}
    refused = approved(chi, number="119", **{name: f"{day:%d/%m/%Y}" for name, day in days.items()})
    assert refused.status_code == 422 and sentence in refused.text
    assert f'id="field-{field}-error"' in refused.text
    days = {name: day - timedelta(days=1) for name, day in days.items()}
    assert approved(chi, number="119", **{name: f" {day:%d/%m/%Y} " for name, day in days.items()}).status_code == 302


@pytest.mark.parametrize(("kept", "typed"), [("300", "300"), ("31A", "31a"), ("007", "7")])
def test_a_notice_without_a_day_counts_in_the_year_of_its_approval(chi, database, house, kept, typed):
    with database.transaction() as db:
        by = db.scalar(select(User.id).where(User.name == "chi"))
        db.add(Approval(inspection_id=id_of("binhs"), number=kept, remedy_by=house.today, by_id=by))
    assert approved(chi, number=typed).status_code == 422


# ── A number given after the signature ────────────────────────────────────────────────────────────
LATE = id_of("binhs_issued")


@pytest.fixture
def em(client_of):
    return client_of("em")


def reports(database) -> list[Report]:
    with database.transaction(writing=False) as db:
        return list(db.scalars(select(Report).where(Report.inspection_id == LATE).order_by(Report.version)))


def give(chi, **said):
    return chi.send(f"/inspections/{LATE}/number", "/number", **said)


def test_a_notice_gets_its_number_after_it_was_issued_and_all_else_stays(chi, em, nobody, database, tools, house):
    first, = reports(database)
    em.send("/agency", "/response", finding="1", text="Đã sửa bảng.")
    assert "Ghi số văn bản" in chi.get(f"/inspections/{LATE}").text
    assert give(chi, number="77", issued_on=f"{house.today:%d/%m/%Y}").status_code == 302
    page = chi.get(f"/inspections/{LATE}").text
    assert "Đang in lại thông báo có số" in page and f"/reports/{first.id}.pdf" in page, "the first stays until then"
    jobs.drain(tools)
    _, second = reports(database)
    assert (second.number, second.issued_on, second.version) == ("77", house.today, 2)
    before, after = (json.loads(tools.blobs.get(str(LATE), report.snapshot)) for report in (first, second))
    told = {"number", "issued_on", "code", "verify_url", "version"}
    assert after["document"]["number"] == "77" and {
        name for name in before["document"] if before["document"][name] != after["document"][name]} <= told
    assert {**before, "document": 0, "grounds": 0} == {**after, "document": 0, "grounds": 0}
    shown = em.get("/agency").text
    assert f"/reports/{second.id}.pdf" in shown and ">77/" in shown and "Đã sửa bảng." in shown
    assert "1/1" in shown and "Đã thay thế" in shown, "what was answered is answered"
    assert str(second.id) not in chi.get("/follow").text and "Đã sửa bảng." in chi.get(f"/follow/{second.id}").text
    assert "thay" in nobody.get(f"/verify/{first.code}").text
    assert em.get(f"/reports/{second.id}.pdf").data.startswith(b"%PDF-1.7")
    assert "In lại thông báo có số" in chi.get(f"/inspections/{LATE}").text


def test_a_number_that_comes_late_may_come_with_more_time_to_mend(chi, em, database, tools, house):
    later = house.today + timedelta(days=60)
    day = f"{house.today + timedelta(days=45):%d/%m/%Y}"
    refused = give(chi, number="77", issued_on=day)
    assert refused.status_code == 422 and "Thời hạn khắc phục phải từ ngày ban hành" in refused.text
    assert give(chi, number="77", issued_on=day, remedy_by=f"{later:%d/%m/%Y}").status_code == 302
    jobs.drain(tools)
    _, second = reports(database)
    assert second.remedy_by == later and f"{later:%d/%m/%Y}" in em.get("/agency").text
    told = json.loads(tools.blobs.get(str(LATE), second.snapshot))["document"]
    assert told["remedy_by"] == later.isoformat()


def test_a_notice_whose_number_is_corrected_says_which_one_it_replaces(chi, database, tools, house):
    for number in ("77", "78", "79"):
        give(chi, number=number, issued_on=f"{house.today:%d/%m/%Y}")
        jobs.drain(tools)
    told = [json.loads(tools.blobs.get(str(LATE), report.snapshot))["document"] for report in reports(database)]
    assert [one["replaces"] and one["replaces"]["number"] for one in told] == [None, None, "77", "78"]
    assert told[2]["replaces"] == {"number": "77", "symbol": told[1]["symbol"],
                                   "issued_on": house.today.isoformat()}


def test_who_has_the_code_of_a_notice_reads_which_version_counts_and_which_one_it_replaces(
        chi, nobody, database, tools, house):
    day = f"{house.today:%d/%m/%Y}"
    for number in ("77", "78"):
        give(chi, number=number, issued_on=day)
        jobs.drain(tools)

    def told(report):
        page = nobody.get(f"/verify/{report.code}").text.split('class="notice')[1].split("</p>")[0]
        return re.sub(r"<[^>]+>", "", page).replace(tools.catalogue.letterhead.symbol, "…").split(">", 1)[1]

    first, second, third = reports(database)
    instead = f"Văn bản này đã được thay thế. Bản có giá trị là bản 3, số 78/…, ngày {day}."
    assert [told(first), told(second)] == [instead, instead]
    assert told(third) == f"Văn bản còn giá trị. Đây là bản mới nhất, thay bản 2, số 77/…, ngày {day}."
    assert third.code not in nobody.get(f"/verify/{first.code}").text, "a code is learnt from its paper alone"


def test_the_page_of_the_number_says_whether_it_is_given_or_corrected(chi, house):
    page, day = f"/inspections/{LATE}/number", f"{house.today:%d/%m/%Y}"
    assert "<h1>Ghi số văn bản</h1>" in chi.get(page).text
    assert give(chi, number="77", issued_on=day).status_code == 302
    assert "<h1>Sửa số văn bản</h1>" in chi.get(page).text
    refused = give(chi, number="78/TB-UBND", issued_on=day).text
    assert "<h1>Sửa số văn bản</h1>" in refused and "Chưa sửa được số văn bản" in refused


def test_the_same_number_again_prints_nothing_and_another_one_prints_once(chi, database, tools, house):
    day = f"{house.today:%d/%m/%Y}"
    for number, versions in (("77", 2), ("số 77/TB-VP", 2), ("78", 3)):
        assert give(chi, number=number, issued_on=day).status_code == 302
        jobs.drain(tools)
        with database.transaction(writing=False) as db:
            job = db.scalars(select(Job).where(Job.name == "renumber_findings").order_by(Job.id.desc())).first()
        issue.print_again(tools, job, lambda done: None)  # a second worker
        assert len(reports(database)) == versions
    assert "Sửa số văn bản" in chi.get(f"/inspections/{LATE}").text


def test_a_number_corrected_while_its_paper_is_printed_stands_on_every_paper_that_follows(chi, database, tools, house):
    day = f"{house.today:%d/%m/%Y}"
    give(chi, number="52", issued_on=day)
    with database.transaction(writing=False) as db:
        job = db.scalars(select(Job).where(Job.name == "renumber_findings").order_by(Job.id.desc())).first()
    issue.print_again(tools, job, lambda done: done == 55 and give(chi, number="25", issued_on=day))
    jobs.drain(tools)
    for report in reports(database):
        snapshot = json.loads(tools.blobs.get(str(LATE), report.snapshot))
        assert (snapshot["document"]["number"] or "") == report.number
    assert report.number == "25"
    assert approved(chi, number="52").status_code == 302, "what was only a slip is free again"


@pytest.mark.parametrize(("said", "told"), [
    ({"number": "118"}, "đã dùng trong năm"), ({"number": ""}, "Hãy nhập số văn bản."),
    ({"number": "7/BB-VP"}, "Chỉ ghi phần số"), ({"issued_on": ""}, "Hãy nhập ngày ban hành."),
    ({"issued_on": "01/01/2099"}, "Thời hạn khắc phục phải từ ngày ban hành"),
    ({"issued_on": "20/08/2021"}, "Ngày ban hành phải từ ngày kiểm tra ("),
])
def test_a_number_that_cannot_be_is_refused_at_its_field(chi, database, house, said, told):
    done = give(chi, **{"number": "77", "issued_on": f"{house.today:%d/%m/%Y}", **said})
    assert done.status_code == 422 and told in done.text
    with database.transaction(writing=False) as db:
        assert not db.scalar(select(Job.id).where(Job.name == "renumber_findings"))


def test_of_two_who_give_the_same_number_at_once_one_is_told(client_of, database, house):
    said = {"number": "500", "issued_on": f"{house.today:%d/%m/%Y}"}
    visits = (LATE, id_of("issued"))
    people = [client_of("chi", fresh=True), client_of("lan", fresh=True)]
    headers = [person.csrf for person in people]

    def send(person, visit, header):
        return person.post(f"/inspections/{visit}/number", data=said, headers=header).status_code

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(send, people, visits, headers))
    assert sorted(told) == [302, 422]


@pytest.mark.parametrize("visit", ["submitted", "approved", "returned"])
def test_what_is_not_issued_gets_its_number_with_the_approval(chi, visit):
    assert chi.get(f"/inspections/{id_of(visit)}/number").status_code == 409
    done = chi.post(f"/inspections/{id_of(visit)}/number", headers=chi.csrf,
                    data={"number": "9", "issued_on": "20/11/2026"})
    assert done.status_code == 422 and "Không làm được bước này" in done.text
