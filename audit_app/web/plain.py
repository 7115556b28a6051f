"""What the tablet page's plain forms mean as rows, for browsers without script."""

import re
from uuid import uuid4

from audit_app.records.db import now
from audit_app.rules.conflicts import together
from audit_app.rules.problems import Problem, RowUnreadable
from audit_app.rules.wording import visible
from audit_app.web import forms

UNCLEAR = " ?"
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


def remark_rows(form, written: list) -> list[dict]:
    """A row for each kind of remark the form holds with another text than it was shown with; `written`: the remarks of
    the visit so far."""
    rows = []
    for kind in ("difficulty", "proposal", "explanation"):
        seen = form[f"known-{kind}"].split() if f"known-{kind}" in form else None
        shown = None if seen is None else together([row for row in written if str(row.id) in seen])
        if kind in form and form[kind].replace("\r\n", "\n").strip() != shown:
            rows.append({"id": str(uuid4()), "kind": kind, "text": form[kind], "written_at": now().isoformat(),
                         "seen": seen})
    return rows


def put_back(page: dict, declined: list[tuple]) -> None:
    """Rows that were refused stand on the page again as they were typed, each with its reason. `page`: what
    capture.context made; `declined`: (list, row, problem) of each."""
    rows = {row["item"].id: row for section in page["sections"] for row in section["rows"]}
    kits = {kit["kind"]: kit for kit in page["equipment"]}
    for name, said, problem in declined:
        if name == "answers" and said["item"] in rows:
            rows[said["item"]].update(answer=_typed(said), refused=reason(problem))
        elif name == "equipment":
            kits[said["kind"]].update(total=said["total"], working=said["working"],
                                      note=visible(said["note"]), refused=reason(problem))
        elif name == "remarks":
            remark = page["remarks"][said["kind"]]
            known = remark["known"] if said["seen"] is None else " ".join(said["seen"])
            remark.update(text=visible(said["text"]), known=known, refused=reason(problem))


def reason(problem: Problem) -> str:
    """Why a row was refused, to somebody who sees fields and not the names they have for programs."""
    said = forms.UNREADABLE.get(problem.details["field"]) if isinstance(problem, RowUnreadable) else None
    return said or problem.message


def _typed(said: dict) -> dict:
    """An answer as the page shows one; `typed`: its number, which may be none."""
    number = said["number"] or ""
    typed = number.removesuffix(UNCLEAR) if number.endswith(UNCLEAR) else number.replace(".", ",")
    return {**said, "typed": visible(typed), "note": visible(said["note"]), "outcome": said["value"]}


def _number(typed: str | None) -> str | None:
    """«2,5» and «2.5» alike; nonsense stays, so that the row is refused by name and not dropped. «1.200» is a thousand
    and two hundred to some and little more than one to others: it is refused too, as in static/js/items.js."""
    said = (typed or "").strip()
    return said + UNCLEAR if THOUSANDS.fullmatch(said) else said.replace(",", ".") or None


def _whole(typed: str | None):
    said = (typed or "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else (said or None)
