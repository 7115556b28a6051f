"""What happened, in an order nobody can change unnoticed; and `verify`, which says what is not as it was written."""

import pytest
from sqlalchemy import select, text

from audit_app.actions import jobs, verification
from audit_app.actions.journal import fingerprint, record
from audit_app.records.evidence import Event, Photo, Report
from audit_app.records.models import Inspection, User
from audit_app.records.work import Job
from tests.factories import CANARIES, RETURNED_ITEM, hash_of, id_of, photo, picture


def chain(database, visit: str | None) -> list[Event]:
    inspection = id_of(visit) if visit else None
    with database.transaction(writing=False) as db:
        return list(db.scalars(select(Event).where(Event.inspection_id == inspection).order_by(Event.seq)))


def check(tools) -> list[str]:
    return verification.check(tools, say=lambda _: None)


def test_a_visit_tells_its_life_in_order(database):
    assert [event.name for event in chain(database, "issued")] == [
        "inspection.planned", "inspection.submitted", "inspection.approved", "inspection.issued"]


def test_each_event_holds_on_to_the_one_before_it(database):
    for visit in ("issued", "returned", None):
        events = chain(database, visit)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        for before, after in zip([None, *events], events, strict=False):
            assert after.previous == (before.hash if before else "") and after.hash == fingerprint(after)


def test_events_name_people_by_id_and_hold_nothing_that_was_typed(database):
    visits = ("issued", "returned", "approved", None)
    told = [str(event.details) for visit in visits for event in chain(database, visit)]
    assert not [text for text in told for word in CANARIES.values() if word in text]


def test_what_follows_is_asked_for_in_the_same_breath(database):
    with pytest.raises(ZeroDivisionError), database.transaction() as db:
        inspection = db.get(Inspection, id_of("submitted"))
        record(db, None, "inspection.approved", inspection)
        assert db.scalar(select(Job).where(Job.inspection_id == inspection.id, Job.name == "issue_findings"))
        raise ZeroDivisionError
    with database.transaction(writing=False) as db:
        assert not db.scalar(select(Job).where(Job.inspection_id == id_of("submitted"), Job.name == "issue_findings"))


def test_a_house_in_order_has_no_flaws(tools):
    assert check(tools) == []


def allow_changes(database, table: str) -> None:
    """What an intruder with all rights does first."""
    with database.writing.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL'))
        else:
            for change in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {table}_no_{change}"))


@pytest.mark.parametrize("change", [
    Event.__table__.update().where(Event.name == "inspection.approved").values(name="inspection.returned"),
    Event.__table__.update().where(Event.seq == 2).values(actor_id=None),
    Event.__table__.update().where(Event.seq == 3).values(details={"digest": "khác"}),
    Event.__table__.delete().where(Event.seq == 2)], ids=["word", "person", "details", "hole"])
def test_an_event_that_was_changed_or_taken_out_is_found(database, tools, change):
    allow_changes(database, "event")
    with database.writing.begin() as connection:
        assert connection.execute(change).rowcount
    flaws = check(tools)
    assert flaws and any(str(id_of("issued")) in flaw and "chain" in flaw for flaw in flaws)


@pytest.mark.parametrize("harm", ["one bit", "gone", "emptied"])
@pytest.mark.parametrize("what", ["photo", "paper", "snapshot"])
def test_a_file_that_was_changed_or_is_gone_is_found_by_its_name(app, database, tools, what, harm):
    with database.transaction(writing=False) as db:
        report = db.get(Report, id_of("report issued"))
        photo = db.scalar(select(Photo).where(Photo.inspection_id == id_of("issued")))
        sha256 = {"photo": photo.sha256, "paper": report.pdf, "snapshot": report.snapshot}[what]
    path = app.extensions["settings"].data / f"blobs/{id_of('issued')}/{sha256[:2]}/{sha256}"
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "emptied" else data[:-1] + bytes([data[-1] ^ 1]))
    assert [flaw for flaw in check(tools) if sha256 in flaw] and len(check(tools)) == 1


def test_a_damaged_picture_is_never_shown_as_if_it_were_whole(app, database, client_of):
    an = client_of("an")
    shot = an.whole(id_of("draft"))["rows"]["photos"][0]["id"]
    address = f"/inspections/{id_of('draft')}/photos/{shot}/thumb"
    assert an.get(address).status_code == 200
    for path in (app.extensions["settings"].data / f"blobs/{id_of('draft')}").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1] + b"x")
    an.troubled = True
    assert an.get(address).status_code == 500


def test_who_did_what_is_written_with_the_person_who_did_it(database):
    with database.transaction(writing=False) as db:
        names = {person.id: person.name for person in db.scalars(select(User))}
    assert [names.get(event.actor_id) for event in chain(database, "issued")] == ["chi", "an", "chi", None]


def test_an_original_that_came_before_its_row_with_its_working_copy_is_missing_when_it_is_gone(an, tools):
    original, working = picture(seed=7, width=640, height=480), picture(seed=8)
    for data in (original, working):
        an.put(id_of("draft"), data)
    an.rows(id_of("draft"), photos=[photo(RETURNED_ITEM, hash_of(original), working=hash_of(working))])
    next((tools.settings.data / "blobs" / str(id_of("draft"))).rglob(hash_of(original))).unlink()
    assert check(tools) == [f"file {id_of('draft')}/{hash_of(original)}: missing"]


def test_a_photo_that_never_came_is_said_and_is_no_flaw_but_one_that_is_gone_is(an, tools, database):
    said, row = [], photo(RETURNED_ITEM, "a" * 64)
    an.rows(id_of("draft"), photos=[row])
    assert verification.check(tools, say=said.append) == [] and "never came" in said[0] and row["sha256"] in said[0]
    an.put(id_of("draft"), picture(seed=7))
    an.rows(id_of("draft"), photos=[photo(RETURNED_ITEM, source := hash_of(picture(seed=7)))])
    with database.transaction(writing=False) as db:
        waiting = list(db.scalars(select(Job.id).where(Job.name == "shrink", Job.state == "queued")))
    for job in waiting:
        jobs.run(tools, job)
    next((tools.settings.data / "blobs" / str(id_of("draft"))).rglob(source)).unlink()
    assert check(tools) == [f"file {id_of('draft')}/{source}: missing"]
