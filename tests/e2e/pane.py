"""The full screen of the closing meeting on which people sign, and a finger that signs there."""

from tests.e2e.conftest import sync_api

expect = sync_api.expect


class Pane:
    """The full screen for signing, and a finger on it."""

    def __init__(self, page):
        self.page, self.screen = page, page.locator("dialog.pad")
        self.fingers = page.context.new_cdp_session(page)

    def draw(self, *places: tuple[float, float]) -> None:
        """One stroke by finger, through places given as shares of the pane."""
        expect(self.screen).to_be_visible()
        box = self.page.locator(".pad-glass canvas").bounding_box()
        for turn, (x, y) in enumerate(places):
            at = {"x": box["x"] + box["width"] * x, "y": box["y"] + box["height"] * y, "force": 0.6}
            kind = "touchMove" if turn else "touchStart"
            self.fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
        self.fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def ink(self) -> int:
        """How many dots of the pane are not empty."""
        return self.page.evaluate("""() => { const c = document.querySelector('.pad-glass canvas');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n; }""")

    def turn(self, size: dict) -> None:
        """Hold the tablet the other way round, and wait for the pane to follow."""
        before = self.page.locator(".pad-glass canvas").get_attribute("width")
        self.page.set_viewport_size(size)
        expect(self.page.locator(".pad-glass canvas")).not_to_have_attribute("width", before)

    def confirm(self) -> None:
        self.screen.get_by_role("button", name="Xác nhận ký").click()  # a slow machine takes a tap for a long press
