"""What holds for the score whatever is answered, over random answers to the real checklist."""

from pathlib import Path

import pytest

from audit_app.records.catalogue import Catalogue
from audit_app.rules.checklist import Item
from audit_app.rules.scoring import Answered, score

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis is in tests/requirements.txt")
st = hypothesis.strategies

CHECKLIST = Catalogue(Path(__file__).parents[2] / "checklists").get("mot-cua", 1)


def best(item: Item) -> Answered:
    if item.kind == "ratio":
        return Answered(number=0 if item.fewer_is_better else 4, of=4)
    if item.kind == "number":
        return Answered(number=item.at_least or item.at_most or 0)
    return Answered("dat")


def worst(item: Item) -> Answered:
    if item.kind == "ratio":
        return Answered(number=4 if item.fewer_is_better else 0, of=4)
    if item.kind == "number":
        return Answered(number=item.at_least - 1 if item.at_least else item.at_most + 1)
    return Answered("khong_dat")


judged = st.sampled_from(["dat", "mot_phan", "khong_dat", "khong_ap_dung"]).map(Answered)
counted = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda n: Answered(number=min(n), of=max(n)))
answer = st.one_of(st.just(Answered()), judged, counted)
answers = st.dictionaries(st.sampled_from([item.id for item in CHECKLIST.items]), answer, max_size=115)
method = st.sampled_from(["sections", "items"])


@hypothesis.settings(deadline=None, database=None, max_examples=150)
@hypothesis.given(answers, method, st.integers(0, 100))
def test_a_score_stays_between_nothing_and_everything(answers, method, minimum):
    found = score(CHECKLIST.sections, answers, method=method, minimum_coverage=minimum)
    assert found.percent is None or 0 <= found.percent <= 100
    assert 0 <= found.coverage <= 100
    assert found.answered + found.unanswered == found.applicable
    assert found.applicable + found.not_applicable == sum(item.scored for item in CHECKLIST.items)
    assert (found.percent is None) == (found.answered == 0 or found.coverage < minimum)


@hypothesis.settings(deadline=None, database=None, max_examples=100)
@hypothesis.given(answers, method, st.sampled_from([item for item in CHECKLIST.items if item.scored]))
def test_a_better_answer_never_lowers_the_score(answers, method, item):
    values = [
        score(CHECKLIST.sections, answers | {item.id: said}, method=method, minimum_coverage=0).percent
        for said in (worst(item), best(item))
    ]
    assert values[0] <= values[1]


@hypothesis.settings(deadline=None, database=None, max_examples=100)
@hypothesis.given(answers, method, st.sampled_from([item for item in CHECKLIST.items if not item.scored]), answer)
def test_what_stands_outside_the_score_changes_nothing(answers, method, item, said):
    before, after = (
        score(CHECKLIST.sections, given, method=method, minimum_coverage=50)
        for given in ({k: v for k, v in answers.items() if k != item.id}, answers | {item.id: said})
    )
    assert (before.percent, before.coverage, before.applicable) == (after.percent, after.coverage, after.applicable)


@hypothesis.settings(deadline=None, database=None, max_examples=100)
@hypothesis.given(answers, method)
def test_not_applicable_is_the_same_as_not_asked(answers, method):
    gone = {id for id, said in answers.items() if said.value == "khong_ap_dung"}
    kept = ((s, tuple(i for i in s.items if i.id not in gone)) for s in CHECKLIST.sections)
    rest = [section.model_copy(update={"items": items}) for section, items in kept]
    whole, without = (score(s, answers, method=method, minimum_coverage=50) for s in (CHECKLIST.sections, rest))
    assert (whole.percent, whole.coverage) == (without.percent, without.coverage)
