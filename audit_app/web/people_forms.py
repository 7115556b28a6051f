"""The forms about people: signing in, who may, their passwords."""

from functools import cached_property

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectChoice, StringField, ValidationError

from audit_app.actions import people
from audit_app.rules import refusals
from audit_app.rules.wording import ROLE
from audit_app.web.fields import Choice, at_most, meets, needed
from audit_app.web.form import Form


class SignIn(FlaskForm):
    """Name and password."""

    name = StringField("Tên đăng nhập", filters=[lambda typed: "".join(filter(str.isprintable, typed or ""))])
    password = PasswordField("Mật khẩu")


class NewPassword(Form):
    """A password typed twice, or none: then one is made."""

    places = {refusals.PasswordTooShort: "password"}
    password = PasswordField("Mật khẩu", [at_most(1_000), meets(people.long_enough)])
    again = PasswordField("Nhập lại mật khẩu")

    @cached_property
    def chosen(self) -> str:
        """What was typed, or a new one to be read out once."""
        return self.password.data or people.invent()

    def validate_again(self, field):
        """Both times the same."""
        if (self.password.data or "") != (field.data or ""):
            raise ValidationError("Hai lần nhập mật khẩu không giống nhau; hãy nhập lại cả hai.")


class OwnPassword(NewPassword):
    """A person's own next password, and the one in use."""

    places = {**NewPassword.places, refusals.OldPasswordWrong: "current",
              refusals.TooManyTriesAtHome: "current"}
    current = PasswordField("Mật khẩu đang dùng", [needed("mật khẩu đang dùng"), at_most(1_000)])
    password = PasswordField("Mật khẩu mới", [needed("mật khẩu mới"), at_most(1_000), meets(people.long_enough)])
    again = PasswordField("Nhập lại mật khẩu mới")


class PersonFacts(Form):
    """What papers print of a person, and what they are here for."""

    places = {refusals.AgencyUnknown: "agency", refusals.LastAdministrator: "role", refusals.StillOnTeams: "role"}
    full_name = StringField("Họ và tên", [needed("họ và tên"), at_most(120)])
    title = StringField("Chức vụ", [at_most(120)])
    role = Choice("Vai trò", choices=list(ROLE.items()), default="inspector")
    agency = StringField("Cơ quan (khi vai trò là cơ quan được kiểm tra)", [at_most(40)])

    def validate_agency(self, field):
        """People of an agency belong to one, all others to none."""
        if self.role.data == "agency" and not (field.data or "").strip():
            raise ValidationError("Hãy chọn cơ quan mà người này thuộc về.")

    @classmethod
    def of(cls, person, **more):
        """What is saved of a person, with the name of their agency; a field that is not sent stays so."""
        form = cls(data={"full_name": person.full_name, "title": person.title, "role": person.role,
                         "agency": str(person.agency_id or "")}, **more)
        form.agency.choices = [SelectChoice(str(person.agency_id), person.agency.name)] if person.agency else []
        return form


class NewPerson(PersonFacts, NewPassword):
    """Someone who may sign in."""

    places = {**PersonFacts.places, **NewPassword.places, refusals.NameTaken: "name", refusals.NameUnfit: "name"}
    name = StringField("Tên đăng nhập", [needed("tên đăng nhập"), at_most(60), meets(people.fit)])
