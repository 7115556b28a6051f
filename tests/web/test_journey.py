"""The whole way, through the front door: answered, submitted, sent back, mended, approved, printed, read."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from sqlalchemy import select

from audit_app.actions import issue, jobs
from audit_app.records.evidence import Report
from audit_app.records.models import Inspection
from audit_app.records.work import Job
from tests.factories import FAILED_ITEM, answer, hash_of, id_of, photo, picture, wants_photo
from tests.web.visitor import items_of

PdfReader = pytest.importorskip("pypdf", reason="pypdf is in tests/requirements.txt").PdfReader


def capture(an, visit) -> dict[str, dict]:
    """Everything answered, one item failed with a note, a photo of its own for each item that needs one."""
    items = {item["id"]: item for item in items_of(an.whole(visit))}
    rows, shots = [], []
    for number, (id, item) in enumerate(items.items()):
        word = "khong_dat" if id == FAILED_ITEM else "dat"
        rows.append(answer(item, word, "Ghế hỏng, chưa thay." if id == FAILED_ITEM else "") | {
            "severity": "nghiem_trong" if id == FAILED_ITEM else None})
        if wants_photo(item, word):
            data = picture(seed=number, width=320, height=240, orientation=1 + number % 8)
            assert an.put(visit, data).status_code in (200, 201)
            shots.append(photo(id, hash_of(data)))
    told = an.rows(visit, answers=rows, photos=shots).json
    assert told["refused"] == [] and len(told["kept"]) == len(rows) + len(shots)
    return items


def words_of(paper: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=paper, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.fixture
def issued(an, chi, house, tools, database):
    """The way up to the printed paper; the id of the visit."""
    visit = house.plan("journey", team=["an", "binh"])
    items = capture(an, visit)
    assert an.submit(visit, answers=len(items)).status_code == 201

    desk = f"/inspections/{visit}/review?item=NY01"
    chi.post(f"/inspections/{visit}/verdicts", headers=chi.csrf, data={
        "item": "NY01", "decision": "return", "reason": "Ảnh mờ, chụp lại."})
    assert "Ảnh mờ, chụp lại." in chi.get(desk).text
    assert chi.post(f"/inspections/{visit}/return", headers=chi.csrf).status_code == 302
    assert an.whole(visit)["returned"] == {"NY01": "Ảnh mờ, chụp lại."}
    assert "Ảnh mờ, chụp lại." in an.get(f"/inspections/{visit}/capture").text

    sharp = picture(seed=200, width=400, height=300)
    an.put(visit, sharp)
    told = an.rows(visit, answers=[answer(items["NY01"], note="Đã chụp lại.")], photos=[photo("NY01", hash_of(sharp))])
    assert told.json["refused"] == [] and an.submit(visit).status_code == 201

    for page in (f"{desk.split('?')[0]}?item={FAILED_ITEM}", f"/inspections/{visit}/approval", f"/inspections/{visit}"):
        assert "Nghiêm trọng" in chi.get(page).text, page
    gone = chi.send(f"/inspections/{visit}/approval", "/approval", number="121")
    assert gone.status_code == 302, gone.text
    assert an.whole(visit)["inspection"]["state"] == "approved"
    print_after_a_failure(chi, visit, tools)
    with database.transaction(writing=False) as db:
        assert db.get(Inspection, visit).state == "issued"
    return visit


def print_after_a_failure(chi, visit, tools) -> None:
    """The photos are away when the printer asks for them; Chi reads why, and has it printed when they are back."""
    drawer = tools.settings.data / "blobs" / str(visit)
    drawer.rename(drawer.with_suffix(".away"))
    jobs.drain(tools)
    told = chi.get(f"/inspections/{visit}/printing").json
    assert told["job"] == "failed" and told["report"] is None and told["error"] in chi.get(f"/inspections/{visit}").text
    for path in drawer.rglob("*") if drawer.exists() else ():
        assert not path.is_file() or path.stat().st_size, "nothing half-made is left"
    shutil.rmtree(drawer, ignore_errors=True)
    drawer.with_suffix(".away").rename(drawer)
    assert chi.send(f"/inspections/{visit}", "/rerun").status_code == 302
    jobs.drain(tools)
    assert chi.get(f"/inspections/{visit}/printing").json["state"] == "issued"


def test_dung_reads_the_paper_that_an_began_and_nobody_else_does(issued, client_of, an, database, app):
    with database.transaction(writing=False) as db:
        report = db.scalar(select(Report).where(Report.inspection_id == issued))
    address = f"/reports/{report.id}.pdf"
    dung, chi = client_of("dung"), client_of("chi")
    assert f'href="{address}"' in dung.get("/agency").text and "data-report" in dung.get("/agency").text
    assert f'href="{address}"' in chi.get(f"/inspections/{issued}").text

    paper = dung.get(address)
    assert paper.status_code == 200 and paper.mimetype == "application/pdf" and paper.data.startswith(b"%PDF-")
    assert hash_of(paper.data) == report.pdf and len(paper.data) == report.octets
    assert [client_of(name).get(address).status_code for name in ("an", "binh", "chi")] == [200, 200, 200]
    assert [client_of(name).get(address).status_code for name in ("em", "admin", "nobody")] == [404, 404, 302]

    words = words_of(paper.data)
    for said in ("THÔNG BÁO", "UBND phường Hoàn Kiếm", "121", "Ghế hỏng, chưa thay.", "Nguyễn Thị Hoài An",
                 "mức độ: nghiêm trọng", report.code, "độ phủ"):
        assert said in words, said
    assert "Ảnh mờ, chụp lại." not in words, "what passed between office and team is no finding"

    attached = json.loads(PdfReader(BytesIO(paper.data)).attachments["findings.json"][0])
    score = an.whole(issued)["score"]
    assert attached["score"]["percent"] == pytest.approx(score["percent"], abs=0.05)
    assert attached["score"]["coverage"] == pytest.approx(score["coverage"], abs=0.05)
    assert [(finding["item"], finding["severity"]) for finding in attached["findings"]] == [
        (FAILED_ITEM, "nghiem_trong")]
    assert "Nghiêm trọng" in dung.get("/agency").text
    assert attached["document"]["number"] == "121"
    sent = {row["sha256"] for row in an.whole(issued)["rows"]["photos"]}
    assert {shot["sha256"] for shot in attached["photos"]} == sent

    # printed again from what was kept, it is the same to the last byte
    kept = app.extensions["blobs"].get(str(issued), report.snapshot)
    again = issue.print_notice(app.jinja_env, json.loads(kept), kept,
                               lambda sha256: app.extensions["blobs"].get(str(issued), sha256))
    assert again == paper.data


def test_two_workers_that_print_the_same_visit_issue_one_paper(chi, tools, database):
    """The first one's lease ran out while it was still printing."""
    visit = id_of("submitted")
    assert chi.send(f"/inspections/{visit}/approval", "/approval", number="7").status_code == 302
    with database.transaction(writing=False) as db:
        job = db.scalar(select(Job).where(Job.inspection_id == visit, Job.name == "issue_findings"))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: issue.issue_findings(tools, job, lambda done: None), range(2)))
    issue.issue_findings(tools, job, lambda done: None)
    with database.transaction(writing=False) as db:
        assert len(list(db.scalars(select(Report).where(Report.inspection_id == visit)))) == 1

