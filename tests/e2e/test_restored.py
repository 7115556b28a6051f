"""The server is set back to yesterday's copy of itself: what came since then is on the tablet still."""

import os
import shutil
import subprocess
import sys

from tests.e2e.conftest import ROOT, TABLET, Server, enter, free_port, passwords, running, sync_api
from tests.e2e.tablet import camera_photo, everything_on_the_server, item, open_first_visit, tap, whole

expect = sync_api.expect
NOTE = "Chỉ có trên máy này"
ANSWERS = "SELECT count(*) FROM answer WHERE note = ?"
PHOTOS = "SELECT count(*) FROM photo JOIN user ON user.id = author_id WHERE item = 'PA02' AND user.name = ?"


def command(data, *words) -> None:
    done = subprocess.run([sys.executable, "-m", "audit_app", *map(str, words)], cwd=ROOT, text=True,
                          capture_output=True, env={**os.environ, "AUDIT_DATA": str(data)})
    assert done.returncode == 0, done.stdout + done.stderr


def kept(house: Server) -> set[str]:
    """Which of the two files of the photo are there: of its original, of the working copy."""
    hashes = [house.count(PHOTOS.replace("count(*)", name), "an") for name in ("photo.sha256", "photo.working")]
    return {sha256 for sha256 in hashes if any((house.data / "blobs").rglob(f"{sha256}*"))}


def test_what_a_server_that_was_set_back_has_lost_comes_again_from_the_tablet(chromium, furnished, tmp_path):
    old, port = shutil.copytree(furnished, tmp_path / "old"), free_port()
    context = chromium.new_context(viewport=TABLET, has_touch=True, base_url=f"http://127.0.0.1:{port}")
    an, house = context.new_page(), Server("", passwords(old), old, "")
    with running(old, port):
        command(old, "backup", tmp_path / "sets")
        an.goto("/sign-in")
        enter(an, house, "an")
        visit = open_first_visit(an)
        tap(item(an, "PA02"), "khong_dat")
        item(an, "PA02").locator("textarea[name=note]").fill(NOTE)
        item(an, "PA02").locator("textarea[name=note]").blur()
        item(an, "PA02").locator("input[type=file][name=photo]").set_input_files([camera_photo(71, (1280, 960))])
        expect(item(an, "PA02").locator('[data-photo][data-state="server"]')).to_have_count(1)
        everything_on_the_server(an)
        came = house.count(ANSWERS, NOTE), house.count(PHOTOS, "an"), kept(house)
        an.goto("about:blank")
    assert came[0] and came[1] == 1 and len(came[2]) == 2
    new = tmp_path / "new"
    command(new, "restore", next((tmp_path / "sets").iterdir()))
    again = Server("", {}, new, "")
    assert (again.count(ANSWERS, NOTE), again.count(PHOTOS, "an")) == (0, 0)
    with running(new, port):
        an.goto("/")
        with an.expect_response(lambda said: '"photos"' in (said.request.post_data or "")
                                and said.url.endswith("/rows")):
            enter(an, house, "an")
        an.goto(f"{visit}/capture")
        whole(an)
        expect(item(an, "PA02").locator("input[value=khong_dat]")).to_be_checked()
        expect(item(an, "PA02").locator("textarea[name=note]")).to_have_value(NOTE)
        expect(item(an, "PA02").locator('[data-photo][data-state="server"]')).to_have_count(1)
        everything_on_the_server(an)
        assert (again.count(ANSWERS, NOTE), again.count(PHOTOS, "an"), kept(again)) == came
    context.close()
