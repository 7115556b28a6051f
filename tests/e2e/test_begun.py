"""What An types and what is no answer yet outlives her page: half a ratio, half a count, a word being composed."""

from tests.e2e.conftest import DESK, NOWHERE, ONLINE, TABLET, sync_api
from tests.e2e.device import CANARY, IN_STORE, OPENED, crash, meanwhile
from tests.e2e.tablet import everything_on_the_server, item, tap
from tests.e2e.test_meeting import planned, post
from tests.factories import answer
from tests.web.visitor import items_of

expect = sync_api.expect
DRAFT = f"""async (there) => {{
  {OPENED}
  for (let turn = 0; turn < 500; turn++) {{
    const found = (await all("drafts")).find(({{ name }}) => name.startsWith("begun "));
    const now = JSON.stringify(found);
    if (there ? found && now !== globalThis.before : !found) {{
      globalThis.before = now;
      db.close();
      return;
    }}
    await new Promise((done) => setTimeout(done, 20));
  }}
  throw new Error("the device was not told");
}}"""  # each sealing looks different

WRITING = """(() => {
  const { request } = LockManager.prototype;
  const allowed = new Promise((done) => { globalThis.write = done; });
  LockManager.prototype.request = async function (name, ...all) {
    if (name.startsWith("capture:")) await allowed;
    return request.call(this, name, ...all);
  };
})()"""
"""Only then is this page the one that writes."""


def at(person, where: str) -> tuple[str, object]:
    """A visit of its own, opened on An's tablet: (its path, the page)."""
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), where)
    return path, opened(person("an", TABLET, NOWHERE, **ONLINE), path)


def opened(page, path: str):
    page.goto(f"{path}/capture")
    page.wait_for_selector("html[data-whole]")
    return page


def typed(page, field, text: str) -> None:
    """Typed and left, and written down by the device."""
    field.fill(text)
    field.blur()
    page.evaluate(DRAFT, True)


def killed(page, path: str):
    """The page dies; another one in its place."""
    return opened(crash(page), path)


def told(page, path: str) -> dict:
    return page.request.get(f"/sync{path}").json()


def test_half_a_ratio_and_half_a_count_are_there_again_and_no_answer(person):
    path, page = at(person, "UBND phường Phú Thượng")
    ratio, number = (page.locator(f"fieldset[data-kind={kind}]").first.get_attribute("data-item")
                     for kind in ("ratio", "number"))
    for id, text in ((ratio, "7"), (number, "12,")):
        typed(page, item(page, id).locator("input[name=number]"), text)
    typed(page, page.locator("input[name^=total-]").first, "4")
    page = killed(page, path)
    expect(item(page, ratio).locator("input[name=number]")).to_have_value("7")
    expect(item(page, number).locator("input[name=number]")).to_have_value("12,")
    kit = page.locator("fieldset[data-equipment]").first
    expect(kit.locator("input[name^=total-]")).to_have_value("4")
    everything_on_the_server(page)
    assert told(page, path)["rows"]["answers"] == [], "what is no answer is not sent as one"
    assert told(page, path)["rows"]["equipment"] == []

    item(page, ratio).locator("input[name=of]").fill("10")
    item(page, number).locator("input[name=number]").fill("")
    kit.locator("input[name^=working-]").fill("3")
    kit.locator("input[name^=working-]").blur()
    everything_on_the_server(page)
    page.evaluate(DRAFT, False)
    row, = (row for row in told(page, path)["rows"]["answers"] if row["number"] is not None)
    assert (row["item"], row["number"], row["of"]) == (ratio, 7, 10)
    assert [(row["total"], row["working"]) for row in told(page, path)["rows"]["equipment"]] == [(4, 3)]


def test_half_a_ratio_comes_back_when_not_applicable_is_taken_back_and_outlives_the_page(person):
    path, page = at(person, "UBND phường Tương Mai")
    ratio = page.locator("fieldset[data-kind=ratio]").first.get_attribute("data-item")
    half = item(page, ratio).locator("input[name=of]")
    typed(page, half, "12")
    tap(item(page, ratio), "khong_ap_dung")
    expect(half).to_have_value("")
    page.evaluate(DRAFT, False)
    page.locator("[data-undo] button").tap()
    expect(half).to_have_value("12")
    page.evaluate(DRAFT, True)
    page = killed(page, path)
    expect(item(page, ratio).locator("input[name=of]")).to_have_value("12")
    expect(item(page, ratio).locator("input[value=khong_ap_dung]")).not_to_be_checked()


def test_a_number_typed_where_nothing_applied_outlives_a_page_that_dies_before_the_field_is_left(person):
    path, page = at(person, "UBND phường Định Công")
    id = page.locator("fieldset[data-kind=number]").first.get_attribute("data-item")
    tap(item(page, id), "khong_ap_dung")
    everything_on_the_server(page)
    item(page, id).locator("input[name=number]").fill("12")
    expect(item(page, id).locator("input[value=khong_ap_dung]")).not_to_be_checked()
    everything_on_the_server(page)
    page = killed(page, path)
    expect(item(page, id).locator("input[name=number]")).to_have_value("12")
    assert [row["number"] for row in told(page, path)["rows"]["answers"]] == [12]


def test_a_word_still_being_composed_is_sealed_and_kept_when_the_page_is_back(person):
    path, page = at(person, "UBND phường Xuân Đỉnh")
    page.locator("fieldset[data-kind=a3] textarea").first.focus()
    hand = page.context.new_cdp_session(page)
    hand.send("Input.imeSetComposition", {"text": CANARY, "selectionStart": len(CANARY), "selectionEnd": len(CANARY)})
    page.evaluate(DRAFT, True)
    assert all(CANARY not in content for content in page.evaluate(IN_STORE).values())
    page = killed(page, path)
    expect(page.locator("fieldset[data-kind=a3] textarea").first).to_have_value(CANARY)
    everything_on_the_server(page)
    page.evaluate(DRAFT, False)
    assert [row["note"] for row in told(page, path)["rows"]["answers"]] == [CANARY]


def test_what_was_begun_is_not_put_over_an_answer_given_since(person):
    path, page = at(person, "UBND phường Từ Liêm")
    id = page.locator("fieldset[data-kind=ratio]").first.get_attribute("data-item")
    typed(page, item(page, id).locator("input[name=number]"), "7")
    asked = next(one for one in items_of(told(page, path)) if one["id"] == id)
    fresh = crash(page)
    post(fresh, f"/sync{path}/rows", answers=[answer(asked, "mot_phan")])
    page = opened(fresh, path)
    page.evaluate(DRAFT, False)
    assert [item(page, id).locator(f"input[name={name}]").input_value() for name in ("number", "of")] == ["5", "8"]


SEALED = f"""async () => {{
  {OPENED}
  for (let turn = 0; turn < 500; turn++) {{
    const found = (await all("drafts")).find(({{ name }}) => name.startsWith("begun "));
    if (found?.sealed && !found.plain) return db.close();
    await new Promise((done) => setTimeout(done, 20));
  }}
  throw new Error("it still stands there in clear");
}}"""


def test_what_was_begun_before_any_key_came_is_there_again_and_sealed_once_there_is_one(person):
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), "UBND phường Long Biên")
    page = person("an", TABLET, NOWHERE, **ONLINE)
    hello = meanwhile(page.context, "**/sync/hello")
    page = opened(page, path)
    kit = "fieldset[data-equipment] .kit-note input"
    typed(page, page.locator(kit).first, CANARY)
    assert CANARY in page.evaluate(IN_STORE)["drafts"], "there is nothing to seal it with"
    page = killed(page, path)
    expect(page.locator(kit).first).to_have_value(CANARY)
    hello()
    page = killed(page, path)
    expect(page.locator(kit).first).to_have_value(CANARY)
    page.evaluate(SEALED)
    page = killed(page, path)
    expect(page.locator(kit).first).to_have_value(CANARY)


def test_what_is_deleted_before_it_could_be_put_back_stays_deleted(person):
    path, page = at(person, "UBND phường Lĩnh Nam")
    number = "fieldset[data-kind=ratio] input[name=number] >> nth=0"
    typed(page, page.locator(number), "7")
    page = crash(page)
    page.add_init_script(WRITING)
    opened(page, path)
    for text in ("8", ""):
        page.locator(number).fill(text)
    page.locator(number).blur()
    page.evaluate("write()")
    page.evaluate(DRAFT, False)
    expect(page.locator(number)).to_have_value("")


def test_nothing_half_typed_is_called_kept_before_it_is(person):
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), "UBND phường Yên Sở")
    page = person("an", TABLET, NOWHERE, **ONLINE)
    page.add_init_script(WRITING)
    opened(page, path)
    kit = page.locator("fieldset[data-equipment]").first
    half = page.locator("fieldset[data-kind=ratio] input[name=number]").first
    for field in (half, kit.locator("input[name^=total-]")):
        field.fill("7")
        field.blur()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.evaluate("document.body.dataset.unsent") == "2"
    page.evaluate("write()")
    page.evaluate(DRAFT, True)
    everything_on_the_server(page)

    kit.locator("input[name^=working-]").fill("5")
    kit.locator("input[name^=working-]").blur()
    remark = page.locator("[data-remark=proposal]")
    remark.locator("textarea").fill("Đề xuất.")
    remark.locator("textarea").blur()
    everything_on_the_server(page)
    for box, field in ((kit, "input[name^=working-]"), (remark, "textarea")):
        expect(box.locator(".saved")).to_have_text("Đã lên máy chủ")
        box.locator(field).press("End")
        box.locator(field).press("9")
        assert [box.get_attribute("data-state"), box.locator(".saved").text_content()] == ["empty", ""]
        box.locator(field).press("Backspace")
        box.locator(field).blur()
        expect(box.locator(".saved")).to_have_text("Đã lên máy chủ")
