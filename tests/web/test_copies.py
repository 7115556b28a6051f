"""A copy that could not be brought back whole is no database, and is brought back the next time."""

import errno
import shutil

import pytest

from audit_app.actions import backup


def test_a_way_back_that_broke_off_leaves_no_database_and_can_be_gone_again(tools, tmp_path, monkeypatch):
    if not tools.settings.embedded:
        pytest.skip("PostgreSQL has its own tools")
    made, back, copy, left = backup.make(tools, tmp_path / "sets", say=print), tmp_path / "back", shutil.copy2, [5]

    def full(*where):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return copy(*where)

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(OSError, match="No space"):
        backup.restore(made, back, say=print)
    assert not (back / "audit.db").exists()
    left[0] = 10_000
    backup.restore(made, back, say=print)
    assert (back / "audit.db").exists() and not list(back.glob("*.partial*"))
