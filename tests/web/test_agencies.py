"""The register of agencies: search, history, a spreadsheet taken in whole or not at all."""

import unicodedata
from datetime import timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from audit_app.records.evidence import Event, Report
from audit_app.records.models import Agency
from audit_app.rules.wording import fold
from tests.factories import id_of


def counted(database) -> int:
    with database.transaction(writing=False) as db:
        return db.scalar(select(func.count()).select_from(Agency))


def agency(database, code: str) -> Agency:
    with database.transaction(writing=False) as db:
        return db.scalar(select(Agency).where(Agency.code == code))


def take(chi, data: bytes, name: str = "danh-muc.csv"):
    return chi.post("/agencies/import", data={"file": (BytesIO(data), name)}, headers=chi.csrf,
                    content_type="multipart/form-data")


def test_chi_finds_an_agency_by_its_name_without_marks_or_by_its_code(chi):
    assert "UBND phường Hoàn Kiếm" in chi.get("/agencies?q=HOAN+kiem").text
    assert "UBND phường Hoàn Kiếm" in chi.get("/agencies?q=hoan_kiem").text
    assert "UBND phường Hoàn Kiếm" not in chi.get("/agencies?q=hoan&level=S").text
    assert "Không có cơ quan nào khớp" in chi.get("/agencies?q=%25").text  # a sign of LIKE is a sign here


def test_a_page_past_the_end_is_the_last_page(chi):
    assert chi.get("/agencies?page=999").status_code == chi.get("/agencies?page=-3").status_code == 200


def test_an_agency_shows_its_visits_and_those_of_what_came_before_it(chi, database, house):
    with database.transaction() as db:
        old = Agency(code="quan-hk", name="UBND quận Hoàn Kiếm", name_fold="ubnd quan hoan kiem", level="H",
                     valid_from=house.today - timedelta(days=900), valid_to=house.today - timedelta(days=501),
                     successor_id=id_of("hoan_kiem"))
        db.add(old)
        db.flush()
    page = chi.get(f"/agencies/{id_of('hoan_kiem')}").text
    assert "UBND quận Hoàn Kiếm" in page and f"/inspections/{id_of('issued')}" in page
    gone = chi.get(f"/agencies/{old.id}").text
    assert f"Tên này chỉ có hiệu lực đến hết ngày {old.valid_to:%d/%m/%Y}." in gone
    assert "Cơ quan kế thừa" in gone and "UBND phường Hoàn Kiếm" in gone
    assert "UBND quận" not in chi.get("/agencies?q=hoan").text
    assert "UBND quận" in chi.get("/agencies?tab=all&q=hoan").text


def test_the_administrator_keeps_the_register_but_sees_no_inspection(client_of):
    page = client_of("admin").get(f"/agencies/{id_of('hoan_kiem')}").text
    assert "/inspections/" not in page


@pytest.mark.parametrize("sign", [",", ";"])
def test_chi_takes_a_csv_in_and_a_parent_may_stand_below_its_children(chi, database, sign):
    rows = [("Mã", "Tên", "Cấp", "Cơ quan cấp trên", "Từ ngày"), ("p1", "UBND phường Đống Đa", "X", "q1", "01/07/2025"),
            ("q1", "UBND quận Đống Đa", "H", "", "")]
    done = take(chi, "\n".join(sign.join(row) for row in rows).encode("utf-8-sig"))
    assert done.status_code == 302 and "thêm 2" in chi.get("/agencies").text
    assert agency(database, "p1").parent_id == agency(database, "q1").id
    assert "UBND phường Đống Đa" in chi.get("/agencies?q=dong+da").text


def test_the_same_file_again_changes_nothing_and_a_new_address_is_an_update(chi, database):
    take(chi, "code,name,level,address\np1,UBND phường A,X,Số 1\n".encode())
    take(chi, "code,name,level,address\np1,UBND phường A,X,Số 1\n".encode())
    assert "giữ nguyên 1" in chi.get("/agencies").text
    take(chi, "code,name,level,address\np1,UBND phường A,X,Số 2\n".encode())
    assert agency(database, "p1").address == "Số 2"


ROW = {"code": "p1", "name": "UBND phường Thành Công", "level": "X", "parent": "q1", "valid_from": "2021-01-01",
       "valid_to": "", "successor": "", "contact": "Ông A", "phone": "024", "email": "a@hanoi.example"}
ABOVE = "q1,UBND quận A,H,,2021-01-01,,,,,\nq2,UBND quận B,H,,2021-01-01,,,,,\n"


@pytest.mark.parametrize(("column", "said"), [
    ("parent", "q2"), ("parent", ""), ("successor", "q2"), ("level", "H"), ("valid_to", "2030-01-01"),
    ("contact", "Bà B"), ("phone", "025"), ("email", "b@hanoi.example"), ("name", "UBND phường Thanh Công"),
])
def test_a_row_that_says_one_thing_anew_is_counted_as_an_update(chi, column, said):
    head = ",".join(ROW)
    for row in (ROW, ROW | {column: said}):
        take(chi, f"{head}\n{ABOVE}{','.join(row.values())}\n".encode())
    assert "thêm 0, cập nhật 1, giữ nguyên 2" in chi.get("/agencies").text


@pytest.mark.parametrize("typed", ["UBND  phường\u00a0Hoàn Kiếm ",
                                   unicodedata.normalize("NFD", "UBND phường Hoàn Kiếm")])
def test_a_name_with_other_blanks_or_letters_made_otherwise_is_the_same_name(chi, database, typed):
    """Hoàn Kiếm has people and visits, so that another name would be refused."""
    one = agency(database, "hoan_kiem")
    assert take(chi, f"code,name,level,valid_from\n{one.code},{typed},{one.level},{one.valid_from}\n".encode()
                ).status_code == 302
    assert "giữ nguyên 1" in chi.get("/agencies").text and agency(database, "hoan_kiem").name == one.name


def test_a_line_in_which_nothing_is_seen_is_no_agency(chi, database):
    before = counted(database)
    assert take(chi, "code,name,level\np1,UBND phường A,X\n\u200b,\u00a0,\n".encode()).status_code == 302
    assert counted(database) == before + 1


def test_chi_takes_an_xlsx_in(chi, database):
    book, out = Workbook(), BytesIO()
    for row in (["Mã", "Tên", "Cấp"], ["p9", "UBND xã Sóc Sơn", "X"]):
        book.active.append(row)
    book.save(out)
    assert take(chi, out.getvalue(), "Danh mục.XLSX").status_code == 302
    assert agency(database, "p9").name == "UBND xã Sóc Sơn"


@pytest.mark.parametrize(("row", "column"), [
    ("p2,,X,,", "Tên"), ("p2,B,Q,,", "Cấp"), ("p2,B,X,,2025-13-01", "Từ ngày"), ("p2,B,X,no-such,", "Cơ quan cấp trên"),
    ("hoan_kiem,B,X,,01/01/2022", "Từ ngày"),  # before the name that is kept, but without an end: two on one day
])
def test_one_wrong_row_and_nothing_is_taken(chi, database, row, column):
    before = counted(database)
    done = take(chi, f"code,name,level,parent,valid_from\np1,A,X,,\n{row}\n".encode())
    assert done.status_code == 422 and f"Dòng 3: Cột «{column}»" in done.text and "Chưa nhập dòng nào" in done.text
    assert counted(database) == before and agency(database, "p1") is None


NAMES = "code,name,level,valid_from,valid_to\np1,UBND quận A,H,2021-01-01,2025-06-30\np1,UBND phường A,X,2025-07-01,\n"


def test_a_name_that_has_ended_does_not_come_into_force_again_beside_the_new_one(chi, database):
    assert take(chi, NAMES.encode()).status_code == 302
    told = take(chi, "code,name,level,valid_from,valid_to\np1,UBND quận A,H,2021-01-01,\n".encode())
    assert told.status_code == 422 and "Dòng 2: Cột «Từ ngày»" in told.text
    with database.transaction(writing=False) as db:
        assert db.scalar(select(func.count()).where(Agency.code == "p1", Agency.valid_to.is_(None))) == 1


def test_the_new_name_of_an_agency_may_stand_above_the_row_that_ends_the_old_one(chi, database):
    assert take(chi, "code,name,level,valid_from\np1,UBND quận A,H,2021-01-01\n".encode()).status_code == 302
    head, old, new = NAMES.splitlines()
    assert take(chi, f"{head}\n{new}\n{old}".encode()).status_code == 302
    with database.transaction(writing=False) as db:
        assert db.scalar(select(Agency.name).where(Agency.code == "p1", Agency.valid_to.is_(None))) == "UBND phường A"


def test_a_parent_that_the_table_takes_away_is_gone_and_a_table_without_that_column_leaves_it(chi, database):
    rows = "code,name,level,parent\np1,UBND phường A,X,q1\nq1,UBND quận A,H,\n"
    assert take(chi, rows.encode()).status_code == 302
    assert take(chi, "code,name,level\np1,UBND phường A,X\n".encode()).status_code == 302
    assert agency(database, "p1").parent_id == agency(database, "q1").id
    assert take(chi, rows.replace("X,q1", "X,").encode()).status_code == 302
    assert agency(database, "p1").parent_id is None


def test_an_agency_that_people_and_visits_belong_to_is_not_renamed_in_place(chi, database):
    """Two names exchanged, as by sorting one column, would hand the findings of one agency to the other."""
    old = [agency(database, code) for code in ("hoan_kiem", "ba_dinh")]
    rows = "".join(f"{one.code},{other.name},{one.level},{one.valid_from}\n"
                   for one, other in zip(old, old[::-1], strict=True))
    told = take(chi, f"code,name,level,valid_from\n{rows}".encode())
    assert told.status_code == 422 and "đã có tài khoản hoặc cuộc kiểm tra" in told.text
    assert agency(database, "hoan_kiem").name == old[0].name
    typed = f"code,name,level,valid_from\n{old[0].code},{old[0].name.upper()},{old[0].level},{old[0].valid_from}\n"
    assert take(chi, typed.encode()).status_code == 302 and agency(database, "hoan_kiem").name == old[0].name.upper()


@pytest.mark.parametrize("table", ["a,A,S,a\n", "a,A,S,b\nb,B,S,a\n", "a,A,S,b\nb,B,S,c\nc,C,S,b\n"])
@pytest.mark.parametrize("column", ["parent", "successor"])
def test_no_agency_stands_above_itself(chi, database, table, column):
    before = counted(database)
    told = take(chi, f"code,name,level,{column}\n{table}".encode())
    assert told.status_code == 422 and "vòng" in told.text and counted(database) == before


@pytest.mark.parametrize(("data", "name"), [
    (b"", "a.csv"), (b"\xff\xfe\x00nonsense", "a.csv"), (b"name;address\nA;B\n", "a.csv"), (b"not a zip", "a.xlsx"),
    (b"PK\x03\x04broken", "a.xlsx"), (b"code,name,level\n" + b"p,A,X\n" * 5_001, "a.csv"),
])
def test_what_is_no_such_table_is_refused_in_words(chi, database, data, name):
    before = counted(database)
    done = take(chi, data, name)
    assert done.status_code == 422 and "Không đọc được bảng" in done.text and counted(database) == before


@pytest.mark.parametrize(("part", "size"), [("xl/worksheets/sheet2.xml", 21), ("xl/strings.xml", 5)])
def test_a_spreadsheet_that_unpacks_to_more_than_memory_holds_is_refused_before_it_is_read(chi, database, part, size):
    book, said = Workbook(), BytesIO()
    for row in (["Mã", "Tên", "Cấp"], ["x-nho", "UBND xã Nhỏ", "X"]):
        book.active.append(row)
    book.save(said)
    with ZipFile(said, "a", ZIP_DEFLATED) as packed:
        packed.writestr(part, bytes(size * 1024 * 1024))
    before = counted(database)
    done = take(chi, said.getvalue(), "danh-muc.xlsx")
    assert done.status_code == 422 and "Không đọc được bảng" in done.text and counted(database) == before


def test_no_file_is_said_at_the_field(chi):
    done = chi.post("/agencies/import", headers=chi.csrf)
    assert done.status_code == 422 and "Hãy chọn một tệp CSV hoặc XLSX." in done.text


def test_how_an_agency_is_reached_can_be_corrected_and_a_table_without_it_leaves_it(chi, an, database):
    page, one = f"/agencies/{id_of('hoan_kiem')}/contact", agency(database, "hoan_kiem")
    said = {"address": "126 Hàng Trống", "contact": "Bà Lê Thu", "phone": "024 3825", "email": "mc@hanoi.gov.vn"}
    assert chi.send(page, "/contact", **said).status_code == 302
    assert "126 Hàng Trống" in chi.get(f"/agencies/{id_of('hoan_kiem')}").text
    assert "126 Hàng Trống" in an.get(f"/inspections/{id_of('draft')}").text
    table = f"code,name,level,valid_from,phone\n{one.code},{one.name},{one.level},{one.valid_from},113\n"
    assert take(chi, table.encode()).status_code == 302
    kept = agency(database, "hoan_kiem")
    assert (kept.address, kept.email, kept.phone) == ("126 Hàng Trống", "mc@hanoi.gov.vn", "113")


@pytest.mark.parametrize(("said", "told"), [({"email": "không có"}, "Thư điện tử không đúng"),
                                            ({"address": "x" * 301}, "dài quá 300 ký tự")])
def test_a_contact_that_cannot_be_is_refused_at_its_field(chi, database, said, told):
    done = chi.send(f"/agencies/{id_of('hoan_kiem')}/contact", "/contact", contact="Bà Lê Thu", **said)
    assert done.status_code == 422 and told in done.text and "Bà Lê Thu" in done.text
    assert agency(database, "hoan_kiem").contact == ""


def test_an_error_of_typing_in_a_name_is_corrected_and_what_is_printed_keeps_it(chi, client_of, database):
    page, paper = f"/agencies/{id_of('hoan_kiem')}/contact", f"/reports/{report_of(database)}.pdf"
    printed = client_of("dung").get(paper).data
    assert chi.send(page, "/contact", name="UBND  phường Hoàn Kiệm ").status_code == 302
    assert "UBND phường Hoàn Kiệm" in chi.get("/agencies?q=hoan+kiem").text
    assert chi.send(page, "/contact", name="UBND phường Hàng Kiếm").status_code == 302
    assert "UBND phường Hàng Kiếm" in chi.get("/agencies?q=hang+kiem").text
    assert chi.send(page, "/contact", phone="113").status_code == 302
    with database.transaction(writing=False) as db:
        events = db.scalars(select(Event).where(Event.name.startswith("agency.")).order_by(Event.seq)).all()
    assert [event.name for event in events] == ["agency.name_corrected"] * 2 + ["agency.changed"]
    assert {str(event.details) for event in events} == {str({"agency": str(id_of("hoan_kiem"))})}
    assert client_of("dung").get(paper).data == printed


def report_of(database):
    with database.transaction(writing=False) as db:
        return db.scalar(select(Report.id).where(Report.inspection_id == id_of("issued")))


@pytest.mark.parametrize("name", ["", " \u200b", "x" * 201])
def test_an_agency_always_has_a_name_that_can_be_read(chi, database, name):
    done = chi.send(f"/agencies/{id_of('hoan_kiem')}/contact", "/contact", name=name, contact="Bà Lê Thu")
    assert done.status_code == 422 and "Tên cơ quan" in done.text and "Bà Lê Thu" in done.text
    assert agency(database, "hoan_kiem").name == "UBND phường Hoàn Kiếm"


def test_a_file_that_is_no_spreadsheet_is_refused_with_a_sentence(client_of):
    admin = client_of("admin")
    told = admin.send("/agencies/import", "/agencies/import", file=(BytesIO(b"\x00\x01"), "bảng.xlsx"))
    assert told.status_code == 422 and "bảng" in told.text.lower()


def test_the_register_and_the_choice_for_a_visit_stand_in_the_order_of_the_vietnamese_alphabet(chi, database, house):
    names = ["UBND phường Dương Nội", "UBND phường Đại Mỗ"]
    with database.transaction() as db:
        for name in names:
            db.add(Agency(code=name, name=name, name_fold=fold(name), level="X", valid_from=house.today))
    for page in ("/agencies?level=X", f"/rounds/{id_of('round')}/visits"):
        seen = chi.get(page).text
        assert seen.index("Ba Đình") < seen.index(names[0]) < seen.index(names[1]) < seen.index("Hoàn Kiếm"), page


def test_a_cell_with_a_character_that_cannot_be_shown_is_named_by_its_column(chi, database):
    before = counted(database)
    refused = take(chi, "Mã,Tên,Cấp,Địa chỉ\nP1,Phường Một,X,12\x07 Hàng Bài\n".encode())
    assert refused.status_code == 422 and "Dòng 2: Cột «Địa chỉ» có ký tự không hiển thị được" in refused.text
    assert counted(database) == before
