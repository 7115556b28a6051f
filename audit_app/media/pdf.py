"""The only door to WeasyPrint: HTML and named pictures in, one archival, tagged PDF out; no network, no disk.

Printing happens in a child process (sandbox.py) that may take a gigabyte and a minute, and no more. The same input
gives the same bytes: dates are arguments, ids are hashes, fonts are ours.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from io import BytesIO
from pathlib import Path

from markupsafe import Markup

from audit_app.media import binding, press
from audit_app.media.sandbox import ChildDied, Sandbox
from audit_app.rules.problems import NotPrinted
from audit_app.rules.wording import ANCHOR

STATIC = Path(__file__).resolve().parents[2] / "static"
ELEMENTS = STATIC / "css/papers/elements.css"
FONTS = {path.as_uri(): path for path in sorted((STATIC / "fonts").glob("AuditSerif-*.ttf"))}
EVIDENCE = re.compile(r"evidence:([0-9a-f]{64})")
TURNING = dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Signs that are not seen and turn what follows them round: a paper reads from left to right."""
UNPRINTABLE = "□"  # stands where our fonts have no glyph (emoji, other scripts); the attached data keep the original
LIKE = {
    "√": "\u2713\u2714\u2611\uf0fc\uf0fe", "×": "\u2717\u2718\u2612\u2715\u2716\uf0fb\uf0fd",
    "□": "\u2610\uf06f\uf071\uf0a8", "►": "\u27a2\u27a4\u25b6\u2023\uf0d8", "▪": "\u25fc\uf0a7",
    "♦": "\u25c6\u2756\uf076", "→": "\u21d2\u2794\u279c\uf0e0", "–": "\u2043\uf02d", "\n": "\u2028\u2029",
}
"""Signs our fonts have, and those they lack for which they stand: ticks, bullets, arrows, line separators. From uf020
on Word keeps the signs of its fonts Symbol and Wingdings."""
INSTEAD = {lacking: ours for ours, all_lacking in LIKE.items() for lacking in all_lacking}

# PDF/A-3a says what the file is; these two say that it is PDF/UA-1 as well (WeasyPrint's variants write one claim).
UA = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    b"<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
    b'<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    b' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    b' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>'
    b'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>'
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>PDF/UA version</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property>"
    b"</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)

FIRST = b"""<html lang="vi"><head><title>a</title></head><body><h1>a</h1><p>a <b>a</b> <i>a</i> <b><i>a</i></b></p>
<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>a</td></tr></tbody></table></body></html>"""
"""A paper for nobody, in all our faces: it warms a child that then prints each of the others in a twentieth less."""

_printers = Sandbox(__name__, memory=1536, cpu=60, wall=120, write=16, children=1, fork=True)


def render(
    html: str,
    *,
    css: Sequence[Path],
    pictures: Callable[[str], bytes],
    created: datetime,
    attachments: Sequence[tuple[str, bytes, str]] = (),
    lang: str = "vi",
) -> bytes:
    """A PDF that is PDF/A-3a and PDF/UA-1, byte for byte the same for the same input.

    `pictures` gives the JPEG bytes of a sha256; the HTML names them `evidence:<sha256>` and can name nothing else.
    `attachments`: (name, bytes, MIME type). `created`: aware; it is the only date in the file. Title and author are
    those of the HTML's head. Raises what `pictures` raises, and NotPrinted with the reason for everything that
    goes wrong in printing.
    """
    told = {
        "css": [str(Path(path).resolve()) for path in css], "lang": lang,
        "created": created.astimezone(UTC).isoformat(timespec="seconds"),
        "attachments": [[name, mime] for name, _, mime in attachments],
    }
    parts = (html.encode("utf-8", "replace"), *(data for _, data, _ in attachments))
    try:
        return b"".join(_printers.call("print", told, parts, pictures)[1])
    except ChildDied as error:
        raise NotPrinted(why=str(error)) from error


def qr(text: str) -> Markup:
    """A QR code as an inline SVG whose title, read out to who cannot see it, is the text; for a paper's template."""
    import segno

    drawn = segno.make(text, error="m", micro=False).svg_inline(border=0, omitsize=True, title=text)
    drawn = drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Markup(drawn)  # noqa: S704 (segno escapes the title and draws the text)


# ── In the child ──────────────────────────────────────────────────────────────────────────────────
def prepare() -> None:
    """Load WeasyPrint and our fonts once; every paper of this child shares them, and what the first one has to find."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # WeasyPrint's advice on native libraries
        press.tune()
    _letters()
    given = {"css": [str(path) for path in (STATIC / "css/papers").glob("*.css")], "lang": "vi",
             "created": "2021-01-01T00:00:00+00:00", "attachments": []}
    _child_print(given, (FIRST,), None)


def _child_print(given, parts, ask):
    from weasyprint import HTML, Attachment

    class Paper(HTML):
        def __init__(self, text, fetcher):
            tree = binding.parsed(text) if press.tuned() else None
            if tree is None:
                super().__init__(string=text, base_url=None, url_fetcher=fetcher)
            else:
                binding.planted(self, tree, fetcher)

        def _ua_stylesheets(self, forms=False):  # should WeasyPrint rename it, papers look the same and print slower
            return [_sheet(str(ELEMENTS))]

    html, *bodies = parts
    created = datetime.fromisoformat(given["created"])
    attached = [
        Attachment(string=body, name=name, description=name, created=created, modified=created, relationship="Data")
        for (name, _), body in zip(given["attachments"], bodies, strict=True)
    ]
    options = {"pdf_variant": "pdf/a-3a", "pdf_forms": False, "attachments": attached}
    with _complaints() as complaints:
        sheets = [_sheet(path) for path in given["css"]]
        source = Paper(_printable(html.decode()), _fetcher(ask))
        document = source.render(font_config=_fonts(), stylesheets=sheets, **options)
        about = document.metadata
        about.lang, about.generator = given["lang"], "audit_app"
        about.created = about.modified = given["created"]
        file = _Pieces()
        document.write_pdf(file, finisher=_finisher([mime for *_, mime in given["attachments"]]), **options)
    if complaints:
        raise ValueError(complaints[0])
    return {"pages": len(document.pages)}, file.pieces


CALLS = {"print": _child_print}


def _finisher(mimes: list[str]):
    def finish(document, pdf):
        metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
        xmp = metadata.stream[0]
        if xmp.count(b"</rdf:RDF>") != 1:
            raise ValueError("the PDF's metadata have another shape than expected")
        metadata.stream[0] = xmp.replace(b"</rdf:RDF>", UA + b"</rdf:RDF>")
        files = [o for o in pdf.objects if getattr(o, "extra", {}).get("Type") == "/EmbeddedFile"]
        for file, mime in zip(files, mimes, strict=True):
            file.extra["Subtype"] = "/" + mime.replace("/", "#2f")
        if "AF" in pdf.catalog:
            twice = pdf.catalog["AF"]  # WeasyPrint 70 names each of them so
            pdf.catalog["AF"] = type(twice)(dict.fromkeys(twice))
        for link in pdf.objects:
            if isinstance(link, dict) and link.get("Subtype") == "/Link" and "Dest" in link:
                kind, _, number = link["Dest"].string.rpartition("-")  # «muc-NY01»: a screen reader reads it aloud
                link["Contents"].string = f"{ANCHOR[kind]} {number}"
        if press.tuned():
            pdf.write = partial(binding.write, pdf)
    return finish


class _Pieces:
    """A file that is written once: a paper of four hundred photos has fifty megabytes, and each copy as many."""

    def __init__(self):
        self.pieces = []
        self.write = self.pieces.append


def _complaints():
    """Collects what WeasyPrint only logs: a missing picture or an unknown option must not become a printed hole."""
    import logging
    from contextlib import contextmanager

    @contextmanager
    def listening():
        heard = []
        ear = logging.Handler(logging.ERROR)
        ear.emit = lambda record: heard.append(record.getMessage())
        logger = logging.getLogger("weasyprint")
        logger.addHandler(ear)
        try:
            yield heard
        finally:
            logger.removeHandler(ear)
    return listening()


def _fetcher(ask: Callable[[str], bytes]):
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OnlyEvidence(URLFetcher):
        """Knows pictures by their hash and our fonts; everything else stops the printing.

        FatalURLFetchingError is a BaseException: WeasyPrint does not swallow it, and the sandbox catches it.
        """

        def __init__(self):
            super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)

        def fetch(self, url, headers=None):
            if url in FONTS:
                return URLFetcherResponse(url, FONTS[url].read_bytes(), {"Content-Type": "font/ttf"})
            named = EVIDENCE.fullmatch(url)
            if not named:
                raise FatalURLFetchingError(f"a paper may not fetch {url[:200]}")
            data = ask(named[1])
            if data[:3] != b"\xff\xd8\xff":
                raise FatalURLFetchingError(f"{url} is no JPEG")
            return URLFetcherResponse(url, data, {"Content-Type": "image/jpeg"})

    return OnlyEvidence()


@cache
def _fonts():
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _sheet(path: str):
    from weasyprint import CSS

    def nothing(name: str) -> bytes:
        raise ValueError("a style sheet has no pictures")

    return CSS(filename=path, font_config=_fonts(), url_fetcher=_fetcher(nothing))


@cache
def _letters() -> frozenset[str]:
    from fontTools.ttLib import TTFont

    maps = [TTFont(BytesIO(path.read_bytes()), lazy=True).getBestCmap() for path in FONTS.values()]
    return frozenset(map(chr, frozenset.intersection(*(frozenset(one) for one in maps)))) | {"\n", "\t"}


def _printable(html: str) -> str:
    """The text in NFC, without what our fonts cannot show: a fallback font would differ by machine."""
    text = unicodedata.normalize("NFC", html).translate(TURNING)
    return text.translate(str.maketrans({c: _instead_of(c) for c in set(text) - _letters()}))


def _instead_of(lacking: str) -> str:
    """What is printed for a sign that our fonts lack: one much like it, the plain form of it, or a box."""
    if unicodedata.category(lacking) in ("Cc", "Cf", "Mn"):
        return ""  # controls, joiners and variation selectors are invisible; a box for them would be noise
    if "\uf020" <= lacking <= "\uf0ff":
        return INSTEAD.get(lacking, "•")
    plain = INSTEAD.get(lacking) or unicodedata.normalize("NFKC", lacking)
    return plain if set(plain) <= _letters() else UNPRINTABLE
