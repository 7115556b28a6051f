"""The order of Vietnamese names."""

import random

import pytest

from audit_app.rules.alphabet import place


@pytest.mark.parametrize("ordered", [
    ["ma", "mà", "mả", "mã", "má", "mạ"],
    ["an", "ăn", "ân", "bình", "dũng", "đạt", "em", "ên", "oanh", "ôn", "ơn", "uyên", "ưng", "y"],
    ["Cổ Nhuế", "Dương Nội", "Đại Mỗ", "Đông Ngạc", "Đống Đa", "Giảng Võ"],
    ["Điểm", "Điểm số 0", "Điểm số 2", "Điểm số 02b", "Điểm số 12", "Điểm số 119", "Điểm y"],
    ["Sở Nội vụ", "Sở Nội vụ 2", "Sở Tư pháp", "UBND phường Yên Hoà", "UBND xã An Khánh"],
])
def test_names_stand_in_the_order_of_the_vietnamese_alphabet(ordered):
    shuffled = random.Random(1).sample(ordered, len(ordered))
    assert sorted(shuffled, key=place) == ordered
