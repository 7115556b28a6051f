"""What lies on the reviewer's desk: one submitted inspection, item by item, beside its photos, law and past."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import current_app, url_for

from audit_app.actions import findings, pictures, standing
from audit_app.records import queries, submissions
from audit_app.records.evidence import Redacted
from audit_app.records.models import Inspection
from audit_app.rules.checklist import Item
from audit_app.rules.equipment import agrees
from audit_app.rules.scoring import FAULTS, NOT_APPLICABLE
from audit_app.web import tablet, unsent


@dataclass
class Desk:
    """One inspection under review. Reads everything once; `at(item)` shows one item of it."""

    db: object
    inspection: Inspection
    catalogue: object

    @cached_property
    def seen(self) -> standing.Standing:
        """Checklist, answers, photos, score."""
        return standing.read(self.db, self.inspection, tablet.checklist_of(self.inspection, self.catalogue))

    @cached_property
    def day(self) -> date:
        """The day whose law counts, as in the paper."""
        return findings.held_on(self.db, self.inspection)

    @cached_property
    def verdicts(self) -> dict:
        """What was decided about this submission."""
        return queries.verdicts(self.db, self.inspection)

    @cached_property
    def earlier(self) -> dict:
        """What was decided about the submissions before."""
        return submissions.earlier_verdicts(self.db, self.inspection)

    @cached_property
    def touched(self) -> dict:
        """When each item was touched last."""
        return submissions.touched(self.db, self.inspection.id)

    @cached_property
    def changed(self) -> set[str]:
        """Items touched since the submission before this one; none on the first."""
        before = submissions.submitted_before(self.db, self.inspection)
        return {item for item, at in self.touched.items() if at > before.at} if before else set()

    @cached_property
    def sections(self) -> list[tuple[object, list[Item]]]:
        """Sections with their items, differences first."""
        return [(section, sorted(section.items, key=lambda item: item.id not in self.changed))
                for section in self.seen.sections]

    @cached_property
    def order(self) -> list[Item]:
        """Every item, in the order in which J walks."""
        return [item for _, items in self.sections for item in items]

    def mark(self, item: str) -> str | None:
        """accept, return, kept (accepted at an earlier submission and untouched since), or None: not yet looked at."""
        if item in self.verdicts:
            return self.verdicts[item].decision
        before = self.earlier.get(item)
        accepted = before is not None and before.decision == "accept"
        return "kept" if accepted and not (item in self.touched and self.touched[item] > before.at) else None

    @property
    def withheld(self) -> int:
        """How many photos stay inside: citizens or their papers are seen, and nothing of it is covered."""
        markups = self.seen.markups
        return sum(pictures.withheld(markups.get(photo.id)) for found in self.seen.photos.values() for photo in found)

    @property
    def marked(self) -> list[Item]:
        """Items that will be sent back."""
        return [item for item in self.order if self.mark(item.id) == "return"]

    @property
    def unseen(self) -> list[Item]:
        """Items nobody of the office looked at yet."""
        return [item for item in self.order if self.mark(item.id) is None]

    @property
    def unexplained(self) -> list[Item]:
        """Items set aside as not applicable without a word why: they left the score, somebody should ask."""
        return [item for item in self.order if self.seen.outcome(item) == NOT_APPLICABLE
                and not self.seen.answers[item.id].note]

    @property
    def lapsed(self) -> list[Item]:
        """Items not in order that cite only what had ended before the day of the visit: their finding says so."""
        return [item for item in self._faulty
                if (ground := findings.binding(self.law(item))) and not ground[0]["in_force"]]

    @property
    def groundless(self) -> list[Item]:
        """Items not in order that cite nothing which may be shown as law: the finding is printed without a ground."""
        return [item for item in self._faulty if not findings.binding(self.law(item))]

    @property
    def miscounted(self) -> list[dict]:
        """Counts of equipment that say something else than the items they belong to: the notice prints both."""
        counts, items = queries.equipment(self.db, self.inspection.id), {item.id: item for item in self.order}
        pairs = [(kind, counts[kind.id], self.seen.answered[kind.item]) for kind in self.catalogue.equipment
                 if kind.id in counts and kind.item in items and kind.item in self.seen.answered]
        return [{"item": items[kind.item], "answer": self.seen.answers[kind.item], "kind": kind, "count": count}
                for kind, count, said in pairs
                if not agrees(total=count.total, working=count.working, number=said.number, of=said.of)]

    @cached_property
    def refused(self) -> list[dict]:
        """What somebody of the team recorded and the server did not take: it is in no result."""
        return unsent.refused(self.db, self.inspection.id)

    @property
    def _faulty(self) -> list[Item]:
        """What becomes a finding."""
        return [item for item in self.order if item.basis != "KN" and not item.confidential
                and self.seen.outcome(item) in FAULTS]

    def law(self, item: Item) -> list[dict]:
        """The citations of an item that may be shown, as on the day of the visit."""
        return self.catalogue.law.cited(item.citations, self.day)

    def item(self, id: str | None) -> Item | None:
        """The item of that id; the first one not yet looked at when there is no such item."""
        known = {item.id: item for item in self.order}
        return known.get(id) or self.after(None) or (self.order[0] if self.order else None)

    def after(self, id: str | None) -> Item | None:
        """The next item nobody looked at yet, what changed before all else, going round once; None when all were."""
        ids = [item.id for item in self.order]
        start = ids.index(id) + 1 if id in ids else 0
        waiting = [item for item in self.order[start:] + self.order[:start] if self.mark(item.id) is None]
        return next((item for item in waiting if item.id in self.changed), waiting[0] if waiting else None)

    def next_href(self, id: str) -> str:
        """Where a decision about this item leads: to the next open one, or stays when none is left."""
        following = self.after(id)
        return self.href(following.id if following else id)

    def href(self, id: str) -> str:
        """The address of one item on the desk."""
        return url_for("review.show", inspection=self.inspection.id, item=id)

    # ── What the page shows ──────────────────────────────────────────────────────────────────────
    def at(self, id: str | None) -> dict:
        """Everything the page needs, with one item open on it."""
        item = self.item(id)
        place = self.order.index(item)
        return {
            "inspection": self.inspection, "score": tablet.score_of(self.seen.score), "desk": self,
            "sections": [self._section(section, items, item) for section, items in self.sections],
            "open": self._open(item), "differences": [each for each in self.order if each.id in self.changed],
            "faults": [each for each in self.order if self.seen.outcome(each) in FAULTS],
            "place": place + 1, "total": len(self.order),
            "done": sum(self.mark(each.id) is not None for each in self.order),
            "before": self.href(self.order[place - 1].id) if place else None,
            "behind": self.href(self.order[place + 1].id) if place + 1 < len(self.order) else None,
        }

    def _section(self, section, items: list[Item], shown: Item) -> dict:
        waiting = [item.id for item in items if self.mark(item.id) is None]
        return {
            "id": section.id, "title": section.title, "total": len(items), "current": shown in items,
            "done": sum(self.mark(item.id) is not None for item in items),
            "waiting": waiting, "href": self.href([*waiting, *(item.id for item in items)][0]) if items else None,
            "lines": [{"item": item, "outcome": self.seen.outcome(item), "mark": self.mark(item.id),
                       "changed": item.id in self.changed, "photos": len(self.seen.photos.get(item.id, ())),
                       "href": self.href(item.id), "current": item is shown} for item in items],
        }

    def _open(self, item: Item) -> dict:
        answer = self.seen.answers.get(item.id)
        return {
            "item": item, "answer": answer, "outcome": self.seen.outcome(item), "mark": self.mark(item.id),
            "severity": self.seen.severity(item),
            "choices": [option.text for option in item.options if answer and option.id in answer.choices],
            "verdict": self.verdicts.get(item.id), "earlier": self.earlier.get(item.id),
            "changed": item.id in self.changed,
            "citations": self.law(item), "unexplained": item in self.unexplained,
            "refused": [row for row in self.refused if row["item"] == item.id],
            "removed": submissions.removals(self.db, self.inspection.id, item.id),
            "history": self._history(item), "photos": self._photos(item), "previous": self._previous(item),
        }

    def _history(self, item: Item) -> list[dict]:
        """Earlier answers to this item in this inspection, newest first; the standing one is left out."""
        rows = queries.answer_history(self.db, self.inspection.id, item.id)[:-1]
        return [{"row": row, "outcome": self.seen.outcome_of(item, row), "severity": self.seen.severity(item, row)}
                for row in reversed(rows)]

    def _photos(self, item: Item) -> list[dict]:
        return [{**picture(self.seen, photo), "drawn": self._drawn(photo),
                 "original_here": current_app.extensions["blobs"].has(str(self.inspection.id), photo.sha256)}
                for photo in self.seen.photos.get(item.id, ())]

    def _drawn(self, photo) -> str:
        """What others will see of a photo: plain, ready, waiting (its copy is not made yet), withheld."""
        row = self.seen.markups.get(photo.id)
        if pictures.withheld(row):
            return "withheld"
        if row is None or not row.shapes:
            return "plain"
        return "ready" if self.db.get(Redacted, (row.id, pictures.SCREEN)) else "waiting"

    def _previous(self, item: Item) -> dict | None:
        """What the last issued visit found here."""
        before = tablet.previous(self.db, self.inspection, self.catalogue)
        found = before.get("items", {}).get(item.id)
        if found is None:
            return None
        thumb = found["photo"] and url_for("photos.picture", inspection=before["id"], photo=found["photo"],
                                           size="thumb")
        again = found["outcome"] == self.seen.outcome(item) and found["outcome"] in FAULTS
        return {**found, "date": before["date"], "thumb_url": thumb, "again": again}


def picture(seen: standing.Standing, photo) -> dict:
    """A photo as pages show it: addresses, facts of its taking."""
    def url(endpoint, **more):
        return url_for(endpoint, inspection=seen.inspection.id, photo=photo.id, **more)

    row = seen.markups.get(photo.id)
    return {"id": photo.id, "item": photo.item, "thumb_url": url("photos.picture", size="thumb"),
            "screen_url": url("photos.picture", size="screen"), "original_url": url("photos.original"),
            "taken_at": photo.taken_at, "lat": photo.lat, "lon": photo.lon, "accuracy": photo.accuracy,
            "source": photo.source, "hash": photo.sha256, "author": photo.author.full_name,
            "redacted_url": url("photos.picture", size="screen", redacted=""), "markup": tablet.markup(row),
            "withheld": pictures.withheld(row)}
