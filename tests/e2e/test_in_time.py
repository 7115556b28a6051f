"""A journey that hangs ends, and says where."""

import signal

import pytest

from tests.e2e.conftest import DESK, LATE, NOWHERE, ONLINE, sync_api


def test_a_journey_that_asks_for_what_never_comes_loses_its_pages_and_fails_there(person):
    chi = person("chi", DESK, NOWHERE, **ONLINE)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    with pytest.raises(sync_api.Error, match=LATE):
        chi.evaluate("() => new Promise(() => {})")

