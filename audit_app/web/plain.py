"""What the tablet page's plain forms mean as rows, for browsers without script."""

import re
from uuid import uuid4

from audit_app.records.db import now

THOUSANDS = re.compile(r"\d+\.\d{3}")


def answer_row(form) -> dict:
    """The answer row that a plain item form means; empty fields are no answer."""
    return {
        "id": str(uuid4()), "item": form.get("item", ""), "value": form.get("value") or None,
        "number": _number(form.get("number")), "of": _whole(form.get("of")), "choices": form.getlist("choices"),
        "severity": form.get("severity") or None, "note": form.get("note", ""), "answered_at": now().isoformat(),
    }


def equipment_rows(form, kinds: list[str]) -> list[dict]:
    """A row for each kind for which a total was typed."""
    return [{"id": str(uuid4()), "kind": kind, "total": _whole(form.get(f"total-{kind}")),
             "working": _whole(form.get(f"working-{kind}") or form.get(f"total-{kind}")),
             "note": form.get(f"note-{kind}", ""), "counted_at": now().isoformat()}
            for kind in kinds if form.get(f"total-{kind}", "").strip()]


def remark_rows(form) -> list[dict]:
    """A row for each kind of remark the form holds."""
    return [{"id": str(uuid4()), "kind": kind, "text": form[kind], "written_at": now().isoformat()}
            for kind in ("difficulty", "proposal", "explanation") if kind in form]


def _number(typed: str | None) -> str | None:
    """«2,5» and «2.5» alike; nonsense stays, so that the row is refused by name and not dropped. «1.200» is a thousand
    and two hundred to some and little more than one to others: it is refused too, as in static/js/items.js."""
    said = (typed or "").strip()
    return f"{said} ?" if THOUSANDS.fullmatch(said) else said.replace(",", ".") or None


def _whole(typed: str | None):
    said = (typed or "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else (said or None)
