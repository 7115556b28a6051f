"""The closing meeting in a basement: read back, signed stroke by stroke, refused before a witness, then printed."""

import json
import re
import threading
from io import BytesIO

import pytest

from audit_app.rules import closing
from tests.e2e.conftest import AHEAD, DESK, NOWHERE, ONLINE, TABLET, shoot, sync_api
from tests.e2e.pane import Pane
from tests.e2e.tablet import brought, camera_photo, everything_on_the_server, item
from tests.factories import answer, hash_of, photo, picture, wants_photo
from tests.web.visitor import items_of

expect = sync_api.expect
SIDEWAYS = {"width": TABLET["height"], "height": TABLET["width"]}
NAMES = {"lead": "Nguyễn Thị Hoài An", "secretary": "Trần Quốc Bình", "witness": "Đặng Kim Liên"}
AT_ONCE = """new MutationObserver((_, eyes) => {
  if (document.documentElement?.dataset.ready !== "yes") return;
  eyes.disconnect();
  document.querySelector("[data-action=meeting]").click();
}).observe(document, { subtree: true, attributeFilter: ["data-ready"] })"""
SECRET = "Một người dân kể bị gợi ý quà"
PLACE, WHY, NOTE = "Phòng họp tầng hầm", "Không thống nhất mục về lối đi", "Lối đi bị chắn bởi 3 tủ hồ sơ"


def planned(chi, where: str) -> str:
    """A visit that no other test uses, with An as its team; its path."""
    path = re.search(r'href="(/rounds/[0-9a-f-]{36})"', chi.request.get("/rounds").text())[1]
    there = lambda: set(re.findall(r"/inspections/[0-9a-f-]{36}", chi.request.get(path, params={"q": where}).text()))  # noqa: E731
    known = there()
    chi.goto(f"{path}/visits")
    form, token = chi.content(), chi.locator("#visit input[name=csrf_token]").input_value()
    an = re.search(rf'name="team" value="([^"]+)"[^>]*><span>{NAMES["lead"]}', form)[1]
    agency = re.search(rf'name="agency" value="([^"]+)"[^>]*><span>{where}', form)[1]
    done = chi.request.post(f"{path}/visits", form={
        "csrf_token": token, "agency": agency, "day": chi.locator("[name=day]").input_value(), "at": "15:00",
        "tier": "1", "lead": an, "team": an}, max_redirects=0)
    assert done.status == 302, done.text()
    return (there() - known).pop()


def post(page, path: str, **said) -> dict:
    """What a tablet sends, by hand."""
    token = page.request.get("/sync/hello").json()["csrf"]
    kind = {"X-CSRFToken": token, "Content-Type": "application/json"}
    return page.request.post(path, data=json.dumps(said), headers=kind).json()


def answered(page, sync: str) -> None:
    """Everything in order, with the photos that are demanded."""
    items = items_of(page.request.get(sync).json())
    token, drawn = page.request.get("/sync/hello").json()["csrf"], picture(seed=9)
    kind = {"X-CSRFToken": token, "Content-Type": "image/jpeg"}
    page.request.put(f"{sync}/blobs/{hash_of(drawn)}", data=drawn, headers=kind)
    told = post(page, f"{sync}/rows", answers=[answer(one) for one in items],
                photos=[photo(one["id"], hash_of(drawn)) for one in items if wants_photo(one)])
    assert told["refused"] == []
    first = page.request.get(sync).json()["rows"]["photos"][0]["id"]
    soon(lambda: page.request.get(f"{sync.removeprefix('/sync')}/photos/{first}/thumb"))


def hand(page, role: str, state: str):
    return page.locator(f'.hand[data-role="{role}"][data-hand="{state}"]')


def meet(page) -> None:
    brought(page.locator("[data-action=meeting]")).click()
    page.wait_for_selector("dialog.meeting[open][data-ready]")


def begun(page) -> None:
    """Where, and who is there: the team stands there already."""
    meet(page)
    page.get_by_label("Địa điểm họp").fill(PLACE)
    people = page.locator("[data-people=agency] input")
    people.nth(0).fill("Phạm Tiến Dũng")
    people.nth(1).fill("Phó Chủ tịch")
    people.nth(1).blur()
    expect(page.locator("[data-kept]")).to_have_text("Đã lưu trên máy")
    assert page.locator("[data-people=team] input").nth(0).input_value() == NAMES["lead"]


def begun_at(person, where: str) -> tuple[str, object]:
    """A visit of its own whose closing meeting has begun: its path, and the tablet."""
    path, page = planned(person("chi", DESK, NOWHERE, **ONLINE), where), person("an", TABLET, NOWHERE, **ONLINE)
    page.goto(f"{path}/capture")
    page.wait_for_selector("html[data-ready]")
    begun(page)
    return path, page


def lead_takes_the_pen(page) -> Pane:
    page.locator('[data-role="lead"] [data-act=sign]').click()
    return Pane(page)


def lead_signs(page) -> Pane:
    pane = lead_takes_the_pen(page)
    pane.draw((0.2, 0.5), (0.4, 0.3), (0.6, 0.4))
    pane.confirm()
    return pane


def lead_signs_through_turning_and_reloading(page) -> None:
    pane = lead_takes_the_pen(page)
    expect(pane.screen).to_contain_text("TS01")
    pane.draw((0.2, 0.6), (0.3, 0.2), (0.4, 0.7), (0.55, 0.3))
    before = pane.ink()
    pane.turn(SIDEWAYS)
    assert pane.ink() > before / 3
    pane.draw((0.6, 0.6), (0.7, 0.3), (0.75, 0.4))
    expect(page.locator("[data-pad-kept]")).to_have_text("Đã lưu trên máy")
    page.reload()
    page.wait_for_selector("dialog.pad[open]")
    expect(pane.screen.locator("[data-pad=undo]")).to_be_enabled()
    pane.turn(TABLET)
    pane.draw((0.1, 0.9), (0.5, 0.8), (0.9, 0.85))
    pane.screen.locator("[data-pad=undo]").click()
    shoot(page, "meeting-pad")
    pane.confirm()
    expect(hand(page, "lead", "signed")).to_contain_text("Đã lưu trên máy")


def the_agency_refuses_before_a_witness(page) -> None:
    page.locator('[data-role="agency"] [data-act=refuse]').click()
    pane = Pane(page)
    pane.screen.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator("[data-pad-said]")).to_have_text("Ghi lý do từ chối.")
    pane.screen.get_by_label("Lý do từ chối").fill(WHY)
    pane.screen.get_by_role("button", name="Tiếp tục").click()
    expect(pane.screen).to_contain_text(f"Chứng kiến việc Phạm Tiến Dũng, Phó Chủ tịch, từ chối ký. Lý do: {WHY}")
    pane.screen.locator("[data-pad-who] [name=name]").fill(NAMES["witness"])
    pane.draw((0.3, 0.3), (0.4, 0.7), (0.5, 0.6))
    pane.confirm()
    expect(page.locator("[data-pad-said]")).to_have_text("Ghi chức vụ trước khi ký.")
    pane.screen.locator("[data-pad-who] [name=title]").fill("Công chức")
    pane.confirm()
    expect(hand(page, "agency", "refused")).to_contain_text(WHY)
    expect(hand(page, "witness", "signed")).to_contain_text(NAMES["witness"])


def test_a_meeting_in_a_basement_is_signed_and_printed(person):
    pypdf = pytest.importorskip("pypdf", reason="needs pypdf of tests/requirements.txt")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), "UBND phường Cầu Giấy")
    sync, page = f"/sync{path}", person("an", TABLET)
    answered(page, sync)
    page.goto(f"{path}/capture")
    page.wait_for_selector("html[data-ready]")
    begun(page)
    page.wait_for_selector('body[data-offline-ready="yes"]', state="attached")
    page.context.set_offline(True)
    page.go_back()
    expect(page.locator("dialog.meeting")).not_to_be_visible()
    item(page, "TS01").locator("label:has(input[value=khong_dat])").click()
    expect(item(page, "TS01").locator("input[value=khong_dat]")).to_be_checked()
    item(page, "TS01").get_by_label("Đáng kể").tap()
    item(page, "TS01").locator("textarea[name=note]").fill(NOTE)
    item(page, "TS01").locator("input[type=file][name=photo]").set_input_files([camera_photo(6, (1600, 1200))])
    item(page, "CC09").locator("textarea[name=note]").fill(SECRET)
    item(page, "CC09").locator("input[name=number]").fill("1")
    meet(page)
    for said in (NOTE, "Đáng kể"):
        expect(page.locator("[data-read=faults]")).to_contain_text(said)
    aloud = page.locator("dialog.meeting").inner_text()
    assert SECRET not in aloud and "CC09" not in aloud, "what citizens said in confidence is not read out"
    score = re.search(r"[\d,]+.%", page.locator("[data-read=score]").inner_text())[0]
    assert not axe.run(page).response["violations"]
    lead_signs_through_turning_and_reloading(page)
    page.locator('[data-role="secretary"] [data-act=sign]').click()
    pane = Pane(page)
    pane.draw((0.2, 0.5), (0.4, 0.3), (0.6, 0.4))
    pane.screen.locator("[data-pad-who] [name=name]").fill(NAMES["secretary"])
    pane.screen.locator("[data-pad-who] [name=title]").fill("Chuyên viên")
    pane.confirm()
    expect(hand(page, "secretary", "signed")).to_be_visible()
    assert page.get_by_label("Địa điểm họp").is_disabled()
    the_agency_refuses_before_a_witness(page)
    assert not axe.run(page).response["violations"]
    shoot(page, "meeting")
    drawn = {role: page.locator(f'.hand[data-role="{role}"] path').get_attribute("d") for role in NAMES}
    page.context.set_offline(False)
    everything_on_the_server(page)
    rows = page.request.get(sync).json()["rows"]
    assert rows["meetings"][0]["place"] == PLACE
    hands = {row["role"]: row for row in rows["signatures"]}
    assert {role: closing.path(hands[role]["strokes"]) for role in NAMES} == drawn
    assert {role: row["stale"] for role, row in hands.items()} == dict.fromkeys(("agency", *NAMES), False)
    assert hands["agency"]["refused"] and len(hands["lead"]["strokes"]) == 2
    words = read(printed(page, path, sync), pypdf)
    for said in (*NAMES.values(), "Phạm Tiến Dũng", PLACE, NOTE, WHY, "mức độ: đáng kể", "từ chối ký",
                 "NGƯỜI CHỨNG KIẾN", f"thực tế): {score}"):  # without what citizens said in confidence
        assert "".join(said.split()) in words, said
    assert "(*)" not in words


def test_what_changes_after_a_signature_is_said_at_once(person):
    path, page = begun_at(person, "UBND phường Yên Hòa")
    pane = lead_signs(page)
    expect(pane.screen).to_be_hidden()
    expect(hand(page, "lead", "signed")).to_contain_text("Đã lên máy chủ")
    page.go_back()
    item(page, "BH01").locator("label:has(input[value=dat])").click()
    expect(item(page, "BH01")).to_have_attribute("data-outcome", "dat")
    meet(page)
    expect(hand(page, "lead", "stale")).to_be_visible()
    everything_on_the_server(page)
    row, = page.request.get(f"/sync{path}").json()["rows"]["signatures"]
    assert row["stale"]


def test_a_meeting_that_ends_before_it_begins_is_said_to(person):
    _, page = begun_at(person, "UBND phường Xuân Phương")
    for begins, ends, said in (("23:59", "08:30", True), ("08:00", "08:30", False), ("23:59", "", False)):
        page.get_by_label("Kết thúc (giờ").fill(ends)
        page.get_by_label("Bắt đầu họp").fill(begins)
        page.get_by_label("Bắt đầu họp").blur()
        expect(page.locator("[data-early]")).to_be_visible(visible=said)
    lead_signs(page)
    expect(page.get_by_label("Kết thúc (giờ")).to_have_value("23:59")


def test_a_signed_meeting_is_opened_again_corrected_and_signed_anew(person):
    path, page = begun_at(person, "UBND phường Nghĩa Đô")
    pane = lead_takes_the_pen(page)
    pane.draw((0.2, 0.5), (0.4, 0.3), (0.6, 0.4))
    pane.screen.get_by_role("button", name="Xoá hết").first.click()
    pane.screen.get_by_role("button", name="Giữ lại").click()
    assert pane.ink()
    pane.screen.get_by_role("button", name="Xoá hết").last.click()
    pane.screen.get_by_role("button", name="Xoá hết").first.click()
    assert not pane.ink()
    pane.confirm()
    expect(page.locator("[data-pad-said]")).to_have_text("Chưa có nét ký nào.")
    pane.draw((0.2, 0.5), (0.4, 0.3), (0.6, 0.4))
    pane.confirm()
    expect(hand(page, "lead", "signed")).to_be_visible()

    place, again = page.get_by_label("Địa điểm họp"), page.get_by_role("button", name="Mở lại", exact=True)
    expect(place).to_be_disabled()
    page.get_by_role("button", name="Mở lại để sửa").click()
    shoot(page, "meeting-reopen")
    page.get_by_role("button", name="Giữ nguyên").click()
    expect(again).to_be_hidden()
    expect(place).to_be_disabled()
    page.get_by_role("button", name="Mở lại để sửa").click()
    again.click()
    expect(hand(page, "lead", "stale")).to_be_visible()
    place.fill("Sảnh tầng 1")
    page.get_by_role("button", name="Thêm người của đơn vị").click()
    page.locator("[data-people=agency] input").nth(2).fill("Lê Thị Mai")
    page.locator("[data-people=agency] input").nth(3).fill("Công chức Một cửa")
    page.get_by_role("button", name="Bỏ người này").nth(1).click()
    lead_takes_the_pen(page)
    pane.draw((0.3, 0.4), (0.5, 0.6), (0.7, 0.3))
    pane.confirm()
    expect(hand(page, "lead", "signed")).to_be_visible()
    everything_on_the_server(page)
    rows = page.request.get(f"/sync{path}").json()["rows"]
    valid = [row for row in rows["signatures"] if not row["stale"]]
    (meeting,) = [row for row in rows["meetings"] if row["id"] == valid[0]["meeting"]]
    assert len(valid) == 1 and meeting["place"] == "Sảnh tầng 1"
    assert [one["name"] for one in meeting["present"] if one["side"] == "agency"] == ["Lê Thị Mai"]


def test_who_is_back_in_the_meeting_by_hand_is_not_brought_there_again(person):
    page = person("an", TABLET, AHEAD)
    page.wait_for_selector("html[data-ready]")
    meet(page)
    page.add_init_script(AT_ONCE)
    page.reload()
    page.wait_for_selector("dialog.meeting[open][data-ready]")
    place = page.get_by_label("Địa điểm họp")
    place.press_sequentially("Tầng hầm")
    page.wait_for_selector("body[data-offline-ready=yes]", state="attached")  # long after it would have gone there
    expect(place).to_be_focused()
    expect(place).to_have_value("Tầng hầm")


def printed(page, path: str, sync: str) -> bytes:
    """The minutes, once the worker has printed them after the submission."""
    assert post(page, f"{sync}/submission", manifest={}).get("receipt")
    return soon(lambda: page.request.get(f"{path}/minutes.pdf")).body()


def soon(ask):
    """The answer, once the worker has done what it takes."""
    pause = threading.Event()
    for _ in range(150):
        if (found := ask()).ok:
            return found
        pause.wait(0.2)
    raise AssertionError(found.status)


def read(pdf: bytes, pypdf) -> str:
    return "".join("".join(sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(pdf)).pages).split())
