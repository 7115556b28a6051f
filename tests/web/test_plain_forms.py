"""Without scripts: what a plain form of the tablet page says and the server refuses comes back as it was typed."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from audit_app.web import forms
from tests.factories import FAILED_ITEM, answer, id_of, picture
from tests.web import lint
from tests.web.visitor import items_of

VISIT = id_of("draft")
LONG = "Ghi chép rất dài. " * 1_200
FORMS = {
    "answers": {"item": FAILED_ITEM, "value": "khong_dat", "severity": "nhe", "note": LONG},
    "remarks": {"difficulty": LONG, "known-difficulty": ""},
    "equipment": {"total-may_lay_so": "5", "working-may_lay_so": "4", "note-may_lay_so": LONG},
}


@pytest.mark.parametrize("name", FORMS)
def test_what_is_refused_comes_back_typed_with_the_reason_beside_it(an, name):
    before = an.whole(VISIT)["rows"]
    page = an.post(f"/inspections/{VISIT}/{name}", data=FORMS[name], headers=an.csrf)
    assert page.status_code == 422 and an.whole(VISIT)["rows"] == before
    tree, _ = lint.parse(page.text)
    fields = [field for field in tree.iter() if field.tag in ("textarea", "input")]
    held = [field for field in fields if LONG.strip() in (field.get("value") or field.text or "")]
    assert held, "the long text is lost"
    assert all(int(field.get("maxlength")) > len(LONG) for field in held), "a browser cuts pasted text without a word"
    refused, = [node for node in tree.iter("fieldset") if node.get("data-state") == "refused"]
    assert "dài quá 20.000 ký tự" in "".join(refused.itertext())
    checked = {field.get("value") for field in refused.iter("input") if field.get("checked") is not None}
    assert checked == ({"khong_dat", "nhe"} if name == "answers" else set())


@pytest.mark.parametrize("place", ["werkzeug.formparser.SpooledTemporaryFile", "tempfile.NamedTemporaryFile", "FLOOR"])
def test_a_photo_for_which_the_disk_has_no_room_is_told_so(an, monkeypatch, place):
    """While the form comes in; while its photo is put aside; and when photos have taken all but what rows need."""
    an.troubled, before, headers = True, an.whole(VISIT)["rows"], an.csrf
    photo = BytesIO(picture(seed=3)), "a.jpg"
    with Path("/dev/full").open("w+b", buffering=0) as full, monkeypatch.context() as meanwhile:
        if place == "FLOOR":
            meanwhile.setattr("audit_app.actions.pictures.FLOOR", 1 << 62)
        else:
            meanwhile.setattr(place, lambda **_: full)
        page = an.post(f"/inspections/{VISIT}/answers", headers=headers,
                       data={"item": FAILED_ITEM, "value": "khong_dat", "photo": photo})
    assert page.status_code == 507 and "hết chỗ" in page.text and an.whole(VISIT)["rows"] == before


def test_a_number_that_is_none_does_not_break_the_page_on_which_it_is_told(an):
    item = next(item for section in an.whole(VISIT)["checklist"]["sections"] for item in section["items"]
                if item["kind"] == "ratio")
    said = {"item": item["id"], "number": "1.200", "of": "x", "note": "đếm lại"}
    page = an.post(f"/inspections/{VISIT}/answers", data=said, headers=an.csrf)
    assert page.status_code == 422 and "đếm lại</textarea>" in page.text and 'name="of"' in page.text


@pytest.mark.parametrize(("form", "said", "told"), [
    ("answers", {"number": "1.200", "of": "1300"}, "không dấu phân cách hàng nghìn"),
    ("answers", {"number": "mười", "of": "12"}, "không dấu phân cách hàng nghìn"),
    ("answers", {"number": "1_0", "of": "12"}, "không dấu phân cách hàng nghìn"),
    ("answers", {"number": "\u0663", "of": "12"}, "không dấu phân cách hàng nghìn"),
    ("answers", {"number": "10", "of": "x"}, "Tổng số phải là số nguyên"),
    ("equipment", {"total-may_lay_so": "5", "working-may_lay_so": "9"}, "không lớn hơn số có"),
    ("equipment", {"total-may_lay_so": "năm"}, "Số có phải là số nguyên"),
])
def test_a_wrong_number_stays_in_its_field_and_is_told_in_words_of_people(an, form, said, told):
    ratio = next(item for item in items_of(an.whole(VISIT)) if item["kind"] == "ratio")
    sent = an.post(f"/inspections/{VISIT}/{form}", data={"item": ratio["id"], **said}, headers=an.csrf)
    tree, _ = lint.parse(sent.text)
    refused, = [node for node in tree.iter("fieldset") if node.get("data-state") == "refused"]
    held = {field.get("name"): field.get("value") for field in refused.iter("input") if field.get("name") in said}
    assert held == said and told in "".join(refused.itertext())
    assert sent.text.count(told) == 2, "above the page and at the field"


def test_an_answer_that_was_taken_back_is_empty_again(an):
    """Half a ratio may be typed there since: nothing of it is at the server."""
    ratio = next(item for item in items_of(an.whole(VISIT)) if item["kind"] == "ratio")
    card = re.compile(rf'data-item="{ratio["id"]}" data-state="(\w+)".*?<span class="saved">(.*?)</span>', re.DOTALL)
    emptied = answer(ratio) | {"number": None, "of": None}
    for row, told in ((answer(ratio), ("server", "Đã lên máy chủ")), (emptied, ("empty", ""))):
        assert an.rows(VISIT, answers=[row]).status_code == 200
        assert card.search(an.get(f"/inspections/{VISIT}/capture").text).groups() == told


def test_a_conclusion_as_long_as_the_browser_allows_is_taken_whatever_its_line_ends(chi):
    visit = id_of("submitted")
    said = "\r\n".join(["a" * 99] * 200)  # 19.999 signs as browsers count, 20.198 as they send them
    sent = chi.send(f"/inspections/{visit}/approval", "/approval", conclusion=said)
    assert "dài quá" not in sent.text


def test_what_counts_as_passing_is_said_as_it_is_reckoned(an):
    """rules/scoring.outcome."""
    guide = an.get(f"/inspections/{VISIT}/guide").text
    said = {
        ("ratio", False): "Đạt khi bằng tổng số; không đạt khi bằng 0; còn lại là một phần.",
        ("ratio", True): "Đạt khi bằng 0; không đạt khi bằng tổng số; còn lại là một phần.",
        ("a3", False): "không đạt khi chưa có hoặc sai", ("a2", False): "nếu không là không đạt",
        ("choice", False): "Chỉ ghi nhận, không chấm điểm.",
    }
    known = {}
    for item in items_of(an.whole(VISIT)):
        known.setdefault((item["kind"], item["fewer_is_better"]), item["id"])
    for kind in known.keys() & said.keys():
        card = guide[guide.index(f'id="{known[kind]}"'):]
        assert said[kind] in card[:card.index("</article>")], kind
    assert len(known.keys() & said.keys()) > 3


def test_beside_a_file_that_is_no_photo_the_answer_is_kept(an):
    said = {"item": FAILED_ITEM, "value": "khong_dat", "note": "ba quầy", "photo": (BytesIO(b"no picture"), "a.jpg")}
    page = an.post(f"/inspections/{VISIT}/answers", data=said, headers=an.csrf, follow_redirects=True)
    assert page.status_code == 200 and "không phải ảnh đọc được" in page.text and "ảnh không được nhận" in page.text
    row = next(row for row in an.whole(VISIT)["rows"]["answers"] if row["item"] == FAILED_ITEM)
    assert (row["value"], row["note"]) == ("khong_dat", "ba quầy")


@pytest.mark.parametrize(("typed", "meant"), [
    ("8h30", "08:30"), ("8.30", "08:30"), (" 8:30 ", "08:30"), ("8 giờ 30", "08:30"),
    ("8 Gio\u031b\u0300 30 phút", "08:30"), ("8g", "08:00"), ("14 giờ", "14:00"), ("8:", "8:"), ("8", "8"),
    ("8h3", "8h3"), ("sáng", "sáng"), (None, "")])
def test_an_hour_is_understood_as_it_is_said_and_nothing_is_guessed(typed, meant):
    assert forms.hour(typed) == meant
