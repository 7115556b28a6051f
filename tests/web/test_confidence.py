"""What citizens said in confidence stands in no paper, and cannot be reckoned from what stands there."""

import json
import re

import pytest
from sqlalchemy import select

from audit_app.actions import jobs, minutes
from audit_app.actions.findings import gather
from audit_app.records.models import Inspection, User
from tests.factories import Scene, answer, hash_of, id_of, photo, picture
from tests.unit.test_closing import meeting
from tests.web.visitor import items_of

VISIT, SHOT = id_of("confided"), picture(seed=41)


def test_what_citizens_said_in_confidence_counts_and_stands_in_no_paper(an, chi, house, tools):
    house.plan("confided")
    with tools.database.transaction() as db:
        Scene(house, db, "confided", db.scalar(select(User).where(User.name == "an"))).capture()
    item = next(item for item in items_of(an.whole(VISIT)) if item["confidential"])
    said = answer(item, "khong_dat", note="Bà Tư bị gợi ý tiền")
    shot = photo(item["id"], hash_of(SHOT))
    an.put(VISIT, SHOT)
    assert not an.rows(VISIT, answers=[said], photos=[shot], meetings=[meeting()]).json["refused"]
    for job in house._jobs("shrink", "queued"):
        jobs.run(tools, job)
    told = an.whole(VISIT)["score"]
    assert item["critical"] and told["critical_failed"] == [item["id"]]
    with tools.database.transaction() as db:
        scene = Scene(house, db, "confided", db.scalar(select(User).where(User.name == "an")))
        scene.submit()
    page = chi.get(f"/inspections/{VISIT}/approval").text
    assert "1 tồn tại" in page and "không in vào văn bản nào: <a" in page and "Văn phòng vẫn xem điểm" in page
    assert "không tính mục ghi nhận riêng" in chi.get(f"/inspections/{VISIT}").text
    assert item["id"] not in page.partition("không còn căn cứ nào")[2].partition("</p>")[0], "it is printed nowhere"
    shown = int(re.search(r"<dt>Ảnh</dt><dd>(\d+)", page)[1])
    with tools.database.transaction() as db:
        scene = Scene(house, db, "confided", db.scalar(select(User).where(User.name == "an")))
        scene.approve()
    with tools.database.transaction(writing=False) as db:
        told_of = db.get(Inspection, VISIT)
        papers = gather(db, told_of, version=1, catalogue=tools.catalogue, settings=tools.settings)
        short = minutes.gather(db, told_of, tools.catalogue)
    assert shown == len(papers["photos"])
    for paper, template in ((papers, "notice"), (short, "minutes")):
        line = next(row for part in paper["sections"] for row in part["items"] if row["id"] == item["id"])
        assert (line["outcome"], line["number"], line["note"], line["photos"] or None) == (None, None, None, None)
        assert paper["score"]["critical_failed"] == [] and paper["score"]["percent"] > told["percent"] + 0.05
        for findings_of in ("findings", "recommendations", "open", "photos"):
            assert item["id"] not in {row["item"] for row in paper.get(findings_of, [])}
        page = tools.templates.get_template(f"papers/{template}.html").render(s=paper, qr="")
        assert "Ghi nhận riêng" in page and f"mục ghi nhận riêng ({item['id']}) không tính vào điểm" in page
        assert "Bà Tư" not in page + json.dumps(paper, ensure_ascii=False)
        assert hash_of(SHOT) not in page + json.dumps(paper)


@pytest.mark.parametrize("said", ["khong_dat", None])
def test_a_paper_has_the_same_figures_whatever_citizens_said_in_confidence(an, house, tools, said):
    before = _told(an, house, tools, "calm", "dat")
    after = _told(an, house, tools, "confided", said)
    assert before == after


def _told(an, house, tools, visit: str, said: str | None) -> list:
    """The figures of both papers about a visit at which citizens said this in confidence, or were not asked."""
    id = house.plan(visit)
    with tools.database.transaction() as db:
        Scene(house, db, visit, db.scalar(select(User).where(User.name == "an"))).capture()
    item = next(item for item in items_of(an.whole(id)) if item["confidential"])
    row = answer(item, said, note="Không phỏng vấn") if said else answer(item) | {
        "number": None, "of": None, "note": "Không phỏng vấn"}
    shots = [photo(item["id"], hash_of(SHOT))] if said == "khong_dat" else []
    an.put(id, SHOT)
    assert not an.rows(id, answers=[row], photos=shots, meetings=[meeting()]).json["refused"]
    with tools.database.transaction() as db:
        scene = Scene(house, db, visit, db.scalar(select(User).where(User.name == "an")))
        scene.submit()
        scene.approve()
    with tools.database.transaction(writing=False) as db:
        visited = db.get(Inspection, id)
        notice = gather(db, visited, version=1, catalogue=tools.catalogue, settings=tools.settings)
        short = minutes.gather(db, visited, tools.catalogue)
    figures = ("answered", "total", "photo_count", "withheld_count", "score")
    return [paper.get(name) for paper in (notice, short) for name in figures]
