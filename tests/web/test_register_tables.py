"""Tables of agencies as people have them: days, codes, blank rows, titles, signs and encodings."""

from datetime import date
from io import BytesIO

import pytest
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
