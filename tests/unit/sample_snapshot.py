"""A full snapshot as actions/findings.py makes it, on the real checklist, with drawn photos: for papers to print."""

import hashlib
import random
from datetime import date, datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from audit_app.records.catalogue import Catalogue
from audit_app.rules.scoring import Answered, needs_photo, one_decimal, outcome, score

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 20)
NOTES = (
    "Bảng niêm yết tại sảnh tầng 1 còn 12 thủ tục đã bị bãi bỏ; chưa cập nhật 3 thủ tục mới.",
    "Máy lấy số xếp hàng tự động trục trặc từ 8 giờ 10 phút đến 9 giờ 05 phút; công chức phát số bằng giấy.",
    "Địa chỉ tiếp nhận phản ánh, kiến nghị niêm yết chưa chính xác phần địa chỉ tiếp nhận của UBND Thành phố.",
    "Thử đủ dấu: ế ộ ữ ằ Đ đ ẵ ặ ỡ ợ ỷ ỹ ỵ Ứ Ẫ Ằ Ữ.",
)


@cache
def catalogue() -> Catalogue:
    return Catalogue(ROOT / "checklists")


@cache
def drawn(number: int) -> bytes:
    """A JPEG as media/photos.py derives it for paper: 1200 px, quality 78; every third one upright."""
    size = (900, 1200) if number % 3 == 0 else (1200, 900)
    chance = random.Random(number)
    ground = Image.new("RGB", (8, 6))
    ground.putdata([tuple(chance.randrange(60, 235) for _ in range(3)) for _ in range(48)])
    picture = ground.resize(size, Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (300, 300), chance.randbytes(90_000)).resize(size, Image.Resampling.BILINEAR)
    picture = Image.blend(picture, Image.merge("RGB", [grain] * 3), 0.12)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 60, 560, 240), fill=(250, 250, 240))
    pen.text((90, 90), f"ANH {number:02d}", fill=0, font_size=100)
    out = BytesIO()
    picture.save(out, "JPEG", quality=78)
    return out.getvalue()


@cache
def pictures(photos: int) -> dict[str, bytes]:
    """The drawn photos by their sha256."""
    return {hashlib.sha256(data).hexdigest(): data for data in map(drawn, range(1, photos + 1))}


def snapshot(*, photos=40, faults=18, answered=1.0, tier=3, seed=2542, **document) -> dict:
    """A visit of a commune; `photos` and `faults` are counts, `answered` the share of items with an answer."""
    checklist, law = catalogue().get("mot-cua", 1), catalogue().law
    offered, chance = checklist.offered("X", tier, DAY), random.Random(seed)
    items = [(section, item) for section in offered for item in section.items]
    failing = {item.id for _, item in chance.sample([pair for pair in items if pair[1].kind in ("a3", "a2")], faults)}
    answers = {item.id: _answer(item, item.id in failing, chance)
               for _, item in items if item.id in failing or chance.random() < answered}
    shown = _photos(items, answers, photos, chance)
    numbers = {}
    for photo in shown:
        numbers.setdefault(photo["item"], []).append(photo["number"])
    rows = {item.id: _row(item, answers.get(item.id), numbers.get(item.id, []), law, chance) for _, item in items}
    faulty = [(rows[item.id], section.id) for section, item in items
              if rows[item.id]["outcome"] in ("khong_dat", "mot_phan")]
    counted = score(offered, answers, method=checklist.method, minimum_coverage=checklist.minimum_coverage)
    return {
        "format": "findings/1",
        "inspection": {"id": "5f0c1f4e-0000-4000-8000-000000000001", "tier": tier, "planned_for": DAY.isoformat(),
                       "started_at": "2026-11-20T08:30:00+07:00", "ended_at": "2026-11-20T11:45:00+07:00"},
        "round": {"title": "Đợt kiểm tra Bộ phận Một cửa quý IV năm 2026",
                  "decision": "Kế hoạch số 312/KH-UBND ngày 02 tháng 11 năm 2026 của Ủy ban nhân dân Thành phố Hà Nội",
                  "starts_on": "2026-11-09", "ends_on": "2026-12-04"},
        "agency": {"id": "5f0c1f4e-0000-4000-8000-0000000000a1", "name": "Ủy ban nhân dân phường Hoàn Kiếm",
                   "level": "X", "address": "126 Hàng Trống, phường Hoàn Kiếm, Thành phố Hà Nội"},
        "team": [{"name": "Nguyễn Văn An", "title": "Chuyên viên Phòng Kiểm soát thủ tục hành chính", "lead": True},
                 {"name": "Trần Thị Bình", "title": "Chuyên viên Sở Nội vụ", "lead": False}],
        "document": _document() | document,
        "grounds": [i.label for i in map(law.instrument, ("ND61", "ND118", "TT02", "CV2542"))
                    if i and i.in_force_on(DAY)],
        "checklist": {"id": checklist.id, "version": checklist.version, "sha256": checklist.sha256,
                      "title": checklist.title, "method": checklist.method,
                      "minimum_coverage": checklist.minimum_coverage},
        "score": _score(counted, {section.id: section for section in offered}),
        "sections": [{"id": section.id, "title": section.title, "items": [rows[item.id] for item in section.items]}
                     for section in offered],
        "findings": _faults([pair for pair in faulty if pair[0]["basis"] != "KN"]),
        "recommendations": _faults([pair for pair in faulty if pair[0]["basis"] == "KN"]),
        "equipment": [{"kind": kind.id, "name": kind.name, "total": 4, "working": 3, "note": None}
                      for kind in catalogue().equipment],
        "remarks": {"difficulty": "Chưa được cấp kinh phí thay máy lấy số xếp hàng.",
                    "proposal": "Đề nghị Thành phố bố trí kinh phí trang bị máy quét hồ sơ trong năm 2027.",
                    "explanation": "Đơn vị thống nhất với các tồn tại đã nêu.\nMáy lấy số sẽ được sửa trong tuần."},
        "photos": shown,
    }


def _document() -> dict:
    return {
        "number": None, "symbol": "TB-VP", "issued_on": None, "place": "Hà Nội",
        "parent_body": "ỦY BAN NHÂN DÂN THÀNH PHỐ HÀ NỘI", "body": "VĂN PHÒNG",
        "signer_authority": "KT. CHÁNH VĂN PHÒNG", "signer_title": "PHÓ CHÁNH VĂN PHÒNG", "signer_name": None,
        "recipients": ["Cơ quan, đơn vị được kiểm tra;", "Thành viên Tổ Công tác;"], "archive": "Lưu: VT, KSTTHC.",
        "remedy_by": "2026-12-23", "code": "7F3A-91C2-04BE-55D0-A1B2-C3D4",
        "verify_url": "https://kiemtra.example.vn/verify/7F3A-91C2-04BE-55D0-A1B2-C3D4", "version": 1,
        "replaces": None, "approved_at": "2026-11-23T09:12:00+07:00", "conclusion":
            "Bộ phận Một cửa được bố trí tại tầng 1, thuận tiện cho người dân; công chức trực đủ tại các quầy.",
        "causes": None,
    }


def _answer(item, failing: bool, chance) -> Answered:
    if item.kind == "ratio":
        whole = 0 if item.fewer_is_better else 20
        return Answered(number=17 if chance.random() < 0.1 else whole, of=20)
    if item.kind == "number":
        return Answered(number=item.at_least or item.at_most or 12)
    if item.kind == "choice":
        return Answered(choices=(item.options[0].id,))
    if failing:
        return Answered(value="khong_dat" if item.kind == "a2" or chance.random() < 0.6 else "mot_phan")
    return Answered(value="khong_ap_dung" if chance.random() < 0.03 else "dat")


def _row(item, answer, numbers, law, chance) -> dict:
    found = outcome(item, answer) if answer else None
    return {
        "id": item.id, "text": item.text, "kind": str(item.kind), "basis": str(item.basis), "critical": item.critical,
        "scored": item.scored, "outcome": found, "value": answer.value if answer else None,
        "number": answer.number if answer else None, "of": answer.of if answer else None, "unit": item.unit,
        "choices": [option.text for option in item.options if answer and option.id in answer.choices],
        "note": chance.choice(NOTES) if found in ("khong_dat", "mot_phan") and chance.random() < 0.8 else None,
        "citations": [said for c in item.citations if (said := law.describe(c, DAY)) is not None],
        "photos": numbers,
    }


def _photos(items, answers, wanted, chance) -> list[dict]:
    needing = [(s, i) for s, i in items if i.id in answers and needs_photo(i, answers[i.id])]
    chosen = sorted((needing + items * (wanted // len(items) + 1))[:wanted], key=items.index)
    start = datetime(2026, 11, 20, 8, 31, tzinfo=timezone(timedelta(hours=7)))
    return [{
        "number": number, "id": f"5f0c1f4e-0000-4000-8000-{number:012x}", "item": item.id, "section": section.id,
        "sha256": hashlib.sha256(b"original %d" % number).hexdigest(), "print": list(pictures(wanted))[number - 1],
        "width": 1200, "height": 900, "taken_at": (start + timedelta(minutes=2 * number)).isoformat(),
        "lat": None if number % 5 == 0 else 21.02851, "lon": None if number % 5 == 0 else 105.8542,
        "accuracy": None if number % 5 == 0 else 12.0, "source": ("live", "camera", "gallery")[number % 3],
    } for number, (section, item) in enumerate(chosen, 1)]


def _faults(rows) -> list[dict]:
    return [{
        "number": number, "item": row["id"], "section": section, "outcome": row["outcome"],
        "critical": row["critical"], "text": row["text"], "fact": row["note"], "number_value": row["number"],
        "of": row["of"], "unit": row["unit"], "citations": row["citations"], "photos": row["photos"],
    } for number, (row, section) in enumerate(rows, 1)]


def _score(counted, sections) -> dict:
    return {
        "percent": one_decimal(counted.percent), "coverage": one_decimal(counted.coverage),
        "answered": counted.answered, "applicable": counted.applicable, "not_applicable": counted.not_applicable,
        "unanswered": counted.unanswered, "critical_failed": list(counted.critical_failed),
        "sections": [{"id": s.id, "title": sections[s.id].title, "weight": sections[s.id].weight,
                      "percent": one_decimal(s.percent), "coverage": one_decimal(s.coverage),
                      "answered": s.answered, "applicable": s.applicable} for s in counted.sections],
    }
