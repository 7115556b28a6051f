"""What a table of agencies is told: all that is wrong at once, what was not used, what is odd; the register as one."""

from io import BytesIO

from openpyxl import load_workbook

from audit_app.records.models import Agency
from audit_app.rules.register import REACHED, flaw
from audit_app.rules.wording import COLUMN
from tests.factories import id_of
from tests.web import test_cli as cli
from tests.web.test_agencies import agency, take
from tests.web.test_cli import done, said

house, nothing_stays_open = cli.house, cli.nothing_stays_open


def test_all_that_is_wrong_is_told_at_once_the_same_in_one_line_and_columns_that_are_not_ours_are_named(chi, database):
    rows = "".join(f"{n},m{n},Phường {n},Q,\n" for n in range(300)) + "300,m300,,Q,no-such\n"
    told = take(chi, f"STT,Mã,Tên,Cấp,Cơ quan cấp trên,Ghi chú\n{rows}".encode()).text
    assert "Chưa nhập dòng nào: 301 dòng có lỗi" in told
    for line in ("Dòng 2–302: Cột «Cấp» ghi «Q»", "Dòng 302: Cột «Tên» còn trống",
                 "Dòng 302: Cột «Cơ quan cấp trên» ghi mã «no-such»", "Cột không dùng: «STT», «Ghi chú»."):
        assert told.count(line) == 1, line
    assert take(chi, "STT,Mã,Tên,Cấp\n1,m1,Phường 1,X\n".encode()).status_code == 302
    assert "Cột không dùng: «STT»." in chi.get("/agencies").text


def test_an_agency_is_not_unknown_because_its_own_row_is_wrong(chi):
    told = take(chi, "Mã,Tên,Cấp,Cơ quan cấp trên\nq1,UBND quận A,Q,\np1,Phường 1,X,Q1\n".encode()).text
    assert "1 dòng có lỗi" in told and "không có trong bảng" not in told


def test_a_second_agency_of_one_name_is_taken_and_told_and_both_are_chosen_by_their_codes(chi):
    choice = f"/rounds/{id_of('round')}/visits"
    assert "mã hoan_kiem" not in chi.get(choice).text
    assert take(chi, "Mã,Tên,Cấp,Từ ngày,Đến ngày\nhk2,UBND Phường Hoàn Kiếm,X,01/02/2021,\n"
                     "hk0,UBND phường Hoàn Kiếm,X,01/01/2021,02/01/2021\n".encode()).status_code == 302
    page = chi.get("/agencies").text
    assert "Dòng 2: Cột «Tên» ghi «UBND Phường Hoàn Kiếm», trùng tên với cơ quan có mã «hoan_kiem»" in page
    assert "Dòng 3" not in page
    assert all(f"mã {code}" in chi.get(choice).text for code in ("hoan_kiem", "hk2"))


def test_the_terminal_says_the_same(house, tmp_path, capsys):
    table = tmp_path / "table.csv"
    rows = "".join(f"{n},m{n},A{n},Q\n" for n in range(3)) + "3,m3,,X\n8,m8,B,X\n9,m9,B,X\n"
    table.write_text(f"STT,Mã,Tên,Cấp\n{rows}", "utf-8")
    assert done("agencies", "import", str(table)) == 1
    assert said(capsys).splitlines() == [
        "table.csv, rows 2-4: Column Cấp (level) says 'Q'; it must be S, H, X or T.",
        "table.csv, row 5: Column Tên (name) is empty; fill it in.",
        "table.csv, row 6: Column Tên (name) says 'B', which is also the name of the agency 'm9' at the same time.",
        "table.csv, row 7: Column Tên (name) says 'B', which is also the name of the agency 'm8' at the same time.",
        "table.csv, columns not used: STT",
        "Nothing imported: 4 rows have flaws."]


def test_what_an_agency_leaves_behind_is_said_at_the_terminal_too():
    assert flaw("valid_to", "ends_visits", day="01/07/2025", n=2).in_english == (
        "Column Đến ngày (valid_to) says 01/07/2025, with visits after it that are neither issued nor called off (2); "
        "look at them again.")
    assert "accounts in use (1) and no successor" in flaw("valid_to", "ends_people", day="", n=1).in_english


def test_the_register_comes_out_as_a_spreadsheet_of_text_that_goes_in_again_unchanged(chi, database):
    with database.transaction() as db:
        told = db.get(Agency, id_of("hoan_kiem"))
        told.phone, told.contact, told.address = "02438255555", "=1+1", "126 Hàng Trống"
    file = chi.get("/agencies/register.xlsx")
    assert "danh-muc-co-quan.xlsx" in file.headers["Content-Disposition"]
    sheet = load_workbook(BytesIO(file.data)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == list(COLUMN.values()) and len(rows) > 3 and sheet.freeze_panes == "A2"
    mine = next(row for row in sheet.iter_rows() if row[0].value == told.code)
    assert {(cell.data_type, cell.number_format) for cell in mine if cell.value} == {("s", "@")}
    assert {"02438255555", "=1+1", "126 Hàng Trống"} <= {cell.value for cell in mine}
    assert take(chi, file.data, "danh-muc.xlsx").status_code == 302
    assert f"thêm 0, cập nhật 0, giữ nguyên {len(rows) - 1}" in chi.get("/agencies").text


def test_an_empty_cell_leaves_how_an_agency_is_reached_and_takes_away_only_what_it_says_that_it_does(chi, database):
    head = "code,name,level,parent,valid_to,address,contact,phone,email\n"
    full = "p1,Phường A,X,q1,2030-01-01,Số 1,Bà Tư,024 111,a@hanoi.example\nq1,Quận A,H,,,,,,\n"
    assert take(chi, (head + full).encode()).status_code == 302
    assert take(chi, f"{head}p1,Phường A,X,,,,\u00a0,,\n".encode()).status_code == 302
    kept = agency(database, "p1")
    assert (kept.address, kept.contact, kept.phone, kept.email) == ("Số 1", "Bà Tư", "024 111", "a@hanoi.example")
    assert (kept.parent_id, kept.valid_to) == (None, None)
    told = chi.get("/agencies/import").text
    assert told.count("Không bắt buộc; để trống thì giữ nguyên") == len(REACHED)


def test_an_agency_is_not_given_the_name_of_another_that_exists_at_the_same_time(chi, database):
    page = f"/agencies/{id_of('hoan_kiem')}/contact"
    assert take(chi, "Mã,Tên,Cấp,Từ ngày,Đến ngày\nx,UBND xã Cũ,X,01/01/2015,31/12/2016\n".encode()).status_code == 302
    told = chi.send(page, page, name="UBND  phường BA Đình", phone="024 111")
    assert told.status_code == 422 and told.text.count("Tên này đang là của cơ quan mã ba_dinh;") == 2
    assert "024 111" in told.text and agency(database, "hoan_kiem").name == "UBND phường Hoàn Kiếm"
    for name in ("UBND phường Ba Dinh", "UBND xã Cũ"):  # another name; and one of an agency that is no more
        assert chi.send(page, page, name=name).status_code == 302
        assert agency(database, "hoan_kiem").name == name


def test_an_agency_that_had_the_name_of_another_before_may_keep_it(chi, database):
    table = "Mã,Tên,Cấp\nhk2,UBND phường Hoàn Kiếm,X\n"
    assert take(chi, table.encode()).status_code == 302
    page = f"/agencies/{agency(database, 'hk2').id}/contact"
    assert chi.send(page, page, phone="024 111", name="UBND Phường Hoàn Kiếm").status_code == 302
    assert agency(database, "hk2").phone == "024 111"


def test_a_table_that_gives_an_agency_the_name_of_another_is_taken_and_told(chi):
    said = "Dòng 2: Cột «Tên» ghi «UBND phường Ba Đình», trùng tên với cơ quan có mã «ba_dinh»"
    for name, told in (("UBND phường A", False), ("UBND phường Ba Đình", True), ("UBND phường Ba Đình", False)):
        assert take(chi, f"Mã,Tên,Cấp\nnew,{name},X\n".encode()).status_code == 302
        assert (said in chi.get("/agencies").text) is told, "once, when it gets the name"


def test_what_is_odd_is_told_below_what_is_wrong(chi):
    told = take(chi, "Mã,Tên,Cấp\nb1,UBND phường Ba Đình,X\nb2,UBND phường B,Q\n".encode())
    wrong, odd = "Dòng 3: Cột «Cấp» ghi «Q»", "Dòng 2: Cột «Tên» ghi «UBND phường Ba Đình», trùng tên"
    assert told.status_code == 422 and "1 dòng có lỗi" in told.text
    assert told.text.index(wrong) < told.text.index("Không sai nhưng nên kiểm tra lại") < told.text.index(odd)
    more = "".join(f"c{n},UBND phường Ba Đình,X\n" for n in range(12))
    assert "… và " in take(chi, f"Mã,Tên,Cấp\nb2,UBND phường B,Q\n{more}".encode()).text


def test_telephone_numbers_that_lost_their_first_digit_are_taken_as_they_are_and_told_in_one_line(chi, database):
    numbers = ("912345678", "24 3825-3536", "2438253536", "1900 1234", "0912345678", "+84912345678", "115", "")
    rows = "".join(f"t{n},Trạm {n},T,{number}\n" for n, number in enumerate(numbers))
    assert take(chi, f"Mã,Tên,Cấp,Điện thoại\n{rows}".encode()).status_code == 302
    assert "Dòng 2–4: Cột «Điện thoại» không có số 0 ở đầu" in chi.get("/agencies").text
    assert tuple(agency(database, f"t{n}").phone for n in range(len(numbers))) == numbers


def test_an_e_mail_that_is_none_is_refused_as_on_the_form(chi):
    rows = "t1,Trạm 1,T,chưa có\nt2,Trạm 2,T,a@hanoi.example\nt3,Trạm 3,T,\n"
    told = take(chi, f"Mã,Tên,Cấp,Thư điện tử\n{rows}".encode())
    assert told.status_code == 422 and "1 dòng có lỗi" in told.text
    assert "Dòng 2: Cột «Thư điện tử» ghi «chưa có», không phải một địa chỉ thư điện tử" in told.text


def test_a_level_may_be_said_in_words(chi, database):
    said = {"sở": "S", "Quận": "H", "THỊ XÃ": "H", "cấp xã": "X", "phuong": "X", "Thị trấn": "X", "trung tâm": "T",
            '"Xã, phường, thị trấn"': "X", "x": "X"}
    rows = "".join(f"w{n},Cơ quan {n},{word}\n" for n, word in enumerate(said))
    assert take(chi, f"Mã,Tên,Cấp\n{rows}".encode()).status_code == 302
    assert [agency(database, f"w{n}").level for n in range(len(said))] == list(said.values())
    told = take(chi, "Mã,Tên,Cấp\nw20,Cục Thuế,Cục\n".encode())
    assert told.status_code == 422 and "ghi «Cục»; chỉ nhận S (sở, ban, ngành), H (quận, huyện)" in told.text


def take_large(chi, data: bytes):
    """As `take`; the test client would put it into a file that it leaves open."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    return chi.post("/agencies/import", data=head + data + b"\r\n--x--\r\n", headers=chi.csrf,
                    content_type="multipart/form-data; boundary=x")


def test_a_large_table_is_read_and_one_too_large_is_told_on_the_form(chi):
    wide = "Mã,Tên,Cấp,Ghi chú\n" + "".join(f"v{n},Cơ quan {n},X,{'a' * 90_000}\n" for n in range(25))
    assert len(wide) > 2 * 1024 * 1024 and take_large(chi, wide.encode()).status_code == 302
    told = take_large(chi, b"a" * (20 * 1024 * 1024 + 1))
    assert told.status_code == 422 and "nội dung tệp quá lớn" in told.text and 'name="file"' in told.text
