"""What the forms are made of: fields for what people type here, and checks, with their messages in Vietnamese."""

from wtforms import DateField, IntegerField, SelectChoice, SelectField, ValidationError
from wtforms.validators import InputRequired
from wtforms.widgets import TextInput

from audit_app.rules.problems import Problem, grouped
from audit_app.rules.typed import blank, even
from audit_app.rules.typed_day import SHAPES, believable, typed_day

NEEDED = "Hãy nhập {what}."


class _Needed(InputRequired):
    """Blanks fill nothing in."""

    def __call__(self, form, field):
        if field.raw_data and all(blank(one) for one in field.raw_data if isinstance(one, str)):
            field.raw_data = []
        super().__call__(form, field)


def needed(what: str) -> InputRequired:
    """Must be filled in; says what."""
    return _Needed(NEEDED.format(what=what))


def at_most(characters: int):
    """May not be longer, each line end counted as one, as browsers count; the sentence names the field."""
    def check(form, field) -> None:
        if len(even(field.data)) > characters:
            raise ValidationError(f"«{field.label.text}» dài quá {grouped(characters)} ký tự; hãy rút gọn.")

    return check


def meets(rule):
    """What was typed must pass `rule(typed)`, whose Problem says why not; one sentence at a time."""
    def check(form, field) -> None:
        if blank(field.data or "") or field.errors:
            return
        try:
            rule(field.data)
        except Problem as problem:
            raise ValidationError(problem.message) from problem

    return check


class Day(DateField):
    """A day as people here type it; ISO is understood too. Not the browser's own picker: that one speaks the language
    of the browser, and one that puts the month first is misread."""

    widget = TextInput()

    def __init__(self, label, validators=(), **more):
        super().__init__(label, validators, format=list(SHAPES), **more)

    def process_formdata(self, valuelist):
        """Raises ValueError with our own sentence."""
        if not valuelist:
            return
        self.data = typed_day(" ".join(valuelist))
        if self.data is None:
            raise ValueError(f"«{self.label.text}» không đúng; hãy nhập như 23/11/2026.")
        if not believable(self.data):
            raise ValueError(f"«{self.label.text}» không đúng; hãy kiểm tra lại năm.")


class Whole(IntegerField):
    """A whole number; nonsense gets our own sentence."""

    def process_formdata(self, valuelist):
        """Raises ValueError."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Hãy nhập một số nguyên.") from error


class Choice(SelectField):
    """One of a list of (value, text); anything else gets our own sentence."""

    def __init__(self, label, *, choices, **more):
        super().__init__(label, choices=[SelectChoice(value, text) for value, text in choices], **more)

    @property
    def pairs(self):
        """(value, text) of each, as the components draw them."""
        return [(choice.value, choice.label) for choice in self.choices]

    def process_formdata(self, valuelist):
        """What is no number where the list holds numbers is nothing; WTForms would refuse it in English."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None

    def pre_validate(self, form):
        """Raises ValidationError."""
        if self.data not in [choice.value for choice in self.choices]:
            raise ValidationError("Hãy chọn một giá trị trong danh sách.")
