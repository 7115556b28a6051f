"""Two tablets without a network on the same items: nothing vanishes, both answers are shown, the lead chooses."""

import sqlite3
from contextlib import closing

import pytest

from tests.e2e.conftest import NOWHERE, ONLINE, TABLET, shoot, sync_api
from tests.e2e.pane import Pane
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, tap
from tests.e2e.test_begun import typed
from tests.e2e.test_meeting import hand, lead_takes_the_pen, meet

expect = sync_api.expect


@pytest.fixture
def shared(server):
    """The address of a visit that Bình leads and An helps with. Asked for before `person`, whose pages go first."""
    with closing(sqlite3.connect(server.data / "audit.db", timeout=30, isolation_level=None)) as db:
        visit = db.execute("""SELECT i.id FROM inspection i JOIN assignment a ON a.inspection_id = i.id AND a.lead
            JOIN user u ON u.id = a.user_id AND u.name = 'binh' WHERE i.state = 'draft'""").fetchone()[0]
        helper = (visit, db.execute("SELECT id FROM user WHERE name = 'an'").fetchone()[0])
        db.execute("INSERT INTO assignment (inspection_id, user_id, lead) VALUES (?, ?, 0)", helper)
        yield f"/inspections/{visit[:8]}-{visit[8:12]}-{visit[12:16]}-{visit[16:20]}-{visit[20:]}"
        db.execute("DELETE FROM assignment WHERE inspection_id = ? AND user_id = ?", helper)


def whole(page, path: str) -> dict:
    """What the server has."""
    return page.request.get(path.replace("/inspections/", "/sync/inspections/")).json()


def away(page, ids: list[str], value: str, name: str) -> None:
    """Answer without a network."""
    page.context.set_offline(True)
    for id in ids:
        tap(item(page, id), value)
        item(page, id).locator("textarea[name=note]").fill(f"{name} thấy {id}")
        item(page, id).locator("textarea[name=note]").blur()
        expect(item(page, id)).to_have_attribute("data-state", "device")


def test_two_people_answer_the_same_items_without_a_network_and_the_lead_chooses(shared, person, server):
    pages = {name: person(name, TABLET, NOWHERE, **ONLINE) for name in ("an", "binh")}
    an, binh = pages["an"], pages["binh"]
    for page in (an, binh):
        page.goto(shared + "/capture")
        page.wait_for_selector("html[data-whole]")
    asked = an.locator('fieldset[data-kind="a3"]:has(input[type=file])').evaluate_all(
        "all => all.map((one) => one.dataset.item)")[:5]
    alone = asked.pop()
    for ids, order in ((asked[:2], ("an", "binh")), (asked[2:], ("binh", "an"))):
        away(an, ids, "dat", "an")
        away(binh, ids, "khong_dat", "binh")
        if order[0] == "an":
            tap(item(binh, alone), "khong_dat")
            item(binh, alone).get_by_label("Nhẹ").tap()
            item(binh, ids[0]).locator("input[type=file]").first.set_input_files([camera_photo(7, (1280, 960))])
        for name in order:
            pages[name].context.set_offline(False)
            everything_on_the_server(pages[name])
    said = whole(an, shared)["conflicts"]
    assert {id: sorted(row["value"] for row in said[id]) for id in said} == {id: ["dat", "khong_dat"] for id in asked}
    for page in (an, binh):  # without opening the page anew
        both = item(page, asked[0]).locator("[data-sides]")
        for words in (f"an thấy {asked[0]}", f"binh thấy {asked[0]}"):
            expect(both).to_contain_text(words)
    expect(item(an, alone).get_by_label("Nhẹ")).to_be_checked()
    binh.reload()
    binh.wait_for_selector("html[data-whole]")
    expect(item(binh, asked[0]).locator("[data-sides] img")).to_have_count(1)
    expect(item(an, asked[0]).get_by_role("button", name="Chọn câu trả lời này")).to_have_count(0)
    an.get_by_role("button", name="Còn thiếu").tap()
    sheet = an.get_by_role("dialog")
    expect(sheet.get_by_role("link", name=f"{asked[0]} có hai câu trả lời khác nhau")).to_be_visible()
    shoot(an, "missing-conflict")
    sheet.get_by_role("button", name="Đóng").tap()
    shoot(binh, "conflict")
    by_hand = binh.context.new_page()
    by_hand.goto(shared + "/team")
    expect(by_hand.get_by_text(f"an thấy {asked[0]}")).to_be_visible()
    expect(by_hand.locator("[data-action=choose]:visible")).to_have_count(0)  # only the tablet's page can choose
    by_hand.close()
    item(an, asked[2]).locator("textarea[name=note]").fill("an nói thêm")
    item(an, asked[2]).locator("textarea[name=note]").blur()
    everything_on_the_server(an)
    item(binh, asked[0]).get_by_role("button", name="Chọn câu trả lời này của Nguyễn Thị Hoài An").press("Enter")
    expect(item(binh, asked[0]).locator("[data-sides]")).to_have_count(0)
    expect(item(binh, asked[0]).locator("input[value=dat]")).to_be_focused()
    everything_on_the_server(binh)
    now = whole(binh, shared)
    assert set(now["conflicts"]) == set(asked[1:]), "chosen is chosen, and only the lead chooses"
    chosen = next(row for row in now["rows"]["answers"] if row["item"] == asked[0])
    assert (chosen["value"], chosen["note"], chosen["author"]) == ("dat", f"an thấy {asked[0]}", "Trần Quốc Bình")
    assert {(row["value"], row["note"]) for row in now["conflicts"][asked[2]]} == {
        ("dat", "an nói thêm"), ("khong_dat", f"binh thấy {asked[2]}")}
    every = "SELECT count(DISTINCT note) FROM answer WHERE inspection_id = ? AND item = ? AND note LIKE '%thấy%'"
    for id in asked:
        assert server.count(every, shared.rsplit("/", 1)[1].replace("-", ""), id) == 2, "nothing vanishes"


def count(page, n: int, total: str, working: str) -> None:
    kit = page.locator("fieldset[data-equipment]").nth(n)
    for name, figure in (("total", total), ("working", working)):
        kit.locator(f"input[name^={name}-]").fill(figure)
    kit.locator("input[name^=working-]").blur()


def remark(page, text: str) -> None:
    box = page.locator('fieldset[data-remark="difficulty"] textarea')
    box.fill(text)
    box.blur()


def asks_for_news(page) -> None:
    """Who comes back to a page is shown what colleagues sent, three times a minute at most."""
    page.clock.fast_forward("00:20")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_a_colleague_counts_and_remarks_is_shown_read_out_and_vouched_for(shared, person, server):
    an, binh = (person(name, TABLET, NOWHERE, **ONLINE) for name in ("an", "binh"))
    for page in (an, binh):
        page.clock.install()
        page.goto(shared + "/capture")
        page.wait_for_selector("html[data-whole]")
    an.context.set_offline(True)
    remark(an, "Thiếu ghế chờ")
    count(an, 1, "5", "5")
    remark(binh, "Máy lấy số hỏng")
    count(binh, 0, "3", "2")
    count(binh, 1, "4", "4")
    everything_on_the_server(binh)
    an.context.set_offline(False)
    everything_on_the_server(an)
    both = "Máy lấy số hỏng\n\nThiếu ghế chờ"
    expect(an.locator('fieldset[data-remark="difficulty"] textarea')).to_have_value(both)
    expect(an.locator("fieldset[data-equipment] input[name^=working-]").first).to_have_value("2")
    for page in (an, binh):
        asks_for_news(page)
        kit = page.locator("fieldset[data-equipment]").nth(1)
        expect(kit.locator(".differs")).to_contain_text("Trần Quốc Bình đếm khác: có 4, hoạt động 4")
        expect(kit.locator("input[name^=working-]")).to_have_value("5")
    shoot(an, "differs")
    count(binh, 1, "5", "4")
    everything_on_the_server(binh)
    for page in (an, binh):
        asks_for_news(page)
        expect(page.locator(".differs")).to_have_count(0)
    expect(an.locator("fieldset[data-equipment] input[name^=working-]").nth(1)).to_have_value("4")

    meet(binh)
    meet(an)
    an.get_by_label("Địa điểm họp").fill("Phòng họp")
    lead_takes_the_pen(an).draw((0.2, 0.5), (0.4, 0.3), (0.6, 0.4))
    Pane(an).confirm()
    expect(hand(an, "lead", "signed")).to_be_visible()
    everything_on_the_server(an)
    assert [row["stale"] for row in whole(an, shared)["rows"]["signatures"]] == [False]
    asks_for_news(binh)
    expect(hand(binh, "lead", "signed")).to_be_visible()
    expect(binh.get_by_label("Địa điểm họp")).to_have_value("Phòng họp")
    binh.go_back()
    expect(binh.locator("dialog.meeting")).to_be_hidden()
    tap(item(binh, "BH02"), "dat")
    everything_on_the_server(binh)
    asks_for_news(an)
    expect(hand(an, "lead", "stale")).to_be_visible()


def test_what_a_colleague_changed_since_stands_on_a_tablet_that_sent_its_own_a_moment_ago(shared, person):
    an, binh = (person(name, TABLET, NOWHERE, **ONLINE) for name in ("an", "binh"))  # which never keeps a page
    an.goto(shared + "/capture")
    an.wait_for_selector("html[data-whole]")
    tap(item(an, "BH03"), "dat")
    item(an, "BH03").locator("input[type=file]").first.set_input_files([camera_photo(8, (640, 480))])
    expect(item(an, "BH03").locator("[data-photo]").last).to_have_attribute("data-state", "server")
    everything_on_the_server(an)
    binh.goto(shared + "/capture")
    binh.wait_for_selector("html[data-whole]")
    tap(item(binh, "BH03"), "khong_dat")
    photos = item(binh, "BH03").locator("[data-photo]:not([hidden])")
    left = photos.count() - 1
    photos.last.tap()
    binh.get_by_role("button", name="Bỏ ảnh này").tap()
    binh.get_by_role("button", name="Chụp nhầm mục").tap()
    everything_on_the_server(binh)
    an.reload()
    an.wait_for_selector("html[data-whole]")
    typed(an, an.locator('[data-kind="ratio"] input[name=number]').first, "3")  # written down after what arrived
    expect(item(an, "BH03").locator("input[value=khong_dat]")).to_be_checked()
    expect(item(an, "BH03").locator("[data-photo]:not([hidden])")).to_have_count(left)


def test_who_answered_on_two_tablets_and_sends_the_older_one_last_is_shown_both_and_chooses(shared, person):
    old, new = (person("an", TABLET, shared + "/capture", **ONLINE) for _ in range(2))
    for page in (old, new):
        page.wait_for_selector("html[data-whole]")
    away(old, ["TB07"], "dat", "máy cũ")
    tap(item(new, "TB07"), "khong_dat")
    everything_on_the_server(new)
    old.context.set_offline(False)
    everything_on_the_server(old)
    assert [row["value"] for row in whole(new, shared)["conflicts"]["TB07"]] == ["khong_dat", "dat"]
    new.context.set_offline(True)
    new.context.set_offline(False)
    both = item(new, "TB07").locator("[data-sides]")
    expect(both).to_contain_text("Bạn đã trả lời khác nhau trên hai máy.")
    shoot(new, "two-tablets-of-one")
    both.get_by_role("button", name="Chọn câu trả lời này").first.tap()
    everything_on_the_server(new)
    told = whole(new, shared)
    assert "TB07" not in told["conflicts"]
    assert next(row for row in told["rows"]["answers"] if row["item"] == "TB07")["value"] == "khong_dat"
