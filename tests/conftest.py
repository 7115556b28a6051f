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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or PostgreSQL."""
    for item in items:
        if E2E in item.path.parents:
            item.add_marker(pytest.mark.e2e)
        if "postgres_cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file of browser tests stays on one worker, the long ones first; all others go to whoever is free.

    pytest-xdist's own groups are written into a field that pytest 9.2 no longer reads, and are lost without a word.
    """
    scheduler = pytest.importorskip("xdist.scheduler")

    class Journeys(scheduler.LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0] if nodeid.startswith("tests/e2e/") else nodeid

    return Journeys(config, log)
