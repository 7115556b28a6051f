"""A photo that was taken out of an issued notice by mistake comes back, as it was shown before."""

import pytest

from audit_app.actions import jobs
from audit_app.records import queries
from audit_app.records.evidence import Photo
from audit_app.records.work import Job
from tests.factories import hash_of
from tests.web import test_taken_out as gone
from tests.web.test_taken_out import FIRST, OTHER, PAGE, VISIT, events, take_out

face, reports, told = gone.face, gone.reports, gone.told
BACK, MISTAKE = f"/inspections/{VISIT}/put-back", "Gỡ nhầm ảnh"


def put_back(person, photo: str, reason: str = MISTAKE):
    return person.post(BACK, data={"photo": photo, "reason": reason}, headers=person.csrf)


@pytest.fixture
def without(chi, face, tools) -> str:
    """The notice is printed without the face: the id of its photo."""
    take_out(chi, face)
    jobs.drain(tools)
    return face


def test_the_agency_gets_the_notice_with_the_photo_again_and_none_from_before(chi, dung, without, tools, told, reports):
    assert "Đưa lại ảnh đã gỡ nhầm" in chi.get(PAGE).text and without in chi.get(BACK).text
    assert chi.send(BACK, "/put-back", photo=without, reason=MISTAKE).status_code == 302
    _, second = reports()
    assert dung.get(f"/reports/{second.id}.pdf").status_code == 200, "meanwhile it has the one without it"
    assert "Đang in lại thông báo có ảnh được đưa lại" in chi.get(f"/inspections/{VISIT}").text
    jobs.drain(tools)
    first, second, third = reports()
    before, after = told(first), told(third)
    assert {name for name in after if after[name] != before.get(name)} == {"document"} and "taken_out" not in after
    assert [dung.get(f"/reports/{one.id}.pdf").status_code for one in (first, second, third)] == [409, 200, 200]
    page = dung.get("/agency").text
    assert f'href="/reports/{third.id}.pdf" data-report' in page and MISTAKE not in page


def test_what_was_covered_in_it_is_covered_again_and_others_see_it_so(chi, without, tools, database):
    with database.transaction(writing=False) as db:
        photo = db.get(Photo, gone.UUID(without))
        before = [row.shapes for row in queries.drawings(db, photo.inspection_id) if row.photo_id == photo.id][-2]
    put_back(chi, without)
    jobs.drain(tools)
    with database.transaction(writing=False) as db:
        now = queries.markup_of(db, photo)
    assert (now.shapes, now.private) == (before, True) and gone.BLUR["points"] == now.shapes[0]["points"]
    assert chi.get(f"/inspections/{VISIT}/photos/{without}/screen?redacted").status_code == 200


def test_the_history_says_who_put_back_what_and_why_and_the_event_holds_ids_only(chi, an, without, database):
    put_back(chi, without)
    for person in (chi, an):
        page = person.get(f"/inspections/{VISIT}").text
        assert "Đưa lại ảnh vào thông báo" in page and f"Lý do: {MISTAKE}" in page
    event, = events(database, "photo.put_back")
    assert event.actor.name == "chi" and MISTAKE not in str(event.details) and without in event.details["photos"]


def test_one_photo_comes_back_and_the_other_stays_out(chi, without, tools, told, reports):
    other = next(row for row in told(reports()[0])["photos"] if row["sha256"] == hash_of(OTHER))
    take_out(chi, other["id"], "Lộ giấy tờ")
    put_back(chi, without)
    jobs.drain(tools)
    after = told(reports()[-1])
    assert other["number"] in after["taken_out"] and other["id"] not in {row["id"] for row in after["photos"]}
    assert without in {row["id"] for row in after["photos"]}


def test_a_photo_put_back_before_the_notice_without_it_was_printed_leaves_the_agency_a_notice(
        chi, dung, face, tools, reports):
    take_out(chi, face)
    put_back(chi, face)
    jobs.drain(tools)
    _, second = reports()
    assert dung.get(FIRST).status_code == 409 and dung.get(f"/reports/{second.id}.pdf").status_code == 200


def test_as_long_as_the_agency_has_no_version_at_all_the_office_reads_so(chi, face, tools, database):
    """Also when the photo was put back, or the number given, before the notice without it was printed."""
    take_out(chi, face)
    put_back(chi, face)
    assert "Cơ quan chỉ tải được thông báo khi in xong." in chi.get(f"/inspections/{VISIT}").text
    with database.transaction() as db:
        for job in db.scalars(gone.select(Job).where(Job.state == "queued")):
            job.state, job.error = "failed", "Máy in hết giấy."
    assert "có ảnh được đưa lại; cơ quan chưa tải được bản nào" in chi.get(f"/inspections/{VISIT}").text


def test_while_the_agency_has_the_notice_without_the_photo_nobody_reads_that_it_has_none(chi, without):
    put_back(chi, without)
    page = chi.get(f"/inspections/{VISIT}").text
    assert "có ảnh được đưa lại" in page and "Cơ quan chỉ tải được" not in page


def test_twice_is_once_and_taking_it_out_again_is_possible(chi, client_of, without, tools, dung, reports, database):
    assert [put_back(chi, without).status_code for _ in range(2)] == [302, 302]
    refused = put_back(client_of("lan"), without)
    assert refused.status_code == 422 and "đã được đưa lại vào thông báo rồi" in refused.text
    jobs.drain(tools)
    assert len(events(database, "photo.put_back")) == 1 and len(reports()) == 3
    take_out(chi, without)
    jobs.drain(tools)
    assert [dung.get(f"/reports/{one.id}.pdf").status_code for one in reports()] == [409, 409, 409, 200]


def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_happens(chi, without, database):
    for photo, reason, said in ((without, " ", "Hãy nhập lý do."), ("", MISTAKE, "Hãy chọn ảnh cần đưa lại."),
                                ("khác", MISTAKE, "Thông báo không có ảnh này")):
        refused = put_back(chi, photo, reason)
        assert refused.status_code == 422 and said in refused.text, (photo, reason)
    assert not events(database, "photo.put_back")
    with database.transaction(writing=False) as db:
        assert not db.scalar(gone.select(Job.id).where(Job.name == "reprint_with_photo"))


def test_who_inspected_it_or_is_not_of_the_office_may_not(an, dung, without, database):
    assert [put_back(person, without).status_code for person in (an, dung)] == [403, 404]
    assert not events(database, "photo.put_back")


def test_where_nothing_was_taken_out_nothing_can_be_put_back(chi, face):
    assert "Không có ảnh nào đã gỡ" in chi.get(BACK).text and "/put-back" not in chi.get(PAGE).text
