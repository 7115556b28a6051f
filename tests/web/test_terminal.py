"""The terminal speaks English, also of what screens say in Vietnamese."""

import sys
from datetime import date
from io import StringIO

import pytest
from sqlalchemy import select

from audit_app.records.models import Agency
from audit_app.rules.problems import Problem, StoreAway
from audit_app.rules.refusals import WhyCancelled
from audit_app.rules.register import IN_ENGLISH
from audit_app.rules.wording import ROW_FLAW, fold
from tests.web import test_cli as cli
from tests.web.test_cli import done, said

house, nothing_stays_open = cli.house, cli.nothing_stays_open


@pytest.mark.parametrize(("words", "password", "sentence"), [
    (["an", "An", "admin"], "long enough as it is", "There is somebody called an already; choose another name."),
    (["lê minh", "Minh", "admin"], "long enough as it is",
     "A name to sign in with has 2 to 60 letters a to z, digits, full stops, hyphens; a letter or digit first."),
    (["minh", "Minh", "admin"], "short", "A password needs at least 10 characters."),
    (["minh", "M" * 121, "admin"], "long enough as it is",
     "A name or title is longer than 120 characters; shorten it."),
    (["minh", "Minh", "admin", "--title", "\x07"], "long enough as it is",
     "A name or title has a character that cannot be shown; type it anew."),
])
def test_why_a_person_cannot_be_added_is_said_in_english(house, monkeypatch, capsys, words, password, sentence):
    monkeypatch.setattr(sys, "stdin", StringIO(password + "\n"))
    assert done("users", "add", *words) == 1 and said(capsys) == sentence + "\n"


@pytest.mark.parametrize("words", [["disable", "\udcff"], ["password", "\udcff"],
                                   ["add", "minh", "Lê Minh", "agency", "--agency", "\udcff"]])
def test_a_word_that_is_not_utf_8_is_said_to_be_none(house, monkeypatch, capsys, words):
    monkeypatch.setattr(sys, "stdin", StringIO("long enough as it is\n"))
    assert done("users", *words) == 1 and said(capsys).startswith(r"'\udcff' is not UTF-8")


def test_a_queue_that_cannot_be_opened_is_named(house, monkeypatch, capsys):
    monkeypatch.setenv("AUDIT_QUEUE_URL", f"sqlite:///{house.data}/no-such-folder/queue.db")
    assert done("verify") == 1 and said(capsys).startswith("Queue (AUDIT_QUEUE_URL): ")


def test_who_was_disabled_is_let_in_again_at_the_terminal_with_the_same_password(house, make_app, capsys):
    assert done("users", "disable", "an") == 0 and done("users", "enable", "An") == 0
    assert capsys.readouterr().out.endswith("enabled An\n")
    assert make_app().test_client().sign_in("an").get("/").status_code == 200
    assert done("users", "enable", "an") == 1 and said(capsys) == "an is not disabled.\n"
    assert done("users", "enable", "nobody-at-all") == 1 and "nobody-at-all" in said(capsys)


@pytest.mark.parametrize(("text", "told"), [
    ("a,b\n1,2\n", ("its header lacks «Mã», «Tên», «Cấp» (code, name, level). What is most like a header is row 1, "
                     "with «a», «b»; add what lacks or correct its name.")),
    ("code,name,level\n" + "X1,a,X\n" * 5_001, ("it has more than 5000 rows, blank ones not counted; divide it into "
                                                "several files.")),
    ("\n" * 100_001, "it has more than 100000 rows, blank ones included; delete the blank rows."),
    (b" " * 21 * 1024 * 1024, "it holds far more than any register; copy the cells with text into a new file."),
    ("\n\n", "there is nothing in it (of an XLSX only the first sheet is read)."),
    ("Mã,Tên,Cấp\nX1,Sở Lạ,S\n".encode("utf-16-le"), ("its text is neither UTF-8 nor UTF-16 with its mark (from line "
                                                     "1 on); save it as CSV UTF-8 or as XLSX.")),
    ("Mã,Tên,Tên cơ quan,Cấp\nX1,A,B,X\n", ("in row 1, «Tên», «Tên cơ quan» are the same column Tên (name); "
                                                        "keep one, remove or rename the other.")),
], ids=["no such columns", "too many rows", "too many blank", "too large", "nothing", "encoding", "one column twice"])
def test_a_register_that_cannot_be_read_is_refused_in_english(house, tmp_path, capsys, text, told):
    table = tmp_path / "table.csv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert done("agencies", "import", str(table)) == 1
    assert said(capsys) == f"The table cannot be read: {told}\n"


def test_what_is_wrong_with_the_rows_of_a_register_is_said_in_english(house, tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_text("Mã,Tên,Cấp,Từ ngày,Đến ngày,Cơ quan cấp trên\nX1,,X\nX2,Sở Lạ,Q\nX3,Sở,S,mai\n"
                     f"X4,{'A' * 201},S\nX5,Sở,S,2025-07-02,2025-07-01\nX6,Sở Sáu,S,,,X9\nX7,Sở,S\nX7,Sở,S\n", "utf-8")
    assert done("agencies", "import", str(table)) == 1
    assert said(capsys).splitlines() == [
        "table.csv, row 2: Column Tên (name) is empty; fill it in.",
        "table.csv, row 3: Column Cấp (level) says 'Q'; it must be S, H, X or T.",
        "table.csv, row 4: Column Từ ngày (valid_from) says 'mai', which is no day; write it as 01/07/2025.",
        "table.csv, row 5: Column Tên (name) is longer than 200 characters; shorten it.",
        ("table.csv, row 6: Column Đến ngày (valid_to) names a day before the first one on which the name holds; "
        "correct one of the two."),
        ("table.csv, row 7: Column Cơ quan cấp trên (parent) names the code 'X9', which is neither in the table nor in "
        "the register."),
        ("table.csv, row 9: Column Mã (code) repeats the code 'X7' with the first day of row 8; remove one of the two "
        "rows."), "Nothing imported: 7 rows have flaws."]


def test_whatever_screens_say_of_a_row_of_the_register_the_terminal_says_in_english():
    assert IN_ENGLISH.keys() == ROW_FLAW.keys()


def test_a_store_that_is_away_is_called_by_the_setting_that_names_it(house, monkeypatch, capsys):
    monkeypatch.setenv("AUDIT_BLOBS_URL", "s3://bucket")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "x")
    assert done("verify") == 1 and said(capsys) == StoreAway.plain + "\n"


def test_what_was_not_foreseen_at_the_terminal_is_at_least_called_by_its_name():
    assert WhyCancelled().in_english == "Refused: WhyCancelled." and Problem().in_english == "Refused: Problem."


def test_an_account_of_an_agency_belongs_to_the_one_that_has_this_code_today(house, capsys, database, monkeypatch):
    """A code outlives a name: what ended keeps it, and nobody of the agency would see a notice under the old one."""
    with database.transaction() as db:
        today = db.scalar(select(Agency).where(Agency.code == "hoan_kiem"))
        for code, name in (("hoan_kiem", "Tên cũ"), ("da_het", "Đã hết")):
            db.add(Agency(code=code, name=name, name_fold=fold(name), level="X", valid_from=date(2020, 1, 1),
                          valid_to=date(2025, 6, 30)))
        today.valid_from = date(2025, 7, 1)
    assert done("users", "add", "minh", "Lê Minh", "agency", "--agency", "HOAN_KIEM") == 0
    assert capsys.readouterr().out.endswith("added minh, of UBND phường Hoàn Kiếm\n")
    monkeypatch.setattr(sys, "stdin", StringIO("một mật khẩu đủ dài\n"))
    assert done("users", "add", "hoa", "Lê Hoa", "agency", "--agency", "da_het") == 1
    assert "in force today" in said(capsys)
