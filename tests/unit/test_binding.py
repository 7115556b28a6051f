"""What a finding rests on: the law in force on the day of the visit."""

import pytest

from audit_app.actions.findings import binding

HOLDS, ENDED, COMING = ({"short": state, "state": state, "in_force": state == "in_force"}
                        for state in ("in_force", "ended", "not_yet"))


@pytest.mark.parametrize(("cited", "rests_on"), [
    ([HOLDS, ENDED, COMING], [HOLDS]), ([ENDED, COMING], [ENDED]), ([COMING], []), ([], [])])
def test_a_finding_rests_on_law_in_force_and_never_on_law_to_come(cited, rests_on):
    assert binding(cited) == rests_on
