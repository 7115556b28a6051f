"""The closing meeting: read out, signed or refused before a witness, and true only for what was read out."""

from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import select

from audit_app.actions import findings, jobs
from audit_app.records.models import Inspection, User
from tests.factories import Scene, answer, id_of, photo
from tests.unit.test_closing import meeting, signature
from tests.web.visitor import items_of

DRAFT = id_of("draft")


def read_out(whole: dict, meeting_id: str) -> str:
    """The digest as a tablet reckons it from the rows it shows."""
    rows = whole["rows"]
    lines = [f"m {meeting_id}", *(f"a {row['id']}" for row in rows["answers"]),
             *(f"p {row['id']} {row['sha256']}" for row in rows["photos"]),
             *(f"e {row['id']}" for row in rows["equipment"]), *(f"r {row['id']}" for row in rows["remarks"])]
    return sha256("\n".join([whole["inspection"]["id"], *sorted(lines)]).encode()).hexdigest()


@pytest.fixture
def held(an) -> dict:
    """The minutes of An's visit are read out."""
    row = meeting()
    assert an.rows(DRAFT, meetings=[row]).json == {"kept": [row["id"]], "refused": []}
    return row


def signed(an, held: dict, role: str, **more) -> dict:
    row = signature(meeting=held["id"], role=role, digest=read_out(an.whole(DRAFT), held["id"]), **more)
    assert an.rows(DRAFT, signatures=[row]).json == {"kept": [row["id"]], "refused": []}
    return row


def stale(an) -> dict[str, bool]:
    return {row["role"]: row["stale"] for row in an.whole(DRAFT)["rows"]["signatures"]}


def test_what_was_said_and_signed_comes_back_as_it_was_sent(an, held):
    rows = [signed(an, held, role) for role in ("lead", "secretary", "agency", "witness")]
    told = an.whole(DRAFT)["rows"]
    kept, = told["meetings"]
    assert {name: kept[name] for name in ("id", "place", "present", "read_back", "opinion")} == {
        name: held[name] for name in ("id", "place", "present", "read_back", "opinion")}
    assert [line["id"] for line in told["signatures"]] == [row["id"] for row in rows]
    assert told["signatures"][0]["strokes"] == [[[10, 20, 0, 0.5], [12.3, 20, 16, 0.6]], [[30, 5, 40, 0]]]
    assert stale(an) == dict.fromkeys(("lead", "secretary", "agency", "witness"), False)
    again = an.rows(DRAFT, meetings=[held], signatures=rows).json
    assert again["refused"] == [] and len(again["kept"]) == 5


def test_who_hands_in_and_asks_learns_whose_signature_is_of_something_older(an, held):
    signed(an, held, "lead", name="Nguyễn Thị Hoài An")
    signed(an, held, "agency")
    item = items_of(an.whole(DRAFT))[0]
    an.rows(DRAFT, answers=[answer(item, value="mot_phan", note="đổi")])
    signed(an, held, "agency")
    assert an.submit(DRAFT, signed=True).json["missing"] == [
        {"kind": "signature", "role": "lead", "name": "Nguyễn Thị Hoài An", "refused": False}]
    assert an.submit(DRAFT, ask=True).status_code == 201, "who asks not goes on"


def test_a_witness_of_what_nobody_refuses_any_more_is_asked_for_nothing(an, held):
    signed(an, held, "witness", name="Lê Văn Chứng")
    said = refusal(held) | {"digest": read_out(an.whole(DRAFT), held["id"])}
    assert an.rows(DRAFT, signatures=[said]).json["refused"] == []
    an.rows(DRAFT, answers=[answer(items_of(an.whole(DRAFT))[0], value="mot_phan", note="đổi")])
    assert [one["role"] for one in an.submit(DRAFT, signed=True).json["missing"]] == ["agency", "witness"]
    signed(an, held, "agency")
    assert an.submit(DRAFT, signed=True).status_code == 201
    assert "Lê Văn Chứng" not in an.get(f"/inspections/{DRAFT}").text


@pytest.mark.parametrize("change", ["answer", "photo", "removal", "equipment", "remark"])
def test_whatever_changes_after_the_signature_makes_it_stale_and_nothing_is_blocked(an, held, tools, change):
    signed(an, held, "agency")
    whole = an.whole(DRAFT)
    item, stamp = items_of(whole)[0], "2026-11-20T17:00:00+07:00"
    name, row = {
        "answer": ("answers", answer(item, note="sửa sau khi ký")), "photo": ("photos", photo(item["id"], "a" * 64)),
        "removal": ("removals", {"id": str(uuid4()), "photo": whole["rows"]["photos"][0]["id"], "removed_at": stamp}),
        "equipment": ("equipment", {"id": str(uuid4()), "kind": tools.catalogue.equipment[0].id, "total": 9,
                                    "working": 9, "counted_at": stamp}),
        "remark": ("remarks", {"id": str(uuid4()), "kind": "proposal", "text": "thêm", "written_at": stamp}),
    }[change]  # fmt: skip
    assert an.rows(DRAFT, **{name: [row]}).json["kept"] == [row["id"]]
    assert stale(an) == {"agency": True}


@pytest.mark.parametrize(("closed_at", "told"), [
    ("2026-11-20T15:30:00+07:00", True), ("2026-11-20T09:30:00Z", False), ("2026-11-20T16:00:00+07:00", False),
    (None, False)])
def test_a_meeting_that_ends_before_it_began_is_kept_and_pointed_out_to_be_mended(an, chi, closed_at, told):
    """A clock was set, or it went on past midnight: refused, the signatures given at it would be lost with it."""
    row = meeting(closed_at=closed_at)
    assert an.rows(DRAFT, meetings=[row]).json == {"kept": [row["id"]], "refused": []}
    signed(an, row, "agency")
    assert ("Giờ kết thúc ghi trước giờ bắt đầu" in an.get(f"/inspections/{DRAFT}").text) is told
    assert ("Giờ kết thúc ghi trước giờ bắt đầu" in chi.get(f"/inspections/{DRAFT}").text) is told


def test_a_signature_is_news_for_the_tablets_of_the_team(an, held):
    page = f"/inspections/{DRAFT}/team"
    name = {"If-None-Match": an.get(page).headers["ETag"]}
    assert an.get(page, headers=name).status_code == 304
    signed(an, held, "lead")
    assert an.get(page, headers=name).status_code == 200


def test_a_meeting_sent_again_with_the_end_it_lacked_is_not_called_kept(an):
    row = meeting(closed_at=None)
    assert an.rows(DRAFT, meetings=[row]).json["kept"] == [row["id"]]
    assert an.rows(DRAFT, meetings=[row]).json["kept"] == [row["id"]]
    told = an.rows(DRAFT, meetings=[row | {"closed_at": "2026-11-20T17:00:00+07:00"}]).json
    assert told["kept"] == [] and [line["id"] for line in told["refused"]] == [row["id"]]


def test_a_new_meeting_needs_new_signatures(an, held):
    signed(an, held, "agency")
    again = meeting(opinion="Đề nghị xem lại mục NY01")
    an.rows(DRAFT, meetings=[again])
    assert stale(an) == {"agency": True} and an.whole(DRAFT)["rows"]["meetings"][0]["id"] == again["id"]
    signed(an, again, "agency")
    assert stale(an) == {"agency": False}


def test_a_signature_for_something_else_is_kept_and_said_to_be_stale(an, held):
    row = signature(meeting=held["id"], digest="e" * 64)
    assert an.rows(DRAFT, signatures=[row]).json["kept"] == [row["id"]]
    assert stale(an) == {"agency": True}


# ── Refusal ───────────────────────────────────────────────────────────────────────────────────────
def refusal(held: dict, **more) -> dict:
    return signature(meeting=held["id"], refused=True, strokes=[], reason="Không đồng ý với mục BH07", **more)


def test_who_will_not_sign_is_written_down_once_somebody_has_seen_it(an, held):
    row = refusal(held)
    refused, = an.rows(DRAFT, signatures=[row]).json["refused"]
    assert refused["problem"] == "invalid" and "chứng kiến" in refused["message"]
    witness = signature(meeting=held["id"], role="witness", name="Lê Văn Chứng")
    assert an.rows(DRAFT, signatures=[row, witness]).json == {"kept": [witness["id"], row["id"]], "refused": []}
    kept = {line["role"]: line for line in an.whole(DRAFT)["rows"]["signatures"]}
    assert kept["agency"]["refused"] and kept["agency"]["reason"] == "Không đồng ý với mục BH07"


def test_the_witness_of_another_meeting_has_seen_nothing_of_this_one(an, held):
    other = meeting()
    an.rows(DRAFT, meetings=[other], signatures=[signature(meeting=other["id"], role="witness")])
    assert an.rows(DRAFT, signatures=[refusal(held)]).json["kept"] == []


def test_a_refusal_without_a_reason_and_an_empty_signature_are_refused_by_name(an, held):
    witness = signature(meeting=held["id"], role="witness")
    for row, word in ((refusal(held) | {"reason": ""}, "lý do"), (signature(meeting=held["id"], strokes=[]), "nét")):
        told = an.rows(DRAFT, signatures=[witness, row]).json
        assert told["kept"] == [witness["id"]]
        assert [(line["id"], line["problem"]) for line in told["refused"]] == [(row["id"], "invalid")]
        assert word in told["refused"][0]["message"]


@pytest.mark.parametrize("where", ["nowhere", "another visit"])
def test_nobody_signs_for_a_meeting_that_is_not_of_this_visit(an, client_of, where):
    foreign = meeting()
    if where == "another visit":
        client_of("binh").rows(id_of("binhs"), meetings=[foreign])
    neighbour = meeting()
    told = an.rows(DRAFT, meetings=[neighbour], signatures=[signature(meeting=foreign["id"])]).json
    assert told["kept"] == [neighbour["id"]] and told["refused"][0]["problem"] == "invalid"


def test_after_the_submission_nothing_is_signed(an):
    told = an.rows(id_of("submitted"), meetings=[meeting()]).json
    assert told["kept"] == [] and told["refused"][0]["problem"] == "forbidden"


# ── The snapshot ──────────────────────────────────────────────────────────────────────────────────
def snapshot(tools, visit) -> dict:
    with tools.database.transaction(writing=False) as db:
        return findings.gather(db, db.get(Inspection, visit), version=1, catalogue=tools.catalogue,
                               settings=tools.settings)


def test_a_visit_without_a_meeting_says_so(tools):
    told = snapshot(tools, id_of("issued"))
    assert told["meeting"] is None and told["signatures"] == []


def test_the_snapshot_holds_the_meeting_and_signatures_that_can_be_drawn(house, tools, an):
    visit, row = house.plan("closed"), meeting(closed_at="2026-11-20T16:50:00+07:00")
    with tools.database.transaction() as db:
        Scene(house, db, "closed", db.scalar(select(User).where(User.name == "an"))).capture()
    an.rows(visit, meetings=[row])
    digest = read_out(an.whole(visit), row["id"])
    an.rows(visit, signatures=[signature(meeting=row["id"], role="witness", digest=digest),
                               signature(meeting=row["id"], refused=True, strokes=[], reason="Không ký")])
    with tools.database.transaction() as db:
        scene = Scene(house, db, "closed", db.scalar(select(User).where(User.name == "an")))
        scene.submit()
        scene.approve()
    for id in house._jobs("shrink", "queued"):
        jobs.run(tools, id)
    told = snapshot(tools, visit)
    assert told["meeting"] == {
        "opened_at": "2026-11-20T16:00:00+07:00", "closed_at": "2026-11-20T16:50:00+07:00", "place": "Phòng họp",
        "present": [{"name": "An", "title": "", "side": "team"}], "read_back": True, "opinion": "Nhất trí"}
    agency, witness = told["signatures"]
    assert (agency["role"], agency["refused"], agency["reason"], agency["path"]) == ("agency", True, "Không ký", None)
    assert (witness["role"], witness["path"], witness["view_box"], witness["stale"]) == (
        "witness", "M10 20L12.3 20M30 5h0", "6 1 28 23", False)
    assert agency["stale"]
