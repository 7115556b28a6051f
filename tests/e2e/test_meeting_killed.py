"""A page that is killed in the middle of a closing meeting: what was said and signed there is not lost."""

from tests.e2e.conftest import DESK, NOWHERE, ONLINE, TABLET
from tests.e2e.device import crash, hold_back
from tests.e2e.tablet import submit, whole
from tests.e2e.test_meeting import PLACE, answered, begun, planned

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
    fresh.context.unroute_all()
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
    submit(page)
    meeting, = page.request.get(sync).json()["rows"]["meetings"]
    assert meeting["place"] == PLACE
