"""The law and the checklists on file, read and checked once, when the app starts; the only door to YAML.

YAML 1.2 without its cleverness: no anchors, no tags, no decimal fractions, every key once. What is left is JSON
with comments, and every node of it has a line.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from audit_app.rules import agreement
from audit_app.rules.checklist import Checklist
from audit_app.rules.checklist import parse as parse_checklist
from audit_app.rules.days_off import DaysOff, parse_days_off
from audit_app.rules.equipment import Equipment, EquipmentKind, parse_equipment
from audit_app.rules.law import Instrument, Law, parse_instrument
from audit_app.rules.letterhead import Letterhead
from audit_app.rules.letterhead import parse as parse_letterhead
from audit_app.rules.sipas import Sipas, parse_sipas
from audit_app.rules.source import ChecklistError, Loc, Where
from audit_app.rules.tasks import TaskList, parse_tasks

SIZE_LIMIT = 1_000_000
DEPTH_LIMIT = 20
PARSERS = {"law": parse_instrument, "sipas": parse_sipas, "tasks": parse_tasks}
SINGLE = {"equipment.yaml": parse_equipment, "letterhead.yaml": parse_letterhead, "days-off.yaml": parse_days_off}
TAG = "tag:yaml.org,2002:"


class Catalogue:
    """Everything in `checklists/`, checked file by file and then against each other; read-only.

    law: Law · checklists: {(id, version): Checklist} · sipas: {year: Sipas} · tasks: {year: TaskList} ·
    equipment: tuple of EquipmentKind · letterhead: Letterhead · days_off: DaysOff. Raises ChecklistError, which names
    file, line and item of every flaw.
    """

    def __init__(self, folder: Path):
        read = [_file(path, Path(folder)) for path in _paths(Path(folder))]
        instruments = {thing.id: where for thing, where in read if isinstance(thing, Instrument)}
        self.law = Law(thing for thing, _ in read if isinstance(thing, Instrument))
        self.sipas: dict[int, Sipas] = {t.year: t for t, _ in read if isinstance(t, Sipas)}
        self.tasks: dict[int, TaskList] = {t.year: t for t, _ in read if isinstance(t, TaskList)}
        checklists = [(thing, where) for thing, where in read if isinstance(thing, Checklist)]
        self.checklists: dict[tuple[str, int], Checklist] = {(c.id, c.version): c for c, _ in checklists}
        tables = [(thing, where) for thing, where in read if isinstance(thing, Equipment)]
        self.equipment: tuple[EquipmentKind, ...] = tuple(kind for table, _ in tables for kind in table.kinds)
        self.letterhead: Letterhead | None = next((t for t, _ in read if isinstance(t, Letterhead)), None)
        self.days_off: DaysOff = next((t for t, _ in read if isinstance(t, DaysOff)), DaysOff())
        flaws = list(agreement.law_flaws(self.law, instruments))
        for checklist, where in checklists:
            flaws += agreement.checklist_flaws(checklist, where, self.law, self.sipas, self.tasks,
                                               self.checklists.values())
        for table, where in tables:
            flaws += agreement.equipment_flaws(table, where, self.law, self.checklists.values())
        for listed, where in read:
            if isinstance(listed, Sipas | TaskList):
                flaws += agreement.citation_flaws(listed.citation, where, ("citation",), self.law)
            elif isinstance(listed, Letterhead):
                flaws += agreement.letterhead_flaws(listed, where, self.law)
        if flaws:
            raise ChecklistError.of_many(flaws)

    def in_force(self, day: date) -> list[Checklist]:
        """Of each checklist the newest version that is in force on that day."""
        newest = {c.id: c for _, c in sorted(self.checklists.items()) if c.in_force_on(day)}
        return list(newest.values())

    def get(self, id: str, version: int) -> Checklist:
        """Raises KeyError when there is no such version on file."""
        return self.checklists[id, version]


def schemas() -> dict[str, dict]:
    """The JSON Schema of each format, by name; published in checklists/schema/ for whoever writes the next file."""
    formats = {"checklist": Checklist, "law": Instrument, "sipas": Sipas, "tasks": TaskList, "equipment": Equipment,
               "letterhead": Letterhead, "days-off": DaysOff}  # fmt: skip
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {name: dialect | model.model_json_schema() for name, model in formats.items()}


def _paths(folder: Path) -> Iterator[Path]:
    """The files of the catalogue; one that is none of them is refused, lest a lawyer's work be passed over."""
    if not folder.is_dir():
        raise ChecklistError(folder.name, None, None, "there is no such folder")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        inside = path.relative_to(folder)
        if inside.parts[0] in ("schema", "demo") or path.suffix == ".md":
            continue
        known = len(inside.parts) == 2 or str(inside) in SINGLE
        if not known or path.suffix != ".yaml":
            raise ChecklistError(_name(path, folder), None, None, "not a file of the catalogue")
        yield path


def _name(path: Path, folder: Path) -> str:
    return f"{folder.name}/{path.relative_to(folder).as_posix()}"


def _file(path: Path, folder: Path):
    """(the checked thing, its Where). The file's own name must be what it says inside."""
    size = path.stat().st_size
    if size > SIZE_LIMIT:
        raise ChecklistError(_name(path, folder), None, None, f"{size} bytes; the limit is {SIZE_LIMIT}")
    return _thing(_name(path, folder), path.read_bytes())


@lru_cache(maxsize=256)
def _thing(name: str, octets: bytes):
    """Kept by content, because one process makes several apps (tests, the development server)."""
    data, where = _read(name, octets)
    _, kind, *_ = name.split("/")
    parse = SINGLE.get(kind) or PARSERS.get(kind, parse_checklist)
    thing = parse(json.dumps(data), where)
    stem = Path(name).stem
    match thing:
        case Checklist():
            agrees = (kind, stem) == (thing.id, str(thing.version))
        case Instrument():
            agrees = stem == thing.id
        case Sipas() | TaskList():
            agrees = stem == str(thing.year)
        case _:
            agrees = True
    if not agrees:
        raise where.error(("id",), "the name of the file is not what it says inside")
    return thing, where


def _read(name: str, octets: bytes) -> tuple[object, Where]:
    """Plain data and the line of each node. Raises ChecklistError for whatever is not JSON with comments."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ChecklistError(name, octets[: error.start].count(b"\n") + 1, None, "not UTF-8") from None
    for number, line in enumerate(text.splitlines(), 1):
        if not unicodedata.is_normalized("NFC", line):
            raise ChecklistError(name, number, None, "text is not NFC; write composed Vietnamese letters")
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ChecklistError(name, mark.line + 1 if mark else None, None, error.problem or str(error)) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise ChecklistError(name, None, None, f"not YAML: {type(error).__name__}") from None
    if root is None:
        raise ChecklistError(name, None, None, "the file is empty")
    where = Where(name, {}, {})
    return _plain(root, (), where), where


def _plain(node: Node, loc: Loc, where: Where):
    """The node as JSON can say it, with lines and item ids noted on the way."""
    where.lines[loc] = node.start_mark.line + 1
    if len(loc) > DEPTH_LIMIT:
        raise where.error(loc, "nested too deeply")
    if node.anchor:
        raise where.error(loc, "anchors and aliases are not allowed")
    match node:
        case MappingNode():
            return _mapping(node, loc, where)
        case SequenceNode() if node.tag == f"{TAG}seq":
            return [_plain(child, (*loc, n), where) for n, child in enumerate(node.value)]
        case ScalarNode():
            return _scalar(node, loc, where)
    raise where.error(loc, f"the tag {node.tag} is not allowed")


def _mapping(node: MappingNode, loc: Loc, where: Where) -> dict:
    if node.tag != f"{TAG}map":
        raise where.error(loc, f"the tag {node.tag} is not allowed")
    _note_item({k.value: v.value for k, v in node.value if isinstance(k, ScalarNode) and isinstance(v, ScalarNode)},
               loc, where)  # fmt: skip
    pairs: dict = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode) or key.tag != f"{TAG}str" or key.anchor:
            raise ChecklistError(where.file, line, where.item(loc), "a key must be a plain word")
        if key.value in pairs:
            raise ChecklistError(where.file, line, where.item(loc), f"the key {key.value} stands twice")
        pairs[key.value] = None
    for key, value in node.value:
        pairs[key.value] = _plain(value, (*loc, key.value), where)
    return pairs


def _note_item(scalars: dict[str, str], loc: Loc, where: Where) -> None:
    """Remember what to call the mapping at `loc` in an error: its id, its number, or its place in the law."""
    place = "/".join(f"{key[0]}{scalars[key]}" for key in ("article", "clause", "point") if key in scalars)
    called = scalars.get("id") or scalars.get("number")
    if not called and "paraphrase" in scalars:
        called = " ".join(filter(None, [where.items.get(()), place, scalars.get("part")]))
    if called:
        where.items[loc] = called


def _scalar(node: ScalarNode, loc: Loc, where: Where) -> str | int | bool | None:
    match node.tag.removeprefix(TAG):
        case "str":
            return node.value
        case "null":
            return None
        case "bool":
            return node.value.lower() == "true"
        case "int" if re.fullmatch(r"0|-?[1-9][0-9]{0,17}", node.value):
            return int(node.value)
        case "timestamp" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", node.value):
            return node.value
        case "float":
            raise where.error(loc, f"write {node.value} in quotation marks: decimal numbers are kept exact")
        case tag if tag not in ("int", "timestamp"):
            raise where.error(loc, f"the tag {node.tag} is not allowed")
    raise where.error(loc, f"{node.value} cannot be told for sure; write a plain number, a date or a quoted text")
