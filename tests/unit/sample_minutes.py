"""Minutes as actions/minutes.py gathers them, made of the sample visit; and their paper."""

import json
import math

from audit_app.actions import minutes
from audit_app.rules import closing
from tests.unit.printing import TEMPLATES
from tests.unit.sample_snapshot import snapshot


def strokes(seed: int) -> list:
    """A hand that writes waves."""
    wave = [[20 + 4 * t, 90 + 60 * math.sin(t / (5 + seed)) * math.cos(t / 11), 16 * t, 0.5] for t in range(120)]
    return [[[round(value, 1) for value in point] for point in wave], [[150, 30, 2000, 0.5]]]


def signed(role: str, name: str, title: str, seed: int = 0, **more) -> dict:
    """A signature as closing.told says it; `refused` has no strokes."""
    drawn = [] if more.get("refused") else strokes(seed)
    return {"role": role, "name": name, "title": title, "refused": False, "reason": None, "stale": False,
            "signed_at": "2026-11-20T11:40:00+07:00", "digest": "0123456789abcdef" * 4,
            "path": closing.path(drawn) or None, "view_box": closing.view_box(drawn) or None, **more}  # fmt: skip


LEAD = signed("lead", "Nguyễn Văn An", "Chuyên viên", 1)
SECRETARY = signed("secretary", "Trần Thị Bình", "Chuyên viên Sở Nội vụ", 2)
AGENCY = signed("agency", "Phạm Tiến Dũng", "Phó Chủ tịch UBND phường", 3)
WITNESS = signed("witness", "Đặng Thị Kim Liên", "Công chức Văn phòng – Thống kê", 4)
REFUSAL = signed("agency", "Phạm Tiến Dũng", "Phó Chủ tịch UBND phường", refused=True,
                 reason="Không thống nhất nội dung mục BH07.")


def sample(*hands, **more) -> dict:
    """The snapshot of minutes with these signatures."""
    visit = snapshot(photos=20, faults=9, tier=2, answered=0.95)
    visit["recommendations"], visit["photos"] = visit["recommendations"], []
    for key in ("findings", "recommendations"):
        visit[key] = [one | {"photos": len(one["photos"])} for one in visit[key]]
    rows = [row for section in visit["sections"] for row in section["items"]]
    for row in rows:
        row["photos"] = len(row["photos"])
    visit["document"] |= {"symbol": "BB-VP", "submitted_at": "2026-11-20T12:00:00+07:00"}
    return visit | {
        "format": "minutes/1", "answered": sum(row["outcome"] is not None for row in rows), "total": len(rows),
        "photo_count": 20, "open": [{"item": row["id"], "note": None} for row in rows if row["outcome"] is None],
        "meeting": {"opened_at": "2026-11-20T11:20:00+07:00", "closed_at": "2026-11-20T11:45:00+07:00",
                    "place": "Phòng họp tầng 2, trụ sở UBND phường Hoàn Kiếm", "read_back": True,
                    "opinion": "Đơn vị thống nhất, sẽ sửa máy lấy số trong tuần.",
                    "present": [{"name": "Nguyễn Văn An", "title": "Chuyên viên, trưởng đoàn", "side": "team"},
                                {"name": "Trần Thị Bình", "title": "Chuyên viên Sở Nội vụ", "side": "team"},
                                {"name": "Phạm Tiến Dũng", "title": "Phó Chủ tịch UBND phường", "side": "agency"}]},
        "signatures": list(hands or (LEAD, SECRETARY, AGENCY)), **more}  # fmt: skip


def page(said: dict) -> str:
    """The minutes as HTML."""
    return TEMPLATES.get_template("papers/minutes.html").render(s=said)


def paper(said: dict) -> bytes:
    """The minutes as PDF, the snapshot attached."""
    return minutes.print_paper(TEMPLATES, said, json.dumps(said, ensure_ascii=False, sort_keys=True).encode())
