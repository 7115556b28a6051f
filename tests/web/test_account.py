"""One's own account: who the house takes a person for, and another password."""

import pytest

from audit_app.actions import people
from tests.factories import hash_of, password_of

NEXT = "mật khẩu thật dài"


def change(visitor, **said):
    return visitor.send("/account", "/account/password", **{"current": password_of("an"), "password": NEXT,
                                                            "again": NEXT, **said})


def test_the_name_in_the_top_bar_leads_to_what_papers_say_of_a_person(an):
    assert 'class="account-name" href="/account"' in an.get("/").text
    assert "Nguyễn Thị Hoài An" in an.get("/account").text


def test_everybody_can_change_the_own_password_and_stays_signed_in_here_only(an, app, client_of):
    elsewhere = client_of("an", fresh=True)
    assert change(an).status_code == 302
    assert "Đã đổi mật khẩu" in an.get("/account").text
    assert elsewhere.get("/").status_code == 302, "another device is asked to sign in"
    app.test_client().sign_in("an", NEXT)
    with pytest.raises(AssertionError):
        app.test_client().sign_in("an", password_of("an"))


@pytest.mark.parametrize(("said", "told"), [
    ({"current": "sai hoàn toàn"}, "Mật khẩu đang dùng không đúng"), ({"current": ""}, "Hãy nhập mật khẩu đang dùng."),
    ({"password": "", "again": ""}, "Hãy nhập mật khẩu mới."), ({"again": "mật khẩu khác hẳn"}, "không giống nhau"),
    ({"password": "ngắn", "again": "ngắn"}, "ít nhất 10 ký tự"),
])
def test_what_is_wrong_is_said_and_the_password_stays(an, app, said, told):
    done = change(an, **said)
    assert done.status_code == 422 and told in done.text
    assert NEXT not in done.text and password_of("an") not in done.text
    app.test_client().sign_in("an")


def test_who_guesses_at_an_open_tablet_is_slowed_down_as_at_the_door(an):
    for _ in range(people.TRIES_PER_NAME):
        change(an, current="sai hoàn toàn")
    done = change(an)
    assert done.status_code == 422 and "hãy chờ 15 phút rồi đổi mật khẩu lại" in done.text
    assert "phút rồi đăng nhập lại" not in done.text


@pytest.mark.parametrize("called", ["name", "id"])
def test_who_fails_at_the_door_with_her_name_or_id_does_not_keep_her_from_changing_her_password(an, app, called):
    typed = an.get("/sync/hello").json["user"][called]
    for _ in range(people.TRIES_PER_NAME):
        with pytest.raises(AssertionError):
            app.test_client().sign_in(typed, "sai hoàn toàn")
    assert change(an).status_code == 302


def test_the_right_password_forgets_the_wrong_ones_before_it(an):
    for _ in range(people.TRIES_PER_NAME - 1):
        change(an, current="sai hoàn toàn")
    assert change(an).status_code == 302
    third = "mật khẩu khác hẳn"
    assert "không đúng" in change(an, current="sai hoàn toàn", password=third, again=third).text


def test_whoever_reads_the_cookie_of_a_shared_browser_learns_by_no_list_of_names_who_signed_in_there(app):
    with app.test_client().sign_in("an").session_transaction() as session:
        assert len(session["known"]) == 1 and hash_of(b"an")[:16] not in session["known"]


def test_the_form_sent_twice_is_done_and_no_wrong_try(an, app):
    for _ in range(people.TRIES_PER_NAME + 1):
        assert change(an).status_code == 302
    app.test_client().sign_in("an", NEXT)


def test_the_new_password_proves_nothing_unless_it_was_given_just_now(an):
    same = {"password": password_of("an"), "again": password_of("an")}
    assert "không đúng" in change(an, current="sai hoàn toàn", **same).text
    for _ in range(people.TRIES_PER_NAME - 1):
        change(an, current="sai hoàn toàn", **same)
    assert "hãy chờ 15 phút" in change(an).text
