"""People: the administrator lets them in, out, and in again; a password is shown once."""

import re

import pytest
from sqlalchemy import select

from audit_app.actions import people
from audit_app.records.models import User
from tests.factories import id_of, password_of
from tests.web.test_signin import try_in


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
def test_whoever_tried_too_often_is_let_in_once_the_administrator_has_helped(admin, app, database, how, said):
    page, an = f"/people/{person(database, 'an').id}", app.test_client()
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
    assert "/disabling" not in admin.get(f"/people/{own}").text
    assert admin.post(f"/people/{own}/disabling", headers=admin.csrf).status_code == 422
    assert admin.get("/people").status_code == 200
