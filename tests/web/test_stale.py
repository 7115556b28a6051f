"""Two people have the same form open: what the one saved, the other does not write over unread."""

import pytest
from sqlalchemy import select

from audit_app.records.models import Inspection, User
from tests.factories import id_of
from tests.web.visitor import Form, lint


@pytest.fixture
def pages(database) -> dict[str, tuple[str, str]]:
    """Each form by what it is about: whose, and its page, which it is sent to as well."""
    with database.transaction(writing=False) as db:
        an = db.scalar(select(User.id).where(User.name == "an"))
    return {"round": ("chi", f"/rounds/{id_of('round')}/change"), "plan": ("chi", f"/rounds/visits/{id_of('draft')}"),
            "contact": ("chi", f"/agencies/{id_of('hoan_kiem')}/contact"), "person": ("admin", f"/people/{an}"),
            "number": ("chi", f"/inspections/{id_of('issued')}/number")}


def opened(visitor, page: str) -> dict:
    """What the form to `page` holds as it is opened."""
    return next(form for form in visitor.forms(page) if form.action == page).values()


def shown(answer, page: str) -> Form:
    tree, _ = lint.parse(answer.get_data(as_text=True))
    return next(form for form in map(Form, tree.iter("form")) if form.action == page)


CHANGES = {"round": ("title", "Đợt của Lan", "Đợt của Chi"), "plan": ("at", "09:15", "10:45"),
           "contact": ("phone", "024 111", "024 222"), "person": ("full_name", "Nguyễn Hoài An", "Nguyễn An"),
           "number": ("number", "200", "201")}


@pytest.mark.parametrize("about", CHANGES)
def test_what_another_saved_is_shown_before_it_is_written_over(client_of, pages, about):
    who, page = pages[about]
    visitor, (field, theirs, mine) = client_of(who), CHANGES[about]
    old = opened(visitor, page)
    assert visitor.send(page, page, **{field: theirs}).status_code == 302
    told = visitor.post(page, data=old | {field: mine})
    assert told.status_code == 422 and "người khác đã lưu nội dung khác" in told.text
    assert f"Đang lưu: {theirs}." in told.text and shown(told, page).values()[field] == mine
    assert opened(visitor, page)[field] == theirs
    assert visitor.post(page, data=shown(told, page).values()).status_code == 302
    assert opened(visitor, page)[field] == mine


@pytest.mark.parametrize("about", CHANGES)
def test_the_same_said_twice_and_a_form_that_says_nothing_of_what_it_saw_are_taken(client_of, pages, about):
    who, page = pages[about]
    visitor, (field, theirs, mine) = client_of(who), CHANGES[about]
    old = opened(visitor, page)
    for said in (theirs, theirs):
        assert visitor.post(page, data=old | {field: said}).status_code == 302
    old.pop("seen")
    assert visitor.post(page, data=old | {field: mine}).status_code == 302


def test_a_page_that_was_wrong_in_something_else_still_knows_what_it_was_opened_on(client_of, pages):
    (_, page), chi = pages["round"], client_of("chi")
    old = opened(chi, page)
    chi.send(page, page, decision="Kế hoạch 7")
    wrong = chi.post(page, data=old | {"ends_on": "mai", "decision": "Kế hoạch 8"})
    again = shown(wrong, page).values() | {"ends_on": old["ends_on"]}
    assert wrong.status_code == 422 and "Đang lưu" not in wrong.text
    assert "Đang lưu: Kế hoạch 7." in chi.post(page, data=again).text


def test_what_only_the_second_changed_is_not_told_as_what_another_saved(client_of, pages):
    (_, page), chi = pages["contact"], client_of("chi")
    old = opened(chi, page)
    chi.send(page, page, phone="024 111")
    told = chi.post(page, data=old | {"phone": "024 222", "contact": "Bà Tư"})
    assert told.status_code == 422 and told.text.count("Đang lưu: ") == 2, "at the field, and in the summary on top"
    elsewhere = chi.post(page, data=old | {"phone": "024 111", "contact": "Bà Năm"})
    assert elsewhere.status_code == 302, "what another saved in other fields is not in the way"


UNTOUCHED = {"contact": ({"phone": "024 111", "address": "Số 1"}, {"contact": "Bà Tư"}),
             "person": ({"full_name": "Nguyễn An", "role": "team_lead"}, {"title": "Phó phòng"}),
             "round": ({"decision": "Kế hoạch 7"}, {"title": "Đợt của Chi"})}
"""What a colleague saved, and what the form that was opened before changes."""


@pytest.mark.parametrize("about", UNTOUCHED)
def test_what_a_colleague_saved_in_a_field_that_one_never_touched_is_kept(client_of, pages, about):
    who, page = pages[about]
    visitor, (theirs, mine) = client_of(who), UNTOUCHED[about]
    old = opened(visitor, page)
    assert visitor.send(page, page, **theirs).status_code == 302
    assert visitor.post(page, data=old | mine).status_code == 302
    assert opened(visitor, page).items() >= (theirs | mine).items()


@pytest.mark.parametrize("about", ["contact", "person"])
def test_saved_again_after_a_warning_only_the_field_that_both_changed_is_written_over(client_of, pages, about):
    who, page = pages[about]
    visitor, (theirs, mine), (field, a, b) = client_of(who), UNTOUCHED[about], CHANGES[about]
    old = opened(visitor, page)
    assert visitor.send(page, page, **theirs | {field: a}).status_code == 302
    told = visitor.post(page, data=old | mine | {field: b})
    assert told.status_code == 422 and told.text.count("Đang lưu: ") == 2, "at the field, and in the summary on top"
    assert shown(told, page).values().items() >= (theirs | mine | {field: b}).items()
    assert visitor.post(page, data=shown(told, page).values()).status_code == 302
    assert opened(visitor, page).items() >= (theirs | mine | {field: b}).items()


def test_what_two_people_said_of_a_round_is_checked_together(client_of, pages):
    (_, page), chi = pages["round"], client_of("chi")
    old = opened(chi, page)
    chi.send(page, page, ends_on=old["starts_on"])
    told = chi.post(page, data=old | {"starts_on": old["ends_on"]})
    assert told.status_code == 422 and "Ngày kết thúc phải từ ngày bắt đầu trở đi" in told.text
    assert shown(told, page).values()["ends_on"] == old["starts_on"], "what is saved is shown, to be changed or not"


@pytest.fixture
def team(pages, database):
    """The ids of An, Bình, Giang, and of those on the team of the draft."""
    with database.transaction(writing=False) as db:
        ids = [str(db.scalar(select(User.id).where(User.name == name))) for name in ("an", "binh", "giang")]

    def now() -> set[str]:
        with database.transaction(writing=False) as db:
            return {str(member.user_id) for member in db.get(Inspection, id_of("draft")).team}

    return *ids, now


def test_a_colleague_who_joined_the_team_is_not_taken_off_it_by_an_older_page(client_of, pages, team):
    (_, page), chi, (an, _, giang, now) = pages["plan"], client_of("chi"), team
    old = opened(chi, page)
    assert chi.send(page, page, team=[an, giang], lead=giang).status_code == 302
    assert chi.post(page, data=old | {"at": "10:45"}).status_code == 302
    assert now() == {an, giang} and opened(chi, page).items() >= {"at": "10:45", "lead": giang}.items()


def test_a_team_that_two_people_changed_is_shown_to_the_second_with_all_else_as_saved(client_of, pages, team):
    (_, page), chi, (an, binh, giang, now) = pages["plan"], client_of("chi"), team
    old = opened(chi, page)
    assert chi.send(page, page, team=[an, giang], at="09:15").status_code == 302
    told = chi.post(page, data=old | {"team": [an, binh]})
    assert told.status_code == 422 and "Đang lưu: Nguyễn Thị Hoài An, Hoàng Thu Giang." in told.text
    assert shown(told, page).values()["at"] == "09:15" and now() == {an, giang}
    assert chi.post(page, data=shown(told, page).values() | {"team": [an, binh]}).status_code == 302
    assert now() == {an, binh} and opened(chi, page)["at"] == "09:15"


@pytest.mark.parametrize(("said", "mine", "told"), [
    ({"role": "office"}, {"role": "inspector"}, "Vai trò. Đang lưu: Chuyên viên Văn phòng."),
    ({"agency": str(id_of("tu_phap"))}, {"agency": str(id_of("ba_dinh"))}, "Đang lưu: Sở Tư pháp.")])
def test_a_role_or_an_agency_that_another_saved_is_told_in_words(client_of, database, said, mine, told):
    admin = client_of("admin")
    with database.transaction(writing=False) as db:
        page = f"/people/{db.scalar(select(User.id).where(User.name == 'dung'))}"
    old = opened(admin, page)
    assert admin.send(page, page, **said).status_code == 302
    answer = admin.post(page, data=old | mine | {"title": "Phó phòng"})
    assert answer.status_code == 422 and told in answer.text and shown(answer, page).values()["title"] == "Phó phòng"
