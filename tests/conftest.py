"""What every test stands on."""

import fcntl
import gc
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.postgres import postgres_cluster, postgres_url  # noqa: F401 (fixtures)

TESTS = Path(__file__).parent
E2E, PAPERS = TESTS / "e2e", TESTS / "unit" / "test_papers.py"
TOGETHER = ("tests/e2e/", *(f"tests/unit/test_{name}.py" for name in ("papers", "minutes", "markup")))

# The settings of whoever runs the tests must never reach them: no test may meet a real database.
# AUDIT_BOOTSTRAPPED then says that `python -m audit_app` stays in this interpreter and sets nothing up.
for name in [name for name in os.environ if name.startswith("AUDIT_")]:
    del os.environ[name]
os.environ["AUDIT_BOOTSTRAPPED"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or PostgreSQL. The journeys come first, the longest files before the others; while the
    first worker furnishes the house for all of them, the second one prints."""
    for item in items:
        if E2E in item.path.parents:
            item.add_marker(pytest.mark.e2e)
        if "postgres_cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)
    journeys = Counter(item.path for item in items if E2E in item.path.parents)
    turns = [path for path, _ in journeys.most_common()]
    turns.insert(1, PAPERS)
    items.sort(key=lambda item: turns.index(item.path) if item.path in turns else len(turns))


def pytest_collection_finish() -> None:
    """What stands now stays: looking at it again and again for garbage took a seventh of the web tests' time, and
    looking at what one test leaves as often as Python does by itself another tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file of TOGETHER, which shares what takes long, stays on one worker; all others go to whoever is free.

    pytest-xdist's own groups are written into a field that pytest 9.2 no longer reads, and are lost without a word.
    """
    scheduler = pytest.importorskip("xdist.scheduler")
    config.option.loadscopereorder = False

    class Journeys(scheduler.LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0] if nodeid.startswith(TOGETHER) else nodeid

    return Journeys(config, log)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory) -> Path:
    """A house with its demo data, which takes a while: the first worker who needs it makes it for all. To be copied."""
    run = tmp_path_factory.getbasetemp()
    run = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
    with (run / "furnished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (run / "furnished").exists():
            subprocess.run([sys.executable, "-m", "audit_app", "demo"], cwd=TESTS.parent, check=True,
                           env={**os.environ, "AUDIT_DATA": str(run / "unfurnished")})
            (run / "unfurnished").rename(run / "furnished")
    return run / "furnished"
