"""The app's words: how states, answers, dates and numbers are said in Vietnamese."""

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from audit_app.rules.problems import TextForbidden, TextTooLong
from audit_app.rules.rounding import decimal, tenths
from audit_app.rules.typed import blank, even
from audit_app.rules.workflow import State

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

ANCHOR = {"muc": "Mục", "ton-tai": "Tồn tại", "khuyen-nghi": "Khuyến nghị", "anh": "Ảnh"}
STATE = {
    State.DRAFT: "Đang kiểm tra",
    State.SUBMITTED: "Chờ thẩm định",
    State.RETURNED: "Đã trả lại",
    State.APPROVED: "Đang phát hành",
    State.ISSUED: "Đã ban hành",
    State.CANCELLED: "Đã huỷ",
}
ANSWER = {
    "dat": "Đạt",
    "mot_phan": "Một phần",
    "khong_dat": "Không đạt",
    "khong_ap_dung": "Không áp dụng",
    "ghi_nhan": "Ghi nhận",
    None: "Chưa kiểm tra",
}
LEVEL = {
    "S": "Sở, ban, ngành",
    "H": "Quận, huyện, thị xã",
    "X": "Xã, phường, thị trấn",
    "T": "Trung tâm, chi nhánh, điểm phục vụ hành chính công",
}
SEVERITY = {"nhe": "Nhẹ", "dang_ke": "Đáng kể", "nghiem_trong": "Nghiêm trọng"}
TIER = {1: "kiểm tra nhanh", 2: "kiểm tra đầy đủ", 3: "kiểm tra mở rộng"}
BASIS = {"BB": "Nghĩa vụ ghi rõ", "SR": "Suy ra từ nghĩa vụ chung", "CD": "Chỉ đạo của Thành phố", "KN": "Khuyến nghị"}
ROLE = {
    "inspector": "Thành viên đoàn kiểm tra",
    "team_lead": "Trưởng đoàn kiểm tra",
    "office": "Chuyên viên Văn phòng",
    "office_lead": "Lãnh đạo Văn phòng",
    "agency": "Cơ quan được kiểm tra",
    "admin": "Quản trị viên",
}
METHOD = {
    "sections": "trung bình có trọng số trong từng phần, rồi theo trọng số của các phần có mục được chấm",
    "items": "trung bình có trọng số của tất cả các mục được chấm",
}
SOURCE = {"live": "chụp trực tiếp", "camera": "máy ảnh", "gallery": "thư viện ảnh"}
EVENT = {
    "inspection.planned": "Lập cuộc kiểm tra",
    "inspection.replanned": "Đổi kế hoạch",
    "inspection.cancelled": "Huỷ cuộc kiểm tra",
    "inspection.restored": "Khôi phục cuộc kiểm tra",
    "inspection.submitted": "Nộp kết quả",
    "inspection.returned": "Trả lại để bổ sung",
    "inspection.approved": "Phê duyệt",
    "inspection.issued": "Ban hành thông báo",
    "inspection.numbered": "Ghi số, ngày văn bản",
    "inspection.reissued": "In lại thông báo có số",
    "inspection.reprinted": "In lại thông báo sau khi gỡ hoặc đưa lại ảnh",
    "verdict.accept": "Chấp nhận mục",
    "verdict.return": "Ghi lý do trả lại mục",
    "verdict.clear": "Bỏ đánh dấu mục",
    "answers.grouped": "Chọn Đạt chung cho các mục còn lại",
    "inspection.imported": "Nhập gói dự phòng của máy tính bảng",
    "photo.original_opened": "Mở bản gốc của ảnh",
    "photo.taken_out": "Gỡ ảnh khỏi thông báo",
    "photo.put_back": "Đưa lại ảnh vào thông báo",
    "photo.covered": "Che thêm trên ảnh sau khi mục đã đóng",
    "minutes.printed": "In biên bản kiểm tra",
    "minutes.downloaded": "Tải biên bản kiểm tra",
    "report.downloaded": "Tải thông báo kết luận",
    "response.given": "Cơ quan giải trình",
    "job.rerun": "Cho in lại",
}
NAV = {
    "home.index": "Hôm nay", "rounds.index": "Đợt kiểm tra", "review.index": "Thẩm định", "follow.index": "Theo dõi",
    "reports.index": "Báo cáo", "agencies.index": "Cơ quan", "people.index": "Quản trị",
}
SHEET = "Danh mục cơ quan"
COLUMN = {
    "code": "Mã", "name": "Tên", "level": "Cấp", "parent": "Cơ quan cấp trên", "valid_from": "Từ ngày",
    "valid_to": "Đến ngày", "successor": "Cơ quan kế thừa", "address": "Địa chỉ", "contact": "Người liên hệ",
    "phone": "Điện thoại", "email": "Thư điện tử",
}
ROW_FLAW = {
    "missing": "còn trống; hãy điền.", "too_long": "dài quá {limit} ký tự; hãy rút gọn.",
    "unseen": "có ký tự không hiển thị được; hãy xoá ô này rồi nhập lại.",
    "level": "ghi «{said}»; chỉ nhận S (sở, ban, ngành), H (quận, huyện), X (xã, phường) hoặc T (trung tâm).",
    "email": "ghi «{said}», không phải một địa chỉ thư điện tử; hãy ghi như ten@hanoi.gov.vn.",
    "no_zero": "không có số 0 ở đầu (bảng tính hay bỏ mất số 0 đó); hãy kiểm tra lại.",
    "day": "ghi «{said}», không phải một ngày; hãy ghi như 01/07/2025.",
    "year": "ghi «{said}»; chỉ nhận ngày từ {first} đến {last}, hãy kiểm tra lại năm.",
    "ends_early": "ghi ngày trước ngày bắt đầu hiệu lực; hãy sửa một trong hai ngày.",
    "ends_visits": "ghi {day}, trong khi {n} cuộc kiểm tra chưa ban hành, chưa huỷ có ngày sau đó; hãy kiểm tra lại.",
    "ends_people": "ghi {day}, trong khi còn {n} tài khoản đang dùng và không có cơ quan kế thừa; hãy kiểm tra lại.",
    "renamed": "đổi «{old}» thành «{said}» trong khi đã có tài khoản hoặc cuộc kiểm tra; lỗi gõ thì hãy sửa ở trang "
               "của cơ quan, đổi tên thật thì hãy ghi thành một dòng mới, với ngày hiệu lực mới.",
    "circle": "tạo thành một vòng: cơ quan không thể đứng trên chính mình.",
    "overlap": "chồng lên một tên khác của mã «{said}»; hãy sửa ngày hiệu lực.",
    "twice": "lặp lại mã «{said}» (hoa, thường như nhau) với cùng ngày hiệu lực ở dòng {first}; hãy bỏ một dòng.",
    "same_name": "ghi «{said}», trùng tên với cơ quan có mã «{code}» cùng hiệu lực; hãy kiểm tra lại.",
    "code": "ghi mã «{said}», không có trong bảng cũng như trong danh mục.",
}
SIGNER = {"lead": "Trưởng đoàn kiểm tra", "secretary": "Thư ký", "agency": "Đại diện đơn vị",
          "witness": "Người chứng kiến"}
JOB = {"queued": "đang chờ", "running": "đang làm", "done": "đã xong", "failed": "bị lỗi"}
WEEKDAY = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def hanoi(moment: datetime | str | None) -> datetime | None:
    """The same moment on a clock in Hà Nội; takes an aware datetime or ISO text."""
    if moment is None or moment == "":
        return None
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(HANOI)


def _date(value) -> date | None:
    if isinstance(value, datetime):
        return hanoi(value).date()
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def day(value) -> str:
    """20/11/2026, or — when there is none."""
    found = _date(value)
    return f"{found:%d/%m/%Y}" if found else "—"


def long_day(value) -> str:
    """«ngày 05 tháng 8 năm 2021»: days below 10 and months 1, 2 with a leading 0 (NĐ 30/2020 Phụ lục I)."""
    found = _date(value)
    if found is None:
        return "ngày      tháng      năm      "
    month = f"{found.month:02d}" if found.month < 3 else str(found.month)
    return f"ngày {found.day:02d} tháng {month} năm {found.year}"


def weekday(value) -> str:
    """thứ Hai 23/11/2026"""
    return f"{WEEKDAY[_date(value).weekday()]} {day(value)}"


def clock(value) -> str:
    """08:30, on a clock in Hà Nội."""
    found = hanoi(value)
    return f"{found:%H:%M}" if found else "—"


def hour(value) -> str:
    """08 giờ 30 phút, as papers say it."""
    return clock(value).replace(":", " giờ ") + " phút"


def moment(value) -> str:
    """08:30 20/11/2026, on a clock in Hà Nội."""
    return f"{clock(value)} {day(hanoi(value))}" if value else "—"


def age(value, today: date) -> str:
    """How long ago, in days on the calendar of Hà Nội: «dưới 1 ngày», «3 ngày»."""
    days = (today - _date(value)).days
    return f"{days} ngày" if days > 0 else "dưới 1 ngày"


def opening(text: str) -> str:
    """With a capital at the beginning, all else untouched: «Thứ Hai 23/11/2026»."""
    return text[:1].upper() + text[1:]


def percent(share) -> str:
    """A percentage, given as 0 to 100: 78.4 → «78,4 %»; a dash when there is none."""
    return "—" if share is None else f"{decimal(Fraction(tenths(share), 10))} %"


def code(digest: str) -> str:
    """The beginning of a digest as people compare it: 5FBB-BF6E-39E2-4459."""
    return "-".join(digest[i:i + 4] for i in range(0, 16, 4)).upper()


def count(value) -> str:
    """A measured number as it was typed: 2.50 → «2,5», 3 → «3»."""
    if value is None:
        return "—"
    return format(Decimal(str(value)).normalize(), "f").replace(".", ",")


def size(octets: int) -> str:
    """4,4 MB"""
    return f"{decimal(Fraction(octets, 1_000_000))} MB" if octets >= 100_000 else f"{max(1, octets // 1000)} kB"


def provision(part, article, clause, point) -> str:
    """«điểm b khoản 2 Điều 13», from the finest to the coarsest. A part («Chương III», «Mục V») is the coarsest
    where there is no article, and the finest («đoạn 2», «Mẫu số 04») beside one."""
    inside = [f"điểm {point}" if point else "", f"khoản {clause}".replace("-", " đến khoản ") if clause else ""]
    said = [part or "", *inside, f"Điều {article}"] if article else [*inside, part or ""]
    return " ".join(filter(None, said))


def provision_short(part, article, clause, point) -> str:
    """«Đ13 k2b», as a lawyer writes it in a margin."""
    said = [f"Đ{article}" if article else part or "", f"k{clause}{point or ''}" if clause else point or ""]
    return " ".join(filter(None, [*said, part if article else ""]))


def amended(by: str) -> str:
    """What follows a provision whose present words another instrument gave; empty when there is none."""
    return f" (được sửa đổi, bổ sung theo {by})" if by else ""


def amended_unread(by: str, since: date) -> str:
    """What a reader is told where the words on file are older than an amendment that nobody has read."""
    return (f"{by} đã sửa đổi, bổ sung một số điều của văn bản này từ {day(since)}; lời văn sau khi sửa của điều khoản "
            "này chưa được đối chiếu.")


FORCE_UNCHECKED = "Chưa kiểm chứng được văn bản này còn hiệu lực vào ngày kiểm tra."
SUCCESSION_UNCHECKED = ", chưa kiểm chứng việc thay thế"


def ends_within(year: int) -> str:
    """What a reader is told of an end known only by its year, while that year lasts."""
    return f"Văn bản này hết hiệu lực trong năm {year}, chưa rõ ngày."


def ground(label: str, issued_on: date | None, issuer: str, title: str) -> str:
    """An instrument among the grounds of a paper: kind, number, date, issuer, title; a law only by name and date."""
    dated = f" {long_day(issued_on)}" if issued_on else ""
    if label.startswith(("Luật ", "Pháp lệnh ")):
        return label.partition(" số ")[0] + dated
    about = title.replace("V/v ", "về việc ", 1) if title.startswith("V/v ") else title
    return f"{label}{dated} của {issuer} {about[0].lower()}{about[1:]}"


def numbered(number, symbol: str) -> str:
    """The number of a paper with its symbol: «05/TB-VP»; below ten with a nought in front (NĐ 30/2020, Phụ lục I)."""
    return f"{str(number).strip():0>2}/{symbol}"


def tidy(text: str | None, *, limit: int = 20_000) -> str:
    """Typed text made safe to keep: NFC, one kind of line end, no control characters; empty when nothing is seen of it.

    `limit` in characters. Raises TextTooLong, TextForbidden (lone surrogates, NUL and other controls).
    """
    said = even(text)
    if len(said) > limit:
        raise TextTooLong(limit=limit)
    if said != visible(said):
        raise TextForbidden()
    return "" if blank(said) else said


def visible(text: str | None) -> str:
    """What of a typed text can be shown again: no control characters, no halves of letters."""
    return "".join(c for c in text or "" if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def fold(text: str) -> str:
    """For searching: no diacritics, đ as d, lower case; the same on both databases."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in bare if not unicodedata.combining(c))


NOTICE, MINUTES = "Thong-bao-ket-luan", "Bien-ban-kiem-tra"


def paper_name(agency: str, issued_on: date, kind: str = NOTICE) -> str:
    """The file name of a paper, in plain letters: Thong-bao-ket-luan_UBND-phuong-Hoan-Kiem_2026-11-23.pdf"""
    return f"{kind}_{_plain(agency)}_{issued_on.isoformat()}.pdf"


def photo_name(agency: str, item: str, number: int, taken_at: datetime, ending: str) -> str:
    """The file name of an original: UBND-phuong-Hoan-Kiem_NY01_anh-2_2026-11-20_0841.jpg, by the clock of Hà Nội."""
    return f"{_plain(agency)}_{_plain(item)}_anh-{number}_{hanoi(taken_at):%Y-%m-%d_%H%M}.{ending}"


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in bare if not unicodedata.combining(c)).split()
    return "-".join(words)[:100]


FILTERS = {
    "day": day, "long_day": long_day, "weekday": weekday, "time": clock, "hour": hour, "moment": moment, "age": age,
    "opening": opening, "visible": visible, "percent": percent, "decimal": decimal, "count": count, "filesize": size,
    "state": STATE.__getitem__, "answer": ANSWER.__getitem__, "level": LEVEL.__getitem__, "tier": TIER.__getitem__,
    "basis": BASIS.__getitem__, "role": ROLE.__getitem__, "method": METHOD.__getitem__, "source": SOURCE.__getitem__,
    "event": lambda name: EVENT.get(name, name), "job": JOB.__getitem__,
    "signer": SIGNER.__getitem__, "code": code, "numbered": numbered, "severity": SEVERITY.__getitem__,
}
"""Jinja filters, for screens and papers alike."""
