"""What others may see of a marked-up photo: papers and agencies never get the pixels that somebody blurred."""

import re
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat
from sqlalchemy import select

from audit_app.actions import findings, issue, jobs, pictures, redaction
from audit_app.records.evidence import Derivative, Event, Photo, Redacted, Report
from audit_app.records.models import Inspection, User
from audit_app.records.work import Job
from audit_app.rules.problems import PhotoNotReady, PhotoWithheld
from tests.factories import RETURNED_ITEM, Scene, hash_of, id_of, photo
from tests.web.visitor import items_of

BLUR = {"kind": "blur", "points": [[0.1, 0.1], [0.6, 0.5]]}
ARROW = {"kind": "arrow", "points": [[0.9, 0.9], [0.7, 0.7]]}
PdfReader = pytest.importorskip("pypdf", reason="pypdf is in tests/requirements.txt").PdfReader
SECRET = (60, 60, 480, 300)  # pixels of the photo that the blur covers


def citizen() -> bytes:
    """800 × 600 with fine black and white stripes where the blur will be."""
    drawn = Image.new("RGB", (800, 600), (150, 170, 190))
    pen = ImageDraw.Draw(drawn)
    for x in range(90, 470, 6):
        pen.line((x, 70, x, 290), fill=(0, 0, 0) if x % 12 else (255, 255, 255), width=3)
    out = BytesIO()
    drawn.save(out, "JPEG", quality=92)
    return out.getvalue()


DATA = citizen()


def other_citizen() -> bytes:
    """The same place, somebody else."""
    out = BytesIO()
    Image.open(BytesIO(DATA)).transpose(Image.Transpose.ROTATE_180).save(out, "JPEG", quality=91)
    return out.getvalue()


def markup(photo_id: str, *shapes, private: bool = False) -> dict:
    return {"id": str(uuid4()), "photo": photo_id, "shapes": list(shapes), "private": private,
            "made_at": "2026-11-20T09:00:00+07:00"}  # fmt: skip


@pytest.fixture
def visit(house, tools) -> UUID:
    """Everything answered, nothing submitted."""
    planned = house.plan("marked")
    scene(house, "capture")
    return planned


def scene(house, *acts: str) -> None:
    with house.tools.database.transaction() as db:
        played = Scene(house, db, "marked", db.scalar(select(User).where(User.name == "an")))
        for act in acts:
            getattr(played, act)()


@pytest.fixture
def taken(an, visit) -> str:
    """The id of one more photo, whose bytes are here."""
    an.put(visit, DATA)
    row = photo(RETURNED_ITEM, hash_of(DATA))
    assert an.rows(visit, photos=[row]).json["kept"] == [row["id"]]
    return row["id"]


def draw(an, visit, *rows) -> None:
    assert an.rows(visit, markups=list(rows)).json == {"kept": [row["id"] for row in rows], "refused": []}


def work(house) -> None:
    for name in ("shrink", "redact"):
        for id in house._jobs(name, "queued"):
            assert jobs.run(house.tools, id)
        assert not house._jobs(name, "failed")


def shown(person, visit, photo_id: str, size: str = "print", *, redacted: bool = False) -> Image.Image:
    response = person.get(f"/inspections/{visit}/photos/{photo_id}/{size}{'?redacted' if redacted else ''}")
    assert response.status_code == 200, response.status
    return Image.open(BytesIO(response.data)).convert("L")


def readable(picture: Image.Image) -> bool:
    box = tuple(round(edge * picture.width / 800) for edge in SECRET)
    return ImageStat.Stat(picture.crop(box)).stddev[0] > 40


def snapshot(house, visit) -> dict:
    scene(house, "submit", "approve")
    with house.tools.database.transaction(writing=False) as db:
        return findings.gather(db, db.get(Inspection, visit), version=1, catalogue=house.tools.catalogue,
                               settings=house.tools.settings)


def test_what_was_drawn_comes_back_and_the_last_drawing_counts(an, visit, taken):
    first, second = markup(taken, BLUR, private=True), markup(taken, ARROW)
    draw(an, visit, first)
    draw(an, visit, second)
    told, = an.whole(visit)["rows"]["markups"]
    assert (told["id"], told["photo"], told["private"]) == (second["id"], taken, False)
    assert told["shapes"] == [{"kind": "arrow", "points": [[0.9, 0.9], [0.7, 0.7]], "text": "", "colour": "#d32f2f"}]
    assert an.rows(visit, markups=[first, second]).json["refused"] == []


def test_the_team_sees_the_photo_and_the_paper_sees_it_blurred(an, chi, house, visit, taken, tools):
    draw(an, visit, markup(taken, BLUR, private=True))
    work(house)
    assert readable(shown(an, visit, taken)) and readable(shown(chi, visit, taken))
    for size in ("screen", "print", "thumb"):
        assert not readable(shown(chi, visit, taken, size, redacted=True))
    line = next(line for line in snapshot(house, visit)["photos"] if line["id"] == taken)
    printed = Image.open(BytesIO(tools.blobs.get(str(visit), line["print"]))).convert("L")
    assert not readable(printed) and printed.size == (line["width"], line["height"])
    apart = ImageChops.difference(printed, shown(an, visit, taken)).crop((0, 360, 800, 600))
    assert ImageStat.Stat(apart).mean[0] < 1, "what was not blurred is as it was"


def test_an_arrow_is_drawn_on_the_paper(an, house, visit, taken, tools):
    draw(an, visit, markup(taken, ARROW))
    work(house)
    line = next(line for line in snapshot(house, visit)["photos"] if line["id"] == taken)
    printed = Image.open(BytesIO(tools.blobs.get(str(visit), line["print"])))
    r, g, b = printed.getpixel((800 * 72 // 100, 600 * 72 // 100))
    assert r > 150 and g < 120 and b < 120


def test_a_private_photo_that_nobody_blurred_stays_out_of_the_paper(an, chi, house, visit, taken):
    draw(an, visit, markup(taken, ARROW, private=True))
    work(house)
    told = snapshot(house, visit)
    numbers = [line["number"] for line in told["photos"]]
    assert taken not in {line["id"] for line in told["photos"]} and numbers == list(range(1, len(numbers) + 1))
    named = {number for section in told["sections"] for item in section["items"] for number in item["photos"]}
    assert named == set(numbers)
    desk = chi.get(f"/inspections/{visit}/review?item={RETURNED_ITEM}").text
    assert "Có người dân, chưa che" in desk and "Ảnh này không vào thông báo" in desk and "data-shapes=" in desk


def test_taking_the_mark_back_shows_the_photo_again(an, house, visit, taken):
    draw(an, visit, markup(taken, private=True))
    draw(an, visit, markup(taken))
    work(house)
    assert taken in {line["id"] for line in snapshot(house, visit)["photos"]}


def find(database, photo_id, audience=pictures.Audience.OUTSIDE):
    with database.transaction(writing=False) as db:
        return pictures.find(db, db.get(Photo, UUID(photo_id)), pictures.PRINT, audience)


def test_outside_nothing_stands_in_for_a_blurred_picture_that_is_not_made_yet(an, house, visit, taken, database):
    work(house)
    find(database, taken)
    draw(an, visit, markup(taken, BLUR))
    with pytest.raises(PhotoNotReady):
        find(database, taken)
    assert find(database, taken, pictures.Audience.INSIDE).sha256
    draw(an, visit, markup(taken, private=True))
    with pytest.raises(PhotoWithheld):
        find(database, taken)
    assert an.get(f"/inspections/{visit}/photos/{taken}/thumb?redacted").status_code == 404


def test_whoever_is_not_inside_is_outside(database):
    with database.transaction(writing=False) as db:
        inside = {user.name for user in db.scalars(select(User)) if pictures.audience_of(user) == "inside"}
    assert inside == {"an", "binh", "giang", "chi", "lan"} and pictures.audience_of(None) == "outside"


def test_mark_up_that_comes_before_the_bytes_is_drawn_when_they_are_here(an, house, visit, database):
    row = photo(RETURNED_ITEM, hash_of(DATA))
    drawn = markup(row["id"], BLUR)
    assert an.rows(visit, photos=[row], markups=[drawn]).json["refused"] == []
    assert not house._jobs("redact", "queued")
    an.put(visit, DATA)
    work(house)
    assert not readable(shown(an, visit, row["id"], redacted=True))
    with database.transaction(writing=False) as db:
        assert db.scalar(select(Job.state).where(Job.key == f"redact:{drawn['id']}")) == "done"


def test_the_paper_waits_for_nobody_and_draws_what_is_not_drawn_yet(an, house, visit, taken, tools, database):
    draw(an, visit, markup(taken, BLUR))
    scene(house, "submit", "approve")
    with database.transaction(writing=False) as db:
        assert redaction.undone(db, visit) and not db.scalar(select(Redacted.edge))
        job = db.scalar(select(Job).where(Job.name == "issue_findings", Job.inspection_id == visit))
    issue.issue_findings(tools, job, lambda done: None)
    with database.transaction(writing=False) as db:
        assert not redaction.undone(db, visit) and db.get(Inspection, visit).state == "issued"


def plain_sizes(database, visit, *sources: str) -> list[str]:
    """The hashes of the pictures that were made of these photos with everything on them."""
    with database.transaction(writing=False) as db:
        mine = (Derivative.inspection_id == visit) & Derivative.source.in_(sources)
        return sorted(set(db.scalars(select(Derivative.sha256).where(mine))))


def issued(house, visit) -> UUID:
    """Submitted, approved, printed for real: the id of the report."""
    scene(house, "submit", "approve")
    work(house)
    with house.tools.database.transaction(writing=False) as db:
        job = db.scalar(select(Job).where(Job.name == "issue_findings", Job.inspection_id == visit))
    issue.issue_findings(house.tools, job, lambda done: None)
    with house.tools.database.transaction(writing=False) as db:
        return db.scalar(select(Report.id).where(Report.inspection_id == visit))


def knocked(visit, photo_id: str, hashes: list[str]):
    """Every address under which a photo or its bytes might be had."""
    for size in ("thumb", "screen", "print", "original"):
        for more in ("", "?redacted", "?redacted=0"):
            yield f"/inspections/{visit}/photos/{photo_id}/{size}{more}"
    yield from (f"/sync/inspections/{visit}/blobs/{sha256}" for sha256 in hashes)


def test_what_is_to_stay_inside_is_neither_behind_a_door_nor_in_the_paper_before_and_after_the_issue(
        an, client_of, house, visit, taken, database, tools):
    secret = other_citizen()
    an.put(visit, secret)
    hidden = photo(RETURNED_ITEM, hash_of(secret))
    an.rows(visit, photos=[hidden])
    draw(an, visit, markup(taken, BLUR, private=True), markup(hidden["id"], ARROW, private=True))
    work(house)
    made = plain_sizes(database, visit, hash_of(DATA), hash_of(secret))
    people = {name: client_of(name) for name in ("dung", "em", "binh", "admin", "nobody")}

    def nobody_comes_in() -> None:
        for photo_id in (taken, hidden["id"]):
            for address in knocked(visit, photo_id, [hash_of(DATA), hash_of(secret), *made]):
                for name, person in people.items():
                    got = person.head(address) if "/blobs/" in address else person.get(address)
                    refused = (401, 403, 404) if "/blobs/" in address else (302 if name == "nobody" else 404,)
                    assert got.status_code in refused and b"JFIF" not in got.data, (name, address)

    nobody_comes_in()
    report = issued(house, visit)
    nobody_comes_in()
    paper = people["dung"].get(f"/reports/{report}.pdf").data
    assert people["em"].get(f"/reports/{report}.pdf").status_code == 404
    reader = PdfReader(BytesIO(paper))
    told = reader.attachments["findings.json"][0].decode()
    read = told + "".join(page.extract_text() for page in reader.pages)
    shown = {hash_of(DATA)}  # proves later that the original was not changed; opens nothing
    leaked = [word for word in {hidden["id"], hash_of(secret)[:12], *made} - shown if word in read]
    assert not leaked, leaked
    assert len(made) >= 4 and not any(tools.blobs.get(str(visit), sha256) in paper for sha256 in made)
    printed = [Image.open(BytesIO(image.data)).convert("L") for page in reader.pages for image in page.images]
    large = [image for image in printed if image.width > 300 and not image.width * 3 - image.height * 4]
    assert large and not any(readable(image) or readable(image.rotate(180)) for image in large)


def test_a_shared_browser_asks_anew_for_each_person_who_signs_in(an, visit, taken, house):
    work(house)
    said = an.get(f"/inspections/{visit}/photos/{taken}/screen").headers
    assert "Cookie" in said.get("Vary", "") and said["Cache-Control"].startswith("private")


def test_opening_the_original_is_the_offices_right_and_is_written_down(an, chi, house, visit, taken, database):
    draw(an, visit, markup(taken, BLUR, private=True))
    assert an.get(f"/inspections/{visit}/photos/{taken}/original").status_code == 403
    assert chi.head(f"/inspections/{visit}/photos/{taken}/original").status_code == 200
    got = chi.get(f"/inspections/{visit}/photos/{taken}/original")
    named = got.headers["Content-Disposition"]
    assert got.data == DATA and re.search(rf'_{RETURNED_ITEM}_anh-\d+_\d{{4}}-\d\d-\d\d_\d{{4}}\.jpg"$', named), named
    with database.transaction(writing=False) as db:
        opened = db.scalars(select(Event).where(Event.name == "photo.original_opened", Event.inspection_id == visit))
        (event,) = opened
        assert (event.actor.name, event.details["photo"], event.details["item"]) == ("chi", taken, RETURNED_ITEM)
    assert f"của mục {RETURNED_ITEM}</blockquote>" in chi.get(f"/inspections/{visit}").text


def test_nobody_draws_over_a_photo_of_another_visit_nor_after_the_submission(an, client_of, house, visit, taken):
    binh = client_of("binh")
    bad, good = markup(taken, BLUR), markup(binh.whole(id_of("binhs"))["rows"]["photos"][0]["id"], BLUR)
    told = binh.rows(id_of("binhs"), markups=[bad, good]).json
    assert told["kept"] == [good["id"]]
    assert [(line["id"], line["problem"]) for line in told["refused"]] == [(bad["id"], "invalid")]
    scene(house, "submit")
    assert an.rows(visit, markups=[markup(taken, ARROW)]).json["refused"][0]["problem"] == "forbidden"


def test_after_a_return_only_photos_of_returned_items_can_be_drawn_over(an):
    visit = id_of("returned")
    photos = {row["item"]: row["id"] for row in an.whole(visit)["rows"]["photos"]}
    locked = next(id for item, id in photos.items() if item != RETURNED_ITEM)
    assert RETURNED_ITEM in {item["id"] for item in items_of(an.whole(visit))}
    assert an.rows(visit, markups=[markup(locked, ARROW)]).json["refused"][0]["problem"] == "forbidden"
