"""The lines an office sets for itself."""

import json

import pytest

from audit_app.rules.letterhead import Signer, parse
from audit_app.rules.source import ChecklistError, Where

OLD = {"parent_body": "ỦY BAN NHÂN DÂN THÀNH PHỐ HÀ NỘI", "body": "VĂN PHÒNG", "symbol": "TB-VP", "place": "Hà Nội",
       "signer_authority": "KT. CHÁNH VĂN PHÒNG", "signer_title": "PHÓ CHÁNH VĂN PHÒNG", "recipients": ["Lưu"],
       "archive": "Lưu: VT"}


def read(said: dict):
    return parse(json.dumps(said), Where("checklists/letterhead.yaml"))


@pytest.mark.parametrize("change, signer", [
    ({}, Signer(lines=("KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"))),
    ({"signer_authority": None, "signer_name": "Nguyễn Văn A"},
     Signer(lines=("PHÓ CHÁNH VĂN PHÒNG",), name="Nguyễn Văn A")),
])
def test_a_file_from_before_there_were_several_signers_still_names_its_one(change, signer):
    assert read(OLD | change).signers == (signer,)


@pytest.mark.parametrize("change", [{"signer_title": 7}, {"signer_other": "A", "signers": []}, {"signer_title": None}])
def test_a_file_that_names_nobody_rightly_is_refused(change):
    with pytest.raises(ChecklistError):
        read(OLD | change)
