"""What forms of the office, the administrator and the agencies refuse, each with one sentence (rules/problems.py)."""

from audit_app.rules.problems import Conflict, Invalid, TooManyTries


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
    sentence = ("Không đọc được bảng: tệp hỏng, có mật khẩu, hoặc không phải CSV hay XLSX (cả .xls kiểu cũ); hãy mở "
                "tệp bằng Excel, lưu thành XLSX rồi chọn lại.")
    plain = ("The table cannot be read: the file is damaged, has a password, or is neither CSV nor XLSX (an old .xls "
             "is not); open it in a spreadsheet and save it as XLSX.")


class RegisterEncoding(RegisterUnreadable):
    sentence = ("Không đọc được bảng: chữ trong tệp CSV không phải UTF-8 hay UTF-16 (từ dòng {row}); hãy mở tệp bằng "
                "Excel, lưu kiểu «CSV UTF-8» hoặc XLSX rồi chọn lại.")
    plain = ("The table cannot be read: its text is neither UTF-8 nor UTF-16 with its mark (from line {row} on); save "
             "it as CSV UTF-8 or as XLSX.")


class RegisterQuoted(RegisterUnreadable):
    sentence = ("Không đọc được bảng: dấu ngoặc kép (\") ở dòng {row} mở mà không đóng đúng chỗ, nên không biết ô nào "
                "hết ở đâu; hãy bỏ dấu đó hoặc đóng lại rồi chọn lại tệp.")
    plain = "The table cannot be read: a quotation mark in line {row} is not closed where its cell ends."


class RegisterTooBig(RegisterUnreadable):
    sentence = ("Không đọc được bảng: nội dung tệp quá lớn so với một danh mục; hãy chép riêng các ô có chữ sang một "
                "tệp mới rồi chọn lại.")
    plain = "The table cannot be read: it holds far more than any register; copy the cells with text into a new file."


class RegisterTooTall(RegisterUnreadable):
    sentence = ("Không đọc được bảng: có quá {limit} dòng, kể cả dòng trống; hãy xoá các dòng trống bên dưới bảng rồi "
                "chọn lại.")
    plain = "The table cannot be read: it has more than {limit} rows, blank ones included; delete the blank rows."


class RegisterTooLong(RegisterUnreadable):
    sentence = ("Không đọc được bảng: có quá {limit} dòng, không kể dòng trống; hãy chia thành nhiều tệp rồi "
                "nhập lần lượt.")
    plain = ("The table cannot be read: it has more than {limit} rows, blank ones not counted; divide it into "
             "several files.")


class RegisterEmpty(RegisterUnreadable):
    sentence = ("Không đọc được bảng: tệp không có chữ nào (XLSX chỉ được đọc trang đầu); hãy chọn tệp khác hoặc đưa "
                "trang có danh mục lên đầu.")
    plain = "The table cannot be read: there is nothing in it (of an XLSX only the first sheet is read)."


class RegisterColumnMissing(RegisterUnreadable):
    sentence = ("Không đọc được bảng: thiếu cột {missing} ở dòng tên cột. Giống dòng tên cột nhất là dòng {row}, có "
                "{found}; hãy bổ sung hoặc sửa tên cột rồi chọn lại.")
    plain = ("The table cannot be read: its header lacks {missing} ({lacking}). What is most like a header is row "
             "{row}, with {found}; add what lacks or correct its name.")


class RegisterColumnTwice(RegisterUnreadable):
    sentence = ("Không đọc được bảng: ở dòng {row}, {found} đều là cột «{column}»; hãy giữ một cột, xoá hoặc đổi "
                "tên cột kia.")
    plain = ("The table cannot be read: in row {row}, {found} are the same column {column} ({header}); keep one, "
             "remove or rename the other.")


class RegisterRowFlaw(Invalid):
    sentence = "Cột «{column}» {why}"
    plain = "Column {column} ({header}) {what}"


class NameOfAnother(Conflict):
    sentence = ("Tên này đang là của cơ quan mã {code}; hãy kiểm tra lại, hoặc ghi thêm địa bàn vào tên nếu là hai cơ "
                "quan khác nhau.")


class FindingUnknown(Invalid):
    sentence = "Thông báo này không có tồn tại số {number}; hãy tải lại trang."


class AnsweredMeanwhile(Conflict):
    sentence = ("Trong lúc trang này mở, {name} đã giải trình tồn tại này lúc {at}; hãy xem giải trình đó, sửa nếu "
                "cần rồi bấm gửi lần nữa.")


class ReportReplaced(Conflict):
    sentence = "Thông báo vừa được thay bằng bản mới đang hiện ở đây; hãy xem lại rồi gửi giải trình theo bản này."


class PromiseTooEarly(Invalid):
    sentence = "Ngày dự kiến hoàn thành phải từ hôm nay trở đi; hãy chọn lại."


class PromiseTooLate(Invalid):
    sentence = "Ngày dự kiến hoàn thành sau hôm nay quá hai năm; hãy kiểm tra lại, nhất là năm."


# ── Accounts ───────────────────────────────────────────────────────────────────────────────────────
class NameTaken(Conflict):
    sentence = "Tên «{taken}» đã có người dùng; hãy chọn tên khác."
    plain = "There is somebody called {taken} already; choose another name."


class NameUnfit(Invalid):
    sentence = "Tên đăng nhập gồm chữ thường không dấu, số, dấu chấm hoặc gạch; từ 2 đến 60 ký tự."
    plain = "A name to sign in with has 2 to 60 letters a to z, digits, full stops, hyphens; a letter or digit first."


class PasswordTooShort(Invalid):
    sentence = "Mật khẩu phải có ít nhất {limit} ký tự."
    plain = "A password needs at least {limit} characters."


class OldPasswordWrong(Invalid):
    sentence = "Mật khẩu đang dùng không đúng; hãy nhập lại."


class TooManyTriesAtHome(TooManyTries):
    sentence = "Đã nhập sai mật khẩu đang dùng quá nhiều lần; hãy chờ {minutes} phút rồi đổi mật khẩu lại."


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
class SubmittedAgain(Conflict):
    sentence = ("Đoàn vừa nộp lần {number}, còn quyết định này là về lần nộp trước nên chưa được ghi; hãy xem các mục "
                "đã sửa rồi làm lại.")


class JudgedMeanwhile(Conflict):
    sentence = "Đồng nghiệp vừa quyết định về mục {item} như đang hiện; hãy xem rồi quyết định lại nếu cần."
