"""The forms people fill in, with their Vietnamese labels and messages."""

import re
from datetime import timedelta

from wtforms import (
    FileField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional, Regexp

from audit_app.records.db import now
from audit_app.rules import problems, refusals
from audit_app.rules.register import EMAIL
from audit_app.rules.typed import even
from audit_app.rules.wording import LEVEL, TIER, hanoi, opening
from audit_app.web.fields import Choice, Day, Whole, at_most, needed
from audit_app.web.form import Form, RowId

SAVED = "Đã lưu lên máy chủ."
PHOTO_LEFT_OUT = "Câu trả lời và ghi chú đã lưu; chỉ ảnh không được nhận."
UNREADABLE = {
    "number": "Hãy viết số từ 0 trở lên, không dấu phân cách hàng nghìn, ví dụ 1200 hoặc 2,5.",
    "of": "Tổng số phải là số nguyên từ 0 trở lên.",
    "total": "Số có phải là số nguyên từ 0 trở lên.",
    "working": "Số hoạt động phải là số nguyên, không lớn hơn số có.",
}
"""What is wrong with a field that the tablet page's plain forms send."""
SUBMITTED = "Đã nộp kết quả. Biên nhận {receipt}."
ACCEPTED = "Đã chấp nhận {count} mục."
RETURNED = "Đã gửi trả {count} mục cho đoàn kiểm tra."
LEFT_OUT = "{count} mục vừa được đồng nghiệp quyết định nên giữ nguyên."
APPROVED = "Đã phê duyệt. Thông báo kết luận đang được in."
TAKEN_OUT = "Đã gỡ ảnh. Thông báo đang được in lại không có ảnh này; cơ quan không tải được bản cũ nữa."
PUT_BACK = "Đã đưa lại ảnh. Thông báo đang được in lại có ảnh này; cơ quan tải được bản mới khi in xong."
NUMBERED = "Đã ghi số văn bản. Thông báo đang được in lại với số này."
RERUN = "Đã cho chạy lại; việc này sẽ xong trong ít phút."
ROUND_CHANGED = "Đã lưu đợt kiểm tra."
CANCELLED = "Đã huỷ cuộc kiểm tra tại {agency}. Những gì đã ghi vẫn còn; có thể khôi phục."
RESTORED = "Đã khôi phục cuộc kiểm tra tại {agency}."
ROUND_OPENED = "Đã lập đợt kiểm tra. Hãy thêm các cuộc kiểm tra của đợt."
PLANNED = "Đã thêm cuộc kiểm tra tại {agency}."
SAME_HOUR = "{person} cũng có cuộc kiểm tra tại {agency} vào {at} ngày {day}; hãy kiểm tra lại đoàn hoặc giờ."
OUTSIDE = "Ngày {day} nằm ngoài thời gian của đợt, từ {starts_on} đến {ends_on}; hãy kiểm tra lại ngày."
DAY_OFF = "{day} là ngày nghỉ; nếu không định kiểm tra vào ngày nghỉ, hãy đổi ngày."
NOW_OUTSIDE = "{n} cuộc kiểm tra của đợt nằm ngoài thời gian này; hãy đổi ngày của đợt hoặc của các cuộc đó."
TWICE = "{agency} đã có cuộc kiểm tra ngày {days} trong chính đợt này; hãy kiểm tra lại."
SAME_DAY = "{agency} cũng có cuộc kiểm tra ngày {day} trong đợt «{round}»; hãy kiểm tra lại."
REPLANNED = "Đã đổi kế hoạch kiểm tra tại {agency}."
RESPONDED = "Đã gửi giải trình cho tồn tại số {number}."
CONTACT_SAVED = "Đã lưu tên và thông tin liên hệ."
REGISTER_FILE = "danh-muc-co-quan.xlsx"
NOTHING_IMPORTED = "Tệp chỉ có dòng tiêu đề, không có cơ quan nào; danh mục giữ nguyên."
IMPORTED = "Đã nhập danh mục: thêm {added}, cập nhật {changed}, giữ nguyên {same}."
UNUSED_COLUMNS = "Cột không dùng: {columns}."
ODD_ROWS = "Dòng {rows}: {said}"
MORE_ODD = "… và {n} điều tương tự nữa."
PERSON_DISABLED = "Đã khoá tài khoản {name}; mọi phiên làm việc của người này đã kết thúc."
STILL_ON_TEAMS = ("{name} còn trong đoàn của {n} cuộc kiểm tra chưa nộp; Văn phòng cần đổi đoàn của các cuộc đó nếu "
                  "người này không trở lại.")
NOBODY_ABLE = ("Không ai trong đoàn còn làm kiểm tra được (đã khoá tài khoản hoặc đổi vai trò), nên chưa ai sửa được "
               "các mục trả lại; hãy đổi kế hoạch để thêm người vào đoàn.")
PERSON_ENABLED = "Đã mở lại tài khoản {name}."
PERSON_CHANGED = "Đã lưu thông tin của {name}."
OWN_CHANGED = "Đã đổi mật khẩu. Các thiết bị khác của bạn phải đăng nhập lại bằng mật khẩu mới."
LEVELS = [("", "Tất cả các cấp"), *LEVEL.items()]
TIERS = [(tier, opening(said)) for tier, said in TIER.items()]


class Decision(Form):
    """What the office thinks of one item, or of several at once."""

    places = {problems.ReasonNeeded: "reason"}
    decision = StringField("Quyết định", [
        Regexp("^(accept|return|clear)$", message="Hãy chọn chấp nhận hoặc trả lại.")])
    reason = TextAreaField("Lý do trả lại", [at_most(2_000)])


def number_alone(typed: str | None, symbol: str) -> str:
    """«số 125», «125/TB-VP» are 125 where TB-VP is the symbol that is printed; anything else stays for the check."""
    said = even(typed)
    found = re.fullmatch(rf"(?:số *:? *)?([0-9]+[a-zđ]?)(?: ?/ ?{re.escape(symbol)})?", said, re.IGNORECASE)
    return found[1] if found else said


ONLY_NUMBER = Regexp(r"^(?=0*[1-9])[0-9]{1,6}[A-Za-zĐđ]?$",
                     message="Chỉ ghi phần số, ví dụ 125 hoặc 125a; ký hiệu được in sẵn.")


class Signed(Form):
    """A notice that somebody signs, with its number and days."""

    places = {refusals.IssuedTooEarly: "issued_on", refusals.IssuedTooLate: "issued_on",
              problems.RemedyTooEarly: "remedy_by", refusals.RemedyTooLate: "remedy_by",
              problems.NumberTaken: "number"}
    signer = Choice("Người ký", choices=())

    @classmethod
    def among(cls, labels, chosen: str, symbol: str, **more):
        """With the people who may sign, one of them chosen: "" is whoever signed what is printed. The number is what
        was typed without the `symbol` that is printed behind it."""
        form = cls(**more, signer=chosen)
        form.number.data = number_alone(form.number.data, symbol)
        form.signer.choices = [SelectChoice(label, label or "Như bản đã in") for label in labels]
        return form


class Numbering(Signed):
    """The number that a notice got after it was issued, its day, the day that is left to mend, and who signed."""

    number = StringField("Số văn bản", [needed("số văn bản"), ONLY_NUMBER])
    issued_on = Day("Ngày ban hành", [needed("ngày ban hành")])
    remedy_by = Day("Thời hạn khắc phục", [Optional()])


class TakingOut(Form):
    """Which photo is taken out of an issued notice, and why."""

    places = {refusals.PhotoNotInNotice: "photo", refusals.PhotoOut: "photo", problems.TextForbidden: "reason"}
    photo = StringField("Ảnh cần gỡ", [InputRequired("Hãy chọn ảnh cần gỡ.")])
    reason = StringField("Lý do", [needed("lý do"), at_most(200)])


class PuttingBack(TakingOut):
    """Which of the photos that were taken out comes back, and why."""

    places = {refusals.PhotoNotInNotice: "photo", refusals.PhotoIn: "photo", problems.TextForbidden: "reason"}
    photo = StringField("Ảnh cần đưa lại", [InputRequired("Hãy chọn ảnh cần đưa lại.")])


class Approval(Signed):
    """What stands in the notice besides the findings themselves."""

    number = StringField("Số văn bản", [Optional(), ONLY_NUMBER])
    issued_on = Day("Ngày ban hành", [Optional()])
    remedy_by = Day("Thời hạn khắc phục", [Optional()])
    conclusion = TextAreaField("Kết quả đạt được, đánh giá chung", [at_most(20_000)])
    causes = TextAreaField("Nguyên nhân, trách nhiệm", [at_most(20_000)])

    def validate_remedy_by(self, field):
        """What an agency reads today cannot have been due yesterday."""
        if field.data and field.data < hanoi(now()).date():
            raise ValidationError("Thời hạn khắc phục đã qua; hãy chọn từ hôm nay trở đi.")


class Answer(Form):
    """An agency's answer to one finding."""

    places = {refusals.PromiseTooEarly: "promised_on", refusals.PromiseTooLate: "promised_on",
              refusals.AnsweredMeanwhile: "text", problems.TextForbidden: "text"}
    row = RowId()
    finding = Whole("Số tồn tại", [needed("số tồn tại")])
    text = TextAreaField("Giải trình, kết quả khắc phục", [needed("nội dung giải trình"), at_most(10_000)])
    promised_on = Day("Ngày dự kiến hoàn thành", [Optional()])

    @property
    def answers_shown(self) -> int | None:
        """How many answers to the finding stood on the page; None where nobody says."""
        return int(self.seen.data) if re.fullmatch("[0-9]{1,4}", self.seen.data or "") else None


class Cancelling(Form):
    """Why a visit does not take place."""

    places = {refusals.WhyCancelled: "why"}
    why = TextAreaField("Lý do huỷ", [at_most(500)])


YEAR = timedelta(days=366)


class NewRound(Form):
    """A round of inspection."""

    row = RowId()
    title = StringField("Tên đợt kiểm tra", [needed("tên đợt kiểm tra"), at_most(200)])
    decision = StringField("Kế hoạch, quyết định", [at_most(200)])
    starts_on = Day("Từ ngày", [needed("ngày bắt đầu")])
    ends_on = Day("Đến ngày", [needed("ngày kết thúc")])
    tier = Choice("Mức kiểm tra", coerce=int, choices=TIERS, default=2)

    def validate_ends_on(self, field):
        """A round ends on the day it begins, or later; more than a year later, a year was mistyped."""
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError("Ngày kết thúc phải từ ngày bắt đầu trở đi; hãy chọn lại.")
        if self.starts_on.data and field.data and field.data - self.starts_on.data > YEAR:
            raise ValidationError("Đợt kiểm tra dài quá một năm; hãy kiểm tra lại, nhất là năm.")


def hour(typed: str | None) -> str:
    """«8h30», «8.30», «8:30» and «8 giờ 30» are 08:30, «8h» is 08:00; anything else stays for the check."""
    said = even(typed).lower()
    found = re.fullmatch(r"(\d{1,2}) ?(?:[:.] ?(\d{2})|(?:h|g|giờ)(?: ?(\d{2})(?: ?phút)?)?)", said)
    return f"{int(found[1]):02d}:{found[2] or found[3] or '00'}" if found else said


class NewVisit(Form):
    """One inspection of a round."""

    places = {refusals.AgencyUnknown: "agency", refusals.AgencyNotInForce: "agency", refusals.OnSchedule: "day",
              refusals.NoChecklist: "day", refusals.PlanFixed: "day", refusals.TeamUnknown: "team",
              refusals.MemberWorked: "team"}
    agency = StringField("Cơ quan được kiểm tra", [InputRequired("Hãy chọn một cơ quan trong danh sách.")])
    day = Day("Ngày kiểm tra", [needed("ngày kiểm tra")])
    at = StringField("Giờ bắt đầu", [
        Optional(), Regexp("^([01][0-9]|2[0-3]):[0-5][0-9]$", message="Giờ không đúng; hãy nhập như 08:30.")],
        filters=[hour])
    tier = Choice("Mức kiểm tra", coerce=int, choices=TIERS)
    team = SelectMultipleField("Thành viên đoàn", validate_choice=False)
    lead = StringField("Trưởng đoàn")

    def validate_team(self, field):
        """Nobody inspects is no inspection; who leads must be on the team."""
        if not field.data:
            raise ValidationError("Hãy chọn ít nhất một thành viên đoàn kiểm tra.")
        if self.lead.data and self.lead.data not in field.data:
            raise ValidationError("Trưởng đoàn phải là một thành viên đã chọn; hãy chọn lại.")


class AnotherPlan(NewVisit):
    """Another day, hour, tier or team for a visit; its agency stays."""

    places = {**NewVisit.places, refusals.AgencyNotInForce: "day"}
    beside = {"lead": "team"}
    agency = None

    @classmethod
    def of(cls, visit):
        """What is planned now, with the names of the team."""
        form = cls(formdata=None, data={
            "day": visit.planned_for, "at": visit.planned_at, "tier": visit.tier,
            "team": [str(a.user_id) for a in visit.team],
            "lead": next((str(a.user_id) for a in visit.team if a.lead), "")})
        form.team.choices = [SelectChoice(str(a.user_id), a.user.full_name) for a in visit.team]
        return form


class Contact(Form):
    """What an agency is rightly called, where it is, and whom to call."""

    places = {refusals.NameOfAnother: "name"}
    name = StringField("Tên cơ quan", [needed("tên cơ quan"), at_most(200)])
    address = StringField("Địa chỉ", [at_most(300)])
    contact = StringField("Người liên hệ", [at_most(200)])
    phone = StringField("Điện thoại", [at_most(60)])
    email = StringField("Thư điện tử", [at_most(120), Optional(), Regexp(
        EMAIL, message="Thư điện tử không đúng; hãy nhập như ten@hanoi.gov.vn.")])


class AgencyFile(Form):
    """A spreadsheet of agencies."""

    places = {refusals.RegisterUnreadable: "file"}
    file = FileField("Tệp danh mục (CSV hoặc XLSX)")

    def validate_file(self, field):
        """Something must have been chosen."""
        if not field.data or not getattr(field.data, "filename", ""):
            raise ValidationError("Hãy chọn một tệp CSV hoặc XLSX.")
