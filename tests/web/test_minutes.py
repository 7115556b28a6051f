"""The minutes: printed when a visit with a closing meeting is handed in, read by its team, the office, its agency."""

from io import BytesIO

import pytest
from sqlalchemy import select

from audit_app.actions import jobs, verification
from audit_app.records.db import now
from audit_app.records.evidence import Report
from audit_app.records.models import User
from audit_app.records.submissions import minutes
from audit_app.records.work import Job
from tests.factories import FAILED_ITEM, RETURNED_ITEM, Scene, answer, id_of
from tests.unit.test_closing import meeting, signature
from tests.web.test_closing import read_out, refusal
from tests.web.visitor import items_of

VISIT = id_of("draft")
MINE, BESIDE = f"/inspections/{VISIT}/minutes.pdf", f"/reports/{id_of('report draft')}/minutes.pdf"


def play(house, act) -> None:
    """Let `act(scene)` happen to the visit, in a transaction of its own."""
    with house.tools.database.transaction() as db:
        act(Scene(house, db, "draft", db.scalar(select(User).where(User.name == "an"))))


def hand_in(an, tools) -> None:
    """Submit, and let the worker print."""
    assert an.submit(VISIT).status_code == 201
    with tools.database.transaction(writing=False) as db:
        waiting = list(db.scalars(select(Job.id).where(Job.inspection_id == VISIT, Job.state == "queued")))
    for id in waiting:
        jobs.run(tools, id)


def printed(tools):
    with tools.database.transaction(writing=False) as db:
        found = minutes(db, VISIT)
        return found and found.details


def words_of(data: bytes) -> str:
    """The letters of a PDF, without white space."""
    pypdf = pytest.importorskip("pypdf", reason="needs pypdf of tests/requirements.txt")
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages).split())


@pytest.fixture
def signed(an) -> dict:
    """The agency would not sign what An's team signed; somebody saw it."""
    held = meeting(present=[{"name": "Nguyễn Thị Hoài An", "title": "Chuyên viên", "side": "team"},
                            {"name": "Phạm Tiến Dũng", "title": "Chủ tịch", "side": "agency"}])
    an.rows(VISIT, meetings=[held])
    digest = read_out(an.whole(VISIT), held["id"])
    rows = [signature(meeting=held["id"], role=role, name=name, digest=digest)
            for role, name in (("lead", "Nguyễn Thị Hoài An"), ("witness", "Lê Văn Chứng"))]
    rows.append(refusal(held) | {"digest": digest})
    assert len(an.rows(VISIT, signatures=rows).json["kept"]) == 3
    return held


def test_handing_in_prints_what_was_read_out_and_who_signed(an, client_of, tools, signed):
    assert an.get(MINE).status_code == 404
    hand_in(an, tools)
    answer = an.get(MINE)
    assert answer.status_code == 200 and "Bien-ban-kiem-tra_UBND-phuong-Hoan-Kiem" in answer.headers[
        "Content-Disposition"]
    said = words_of(answer.data)
    for words in ("Nguyễn Thị Hoài An", "Lê Văn Chứng", "từ chối ký", "Không đồng ý với mục BH07", FAILED_ITEM,
                  "bí-mật-khó-khăn-draft", "Nhất trí"):
        assert "".join(words.split()) in said, words
    assert "(*)" not in said
    page = an.get(f"/inspections/{VISIT}").text
    assert "data-minutes" in page and "Từ chối ký" in page and '<path d="M' in page
    assert client_of("chi").get(MINE).status_code == 200
    assert client_of("binh").get(MINE).status_code == 404 and client_of("dung").get(MINE).status_code == 404
    assert verification.check(tools, say=print) == []


def test_minutes_that_could_not_be_printed_are_not_said_to_be_on_their_way(an, client_of, tools, signed):
    assert an.submit(VISIT).status_code == 201
    page = an.get(f"/inspections/{VISIT}").text
    assert "Biên bản đang được in" in page and "Chưa in được" not in page
    with tools.database.transaction() as db:
        job = db.scalar(select(Job).where(Job.name == "print_minutes", Job.inspection_id == VISIT))
        job.state, job.error = "failed", "Máy in hỏng."
    page, office = an.get(f"/inspections/{VISIT}").text, client_of("chi")
    assert "Biên bản đang được in" not in page and "Chưa in được biên bản kiểm tra.</b> Máy in hỏng." in page
    office.send(f"/inspections/{VISIT}", "/rerun")
    jobs.drain(tools)
    assert "data-minutes" in an.get(f"/inspections/{VISIT}").text and printed(tools)


def test_a_visit_without_a_meeting_has_no_minutes(an, tools):
    hand_in(an, tools)
    assert printed(tools) is None and an.get(MINE).status_code == 404


def test_what_was_signed_stays_when_the_office_sends_back_until_the_team_meets_again(an, house, tools, signed):
    hand_in(an, tools)
    first = printed(tools)
    play(house, Scene.send_back)
    item = next(item for item in items_of(an.whole(VISIT)) if item["id"] == RETURNED_ITEM)
    an.rows(VISIT, answers=[answer(item, note="đã sửa")])
    hand_in(an, tools)
    assert printed(tools) == first and "in theo lần nộp trước" in an.get(f"/inspections/{VISIT}").text
    play(house, Scene.send_back)
    an.rows(VISIT, meetings=[meeting(opinion="Đã họp lại")], answers=[answer(item, note="đã sửa thêm")])
    hand_in(an, tools)
    assert printed(tools)["pdf"] != first["pdf"]
    page = an.get(f"/inspections/{VISIT}").text
    assert "thay đổi sau khi ký" in page and "in theo lần nộp trước" not in page


def test_a_refusal_belongs_to_the_meeting_at_which_it_was_said(an, tools, signed):
    an.rows(VISIT, meetings=[meeting(opinion="Đã họp lại, thống nhất")])
    hand_in(an, tools)
    said = words_of(an.get(MINE).data)
    assert "đãtừchốikýbiênbảncủamộtbuổihọptrước" in said and "đượclậpkhiđạidiệnđơnvịtừchốiký" not in said


def test_what_nobody_signed_is_printed_again_as_it_now_stands(an, house, tools):
    item = next(item for item in items_of(an.whole(VISIT)) if item["id"] == RETURNED_ITEM)
    an.rows(VISIT, meetings=[meeting()], answers=[answer(item, "khong_dat", note="Bà Tư, nhà số 5, kể lại")])
    hand_in(an, tools)
    play(house, Scene.send_back)
    an.rows(VISIT, answers=[answer(item, "khong_dat", note="Người dân kể lại")])
    hand_in(an, tools)
    said = words_of(an.get(MINE).data)
    assert "BàTư" not in said and "Ngườidânkểlại" in said


def test_the_agency_reads_the_minutes_with_its_issued_findings_and_nobody_elses(an, client_of, house, tools, signed):
    hand_in(an, tools)
    dung = client_of("dung")
    assert dung.get(BESIDE).status_code == 404
    play(house, Scene.approve)
    with tools.database.transaction() as db:
        db.add(Report(id=id_of("report draft"), inspection_id=VISIT, agency_id=id_of("hoan_kiem"), version=1,
                      code="X-1", snapshot="0" * 64, pdf="0" * 64, octets=1, findings=1, remedy_by=now().date()))
    assert dung.get(BESIDE).status_code == 200 and dung.get(MINE).status_code == 404
    assert client_of("em").get(BESIDE).status_code == 404
    assert "data-minutes" not in client_of("em").get("/agency").text
