"""What the office and agencies type into plain forms: a session that ends, a page grown too old and a wrong turn cost
nothing of it, and the next person at the desk finds nothing."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tests.e2e.conftest import DESK, NOWHERE, ONLINE, enter, shoot, sync_api
from tests.e2e.device import holding

expect = sync_api.expect
TWICE = """(button) => new Promise((done) => {
  button.click();
  requestAnimationFrame(() => { button.click(); requestAnimationFrame(done); });
})"""
STORED = "() => JSON.stringify({ ...sessionStorage })"


def reply(page):
    """The box in which the first finding is answered, open."""
    page.locator("details.reply").first.evaluate("(box) => { box.open = true; }")
    return page.locator("details.reply textarea").first


def test_what_dung_types_outlives_what_comes_between(person, server):
    dung = person("dung", DESK, **ONLINE)
    dung.tolerant = True  # refusals are answered 4xx
    dung.goto("/agency")
    page, typed = dung.url, f"Đã treo biển mới tại cổng chính. {uuid4()}"
    notice = dung.locator("details.reply .notice")

    reply(dung).fill(typed)
    dung.get_by_role("link", name="Kiểm tra Một cửa").click()  # a wrong turn
    dung.goto(page)
    expect(dung.locator("details.reply textarea").first).to_have_value(typed)
    expect(notice).to_be_visible()
    shoot(dung, "typed-kept")

    dung.context.clear_cookies()  # the session ended
    dung.get_by_role("button", name="Gửi giải trình").first.click()
    expect(dung.get_by_role("heading", name="Cần đăng nhập")).to_be_visible()
    dung.get_by_role("link", name="Đăng nhập lại").click()
    enter(dung, server, "dung")
    expect(reply(dung)).to_have_value(typed)

    send_with_an_old_token(dung)
    shoot(dung, "typed-again")
    dung.get_by_role("link", name="Quay lại trang trước").click()
    expect(reply(dung)).to_have_value(typed)
    send_with_an_old_token(dung)
    dung.get_by_role("button", name="Gửi lại").click()
    expect(dung.locator(".answer-given", has_text=typed)).to_be_visible()
    expect(reply(dung)).to_have_value("")
    assert typed not in dung.evaluate(STORED) and notice.count() == 0
    assert server.count("SELECT count(*) FROM response WHERE text = ?", typed) == 1


def test_what_came_back_far_below_is_told_at_the_top_with_the_way_to_it(person, server):
    dung = person("dung", DESK, "/agency", **ONLINE)
    dung.tolerant = True  # refusals are answered 4xx
    typed, last = f"Đã niêm yết lại. {uuid4()}", dung.locator(".finding:has(.reply)").last
    last.locator(".reply").evaluate("(box) => { box.open = true; }")
    last.locator("textarea").fill(typed)
    dung.context.clear_cookies()  # the session ended
    last.get_by_role("button", name="Gửi giải trình").click()
    dung.get_by_role("link", name="Đăng nhập lại").click()
    enter(dung, server, "dung")
    above = dung.locator(".page > .notice", has_text="nhập dở lần trước")
    shoot(dung, "typed-below")
    above.get_by_role("link", name=last.locator("h3").inner_text(), exact=True).click()
    expect(last.locator("textarea")).to_be_focused()
    expect(last.locator("textarea")).to_be_in_viewport()
    expect(last.locator("textarea")).to_have_value(typed)
    last.get_by_role("button", name="Bỏ, nhập lại từ đầu").click()
    expect(above).to_have_count(0)


def test_what_was_refused_and_then_mended_outlives_a_session_that_ended(person, server):
    dung = person("dung", DESK, "/agency", **ONLINE)
    dung.tolerant = True
    typed, on = f"Đã thay ghế chờ. {uuid4()}", f"{datetime.now(UTC) + timedelta(days=200):%d/%m/%Y}"
    reply(dung).fill(typed)
    dung.get_by_label("Ngày dự kiến hoàn thành").first.fill("31/13/2099")
    dung.get_by_role("button", name="Gửi giải trình").first.click()
    expect(dung.locator(".error-summary")).to_be_visible()
    dung.context.clear_cookies()
    dung.get_by_label("Ngày dự kiến hoàn thành").first.fill(on)
    dung.get_by_role("button", name="Gửi giải trình").first.click()
    dung.get_by_role("link", name="Đăng nhập lại").click()
    enter(dung, server, "dung")
    expect(reply(dung)).to_have_value(typed)
    expect(dung.get_by_label("Ngày dự kiến hoàn thành").first).to_have_value(on)
    dung.get_by_role("button", name="Gửi giải trình").first.click()
    expect(dung.locator(".answer-given", has_text=typed)).to_be_visible()
    assert typed not in dung.evaluate(STORED)


def send_with_an_old_token(page) -> None:
    page.locator("details.reply [name=csrf_token]").first.evaluate("(token) => { token.value = 'cũ'; }")
    page.get_by_role("button", name="Gửi giải trình").first.click()
    expect(page.get_by_text("Những gì vừa nhập vẫn còn.")).to_be_visible()


def test_what_is_not_wanted_any_more_goes_and_nobody_else_finds_it(person, server):
    dung = person("dung", DESK, **ONLINE)
    dung.tolerant = True
    dung.goto("/agency")
    page, typed = dung.url, f"Đang mua ghế chờ. {uuid4()}"
    reply(dung).fill(typed)
    dung.goto(page)
    dung.get_by_role("button", name="Bỏ, nhập lại từ đầu").click()
    expect(reply(dung)).to_have_value("")
    assert typed not in dung.evaluate(STORED)

    reply(dung).fill(typed)
    dung.context.clear_cookies()
    dung.goto("/sign-in")
    enter(dung, server, "em")
    dung.wait_for_selector("html[data-locked]")
    assert typed not in dung.evaluate(STORED)

    reply(dung).fill(typed)
    assert typed in dung.evaluate(STORED)
    dung.get_by_role("button", name="Đăng xuất").click()
    dung.wait_for_url("**/sign-in")
    assert typed not in dung.evaluate(STORED)


def plan_page(chi) -> None:
    """A visit to be added to the round that is under way."""
    chi.goto("/rounds")
    chi.get_by_role("link", name="quý IV").first.click()
    chi.get_by_role("link", name="Thêm cuộc kiểm tra").first.click()
    expect(chi.locator("form#visit")).to_be_visible()


def test_what_chi_ticked_stays_with_whom_she_meant_though_the_list_has_changed(person):
    chi, admin = person("chi", DESK, **ONLINE), person("admin", DESK, "/people/new", **ONLINE)
    plan_page(chi)
    page, team = chi.url, chi.locator("input[name=team]")
    meant = team.nth(1).get_attribute("value")
    team.nth(1).check()
    chi.goto("/rounds")
    admin.get_by_label("Họ và tên").fill("Ái Ân")  # stands before all others
    admin.get_by_label("Tên đăng nhập").fill("ai.an")
    admin.get_by_role("button", name="Thêm người").click()
    expect(admin.locator(".password")).to_be_visible()
    chi.goto(page)
    expect(chi.locator("form#visit .notice")).to_be_visible()
    assert [tick.get_attribute("value") for tick in chi.locator("input[name=team]:checked").all()] == [meant]


def test_a_page_that_says_what_is_wrong_shows_what_was_sent_and_nothing_older(person):
    chi = person("chi", DESK, **ONLINE)
    chi.tolerant = True
    plan_page(chi)
    chi.get_by_label("Giờ bắt đầu").fill("8h30")
    chi.get_by_role("button", name="Lưu cuộc kiểm tra").click()
    expect(chi.locator(".error-summary")).to_be_visible()
    expect(chi.get_by_label("Giờ bắt đầu")).to_have_value("08:30")
    expect(chi.locator("form#visit .notice")).to_have_count(0)


def test_a_form_on_its_way_is_not_sent_again_by_a_second_click(person):
    dung = person("dung", DESK, **ONLINE)
    dung.goto("/agency")
    reply(dung).fill(f"Đã sơn lại vạch chờ. {uuid4()}")
    with holding(dung, "**/response", once=True) as held:
        dung.get_by_role("button", name="Gửi giải trình").first.evaluate(TWICE)
    assert len(held) == 1
    held[0].continue_()
    expect(dung.get_by_text("Đã gửi giải trình cho tồn tại số")).to_be_visible()
    reply(dung).fill(f"Và treo biển. {uuid4()}")
    dung.get_by_role("button", name="Gửi giải trình").first.click()
    expect(dung.get_by_text("Đã gửi giải trình cho tồn tại số")).to_be_visible()


WITH_NUMBER = "SELECT count(*) FROM report WHERE inspection_id = ? AND number = ?"
DAY = "SELECT strftime('%d/%m/%Y', 'now', '+7 hours', ? || ' days')"


def sent(page, path: str, **said):
    """What a form of this path is answered, filled in and sent beside the pages that are open."""
    form = page.request.get(path).text()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return page.request.post(path, form={**hidden, **said}, max_redirects=0)


def test_what_dung_typed_outlives_that_the_notice_is_printed_again_with_its_number(person, server):
    dung, chi = person("dung", DESK, "/agency", **ONLINE), person("chi", DESK, NOWHERE, **ONLINE)
    typed, older = f"Đã thay bảng niêm yết. {uuid4()}", dung.locator("a[href*='/reports/']").first.get_attribute("href")
    reply(dung).fill(typed)
    report = older.split("/reports/")[1][:36]
    visit = server.one("SELECT inspection_id FROM report WHERE id = ?", report.replace("-", ""))
    days = {"issued_on": server.one(DAY, 0), "remedy_by": server.one(DAY, 30)}
    assert sent(chi, f"/inspections/{UUID(visit)}/number", number="9071", signer="", **days).status == 302
    while not server.count(WITH_NUMBER, visit, "9071"):
        dung.request.get("/agency")
    dung.goto("/agency")
    expect(dung.locator("main")).to_contain_text("9071/")
    expect(reply(dung)).to_have_value(typed)
    dung.get_by_role("button", name="Gửi giải trình").first.click()
    expect(dung.locator(".answer-given", has_text=typed)).to_be_visible()
    assert typed not in dung.evaluate(STORED)


def test_what_was_saved_meanwhile_is_told_to_whoever_comes_back_to_what_she_typed(person):
    chi = person("chi", DESK, "/rounds", **ONLINE)
    chi.tolerant = True  # a refusal is answered 422
    chi.get_by_role("link", name="quý IV").first.click()
    chi.get_by_role("link", name="Sửa đợt").click()
    title, page = chi.get_by_label("Tên đợt kiểm tra"), chi.url
    before, path = title.input_value(), page.removeprefix(page.split("/rounds")[0])
    said = {field.get_attribute("name"): field.input_value() for field in chi.locator("main .control").all()}
    title.fill(f"{before}, bản của Chi")
    chi.goto("/rounds")
    assert sent(chi, path, **said | {"title": f"{before}, bản của Lan"}).status == 302
    chi.goto(page)
    expect(title).to_have_value(f"{before}, bản của Chi")
    chi.get_by_role("button", name="Lưu").click()
    expect(chi.locator(".error-summary")).to_be_visible()
    expect(chi.locator("#field-title-error")).to_contain_text("bản của Lan")
    title.fill(before)
    chi.get_by_role("button", name="Lưu").click()
    expect(chi.get_by_text("Đã lưu đợt kiểm tra.")).to_be_visible()


def test_back_and_reload_after_a_form_that_was_refused_once_show_a_page_and_send_nothing_again(person, server):
    page = person("admin", DESK, "/people/new", **ONLINE)
    page.tolerant = True  # browsers complain of the 422
    send = page.get_by_role("button", name="Thêm người")
    send.click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("Họ và tên").fill("Ngô Thị Hoa")
    page.get_by_label("Tên đăng nhập").fill("hoa.entry")
    send.click()
    word = page.locator("code.password")
    expect(word).to_be_visible()
    before, count = word.inner_text(), "SELECT count(*) FROM user WHERE name = ?"
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thêm người")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thêm người")
    assert before and server.count(count, "hoa.entry") == 1
    page.goto("/people?q=hoa.entry")
    page.get_by_role("link", name="Ngô Thị Hoa").first.click()
    page.get_by_role("button", name="Đặt mật khẩu mới").click()
    expect(word).to_be_visible()
    page.reload()
    expect(word).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ngô Thị Hoa")
