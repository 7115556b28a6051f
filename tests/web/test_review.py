"""The office reviews: item by item, sends back, approves; the team mends only what was sent back."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from audit_app.actions import findings
from audit_app.records import queries
from audit_app.records.db import now
from audit_app.records.evidence import Answer, Approval, Event
from audit_app.records.models import Assignment, Inspection, User
from audit_app.records.work import Job
from tests.factories import FAILED_ITEM, RETURNED_ITEM, answer, canary, id_of
from tests.web.visitor import items_of

SUBMITTED, RETURNED, APPROVED = id_of("submitted"), id_of("returned"), id_of("approved")
DESK = f"/inspections/{SUBMITTED}/review"


def inspection_of(database, id) -> Inspection:
    with database.transaction(writing=False) as db:
        return db.get(Inspection, id)


def marks(database, id) -> dict[str, str]:
    """What the office thinks of each item now."""
    with database.transaction(writing=False) as db:
        return {item: row.decision for item, row in queries.verdicts(db, db.get(Inspection, id)).items()}


def judge(chi, item: str, decision: str, reason: str = "", visit=SUBMITTED):
    said = {"item": item, "decision": decision, "reason": reason}
    return chi.post(f"/inspections/{visit}/verdicts", data=said, headers=chi.csrf)


# ── The queue ─────────────────────────────────────────────────────────────────────────────────────
def test_chi_finds_what_waits_without_typing_diacritics(chi):
    assert "độ phủ" in (page := chi.get("/review?q=hoan+kiem").text) and f"/inspections/{SUBMITTED}/review" in page
    assert f"/inspections/{SUBMITTED}/review" not in chi.get("/review?q=ba+dinh").text
    assert f"/inspections/{SUBMITTED}/review" not in chi.get("/review?level=S").text
    found = [chi.get(f"/review?{asked}").text for asked in ("level=X", "q=hoan_kiem")]
    assert all(f"/inspections/{SUBMITTED}/review" in page for page in found)
    for asked, waiting in (("", 1), ("&level=X", 1), ("&level=S", 0), ("&q=ba+dinh", 0)):
        page = chi.get(f"/review?tab=returned{asked}").text
        assert re.search(r'tab=submitted[^"]*">[^<]*<span class="count">(\d+)<', page)[1] == str(waiting), asked


@pytest.mark.parametrize("tab", ["returned", "approved", "issued"])
def test_each_tab_of_the_queue_shows_its_own_visits(chi, tab):
    page = chi.get(f"/review?tab={tab}").text
    assert f'href="/inspections/{id_of(tab)}"' in page and f"/inspections/{SUBMITTED}" not in page


def test_chi_sees_on_her_first_page_what_waits_and_what_failed(chi):
    page = chi.get("/").text
    assert f"/inspections/{SUBMITTED}/review" in page and f"/inspections/{RETURNED}" in page
    assert "Máy in hết giấy." in page and "/rerun" in page


# ── The desk ──────────────────────────────────────────────────────────────────────────────────────
def test_the_desk_opens_one_item_with_its_answer_law_and_photo(chi):
    page = chi.get(f"{DESK}?item={FAILED_ITEM}").text
    for said in (canary("note", "submitted"), "Nguyễn Thị Hoài An", "Không đạt", "Căn cứ pháp lý", "/screen",
                 "Tải bản gốc"):
        assert said in page, said
    lapsed = chi.get(f"{DESK}?item=NY01").text  # NĐ 61/2018 ended before the visit, which is after 1/7/2025
    assert "hết hiệu lực – thay thế bởi Nghị định số 118/2025/NĐ-CP" in lapsed


def test_accepting_an_item_leads_to_the_next_one_nobody_looked_at(chi, database):
    order = on_the_desk(chi)
    done = judge(chi, order[0], "accept")
    assert done.status_code == 302 and done.location.endswith(f"?item={order[1]}")
    assert marks(database, SUBMITTED) == {order[0]: "accept"}
    assert judge(chi, order[-1], "accept").location.endswith(f"?item={order[1]}")  # round to what is still open


def on_the_desk(chi) -> list[str]:
    """The items in the order in which they lie there, section by section."""
    found = []
    for first in re.findall(r'class="desk-section" href="[^"]*item=(\w+)"', chi.get(DESK).text):
        found += re.findall(r'class="desk-line" href="[^"]*item=(\w+)"', chi.get(f"{DESK}?item={first}").text)
    return found


def test_chi_accepts_what_is_left_of_a_section_at_once(chi, database):
    form = next(form for form in chi.forms(DESK) if form.action.endswith("/verdicts") and len(form.fields) > 4)
    items = [field.get("value") for field in form.fields if field.get("name") == "item"]
    assert len(items) > 1
    chi.post(form.action, data={"item": items, "decision": "accept"}, headers=chi.csrf)
    assert marks(database, SUBMITTED) == dict.fromkeys(items, "accept")


@pytest.mark.parametrize("reason", ["", "\u200b\u2800"])
def test_a_return_without_a_reason_is_refused_in_words(chi, database, reason):
    done = judge(chi, FAILED_ITEM, "return", reason)
    assert done.status_code == 422 and f"Hãy ghi lý do trả lại mục {FAILED_ITEM}" in done.text
    assert marks(database, SUBMITTED) == {}


def test_a_mark_can_be_taken_back(chi, database):
    judge(chi, FAILED_ITEM, "return", reason="Ảnh mờ")
    assert marks(database, SUBMITTED) == {FAILED_ITEM: "return"}
    page = chi.get(f"{DESK}?item={FAILED_ITEM}").text
    assert "Ảnh mờ" in page and "Bỏ đánh dấu" in page
    judge(chi, FAILED_ITEM, "clear")
    assert marks(database, SUBMITTED) == {}


def test_an_unknown_item_or_decision_changes_nothing(chi, database):
    assert judge(chi, "XX99", "accept").status_code == 422
    assert judge(chi, FAILED_ITEM, "burn").status_code == 422
    assert marks(database, SUBMITTED) == {}


# ── Sending back ──────────────────────────────────────────────────────────────────────────────────
def test_with_an_item_marked_chi_can_send_back_but_not_approve(chi, database):
    judge(chi, FAILED_ITEM, "return", "Chụp lại cho rõ")
    page = chi.get(DESK).text
    assert "Gửi trả 1 mục" in page and f"/inspections/{SUBMITTED}/approval" not in page
    refused = chi.post(f"/inspections/{SUBMITTED}/approval", headers=chi.csrf)
    assert refused.status_code == 422 and "Còn 1 mục đang chờ trả lại" in refused.text
    done = chi.send(DESK, "/return")
    assert done.status_code == 302 and inspection_of(database, SUBMITTED).state == "returned"


def test_nothing_marked_is_nothing_to_send_back(chi, database):
    done = chi.post(f"/inspections/{SUBMITTED}/return", headers=chi.csrf)
    assert done.status_code == 422 and "Chưa chọn mục nào" in done.text
    assert inspection_of(database, SUBMITTED).state == "submitted"


def test_chi_sends_several_items_back_in_one_step_and_an_mends_only_those(chi, an, database):
    pairs = {"item": [RETURNED_ITEM, FAILED_ITEM], "reason": ["Thiếu ảnh bảng", "Đếm lại"]}
    done = chi.post(f"/inspections/{SUBMITTED}/return", data=pairs, headers=chi.csrf)
    assert done.status_code == 302 and inspection_of(database, SUBMITTED).state == "returned"
    told = an.whole(SUBMITTED)
    assert told["returned"] == {RETURNED_ITEM: "Thiếu ảnh bảng", FAILED_ITEM: "Đếm lại"}
    open_one, shut_one = (next(i for i in items_of(told) if i["id"] == id) for id in (RETURNED_ITEM, "BH02"))
    kept = an.rows(SUBMITTED, answers=[answer(open_one, note="đã bổ sung"), answer(shut_one)]).json
    assert len(kept["kept"]) == 1 and kept["refused"][0]["problem"] == "forbidden"


def test_one_pair_without_a_reason_sends_nothing_back(chi, database):
    pairs = {"item": [RETURNED_ITEM, FAILED_ITEM], "reason": ["Thiếu ảnh bảng", ""]}
    done = chi.post(f"/inspections/{SUBMITTED}/return", data=pairs, headers=chi.csrf)
    assert done.status_code == 422
    assert inspection_of(database, SUBMITTED).state == "submitted" and marks(database, SUBMITTED) == {}


def test_after_an_mended_it_the_changed_item_stands_first_and_what_was_accepted_stays_so(chi, an, database):
    first, second = on_the_desk(chi)[:2]
    judge(chi, first, "accept")
    chi.post(f"/inspections/{SUBMITTED}/return", data={"item": [second], "reason": ["Đếm lại"]}, headers=chi.csrf)
    item = next(item for item in items_of(an.whole(SUBMITTED)) if item["id"] == second)
    an.rows(SUBMITTED, answers=[answer(item, note="đã đếm lại")])
    assert an.submit(SUBMITTED).status_code == 201
    page = chi.get(f"{DESK}?item={second}").text
    assert "Đã sửa từ lần nộp trước" in page and "Lần nộp 1 đã trả lại:" in page and "đã đếm lại" in page
    assert on_the_desk(chi)[0] == second  # differences first
    assert "không thay đổi từ đó" in chi.get(f"{DESK}?item={first}").text


# ── Approval ──────────────────────────────────────────────────────────────────────────────────────
def test_chi_approves_and_the_paper_is_asked_for_in_the_same_commit(chi, database, house):
    done = chi.send(f"/inspections/{SUBMITTED}/approval", "/approval", number="125", conclusion="Cơ bản đạt.")
    assert done.status_code == 302 and done.location.endswith(f"/inspections/{SUBMITTED}")
    with database.transaction(writing=False) as db:
        assert db.get(Inspection, SUBMITTED).state == "approved"
        kept = db.scalar(select(Approval).where(Approval.inspection_id == SUBMITTED))
        assert (kept.number, kept.issued_on, kept.conclusion) == ("125", None, "Cơ bản đạt.")
        assert kept.remedy_by == house.today + timedelta(days=30)
        job = db.scalar(select(Job).where(Job.inspection_id == SUBMITTED, Job.name == "issue_findings"))
        assert job.state == "queued"
        names = db.scalars(select(Event.name).where(Event.inspection_id == SUBMITTED).order_by(Event.seq)).all()
        assert names[-1] == "inspection.approved"
    assert chi.get(f"/inspections/{SUBMITTED}/printing").json["state"] == "approved"
    assert "Đang in thông báo kết luận" in chi.get(f"/inspections/{SUBMITTED}").text


def test_what_nobody_looked_at_is_written_down_with_the_approval(chi):
    judge(chi, on_the_desk(chi)[0], "accept")
    page = chi.get(f"/inspections/{SUBMITTED}/approval").text
    assert "chưa họp kết thúc" in page
    unseen = int(re.search(r"Phê duyệt cả (\d+) mục chưa xem", page)[1])
    chi.send(f"/inspections/{SUBMITTED}/approval", "/approval")
    assert f"{unseen} mục chưa ai xem" in chi.get(f"/inspections/{SUBMITTED}").text


def test_the_approval_page_says_what_nobody_looked_at_what_lacks_a_reason_and_what_rests_on_no_law(
        chi, house, database):
    page = chi.get(f"/inspections/{SUBMITTED}/approval").text
    assert re.search(r"Phê duyệt cả \d+ mục chưa xem", page)
    assert "không ghi lý do" not in page and "không còn căn cứ nào" not in page
    with database.transaction() as db:
        visit = db.get(Inspection, SUBMITTED)
        visit.planned_for = date(2025, 7, 1)
        offered = house.tools.catalogue.get(visit.checklist_id, visit.checklist_version)
        asked = [item for section in offered.offered("X", 1, date(2025, 6, 30)) for item in section.items
                 if item.id != FAILED_ITEM and item.kind in ("a2", "a3") and item.basis != "KN"]
        lapsed, aside = [item.id for item in asked if {c.instrument for c in item.citations} == {"ND61"}][:2]
        bare = next(item.id for item in asked if {c.instrument for c in item.citations} == {"QD129"})  # unverified
        author, seq = db.scalar(select(User.id).where(User.name == "an")), queries.next_seq(db, Answer, SUBMITTED)
        db.add_all(Answer(id=uuid4(), inspection_id=SUBMITTED, author_id=author, seq=seq + n, item=item, value=value,
                          answered_at=now()) for n, (item, value) in enumerate([
                              (lapsed, "khong_dat"), (aside, "khong_ap_dung"), (bare, "khong_dat")]))
    page = chi.get(f"/inspections/{SUBMITTED}/approval").text
    assert re.search(rf"không ghi lý do[^:]*: <a [^>]*>{aside}</a>\.", page)
    assert re.search(rf"không còn căn cứ nào[^:]*: <a [^>]*>{lapsed}</a>\.", page)
    assert re.search(rf"không viện dẫn; thông báo in không kèm[^:]*: <a [^>]*>{bare}</a>\.", page)
    assert "Không ghi lý do không áp dụng" in chi.get(f"{DESK}?item={aside}").text


def test_a_program_may_approve_without_filling_anything_in(chi, database):
    assert chi.post(f"/inspections/{SUBMITTED}/approval", headers=chi.csrf).status_code == 302
    assert inspection_of(database, SUBMITTED).state == "approved"


def test_days_are_understood_as_typed_here_and_as_programs_write_them(chi, database, house):
    issued, remedy = house.today + timedelta(days=1), house.today + timedelta(days=40)
    said = {"issued_on": f"{issued:%d/%m/%Y}", "remedy_by": remedy.isoformat()}
    chi.post(f"/inspections/{SUBMITTED}/approval", data=said, headers=chi.csrf)
    with database.transaction(writing=False) as db:
        kept = db.scalar(select(Approval).where(Approval.inspection_id == SUBMITTED))
    assert (kept.issued_on, kept.remedy_by) == (issued, remedy)


@pytest.mark.parametrize(("day", "named"), [
    ("2021-08-20", ["61/2018", "02/2017", "2542"]), ("2025-06-30", ["61/2018", "107/2021", "02/2017", "2542"]),
    ("2025-07-01", ["118/2025", "02/2017", "2542"]), ("2026-01-01", ["118/2025", "2542"]),
])
def test_a_notice_rests_on_what_is_known_to_be_in_force_on_its_own_day_whenever_the_visit_was(
        database, tools, day, named):
    with database.transaction() as db:
        db.add(Approval(inspection_id=APPROVED, issued_on=date.fromisoformat(day), remedy_by=date(2026, 12, 31),
                        by_id=db.scalar(select(User.id).where(User.name == "chi"))))
    with database.transaction(writing=False) as db:
        told = findings.gather(db, db.get(Inspection, APPROVED), version=1, catalogue=tools.catalogue,
                               settings=tools.settings)
    assert len(told["grounds"]) == len(named)
    assert all(number in ground for number, ground in zip(named, told["grounds"], strict=True)), told["grounds"]


@pytest.mark.parametrize(("said", "told"), [
    ({"issued_on": "24/12/2099", "remedy_by": "01/12/2099"}, "Thời hạn khắc phục phải từ ngày ban hành"),
    ({"issued_on": "20/08/2021"}, "Ngày ban hành phải từ ngày kiểm tra ("),
    ({"remedy_by": "20/08/2021"}, "Thời hạn khắc phục đã qua"),
    ({"issued_on": "31/02/2026"}, "không đúng; hãy nhập như"),
    ({"issued_on": "01/01/0026"}, "kiểm tra lại năm"),
    ({"number": "1" * 21}, "Chỉ ghi phần số"), ({"number": "-5"}, "Chỉ ghi phần số"),
    ({"number": "12/BB-VP"}, "Chỉ ghi phần số"),
])
def test_what_cannot_be_is_said_and_what_was_typed_stays(chi, database, said, told):
    done = chi.send(f"/inspections/{SUBMITTED}/approval", "/approval", causes="Thiếu biên chế", **said)
    assert done.status_code == 422 and told in done.text and "Thiếu biên chế" in done.text
    assert all(value in done.text for value in said.values())
    assert inspection_of(database, SUBMITTED).state == "submitted"


def test_who_was_on_the_team_neither_judges_nor_approves(chi, database):
    with database.transaction() as db:
        chis_id = db.scalar(select(User.id).where(User.name == "chi"))
        db.add(Assignment(inspection_id=SUBMITTED, user_id=chis_id))
    page = chi.get(DESK).text
    assert "Bạn ở trong đoàn kiểm tra này" in page and "/verdicts" not in page and "/approval" not in page
    for path in ("verdicts", "return", "approval"):
        assert chi.post(f"/inspections/{SUBMITTED}/{path}", headers=chi.csrf).status_code == 403
    assert chi.get(f"/inspections/{SUBMITTED}/approval").status_code == 403
    assert inspection_of(database, SUBMITTED).state == "submitted"


@pytest.mark.parametrize("visit", [RETURNED, APPROVED, id_of("issued")], ids=["returned", "approved", "issued"])
def test_a_visit_that_is_not_submitted_is_only_looked_at(chi, visit):
    page = chi.get(f"/inspections/{visit}/review").text
    assert "chỉ xem" in page and "/verdicts" not in page
    assert judge(chi, FAILED_ITEM, "accept", visit=visit).status_code == 422
    assert chi.get(f"/inspections/{visit}/approval").status_code == 409


# ── The page of the inspection, and its paper ─────────────────────────────────────────────────────
def test_a_failed_paper_says_why_and_chi_has_it_printed_again(client_of, chi, an, database):
    assert "Máy in hết giấy." in an.get(f"/inspections/{APPROVED}").text
    assert "/rerun" not in an.get(f"/inspections/{APPROVED}").text
    assert chi.send(f"/inspections/{APPROVED}", "/rerun").status_code == 302
    with database.transaction(writing=False) as db:
        job = db.scalar(select(Job).where(Job.inspection_id == APPROVED, Job.name == "issue_findings"))
        assert (job.state, job.error) == ("queued", "")
        assert db.scalar(select(Event.id).where(Event.inspection_id == APPROVED, Event.name == "job.rerun"))
    assert client_of("lan").post(f"/jobs/{job.id}/rerun", headers=client_of("lan").csrf).status_code == 409


def test_an_sees_her_visit_with_score_coverage_findings_and_what_happened(an):
    page = an.get(f"/inspections/{id_of('issued')}").text
    for said in ("độ phủ", FAILED_ITEM, "Trang thiết bị", canary("difficulty", "issued"), "Ban hành thông báo",
                 f'/reports/{id_of("report issued")}.pdf" data-report', "15 ngày làm việc",
                 "Điều 46 Thông tư số 02/2017/TT-VPCP), chưa trừ ngày nghỉ lễ theo âm lịch. Chưa kiểm chứng được"):
        assert said in page, said
