"""The file of a printed paper, as small as it gets: each object made once, a structure without empty words.

Only the child of media/pdf.py uses it, with the WeasyPrint that press.py knows.
"""

import hashlib
import zlib
from xml.etree import ElementTree

# What marks groups of others must hold elements; a text in them keeps its own.
GROUPS = {"/Document", "/Part", "/Sect", "/Table", "/THead", "/TBody", "/TR", "/L", "/LI"}
IDLE = {"/Span", "/NonStruct"}  # these say nothing of what is in them, when they have nothing but
PLAIN = {"Type", "S", "K", "P", "Pg"}
BEGINNING = 4096  # octets


def parsed(html: str):
    """The tree of a paper whose HTML is XML as well, as our templates write it; None for any other."""
    try:
        tree = ElementTree.fromstring(html)  # noqa: S314 (no entities in it, in a limited child)
    except ElementTree.ParseError:
        return None
    # HTML knows a drawing by its name; XML only by its namespace, and without it a signature would not be drawn.
    return tree if tree.find(".//svg") is None else None


def planted(paper, tree, fetcher) -> None:
    """What `weasyprint.HTML.__init__` makes of the HTML it parses, twenty times as slowly."""
    from cssselect2 import ElementWrapper

    paper.base_url, paper.url_fetcher, paper.media_type = None, fetcher, "print"
    paper.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)
    paper.etree_element = tree


def write(pdf, output, *_) -> None:
    """What pydyf's `PDF.write` does, but each object is made once, and those that say nothing are left out."""
    _lean(pdf)
    pdf.add_object(pdf.info)
    file, packed = _Counted(output), []
    file.write(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")
    places = [(0, 0, 65535)] + [(0, 0, 0)] * (len(pdf.objects) + 1)
    for thing in pdf.objects[1:]:
        if thing is not None and thing.compressible:
            places[thing.number] = (2, len(pdf.objects), len(packed))
            packed.append((thing.number, thing.data))
        elif thing is not None:
            places[thing.number] = (1, file.size, 0)
            _write_one(file, thing, type(pdf.info))
    places[-2] = (1, file.size, 0)
    file.write(_packed(len(pdf.objects), packed))
    places[-1] = (1, file.size, 0)
    told = b"/Root %s/Info %s/ID[<%b><%b>]" % (
        pdf.catalog.reference, pdf.info.reference, *[file.seen.hexdigest().encode()] * 2)
    file.write(_table(places, told) + b"startxref\n%d\n%%%%EOF\n" % file.size)


def _write_one(file: "_Counted", thing, dictionary: type) -> None:
    """As pydyf does it, but the octets of a picture are not copied: all of them are held until the paper is written."""
    if getattr(thing, "extra", {}).get("Subtype") == "/Image" and not thing.compress and len(thing.stream) == 1:
        octets = thing.stream[0].data
        told = dictionary(thing.extra | {"Length": len(octets)}).data
        file.write(b"%d 0 obj\n%b\nstream\n" % (thing.number, told))
        file.write(octets, picture=True)
        file.write(b"\nendstream\nendobj\n")
    else:
        file.write(thing.indirect + b"\n")


class _Counted:
    """Knows how much was written, and a hash of it; of pictures only how they begin: the attached data name theirs."""

    def __init__(self, output):
        self.output, self.size, self.seen = output, 0, hashlib.md5(usedforsecurity=False)

    def write(self, data: bytes, *, picture: bool = False) -> None:
        self.output.write(data)
        self.size += len(data)
        self.seen.update(data[:BEGINNING] if picture else data)


def _packed(number: int, objects: list) -> bytes:
    """The small objects in one compressed stream."""
    start, heads = 0, []
    for one, body in objects:
        heads.append(b"%d %d" % (one, start))
        start += len(body) + 1
    head = b" ".join(heads) + b"\n"
    told = b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head))
    return _stream(number, told, head + b"\n".join(body for _, body in objects))


def _table(places: list, told: bytes) -> bytes:
    """Where each object is. Each row is told as its difference to the one above (PNG's «up»): it packs far better."""
    wide = max(place for _, place, _ in places).bit_length() // 8 + 1
    above, rows = bytes(wide + 3), []
    for kind, place, index in places:
        row = bytes([kind]) + place.to_bytes(wide, "big") + index.to_bytes(2, "big")
        rows.append(b"\2" + bytes(a - b & 255 for a, b in zip(row, above, strict=True)))
        above = row
    shape = b"/Type/XRef/Size %d/W[1 %d 2]/DecodeParms<</Predictor 12/Columns %d>>" % (len(places), wide, wide + 3)
    return _stream(len(places) - 1, shape + told, b"".join(rows))


def _stream(number: int, told: bytes, data: bytes) -> bytes:
    data = zlib.compress(data, 9)
    return b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        number, told, len(data), data)


def _lean(pdf) -> None:
    """Take out the elements of the structure that say nothing, and hang what is in them onto the one around."""
    root = pdf.objects[int(pdf.catalog["StructTreeRoot"].split()[0])]
    elements = {thing.reference: thing for thing in pdf.objects[1:]
                if isinstance(thing, dict) and thing.get("Type") == "/StructElem"}
    gone = {}
    for first in root["K"]:
        _spread(elements[first], elements, gone)
    for reference in gone:
        pdf.objects[int(reference.split()[0])] = None
    owners = pdf.objects[int(root["ParentTree"].split()[0])]["Nums"]
    for page in owners[1::2]:
        if isinstance(page, list):
            page[:] = [gone.get(owner, owner) for owner in page]


def _spread(element, elements, gone) -> None:
    """What is in the idle ones below an element becomes its own; `gone` tells whose."""
    held, waiting = [], list(reversed(element["K"]))
    while waiting:
        child = elements.get(kid := waiting.pop())
        if child is not None and _idle(child, element, elements):
            gone[kid] = element.reference
            for one in child["K"]:
                if one in elements:
                    elements[one]["P"] = element.reference
            waiting.extend(reversed(child["K"]))
            continue
        held.append(kid)
        if child is not None:
            _spread(child, elements, gone)
    element["K"][:] = held
    if element["S"] == "/Table":
        _scope(element, elements)


def _idle(child, element, elements) -> bool:
    return (child["S"] in IDLE and child.keys() <= PLAIN and child.get("Pg") == element.get("Pg")
            and (element["S"] not in GROUPS or all(kid in elements for kid in child["K"])))


def _scope(table, elements) -> None:
    """Where headers are those of columns on top and of rows in front, to say so is enough: no list in every cell."""
    cells, scopes = [], {}
    for group in map(elements.get, table["K"]):
        for row in map(elements.get, group["K"]):
            cells += [elements[cell] for cell in row["K"]]
            for place, cell in enumerate(row["K"]):
                if elements[cell]["S"] == "/TH":
                    scopes[cell] = "/Column" if group["S"] == "/THead" else "/Row" if place == 0 else None
    if None in scopes.values() or any({"RowSpan", "ColSpan"} & cell["A"].keys() for cell in cells):
        return
    for cell in cells:
        cell.pop("ID", None)
        cell["A"].pop("Headers", None)
        if cell.reference in scopes:
            cell["A"]["Scope"] = scopes[cell.reference]
        else:
            cell.pop("A")
