"""What every form does: it is checked, then carried out, and writes over nothing that others saved meanwhile."""

import hashlib
import json
from contextlib import contextmanager, suppress
from itertools import zip_longest
from uuid import UUID, uuid4

from flask import current_app, g
from flask_wtf import FlaskForm
from wtforms import HiddenField

from audit_app.rules.problems import Problem
from audit_app.rules.refusals import SavedMeanwhile


class RowId(HiddenField):
    """The id of the row that a form makes, made with the form: sent twice, it makes one row."""

    def __init__(self, **more):
        super().__init__(default=uuid4, **more)

    def process_formdata(self, valuelist):
        """Who sends none, or nonsense, gets a fresh one."""
        with suppress(ValueError, IndexError):
            self.data = UUID(valuelist[0])


class Form(FlaskForm):
    """A form that is checked, then carried out; what was typed stays when something is wrong.

    `places`: problem → the field at which its sentence stands, as do those of its kinds; any other stands on top.
    `beside`: field → the one at which stands what others saved in it, where that is another one.
    """

    places: dict[type[Problem], str] = {}
    beside: dict[str, str] = {}
    seen = HiddenField()

    @property
    def opened_on(self) -> str:
        """Short hashes of what stood in its fields when the form was opened; it carries them unseen."""
        return self.seen.data or " ".join(_hash(field) for field in _own(self))

    def carry_out(self, do, *, first=None, now=None) -> bool:
        """Check the form, then `do(db)`. A problem becomes a sentence on the form; what was half done is undone.

        `first()` is slow work that must hold no turn; what it returns is handed to `do` as well. `now()` is the same
        form over what is saved: what others changed there is kept, or told before it is lost (`_compare`).
        """
        if not self.validate():
            return False
        try:
            if now is not None and self._compare(now()) and not self.validate():
                return False  # what two people said may not go together
            ready = [first()] if first else []
            with _turn() as db:
                do(db, *ready)
        except Problem as problem:
            place = next((self.places[kind] for kind in type(problem).__mro__ if kind in self.places), None)
            field = self._fields.get(place)
            (self.form_errors if field is None else field.errors).append(problem.message)
            return False
        return True

    def _compare(self, now: "Form") -> bool:
        """A field that nobody touched here takes what others saved in it; whether any did. Where both changed one, what
        others saved is said at it; sent again the form is taken. One that does not carry what it was opened on is
        taken at its word. Raises SavedMeanwhile."""
        opened_on, self.seen.data = self.seen.data or now.opened_on, now.opened_on
        others = [(field, before) for field, before in zip_longest(_own(now), opened_on.split()) if field is not None
                  and _hash(field) != before and _plain(field) != _plain(self[field.name])]
        untouched = [field for field, before in others if _hash(self[field.name]) == before]
        for field in untouched:
            _take_over(self[field.name], field)
        told = [field for field, _ in others if field not in untouched]
        for field in told:
            errors = self[self.beside.get(field.name, field.name)].errors
            said = _in_words(field) or SavedMeanwhile.nothing
            errors.append(SavedMeanwhile.at_field.format(label=field.label.text, said=said))
        if told:
            raise SavedMeanwhile()
        return bool(untouched)


def _take_over(field, saved) -> None:
    """As if what is saved had been typed: some checks, and what a field shows, look at that."""
    field.data, field.process_errors = saved.data, []
    field.raw_data = [saved._value()] if hasattr(saved, "_value") else field.raw_data


def _own(form: Form) -> list:
    return [field for field in form if not isinstance(field, HiddenField)]


def _hash(field) -> str:
    return hashlib.sha256(json.dumps(_plain(field)).encode()).hexdigest()[:12]


def _plain(field) -> str | list[str]:
    return sorted(field.data) if isinstance(field.data, list) else str(field.data or "").strip()


def _in_words(field) -> str:
    if not hasattr(field, "choices"):
        return field._value()
    chosen = field.data if isinstance(field.data, list) else [field.data]
    return ", ".join(choice.label for choice in field.choices if choice.value in chosen)


@contextmanager
def _turn():
    """Inside the gate's transaction a step of its own; in a slow view, which has none, a whole one."""
    if g.get("db") is not None:
        with g.db.begin_nested():
            yield g.db
    else:
        with current_app.extensions["database"].transaction() as db:
            yield db
