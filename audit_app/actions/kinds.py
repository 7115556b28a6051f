"""What a tablet may send: the shape of each kind of row, its table, and when two rows say the same."""

from collections.abc import Iterator

from audit_app.records.evidence import (
    Answer,
    EquipmentCount,
    Markup,
    Meeting,
    Photo,
    Remark,
    Removal,
    Signature,
)
from audit_app.rules import rows
from audit_app.rules.closing import MeetingRow, SignatureRow
from audit_app.rules.markups import MarkupRow

KINDS = {**rows.KINDS, "meetings": MeetingRow, "signatures": SignatureRow, "markups": MarkupRow}
"""The lists of a batch, in the order in which they are taken in: what others lean on comes first."""

TABLES = {"answers": Answer, "photos": Photo, "removals": Removal, "equipment": EquipmentCount, "remarks": Remark,
          "meetings": Meeting, "signatures": Signature, "markups": Markup}


def values(table, row: rows.Row) -> dict:
    """The columns of a row, in the form in which they are kept."""
    kept = row.model_dump(exclude={"id", "kept_at", "group"})  # the last goes into the journal
    for said, column in (("photo", "photo_id"), ("meeting", "meeting_id")):
        if said in kept:
            kept[column] = kept.pop(said)
    if table is Answer:
        number = kept["number"]
        kept["number"] = None if number is None else format(abs(number.normalize()), "f")  # -0 is 0
        kept["choices"] = list(kept["choices"])
    if table is Meeting:
        kept["present"] = list(kept["present"])
    if table is Signature:
        kept["strokes"] = [[[round(x, 1), round(y, 1), round(t), round(p, 2)] for x, y, t, p in stroke]
                           for stroke in row.strokes]
    if "seen" in kept:
        kept["seen"] = None if row.seen is None else [str(id) for id in row.seen]
    if table is Markup:
        kept["shapes"] = [shape.kept() for shape in row.shapes]
    return kept


def same(kept, sent: dict) -> bool:
    """Whether a row sent again says what the kept one says. When it was said, and what its author then knew, is as
    the first one told it: a program may reckon those anew each time that it sends; but not whether it was, as the end
    of a meeting."""
    return all(getattr(kept, column) == value for column, value in sent.items()
               if column != "seen" and not (column.endswith("_at") and value and getattr(kept, column)))


def singly(batch: dict) -> Iterator[dict]:
    """A batch for each row of a batch, in the order in which they are taken in; what is no list comes as it is."""
    for name in (*KINDS, *(batch.keys() - KINDS)):
        said = batch.get(name)
        yield from ({name: [row]} for row in in_order(name, said)) if isinstance(said, list) else [{name: said}]


def in_order(name: str, said: list) -> list:
    """The rows of a list in the order to take them in: whoever witnesses a refusal stands before it."""
    if name != "signatures":
        return said
    return sorted(said, key=lambda row: not (isinstance(row, dict) and row.get("role") == "witness"))
