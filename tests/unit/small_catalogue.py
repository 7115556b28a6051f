"""A catalogue just large enough to have one of everything, for tests to break in one place at a time."""

LAW = """\
id: ND61
kind: Nghị định
number: 61/2018/NĐ-CP
title: Về một cửa
label: Nghị định số 61/2018/NĐ-CP
short: NĐ 61/2018
issuer: Chính phủ
issued_on: 2018-04-23
valid_from: 2018-06-21
valid_to: 2025-06-30
provenance: text
source: đã đọc
provisions:
  - article: 13
    clause: 1
    provenance: text
    paraphrase: Ở nơi thuận tiện.
    quotation: thuận tiện, dễ tìm
"""
CIRCULAR = """\
id: TT02
kind: Thông tư
number: 02/2017/TT-VPCP
title: Về nghiệp vụ
label: Thông tư số 02/2017/TT-VPCP
short: TT 02/2017
issuer: Văn phòng Chính phủ
issued_on: 2017-10-31
valid_from: 2017-12-15
provenance: second-hand
cite_no_deeper_than: article
source: trích đoạn
provisions:
  - article: 15
    provenance: second-hand
    paraphrase: Công khai tại trụ sở.
"""
CHECKLIST = """\
id: mot-cua
version: 1
title: Một cửa
effective_from: 2021-08-05
method: sections
sipas: 2021
tasks: 2021
levels:
  - {id: S, title: Sở}
  - {id: X, title: Xã}
sections:
  - id: BH
    title: Biển hiệu
    weight: 8
    items:
      - id: BH01
        text: Có biển?
        verify: Xem
        kind: a3
        photo: none
        weight: 1
        tier: 1
        levels: [S, X]
        basis: BB
        citations:
          - {instrument: ND61, article: 13, clause: 1}
        sipas: [I.1]
        tasks: [1]
"""
SIPAS = """\
year: 2021
baseline_year: 2020
title: SIPAS
citation: {instrument: TT02, article: 15}
overall_baseline: "84.43"
criteria:
  - id: I
    title: Tiếp cận
    baseline: "84.43"
    target: "86"
    parts:
      - id: I.1
        title: Biển hiệu
        baseline: "84.43"
        target: "87"
"""
TASKS = """\
year: 2021
title: Nhiệm vụ
citation: {instrument: TT02, article: 15}
tables:
  - number: 1
    title: Bảng
    tasks:
      - number: 1
        text: Làm
        lead: [Sở Nội vụ]
"""
EQUIPMENT = """\
checklist: mot-cua
kinds:
  - id: may_lay_so
    name: Máy lấy số
    unit: máy
    item: BH01
    citation: {instrument: ND61, article: 13, clause: 1}
"""
LETTERHEAD = """\
parent_body: ỦY BAN
body: VĂN PHÒNG
symbol: TB-VP
place: Hà Nội
signers:
  - lines: [CHÁNH VĂN PHÒNG]
recipients:
  - Như trên;
archive: "Lưu: VT."
grounds: [ND61]
"""
DAYS_OFF = """\
years:
  - year: 2031
    days: [2031-01-22, 2031-01-23]
  - year: 2032
    days: []
"""
GOOD = {"law/ND61.yaml": LAW, "law/TT02.yaml": CIRCULAR, "mot-cua/1.yaml": CHECKLIST, "sipas/2021.yaml": SIPAS,
        "tasks/2021.yaml": TASKS, "equipment.yaml": EQUIPMENT, "letterhead.yaml": LETTERHEAD,
        "days-off.yaml": DAYS_OFF}  # fmt: skip
