"""The terminal speaks English, also of what screens say in Vietnamese."""

import sys
from io import StringIO

import pytest

from audit_app.rules.problems import Problem, StoreAway
from audit_app.rules.refusals import WhyCancelled
from tests.web import test_cli as cli
from tests.web.test_cli import done, said

house, nothing_stays_open = cli.house, cli.nothing_stays_open


@pytest.mark.parametrize(("words", "password", "sentence"), [
    (["an", "An", "admin"], "long enough as it is", "There is somebody called an already; choose another name."),
    (["minh", "Minh", "admin"], "short", "A password needs at least 10 characters."),
    (["minh", "M" * 121, "admin"], "long enough as it is",
     "A name or title is longer than 120 characters; shorten it."),
    (["minh", "Minh", "admin", "--title", "\x07"], "long enough as it is",
     "A name or title has a character that cannot be shown; type it anew."),
])
def test_why_a_person_cannot_be_added_is_said_in_english(house, monkeypatch, capsys, words, password, sentence):
    monkeypatch.setattr(sys, "stdin", StringIO(password + "\n"))
    assert done("users", "add", *words) == 1 and said(capsys) == sentence + "\n"


def test_who_was_disabled_is_let_in_again_at_the_terminal_with_the_same_password(house, make_app, capsys):
    assert done("users", "disable", "an") == 0 and done("users", "enable", "An") == 0
    assert capsys.readouterr().out.endswith("enabled An\n")
    assert make_app().test_client().sign_in("an").get("/").status_code == 200
    assert done("users", "enable", "an") == 1 and said(capsys) == "an is not disabled.\n"
    assert done("users", "enable", "nobody-at-all") == 1 and "nobody-at-all" in said(capsys)


def test_a_register_that_cannot_be_read_is_refused_in_english(house, tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_bytes(b"a,b\n1,2\n")
    assert done("agencies", "import", str(table)) == 1
    assert said(capsys).startswith("The table cannot be read: it must be CSV (UTF-8) or XLSX, with at least")


def test_a_store_that_is_away_is_called_by_the_setting_that_names_it(house, monkeypatch, capsys):
    monkeypatch.setenv("AUDIT_BLOBS_URL", "s3://bucket")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "x")
    assert done("verify") == 1 and said(capsys) == StoreAway.plain + "\n"


def test_what_was_not_foreseen_at_the_terminal_is_at_least_called_by_its_name():
    assert WhyCancelled().in_english == "Refused: WhyCancelled." and Problem().in_english == "Refused: Problem."
