"""Tablets that were not updated yet: rows of earlier versions are taken, those of later ones wait for the server."""

import re
from uuid import UUID, uuid4

import pytest

from audit_app.actions import kinds
from audit_app.config import ROOT
from audit_app.records.evidence import Answer
from audit_app.rules import rows
from tests.factories import RETURNED_ITEM, answer, id_of
from tests.web.visitor import items_of

DRAFT = id_of("draft")
STAMP = "2026-11-20T08:41:00+07:00"


def first_tablets_batch(item: dict, kind: str) -> dict:
    """What the tablets of the first version send, field by field; never to be changed."""
    return {
        "answers": [{"id": str(uuid4()), "item": item["id"], "value": "dat", "number": None, "of": None, "choices": [],
                     "note": "", "answered_at": STAMP}],
        "photos": [{"id": str(uuid4()), "item": RETURNED_ITEM, "sha256": "a" * 64, "working": "b" * 64, "lat": None,
                    "taken_at": STAMP, "source": "camera", "lon": None, "accuracy": None}],
        "equipment": [{"id": str(uuid4()), "kind": kind, "total": 2, "working": 1, "note": "", "counted_at": STAMP}],
        "remarks": [{"id": str(uuid4()), "kind": "difficulty", "text": "", "written_at": STAMP}],
    }  # fmt: skip


def test_hello_says_which_versions_the_server_takes(an):
    said = an.get("/sync/hello").json
    assert said["api"] == rows.API == 3 and said["accepts"] == [1, 2, 3]


@pytest.mark.parametrize("version", [None, "1", "2", "3"])
def test_rows_of_the_first_tablets_are_taken_whole_and_know_all_before_them(an, tools, database, version):
    item = next(item for item in items_of(an.whole(DRAFT)) if item["kind"] == "a3")
    batch = first_tablets_batch(item, tools.catalogue.equipment[0].id)
    headers = an.csrf | ({"X-Audit-Api": version} if version else {})
    told = an.post(f"/sync/inspections/{DRAFT}/rows", json=batch, headers=headers).json
    assert told == {"kept": [row["id"] for kind in batch.values() for row in kind], "refused": []}
    with database.transaction(writing=False) as db:
        assert db.get(Answer, UUID(batch["answers"][0]["id"])).seen is None


@pytest.mark.parametrize("version", ["0", "4", "99", "x", "", "1.0", "²"])
def test_a_version_that_the_server_does_not_know_is_told_so_and_nothing_is_taken(an, database, version):
    """A newer tablet's row could hold what this server would drop without a word."""
    row = answer(items_of(an.whole(DRAFT))[0])
    headers = an.csrf | {"X-Audit-Api": version.encode().decode("latin-1")}
    told = an.post(f"/sync/inspections/{DRAFT}/rows", json={"answers": [row]}, headers=headers)
    assert (told.status_code, told.json["problem"]) == (426, "upgrade") and told.json["message"]
    with database.transaction(writing=False) as db:
        assert db.get(Answer, UUID(row["id"])) is None
    assert an.get("/sync/hello", headers=headers).status_code == 200, "hello is how it learns what to do"


def test_fields_the_server_does_not_know_harm_nothing_and_lists_are_named(an):
    row = answer(items_of(an.whole(DRAFT))[0]) | {"mood": "vui"}
    told = an.rows(DRAFT, answers=[row], dances=[{"id": 1}]).json
    assert told["kept"] == [row["id"]] and "dances" in told["refused"][0]["message"]


@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_stranger_finds_every_field_of_every_row_in_the_readme(name):
    door = (ROOT / "README.md").read_text("utf-8").split("## The tablets' door")[1].split("\n## ")[0]
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", door))))
    assert told >= {name, *kinds.KINDS[name].model_fields}
