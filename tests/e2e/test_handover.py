"""A tablet that changes hands: however An's session ended, the next person sees nothing of hers; nothing is lost."""

from uuid import uuid4

from tests.e2e.conftest import NOWHERE, TABLET, enter, sync_api
from tests.e2e.device import CANARY, IN_STORE, OPENED, has_key, hold_back, let_go, meanwhile
from tests.e2e.handed import HURRIED, SOON_LATE, ahead, name, on_the_road
from tests.e2e.tablet import everything_on_the_server, item, whole

expect = sync_api.expect
WATCHED = """() => { new MutationObserver(() => {
  if (!document.querySelector("[data-notice=other]")) return;
  const shown = [...document.body.children].filter((child) => child.checkVisibility());
  sessionStorage.setItem("covered", JSON.stringify([shown.map(({ dataset }) => dataset.notice), document.body.inert,
    document.querySelector("[data-saving]").textContent]));
}).observe(document.body, { childList: true }); }"""
KEEP = """(path) => {
  const { src } = document.querySelector("script[src*='/js/day.js']");
  import(src.replace("day.js", "kept.js")).then(({ keep }) => keep(path));
}"""
IN_CLEAR = f"""async () => {{
  {OPENED}
  const clear = async () => (await all("rows")).some(({{ plain }}) => plain);
  for (let turn = 0; turn < 500 && await clear(); turn++) await new Promise((done) => setTimeout(done, 20));
  const left = await clear();
  db.close();
  return left;
}}"""


def note(page, id: str, text: str):
    """Typed, and not yet left: the finger is still in the field."""
    field = item(page, id).locator("textarea[name=note]")
    field.scroll_into_view_if_needed()
    field.fill(text)
    return field


def noted(server, text: str) -> int:
    return server.count("SELECT count(*) FROM answer WHERE note = ?", text)


def test_once_the_server_has_asked_who_is_there_nothing_kept_is_shown_to_the_next_person(person, server, road):
    an = on_the_road(person, server, road, HURRIED)
    visit, typed = ahead(an, road.url), f"{CANARY} {uuid4()}"
    hold_back(an)
    an.goto(visit)
    whole(an)
    has_key(an)
    note(an, "PA01", typed).blur()
    expect(item(an, "PA01")).to_have_attribute("data-state", "device")
    an.context.clear_cookies()  # over, without anybody having signed out
    an.goto(f"{road.url}/")
    expect(an.locator("[data-left-here]")).to_contain_text("thay đổi và ảnh chưa gửi")
    found = an.evaluate(IN_STORE)
    assert found["keys"] == found["pages"] == "[]" and CANARY not in "".join(found.values())

    road.close()
    for path in ("/", visit.removeprefix(road.url)):
        an.goto(road.url + path)
        expect(an.get_by_text("Dữ liệu trên máy đang khoá")).to_be_visible()
    road.open()
    an.goto(f"{road.url}/sign-in")
    road.late = SOON_LATE
    name(an, server, "dung")
    road.late = 0
    an.goto(visit)
    expect(an.get_by_role("heading", level=1)).not_to_have_text("UBND")
    assert CANARY not in an.content()

    an.context.clear_cookies()
    an.goto(f"{road.url}/sign-in")
    enter(an, server, "an")
    let_go(an)
    an.goto(visit)
    whole(an)
    everything_on_the_server(an)
    assert noted(server, typed) == 1


def test_signing_out_in_one_tab_ends_the_visit_in_the_other_and_keeps_what_was_typed_there(person, server):
    an = person("an", TABLET, reduced_motion="reduce")
    an.tolerant = True
    visit, typed = ahead(an, server.url), f"{CANARY} {uuid4()}"
    hold_back(an)
    an.goto(visit)
    whole(an)
    has_key(an)
    two = an.context.new_page()
    two.goto("/")
    two.wait_for_selector("html[data-locked]")
    note(an, "PA07", typed)
    two.get_by_role("button", name="Đăng xuất").click()
    if two.locator("[data-go]").is_visible():
        two.locator("[data-go]").click()
    expect(two).to_have_url(f"{server.url}/sign-in")  # not by its load: she may be led there twice
    an.wait_for_url("**/sign-in")
    assert CANARY not in "".join(an.evaluate(IN_STORE).values())
    enter(two, server, "binh")
    two.wait_for_selector("html[data-locked]")
    two.goto(visit)
    whole(two)
    assert typed not in two.content()
    let_go(two)
    two.context.clear_cookies()
    two.goto("/sign-in")
    enter(two, server, "an")
    two.goto(visit)
    whole(two)
    everything_on_the_server(two)
    assert noted(server, typed) == 1


def test_a_tab_that_meets_another_person_at_the_server_takes_nothing_more(person, server):
    an, dung = person("an", TABLET, reduced_motion="reduce", service_workers="block"), person("dung", TABLET)
    an.tolerant = True
    an.goto(ahead(an, server.url))
    whole(an)
    has_key(an)
    typed = f"{CANARY} {uuid4()}"
    an.context.clear_cookies()
    an.context.add_cookies(dung.context.cookies())  # as if another tab had been there, and this one had slept
    an.evaluate(WATCHED)
    note(an, "PA08", typed).blur()
    an.wait_for_url("**/agency")
    shown, shut, said = an.evaluate("() => JSON.parse(sessionStorage.getItem('covered'))")
    assert shown == ["other"] and shut and "Ngoại tuyến" not in said
    assert CANARY not in an.content() and CANARY not in "".join(an.evaluate(IN_STORE).values())
    assert noted(server, typed) == 0


def test_what_was_typed_before_the_key_came_is_sealed_when_an_signs_out(person, server):
    an = person("an", TABLET, reduced_motion="reduce")
    hello = typed_without_a_key(an, server, "MH04")
    hello()
    an.get_by_role("button", name="Đăng xuất").click()
    an.get_by_role("button", name="Vẫn đăng xuất").click()
    an.wait_for_url("**/sign-in")
    assert CANARY not in "".join(an.evaluate(IN_STORE).values())


def test_what_stood_in_clear_is_sealed_when_the_session_is_found_to_be_over(person, server):
    an = person("an", TABLET, reduced_motion="reduce")
    hello = typed_without_a_key(an, server, "CC07")
    hello()
    has_key(an)
    an.context.clear_cookies()
    an.goto("/")
    an.wait_for_url("**/sign-in**")
    an.wait_for_selector("html[data-locked]")
    assert not an.evaluate(IN_CLEAR)


def typed_without_a_key(an, server, id: str):
    """Something of An's that stands on the tablet in clear, for the server gives her no key until what is given is
    called."""
    an.tolerant = True
    hello = meanwhile(an.context, "**/sync/hello")
    an.context.clear_cookies()
    an.goto("/sign-in")
    enter(an, server, "an")
    hold_back(an)
    an.goto(ahead(an, server.url))
    whole(an)
    note(an, id, f"{CANARY} {uuid4()}").blur()
    expect(item(an, id)).to_have_attribute("data-state", "device")
    an.goto("/")
    an.wait_for_selector("html[data-locked]")
    assert CANARY in "".join(an.evaluate(IN_STORE).values())
    return hello


def test_a_page_of_the_next_person_is_not_kept_among_ans_and_she_gives_way(person, server, road):
    """Another tab has signed Bình in, and this one, which slept, goes on keeping An's day: what comes is his."""
    an = on_the_road(person, server, road)
    binh = person("binh", TABLET, NOWHERE)
    binh.goto("/")
    his = binh.locator(".account-name b").inner_text()
    an.context.clear_cookies()
    an.context.add_cookies(binh.context.cookies())
    an.evaluate(KEEP, "/")
    expect(an.locator(".account-name b")).to_have_text(his)
