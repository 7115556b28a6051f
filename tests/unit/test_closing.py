"""The closing meeting: what a signature vouches for, what it may hold, how its strokes are drawn."""

from hashlib import sha256
from types import SimpleNamespace
from uuid import uuid4

import pytest

from audit_app.rules import closing, rows
from audit_app.rules.closing import MeetingRow, SignatureRow
from audit_app.rules.problems import Problem, RefusalNeedsReason, RowUnreadable, SignatureEmpty

STROKES = [[[10, 20, 0, 0.5], [12.34, 20, 16, 0.6]], [[30, 5, 40, 0]]]


def signature(**more) -> dict:
    return {"id": str(uuid4()), "meeting": str(uuid4()), "role": "agency", "name": "Phạm Tiến Dũng",
            "title": "Chủ tịch", "strokes": STROKES, "width": 600, "height": 200, "refused": False,
            "signed_at": "2026-11-20T16:40:00+07:00", "digest": "a" * 64, **more}  # fmt: skip


def meeting(**more) -> dict:
    return {"id": str(uuid4()), "opened_at": "2026-11-20T16:00:00+07:00", "read_back": True, "place": "Phòng họp",
            "present": [{"name": "An", "title": "", "side": "team"}], "opinion": "Nhất trí", **more}  # fmt: skip


def test_the_digest_can_be_reckoned_by_anybody_who_has_the_rows():
    row = lambda id, **more: SimpleNamespace(id=id, **more)  # noqa: E731
    told = closing.digest("v", "m1", answers=[row("a2"), row("a1")], photos=[row("p1", sha256="f" * 64)],
                          equipment=[row("e1")], remarks=[row("r1")])
    lines = ["v", "a a1", "a a2", "e e1", "m m1", f"p p1 {'f' * 64}", "r r1"]
    assert told == sha256("\n".join(lines).encode()).hexdigest()


def test_strokes_become_a_path_and_a_box_that_holds_it():
    assert closing.path(STROKES) == "M10 20L12.3 20M30 5h0"
    assert closing.view_box(STROKES) == "6 1 28 23"
    assert closing.path([]) == "" and closing.view_box([]) == ""
    assert closing.path([[[-0.01, 0.04, 0, 0]]]) == "M0 0h0"


def test_a_refusal_is_the_agencys_and_has_a_reason():
    good = rows.parse(SignatureRow, signature(refused=True, strokes=[], reason="Không nhất trí"))
    closing.check_signature(good)
    for change, problem in (({"refused": True, "reason": " "}, RefusalNeedsReason), ({"strokes": []}, SignatureEmpty),
                            ({"refused": True, "reason": "\u200b"}, RefusalNeedsReason),
                            ({"refused": True, "reason": "x", "role": "lead"}, RowUnreadable)):
        with pytest.raises(problem):
            closing.check_signature(rows.parse(SignatureRow, signature(**change)))


@pytest.mark.parametrize("change", [
    {"role": "boss"}, {"name": ""}, {"name": "  "}, {"name": "a" * 121}, {"name": "a\x00"}, {"name": None},
    {"width": 0}, {"height": 10**6}, {"width": "x"}, {"digest": "A" * 64}, {"digest": "a" * 63}, {"meeting": "x"},
    {"strokes": "x"}, {"strokes": [[]]}, {"strokes": [[[1, 2, 3]]]}, {"strokes": [[[1, 2, 3, 4]]]},
    {"strokes": [[[float("nan"), 2, 3, 0]]]}, {"strokes": [[[1e9, 2, 3, 0]]]}, {"strokes": [[[1, 2, -3, 0]]]},
    {"strokes": [[[1, 2, 3, 0]]] * 201}, {"strokes": [[[1, 2, 3, 0]] * 20_001]},
    {"strokes": [[[1, 2, 3, 0]] * 10_001] * 2}, {"signed_at": "hôm qua"}, {"reason": "a" * 20_001}])
def test_what_is_no_signature_is_refused_by_name(change):
    with pytest.raises(Problem) as refused:
        rows.parse(SignatureRow, signature(**change))
    assert refused.value.name == "invalid" and refused.value.message


def test_a_long_signature_just_fits():
    row = rows.parse(SignatureRow, signature(strokes=[[[1, 2, 3, 0]] * 100] * 200))
    assert sum(map(len, row.strokes)) == 20_000


@pytest.mark.parametrize("change", [
    {"opened_at": None}, {"present": [{"name": "", "side": "team"}]}, {"present": [{"name": "An"}]},
    {"present": [{"name": "An", "side": "press"}]}, {"present": "An"}, {"place": "a" * 301}, {"read_back": "có lẽ"},
    {"present": [{"name": "An", "side": "team"}] * 51}, {"opinion": "\ud800"}, {"closed_at": "x"}])
def test_what_is_no_meeting_is_refused_by_name(change):
    with pytest.raises(Problem) as refused:
        rows.parse(MeetingRow, meeting(**change))
    assert refused.value.name == "invalid"


def test_names_are_kept_in_one_spelling():
    row = rows.parse(MeetingRow, meeting(present=[{"name": " Hoa\u0300n ", "side": "agency"}], place="Phòng\u0300"))
    assert row.present[0].name == "Hoàn" and row.present[0].title == ""
