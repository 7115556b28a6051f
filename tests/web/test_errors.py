"""What goes wrong is said calmly: a page in Vietnamese for people, a named problem for tablets, never a bare error."""

import errno
import sqlite3
from io import BytesIO

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from audit_app.records import db as records_db
from audit_app.rules.problems import StoreAway
from audit_app.web import sync
from tests.factories import FAILED_ITEM, id_of, password_of, photo
from tests.web import lint
from tests.web.visitor import Form

DRAFT = id_of("draft")
REPLY = f"/reports/{id_of('report issued')}/response"


@pytest.mark.parametrize("path", ["/nothing", "/inspections/7", "/inspections/", "/reports/x.pdf", "/%00", "/a/../b",
                                  "/jobs/1/rerun", "/static/nothing.js", "/.env", "/inspections/%2e%2e%2fetc"])
def test_an_address_that_is_none_is_a_page_with_a_way_back(an, nobody, path):
    for visitor in (an, nobody):
        lost = visitor.get(path)
        assert lost.status_code == 404 and "Không tìm thấy" in lost.text and 'href="/"' in lost.text


@pytest.mark.parametrize(("who", "sent_to", "page"), [
    ("dung", REPLY, f"/agency/reports/{id_of('report issued')}"),
    ("chi", f"/inspections/{id_of('submitted')}/verdicts", f"/inspections/{id_of('submitted')}/review"),
    ("chi", f"/inspections/{id_of('submitted')}/return", f"/inspections/{id_of('submitted')}/review"),
    *[("an", f"/inspections/{id_of('draft')}/{sent}", f"/inspections/{id_of('draft')}/capture")
      for sent in ("answers", "equipment", "remarks", "submission")],
    ("chi", f"/rounds/visits/{id_of('draft')}/restoring", f"/inspections/{id_of('draft')}"),
    ("an", "/account/password", "/account")])
def test_who_comes_back_to_where_a_form_was_sent_is_shown_the_page_with_the_form(client_of, nobody, who, sent_to, page):
    """As after signing in again, when the session had ended on a page that told of an error."""
    visitor = client_of(who)
    assert visitor.get(sent_to).location == page and visitor.get(page).status_code == 200
    assert nobody.get(sent_to, follow_redirects=True).request.path == "/sign-in"


@pytest.mark.parametrize("path", ["/sync/nothing", "/sync/inspections/7", "/sync/"])
def test_a_tablet_is_told_by_name_that_an_address_is_none(an, path):
    lost = an.get(path)
    assert lost.status_code == 404 and lost.json["problem"] == "not_found" and lost.json["message"]


@pytest.mark.parametrize(("method", "path"), [
    ("DELETE", "/"), ("PUT", "/sign-in"), ("PATCH", f"/inspections/{DRAFT}"), ("GET", "/jobs/1/rerun"),
    ("DELETE", f"/sync/inspections/{DRAFT}/rows"), ("TRACE", "/"), ("POST", f"/sync/inspections/{DRAFT}")])
def test_a_method_that_no_door_knows_is_refused_and_changes_nothing(an, method, path):
    refused = an.open(path, method=method, headers=an.csrf)
    assert refused.status_code in (404, 405)
    if path.startswith("/sync"):
        assert refused.json["problem"] == "not_found"


def test_asking_what_a_door_can_do_tells_no_more_than_that(nobody):
    asked = nobody.options(f"/inspections/{DRAFT}")
    assert asked.status_code == 200 and asked.data == b""


def test_a_form_that_is_too_large_is_refused_in_words(an):
    page = an.post(f"/inspections/{DRAFT}/remarks", data={"proposal": "a" * 3_000_000}, headers=an.csrf)
    assert page.status_code == 413 and "quá lớn" in page.text


@pytest.mark.parametrize("path", ["/sign-in", "/account/password", "/no-such-page"])
def test_a_form_with_a_field_that_has_no_name_is_refused_in_words(client_of, path):
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"
    page = client_of("an").post(path, data=body, content_type="multipart/form-data; boundary=x")
    assert page.status_code in (404, 422) and "hãy" in page.text


def test_a_note_past_its_limit_is_said_and_nothing_is_cut_off(an):
    before = an.whole(DRAFT)["rows"]["remarks"]
    told = an.post(f"/inspections/{DRAFT}/remarks", data={"proposal": "a" * 20_001}, headers=an.csrf,
                   follow_redirects=True)
    assert told.status_code == 422 and "20000" in told.text.replace(".", "").replace(" ", "")
    assert an.whole(DRAFT)["rows"]["remarks"] == before


@pytest.mark.parametrize("path", [f"/inspections/{DRAFT}/answers", f"/inspections/{DRAFT}/submission", "/sign-out"])
def test_a_form_from_elsewhere_is_refused_with_a_page_that_says_what_to_do(an, path):
    for token in ({}, {"csrf_token": "của người khác"}):
        refused = an.post(path, data={"item": "BH01", "value": "dat", **token})
        assert refused.status_code == 400 and "bấm gửi lại" in refused.text


def test_at_an_address_that_is_none_who_is_signed_in_still_sees_who_they_are_and_the_way_on(chi, nobody):
    lost = chi.get("/khong-co")
    assert lost.status_code == 404 and 'href="/account"' in lost.text and 'href="/review"' in lost.text
    assert chi.get("/inspections").status_code == 404 and "Đăng xuất" in lost.text
    stranger = nobody.get("/khong-co")
    assert stranger.status_code == 404 and 'href="/account"' not in stranger.text


HERE = {"Referer": "http://localhost/agency?tab=all"}


def test_what_was_sent_from_a_page_that_had_grown_too_old_can_be_sent_again_at_once(dung):
    typed = 'Đã treo "biển" mới\r\ntại cổng <chính>.'
    old = {"finding": "1", "text": typed, "promised_on": "", "csrf_token": "cũ"}
    page = dung.post(REPLY, data=old, headers=HERE)
    assert page.status_code == 400
    again = next(filter(lambda form: form.action == REPLY, map(Form, lint.parse(page.text)[0].iter("form"))))
    assert again.values().keys() == old.keys() and again.values()["text"].splitlines() == typed.splitlines()
    assert dung.post(REPLY, data=again.values()).status_code == 302
    elsewhere = dung.post(REPLY, data=old, headers={"Referer": "https://evil.example/"})
    assert "Gửi lại" not in elsewhere.text, "another site's page made it"


def test_who_is_not_signed_in_any_more_hears_that_and_is_taken_back_to_the_form(app):
    told = app.test_client().post(f"/sync/inspections/{DRAFT}/rows", json={"answers": []})
    assert (told.status_code, told.json["problem"]) == (401, "sign_in")
    page = app.test_client().post(REPLY, data={"text": "x", "csrf_token": "cũ"}, headers=HERE)
    assert page.status_code == 401 and 'href="/sign-in?next=/agency?tab%3Dall"' in page.text


@pytest.mark.parametrize(("site", "taken"), [("cross-site", False), ("same-site", False), ("same-origin", True),
                                             ("none", True)])  # fmt: skip
def test_a_request_that_another_sites_page_sends_is_refused_whatever_token_it_has(an, nobody, site, taken):
    said = {"Sec-Fetch-Site": site}
    told = an.post(f"/sync/inspections/{DRAFT}/rows", json={"answers": []}, headers=an.csrf | said)
    assert (told.status_code == 200) is taken and (taken or told.json["problem"] == "csrf")
    form = nobody.forms("/sign-in")[0]
    entered = nobody.post(form.action, data=form.values() | {"name": "an", "password": password_of("an")}, headers=said)
    assert (entered.status_code == 302) is taken
    assert an.get("/", headers=said).status_code == 200, "a link leads here from anywhere"


@pytest.mark.parametrize("path", [
    "/?q=%00", "/review?q=%00&level=%ff&page=-1&tab=xx", "/review?page=99999999999999999999", "/review?q=%25_%5c",
    "/review?page=a", "/reports?q=%F0%9F%99%82", "/follow?level=Q&page=0", "/rounds?page=1e9", "/agencies?q=%27%3B--",
    f"/inspections/{id_of('submitted')}/review?item=ZZ99", f"/inspections/{id_of('submitted')}/review?item=%00",
    f"/rounds/{id_of('round')}/visits?day=0001-01-01&q=%00", f"/rounds/{id_of('round')}/visits?day=9999-12-31",
    f"/rounds/{id_of('round')}/visits?day=h%C3%B4m+nay&team=x&tier=9", "/verify/%00", "/verify/" + "A" * 3000])
def test_an_address_that_somebody_played_with_is_answered_calmly(chi, path):
    assert chi.get(path).status_code in (200, 404)


@pytest.mark.parametrize("path", ["/people?q=%00&page=-3", "/people?tab=nobody", "/agencies?q=%00&tab=%00"])
def test_the_administrators_lists_stand_odd_addresses_too(client_of, path):
    assert client_of("admin").get(path).status_code == 200


@pytest.mark.parametrize("name", ["../../../etc/passwd", "Đường Láng.jpg", "đ.jpg", "a" * 300 + ".jpg",
                                  "<img src=x>.jpg", "con.jpg", ".jpg"])
def test_the_name_of_a_file_is_never_believed(an, app, name):
    from tests.factories import hash_of, picture

    data = picture(seed=81)
    sent = an.post(f"/inspections/{DRAFT}/answers", headers=an.csrf,
                   data={"item": "BH01", "value": "dat", "photo": (BytesIO(data), name)})
    assert sent.status_code == 302
    assert an.head(f"/sync/inspections/{DRAFT}/blobs/{hash_of(data)}").status_code == 200
    kept = [path.name for path in (app.extensions["settings"].data / "blobs").rglob("*") if path.is_file()]
    assert all(set(path) <= set("0123456789abcdef") for path in kept)


def test_what_an_typed_is_shown_as_it_was_typed_and_never_run(an, chi):
    """Every field that is shown anywhere holds a script; no page holds a script of it."""
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'</textarea>"
    for path, said in (("answers", {"item": "NY01", "value": "khong_dat", "note": hostile}),
                       ("remarks", {"difficulty": hostile, "proposal": hostile, "explanation": hostile}),
                       ("equipment", {"total-ghe_cho": "3", "note-ghe_cho": hostile})):
        assert an.post(f"/inspections/{DRAFT}/{path}", data=said, headers=an.csrf).status_code == 302
    for page in (an.get(f"/inspections/{DRAFT}/capture"), an.get(f"/inspections/{DRAFT}"),
                 chi.get(f"/inspections/{DRAFT}"), chi.get(f"/inspections/{DRAFT}/review?item=NY01"),
                 chi.get(f"/review?q={hostile}"), chi.get(f"/agencies?q={hostile}")):
        assert page.status_code == 200 and "<script>alert" not in page.text and "<img src=x" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text or "q=" in page.request.url


def test_a_crash_tells_people_nothing_of_the_inside(app, client_of, monkeypatch):
    from audit_app.web import day

    monkeypatch.setattr(day, "of_team", lambda *_, **__: 1 / 0)
    an = client_of("an")
    an.troubled = True
    broken = an.get("/")
    assert broken.status_code == 500 and "Chưa làm được" in broken.text
    assert "Traceback" not in broken.text and "ZeroDivision" not in broken.text


def test_when_the_database_is_locked_for_too_long_the_sender_is_asked_to_come_back(
        make_app, template, monkeypatch, settings):
    """A tablet keeps its rows and tries again; a person reads a page."""
    if not settings.embedded:
        pytest.skip("PostgreSQL has no one writer that keeps all others waiting")
    monkeypatch.setattr(records_db, "BUSY_SECONDS", 0)
    app = make_app()
    an = app.test_client().sign_in("an")
    an.troubled = True
    headers = an.csrf
    with sqlite3.connect(settings.data / "audit.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        tablet = an.post(f"/sync/inspections/{DRAFT}/rows", json={"answers": []}, headers=headers)
        person = an.post(f"/inspections/{DRAFT}/remarks", data={"proposal": "x"}, headers=headers)
        other.execute("ROLLBACK")
    other.close()
    assert (tablet.status_code, tablet.json["problem"], tablet.headers["Retry-After"]) == (503, "busy", "5")
    assert person.status_code == 503 and "đang bận" in person.text and person.headers["Retry-After"] == "5"


def test_a_database_whose_disk_is_full_says_so(app, settings, database):
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's disk is not so easily filled")
    an = app.test_client().sign_in("an")
    an.troubled = True
    headers = an.csrf

    @event.listens_for(database.engine, "begin")
    def no_page_more(connection):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # raised to what is there

    text = "đề xuất " * 1_000
    told = [an.post(f"/inspections/{DRAFT}/remarks", data={"proposal": f"{n} {text}"}, headers=headers)
            for n in range(5)]
    assert told[-1].status_code == 507 and "hết chỗ" in told[-1].text


def test_a_database_that_only_reads_for_now_is_one_to_come_back_to(an, database):
    """As the second PostgreSQL of a pair does, until it has taken the place of the first."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no second one")
    headers, an.troubled = an.csrf, True
    event.listen(database.engine, "begin", lambda connection: connection.exec_driver_sql("SET TRANSACTION READ ONLY"))
    tablet = an.post(f"/sync/inspections/{DRAFT}/rows", json={"remarks": [
        {"id": str(DRAFT), "kind": "proposal", "text": "x", "written_at": "2026-01-01"}]}, headers=headers)
    person = an.post(f"/inspections/{DRAFT}/remarks", data={"proposal": "x"}, headers=headers)
    assert (tablet.status_code, tablet.json["problem"], tablet.headers["Retry-After"]) == (503, "busy", "5")
    assert person.status_code == 503 and "đang bận" in person.text


def test_when_the_store_is_away_the_sender_is_asked_to_come_back(app, an, monkeypatch):
    class Away:
        def __getattr__(self, name):
            raise StoreAway()

    monkeypatch.setattr(app.extensions["blobs"], "_store", Away())
    an.troubled = True
    told = an.head(f"/sync/inspections/{DRAFT}/blobs/{'a' * 64}")
    assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
    sent = an.put(DRAFT, b"x")
    assert (sent.status_code, sent.json["problem"]) == (503, "busy")
    rows = an.rows(DRAFT, photos=[photo(FAILED_ITEM, "b" * 64)])  # none of them is wrong, and none half kept
    assert (rows.status_code, rows.json["problem"]) == (503, "busy")
    assert "b" * 64 not in str(an.whole(DRAFT)["rows"]["photos"])


def test_a_disk_that_is_full_while_a_photo_comes_is_named(an, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sync, "_stream_to", full)
    an.troubled = True
    told = an.put(DRAFT, b"x")
    assert (told.status_code, told.json["problem"]) == (507, "no_room")


def test_whether_the_house_stands_is_said_to_whoever_asks(nobody, app, database, monkeypatch):
    well = nobody.get("/healthz")
    assert well.status_code == 200 and well.json == dict.fromkeys(("database", "blobs", "queue", "work", "room"), True)
    monkeypatch.setattr(app.extensions["queue"], "healthy", lambda: (_ for _ in ()).throw(OSError))
    monkeypatch.setattr(app.extensions["blobs"], "_store", None)
    nobody.troubled = True
    ill = nobody.get("/healthz")
    assert ill.status_code == 503 and not ill.json["blobs"] and not ill.json["queue"] and ill.json["database"]


def test_without_its_tables_the_house_does_not_stand(make_app, settings, tmp_path):
    app = make_app(database_url=f"sqlite:///{tmp_path}/no/such/folder/audit.db")
    nobody = app.test_client()
    nobody.troubled = True
    assert nobody.get("/healthz").status_code == 503
    assert text("SELECT 1") is not None


def test_what_somebody_typed_stands_in_no_log_and_on_no_page_that_tells_what_the_database_refused(database):
    with pytest.raises(DBAPIError) as refused, database.transaction(writing=False) as db:
        db.execute(text("SELECT :note FROM nothing"), {"note": "Bà Tư bị gợi ý tiền"})
    assert "nothing" in str(refused.value) and "Bà Tư" not in f"{refused.value} {refused.value!r}"


@pytest.mark.parametrize("path", ["/inspections/{}/approval", "/inspections/{}/taken-out",
                                  "/rounds/visits/{}/cancelling"])
def test_who_goes_back_to_a_form_of_a_step_that_is_over_is_led_to_the_visit(chi, path):
    visit = id_of("approved")
    over = chi.get(path.format(visit))
    assert over.status_code == 409 and f'href="/inspections/{visit}"' in over.text
