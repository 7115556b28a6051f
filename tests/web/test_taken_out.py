"""A photo with a face in a notice that is out already: the office takes it out, and nobody outside gets it any more."""

import json
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from audit_app.actions import issue, jobs
from audit_app.records import queries
from audit_app.records.evidence import Event, Photo, Report
from audit_app.records.models import User
from audit_app.records.work import Job
from tests.factories import FAILED_ITEM, Scene, hash_of, id_of, photo, picture
from tests.web.visitor import items_of

pypdf = pytest.importorskip("pypdf", reason="needs pypdf of tests/requirements.txt")
VISIT, FACE, OTHER = id_of("faces"), picture(seed=71), picture(seed=72)
PAGE, FIRST = f"/inspections/{VISIT}/taken-out", f"/reports/{id_of('report faces')}.pdf"
WHY = "Nhìn rõ mặt người dân ở quầy số 2"
BLUR = {"kind": "blur", "points": [[0.1, 0.1], [0.3, 0.3]], "text": "", "colour": "#d32f2f"}


@pytest.fixture
def face(an, house, tools) -> str:
    """An issued notice of Dung's agency, in which a face, half covered, is seen at two items: the id of the first."""
    house.plan("faces")

    def play(*names: str) -> None:
        with tools.database.transaction() as db:
            scene = Scene(house, db, "faces", db.scalar(select(User).where(User.name == "an")))
            for name in names:
                getattr(scene, name)()

    play("capture")
    an.put(VISIT, FACE)
    an.put(VISIT, OTHER)
    elsewhere = items_of(an.whole(VISIT))[-1]["id"]
    rows = [photo(FAILED_ITEM, hash_of(FACE)), photo(FAILED_ITEM, hash_of(OTHER)), photo(elsewhere, hash_of(FACE))]
    drawn = {"id": str(uuid4()), "photo": rows[0]["id"], "shapes": [BLUR], "private": True, "seen": [],
             "made_at": "2026-11-20T09:00:00+07:00"}  # fmt: skip
    assert not an.rows(VISIT, photos=rows, markups=[drawn]).json["refused"]
    play("submit", "approve")
    house._end_printing("faces", "done")
    jobs.drain(tools)
    house._issue("faces")
    return rows[0]["id"]


@pytest.fixture
def reports(database):
    def of_visit() -> list[Report]:
        with database.transaction(writing=False) as db:
            return list(db.scalars(select(Report).where(Report.inspection_id == VISIT).order_by(Report.version)))
    return of_visit


@pytest.fixture
def told(tools):
    return lambda report: json.loads(tools.blobs.get(str(VISIT), report.snapshot))


def take_out(person, photo: str, reason: str = WHY):
    return person.post(PAGE, data={"photo": photo, "reason": reason}, headers=person.csrf)


def events(database, name: str) -> list[Event]:
    with database.transaction(writing=False) as db:
        return list(db.scalars(select(Event).where(Event.inspection_id == VISIT, Event.name == name)))


def reprinting(database) -> list[Job]:
    with database.transaction(writing=False) as db:
        return list(db.scalars(select(Job).where(Job.name == "reprint_findings").order_by(Job.id)))


# ── The new paper ─────────────────────────────────────────────────────────────────────────────────
def test_the_new_paper_has_lost_the_face_wherever_it_stood_and_says_all_else_as_before(
        chi, dung, face, tools, told, reports, house, monkeypatch):
    """Also what the letterhead says by now stays out of it."""
    monkeypatch.setattr(tools.catalogue, "letterhead", tools.catalogue.letterhead.model_copy(
        update={"body": "SỞ KHÁC", "grounds": ()}))
    first, = reports()
    faces = {row["number"] for row in told(first)["photos"] if row["sha256"] == hash_of(FACE)}
    assert len(faces) == 2
    chi.send(f"/inspections/{VISIT}/number", "/number", number="88", issued_on=f"{house.today:%d/%m/%Y}")
    jobs.drain(tools)
    assert chi.send(PAGE, "/taken-out", photo=face, reason=WHY).status_code == 302
    jobs.drain(tools)
    _, second, third = reports()
    before, after = told(second), told(third)
    assert [dung.get(f"/reports/{old.id}.pdf").status_code for old in (first, second)] == [409, 409]
    paper = pypdf.PdfReader(BytesIO(dung.get(f"/reports/{third.id}.pdf").data))
    assert json.loads(paper.attachments["findings.json"][0]) == after
    assert {row["number"]: row for row in after["photos"]} == {
        row["number"]: row for row in before["photos"] if row["number"] not in faces}
    assert not faces & {n for rows in (after["findings"], *(part["items"] for part in after["sections"]))
                        for row in rows for n in row["photos"]}
    assert after["document"]["replaces"]["number"] == "88" and after["taken_out"] == sorted(faces)
    changed = {"photos", "findings", "sections", "taken_out", "document"}
    assert {name for name in after if after[name] != before.get(name)} == changed
    assert after["grounds"] == told(first)["grounds"] != []
    text = " ".join(page.extract_text() for page in paper.pages).replace("\n", " ")
    assert "thay thế bản phát hành trước của Thông báo số 88/TB-VP" in text
    assert f"Đã gỡ khỏi thông báo: Ảnh {min(faces):02d}, Ảnh {max(faces):02d}" in text
    assert hash_of(OTHER)[:12] in text and hash_of(FACE)[:12] not in text


def test_the_history_says_who_took_out_what_and_why_and_the_agency_does_not_read_it(chi, an, dung, face, tools):
    take_out(chi, face)
    jobs.drain(tools)
    for person in (chi, an):
        page = person.get(f"/inspections/{VISIT}").text
        for said in ("Gỡ ảnh khỏi thông báo", f"Lý do: {WHY}", "In lại thông báo sau khi gỡ hoặc đưa lại ảnh"):
            assert said in page, said
        assert "Còn chờ đoàn kiểm tra" not in page
    assert WHY not in dung.get("/agency").text


def test_who_made_it_and_why_is_kept_and_the_event_holds_ids_only(chi, face, database):
    take_out(chi, face)
    event, = events(database, "photo.taken_out")
    assert event.actor.name == "chi" and WHY not in json.dumps(event.details) and face in event.details["photos"]
    with database.transaction(writing=False) as db:
        markup = queries.markup_of(db, db.get(Photo, UUID(face)))
        assert (markup.private, markup.shapes, markup.author.name) == (True, [], "chi")
        assert not queries.verdicts(db, db.get(issue.Inspection, VISIT)), "no item was judged by it"


# ── Nobody outside gets what was ──────────────────────────────────────────────────────────────────
def test_from_the_click_on_the_agency_gets_no_paper_with_the_face(chi, an, dung, nobody, face, tools, reports):
    first, = reports()
    assert dung.get(FIRST).status_code == 200
    take_out(chi, face)
    for refused in (dung.get(FIRST), dung.head(FIRST)):
        assert refused.status_code == 409 and b"%PDF" not in refused.data
    for page in (dung.get("/agency").text, dung.get(f"/agency/reports/{first.id}").text):
        assert "Thông báo đang được in lại" in page and f"/reports/{first.id}.pdf" not in page
    assert "Văn bản này đang được thay thế" in nobody.get(f"/verify/{first.code}").text
    for insider in (chi, an):
        assert insider.get(FIRST).status_code == 200
    jobs.drain(tools)
    assert dung.get(FIRST).status_code == 409, "and never again"
    _, second = reports()
    page = dung.get("/agency").text
    assert f'href="/reports/{second.id}.pdf" data-report' in page and f"/reports/{first.id}.pdf" not in page
    assert "không còn tải được" in dung.get(f"/agency/reports/{first.id}").text
    assert dung.get(f"/reports/{second.id}.pdf").data.startswith(b"%PDF-1.7") and chi.get(FIRST).status_code == 200
    assert "Văn bản còn giá trị" in nobody.get(f"/verify/{second.code}").text


def test_while_it_is_printed_anew_the_agency_answers_as_before(chi, dung, face):
    take_out(chi, face)
    said = {"finding": 1, "text": "Đã treo lại bảng."}
    assert dung.post(f"/reports/{id_of('report faces')}/response", data=said, headers=dung.csrf).status_code == 302
    assert "Đã treo lại bảng." in dung.get("/agency").text


def test_a_photo_that_is_taken_out_while_another_version_is_printed_is_not_in_that_one(
        chi, dung, face, tools, reports, database, house):
    chi.send(f"/inspections/{VISIT}/number", "/number", number="77", issued_on=f"{house.today:%d/%m/%Y}")
    with database.transaction(writing=False) as db:
        job = db.scalar(select(Job).where(Job.name == "renumber_findings"))
    issue.print_again(tools, job, lambda done: done == 55 and take_out(chi, face))
    assert len(reports()) == 1
    jobs.drain(tools)
    _, second = reports()
    assert second.number == "77" and hash_of(FACE).encode() not in tools.blobs.get(str(VISIT), second.snapshot)
    assert dung.get(f"/reports/{second.id}.pdf").status_code == 200


def test_printing_that_fails_is_shown_and_can_be_run_again_and_the_agency_waits(chi, dung, face, tools, reports):
    take_out(chi, face)
    assert "Đang in lại thông báo không có ảnh đã gỡ" in chi.get(f"/inspections/{VISIT}").text
    with tools.database.transaction() as db:
        job = db.scalar(select(Job).where(Job.name == "reprint_findings"))
        job.state, job.error = "failed", "Máy in hết giấy."
    page = chi.get(f"/inspections/{VISIT}").text
    assert "không có ảnh đã gỡ; cơ quan chưa tải được bản nào" in page and "Máy in hết giấy." in page
    assert "In lại thông báo không có ảnh đã gỡ" in chi.get("/").text and dung.get(FIRST).status_code == 409
    assert chi.send(f"/inspections/{VISIT}", "/rerun").status_code == 302
    jobs.drain(tools)
    assert len(reports()) == 2


# ── Twice, stale, not allowed ─────────────────────────────────────────────────────────────────────
def test_twice_is_once(chi, face, tools, reports, database):
    for _ in range(2):
        assert take_out(chi, face).status_code == 302
    jobs.drain(tools)
    assert take_out(chi, face).status_code == 302, "also when the new paper is there"
    job, = reprinting(database)
    issue.print_again(tools, job, lambda done: None)  # a second worker
    assert len(reports()) == 2 and len(events(database, "photo.taken_out")) == 1


def test_a_form_that_is_older_than_what_a_colleague_took_out_is_told_so_and_keeps_its_words(
        chi, client_of, face, database):
    take_out(chi, face)
    told = take_out(client_of("lan"), face, "Lý do khác")
    assert told.status_code == 422 and "đã được gỡ khỏi thông báo rồi" in told.text and "Lý do khác" in told.text
    assert face not in told.text, "it can be chosen no more"
    assert len(events(database, "photo.taken_out")) == 1


def test_the_next_photo_is_taken_out_of_what_is_left(chi, dung, face, tools, told, reports):
    take_out(chi, face)
    jobs.drain(tools)
    other = next(row for row in told(reports()[-1])["photos"] if row["sha256"] == hash_of(OTHER))
    take_out(chi, other["id"], "Lộ giấy tờ")
    assert dung.get(f"/reports/{reports()[-1].id}.pdf").status_code == 409
    jobs.drain(tools)
    *_, third = reports()
    assert other["number"] in told(third)["taken_out"] and len(told(third)["taken_out"]) == 3


def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_happens(chi, dung, face, database):
    for id, reason, said in (
            (face, " ", "Hãy nhập lý do."), ("", WHY, "Hãy chọn ảnh cần gỡ."), (face, "x" * 201, "dài quá 200 ký tự"),
            (str(UUID(int=7)), WHY, "Thông báo không có ảnh này"), ("không phải mã", WHY, "Thông báo không có ảnh này"),
            (face, "a\x07b", "ký tự không hiển thị được")):
        told = take_out(chi, id, reason)
        assert told.status_code == 422 and said in told.text, (id, reason)
    assert not reprinting(database) and dung.get(FIRST).status_code == 200


@pytest.mark.parametrize("visit", ["submitted", "approved", "returned"])
def test_only_an_issued_notice_has_photos_to_take_out(chi, visit):
    page = f"/inspections/{id_of(visit)}/taken-out"
    for told in (chi.get(page), chi.post(page, data={"photo": "x", "reason": WHY}, headers=chi.csrf)):
        assert told.status_code == 409 and "Không làm được bước này" in told.text
    assert "/taken-out" not in chi.get(f"/inspections/{id_of(visit)}").text


def test_who_inspected_it_or_is_not_of_the_office_may_not(an, dung, face, database):
    assert "/taken-out" not in an.get(f"/inspections/{VISIT}").text
    assert [take_out(person, face).status_code for person in (an, dung)] == [403, 404]
    assert not events(database, "photo.taken_out")


def test_who_was_on_the_team_and_came_to_the_office_since_takes_nothing_out(an, dung, face, database):
    with database.transaction() as db:
        db.scalar(select(User).where(User.name == "an")).role = "office"
    assert take_out(an, face).status_code == an.get(PAGE).status_code == 403
    assert "/taken-out" not in an.get(f"/inspections/{VISIT}").text
    assert dung.get(FIRST).status_code == 200 and not events(database, "photo.taken_out")
