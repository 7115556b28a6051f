"""The notice says what the snapshot says, in the layout of NĐ 30/2020/NĐ-CP, and nothing else."""

import copy
import json
import re
import unicodedata
from functools import cache
from html import unescape
from io import BytesIO

import pytest

from audit_app.rules.wording import ground, numbered
from tests.unit.printing import ROOT, notice, page
from tests.unit.sample_snapshot import catalogue, snapshot

pypdf = pytest.importorskip("pypdf", reason="needs pypdf of tests/requirements.txt")
MM = 72 / 25.4
FORBIDDEN = re.compile(r"(?i)\b(xuất sắc|trung bình|tốt|khá|yếu)\b")


@cache
def full() -> bytes:
    return notice(snapshot())


def small(**document) -> dict:
    """A quick visit: a paper of few pages."""
    return snapshot(photos=0, faults=document.pop("faults", 0), tier=1, **document)


def read(data: bytes):
    return pypdf.PdfReader(BytesIO(data))


@cache
def sheets(data: bytes, most: int | None = None) -> list[str]:
    """The text of each page without any white space: line ends and justified gaps carry no letters."""
    return [squeezed(sheet.extract_text()) for sheet in read(data).pages[:most]]


def words(data: bytes) -> str:
    return "".join(sheets(data))


def first(data: bytes) -> str:
    return sheets(data, 1)[0]


def squeezed(text: str) -> str:
    return "".join(text.split())


def pieces(pdf_page) -> list[tuple[float, float, float, str, str]]:
    """(x mm from the left, y mm from the top of the base line, size pt, font, text) of each run on a page."""
    found = []

    def visit(text, cm, tm, font, size):
        if text.strip():
            x, y = pypdf._utils.matrix_multiply([[tm[0], tm[1], 0], [tm[2], tm[3], 0], [tm[4], tm[5], 1]],
                                                [[cm[0], cm[1], 0], [cm[2], cm[3], 0], [cm[4], cm[5], 1]])[2][:2]
            height = abs(size * tm[3] * cm[3])
            found.append((x / MM, 297 - y / MM, height, str(font["/BaseFont"]).split("+")[-1], text.strip()))

    pdf_page.extract_text(visitor_text=visit)
    return found


def links(html: str) -> tuple[set, set]:
    return set(re.findall(r'href="#([^"]+)"', html)), set(re.findall(r'id="([^"]+)"', html))


# ── Layout ────────────────────────────────────────────────────────────────────────────────────────
def test_the_head_stands_where_and_as_large_as_the_decree_says():
    found = {text: (x, y, size, font) for x, y, size, font, text in pieces(read(full()).pages[0])}
    bold, plain, slanted = "AuditSerif-Bold", "AuditSerif", "AuditSerif-Italic"
    for said, font, sizes in (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold, (12, 13)), ("Độc lập - Tự do - Hạnh phúc", bold, (13, 14)),
        ("ỦY BAN NHÂN DÂN", plain, (12, 13)), ("VĂN PHÒNG", bold, (12, 13)), ("Số:", plain, (13, 13)),
        ("THÔNG BÁO", bold, (13, 14)), ("Kết luận kiểm tra tại", bold, (13, 14)), ("Hà Nội, ngày", slanted, (13, 14)),
        ("Căn cứ Nghị định", slanted, (13, 14)), ("Kết quả kiểm tra được", plain, (13, 14)),
    ):
        (_, _, size, used), = [at for text, at in found.items() if text.startswith(said)][:1]
        assert used == font and sizes[0] - 0.05 <= size <= sizes[1] + 0.05, said
    left, right = found["VĂN PHÒNG"], next(at for text, at in found.items() if text.startswith("Độc lập"))
    assert left[0] < 90 < right[0] and abs(left[1] - right[1]) < 8


def test_nothing_but_the_page_number_stands_in_the_margins():
    for number, sheet in enumerate(read(full()).pages, 1):
        assert [round(float(edge) / MM) for edge in sheet.mediabox] == [0, 0, 210, 297]
        numbers = []
        for x, y, size, _, text in pieces(sheet):
            if y < 20:
                numbers.append((text, round(x), round(size)))
            else:
                assert 29.9 <= x <= 195 and 20 <= y <= 277, (number, text)
        assert [text for text, *_ in numbers] == ([] if number == 1 else [str(number)])
        assert all(110 <= x <= 115 and size == 13 for _, x, size in numbers)


def test_an_open_number_and_date_stay_open():
    assert "Số:/TB-VP" in first(full()) and "HàNội,ngàythángnăm" in first(full())
    html = page(snapshot(photos=0))
    assert '<span class="open">      /TB-VP</span>' in html


@pytest.mark.parametrize("number, said", [("5", "Số:05/TB-VP"), (7, "Số:07/TB-VP"), ("123", "Số:123/TB-VP")])
def test_a_number_below_ten_gets_its_nought(number, said):
    assert said in first(notice(small(number=number)))


def test_days_below_ten_and_the_first_two_months_get_their_nought():
    for day, said in (("2021-08-05", "ngày05tháng8năm2021"), ("2026-01-23", "ngày23tháng01năm2026")):
        assert f"HàNội,{said}" in first(notice(small(issued_on=day)))


def test_a_ground_says_what_it_is_about_in_whole_words():
    letter = catalogue().law.instrument("CV2542")
    said = ground(letter.label, letter.shown_issue_date, letter.issuer, letter.title)
    assert said.startswith("Công văn số 2542/UBND-SNV ngày 05 tháng 8 năm 2021 của Ủy ban nhân dân "
                           "thành phố Hà Nội về việc tăng cường")


@pytest.mark.parametrize(("number", "said"), [("7", "07/TB-VP"), (7, "07/TB-VP"), (" 12 ", "12/TB-VP")])
def test_a_number_below_ten_has_a_nought_in_front(number, said):
    assert numbered(number, "TB-VP") == said


def test_grounds_end_with_a_semicolon_and_the_last_with_a_full_stop():
    grounds = re.findall(r'<p class="ground">(.*?)</p>', page(snapshot(photos=0)))
    assert len(grounds) >= 3 and all(ground.startswith("Căn cứ ") for ground in grounds)
    assert [ground[-1] for ground in grounds] == [";"] * (len(grounds) - 1) + ["."]


def test_a_signature_never_stands_alone_on_a_page():
    for faults in range(4):
        data = notice(small(faults=faults, signer_name="Nguyễn Thị Ngọc Ánh"))
        (sheet,) = [sheet for sheet in sheets(data) if "Nơinhận:" in sheet]
        assert "Trênđâylàthôngbáokếtluận" in sheet and "NguyễnThịNgọcÁnh" in sheet and "Mãxácminh:" in sheet
        assert not sheet.startswith("Trênđây"), "something of what it closes stands above it"


def test_annexes_start_their_own_page_and_say_what_they_belong_to():
    for numeral, title in (("I", "BẢNGĐIỂMTUÂNTHỦ(KIỂMTRATHỰCTẾ)"), ("II", "PHIẾUKIỂMTRA"), ("III", "ẢNHMINHCHỨNG")):
        head = f"Phụlục{numeral}{title}(KèmtheoThôngbáosố/TB-VP"
        (at,) = [at for at, sheet in enumerate(sheets(full())) if head in sheet]
        assert sheets(full())[at].removeprefix(str(at + 1)).startswith(head)


# ── What it says ──────────────────────────────────────────────────────────────────────────────────
def test_every_letter_of_every_answer_is_in_the_paper():
    whole, s = words(full()), snapshot()
    rows = [row for section in s["sections"] for row in section["items"]]
    assert len(rows) > 100
    for row in rows:
        assert squeezed(row["note"] or "") in whole and row["id"] in whole
    assert squeezed("Thử đủ dấu: ế ộ ữ ằ Đ đ ẵ ặ ỡ ợ ỷ ỹ ỵ Ứ Ẫ Ằ Ữ.") in whole
    assert whole == unicodedata.normalize("NFC", whole)


def test_the_snapshot_is_attached_as_it_is():
    (file,) = read(full()).attachment_list
    assert file.name == "findings.json" and json.loads(file.content) == snapshot()


def test_printing_the_same_snapshot_again_gives_the_same_bytes():
    assert notice(snapshot()) == full()


def test_the_score_never_stands_without_its_coverage():
    s = snapshot()
    for said in re.findall(r"Điểm tuân thủ \(kiểm tra thực tế\): [^.]*", page(s)):
        assert "độ phủ" in said
    assert f"{s['score']['percent']}".replace(".", ",") + "%" in first(full())


def test_below_the_least_coverage_only_the_coverage_is_said():
    s = snapshot(photos=2, faults=4, answered=0.3)
    assert s["score"]["percent"] is None
    html = page(s)
    assert "không tính điểm tuân thủ" in html and "Điểm tuân thủ (kiểm tra thực tế):" not in html
    assert "<svg class=\"bar\"" not in html
    notice(s)


def test_words_of_the_statutory_scale_are_never_the_papers_own():
    for path in (ROOT / "templates/papers").rglob("*.html"):
        assert not FORBIDDEN.search(path.read_text()), path
    s = snapshot(photos=0, faults=0)
    assert not FORBIDDEN.search(re.sub(r'<section class="sheet">.*', "", page(s), flags=re.S))


def test_findings_and_photos_lead_to_each_other_and_every_link_arrives():
    s = snapshot()
    html = page(s)
    wanted, there = links(html)
    assert wanted <= there and {f"anh-{n:02d}" for n in range(1, 41)} <= there
    for finding in s["findings"]:
        block = re.search(rf'<div class="finding" id="ton-tai-{finding["number"]}">.*?</div>', html, re.S)[0]
        for number in finding["photos"]:
            assert f'href="#anh-{number:02d}"' in block
            strip = re.search(rf'<img id="anh-{number:02d}".*?</div>.*?</div>', html, re.S)[0]
            assert f'href="#ton-tai-{finding["number"]}"' in strip


def test_findings_stand_under_their_section_and_recommendations_never_among_them():
    s = snapshot()
    assert s["recommendations"] and s["findings"]
    html = page(s)
    second, fourth = html.index("II. TỒN TẠI"), html.index("IV. KIẾN NGHỊ")
    titles = {section["id"]: section["title"] for section in s["sections"]}
    for finding in s["findings"]:
        at = html.index(f'id="ton-tai-{finding["number"]}"')
        assert second < at < fourth
        assert f". {titles[finding['section']]}</h3>" in html[html.rindex("<h3>", 0, at):at]
    for one in s["recommendations"]:
        assert html.index(f'id="khuyen-nghi-{one["number"]}"') > html.index("<h3>Khuyến nghị") > fourth
        assert f"Khuyến nghị {one['number']}" in html


def test_every_finding_that_must_not_be_stands_apart_also_one_that_is_met_in_part():
    s = snapshot(faults=48, photos=0)
    must = [finding for finding in s["findings"] if finding["critical"]]
    assert {finding["outcome"] for finding in must} == {"khong_dat", "mot_phan"}
    apart = re.search(r"<b>Nội dung bắt buộc không đạt hoặc mới đạt một phần:</b>(.*?)</p>", page(s), re.S)[1]
    assert re.findall(r'#muc-(\w+)"', apart) == [finding["item"] for finding in must]


def test_law_that_has_ended_is_printed_as_ended_with_its_successor():
    whole = squeezed(page(snapshot()))
    ended = {squeezed(c["label"]): c for f in snapshot()["findings"] for c in f["citations"] if not c["in_force"]}
    assert ended
    for label, citation in ended.items():
        assert re.search(re.escape(label) + r"\(đãhếthiệulực", whole), label
        assert squeezed(citation["replaced_by"] or "") in whole


def test_a_finding_without_a_note_says_the_question():
    s = snapshot(photos=0, faults=6)
    s["findings"][0]["fact"] = None
    assert f"nội dung «{s['findings'][0]['text'].rstrip('?. ')}»." in unescape(page(s))


def test_a_visit_without_findings_photos_or_remarks_still_reads_well():
    s = snapshot(photos=0, faults=0)
    s |= {"findings": [], "recommendations": [], "equipment": [], "team": [], "grounds": [],
          "remarks": dict.fromkeys(s["remarks"])}
    s["round"]["decision"], s["sections"][0]["items"][0]["note"] = None, "trên\n\n \ndưới"
    s["inspection"] |= {"started_at": None, "ended_at": None}
    whole, html = words(notice(s)), page(s)
    assert "Khôngpháthiệntồntại,hạnchế" in whole and "Phụlụcii" not in whole and "PhụlụcIII" not in whole
    assert "khôngcóýkiếngiảitrình" in whole and "<p>Đề nghị " in html and "trên\ndưới" in html


def test_a_note_of_twenty_thousand_letters_and_very_long_names_lose_nothing():
    s = snapshot(photos=3, faults=5)
    s["agency"]["name"] = "Ủy ban nhân dân " + "xã Nguyễn Trãi Thượng Phúc Đông Mỹ " * 8
    note = ("https://" + "a" * 300 + " đủ dấu ế ộ ữ.\n" + "Nội dung ghi chú rất dài. " * 800)[:20_000]
    finding = s["findings"][0]
    finding["fact"], finding["citations"] = note, []
    for section in s["sections"]:
        for row in section["items"]:
            if row["id"] == finding["item"]:
                row["note"], row["citations"] = note, []
    whole = re.sub(r"(?<=dài\.)\d+(?=Nội)", "", words(notice(s)))
    assert squeezed(note)[:308] in whole and whole.count("Nộidungghichúrấtdài.") >= note.count("rất dài.") - 20
    assert squeezed(f"Ghi chú: xem tồn tại {finding['number']}") in whole


def test_what_people_typed_is_text_and_never_markup():
    canary = ('</p><script>x</script><img src="http://127.0.0.1:9/c">'
              '<link rel=attachment href="file:///etc/passwd">{{ 7*7 }}')
    s = tainted(snapshot(photos=2, faults=6), canary)
    html = page(s)
    assert "<script>" not in html and '<img src="http' not in html and "<link" not in html and "{{ 7*7 }}" in html
    assert [file.name for file in read(notice(s)).attachment_list] == ["findings.json"]


def tainted(s: dict, canary: str) -> dict:
    """The snapshot with the canary behind every text that people or files can fill."""
    s = copy.deepcopy(s)
    s["agency"] |= {"name": canary, "address": canary}
    s["round"] |= {"title": canary, "decision": canary}
    s["remarks"] = dict.fromkeys(s["remarks"], canary)
    s["grounds"].append(canary)
    for key in ("place", "parent_body", "body", "symbol", "number", "signer_authority", "signer_title", "signer_name",
                "archive", "code", "conclusion", "causes", "verify_url"):
        s["document"][key] = canary
    s["document"]["recipients"] = [canary]
    for one in (*s["team"], *s["equipment"]):
        one |= {key: canary for key in ("name", "title", "note") if key in one}
    for section in s["sections"]:
        section["title"] = canary
    for row in [*(row for section in s["sections"] for row in section["items"]), *s["findings"]]:
        row |= {"text": row["text"] + canary, "unit": canary, "number": row.get("number"),
                **{key: canary for key in ("note", "fact") if key in row}}
        for citation in row["citations"]:
            citation |= dict.fromkeys(("label", "short", "paraphrase", "quotation"), canary)
    return s
