"""From answers to a score with its coverage: integers and fractions, the same answers score the same for ever.

`static/js/score.js` says the same for the tablet; `tests/unit/scoring_cases.json` holds both to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from audit_app.rules.checklist import Item, Section
from audit_app.rules.rounding import tenths

WORTH = {"dat": Fraction(1), "mot_phan": Fraction(1, 2), "khong_dat": Fraction(0)}
JUDGED = {"a3": ("dat", "mot_phan", "khong_dat"), "a2": ("dat", "khong_dat")}
NOT_APPLICABLE = "khong_ap_dung"
FAULTS = ("khong_dat", "mot_phan")
"""The outcomes that papers tell as findings, and that alone have a severity."""
RECORDED = "ghi_nhan"


@dataclass(frozen=True)
class Answered:
    """What was answered: a `value` (dat, mot_phan, khong_dat, khong_ap_dung), or a measured `number` (`of` a
    whole, for a ratio), or the ids of the `choices` ticked."""

    value: str | None = None
    number: Decimal | int | None = None
    of: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class SectionScore:
    """`percent` and `coverage` from 0 to 100; counts of scored items."""

    id: str
    percent: Fraction | None
    coverage: Fraction
    answered: int
    applicable: int


@dataclass(frozen=True)
class Score:
    """`percent` (None below the minimum coverage) and `coverage` from 0 to 100, exact; counts of scored items.

    `critical_failed`: ids of critical items that failed, in the checklist's order; they never change the percent.
    """

    percent: Fraction | None
    coverage: Fraction
    answered: int
    applicable: int
    not_applicable: int
    unanswered: int
    sections: tuple[SectionScore, ...]
    critical_failed: tuple[str, ...]


def score(sections: Iterable[Section], answers: Mapping[str, Answered], *, method: str,
          minimum_coverage: int) -> Score:
    """The score of the offered sections.

    Section = Σ w·v / Σ w over its answered applicable scored items. Overall, by `method`: `sections` = Σ W·S / Σ W
    over the sections that have such an item, `items` = Σ w·v / Σ w over all of them. «Không áp dụng» leaves the
    denominator and the applicable; unanswered leaves the denominator only (TT 01/2018 Điều 15 k4b: an indicator
    without data is left out). coverage = answered / applicable.
    """
    tallies = [_tally(section, answers) for section in sections]
    answered, applicable = sum(t.answered for t in tallies), sum(t.applicable for t in tallies)
    left_out = sum(t.not_applicable for t in tallies)
    return Score(
        percent=_shown(_overall(tallies, method), answered, applicable, minimum_coverage),
        coverage=_percentage(answered, applicable),
        answered=answered,
        applicable=applicable,
        not_applicable=left_out,
        unanswered=applicable - answered,
        sections=tuple(
            SectionScore(t.id, _shown(t.share, t.answered, t.applicable, minimum_coverage),
                         _percentage(t.answered, t.applicable), t.answered, t.applicable)
            for t in tallies
        ),
        critical_failed=tuple(id for t in tallies for id in t.critical_failed),
    )


def outcome(item: Item, answer: Answered | None) -> str | None:
    """dat, mot_phan, khong_dat, khong_ap_dung, ghi_nhan (recorded only), or None: no answer that can be used.

    A ratio is đạt when its value is 1, không đạt when 0, else một phần. A ratio of a whole of 0 is no answer:
    where there was no case, the answer is «không áp dụng».
    """
    if answer is None:
        return None
    if answer.value == NOT_APPLICABLE:
        return NOT_APPLICABLE
    if item.kind in JUDGED:
        return answer.value if answer.value in JUDGED[item.kind] else None
    if item.kind == "choice":
        return RECORDED if answer.choices else None
    if item.kind == "number" and not item.has_threshold:
        return RECORDED if answer.number is not None else None
    value = _value(item, answer)
    return None if value is None else {0: "khong_dat", 1: "dat"}.get(value, "mot_phan")


def needs_photo(item: Item, answer: Answered | None) -> bool:
    """Whether this answer cannot be submitted without a photo."""
    found = outcome(item, answer)
    if found in (None, NOT_APPLICABLE):
        return False
    return item.photo == "required" or (item.photo == "on_fail" and found == "khong_dat")


def one_decimal(percent: Fraction | None) -> float | None:
    """For snapshots and JSON: rounded as it is told (rules/rounding.py); the score itself stays a fraction."""
    return None if percent is None else tenths(percent) / 10


@dataclass(frozen=True)
class _Tally:
    id: str
    weight: int
    earned: Fraction
    possible: int
    answered: int
    applicable: int
    not_applicable: int
    critical_failed: tuple[str, ...]

    @property
    def share(self) -> Fraction | None:
        return self.earned / self.possible if self.possible else None


def _tally(section: Section, answers: Mapping[str, Answered]) -> _Tally:
    earned, possible, answered, left_out, applicable = Fraction(0), 0, 0, 0, 0
    failed = []
    for item in section.items:
        answer = answers.get(item.id)
        found = outcome(item, answer)
        value = _value(item, answer)
        if item.critical and value is not None and _fails(item, value):
            failed.append(item.id)
        if not item.scored:
            continue
        if found == NOT_APPLICABLE:
            left_out += 1
            continue
        applicable += 1
        if value is not None:
            answered += 1
            earned += item.weight * value
            possible += item.weight
    return _Tally(section.id, section.weight, earned, possible, answered, applicable, left_out, tuple(failed))


def _value(item: Item, answer: Answered | None) -> Fraction | None:
    """Between 0 and 1; None when there is no usable answer, or none that can be scored."""
    if answer is None or answer.value == NOT_APPLICABLE:
        return None
    if item.kind in JUDGED:
        return WORTH[answer.value] if answer.value in JUDGED[item.kind] else None
    if answer.number is None:
        return None
    if item.kind == "number" and item.has_threshold:
        low_enough = item.at_most is None or answer.number <= item.at_most
        return Fraction(low_enough and (item.at_least is None or answer.number >= item.at_least))
    if item.kind == "ratio" and answer.of and 0 <= answer.number <= answer.of and answer.number % 1 == 0:
        share = Fraction(int(answer.number), int(answer.of))
        return 1 - share if item.fewer_is_better else share
    return None


def _fails(item: Item, value: Fraction) -> bool:
    """A judged item fails at không đạt; a measured one as soon as one case of it is not in order."""
    return value == 0 if item.kind in JUDGED else value < 1


def _overall(tallies: list[_Tally], method: str) -> Fraction | None:
    met = [t for t in tallies if t.possible]
    if not met:
        return None
    if method == "items":
        return sum((t.earned for t in met), Fraction(0)) / sum(t.possible for t in met)
    return sum((t.weight * t.share for t in met), Fraction(0)) / sum(t.weight for t in met)


def _shown(share: Fraction | None, answered: int, applicable: int, minimum_coverage: int) -> Fraction | None:
    """The share as a percentage, unless too little was answered to say anything."""
    enough = share is not None and 100 * answered >= minimum_coverage * applicable
    return share * 100 if enough else None


def _percentage(part: int, whole: int) -> Fraction:
    return Fraction(100 * part, whole) if whole else Fraction(0)
