"""What forms of the office, the administrator and the agencies refuse, each with one sentence (rules/problems.py)."""

from audit_app.rules.problems import Conflict, Invalid


class SavedMeanwhile(Conflict):
    sentence = ("Trong lúc biểu mẫu này mở, người khác đã lưu nội dung khác; hãy xem giá trị đang lưu ghi ở từng mục, "
                "sửa nếu cần rồi bấm lưu lần nữa.")
    at_field, nothing = "{label}. Đang lưu: {said}.", "để trống"


# ── The notice ─────────────────────────────────────────────────────────────────────────────────────
class IssuedTooEarly(Invalid):
    sentence = "Ngày ban hành phải từ ngày kiểm tra ({day}) trở đi; hãy chọn lại."


class IssuedTooLate(Invalid):
    sentence = "Ngày ban hành sau hôm nay quá {days} ngày; hãy kiểm tra lại, nhất là năm."


class RemedyTooLate(Invalid):
    sentence = "Thời hạn khắc phục sau hôm nay quá {days} ngày; hãy kiểm tra lại, nhất là năm."


class PhotoNotInNotice(Invalid):
    sentence = "Thông báo không có ảnh này; hãy chọn lại trong các ảnh đang hiện."


class PhotoOut(Conflict):
    sentence = "Ảnh này đã được gỡ khỏi thông báo rồi; không cần làm gì thêm."


class PhotoIn(Conflict):
    sentence = "Ảnh này đã được đưa lại vào thông báo rồi; không cần làm gì thêm."


class PaperWithdrawn(Conflict):
    sentence = ("Bản này không còn tải được vì thông báo được in lại; hãy mở trang kết quả kiểm tra của cơ quan và tải "
                "bản mới ở đó.")


# ── Planning ───────────────────────────────────────────────────────────────────────────────────────
class RoundEndsTooEarly(Invalid):
    sentence = "Ngày kết thúc đợt phải từ ngày bắt đầu trở đi; hãy chọn lại."


class AgencyUnknown(Invalid):
    sentence = "Không tìm thấy cơ quan đã chọn; hãy tìm và chọn lại trong danh sách."


class AgencyNotInForce(Invalid):
    sentence = "{agency} không hoạt động vào ngày {day}; hãy chọn cơ quan hoặc ngày khác."


class TeamUnknown(Invalid):
    sentence = "Có người trong đoàn không còn kiểm tra được (đã khoá hoặc đổi vai trò); hãy chọn lại đoàn."


class OnSchedule(Conflict):
    sentence = "{agency} đã có cuộc kiểm tra trong đợt này vào ngày đó; hãy chọn ngày khác."


class DayTaken(Conflict):
    sentence = ("{agency} đã có cuộc kiểm tra khác trong đợt này vào ngày đó nên chưa khôi phục được; hãy đổi ngày "
                "hoặc huỷ cuộc kia, rồi khôi phục cuộc này.")


class AgencyGone(Invalid):
    sentence = ("{agency} không hoạt động vào ngày {day} nên không khôi phục được; hãy thêm cuộc kiểm tra mới vào ngày "
                "khác hoặc tại cơ quan kế thừa.")


class PlanFixed(Conflict):
    sentence = "Cuộc kiểm tra đã có câu trả lời hoặc ảnh nên chỉ đổi được giờ và thêm người; ngày và mức giữ nguyên."


class MemberWorked(Conflict):
    sentence = "{name} đã trả lời hoặc chụp ảnh trong cuộc kiểm tra này nên không rút khỏi đoàn được."


class WhyCancelled(Invalid):
    sentence = "Hãy ghi lý do huỷ để đoàn kiểm tra và người xem sau này biết."


class NoChecklist(Invalid):
    sentence = "Không có phiếu kiểm tra nào có hiệu lực vào ngày đã chọn; hãy chọn ngày khác."


# ── Agencies and what they answer ──────────────────────────────────────────────────────────────────
class RegisterUnreadable(Invalid):
    sentence = ("Không đọc được bảng: cần CSV (UTF-8) hoặc XLSX, dòng đầu có ít nhất các cột Mã, Tên, Cấp, mỗi cột một "
                "lần, và không quá {limit} dòng.")
    plain = ("The table cannot be read: it must be CSV (UTF-8) or XLSX, with at least the columns Mã, Tên, Cấp "
             "(or code, name, level) in its first row, each column once, and at most {limit} rows.")


class RegisterRowFlaw(Invalid):
    sentence = "Cột «{column}» {why}"
    plain = "Column {column} ({header}) {what}"


class FindingUnknown(Invalid):
    sentence = "Thông báo này không có tồn tại số {number}; hãy tải lại trang."


class ReportReplaced(Conflict):
    sentence = "Thông báo vừa được thay bằng bản mới đang hiện ở đây; hãy xem lại rồi gửi giải trình theo bản này."


class PromiseTooEarly(Invalid):
    sentence = "Ngày dự kiến hoàn thành phải từ hôm nay trở đi; hãy chọn lại."


# ── Accounts ───────────────────────────────────────────────────────────────────────────────────────
class NameTaken(Conflict):
    sentence = "Tên «{taken}» đã có người dùng; hãy chọn tên khác."
    plain = "There is somebody called {taken} already; choose another name."


class PasswordTooShort(Invalid):
    sentence = "Mật khẩu phải có ít nhất {limit} ký tự."
    plain = "A password needs at least {limit} characters."


class OldPasswordWrong(Invalid):
    sentence = "Mật khẩu đang dùng không đúng; hãy nhập lại."


class OwnAccount(Invalid):
    sentence = "Không tự khoá được tài khoản của chính mình; hãy nhờ quản trị viên khác."


class OwnReset(Invalid):
    sentence = "Mật khẩu của chính mình thì đổi ở trang Tài khoản của tôi, nơi hỏi mật khẩu đang dùng."


class OwnRole(Invalid):
    sentence = "Không tự đổi được vai trò của chính mình; hãy nhờ quản trị viên khác."


class LastAdministrator(Conflict):
    sentence = ("Đây là quản trị viên cuối cùng còn đăng nhập được; hãy thêm quản trị viên khác rồi mới đổi vai trò "
                "hoặc khoá tài khoản này.")
    plain = "This is the last administrator who can sign in; add another one first."


class StillOnTeams(Conflict):
    sentence = ("Người này còn trong đoàn của {count} cuộc kiểm tra chưa nộp; hãy nhờ Văn phòng đổi đoàn hoặc đợi đoàn "
                "nộp, rồi mới đổi vai trò.")


# ── Review ─────────────────────────────────────────────────────────────────────────────────────────
class JudgedMeanwhile(Conflict):
    sentence = "Đồng nghiệp vừa quyết định về mục {item} như đang hiện; hãy xem rồi quyết định lại nếu cần."
