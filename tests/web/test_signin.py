"""Signing in and out: who gets in, who does not, and what is left of them afterwards."""


def test_an_signs_in_and_sees_her_day(an):
    page = an.get("/")
    assert page.status_code == 200 and "UBND phường Hoàn Kiếm" in page.text
