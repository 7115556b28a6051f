"""An agency's page: what it owes, by when, where its document is; and nothing of anyone else."""

import unicodedata
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from audit_app.actions import people
from audit_app.records.evidence import Event, Report, Response
from audit_app.records.models import Agency, User
from audit_app.web.agency import following, in_order
from tests.factories import CANARIES, FAILED_ITEM, VISITS, canary, id_of, password_of
from tests.web.test_reports import replace_it
from tests.web.test_stale import shown

REPORT = id_of("report issued")
ANSWER = f"/reports/{REPORT}/response"


def responses(database) -> list[Response]:
    with database.transaction(writing=False) as db:
        return list(db.scalars(select(Response).order_by(Response.at)))


def test_dung_learns_at_once_what_is_owed_by_when_and_where_the_document_is(dung, house):
    page = dung.get("/agency").text
    for said in ("1 tồn tại chưa giải trình", f"{house.today + timedelta(days=30):%d/%m/%Y}", "Còn 30 ngày",
                 f'href="/reports/{REPORT}.pdf" data-report', FAILED_ITEM, canary("note", "issued"), ">118/TB-VP<"):
        assert said in page, said
    assert dung.get("/").location.endswith("/agency")


def test_dung_learns_nothing_that_is_not_on_an_issued_paper_of_her_own(dung):
    seen = dung.get("/agency").text + dung.get(f"/agency/reports/{REPORT}").text
    foreign = [canary(kind, visit) for kind in CANARIES for visit in VISITS if visit != "issued"]
    foreign += [str(id_of(visit)) for visit in VISITS]
    foreign += ["Ba Đình", "Tư pháp", canary("verdict", "issued"), "Lê Mai Chi"]
    assert not [word for word in foreign if word in seen]


def test_em_sees_her_own_report_and_no_other(em):
    page = em.get("/agency").text
    assert str(id_of("report binhs_issued")) in page and str(REPORT) not in page
    assert em.get(f"/agency/reports/{REPORT}").status_code == 404
    assert em.post(ANSWER, data={"finding": 1, "text": "x"}, headers=em.csrf).status_code == 404


def test_an_agency_without_a_report_is_told_that_nothing_is_to_be_done(app, database, house):
    with database.transaction() as db:
        people.add(db, None, name="hoa", full_name="Ngô Thị Hoa", role="agency", agency_id=id_of("tu_phap"),
                   password_hash=house.passwords.hash(password_of("hoa")))
    page = app.test_client().sign_in("hoa").get("/agency").text
    assert "Chưa có thông báo nào" in page and "Hiện chưa cần làm gì" in page


def test_a_successor_is_told_that_notices_to_its_forerunners_are_not_here(app, em, database, house):
    assert "tiền thân" not in em.get("/agency").text
    with database.transaction() as db:
        db.get(Agency, id_of("hoan_kiem")).successor_id = id_of("tu_phap")
        db.get(Agency, id_of("tu_phap")).successor_id = id_of("ba_dinh")
        people.add(db, None, name="hoa", full_name="Ngô Thị Hoa", role="agency", agency_id=id_of("tu_phap"),
                   password_hash=house.passwords.hash(password_of("hoa")))
    page = app.test_client().sign_in("hoa").get("/agency").text
    assert "cơ quan tiền thân (UBND phường Hoàn Kiếm), nếu có, không hiện" in page and "chưa cần làm gì" not in page
    assert "cơ quan tiền thân (Sở Tư pháp), nếu có, không hiện" in em.get("/agency").text


def test_dung_answers_a_finding_and_both_she_and_chi_read_it(dung, chi, database, house):
    on = f"{house.today + timedelta(days=200):%d/%m/%Y}"
    done = dung.send("/agency", "/response", finding="1", text="Đã treo lại bảng.", promised_on=on)
    assert done.status_code == 302 and done.location.endswith("#finding-1")
    for page in (dung.get("/agency").text, chi.get(f"/follow/{REPORT}").text):
        assert "Đã treo lại bảng." in page and f"dự kiến xong {on}" in page
    assert "không còn tồn tại nào chưa giải trình" in dung.get("/agency").text
    assert str(REPORT) not in chi.get("/follow").text and "Đã giải trình đủ" in chi.get("/follow?tab=all").text
    with database.transaction(writing=False) as db:
        event = db.scalar(select(Event).where(Event.name == "response.given"))
        assert event.inspection_id == id_of("issued") and event.details["finding"] == 1


def test_a_second_answer_is_added_and_the_first_one_stays(dung, database):
    for text in ("Lần một.", "Lần hai."):
        dung.send("/agency", "/response", finding="1", text=text)
    assert [row.text for row in responses(database)] == ["Lần một.", "Lần hai."]
    assert "Lần một." in dung.get("/agency").text


def test_what_a_colleague_answered_while_the_page_was_open_is_told_once_and_nothing_typed_is_lost(
        dung, app, database, house):
    with database.transaction() as db:
        people.add(db, None, name="hoa", full_name="Ngô Thị Hoa", role="agency", agency_id=id_of("hoan_kiem"),
                   password_hash=house.passwords.hash(password_of("hoa")))
    opened = next(form for form in dung.forms("/agency") if form.action == ANSWER).values()
    hoa = app.test_client().sign_in("hoa")
    assert hoa.send("/agency", "/response", finding="1", text="Hoa đã treo lại.").status_code == 302
    told = dung.post(ANSWER, data=opened | {"text": "Dũng đã treo lại."})
    assert told.status_code == 422 and "Ngô Thị Hoa đã giải trình tồn tại này lúc" in told.text
    assert "Hoa đã treo lại." in told.text and "Dũng đã treo lại." in told.text
    assert dung.post(ANSWER, data=shown(told, ANSWER).values()).status_code == 302
    assert dung.post(ANSWER, data=opened | {"row": str(uuid4()), "text": "Thêm."}).status_code == 422, "she saw none"
    assert hoa.post(ANSWER, data={"finding": "1", "text": "Xong."}, headers=hoa.csrf).status_code == 302, "of a program"
    assert [row.text for row in responses(database)] == ["Hoa đã treo lại.", "Dũng đã treo lại.", "Xong."]


@pytest.mark.parametrize(("said", "told"), [
    ({"text": ""}, "Hãy nhập nội dung giải trình"), ({"text": " \n\u00a0"}, "Hãy nhập nội dung giải trình"),
    ({"text": "\u200b"}, "Hãy nhập nội dung giải trình"), ({"text": "\u3164\u0301"}, "Hãy nhập nội dung giải trình"),
    ({"text": "Sẽ sửa", "promised_on": "01/01/2020"}, "phải từ hôm nay trở đi"),
    ({"text": "Sẽ sửa", "promised_on": "mai"}, "không đúng; hãy nhập như"),
    ({"text": "Sẽ sửa", "finding": "2"}, "không có tồn tại số 2"),
    ({"text": "Sẽ sửa", "finding": "một"}, "Hãy nhập một số nguyên"),
    ({"text": "x" * 10_001}, "dài quá 10.000 ký tự"),
    ({"text": "a\x00b"}, "ký tự không hiển thị được"),
])
def test_what_cannot_be_taken_is_said_and_nothing_is_kept(dung, database, said, told):
    done = dung.post(ANSWER, data={"finding": "1", **said}, headers=dung.csrf)
    assert done.status_code == 422 and told in done.text
    assert responses(database) == []


def test_what_dung_typed_stays_in_the_box_that_was_refused(dung):
    done = dung.post(ANSWER, data={"finding": "1", "text": "Bảng đang làm", "promised_on": "32/13/2026"},
                     headers=dung.csrf)
    assert "Bảng đang làm" in done.text and "32/13/2026" in done.text


def test_what_is_too_long_stays_whole_in_the_box_and_letters_count_once_however_they_are_composed(dung, database):
    for text, status in (("ệ" * 10_000, 302), ("ệ" * 10_001 + "hết", 422)):
        said = {"finding": "1", "text": unicodedata.normalize("NFD", text)}
        done = dung.post(ANSWER, data=said, headers=dung.csrf)
        assert done.status_code == status
    assert said["text"] in done.text and "maxlength" not in done.text
    assert [len(row.text) for row in responses(database)] == [10_000]


def test_a_replaced_report_is_read_but_no_longer_answered(dung, database):
    replace_it(database)
    page = dung.get(f"/agency/reports/{REPORT}").text
    assert "đã được thay bằng bản mới hơn" in page and ANSWER not in page
    assert str(id_of("second")) in dung.get("/agency").text


@pytest.mark.parametrize("said", [{}, {"promised_on": "32/13/2026"}])
def test_what_dung_typed_while_her_notice_was_replaced_stands_in_the_box_of_the_new_version(dung, database, said):
    replace_it(database)
    done = dung.post(ANSWER, data={"finding": "1", "text": "Bảng đang làm", **said}, headers=dung.csrf)
    assert done.status_code == 422 and "Bảng đang làm" in done.text
    assert ("thay bằng bản mới" in done.text) is not bool(said)
    assert f'action="/reports/{id_of("second")}/response"' in done.text and ANSWER not in done.text
    assert responses(database) == []


def test_an_answer_that_came_before_the_notice_was_replaced_is_no_error_when_it_comes_again(dung, database):
    said = {"finding": "1", "text": "Bảng đang làm", "row": str(uuid4())}
    assert dung.post(ANSWER, data=said, headers=dung.csrf).status_code == 302
    replace_it(database)
    assert dung.post(ANSWER, data=said, headers=dung.csrf).status_code == 302
    assert len(responses(database)) == 1


def test_older_reports_stand_below_the_newest_with_their_own_deadline(dung, database):
    with database.transaction() as db:
        new = db.get(Report, REPORT)
        db.add(Report(id=id_of("older"), inspection_id=id_of("approved"), agency_id=new.agency_id, version=1, code="CC",
                      number="7", snapshot=new.snapshot, pdf=new.pdf, octets=new.octets, findings=2,
                      remedy_by=new.remedy_by - timedelta(days=90), issued_at=new.issued_at - timedelta(days=120)))
    page = dung.get("/agency").text
    assert "3 tồn tại chưa giải trình" in page and "Quá hạn 60 ngày" in page
    assert page.index("còn 2 tồn tại chưa giải trình</a>") < page.index('id="findings"')
    assert page.index(f"/reports/{REPORT}.pdf") < page.index(f"/agency/reports/{id_of('older')}")


def test_who_is_disabled_is_out_at_once(dung, database):
    dung.get("/agency")
    with database.transaction() as db:
        people.disable(db, None, db.scalar(select(User).where(User.name == "dung")))
    assert dung.get("/agency").status_code == 302


def test_what_must_be_mended_and_nobody_answered_comes_first_and_leads_to_the_next(dung):
    findings = [{"number": n, "critical": n in (3, 4)} for n in range(1, 6)]
    ordered = in_order(findings, {1: [], 3: []})
    assert [row["number"] for row in ordered] == [4, 1, 2, 3, 5]
    assert following(ordered, {1: [], 3: []}) == {None: 4, 4: 2, 1: 2, 2: 5, 3: 4, 5: 4}
    assert "Chưa giải trình 1" in dung.get("/agency").text


def test_who_answers_one_after_the_other_is_led_through_what_must_be_mended_and_then_through_the_rest():
    findings, answers, led = [{"number": n, "critical": n in (3, 5)} for n in range(1, 6)], {}, []
    at = following(in_order(findings, answers), answers)[None]
    while at:
        answers[at] = led.append(at)
        at = following(in_order(findings, answers), answers)[at]
    assert led == [3, 5, 1, 2, 4]


def test_that_an_answer_was_sent_is_said_at_its_finding_where_the_page_opens(dung):
    sent = dung.post(ANSWER, data={"finding": 1, "text": "Đã sửa"}, headers=dung.csrf)
    page, again = (dung.get(sent.location.split("#")[0]).text for _ in range(2))
    said = "Đã gửi giải trình cho tồn tại số 1."
    assert page.index('id="finding-1"') < page.index(said) < page.index("finding-marks")
    assert page.count("Đã gửi giải trình") == 1 and "Không còn tồn tại nào chưa giải trình." in page
    assert "Đã gửi giải trình" not in again and "Chưa giải trình" not in again
