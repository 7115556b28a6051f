"""The main job, end to end: An inspects on the tablet, Chi reviews, An mends, Chi approves, Dung downloads."""

import os
import re
import shutil
import subprocess

import pytest

from tests.e2e.conftest import DESK, NOWHERE, ROOT, TABLET, shoot, sync_api
from tests.e2e.device import first
from tests.e2e.tablet import (
    answer_everything,
    brought,
    camera_photo,
    count_and_listen,
    everything_on_the_server,
    item,
    open_first_visit,
    photograph_what_is_demanded,
    submit,
    tap,
    whole,
)

expect = sync_api.expect
NUMBER = "07"


def test_from_the_tablet_to_the_paper_in_the_agency_s_hands(person):
    visit = {}  # what one step leaves for the next
    an_answers_photographs_and_hands_in(person, visit)
    chi_sends_one_item_back_and_an_mends_just_that(person, visit)
    chi_approves_and_dung_alone_gets_the_paper(person, visit)


def an_answers_photographs_and_hands_in(person, visit):
    page = person("an", TABLET, reduced_motion="reduce")  # a hundred answers need not wait for a hundred scrolls
    visit["path"] = open_first_visit(page)
    answer_everything(page, failing={"BH03", "NY01"})
    photos = photograph_what_is_demanded(page)
    item(page, "NY01").locator("input[type=file][name=photo]").set_input_files([camera_photo(990, (1280, 960))])
    count_and_listen(page)
    everything_on_the_server(page)
    shoot(page, "capture")
    page.reload()
    whole(page)
    assert page.locator("[data-missing] li").count() == 0, "what was answered is there after a reload"
    assert item(page, "NY01").locator("input[value=khong_dat]").is_checked()
    if os.environ.get("README_SHOT"):
        item(page, "BH03").locator("textarea").scroll_into_view_if_needed()
        page.screenshot()  # the first one still moves
        page.screenshot(path=ROOT / "static/img/readme-capture.png")
    page.tolerant, ended = True, {"status": 401, "json": {"problem": "signed_out"}}
    first(page.context, "**/submission", lambda route: route.fulfill(**ended))
    brought(page.locator("[data-action=submit]")).tap()
    page.get_by_role("button", name="Vẫn nộp").tap()
    expect(page.locator("[data-submit-said] a")).to_have_text("Đăng nhập lại")
    page.tolerant = False
    first(page.context, "**/submission", lambda route: route.abort())  # a line that fails once is tried again
    submit(page)
    page.wait_for_selector("body[data-offline-ready=yes]")
    page.context.set_offline(True)
    page.reload()
    whole(page)
    assert page.locator("[data-action=submit]").is_disabled(), "the page that is kept here knows that it was handed in"
    visit["page"] = page  # left open
    page.context.set_offline(False)
    told = page.request.get(visit["path"].replace("/inspections/", "/sync/inspections/")).json()
    assert told["inspection"]["state"] == "submitted"
    assert told["inspection"]["counts"] == {"answers": 100, "photos": photos + 1}
    assert told["score"]["coverage"] == 100 and "NY01" in told["score"]["critical_failed"]


def chi_sends_one_item_back_and_an_mends_just_that(person, visit):
    chi = person("chi", DESK, NOWHERE)
    chi.goto(visit["path"] + "/review?item=NY01")
    expect(chi.locator("[data-strip] .photo")).to_have_count(2)
    assert chi.evaluate("document.documentElement.scrollWidth") == DESK["width"], "photos widen the desk"
    chi.goto(visit["path"] + "/review?item=BH03")
    chi.keyboard.press("r")
    chi.keyboard.press("Escape")
    expect(chi.locator(".desk-return summary")).to_be_focused()
    chi.keyboard.press("r")
    form = chi.locator('form[action$="/return"]').filter(has=chi.locator("textarea"))
    form.locator("textarea[name=reason]").fill("Ảnh chưa cho thấy lối vào.")
    shoot(chi, "review")
    form.get_by_role("button", name="Gửi trả ngay").click()
    expect(chi.get_by_text("Trả lại").first).to_be_visible()
    an = visit["page"]
    an.context.set_offline(True)  # her tablet was asleep meanwhile
    an.context.set_offline(False)
    expect(an.locator(".lates")).to_contain_text("Văn phòng đã trả lại một số mục")
    shoot(an, "turned")
    an.locator(".lates").get_by_role("button", name="Tải lại trang").tap()
    an.wait_for_selector("body[data-open=yes]")
    whole(an)
    expect(an.get_by_text("Ảnh chưa cho thấy lối vào.").first).to_be_visible()
    assert item(an, "BH01").locator("input[value=dat]").is_disabled()
    expect(an.locator("[data-part][data-lacking]")).to_have_count(1)  # all is answered there, and one is not in order
    tap(item(an, "BH03"), "mot_phan")
    item(an, "BH03").locator("input[type=file][name=photo]").set_input_files([camera_photo(991, (1280, 960))])
    everything_on_the_server(an)
    expect(an.locator("[data-part][data-lacking]")).to_have_count(0)
    submit(an)


def chi_approves_and_dung_alone_gets_the_paper(person, visit):
    chi = person("chi", DESK, NOWHERE)
    chi.goto(visit["path"] + "/approval")
    chi.get_by_label("Số văn bản").fill(NUMBER)
    shoot(chi, "approval")
    chi.locator('form[action$="/approval"]').get_by_role("button").last.click()
    expect(chi.locator("a[data-report]").first).to_be_visible(timeout=120_000)
    dung = person("dung", TABLET, NOWHERE)
    dung.goto("/agency")
    shoot(dung, "agency")
    address = dung.locator("a[data-report]").first.get_attribute("href")
    paper = dung.request.get(address)
    assert paper.status == 200 and paper.body().startswith(b"%PDF-")
    words = _text(paper.body())
    for said in ("THÔNG BÁO", "UBND phường Hoàn Kiếm", f"Số: {NUMBER}/TB-VP", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                 "Chưa thực hiện, quan sát lúc 8 giờ 40", "Máy lấy số hay hỏng", "Đề nghị cấp kinh phí"):
        assert said in words, said
    assert person("em", TABLET, NOWHERE).request.get(address).status == 404


def _text(pdf: bytes) -> str:
    """The words of a PDF, white space folded."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is in Debian's poppler-utils")
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())
