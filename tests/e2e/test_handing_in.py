"""Handing in: what was said at the closing meeting goes along, signed or not."""

from tests.e2e.conftest import DESK, NOWHERE, ONLINE, TABLET
from tests.e2e.tablet import submit, whole
from tests.e2e.test_meeting import PLACE, answered, begun, planned

SAID = "Đề nghị ghi rõ lối đi đã được dọn trong buổi sáng."


def test_a_meeting_that_nobody_signed_is_handed_in_with_what_the_agency_said(person):
    path = planned(person("chi", DESK, NOWHERE, **ONLINE), "UBND phường Láng")
    page = person("an", TABLET, NOWHERE, **ONLINE)
    answered(page, f"/sync{path}")
    page.goto(f"{path}/capture")
    whole(page)
    begun(page)
    page.locator("dialog.meeting [name=opinion]").fill(SAID)
    page.locator("dialog.meeting [name=opinion]").blur()
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent === 'Đã lưu trên máy'")
    page.go_back()
    submit(page)
    meeting, = page.request.get(f"/sync{path}").json()["rows"]["meetings"]
    assert (meeting["place"], meeting["opinion"]) == (PLACE, SAID)
