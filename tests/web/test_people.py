"""People: the administrator lets them in, out, and in again; a password is shown once."""

import re
import unicodedata

import pytest
from sqlalchemy import select

from audit_app.actions import people
from audit_app.records.evidence import Event
from audit_app.records.models import Agency, User
from audit_app.rules.refusals import LastAdministrator
from tests.factories import id_of, password_of
from tests.web.test_signin import try_in
from tests.web.test_tablets import announcement


@pytest.fixture
def admin(client_of):
    return client_of("admin")


def person(database, name: str) -> User:
    with database.transaction(writing=False) as db:
        return db.scalar(select(User).where(User.name == name))


def new(admin, **said):
    whole = {"name": "hoa", "full_name": "Ngô Thị Hoa", "title": "Chuyên viên", "role": "inspector", **said}
    return admin.post("/people/new", data=whole, headers=admin.csrf)


def test_a_person_is_found_by_name_without_marks_and_by_agency(admin):
    assert "Nguyễn Thị Hoài An" in admin.get("/people?q=hoai+an").text
    page = admin.get("/people?tab=agency&q=ba+dinh").text
    assert "Vũ Hồng Em" in page and "Phạm Tiến Dũng" not in page


def test_people_of_a_role_stand_in_the_order_of_the_vietnamese_alphabet(admin):
    for name, full_name in (("dao", "Đào Văn An"), ("yen", "Doãn Thị Yến")):
        new(admin, name=name, full_name=full_name)
    seen = admin.get("/people?tab=team").text
    assert seen.index("Doãn Thị Yến") < seen.index("Đào Văn An") < seen.index("Nguyễn Thị Hoài An")


def test_a_password_that_was_made_is_shown_once_and_lets_in(admin, app):
    page = new(admin).text
    password = re.search(r'class="password">([^<]+)<', page)[1]
    assert len(password) >= 12
    app.test_client().sign_in("hoa", password)
    assert password not in admin.get("/people").text


def test_a_typed_password_lets_in(admin, app, database):
    assert new(admin, password="mật khẩu thật dài", again="mật khẩu thật dài").status_code == 200
    app.test_client().sign_in("hoa", "mật khẩu thật dài")
    assert person(database, "hoa").title == "Chuyên viên"


@pytest.mark.parametrize(("kept", "given"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_a_password_lets_in_however_a_keyboard_composes_its_letters(admin, app, database, house, kept, given):
    """Kept as it was typed, as earlier versions did, or by this one."""
    new(admin)
    chosen = "mật khẩu thật dài"
    old = house.passwords.hasher.hash(unicodedata.normalize(kept, chosen))
    for hashed in (old, house.passwords.hash(unicodedata.normalize(kept, chosen))):
        with database.transaction() as db:
            db.scalar(select(User).where(User.name == "hoa")).password_hash = hashed
        app.test_client().sign_in("hoa", unicodedata.normalize(given, chosen))


def test_whose_account_was_made_is_named_with_the_password(admin):
    page = new(admin, role="agency", agency=str(id_of("tu_phap"))).text
    assert "<dd>Cơ quan được kiểm tra: Sở Tư pháp</dd>" in page


def test_people_of_an_agency_belong_to_it_and_others_to_none(admin, database):
    new(admin, role="agency", agency=str(id_of("tu_phap")))
    new(admin, name="ha", role="office", agency=str(id_of("tu_phap")))
    assert person(database, "hoa").agency_id == id_of("tu_phap") and person(database, "ha").agency_id is None


@pytest.mark.parametrize(("said", "told"), [
    ({"name": ""}, "Hãy nhập tên đăng nhập."), ({"name": "Hoa Ngô"}, "chữ thường không dấu"),
    ({"name": "chi"}, "đã có người dùng"), ({"full_name": ""}, "Hãy nhập họ và tên."),
    ({"password": "ngắn", "again": "ngắn"}, "ít nhất 10 ký tự"),
    ({"password": "mật khẩu thật dài", "again": "mật khẩu khác hẳn"}, "không giống nhau"),
    ({"role": "king"}, "Hãy chọn một giá trị trong danh sách."),
    ({"role": "agency"}, "Hãy chọn cơ quan"), ({"role": "agency", "agency": "x"}, "Không tìm thấy cơ quan đã chọn"),
])
def test_who_cannot_be_added_is_said_in_words_and_what_was_typed_stays(admin, database, said, told):
    done = new(admin, **said)
    assert done.status_code == 422 and told in done.text and "Chuyên viên" in done.text
    assert person(database, "hoa") is None
    assert "mật khẩu thật dài" not in done.text  # a password is never sent back


def test_whatever_is_wrong_with_a_new_person_is_said_at_once(admin):
    text = new(admin, name="Hoa Ngô", full_name="", password="ngắn", again="ngắn").text
    for told in ("chữ thường không dấu", "Hãy nhập họ và tên.", "ít nhất 10 ký tự"):
        assert text.count(told) == 2, told  # on top and at the field
    text = new(admin, name="x" * 61).text
    assert "dài quá 60 ký tự" in text and "chữ thường không dấu" not in text.replace("hint", "")


def test_a_name_and_a_title_can_be_corrected(admin, an, database):
    page = f"/people/{person(database, 'an').id}"
    assert admin.send(page, page, full_name="  Nguyễn Thị Hoài Anh ", title="Phó trưởng phòng").status_code == 302
    assert "Đã lưu thông tin của Nguyễn Thị Hoài Anh" in admin.get(page).text
    assert "Nguyễn Thị Hoài Anh" in an.get("/").text and "Phó trưởng phòng" in an.get("/account").text


@pytest.mark.parametrize(("said", "told"), [
    ({"full_name": ""}, "Hãy nhập họ và tên."), ({"title": "x" * 121}, "dài quá 120 ký tự"),
    ({"full_name": "A\x00n"}, "ký tự"),
])
def test_a_name_that_cannot_be_printed_is_refused(admin, database, said, told):
    page = f"/people/{person(database, 'an').id}"
    done = admin.send(page, page, **said)
    assert done.status_code == 422 and told in done.text
    assert person(database, "an").full_name == "Nguyễn Thị Hoài An"


# ── Another role, another agency ──────────────────────────────────────────────────────────────────
def moved(admin, database, name: str, **said):
    """What is answered when somebody is given another role or agency."""
    page = f"/people/{person(database, name).id}"
    return admin.send(page, page, **said)


def test_who_is_given_another_role_is_out_at_once_and_sees_what_goes_with_it(admin, client_of, app, database):
    giang = client_of("giang")
    assert giang.get("/review").status_code == 403
    assert moved(admin, database, "giang", role="office").status_code == 302
    assert giang.get("/").status_code == 302
    assert app.test_client().sign_in("giang").get("/review").status_code == 200


def test_who_goes_to_another_agency_no_longer_reads_the_papers_of_the_first(admin, dung, app, database):
    paper = f"/reports/{id_of('report issued')}.pdf"
    assert dung.get(paper).status_code == 200
    assert moved(admin, database, "dung", agency=str(id_of("tu_phap"))).status_code == 302
    assert dung.get(paper).status_code == 302 and app.test_client().sign_in("dung").get(paper).status_code == 404


def test_who_leaves_an_agency_for_the_office_belongs_to_none_though_the_list_still_has_it_chosen(admin, database):
    assert moved(admin, database, "dung", role="office", agency=str(id_of("hoan_kiem"))).status_code == 302
    assert (person(database, "dung").role, person(database, "dung").agency_id) == ("office", None)


def test_another_title_signs_nobody_out(admin, dung, database):
    assert moved(admin, database, "dung", title="Chủ tịch").status_code == 302
    assert dung.get("/agency").status_code == 200 and person(database, "dung").agency_id == id_of("hoan_kiem")


@pytest.mark.parametrize(("said", "told"), [
    ({"role": "king"}, "Hãy chọn một giá trị trong danh sách."), ({"role": "agency"}, "Hãy chọn cơ quan"),
    ({"role": "agency", "agency": "x"}, "Không tìm thấy cơ quan đã chọn"),
])
def test_a_role_that_cannot_be_is_refused_as_for_a_new_person_and_nothing_is_saved(admin, database, said, told):
    done = moved(admin, database, "giang", title="Phó phòng", **said)
    assert done.status_code == 422 and told in done.text and "Phó phòng" in done.text
    assert (person(database, "giang").role, person(database, "giang").title) == ("team_lead", "Chuyên viên")


def test_who_is_on_the_team_of_visits_that_are_not_handed_in_goes_on_inspecting(admin, an, database):
    done = moved(admin, database, "an", role="office")
    assert done.status_code == 422 and "trong đoàn của 2 cuộc kiểm tra chưa nộp" in done.text
    assert person(database, "an").role == "inspector" and an.get(f"/inspections/{id_of('draft')}").status_code == 200
    assert moved(admin, database, "an", role="team_lead").status_code == 302


def test_whoever_is_let_out_is_seen_with_the_visits_and_the_unsent_work_that_wait_for_them(admin, an, database):
    page, visit = f"/people/{person(database, 'an').id}", f"/sync/inspections/{id_of('draft')}/device"
    an.post(visit, json=announcement(answers=2, photos=1), headers=an.csrf)
    text = admin.get(page).text
    assert "đoàn của 2 cuộc kiểm tra chưa nộp" in text and text.count("3 thay đổi còn trên máy tính bảng") == 1
    assert "nên nhờ Văn phòng đổi đoàn trước khi khoá" in text
    admin.send(page, "/disabling")
    assert "nên nhờ" not in admin.get(page).text and "cuộc kiểm tra chưa nộp" in admin.get(page).text
    assert "cuộc kiểm tra chưa nộp" not in admin.get(f"/people/{person(database, 'chi').id}").text


def test_before_the_only_account_of_an_agency_is_disabled_the_findings_that_wait_for_it_are_told(
        admin, client_of, database):
    page = f"/people/{person(database, 'em').id}"
    asked = len([form for form in client_of("em").forms("/agency") if form.action.endswith("/response")])
    text = admin.get(page).text
    assert f"UBND phường Ba Đình còn {asked} tồn tại chưa giải trình" in text and "tài khoản duy nhất" in text
    assert admin.send(page, "/disabling").status_code == 302
    assert "không có tài khoản nào khác" in admin.get(page).text
    admin.send(page, "/enabling")
    new(admin, role="agency", agency=str(id_of("ba_dinh")))
    assert "tồn tại chưa giải trình" not in admin.get(page).text, "somebody else of the agency can answer"
    assert "tồn tại chưa giải trình" not in admin.get(f"/people/{person(database, 'an').id}").text


def test_papers_and_visits_keep_whom_they_name_when_that_person_is_given_another_role(admin, chi, database):
    paper, visit = f"/reports/{id_of('report issued')}.pdf", f"/inspections/{id_of('issued')}"
    before = chi.get(paper).data
    assert moved(admin, database, "an", role="team_lead", full_name="Nguyễn An").status_code == 302
    assert chi.get(paper).data == before and "Nguyễn An" in chi.get(visit).text


def test_nobody_changes_their_own_role(admin, database):
    page = f"/people/{person(database, 'admin').id}"
    assert all("role" not in form.names for form in admin.forms(page))
    done = admin.post(page, data={"full_name": "Đỗ Minh Quản", "role": "office"}, headers=admin.csrf)
    assert done.status_code == 422 and "Không tự đổi được vai trò" in done.text
    assert admin.send(page, page, title="Chuyên viên chính").status_code == 302
    assert person(database, "admin").title == "Chuyên viên chính" and admin.get("/people").status_code == 200


def test_of_two_administrators_who_take_the_role_from_each_other_one_stays(admin, database):
    new(admin, role="admin")
    to_office = {"full_name": "Ai đó", "title": "", "role": "office", "agency_id": None}
    first, second = person(database, "admin"), person(database, "hoa")
    with database.transaction() as db:
        people.change(db, first, db.get(User, second.id), **to_office)
    with pytest.raises(LastAdministrator), database.transaction() as db:
        people.change(db, second, db.get(User, first.id), **to_office)  # was let in before the first had done
    assert person(database, "admin").role == "admin"


def test_what_was_changed_of_a_person_is_written_down_in_ids(admin, database):
    moved(admin, database, "giang", role="agency", agency=str(id_of("tu_phap")), full_name="Hoàng Giang")
    with database.transaction(writing=False) as db:
        event = db.scalar(select(Event).where(Event.name == "person.changed"))
    assert event.actor_id == person(database, "admin").id and event.details == {
        "person": str(person(database, "giang").id), "role": "agency", "agency": str(id_of("tu_phap"))}


def test_an_agency_that_is_no_more_stays_chosen_for_who_belongs_to_it(admin, database):
    with database.transaction() as db:
        gone = db.get(Agency, id_of("hoan_kiem"))
        gone.valid_to = gone.valid_from
    page = f"/people/{person(database, 'dung').id}"
    form = next(form for form in admin.forms(page) if form.action == page)
    assert form.values()["agency"] == str(id_of("hoan_kiem"))


def test_a_disabled_person_is_out_at_once_and_back_when_enabled(admin, an, app, database):
    id = person(database, "an").id
    assert an.get("/").status_code == 200
    assert admin.send(f"/people/{id}", "/disabling").status_code == 302
    assert an.get("/").status_code == 302
    assert "Đã khoá" in admin.get(f"/people/{id}").text
    admin.send(f"/people/{id}", "/enabling")
    app.test_client().sign_in("an")


def test_a_new_password_ends_what_was_signed_in_with_the_old_one(admin, an, app, database):
    an.get("/")
    page = admin.send(f"/people/{person(database, 'an').id}", "/password").text
    password = re.search(r'class="password">([^<]+)<', page)[1]
    assert an.get("/").status_code == 302
    app.test_client().sign_in("an", password)
    with pytest.raises(AssertionError):
        app.test_client().sign_in("an", password_of("an"))


@pytest.mark.parametrize(("how", "said"), [
    ("password", {"password": "mật khẩu mới 1", "again": "mật khẩu mới 1"}), ("enabling", {})])
@pytest.mark.parametrize("known", [False, True], ids=["elsewhere", "on her own tablet"])
def test_whoever_tried_too_often_is_let_in_once_the_administrator_has_helped(admin, app, database, how, said, known):
    page, an = f"/people/{person(database, 'an').id}", app.test_client()
    if known:
        an.sign_in("an").post("/sign-out", headers=an.csrf)
    for _ in range(people.TRIES_PER_NAME):
        assert try_in(an, "an", "sai hoàn toàn").status_code == 401
    assert try_in(an, "an", password_of("an")).status_code == 429
    if how == "enabling":
        admin.send(page, "/disabling")
    assert admin.send(page, f"/{how}", **said).status_code < 400
    assert try_in(an, "an", said.get("password", password_of("an"))).status_code == 302


def test_a_password_typed_differently_twice_changes_nothing(admin, app, database):
    page = f"/people/{person(database, 'an').id}"
    done = admin.send(page, "/password", password="mật khẩu mới 1", again="mật khẩu mới 2")
    assert done.status_code == 422 and "không giống nhau" in done.text
    app.test_client().sign_in("an")


def test_the_administrator_cannot_lock_herself_out(admin, database):
    own = person(database, "admin").id
    page = admin.get(f"/people/{own}").text
    assert "/disabling" not in page and "/password" not in page
    assert admin.post(f"/people/{own}/disabling", headers=admin.csrf).status_code == 422
    refused = admin.post(f"/people/{own}/password", headers=admin.csrf)
    assert refused.status_code == 422 and "Mật khẩu của chính mình thì đổi ở trang" in refused.text
    assert admin.get("/people").status_code == 200
