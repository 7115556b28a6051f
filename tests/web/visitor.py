"""A person at the front door, with a browser that looks over every page it is given."""

import re
from io import BytesIO
from urllib.parse import urlsplit
from zipfile import ZipFile

from flask.testing import FlaskClient

from tests.factories import hash_of, password_of
from tests.web import lint


class Form:
    """A form found on a page: where it goes, and what it holds until somebody types."""

    def __init__(self, node):
        self.action = node.get("action")
        self.fields = [inside for inside in node.iter() if inside.get("name") and inside.get("disabled") is None]
        self.names = {field.get("name") for field in self.fields}

    def values(self) -> dict:
        """What would be sent if nobody touched it (buttons left out)."""
        said: dict[str, object] = {}
        for field in self.fields:
            kind, name = field.get("type"), field.get("name")
            if field.tag == "textarea":
                said[name] = (field.text or "").removeprefix("\n")
            elif field.tag == "select":
                options = list(field.iter("option"))
                chosen = [option for option in options if option.get("selected") is not None] or options[:1]
                said[name] = chosen[0].get("value") if chosen else ""
            elif field.tag == "input" and kind in ("radio", "checkbox"):
                if field.get("checked") is not None:
                    said[name] = field.get("value")
            elif field.tag == "input" and kind not in ("file", "submit"):
                said[name] = field.get("value") or ""
        return said


class Visitor(FlaskClient):
    """Opens pages and sends forms. An answer of 5xx is a failed test unless `troubled` says it is expected."""

    troubled = False
    token = None

    def open(self, *args, **kwargs):
        """Any request; the answer is looked over."""
        response = super().open(*args, **{"buffered": True, **kwargs})
        assert self.troubled or response.status_code < 500, f"{response.request.path}: {response.status}"
        lint.look_over(response, response.request.path, self.application)
        return response

    def sign_in(self, name: str, password: str | None = None) -> "Visitor":
        """Through the form, as everyone does."""
        response = self.send("/sign-in", "/sign-in", name=name, password=password or password_of(name))
        assert response.status_code == 302, response.get_data(as_text=True)
        self.token = None
        return self

    def forms(self, page: str) -> list[Form]:
        """The forms on a page."""
        response = self.get(page)
        assert response.status_code == 200, f"{page}: {response.status}"
        tree, _ = lint.parse(response.get_data(as_text=True))
        return [Form(node) for node in tree.iter("form")]

    def send(self, page: str, action: str, **typed):
        """Open `page`, fill in the form whose action ends with `action`, send it."""
        found = [form for form in self.forms(page) if urlsplit(form.action).path.endswith(action)]
        assert found, f"{page} has no form to …{action}"
        form = next((form for form in found if set(typed) <= form.names), None)
        assert form is not None, f"no form to …{action} on {page} has {set(typed)}; there are {found[0].names}"
        return self.post(form.action, data=form.values() | typed, content_type="multipart/form-data")

    @property
    def csrf(self) -> dict[str, str]:
        """The header that every writing request carries."""
        if self.token is None:
            hello = self.get("/sync/hello")  # as tablets ask for it; who may not is told by the first page
            page = "" if hello.status_code == 200 else self.get("/", follow_redirects=True).text
            self.token = hello.json["csrf"] if not page else re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return {"X-CSRFToken": self.token}

    # ── The tablets' door ─────────────────────────────────────────────────────────────────────────
    def whole(self, inspection) -> dict:
        """What a tablet is told of an inspection."""
        response = self.get(f"/sync/inspections/{inspection}")
        assert response.status_code == 200, response.status
        return response.json

    def rows(self, inspection, **batch):
        """Send rows: `answers=[…]`, `photos=[…]` …"""
        return self.post(f"/sync/inspections/{inspection}/rows", json=batch, headers=self.csrf)

    def put(self, inspection, data: bytes, sha256: str | None = None, **more):
        """Send bytes under their hash (or under another one)."""
        address = f"/sync/inspections/{inspection}/blobs/{sha256 or hash_of(data)}"
        return FlaskClient.put(self, address, data=data, headers=self.csrf, content_type="image/jpeg", **more)

    def submit(self, inspection, **manifest):
        """Hand the visit in."""
        return self.post(f"/sync/inspections/{inspection}/submission", json={"manifest": manifest}, headers=self.csrf)


def items_of(whole: dict) -> list[dict]:
    """Every item that a tablet was told of, in order."""
    return [item for section in whole["checklist"]["sections"] for item in section["items"]]


def words(answer) -> str:
    """All that somebody who is given this answer can read, of a spreadsheet too."""
    if not answer.data.startswith(b"PK"):
        return answer.text
    with ZipFile(BytesIO(answer.data)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())
