"""What comes back from the tablet after the server was set back, and what had better not."""

from contextlib import contextmanager
from uuid import uuid4

from tests.e2e.conftest import AHEAD, DESK, NOWHERE, ONLINE, TABLET, sync_api
from tests.e2e.device import has_key, holding, meanwhile
from tests.e2e.tablet import brought, camera_photo, everything_on_the_server, item, tap, whole
from tests.e2e.test_meeting import planned
from tests.e2e.test_store import narrow

expect = sync_api.expect
FORGET = """() => new Promise((done) => {
    indexedDB.open("audit").onsuccess = ({ target: { result: db } }) => {
        const t = db.transaction(["drafts", "facts"], "readwrite");
        t.objectStore("drafts").clear();
        t.oncomplete = () => { db.close(); done(); };
    };
})"""
"""The page was kept anew since then: what arrived is no longer written down for it."""


def lost(route) -> None:
    """The server says that it keeps these rows, and has none of them: as if it were set back afterwards."""
    said = route.request.post_data_json
    route.fulfill(json={"kept": [row["id"] for rows in said.values() for row in rows], "refused": []})


@contextmanager
def losing(page):
    """What is done meanwhile arrives at a server that has none of it afterwards; this page does not ask for it yet."""
    page.deaf = True
    page.route("**/absent", lambda route: route.abort() if page.deaf else route.fallback())
    kept = meanwhile(page, "**/rows", lost)
    yield
    everything_on_the_server(page)
    kept()


def anew(page) -> None:
    page.deaf = False
    page.evaluate(FORGET)
    with page.expect_response("**/absent"):
        page.reload()
        whole(page)
    page.evaluate("() => navigator.locks.request('outbox', () => {})")
    everything_on_the_server(page)


def stays_chosen(page, radio) -> None:
    """Now, and when the page is loaded anew."""
    expect(radio).to_be_checked()
    page.reload()
    whole(page)
    expect(radio).to_be_checked()


def test_an_answer_that_was_lost_does_not_come_back_over_a_later_one(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    whole(an)
    card = an.locator('fieldset[data-item][data-kind="a2"]').nth(3)
    with losing(an):
        tap(card, "khong_dat")
    an.evaluate(FORGET)
    an.reload()
    whole(an)
    tap(card, "dat")
    everything_on_the_server(an)
    anew(an)
    stays_chosen(an, card.locator("input[value=dat]"))


def test_an_answer_that_comes_back_leaves_what_was_answered_on_another_tablet_since(person):
    an, other = (person("an", TABLET, AHEAD, **ONLINE) for _ in range(2))
    card, there = (page.locator('fieldset[data-item][data-kind="a2"]').nth(4) for page in (an, other))
    has_key(an)
    with losing(an):
        tap(brought(card), "khong_dat")
        expect(card.locator("input[value=khong_dat]")).to_be_checked()
    tap(brought(there), "dat")
    expect(there.locator("input[value=dat]")).to_be_checked()
    everything_on_the_server(other)
    with an.expect_request("**/rows"):
        anew(an)
    stays_chosen(an, card.locator("input[value=dat]"))


def test_what_comes_back_writes_over_nothing_that_is_being_typed(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    whole(an)
    has_key(an)
    card = an.locator('fieldset[data-item][data-kind="a2"]').nth(5)
    box = an.locator('[data-remark="proposal"] textarea')
    for field, words in ((card.locator("textarea"), "trước"), (box, "đề xuất trước")):
        with losing(an):
            field.fill(words)
            field.blur()
    an.evaluate(FORGET)
    with holding(an, "**/absent") as asked:
        an.reload()
        whole(an)
    box.fill("đề xuất sau")
    card.locator("textarea").fill("sau")
    with an.expect_request("**/rows"):
        asked.pop().continue_()
    everything_on_the_server(an)
    expect(card.locator("textarea")).to_have_value("sau")
    expect(box).to_have_value("đề xuất sau")
    an.reload()
    whole(an)
    expect(card.locator("textarea")).to_have_value("sau")
    expect(box).to_have_value("đề xuất sau")


def test_what_comes_back_leaves_half_a_ratio_where_it_stands(person):
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), "UBND phường Phú Diễn")
    an = person("an", TABLET, f"{path}/capture", **ONLINE)
    whole(an)
    has_key(an)
    card = an.locator('fieldset[data-item][data-kind="ratio"]').nth(1)
    note, of = card.locator("textarea"), card.locator("input[name=of]")
    with losing(an):
        note.fill("trước khi máy chủ lùi lại")
        note.blur()
    an.evaluate(FORGET)
    with holding(an, "**/absent") as asked:
        an.reload()
        whole(an)
    of.fill("9")
    of.blur()
    expect(card).to_have_attribute("data-begun", "")
    with an.expect_request("**/rows"):
        asked.pop().continue_()
    expect(note).to_have_value("trước khi máy chủ lùi lại")
    everything_on_the_server(an)
    expect(of).to_have_value("9")
    expect(card).to_have_attribute("data-begun", "")


REMOVED = """async (photo) => {
    const { user, inspection } = document.body.dataset, id = crypto.randomUUID();
    const { hide } = await import(document.querySelector("script[src*='/capture.js']").src
        .replace("capture.js", "vault.js"));
    const row = { id, photo, removed_at: new Date().toISOString() };
    const { sealed } = await hide(user, `rows ${user} ${inspection} removals ${id}`, row);
    const entry = { n: 1, id, user, inspection, kind: "removals", row: { id }, sealed, state: "waiting" };
    const db = await new Promise((done) => {
        indexedDB.open("audit").onsuccess = ({ target }) => done(target.result);
    });
    await new Promise((done) => {
        const t = db.transaction("acked", "readwrite");
        t.objectStore("acked").put({ id, of: [user, inspection], at: Date.now(), entry });
        t.oncomplete = done;
    });
    db.close();
}"""
"""A photo was taken out, and that was sent; the photo itself is not on this tablet."""


def test_a_removal_whose_photo_the_server_does_not_have_waits_for_it_in_silence(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    whole(an)
    an.evaluate(REMOVED, str(uuid4()))
    sent = []
    an.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/rows") else None)
    anew(an)
    assert sent == []


ACKED = """([user, visits]) => new Promise((done) => {
    indexedDB.open("audit").onsuccess = ({ target: { result: db } }) => {
        const t = db.transaction(["acked", "facts"], "readwrite");
        for (const inspection of visits) {
            const id = crypto.randomUUID();
            const entry = { n: 1, id, user, inspection, kind: "answers", row: { id }, state: "waiting" };
            t.objectStore("acked").put({ id, of: [user, inspection], at: Date.now(), entry });
        }
        t.objectStore("facts").delete(`recalled ${user}`);
        t.oncomplete = () => { db.close(); done(); };
    };
})"""


def test_a_visit_that_refuses_to_say_what_it_lost_keeps_no_other_from_being_asked(person):
    an = person("an", TABLET)
    an.wait_for_selector("[data-day][data-ready=yes]")
    visits = sorted(str(uuid4()) for _ in range(2))
    refusal = {"status": 403, "json": {"problem": "forbidden", "message": "…"}}
    an.route("**/absent", lambda route: route.fulfill(**refusal))
    an.tolerant = True
    an.evaluate(ACKED, [an.evaluate("document.body.dataset.user"), visits])
    with an.expect_request(f"**/{visits[1]}/absent"):
        an.reload()


def test_a_tablet_full_of_what_the_server_has_gives_it_up_for_new_photos(person):
    an = person("an", TABLET, AHEAD, **ONLINE)
    whole(an)
    card = item(an, "MH03")
    before = card.locator("[data-photo]").count()
    for number in range(5):
        card.locator("input[type=file][name=photo]").set_input_files([camera_photo(200 + number, (2400, 1800))])
    expect(card.locator('[data-photo][data-state="server"]')).to_have_count(before + 5)
    everything_on_the_server(an)
    narrow(an, int(an.evaluate("navigator.storage.estimate().then(({ usage }) => usage)") / 0.96))
    for number in range(2):
        card.locator("input[type=file][name=photo]").set_input_files([camera_photo(300 + number, (2400, 1800))])
        expect(card.locator('[data-photo][data-state="server"]')).to_have_count(before + 6 + number)
    expect(card.locator(".wrong")).to_have_count(0)
