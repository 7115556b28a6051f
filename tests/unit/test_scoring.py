"""From answers to a score: the cases that the tablet's score.js is held to as well, and what holds for all answers."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from audit_app.records.catalogue import Catalogue
from audit_app.rules.checklist import Item, Section
from audit_app.rules.scoring import Answered, needs_photo, one_decimal, outcome, score
from audit_app.rules.wording import percent

CASES = json.loads((Path(__file__).parent / "scoring_cases.json").read_text("utf-8"))
CHECKLIST = Catalogue(Path(__file__).parents[2] / "checklists").get("mot-cua", 1)


def item_of(said: dict) -> Item:
    """An item of a case, with what every item must have and no case is about."""
    rest = {"text": "t", "verify": "v", "tier": 1, "citations": [{"instrument": "ND61"}]}
    if said["kind"] == "ratio":
        rest |= {"number_label": "n", "of_label": "N"}
    if said["kind"] == "choice":
        rest |= {"options": [{"id": "bang_tuong", "text": "t"}, {"id": "x", "text": "t"}]}
    return Item.model_validate_json(json.dumps(rest | said))


def sections_of(case: dict) -> tuple[Section, ...]:
    return tuple(
        Section.model_construct(id=s["id"], title="t", weight=s["weight"], items=tuple(map(item_of, s["items"])))
        for s in case["sections"]
    )


def answers_of(case: dict) -> dict[str, Answered]:
    return {
        id: Answered(
            value=said["value"],
            number=None if said["number"] is None else Decimal(str(said["number"])),
            of=said["of"],
            choices=tuple(said.get("choices", ())),
        )
        for id, said in case["answers"].items()
    }


def fraction(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_shared_cases_hold(case):
    sections, answers, expected = sections_of(case), answers_of(case), case["expect"]
    found = score(sections, answers, method=case["method"], minimum_coverage=case["minimum_coverage"])
    items = [item for section in sections for item in section.items]
    assert {
        "percent": fraction(found.percent),
        "tenths": None if found.percent is None else round(one_decimal(found.percent) * 10),
        "coverage": fraction(found.coverage),
        "answered": found.answered,
        "applicable": found.applicable,
        "not_applicable": found.not_applicable,
        "unanswered": found.unanswered,
        "critical_failed": list(found.critical_failed),
        "outcomes": {item.id: outcome(item, answers.get(item.id)) for item in items},
        "photos_needed": sorted(item.id for item in items if needs_photo(item, answers.get(item.id))),
        "sections": {
            s.id: {"percent": fraction(s.percent), "coverage": fraction(s.coverage), "answered": s.answered,
                   "applicable": s.applicable}
            for s in found.sections
        },
    } == expected


def test_there_are_enough_shared_cases_and_each_has_its_own_name():
    assert len(CASES) >= 40
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_one_decimal_rounds_halves_up_exactly():
    assert one_decimal(Fraction(7405, 100)) == 74.1
    assert one_decimal(Fraction(74049, 1000)) == 74.0
    assert one_decimal(Fraction(100)) == 100.0 and one_decimal(Fraction(0)) == 0.0
    assert one_decimal(None) is None


@pytest.mark.parametrize(("share", "said"), [
    (99.95, "99,9 %"), (100.0, "100,0 %"), (0.04, "0,1 %"), (0, "0,0 %"), (74.05, "74,1 %"), (None, "—"),
])
def test_no_screen_rounds_a_share_to_all_or_nothing(share, said):
    assert percent(share) == said


def test_a_full_visit_answered_in_full_scores_one_hundred():
    best = {item.id: perfect(item) for item in CHECKLIST.items}
    found = score(CHECKLIST.sections, best, method="sections", minimum_coverage=50)
    assert (found.percent, found.coverage, found.critical_failed) == (100, 100, ())
    assert found.applicable == sum(item.scored for item in CHECKLIST.items)


def perfect(item: Item) -> Answered:
    if item.kind == "ratio":
        return Answered(number=0 if item.fewer_is_better else 4, of=4)
    if item.kind == "number":
        return Answered(number=item.at_least or item.at_most or 0)
    if item.kind == "choice":
        return Answered(choices=(item.options[0].id,))
    return Answered("dat")
