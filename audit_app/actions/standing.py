"""How an inspection stands right now: what was asked, what was answered, what is missing, what it scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from audit_app.records import queries, submissions
from audit_app.records.evidence import Answer, Markup, Photo
from audit_app.records.models import Inspection
from audit_app.rules.checklist import Checklist, Item, Section
from audit_app.rules.scoring import FAULTS, Answered, Score, needs_photo, outcome, score
from audit_app.rules.workflow import State


@dataclass
class Standing:
    """One inspection with its checklist; read once, asked often."""

    inspection: Inspection
    checklist: Checklist
    sections: tuple[Section, ...]
    answers: dict[str, Answer]
    photos: dict[str, list[Photo]]
    conflicts: dict[str, list[Answer]]
    heads: dict[str, list[Answer]]
    markups: dict[UUID, Markup]
    unmended: frozenset[str] = frozenset()

    @cached_property
    def answered(self) -> dict[str, Answered]:
        """The current answers as the rules know them."""
        return {item: as_answered(row) for item, row in self.answers.items()}

    @cached_property
    def score(self) -> Score:
        """By the method of the checklist."""
        return self.score_with({})

    @cached_property
    def told_score(self) -> Score:
        """What papers tell: of the items that are not confidential. Whoever reads of all other items what was answered
        could else reckon the answer to the confidential one from the score."""
        told = [part.model_copy(update={"items": tuple(item for item in part.items if not item.confidential)})
                for part in self.sections]
        return self._scored(told, self.answered)

    @property
    def secret(self) -> list[str]:
        """The ids of the items that papers leave out."""
        return [item.id for item in self.items if item.confidential]

    def score_with(self, instead: dict[str, Answer]) -> Score:
        """What it would be if these answers, by their items, stood in the place of those that stand."""
        answered = {**self.answered, **{item: as_answered(row) for item, row in instead.items()}}
        return self._scored(self.sections, answered)

    def _scored(self, sections: Sequence[Section], answered: dict[str, Answered]) -> Score:
        return score(sections, answered, method=self.checklist.method, minimum_coverage=self.checklist.minimum_coverage)

    @property
    def items(self) -> list[Item]:
        """Every item asked on this visit, in order."""
        return [item for section in self.sections for item in section.items]

    def outcome(self, item: Item) -> str | None:
        """dat, mot_phan, khong_dat, khong_ap_dung, ghi_nhan or None."""
        return outcome(item, self.answered.get(item.id))

    @staticmethod
    def outcome_of(item: Item, row: Answer) -> str | None:
        """What one answer comes to, whether or not it is the one that counts."""
        return outcome(item, as_answered(row))

    def severity(self, item: Item, row: Answer | None = None) -> str | None:
        """How grave an answer (the standing one, unless told) says its fault is; None of what is no fault."""
        row = row or self.answers.get(item.id)
        return row.severity if row and self.outcome_of(item, row) in FAULTS else None

    @property
    def done(self) -> int:
        """How many items have an answer."""
        return sum(self.outcome(item) is not None for item in self.items)

    def missing(self) -> list[dict]:
        """What keeps the team from submitting, in the order of the checklist: [{"item", "kind"}].

        `kind` is answer, photo, conflict (two people answered differently and the team lead has not chosen), or
        returned: the office sent the item back and nothing has been done to it.
        An item left open with a note is not missing: the note says why it could not be checked, and it stays
        out of the coverage.
        """
        found = []
        for item in self.items:
            row = self.answers.get(item.id)
            if item.id in self.conflicts:
                found.append({"item": item.id, "kind": "conflict"})
            elif self.outcome(item) is None:
                if item.required and not (row and row.note):
                    found.append({"item": item.id, "kind": "answer"})
                elif item.id in self.unmended:
                    found.append({"item": item.id, "kind": "returned"})
            elif needs_photo(item, self.answered.get(item.id)) and not self.photos.get(item.id):
                found.append({"item": item.id, "kind": "photo"})
            elif item.id in self.unmended:
                found.append({"item": item.id, "kind": "returned"})
        return found


def as_answered(row: Answer) -> Answered:
    """A kept row as the rules know it."""
    return Answered(value=row.value, number=None if row.number is None else Decimal(row.number), of=row.of,
                    choices=tuple(row.choices))


def read(db: Session, inspection: Inspection, checklist: Checklist) -> Standing:
    """Everything about this inspection, in a few queries."""
    sides = queries.answer_sides(db, inspection.id)
    return Standing(
        inspection, checklist,
        checklist.offered(inspection.level, inspection.tier, inspection.planned_for),
        {item: side.standing for item, side in sides.items()}, queries.photos_by_item(db, inspection.id),
        {item: side.conflict for item, side in sides.items() if side.conflict},
        {item: side.heads for item, side in sides.items()},
        queries.markups(db, inspection.id),
        submissions.unmended(db, inspection) if inspection.state == State.RETURNED else frozenset(),
    )
