"""The words of the notice: what it says of a visit is what was found there, and no more."""

import re

import pytest

from tests.unit.printing import page
from tests.unit.sample_snapshot import snapshot


@pytest.mark.parametrize(("days", "said"), [
    ({}, "từ 08 giờ 30 phút đến 11 giờ 45 phút, ngày 20 tháng 11 năm 2026."),
    ({"held_on": "2026-11-19", "held_until": None}, "từ 08 giờ 30 phút đến 11 giờ 45 phút, ngày 19 tháng 11 năm 2026."),
    ({"held_on": "2026-11-19", "held_until": "2026-11-20"},
     "từ 08 giờ 30 phút ngày 19 tháng 11 năm 2026 đến 11 giờ 45 phút ngày 20 tháng 11 năm 2026."),
])
def test_the_notice_says_the_days_and_hours_that_are_frozen(days, said):
    s = snapshot(photos=0)
    s["inspection"] |= days
    assert said in re.sub(r"\s+", " ", page(s))
