"""A page that is killed in the middle of a closing meeting: what was said and signed there is not lost."""

from datetime import timedelta
from uuid import uuid4

from audit_app.records.db import now
from tests.e2e.conftest import AHEAD, DESK, NOWHERE, ONLINE, TABLET, sync_api
from tests.e2e.device import CANARY, ahead, crash, has_key, hold_back, refuse
from tests.e2e.tablet import everything_on_the_server, submit, whole
from tests.e2e.test_handing_in import CLICK
from tests.e2e.test_meeting import (
    NAMES,
    PLACE,
    WHY,
    answered,
    begun,
    begun_at,
    hand,
    lead_signs,
    lead_takes_the_pen,
    meet,
    planned,
    post,
)

expect = sync_api.expect
STUCK = """([method, wanted]) => {
  const whole = IDBObjectStore.prototype[method];
  IDBObjectStore.prototype[method] = function (...all) {
    if (this.name === wanted) {
      this.transaction.oncomplete = null;
      this.transaction.addEventListener("complete", () => { document.body.dataset.stuck = "yes"; });
    }
    return whole.apply(this, all);
  };
}"""


def dies_after(page, method: str, store: str, act):
    """The page goes no further than the next writing of that kind, and is killed there: a new one in its place."""
    hold_back(page)
    page.evaluate(STUCK, [method, store])
    act()
    page.wait_for_selector("body[data-stuck]")
    address, fresh = page.url, crash(page)
    fresh.context.held_back = False
    fresh.goto(address)
    whole(fresh)
    return fresh


def test_a_page_that_dies_while_an_unsigned_meeting_is_handed_in_loses_nothing_of_it(person):
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), "UBND phường Tây Hồ")
    sync, page = f"/sync{path}", person("an", TABLET, NOWHERE, **ONLINE)
    answered(page, sync)
    page.goto(f"{path}/capture")
    whole(page)
    begun(page)
    page.go_back()
    page = dies_after(page, "put", "drafts", page.locator("[data-action=submit]").tap)
    submit(page, met=True)
    meeting, = page.request.get(sync).json()["rows"]["meetings"]
    assert meeting["place"] == PLACE


def test_a_page_that_dies_between_a_witness_and_the_refusal_makes_up_for_it(person):
    path, page = begun_at(person, "UBND phường Hồng Hà")
    pane = lead_signs(page)
    everything_on_the_server(page)
    page.locator('[data-role="agency"] [data-act=refuse]').click()
    pane.screen.get_by_label("Lý do từ chối").fill(WHY)
    pane.screen.get_by_role("button", name="Tiếp tục").click()
    pane.screen.locator("[data-pad-who] [name=name]").fill(NAMES["witness"])
    pane.screen.locator("[data-pad-who] [name=title]").fill("Công chức")
    pane.draw((0.3, 0.3), (0.4, 0.7), (0.5, 0.6))
    page = dies_after(page, "add", "rows", pane.confirm)
    if not page.locator("dialog.meeting[open]").count():
        meet(page)
    expect(hand(page, "agency", "refused")).to_contain_text(WHY)
    everything_on_the_server(page)
    hands = [row["role"] for row in page.request.get(f"/sync{path}").json()["rows"]["signatures"]]
    assert sorted(hands) == ["agency", "lead", "witness"]


SLOW_TO_SHOW = """(() => {
  const ask = globalThis.fetch, told = new Promise((done) => { globalThis.toldNow = done; });
  globalThis.fetch = async (...asked) => {
    if (/\\/sync\\/inspections\\/[^/]+$/.test(asked[0])) await told;
    return ask(...asked);
  };
})()"""
"""The page hears of its visit only when it is let."""


def test_a_tab_that_gives_way_while_somebody_signs_is_left_and_the_other_one_has_the_strokes(person):
    path, page = begun_at(person, "UBND phường Ô Chợ Dừa")
    lead_takes_the_pen(page).draw((0.2, 0.5), (0.4, 0.3), (0.6, 0.4))
    other = page.context.new_page()
    other.goto(f"{path}/capture")
    with other.expect_navigation():
        other.locator("[data-notice=second] button").click()
    expect(page.locator("[data-notice=second]")).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.add_init_script(SLOW_TO_SHOW)  # what the meeting is told comes after the other tab has said that it writes
    page.reload()
    expect(page.locator("[data-notice=second]")).to_be_visible()
    page.evaluate("toldNow()")
    page.wait_for_selector("dialog.meeting[data-ready]", state="attached")  # which has its part to do yet
    page.locator("[data-action=meeting]").evaluate(CLICK)  # it may stand open
    page.wait_for_selector("dialog.meeting[open][data-ready]")
    expect(page.locator("dialog.pad[open], [data-act=sign]")).to_have_count(0)
    meet(other)
    assert lead_takes_the_pen(other).ink()


def test_the_signature_that_came_last_counts_though_another_tablet_has_a_fast_clock(person):
    path, page = begun_at(person, "UBND phường Vĩnh Tuy")
    lead_signs(page)
    everything_on_the_server(page)
    first, = page.request.get(f"/sync{path}").json()["rows"]["signatures"]
    row = {name: first[name] for name in ("meeting", "role", "name", "title", "strokes", "width", "height")}
    said = post(page, f"/sync{path}/rows", signatures=[
        {**row, "id": str(uuid4()), "digest": "0" * 64, "signed_at": (now() + timedelta(days=1)).isoformat()}])
    assert said["refused"] == []
    page.reload()
    page.wait_for_selector("dialog.meeting[open][data-ready]")
    expect(hand(page, "lead", "stale")).to_be_visible()
    hold_back(page)
    lead_signs(page)
    expect(hand(page, "lead", "signed")).to_contain_text("Đã lưu trên máy")
    page.reload()
    page.wait_for_selector("dialog.meeting[open][data-ready]")
    expect(hand(page, "lead", "signed")).to_be_visible()


def test_what_the_device_refused_of_a_meeting_is_not_forgotten_and_tried_again_by_itself(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    visit = ahead(an)
    has_key(an)
    meet(an)
    place, kept = an.locator("dialog.meeting [name=place]"), an.locator("dialog.meeting [data-kept]")
    refuse(an, "drafts")
    place.fill(CANARY)
    place.blur()
    expect(kept).to_have_attribute("data-unsaved", "")
    an.go_back()
    meet(an)
    expect(place).to_have_value(CANARY)
    an.evaluate("mend()")
    expect(kept).to_have_text("Đã lưu trên máy")
    an = crash(an)
    an.goto(visit)
    meet(an)
    expect(an.locator("dialog.meeting [name=place]")).to_have_value(CANARY)
