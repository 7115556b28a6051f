"""Signing in and out: who gets in, who does not, and what is left of them afterwards."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from audit_app.actions import people
from audit_app.records.models import SignedIn, SignInTry, User
from tests.factories import PEOPLE, id_of, password_of

time_machine = pytest.importorskip("time_machine", reason="time-machine is in tests/requirements.txt")

LANDING = {"an": "/", "binh": "/", "giang": "/", "chi": "/", "lan": "/", "dung": "/agency", "em": "/agency",
           "admin": "/people"}  # fmt: skip


def try_in(visitor, name: str, password: str, address: str = "127.0.0.1", next: str = ""):  # noqa: A002
    """Fill in the form; whatever comes of it."""
    form = visitor.forms(f"/sign-in?next={next}" if next else "/sign-in")[0]
    said = form.values() | {"name": name, "password": password}
    return visitor.post(form.action, data=said, environ_overrides={"REMOTE_ADDR": address})


def sessions(database) -> int:
    with database.transaction(writing=False) as db:
        return db.scalar(select(func.count()).select_from(SignedIn))


@pytest.mark.parametrize("name", PEOPLE)
def test_everyone_lands_on_the_page_of_their_own_work(client_of, name):
    page = client_of(name).get("/", follow_redirects=True)
    assert page.status_code == 200 and page.request.path == LANDING[name]
    assert PEOPLE[name][0] in page.text


def test_a_name_may_be_typed_in_capitals_and_with_a_space_behind(app):
    assert try_in(app.test_client(), " AN ", password_of("an")).status_code == 302


@pytest.mark.parametrize("next", [f"/inspections/{id_of('draft')}", "/review?tab=issued&q=ho%C3%A0n"])
def test_chi_is_taken_to_where_she_wanted_to_go(app, next):  # noqa: A002
    chi = app.test_client()
    form = chi.forms(chi.get(next).location)[0]
    there = chi.post(form.action, data=form.values() | {"name": "chi", "password": password_of("chi")})
    assert there.status_code == 302 and there.location == next
    assert chi.get(form.action).location == next, "signed in on another page meanwhile"


ELSEWHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
             "/%09/evil.example", "///evil.example", "http:evil.example", "javascript:alert(1)", "/\x00/evil",
             " //evil", "https:/evil.example", "/..//evil.example", "evil.example", "/\r\nSet-Cookie: a=b",
             "//evil@localhost/", "/sign-in\n//evil.example"]  # fmt: skip


@pytest.mark.parametrize("next", ELSEWHERE)
def test_a_crafted_link_takes_nobody_to_another_site(app, next):  # noqa: A002
    an = app.test_client()
    form = an.forms("/sign-in")[0]
    said = form.values() | {"name": "an", "password": password_of("an")}
    gone = an.post("/sign-in", query_string={"next": next}, data=said)
    assert gone.status_code == 302
    assert gone.location.startswith("/") and not gone.location.startswith(("//", "/\\")), gone.location
    assert not set(gone.location) & set("\t\r\n\\\x00"), gone.location


def test_a_stranger_and_a_wrong_password_are_answered_alike(app):
    """Nobody finds out by trying who works here; nor who was disabled."""
    with app.extensions["database"].transaction() as db:
        people.disable(db, None, db.scalar(select(User).where(User.name == "giang")))
    answers = [try_in(app.test_client(), name, password) for name, password in (
        ("an", "sai hoàn toàn"), ("khong-co-ai", "sai hoàn toàn"), ("giang", password_of("giang")))]
    assert {answer.status_code for answer in answers} == {401}
    assert len({sentence(answer.text) for answer in answers}) == 1 and sentence(answers[0].text)
    assert try_in(app.test_client(), "", "").status_code == 401


def sentence(page: str) -> str:
    return page.partition('role="alert"')[2].partition("</div>")[0]


def test_the_password_check_is_made_for_a_stranger_too(app, monkeypatch):
    """What takes time takes it for everyone: the time of an answer tells no names."""
    passwords, asked = app.extensions["passwords"], []
    verify = passwords.hasher.verify
    monkeypatch.setattr(passwords, "hasher", type("Counted", (), {
        "verify": staticmethod(lambda kept, given: asked.append(kept) or verify(kept, given))}))
    try_in(app.test_client(), "an", "sai hoàn toàn")
    try_in(app.test_client(), "khong-co-ai", "sai hoàn toàn")
    assert len(asked) == 4 and asked[2:] == [passwords.spare] * 2 and passwords.spare not in asked[:2]


# ── Sessions ──────────────────────────────────────────────────────────────────────────────────────
def cookie(visitor) -> str:
    return visitor.get_cookie("audit").value


def test_a_cookie_from_before_signing_in_is_worth_nothing_afterwards(app):
    """Who planted a cookie on An's tablet is not signed in when An signs in."""
    an = app.test_client()
    an.get("/sign-in")
    planted = cookie(an)
    an.sign_in("an")
    assert cookie(an) != planted
    thief = app.test_client()
    thief.set_cookie("audit", planted)
    assert thief.get("/").status_code == 302 and thief.get("/sync/hello").status_code == 401


def test_signing_in_again_makes_a_new_session_each_time(app, database):
    tokens, before = set(), sessions(database)
    for _ in range(3):
        an = app.test_client().sign_in("an")
        with an.session_transaction() as session:
            tokens.add(session["_user_id"])
    assert len(tokens) == 3 and all(len(token) >= 43 for token in tokens) and sessions(database) == before + 3


def test_the_database_holds_no_token_that_opens_anything(app, database):
    an = app.test_client().sign_in("an")
    with an.session_transaction() as session:
        token = session["_user_id"]
    with database.transaction(writing=False) as db:
        assert token not in {row.token_hash for row in db.scalars(select(SignedIn))}


def test_after_signing_out_the_old_cookie_opens_nothing(app, an):
    kept = cookie(an)
    assert an.send("/", "/sign-out").location.endswith("/sign-in")
    thief = app.test_client()
    thief.set_cookie("audit", kept)
    assert thief.get("/sync/hello").status_code == 401
    assert an.get("/").status_code == 302


def test_signing_out_on_one_tablet_leaves_the_other_signed_in(client_of):
    one, other = client_of("an"), client_of("an", fresh=True)
    one.send("/", "/sign-out")
    assert other.get("/sync/hello").status_code == 200


@pytest.mark.parametrize("how", ["disable", "give_password"])
def test_who_is_disabled_or_given_a_new_password_is_out_at_the_next_request(client_of, database, how):
    an, also_an, binh = client_of("an"), client_of("an", fresh=True), client_of("binh")
    assert an.get("/").status_code == also_an.get("/").status_code == 200
    with database.transaction() as db:
        person = db.scalar(select(User).where(User.name == "an"))
        people.disable(db, None, person) if how == "disable" else people.give_password(db, None, person, "x")
    assert an.get("/").status_code == also_an.get("/").status_code == 302
    assert binh.get("/").status_code == 200


@pytest.mark.parametrize("meanwhile", ["disable", "give_password"])
def test_who_is_shut_out_while_the_old_password_is_checked_does_not_get_in(app, database, monkeypatch, meanwhile):
    passwords, before = app.extensions["passwords"], sessions(database)
    right = passwords.right

    def slowly(kept, given):
        with database.transaction() as db:
            more = (passwords.hash("một mật khẩu khác"),) if meanwhile == "give_password" else ()
            getattr(people, meanwhile)(db, None, db.scalar(select(User).where(User.name == "an")), *more)
        return right(kept, given)

    monkeypatch.setattr(passwords, "right", slowly)
    told = try_in(app.test_client(), "an", password_of("an"))
    assert told.status_code != 302 and sessions(database) <= before


def test_whoever_signs_in_over_somebody_else_s_session_ends_it(app, database, client_of):
    tablet, before = client_of("an", fresh=True), sessions(database)
    of_an, over = tablet.get_cookie("audit").value, tablet.post("/sign-in", headers=tablet.csrf, data={
        "name": "binh", "password": password_of("binh")})
    assert over.status_code == 302 and sessions(database) == before
    tablet.set_cookie("audit", of_an)  # whoever had copied it
    assert tablet.get("/").status_code == 302


def test_a_session_ends_after_a_week(an):
    with time_machine.travel(datetime.now().astimezone() + timedelta(days=6, hours=23)):
        assert an.get("/").status_code == 200
    with time_machine.travel(datetime.now().astimezone() + timedelta(days=7, hours=1)):
        assert an.get("/").status_code == 302


def test_over_https_the_cookie_travels_only_encrypted_and_only_to_this_site(make_app):
    app = make_app(public_url="https://kiemtra.example")
    answered = app.test_client().get("/sign-in", base_url="https://kiemtra.example")
    said = answered.headers["Set-Cookie"]
    assert said.startswith("__Host-audit=") and "Secure" in said and "HttpOnly" in said and "SameSite=" in said
    assert "Domain" not in said and "Path=/" in said
    assert "max-age=31536000" in answered.headers["Strict-Transport-Security"]


# ── Hammering ─────────────────────────────────────────────────────────────────────────────────────
def test_after_ten_wrong_tries_a_name_waits_and_then_may_again(app):
    """A delay, never a lock: An is not kept out for good by whoever hammers on her name."""
    visitor = app.test_client()
    for _ in range(people.TRIES_PER_NAME):
        assert try_in(visitor, "an", "sai hoàn toàn").status_code == 401
    refused = try_in(visitor, "an", password_of("an"))
    assert refused.status_code == 429 and "15 phút" in refused.text
    assert try_in(visitor, "binh", password_of("binh")).status_code == 302, "another name is not kept waiting"
    with time_machine.travel(datetime.now().astimezone() + timedelta(minutes=16)):
        assert try_in(app.test_client(), "an", password_of("an")).status_code == 302


def test_nobody_keeps_an_out_of_her_own_browser_by_failing_elsewhere(app, client_of, monkeypatch):
    monkeypatch.setattr(people, "TRIES_PER_ADDRESS", people.TRIES_PER_NAME)
    tablet, stranger = client_of("an", fresh=True), app.test_client()
    tablet.post("/sign-out", headers=tablet.csrf)
    for _ in range(people.TRIES_PER_NAME):
        try_in(stranger, "an", "sai hoàn toàn")
    assert try_in(stranger, "an", password_of("an")).status_code == 429
    assert try_in(tablet, "binh", password_of("binh")).status_code == 429, "he has never been here"
    assert try_in(tablet, " An", password_of("an")).status_code == 302
    assert try_in(stranger, "an", password_of("an")).status_code == 429, "the stranger waits on"
    tablet.token = None
    tablet.post("/sign-out", headers=tablet.csrf)
    for _ in range(people.TRIES_PER_NAME):
        assert try_in(tablet, "an", "sai hoàn toàn").status_code == 401
    assert try_in(tablet, "an", password_of("an")).status_code == 429, "here, too, nobody tries without end"


def test_a_refused_try_does_not_make_the_wait_longer(app):
    visitor = app.test_client()
    for _ in range(people.TRIES_PER_NAME + 5):
        try_in(visitor, "an", "sai hoàn toàn")
    with time_machine.travel(datetime.now().astimezone() + timedelta(minutes=14)):
        assert try_in(visitor, "an", password_of("an")).status_code == 429
    with time_machine.travel(datetime.now().astimezone() + timedelta(minutes=16)):
        assert try_in(visitor, "an", password_of("an")).status_code == 302


def test_an_address_that_tries_many_names_waits_and_another_address_does_not(app, monkeypatch):
    monkeypatch.setattr(people, "TRIES_PER_ADDRESS", 12)
    visitor = app.test_client()
    for number in range(12):
        assert try_in(visitor, f"nguoi{number}", "sai hoàn toàn", address="203.0.113.7").status_code == 401
    assert try_in(visitor, "an", password_of("an"), address="203.0.113.7").status_code == 429
    assert try_in(visitor, "an", password_of("an"), address="203.0.113.8").status_code == 302


def test_signing_in_forgets_the_wrong_tries_before_it(app, database):
    visitor = app.test_client()
    for _ in range(people.TRIES_PER_NAME - 1):
        try_in(visitor, "an", "sai hoàn toàn")
    assert try_in(visitor, "an", password_of("an")).status_code == 302
    with database.transaction(writing=False) as db:
        assert not db.scalar(select(func.count()).select_from(SignInTry).where(SignInTry.name == "an"))


@pytest.mark.parametrize("typed", ["a" * 5_000, "ần" * 300, "an\x00", "an' OR 1=1 --", "🙂" * 60, "\u202ean"])
def test_whatever_is_typed_into_the_form_is_answered_calmly(app, typed):
    visitor = app.test_client()
    assert try_in(visitor, typed, "sai hoàn toàn").status_code == 401
    assert try_in(visitor, "an", typed * 2).status_code == 401
    assert visitor.get(f"/inspections/{id_of('draft')}").status_code == 302


def test_an_stays_signed_in_when_her_browser_is_ended(app):
    an = app.test_client().sign_in("an")
    kept = an.get_cookie("audit")
    assert kept.expires is not None and kept.http_only


def test_a_page_says_whose_it_is_so_that_a_tablet_opens_nothing_of_others(an, nobody):
    whose = an.get("/sync/hello").json["user"]["id"]
    assert an.get("/").headers["X-Audit-User"] == an.get("/people").headers["X-Audit-User"] == whose
    assert an.get("/no-such-page").headers["X-Audit-User"] == whose  # it shows the name at its top
    assert nobody.get("/sign-in").headers["X-Audit-User"] == "nobody"
    assert all("X-Audit-User" not in an.get(path).headers for path in ("/sw.js", "/sync/hello"))


@pytest.mark.parametrize(("browser", "status"), [({"Sec-Fetch-Site": "same-origin"}, 302), ({}, 400)])
def test_of_two_tabs_that_ask_for_the_form_at_once_both_let_an_in(app, browser, status):
    an = app.test_client()
    form = an.forms("/sign-in")[0]
    an.delete_cookie("audit")  # the other tab's form came later, with a token of its own
    said = form.values() | {"name": "an", "password": password_of("an")}
    answer = an.post(form.action, data=said, headers=browser)
    assert answer.status_code == status
    if status == 400:  # an old browser: the form again, with her name and a token that is good
        assert "hãy bấm gửi lại" in answer.text and 'value="an"' in answer.text
        assert try_in(an, "an", password_of("an")).status_code == 302


def test_no_other_site_s_page_signs_anybody_in(app):
    an = app.test_client()
    said = an.forms("/sign-in")[0].values() | {"name": "an", "password": password_of("an")}
    for site in ("cross-site", "same-site"):
        assert an.post("/sign-in", data=said, headers={"Sec-Fetch-Site": site}).status_code == 400


def test_pictures_leave_the_browser_s_cache_with_the_page_that_follows_signing_out(client_of):
    """Not with the redirect: WebKit (2.50) waits for ever where a script fetches one that says so and stays."""
    an = client_of("an", fresh=True)
    out = an.post("/sign-out", headers=an.csrf)
    assert out.status_code == 302 and "Clear-Site-Data" not in out.headers
    assert an.get("/sign-in").headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in an.get("/sign-in").headers, "once is enough"
