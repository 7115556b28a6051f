"""What several unit tests ask for."""

import uuid
from pathlib import Path

import pytest


@pytest.fixture
def keep(tmp_path):
    def keep(picture, *args, **how) -> Path:
        path = tmp_path / uuid.uuid4().hex
        if isinstance(picture, bytes):
            path.write_bytes(picture)
        else:
            picture.save(path, *args, **how)
        return path
    return keep
