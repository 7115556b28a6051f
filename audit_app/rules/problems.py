"""Everything that goes wrong on purpose: a stable name, an HTTP status, one Vietnamese sentence each.

The name is what programs rely on (outside.md); the sentence says what happened and what to do. A problem that ends a
command also has a `plain` one: the terminal speaks English.
"""


def grouped(number: int) -> str:
    """As Vietnamese write it: 20.000."""
    return f"{number:,}".replace(",", ".")


class Problem(Exception):
    """The root of all problems. `details` fill the sentence and travel to the tablet as JSON."""

    name = "invalid"
    status = 400
    sentence = "Yêu cầu không hợp lệ; hãy tải lại trang rồi làm lại."
    plain = ""

    def __init__(self, **details):
        self.details = details
        shown = {"limit": grouped(details["limit"])} if "limit" in details else {}
        self.message = self.sentence.format(**details | shown)
        super().__init__(self.message)

    @property
    def in_english(self) -> str:
        """The sentence for the terminal; where none was foreseen, at least what it is called."""
        return self.plain.format(**self.details) or f"Refused: {type(self).__name__}."


class NotFound(Problem):
    name, status = "not_found", 404
    sentence = "Không tìm thấy trang hoặc dữ liệu này; hãy quay lại danh sách và chọn lại."


class NotAllowed(Problem):
    name, status = "forbidden", 403
    sentence = "Bạn không có quyền làm việc này; hãy liên hệ trưởng đoàn, Văn phòng hoặc quản trị viên nếu cần."


class Conflict(Problem):
    name, status = "conflict", 409
    sentence = "Dữ liệu vừa được người khác thay đổi; hãy tải lại trang rồi làm lại."


class Invalid(Problem):
    name, status = "invalid", 422
    sentence = "Dữ liệu gửi lên không đúng; hãy kiểm tra lại."


class TooLarge(Problem):
    name, status = "too_large", 413
    sentence = "Dữ liệu gửi lên quá lớn; hãy gửi ít hơn mỗi lần."


class MustSignIn(Problem):
    name, status = "sign_in", 401
    sentence = "Phiên làm việc đã kết thúc; hãy đăng nhập lại."


class CsrfRefused(Problem):
    name, status = "csrf", 400
    sentence = "Trang đã mở quá lâu nên không còn an toàn để gửi; hãy bấm gửi lại một lần nữa."


class WrongPassword(Problem):
    name, status = "sign_in", 401
    sentence = "Tên đăng nhập hoặc mật khẩu không đúng; hãy nhập lại."


class TooManyTries(Problem):
    name, status = "sign_in", 429
    sentence = "Đã thử sai quá nhiều lần; hãy chờ {minutes} phút rồi đăng nhập lại."


class Unexpected(Problem):
    name, status = "unexpected", 500
    sentence = "Máy chủ gặp lỗi ngoài dự kiến và đã ghi lại; dữ liệu chưa gửi vẫn được giữ. Hãy thử lại sau ít phút."


class Busy(Problem):
    name, status = "busy", 503
    sentence = "Máy chủ đang bận; hãy thử lại sau ít giây. Dữ liệu chưa gửi vẫn được giữ."


class StoreAway(Problem):
    name, status = "busy", 503
    sentence = "Kho ảnh và văn bản chưa trả lời; hãy thử lại sau ít phút. Dữ liệu chưa gửi vẫn được giữ."
    plain = "The store of photos and papers (AUDIT_BLOBS_URL) does not answer; try again in some minutes."


class VersionUnknown(Problem):
    name, status = "upgrade", 426
    sentence = "Ứng dụng trên máy không cùng phiên bản với máy chủ; hãy tải lại trang. Dữ liệu vẫn trên máy."


class NoRoom(Problem):
    name, status = "no_room", 507
    sentence = "Máy chủ hết chỗ lưu; dữ liệu chưa gửi vẫn được giữ trên máy. Hãy báo quản trị viên."
    plain = "The disk is full; make room on it, then try again."


# ── Photos and bytes ──────────────────────────────────────────────────────────────────────────────
class PhotoUnreadable(Invalid):
    sentence = "Tệp này không phải ảnh đọc được (chỉ nhận JPEG, PNG, WebP, HEIC); hãy chụp hoặc chọn ảnh khác."


class PhotoTooLarge(TooLarge):
    sentence = "Ảnh lớn quá mức cho phép (25 MB, 60 triệu điểm ảnh); hãy chọn ảnh nhỏ hơn."


class PhotoTooHeavy(TooLarge):
    sentence = ("Máy chủ đã thử nhiều lần mà không đủ bộ nhớ hoặc thời gian để đọc ảnh này; ảnh vẫn được giữ trên máy. "
                "Hãy báo quản trị viên rồi gửi lại, hoặc chụp lại ảnh nhỏ hơn.")


class HashMismatch(Invalid):
    sentence = "Ảnh nhận được không khớp mã kiểm tra, có thể hỏng khi truyền; máy sẽ gửi lại."


class OffsetDiffers(Conflict):
    sentence = "Máy chủ đã nhận ảnh này đến vị trí {offset}; máy sẽ gửi tiếp từ đó."


class LengthWrong(Invalid):
    sentence = "Độ dài báo trước không khớp với phần ảnh gửi lên; máy sẽ gửi lại ảnh này."


class BlobMissing(NotFound):
    sentence = "Không còn tìm thấy tệp này trong kho; hãy báo quản trị viên."


class BlobDamaged(Problem):
    name, status = "damaged", 500
    sentence = "Tệp này đã hỏng trong kho (không khớp mã kiểm tra); hãy báo quản trị viên khôi phục từ bản sao lưu."


class NotPrinted(Problem):
    name, status = "not_printed", 500
    sentence = "Không in được văn bản ({why}); hãy cho in lại, nếu vẫn lỗi hãy báo quản trị viên."


class PhotoNotReady(NotFound):
    sentence = "Ảnh đang được xử lý; hãy mở lại sau ít giây."


class PhotoWithheld(NotFound):
    sentence = "Ảnh có người dân hoặc giấy tờ chưa được làm mờ nên không đưa ra ngoài."


# ── Rows from tablets ─────────────────────────────────────────────────────────────────────────────
class RowUnreadable(Invalid):
    sentence = "Dòng dữ liệu không đọc được (thiếu hoặc sai trường «{field}»)."


class UnknownItem(Invalid):
    sentence = "Mục {item} không thuộc phiếu kiểm tra này."


class UnknownValue(Invalid):
    sentence = "Giá trị «{value}» không dùng được cho mục {item}."


class NumberNeeded(Invalid):
    sentence = "Mục {item} cần nhập số không âm."


class RatioImpossible(Invalid):
    sentence = "Mục {item}: số đạt phải nằm trong khoảng từ 0 đến tổng số, và tổng số phải lớn hơn 0."


class TextTooLong(Invalid):
    sentence = "Nội dung dài quá {limit} ký tự; hãy rút gọn rồi lưu lại."
    plain = "A name or title is longer than {limit} characters; shorten it."


class TextForbidden(Invalid):
    sentence = "Nội dung có ký tự không hiển thị được; hãy xoá rồi nhập lại."
    plain = "A name or title has a character that cannot be shown; type it anew."


class RowConflict(Conflict):
    sentence = "Dòng này đã được gửi trước đó với nội dung khác; cả hai được giữ để người phụ trách xem."


class VisitClosed(NotAllowed):
    sentence = "Cuộc kiểm tra đã nộp nên không nhận thêm; nếu cần sửa, hãy đề nghị Văn phòng trả lại mục đó."


class VisitCancelled(NotAllowed):
    sentence = "Văn phòng đã huỷ cuộc kiểm tra này nên máy chủ chưa nhận; hãy báo Văn phòng khôi phục rồi gửi lại."


class ItemLocked(NotAllowed):
    sentence = "Mục {item} đang khoá: chỉ những mục bị trả lại mới sửa được."


class LeadChooses(NotAllowed):
    sentence = "Mục {item} có hai câu trả lời khác nhau; chỉ trưởng đoàn được chọn. Câu trả lời của bạn vẫn trên máy."


class TooManyRows(TooLarge):
    sentence = "Gửi quá {limit} dòng một lần; hãy chia nhỏ."


class SignatureEmpty(Invalid):
    sentence = "Chữ ký chưa có nét nào; hãy ký lại, hoặc chọn «Từ chối ký» và ghi lý do."


class RefusalNeedsReason(Invalid):
    sentence = "Đơn vị từ chối ký: hãy ghi lý do từ chối."


class WitnessNeeded(Invalid):
    sentence = "Đơn vị từ chối ký: cần có chữ ký của người chứng kiến trước khi ghi nhận việc từ chối."


# ── The life of an inspection ─────────────────────────────────────────────────────────────────────
class StepImpossible(Conflict):
    sentence = "Không làm được bước này khi cuộc kiểm tra ở trạng thái «{state}»; hãy tải lại trang."


class Incomplete(Conflict):
    sentence = "Chưa nộp được: còn {count} chỗ thiếu câu trả lời, thiếu ảnh hoặc chờ chọn giữa hai câu trả lời."


class HandedInWithout(Conflict):
    sentence = ("Đồng nghiệp đã nộp cuộc kiểm tra này, trong đó không có một số câu trả lời, ảnh trên máy này vì chưa "
                "đến máy chủ; hãy báo Văn phòng trả lại các mục đó để bổ sung.")


class OwnWork(NotAllowed):
    sentence = "Người trong đoàn kiểm tra không được phê duyệt kết quả của chính đoàn mình."


class NothingToReturn(Invalid):
    sentence = "Chưa chọn mục nào để trả lại; hãy ghi lý do ở ít nhất một mục."


class ReasonNeeded(Invalid):
    sentence = "Hãy ghi lý do trả lại mục {item} để đoàn kiểm tra biết cần sửa gì."


class ReturnsPending(Conflict):
    sentence = "Còn {count} mục đang chờ trả lại; hãy gửi trả hoặc bỏ chọn trước khi phê duyệt."


class NumberTaken(Conflict):
    sentence = "Số {number} đã dùng trong năm {year} cho thông báo của {agency}; hãy kiểm tra lại với văn thư."


class RemedyTooEarly(Invalid):
    sentence = "Thời hạn khắc phục phải từ ngày ban hành (chưa ghi thì từ ngày kiểm tra) trở đi; hãy chọn lại."


class WorkBroke(Problem):
    name, status = "unexpected", 500
    sentence = "Máy chủ gặp lỗi ngoài dự kiến; hãy chạy lại, nếu vẫn lỗi hãy báo quản trị viên kèm mã lỗi: {why}"


class JobNotFailed(Conflict):
    sentence = "Việc này không ở trạng thái lỗi nên không cần chạy lại."
