"""Papers are archival, tagged and the same each time; what is printed cannot reach the network, the disk or us."""

import http.server
import json
import subprocess
import sys
import threading
import unicodedata
from datetime import UTC, datetime
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from audit_app.media import binding, pdf, press
from audit_app.rules.problems import BlobMissing, NotPrinted
from tests.unit import printing, sample_minutes
from tests.unit.printing import CSS, notice
from tests.unit.sample_snapshot import drawn, pictures, snapshot

weasyprint = pytest.importorskip("weasyprint")
pypdf = pytest.importorskip("pypdf", reason="needs pypdf of tests/requirements.txt")
(SHA,) = pictures(1)
GIVEN = pictures(1).__getitem__
WHEN = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LETTERS = {unicodedata.normalize("NFC", case + tone) for vowel in "aăâeêioôơuưy" for case in (vowel, vowel.upper())
           for tone in TONES} | set("đĐ₫")


def printed(body="<h1>Thông báo</h1>", *, head="", given=GIVEN, attachments=()) -> bytes:
    html = f'<!doctype html><html lang="vi"><head><title>Tên</title>{head}</head><body>{body}</body></html>'
    return pdf.render(html, css=CSS, pictures=given, created=WHEN, attachments=attachments)


def read(data: bytes):
    return pypdf.PdfReader(BytesIO(data))


def fonts(data: bytes) -> set[str]:
    return {str(font.get_object()["/BaseFont"]).split("+")[-1]
            for page in read(data).pages for font in page["/Resources"].get("/Font", {}).values()}


def test_the_four_fonts_have_all_147_vietnamese_letters():
    assert len(LETTERS) == 147 and len(pdf.FONTS) == 4
    for path in pdf.FONTS.values():
        drawn_by_it = TTFont(BytesIO(path.read_bytes()), lazy=True).getBestCmap()
        assert not [letter for letter in LETTERS if ord(letter) not in drawn_by_it]
    assert "SIL OPEN FONT LICENSE" in (pdf.STATIC / "fonts/OFL.txt").read_text()


def test_the_file_says_that_it_is_archival_and_accessible():
    catalog = read(printed()).trailer["/Root"]
    said = catalog["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3<" in said.replace('pdfaid:part="3"', "<pdfaid:part>3<") and "pdfuaid:part>1<" in said
    assert catalog["/Lang"] == "vi" and catalog["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in catalog
    assert "/AcroForm" not in catalog and "/OutputIntents" in catalog


def test_printing_again_gives_the_same_bytes_even_in_another_process_and_time_zone(monkeypatch):
    def once():
        return printed(f'<h1>Ảnh</h1><img src="evidence:{SHA}" alt="x">', attachments=[("a.json", b"{}", "text/json")])

    first = once()
    assert once() == first
    pdf._printers.close()
    monkeypatch.setenv("TZ", "America/New_York")
    assert once() == first


def test_the_photo_in_the_paper_is_the_photo_in_the_store_byte_for_byte():
    (page,) = read(printed(f'<img src="evidence:{SHA}" alt="Ảnh 01">')).pages
    (picture,) = (found.get_object() for found in page["/Resources"]["/XObject"].values())
    assert picture["/Filter"] == "/DCTDecode" and picture._data == drawn(1)
    assert picture["/Interpolate"].value is False


def test_a_missing_photo_stops_the_printing_with_the_stores_own_problem():
    def missing(sha256):
        raise BlobMissing()

    with pytest.raises(BlobMissing):
        printed(f'<img src="evidence:{SHA}" alt="x">', given=missing)
    assert printed().startswith(b"%PDF-1.7")


def test_a_photo_that_is_no_jpeg_is_not_printed():
    with pytest.raises(NotPrinted, match="no JPEG"):
        printed(f'<img src="evidence:{SHA}" alt="x">', given=lambda sha256: b"<svg xmlns='http://www.w3.org/2000/svg'/>")


def test_files_are_attached_with_their_kind_and_date():
    data = '{"Đường":"Láng"}'.encode()
    found = read(printed(attachments=[("findings.json", data, "application/json")]))
    (file,) = found.attachment_list
    assert (file.name, file.content) == ("findings.json", data)
    spec = found.trailer["/Root"]["/AF"][0].get_object()
    assert spec["/AFRelationship"] == "/Data"
    assert spec["/EF"]["/F"].get_object()["/Subtype"] == "/application/json"


@pytest.fixture(scope="module")
def canary(tmp_path_factory):
    """A server on this machine that notes who comes, and a file nobody may print."""
    hits = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    secret = tmp_path_factory.mktemp("secret") / "canary.txt"
    secret.write_text("canary-7F3A")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield hits, f"http://127.0.0.1:{server.server_port}", secret
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("body", [
    '<img src="{url}" alt="x">', '<object data="{url}"></object>', '<embed src="{url}">',
    '<iframe src="{url}"></iframe>', '<p style="background:url({url})">x</p>', '<style>@import "{url}";</style>',
    '<style>p{{content:url({url})}}</style><p>x</p>', '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">', '<a rel="attachment" href="{url}">x</a>',
    '<style>@font-face{{font-family:x;src:url({url})}}p{{font-family:x}}</style><p>x</p>',
    '<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
    '<svg width="9" height="9"><use href="{url}#a"/></svg>', '<base href="{url}/"><img src="x" alt="x">',
    '<img src="evidence:{url}" alt="x">', '<img srcset="{url} 2x" alt="x">', '<video poster="{url}"></video>',
])
def test_a_paper_reaches_neither_the_network_nor_the_disk(canary, body):
    hits, address, secret = canary
    for url in (f"{address}/x.png", secret.as_uri(), str(secret)):
        try:
            data = printed(body.format(url=url))
        except NotPrinted:
            continue
        assert not list(read(data).attachment_list) and b"canary-7F3A" not in data
    assert not hits


def test_a_form_in_a_text_stays_a_drawing():
    assert "/AcroForm" not in read(printed("<form><input name=x value=y><button>z</button></form>")).trailer["/Root"]


def test_only_our_fonts_are_in_the_file_whatever_is_typed():
    typed = "Đạt 😀👍🏽 中文 العربية ✓☐ ﷺ \u200b\ufeff e\u0302\u0323 \x07 \ud800"
    data = printed(f"<p>{typed} <b>đậm</b> <i>nghiêng</i> <b><i>cả hai</i></b></p><ul><li>một</li></ul>")
    assert fonts(data) <= {"AuditSerif", "AuditSerif-Bold", "AuditSerif-Italic", "AuditSerif-Bold-Italic"}
    text = read(data).pages[0].extract_text()
    assert "Đạt □" in text and "ệ" in text


def test_signs_of_word_and_of_chats_come_out_as_signs_like_them():
    typed = "\uf0b7 một \uf0fc hai ☑ ba ☐ bốn ✗ năm ➢ sáu\u2028bảy 8\u20119 ㎡ \u202etám\u2066"
    text = read(printed(f'<p class="text">{typed}</p>')).pages[0].extract_text()
    assert " ".join(text.split()) == "• một √ hai √ ba □ bốn × năm ► sáu bảy 8‐9 m2 tám"


def test_all_letters_come_out_as_they_went_in():
    said = "".join(sorted(LETTERS))
    for form in ("NFC", "NFD"):
        text = read(printed(f"<p>{unicodedata.normalize(form, said)}</p>")).pages[0].extract_text()
        assert "".join(text.split()) == said


def test_a_picture_without_words_is_a_mistake_that_is_found():
    with pytest.raises(NotPrinted, match="alt"):
        printed(f'<img src="evidence:{SHA}">')


def test_a_paper_that_eats_memory_is_refused_and_the_next_one_prints(monkeypatch):
    monkeypatch.setattr(pdf, "_printers", pdf.Sandbox(pdf.__name__, memory=330, cpu=60, wall=60, write=16, children=1))
    with pytest.raises(NotPrinted):
        printed("<p>" + "x" * 30_000_000)
    assert printed().startswith(b"%PDF")
    pdf._printers.close()


def test_our_own_quick_steps_print_the_same_pages_as_weasyprint_alone(tmp_path):
    assert weasyprint.__version__ == press.KNOWN, "look over media/press.py and media/binding.py for this version"
    s = snapshot(photos=3, faults=5, tier=1)
    (tmp_path / "snapshot.json").write_text(json.dumps(s))
    alone = (
        "import json, sys; from audit_app.media import pdf, press; press.KNOWN = 'none of them'; pdf.prepare();"
        "from tests.unit import printing; s = json.load(open('snapshot.json'));"
        "told = dict(css=list(map(str, printing.CSS)), lang='vi', created='2026-11-23T02:12:00Z', attachments=[]);"
        "given = told, [printing.page(s).encode()], printing.pictures(3).__getitem__;"
        "open('alone.pdf', 'wb').write(b''.join(pdf._child_print(*given)[1]))")
    subprocess.run([sys.executable, "-c", alone], cwd=tmp_path, check=True, env={"PYTHONPATH": str(pdf.STATIC.parent)})
    ours, theirs = read(notice(s)).pages, read((tmp_path / "alone.pdf").read_bytes()).pages
    assert len(ours) == len(theirs)
    for mine, plain in zip(map(places, ours), map(places, theirs), strict=True):
        assert [run[:2] for run in mine] == [run[:2] for run in plain]
        assert [at for run in mine for at in run[2:]] == pytest.approx([at for run in plain for at in run[2:]], abs=0.1)


def places(sheet) -> list:
    """Every run of text with its font and its place."""
    found = []
    sheet.extract_text(visitor_text=lambda text, cm, tm, font, size: found.append(
        (text.strip(), str(font and font["/BaseFont"]), *map(float, (*cm, *tm, size)))))
    return [run for run in found if run[0]]


def test_no_text_of_the_structure_is_lost_when_its_idle_elements_are():
    """Each piece of marked content has one owner, and the owner names it among its own."""
    reader = read(notice(snapshot(photos=2, faults=3, tier=1)))
    root, sheets = reader.trailer["/Root"]["/StructTreeRoot"], list(reader.pages)
    owners = root["/ParentTree"]["/Nums"]
    for number, sheet in enumerate(sheets):
        marked = sheet.get_contents().get_data().count(b"/MCID")
        owned = owners[2 * number + 1].get_object()
        assert owners[2 * number] == number and len(owned) == marked
        for place, owner in enumerate(owned):
            element = owner.get_object()
            assert place in element["/K"] and element["/Pg"] == sheet
            while element != root and element["/S"] != "/NonStruct":  # what stands in a margin hangs on nothing
                assert element.indirect_reference in element["/P"]["/K"]
                element = element["/P"]


def test_a_paper_that_is_no_xml_is_printed_as_html():
    assert binding.parsed("<p>a<br>b</p>") is None and binding.parsed("<p>a<br/>b</p>") is not None
    for page in (printing.page(snapshot(photos=2, faults=3)), sample_minutes.page(sample_minutes.sample())):
        assert binding.parsed(page) is not None  # ours all are: that is quicker
    assert binding.parsed("<p><svg viewBox='0 0 1 1'/></p>") is None  # XML would not know it for a drawing
    for body in ("<p>một<br>hai", "<p>một<br/>hai</p>"):
        assert read(printed(body)).pages[0].extract_text().split() == ["một", "hai"]


def test_a_qr_code_says_what_it_is():
    drawing = pdf.qr("https://x.vn/verify/7F3A?a=1&b=<2>")
    assert drawing.startswith("<svg") and "<title>https://x.vn/verify/7F3A?a=1&amp;b=&lt;2&gt;</title>" in drawing


def test_servers_do_not_load_weasyprint_until_they_print():
    code = "import sys, audit_app.media.pdf; sys.exit('weasyprint' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=pdf.STATIC.parent).returncode == 0
