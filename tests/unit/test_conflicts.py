"""Two inspectors, one item: what stands side by side, what replaces what, and who must choose."""

from dataclasses import dataclass
from itertools import combinations, permutations

import pytest

from audit_app.rules.conflicts import Sides, settles

given = pytest.importorskip("hypothesis", reason="hypothesis is in tests/requirements.txt").given
st = pytest.importorskip("hypothesis.strategies", reason="hypothesis is in tests/requirements.txt")


@dataclass(eq=False)
class Said:
    """One answer: `seen` names the answers its author knew."""

    id: str
    author_id: str
    seen: list | None
    value: str = ""
    number: str | None = None
    of: int | None = None
    choices: tuple = ()
    severity: str | None = None
    note: str = ""
    answered_at: int = 0

    def __post_init__(self):
        self.value = self.value or self.id


def ids(rows) -> list[str]:
    return [row.id for row in rows]


def test_without_a_word_about_what_was_known_the_last_one_stands_as_it_always_did():
    sides = Sides([Said("a", "an", None), Said("b", "binh", None), Said("c", "an", None)])
    assert ids(sides.heads) == ["c"] and not sides.conflict and sides.standing.id == "c"


def test_two_people_who_did_not_know_of_each_other_both_stand():
    sides = Sides([Said("a", "an", []), Said("b", "binh", [])])
    assert ids(sides.conflict) == ["a", "b"] and sides.standing.id == "b"


def test_who_knew_the_others_answer_replaces_it():
    sides = Sides([Said("a", "an", []), Said("b", "binh", ["a"]), Said("c", "an", ["a", "b"])])
    assert ids(sides.heads) == ["c"] and not sides.conflict


def test_an_answer_given_while_another_was_on_its_way_hides_nothing():
    """An changes her mind offline; Bình had seen only her first answer."""
    sides = Sides([Said("a", "an", []), Said("b", "binh", ["a"]), Said("c", "an", ["a"])])
    assert ids(sides.conflict) == ["b", "c"]


def test_the_same_answer_from_two_people_is_no_conflict():
    sides = Sides([Said("a", "an", [], value="dat"), Said("b", "binh", [], value="dat")])
    assert len(sides.heads) == 2 and not sides.conflict
    sides.add(Said("c", "giang", [], value="dat", note="đã xem"))
    assert ids(sides.conflict) == ["a", "b", "c"]


def test_a_person_replaces_what_they_said_before():
    sides = Sides([Said("a", "an", [], answered_at=1), Said("b", "an", [], answered_at=2)])
    assert ids(sides.heads) == ["b"] and not sides.conflict


def test_what_a_person_said_before_and_sends_later_from_another_tablet_replaces_nothing_and_they_choose():
    sides = Sides([Said("new", "an", [], answered_at=2), Said("old", "an", [], answered_at=1)])
    assert ids(sides.conflict) == ["new", "old"]
    choice = Said("c", "an", ["new", "old"], answered_at=3)
    assert not settles(sides, choice) and settles(sides, Said("c", "binh", ["new", "old"]))
    sides.add(choice)
    assert ids(sides.heads) == ["c"]
    knew = Sides([Said("new", "an", [], answered_at=2), Said("old", "an", ["new"], answered_at=1)])
    assert ids(knew.heads) == ["old"], "a clock that was set back between the two"


def test_whoever_knows_all_sides_ends_the_conflict_and_whoever_knows_one_does_not():
    sides = Sides([Said("a", "an", []), Said("b", "binh", [])])
    sides.add(Said("c", "giang", ["a"]))
    assert ids(sides.conflict) == ["b", "c"]
    sides.add(Said("d", "giang", ["b"]))
    assert ids(sides.heads) == ["d"] and not sides.conflict


def test_choosing_is_told_from_answering():
    sides = Sides([Said("a", "an", []), Said("b", "binh", [])])
    assert settles(sides, Said("c", "giang", ["a", "b"])) and settles(sides, Said("c", "giang", None))
    assert settles(sides, Said("c", "an", ["b"])), "her own she knows without saying so"
    assert not settles(sides, Said("c", "an", ["a"])) and not settles(sides, Said("c", "giang", []))
    agreed = Sides([Said("a", "an", [], value="dat"), Said("b", "binh", [], value="dat")])
    assert not settles(agreed, Said("c", "an", ["a", "b"]))


def test_an_answer_that_comes_late_though_somebody_knew_it_stays_replaced():
    """It was refused, mended and sent again after the one that followed it."""
    for seen in (["b"], None):
        sides = Sides([Said("a", "an", []), Said("c", "an", ["a", "b"]), Said("b", "an", seen)])
        assert ids(sides.heads) == ["c"]
    sides = Sides([Said("c", "an", ["b"]), Said("d", "an", ["c"]), Said("b", "an", [])])
    assert ids(sides.heads) == ["d"]


def test_answers_that_claim_to_know_each_other_leave_one():
    sides = Sides([Said("a", "an", ["b"]), Said("b", "binh", ["a"])])
    assert len(sides.heads) == 1


PEOPLE = st.sampled_from(["an", "binh", "giang"])


@st.composite
def histories(draw):
    """Answers whose authors knew some of those before them."""
    rows = []
    for number in range(draw(st.integers(1, 7))):
        before = [row.id for row in rows]
        some = st.lists(st.sampled_from(before), unique=True) if before else st.just([])
        seen = draw(st.none() | some)
        rows.append(Said(str(number), draw(PEOPLE), seen, value=draw(st.sampled_from(["dat", "khong_dat"])),
                         answered_at=draw(st.integers(0, 3))))
    return rows


@given(histories())
def test_no_answer_vanishes_unless_somebody_who_answered_later_knew_it(rows):
    sides = Sides(rows)
    assert sides.heads and sides.standing.id == max(sides.heads, key=lambda row: int(row.id)).id
    for earlier, head in combinations(sides.heads, 2):
        assert head.author_id != earlier.author_id or head.answered_at < earlier.answered_at
    for row in rows:
        if row not in sides.heads:
            later = [other for other in rows if int(other.id) > int(row.id)]
            assert any(other.seen is None or row.id in other.seen or (
                other.author_id == row.author_id and other.answered_at >= row.answered_at) for other in later)


@given(histories(), st.randoms())
def test_answers_that_say_what_they_knew_end_the_same_in_whatever_order_they_come(rows, dice):
    """As long as nobody answers twice without naming their own earlier answer."""
    told = [Said(row.id, row.id, row.seen or [], value=row.value) for row in rows]
    ends = {frozenset(ids(Sides(order).heads)) for order in
            [told, *(dice.sample(told, len(told)) for _ in range(5))]}
    assert len(ends) == 1


def test_the_order_of_arrival_never_decides_between_three_who_said_what_they_knew():
    told = [Said("a", "an", []), Said("b", "binh", ["a"]), Said("c", "giang", ["a"])]
    assert {frozenset(ids(Sides(order).heads)) for order in permutations(told)} == {frozenset("bc")}
