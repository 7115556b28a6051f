"""Two people, one item: which answers stand side by side, and when somebody must choose.

Every answer says which answers to its item its author knew (`seen`). What nobody knew who answered afterwards is a
head. An answer that says nothing (`seen` None: a tablet of the first version, a plain form) knew all that came
before it, so there the server's order decides. A person knows their own earlier answers, too; but one that was given
before another of theirs and comes after it, from a second tablet, does not replace it: both stand, and they choose.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

CONTENT = ("value", "number", "of", "choices", "severity", "note")
"""The fields by which two answers say the same."""
DRIFT = timedelta(minutes=2)
"""What a clock may be off before anybody is told, as in static/js/watch.js."""


class Sides:
    """The answers to one item, told one by one in the order in which they came (rows with id, author_id, seen)."""

    def __init__(self, rows: Iterable = ()):
        self.heads: list = []
        self._named: set[str] = set()  # ids that some answer said it knew; they may come later than it
        for row in rows:
            self.add(row)

    def add(self, row) -> None:
        """The next answer that came in."""
        replaced = self.replaced_by(row)
        self._named.update(row.seen or ())
        self.heads = [head for head in self.heads if head not in replaced]
        if str(row.id) not in self._named or not self.heads:
            self.heads.append(row)

    def replaced_by(self, row) -> list:
        """The heads that this answer would replace, because its author knew them."""
        seen = set(row.seen or ())
        late = str(row.id) in self._named  # somebody answered after it, though it comes in only now
        return [head for head in self.heads
                if str(head.id) in seen
                or (not late and (row.seen is None or _own(head, row)))]

    @property
    def standing(self):
        """The answer that counts until somebody chooses: the head that came in last."""
        return self.heads[-1]

    @property
    def conflict(self) -> list:
        """The heads, oldest first, when they say different things; empty when there is nothing to choose."""
        return self.heads if differ(self.heads) else []


def _own(head, row) -> bool:
    """Whether the author of `row` gave `head` before it, by their own clocks."""
    return row.author_id == head.author_id and _given(row) >= _given(head)


def _given(row) -> datetime:
    return row.written_at if hasattr(row, "written_at") else row.answered_at


def unaware(counts: list, ahead: dict) -> list:
    """Of all counts of one kind of equipment, in the order in which they came: what colleagues counted otherwise and
    whoever counted last cannot have known, as it came in only after that; and what that person counted later than the
    last one that came. A count does not say what its author knew; the last one stands.

    `ahead`: person → how far the clock of their tablet is known to be ahead; one that is ahead of the moment when its
    count came in tells nothing.
    """
    *others, last = counts
    told = last.counted_at - max(timedelta(), ahead.get(last.author_id, timedelta()))
    wrong = last.counted_at > last.received_at + DRIFT
    unknown = {row.author_id: row for row in others if (
        row.counted_at > last.counted_at if row.author_id == last.author_id else wrong or row.received_at > told)}
    return [row for row in unknown.values() if (row.total, row.working) != (last.total, last.working)]


def together(remarks: list) -> str:
    """Remarks of one kind as one text: what two wrote without knowing of each other stands one below the other."""
    return "\n\n".join(dict.fromkeys(row.text for row in remarks if row.text))


def differ(rows: list) -> bool:
    """Whether these answers do not all say the same."""
    return len({tuple(str(getattr(row, field)) for field in CONTENT) for row in rows}) > 1


def settles(sides: Sides, row) -> bool:
    """Whether this answer would choose between sides of others that differ: only the lead of the team may."""
    chosen = sides.replaced_by(row)
    return differ(chosen) and any(head.author_id != row.author_id for head in chosen)
