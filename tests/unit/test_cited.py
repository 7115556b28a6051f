"""A citation is told as it stood on the day of the visit, in the same sense on every screen and paper."""

import re
from datetime import date
from html import unescape
from types import SimpleNamespace

import pytest
from jinja2 import Environment, StrictUndefined

from audit_app.rules.law import Citation
from audit_app.rules.wording import FILTERS, ground
from tests.unit import printing
from tests.unit.sample_snapshot import catalogue

LAW = catalogue().law
TEMPLATES = Environment(loader=printing.TEMPLATES.loader, autoescape=True, undefined=StrictUndefined)
TEMPLATES.filters.update(FILTERS)
TEMPLATES.globals["url_for"] = lambda endpoint, **_: endpoint
AMENDMENT, QUEUE_MACHINE = Citation(instrument="ND107"), Citation(instrument="ND61", article=13, clause=2, point="b")
SAYS = {
    (AMENDMENT, "2021-12-05"): ["chưa có hiệu lực"], (AMENDMENT, "2021-12-06"): [],
    (AMENDMENT, "2025-07-01"): ["hết hiệu lực"],
    (QUEUE_MACHINE, "2021-08-20"): [], (QUEUE_MACHINE, "2023-03-01"): ["chưa được đối chiếu"],
    (QUEUE_MACHINE, "2026-11-20"): ["hết hiệu lực", "chưa được đối chiếu"],
}  # fmt: skip
DOUBTS = ("chưa có hiệu lực", "hết hiệu lực", "chưa được đối chiếu")


def agency_page(said: dict) -> str:
    row = {"outcome": "khong_dat", "critical": False, "item": "DT05", "text": "Có?", "number_value": None, "of": None,
           "unit": None, "fact": None, "citations": [said], "photos": []}  # fmt: skip
    return TEMPLATES.get_template("components/finding.html").module.finding(row)


def paper(said: dict) -> str:
    return TEMPLATES.get_template("papers/_parts/citation.html").module.citation(said, [])


def guide(said: dict) -> str:
    return TEMPLATES.get_template("inspections/_item/law.html").render(law=said)


def desk(said: dict) -> str:
    return TEMPLATES.get_template("review/_law.html").render(law=said)


@pytest.mark.parametrize("screen", [agency_page, paper, guide, desk])
@pytest.mark.parametrize("cited, day", SAYS, ids=lambda value: getattr(value, "key", value))
def test_nobody_reads_a_citation_without_what_is_wrong_with_it_on_that_day(screen, cited, day):
    told = unescape(re.sub(r"<[^>]+>", "", str(screen(LAW.describe(cited, date.fromisoformat(day))))))
    assert [doubt for doubt in DOUBTS if doubt in told] == SAYS[cited, day], told
    if "hết hiệu lực" in SAYS[cited, day]:
        assert "Nghị định số 118/2025/NĐ-CP" in told, "its successor is named"


@pytest.mark.parametrize("day, words", [("2021-12-05", " (chưa có hiệu lực)"), ("2021-12-06", ""),
                                        ("2025-07-01", " (hết hiệu lực)")])  # fmt: skip
def test_the_card_of_an_item_tells_what_is_not_yet_from_what_is_no_more(day, words):
    source = TEMPLATES.loader.get_source(TEMPLATES, "inspections/_item/card.html")[0]
    line = next(line for line in source.splitlines() if 'class="guide"' in line)
    said = LAW.describe(AMENDMENT, date.fromisoformat(day))
    shown = TEMPLATES.from_string(line).render(item=SimpleNamespace(id="DT05"), row={"citations": [said]})
    assert f"<span>NĐ 107/2021{words}</span>" in shown


def test_a_law_is_cited_among_the_grounds_by_its_name_and_date_alone():
    assert ground("Luật Người khuyết tật số 51/2010/QH12", date(2010, 6, 17), "Quốc hội", "Về người khuyết tật") == (
        "Luật Người khuyết tật ngày 17 tháng 6 năm 2010")
