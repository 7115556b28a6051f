"""What every test stands on."""

import os
from pathlib import Path

import pytest

from tests.postgres import postgres_cluster, postgres_url  # noqa: F401 (fixtures)

E2E = Path(__file__).parent / "e2e"

# The settings of whoever runs the tests must never reach them: no test may meet a real database.
# AUDIT_BOOTSTRAPPED then says that `python -m audit_app` stays in this interpreter and sets nothing up.
for name in [name for name in os.environ if name.startswith("AUDIT_")]:
    del os.environ[name]
os.environ["AUDIT_BOOTSTRAPPED"] = "1"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or PostgreSQL; a journey's tests stay together on one worker."""
    for item in items:
        if E2E in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        if "postgres_cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)
