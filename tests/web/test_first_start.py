"""What a first start makes, and what a folder without a house is not good for."""

from tests.web import test_cli as cli
from tests.web.test_cli import done, said

nowhere = cli.nowhere


def test_a_key_is_made_whole_and_an_empty_one_is_none(nowhere, capsys):
    assert done("upgrade") == 0
    key = nowhere / "secret-key"
    assert len(key.read_text()) == 64 and key.stat().st_mode & 0o077 == 0
    key.write_text("")
    assert done("upgrade") == 1 and "secret-key is empty" in said(capsys)


def test_a_folder_without_a_house_is_not_copied(nowhere, tmp_path, capsys):
    assert done("backup", str(tmp_path / "sets")) == 1 and "holds no database" in said(capsys)
    assert not (tmp_path / "sets").exists()
