"""What a finger that bounces, taps twice or is still typing does not do."""

import pytest

from tests.e2e.conftest import AHEAD, ONLINE, TABLET, sync_api
from tests.e2e.tablet import brought, everything_on_the_server, item, whole
from tests.e2e.test_hands import answers

expect = sync_api.expect


@pytest.fixture
def page(person):
    """The visit An has ahead."""
    page = person("an", TABLET, AHEAD, reduced_motion="reduce", **ONLINE)
    whole(page)
    return page


def test_a_finger_that_bounces_takes_no_answer_back(page):
    card = page.locator('fieldset[data-kind="a2"]').nth(2)
    brought(card).locator("input[value=dat]").evaluate("""(radio) => {
        for (let turn = 0; turn < 2; turn++) {
            radio.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
            radio.click();
        }
    }""")
    expect(card.locator("input[value=dat]")).to_be_checked()
    assert answers(page)[card.get_attribute("data-item")]["value"] == "dat"


DOUBLE_TAP = """([first, second]) => {
  const [one, other] = [first, second].map((id) => document.querySelector(`[data-item="${id}"] input[value=dat]`));
  const touch = (radio, clientX) => {
    radio.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, clientX }));
    radio.click();
    return radio.checked;
  };
  return [touch(one, 100), touch(other, 110), touch(other, 300)];
}"""


def test_the_second_tap_of_a_double_tap_answers_nothing_that_has_come_under_the_finger(page):
    """Two thumbs may answer two items at the same time."""
    two = page.locator('fieldset[data-kind="a3"]:not([data-outcome])').evaluate_all(
        "(all) => all.slice(-2).map(({ dataset }) => dataset.item)")
    assert page.evaluate(DOUBLE_TAP, two) == [True, False, True]


def test_nothing_moves_and_nothing_is_wrong_while_a_ratio_is_typed(page):
    card = item(page, "BH04")
    brought(card).locator("input[name=number]").fill("7")
    card.locator("input[name=of]").press_sequentially("1")
    expect(card.locator(".share")).to_be_empty()
    card.locator("input[name=of]").press_sequentially("0")
    expect(card.locator(".share")).to_contain_text("7/10")
    everything_on_the_server(page)  # kept without leaving the field
    expect(card.locator(".severity")).to_have_count(0)
    card.locator("input[name=of]").blur()
    expect(card.get_by_role("radiogroup", name="Mức độ")).to_be_visible()
