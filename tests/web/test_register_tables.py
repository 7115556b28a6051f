"""Tables of agencies as people have them: days, codes, blank rows, titles, signs and encodings."""

from datetime import date
from html import unescape
from io import BytesIO

import pytest
from openpyxl import Workbook
from openpyxl.styles import Border, Side
from sqlalchemy import select

from audit_app.records.models import Agency


def take(chi, table: str | bytes, name: str = "danh-muc.csv"):
    data = table.encode() if isinstance(table, str) else table
    return chi.post("/agencies/import", data={"file": (BytesIO(data), name)}, headers=chi.csrf,
                    content_type="multipart/form-data")


def kept(database, name: str) -> list[Agency]:
    """The agencies of this name."""
    with database.transaction(writing=False) as db:
        return list(db.scalars(select(Agency).where(Agency.name == name)))


@pytest.mark.parametrize("typed", ["01-07-2025", "01.07.2025", "1/7/2025", "2025-07-01"])
def test_a_day_in_a_table_is_read_as_in_a_form(chi, database, typed):
    assert take(chi, f"Mã,Tên,Cấp,Từ ngày\nTN-17,UBND phường Thử,X,{typed}\n").status_code == 302
    assert kept(database, "UBND phường Thử")[0].valid_from == date(2025, 7, 1)


@pytest.mark.parametrize("typed", ["01/07/2205", "01/01/0001", "01/07/0205", "31/12/1999"])
@pytest.mark.parametrize(("column", "cells"), [("Từ ngày", "{},"), ("Đến ngày", ",{}")])
def test_a_year_that_forms_refuse_is_refused_in_a_table_with_its_row_and_column(chi, database, typed, column, cells):
    told = take(chi, "Mã,Tên,Cấp,Từ ngày,Đến ngày\nTN-16,UBND phường Thử,X,,\n"
                     f"TN-17,UBND phường Thử,X,{cells.format(typed)}\n")
    assert told.status_code == 422 and not kept(database, "UBND phường Thử")
    assert f"Dòng 3: Cột «{column}» ghi «{typed}»; chỉ nhận ngày từ 01/01/2000 đến 01/01/2100" in told.text
    form = chi.send("/rounds/new", "/rounds/new", title="Đợt thử", starts_on=typed, ends_on="01/07/2026", tier="1")
    assert form.status_code == 422 and "«Từ ngày» không đúng; hãy kiểm tra lại năm." in form.text


HEADER = ["Mã", "Tên", "Cấp"]
ROW = ["TN-17", "UBND phường Thử", "X"]


def xlsx(*rows: list[str], blank_rows: int = 0) -> bytes:
    """A spreadsheet, its last rows with borders and nothing in them."""
    book, out = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    for number in range(len(rows) + 1, len(rows) + blank_rows + 1):
        book.active.cell(number, 1).border = Border(bottom=Side("thin"))
    book.save(out)
    return out.getvalue()


def test_blank_rows_with_borders_do_not_count(chi, database):
    table = xlsx(HEADER, blank_rows=6_000)
    assert take(chi, xlsx(HEADER, ROW, blank_rows=6_000), "danh-muc.xlsx").status_code == 302
    assert len(kept(database, ROW[1])) == 1 and take(chi, table, "danh-muc.xlsx").status_code == 302


def test_rows_that_are_only_numbered_do_not_count_and_those_below_keep_their_numbers(chi, database):
    numbered = "".join(f"{number},,,\n" for number in range(1, 5_500))
    assert take(chi, f"STT,Mã,Tên,Cấp\n{numbered}1,{','.join(ROW)}\n\n\n").status_code == 302
    assert len(kept(database, ROW[1])) == 1
    assert "Dòng 5503: Cột «Cấp»" in take(chi, f"STT,Mã,Tên,Cấp\n{numbered}\n\n1,TN-18,Thử,Q\n").text


def test_a_file_of_blank_rows_without_end_is_looked_at_only_so_far(chi, database):
    """Excel stores a row far below as a row far below: what lies between costs nothing in the file."""
    book, out = Workbook(), BytesIO()
    for number, row in ((1, HEADER), (2, ROW), (1_048_576, ["TN-18", *ROW[1:]])):
        for place, said in enumerate(row, 1):
            book.active.cell(number, place, said)
    book.save(out)
    for table, name in ((out.getvalue(), "danh-muc.xlsx"), ("Mã,Tên,Cấp\n" + "\n" * 200_000, "danh-muc.csv")):
        told = take(chi, table, name)
        assert told.status_code == 422 and "quá 100.000 dòng, kể cả dòng trống" in told.text
    assert not kept(database, ROW[1])


TITLES = "UBND THÀNH PHỐ HÀ NỘI,,\n,,\n\"DANH MỤC SỞ, NGÀNH; QUẬN; XÃ; ĐƠN VỊ\",,\n\n"


@pytest.mark.parametrize("table", [
    "\ufeffMã\tTên\tCấp\nTN-17\tUBND phường Thử\tX\n".encode("utf-16-le"),
    "\ufeffMã,Tên,Cấp\r\nTN-17,UBND phường Thử,X\r\n".encode("utf-16-be"),
    "Mã\tTên\tCấp\nTN-17\tUBND phường Thử\tX\n", "sep=;\nMã;Tên;Cấp\nTN-17;UBND phường Thử;X\n",
    "\ufeff\"sep=|\"\r\nMã|Tên|Cấp\r\nTN-17|UBND phường Thử|X\r\n", "Mã,Tên,Cấp\rTN-17,UBND phường Thử,X\r",
    TITLES + "Mã,Tên,Cấp\nTN-17,UBND phường Thử,X\n",
    TITLES.replace(",,", "") + "Mã;Tên;Cấp\nTN-17;UBND phường Thử;X\n",
    "Mã cơ quan,Tên cơ quan,Cấp\nTN-17,UBND phường Thử,X\n",
    "MÃ ĐƠN VỊ (*),Tên  đơn vị*,Cấp:\nTN-17,UBND phường Thử,X\n",
    xlsx(["UBND THÀNH PHỐ"], [], ["Danh mục cơ quan"], ["Mã\ncơ quan", "Tên cơ quan", "Cấp"], ROW),
], ids=["utf-16-le", "utf-16-be", "tab", "sep", "sep of its own", "old mac", "titles", "titles with other signs",
        "synonyms", "marks", "xlsx that is called csv"])
def test_a_table_whose_meaning_is_plain_is_read_whatever_its_form(chi, database, table):
    assert take(chi, table).status_code == 302 and kept(database, ROW[1])[0].code == "TN-17"


@pytest.mark.parametrize(("table", "row"), [("sep=;\nMã;Tên;Cấp\nTN-17;Thử;Q\n", 3), ("\n\nMã,Tên,Cấp\n\nA,Thử,Q\n", 5),
                                            (TITLES + "Mã,Tên,Cấp\nTN-17,Thử,Q\n", 6)])
def test_rows_are_numbered_as_in_the_file_whatever_stands_above_the_header(chi, table, row):
    assert f"Dòng {row}: Cột «Cấp»" in take(chi, table).text


NOT_UTF = "không phải UTF-8 hay UTF-16 (từ dòng {})"
MOST_LIKE = "ở dòng tên cột. Giống dòng tên cột nhất là dòng {}, có "


@pytest.mark.parametrize(("table", "told"), [
    ("Mã,Tên,Cấp\nTN-17,UBND phường Th\u01b0,X\n".encode("cp1258", "replace"), NOT_UTF.format(1)),
    (b"code,name,level\nTN-17,Th\xfd,X\n", NOT_UTF.format(2)),
    ("code,name,level\nTN-17,Th,X\n".encode("utf-16-le"), NOT_UTF.format(1)),
    ("DANH MỤC\nMã hiệu;Tên cơ quan;Cấp\n", f"thiếu cột «Mã» {MOST_LIKE.format(2)}«Mã hiệu», «Tên cơ quan», «Cấp»;"),
    ("Mã~Tên~Cấp\n", f"thiếu cột «Mã», «Tên», «Cấp» {MOST_LIKE.format(1)}«Mã~Tên~Cấp»;"),
    ("\n".join("abcdefghij") + "\nMã,Tên,Cấp\n", "thiếu cột «Mã», «Tên», «Cấp»"),  # no header that far down
    ("Mã,Mã cơ quan,Tên,Cấp\n", "ở dòng 1, «Mã», «Mã cơ quan» đều là cột «Mã»"),
    ("\n \n", "tệp không có chữ nào"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "cả .xls kiểu cũ"),
    ("code,name,level\n" + "p,A,X\n" * 5_001, "có quá 5.000 dòng, không kể dòng trống"),
    (b"PK\x03\x04broken", "tệp hỏng"),
], ids=["windows-1258", "latin", "utf-16 without its mark", "a column is missing", "another sign", "too far down",
        "twice", "empty", "old excel", "too long", "broken"])
def test_what_was_found_in_a_table_that_cannot_be_read_is_said_at_its_field(chi, table, told):
    page = take(chi, table)
    assert page.status_code == 422 and "Không đọc được bảng: " in page.text and told in unescape(page.text)
    assert 'href="#field-file"' in page.text


def test_case_tells_no_two_codes_apart_in_a_table(chi, database):
    told = take(chi, "Mã,Tên,Cấp\nTN-17,UBND phường Thử,X\ntn-17,UBND phường Khác,X\n")
    assert told.status_code == 422 and "Dòng 3: Cột «Mã» lặp lại mã «tn-17» (hoa, thường như nhau)" in told.text
    assert "cùng ngày hiệu lực ở dòng 2" in told.text and not kept(database, "UBND phường Khác")
    head = "Mã,Tên,Cấp,Cơ quan cấp trên,Cơ quan kế thừa,Từ ngày,Đến ngày"
    assert take(chi, f"{head}\nđv-1,UBND phường Thử,X,tn-17,Tn-17,,\nTN-17,UBND quận Thử,H,,,,30/06/2025\n"
                     "tn-17,UBND quận Mới,H,,,01/07/2025,\n").status_code == 302
    new, below = kept(database, "UBND quận Mới")[0], kept(database, "UBND phường Thử")[0]
    assert new.code == "TN-17" and below.parent_id == below.successor_id == new.id


def test_case_tells_no_code_apart_from_one_on_file_which_keeps_its_spelling(chi, database):
    assert take(chi, "Mã,Tên,Cấp\nĐV-17,UBND phường Thử,X\n").status_code == 302
    assert take(chi, "Mã,Tên,Cấp,Địa chỉ\nđv-17,UBND phường Thử,X,Số 2\n").status_code == 302
    assert "thêm 0, cập nhật 1" in chi.get("/agencies").text
    assert [(one.code, one.address) for one in kept(database, "UBND phường Thử")] == [("ĐV-17", "Số 2")]
    told = take(chi, "Mã,Tên,Cấp,Từ ngày\nđV-17,UBND phường Mới,X,01/07/2025\n")
    assert told.status_code == 422 and "chồng lên một tên khác của mã «ĐV-17»" in told.text


def test_codes_on_file_that_differ_by_their_case_only_are_each_met_by_their_own_spelling(chi, database):
    with database.transaction() as db:
        for code, day in (("tn-17", date(2021, 1, 1)), ("TN-17", date(2021, 1, 1)), ("tN-17", date(2022, 1, 1))):
            db.add(Agency(code=code, name=code, name_fold="tn-17", level="X", valid_from=day))
    table = "Mã,Tên,Cấp,Từ ngày\ntn-17,tn-17,X,\nTN-17,TN-17,X,\ntN-17,tN-17,X,01/01/2022\n"
    assert take(chi, table).status_code == 302 and "giữ nguyên 3" in chi.get("/agencies").text
    assert take(chi, "Mã,Tên,Cấp,Từ ngày\nTn-17,Tn-17,X,01/01/2022\n").status_code == 302
    assert kept(database, "Tn-17")[0].code == "tN-17"


@pytest.mark.parametrize("typed", ["ĐV-17", "đv-1", "v-17", "DV", "dv-17 thu", "17+thử"])
def test_an_agency_is_found_by_a_part_of_its_code_as_where_one_is_picked(chi, typed):
    assert take(chi, "Mã,Tên,Cấp\nĐV-17,UBND phường Thử,X\nĐV-27,UBND phường Đó,X\n").status_code == 302
    found = chi.get("/agencies", query_string={"q": typed.replace("+", " ")}).text
    assert "UBND phường Thử" in found and ("UBND phường Đó" in found) == (typed == "DV")
    assert "UBND phường Thử" not in chi.get("/agencies?q=DV-18").text


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("cell", ['"12 phố', '"12\'', '"12" phố'])
def test_a_quote_that_is_not_closed_takes_in_no_row_below_it(chi, database, sign, cell):
    rows = [["Mã", "Tên", "Cấp", "Địa chỉ"], ["TN-30", "Ba mươi", "X", "1 phố"], ["TN-31", "Ba mốt", "X", cell],
            ["TN-32", "Ba hai", "X", "13 phố"]]
    told = take(chi, "\n".join(sign.join(row) for row in rows))
    assert told.status_code == 422 and "ở dòng 3 mở mà không đóng" in unescape(told.text)
    assert not kept(database, "Ba mươi") and not kept(database, "Ba hai")


def test_a_cell_in_quotes_may_have_lines_signs_and_quotes_of_its_own(chi, database):
    table = 'Mã;Tên;Cấp;Địa chỉ\nTN-33;Ba ba;X;"Số 3, ngõ ""Cầu"";\nphố Huế"\nTN-34;Ba tư;X;ống 5" cũ\n'
    assert take(chi, table).status_code == 302
    assert kept(database, "Ba ba")[0].address == 'Số 3, ngõ "Cầu"; phố Huế' and kept(database, "Ba tư")


def test_a_table_of_a_heading_alone_is_no_success(chi):
    page = chi.get(take(chi, "Mã,Tên,Cấp\n").location).text
    assert "Tệp chỉ có dòng tiêu đề" in page and "Đã nhập danh mục" not in page
