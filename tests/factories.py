"""The people, agencies and visits that tests meet, made through the product's own actions, and what is photographed."""

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from io import BytesIO
from uuid import UUID, uuid4, uuid5

from PIL import Image, ImageDraw
from sqlalchemy import select

from audit_app.actions import findings, inspections, jobs, people, review
from audit_app.actions.capture import Intake
from audit_app.actions.journal import record
from audit_app.records.db import now
from audit_app.records.evidence import Approval, Report
from audit_app.records.models import Agency, Inspection, Round, User
from audit_app.records.work import Job
from audit_app.rules.wording import fold, hanoi
from audit_app.rules.workflow import State

NAMES = UUID("0f0f0f0f-0000-4000-8000-000000000000")

AGENCIES = {"hoan_kiem": ("UBND phường Hoàn Kiếm", "X"), "ba_dinh": ("UBND phường Ba Đình", "X"),
            "tu_phap": ("Sở Tư pháp", "S")}  # fmt: skip
PEOPLE = {
    "an": ("Nguyễn Thị Hoài An", "inspector", None), "binh": ("Trần Quốc Bình", "inspector", None),
    "chi": ("Lê Mai Chi", "office", None), "dung": ("Phạm Tiến Dũng", "agency", "hoan_kiem"),
    "em": ("Vũ Hồng Em", "agency", "ba_dinh"), "admin": ("Đỗ Minh Quản", "admin", None),
    "giang": ("Hoàng Thu Giang", "team_lead", None), "lan": ("Đinh Thị Lan", "office_lead", None),
}
NUMBERS = {"issued": "118"}
"""What stands on notices; no two of a year have the same."""
VISITS = {
    "draft": ("hoan_kiem", "an"), "submitted": ("hoan_kiem", "an"), "returned": ("hoan_kiem", "an"),
    "approved": ("hoan_kiem", "an"), "issued": ("hoan_kiem", "an"),
    "binhs": ("ba_dinh", "binh"), "binhs_issued": ("ba_dinh", "binh"),
}
"""Each visit by its name: the agency, and the inspector who is the whole team."""

RETURNED_ITEM = "NY01"
FAILED_ITEM = "BH07"
CANARIES = {"note": "bí-mật-ghi-chú", "difficulty": "bí-mật-khó-khăn", "proposal": "bí-mật-đề-xuất",
            "explanation": "bí-mật-giải-trình", "equipment": "bí-mật-thiết-bị", "verdict": "bí-mật-lý-do-trả",
            "conclusion": "bí-mật-kết-luận", "causes": "bí-mật-nguyên-nhân"}  # fmt: skip
"""What stands in every field that a person typed; `canary()` says of which visit."""


def id_of(name: str) -> UUID:
    """The id of a visit, agency or report of the tests: the same in every database."""
    return uuid5(NAMES, name)


def password_of(name: str) -> str:
    """Long enough, and different for everyone."""
    return f"mật khẩu của {name}"


def canary(kind: str, visit: str) -> str:
    """A text that can be found again wherever it leaks to."""
    return f"{CANARIES[kind]}-{visit}"


@cache
def picture(*, seed: int = 0, width: int = 96, height: int = 72, orientation: int | None = None,
            kind: str = "JPEG") -> bytes:
    """A small drawn photo; another `seed` gives other bytes. `orientation`: the EXIF value 1 to 8."""
    drawn = Image.new("RGB", (width, height), (190, 205, (seed * 37) % 256))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((width // 8, height // 8, width // 2, height // 2), fill=(180, (seed * 11) % 256, 40))
    pen.line((0, 0, width, (seed * 7) % height), fill=(20, 20, 20), width=max(1, width // 40))
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    out = BytesIO()
    drawn.save(out, kind, **({"exif": exif.tobytes()} if orientation else {}))
    return out.getvalue()


def hash_of(data: bytes) -> str:
    """The name under which bytes travel."""
    return hashlib.sha256(data).hexdigest()


def answer(item: dict, value: str = "dat", note: str = "") -> dict:
    """A row that answers `item` (as /sync tells it): as well as it can be, or with `value` where words are asked."""
    row = {"id": str(uuid4()), "item": item["id"], "note": note, "answered_at": now().isoformat()}
    if value == "khong_ap_dung" or item["kind"] in ("a2", "a3"):
        row["value"] = value
    elif item["kind"] == "choice":
        row["choices"] = [item["options"][0]["id"]]
    elif item["kind"] == "ratio":
        best, whole = (0, 8) if item["fewer_is_better"] else (8, 8)
        row |= {"number": best if value == "dat" else 8 - best if value == "khong_dat" else 5, "of": whole}
    else:
        least, most = item["at_least"], item["at_most"]
        best = least if least is not None else most if most is not None else 3
        row["number"] = best if value == "dat" else best - 1 if least is not None else best + 1
    return row


def photo(item: str, sha256: str, **more) -> dict:
    """A row that names a photo of an item."""
    return {"id": str(uuid4()), "item": item, "sha256": sha256, "working": None, "taken_at": now().isoformat(),
            "source": "camera", "lat": 21.0285, "lon": 105.8542, "accuracy": 9.5, **more}  # fmt: skip


def wants_photo(item: dict, value: str = "dat") -> bool:
    """Whether an item, answered so, cannot be submitted without a photo."""
    if value == "khong_ap_dung":
        return False
    return item["photo"] == "required" or (item["photo"] == "on_fail" and value == "khong_dat")


class House:
    """An office with its people, a round, and a visit in every state."""

    def __init__(self, tools: jobs.Tools, passwords: people.Passwords):
        self.tools, self.passwords = tools, passwords
        self.today = hanoi(now()).date()

    def build(self) -> "House":
        """Fill an empty database."""
        with self.tools.database.transaction() as db:
            for name, (title, level) in AGENCIES.items():
                db.add(Agency(id=id_of(name), code=name, name=title, name_fold=fold(title), level=level,
                              valid_from=self.today - timedelta(days=500)))
            db.add(Round(id=id_of("round"), title="Đợt kiểm tra Bộ phận Một cửa quý IV", tier=1,
                         starts_on=self.today - timedelta(days=3), ends_on=self.today + timedelta(days=20)))
            db.flush()
            for name, (full_name, role, agency) in PEOPLE.items():
                people.add(db, None, name=name, full_name=full_name, role=role, title="Chuyên viên",
                           password_hash=self.passwords.hash(password_of(name)),
                           agency_id=id_of(agency) if agency else None)
        for visit, (agency, inspector) in VISITS.items():
            self._play(visit, agency, inspector)
        return self

    def plan(self, visit: str, *, agency: str = "hoan_kiem", team: Iterable[str] = ("an",), tier: int = 1,
             day=None) -> UUID:
        """One more visit; its id is `id_of(visit)`."""
        day = day or self.today
        with self.tools.database.transaction() as db:
            everyone = {person.name: person for person in db.scalars(select(User))}
            planned = inspections.plan(
                db, everyone["chi"], id=id_of(visit), round=db.get(Round, id_of("round")),
                agency=db.get(Agency, id_of(agency)), day=day, at="08:30", tier=tier,
                team=[everyone[name] for name in team], checklist=self.tools.catalogue.in_force(day)[0])
            return planned.id

    def _play(self, visit: str, agency: str, inspector: str) -> None:
        """One visit, from the first answer to where its name says it stands."""
        ending = visit.removeprefix("binhs").strip("_") or "draft"
        self.plan(visit, agency=agency, team=[inspector])
        with self.tools.database.transaction() as db:
            scene = Scene(self, db, visit, db.scalar(select(User).where(User.name == inspector)))
            scene.capture()
            if ending != "draft":
                scene.submit()
            if ending == "returned":
                scene.send_back()
            if ending in ("approved", "issued"):
                scene.approve()
        for id in self._jobs("shrink", "queued"):
            jobs.run(self.tools, id)
        if ending in ("approved", "issued"):
            self._end_printing(visit, "failed" if ending == "approved" else "done")
        if ending == "issued":
            self._issue(visit)

    def _jobs(self, name: str, state: str) -> list[int]:
        with self.tools.database.transaction(writing=False) as db:
            return list(db.scalars(select(Job.id).where(Job.name == name, Job.state == state)))

    def _end_printing(self, visit: str, state: str) -> None:
        """No worker prints here: an approved visit waits for a person who reads why, an issued one has its paper."""
        with self.tools.database.transaction() as db:
            job = db.scalar(select(Job).where(Job.inspection_id == id_of(visit), Job.name == "issue_findings"))
            job.state, job.error = state, "Máy in hết giấy." if state == "failed" else ""

    def _issue(self, visit: str) -> None:
        """Hand over a report whose paper is four lines long; its snapshot is the real one."""
        blobs, drawer = self.tools.blobs, str(id_of(visit))
        with self.tools.database.transaction() as db:
            inspection = db.get(Inspection, id_of(visit))
            snapshot = findings.gather(db, inspection, version=1, catalogue=self.tools.catalogue,
                                       settings=self.tools.settings)
            approval = db.scalar(select(Approval).where(Approval.inspection_id == inspection.id))
            paper = f"%PDF-1.7\n% {visit}\n%%EOF\n".encode()
            report = Report(
                id=id_of(f"report {visit}"), inspection_id=inspection.id, agency_id=inspection.agency_id, version=1,
                code=snapshot["document"]["code"], number=approval.number, octets=len(paper),
                findings=len(snapshot["findings"]), remedy_by=approval.remedy_by, pdf=blobs.put(drawer, paper),
                snapshot=blobs.put(drawer, json.dumps(snapshot, ensure_ascii=False, sort_keys=True).encode()))
            db.add(report)
            inspection.state = State.ISSUED
            db.flush()
            record(db, None, "inspection.issued", inspection, report=str(report.id))


class Scene:
    """One visit being played inside one transaction."""

    def __init__(self, house: House, db, visit: str, inspector: User):
        self.house, self.db, self.visit, self.inspector = house, db, visit, inspector
        self.inspection = db.get(Inspection, id_of(visit))
        self.checklist = house.tools.catalogue.get(self.inspection.checklist_id, self.inspection.checklist_version)
        self.chi = db.scalar(select(User).where(User.name == "chi"))

    @property
    def items(self) -> list[dict]:
        """The items of the visit in the shape in which a tablet knows them."""
        offered = self.checklist.offered(self.inspection.level, self.inspection.tier, self.inspection.planned_for)
        return [item.model_dump(mode="json") for section in offered for item in section.items]

    def capture(self) -> None:
        """Answer everything (one item fails), photograph what must be, count, remark: a canary in every field."""
        tools, drawer = self.house.tools, str(self.inspection.id)
        sha256 = tools.blobs.put(drawer, picture(seed=len(self.visit)))
        word = {FAILED_ITEM: "khong_dat"}
        stamp = now().isoformat()
        batch = {
            "answers": [answer(item, word.get(item["id"], "dat"), canary("note", self.visit)) for item in self.items],
            "photos": [photo(item["id"], sha256) for item in self.items
                       if wants_photo(item, word.get(item["id"], "dat"))],
            "equipment": [{"id": str(uuid4()), "kind": kind.id, "total": 3, "working": 2, "counted_at": stamp,
                           "note": canary("equipment", self.visit)} for kind in tools.catalogue.equipment],
            "remarks": [{"id": str(uuid4()), "kind": kind, "text": canary(kind, self.visit), "written_at": stamp}
                        for kind in ("difficulty", "proposal", "explanation")],
        }
        done = Intake(self.db, self.inspector, self.inspection, checklist=self.checklist, blobs=tools.blobs,
                      equipment={kind.id for kind in tools.catalogue.equipment}).take(batch)
        assert not done.refused, done.refused

    def submit(self) -> None:
        """To the office."""
        here = self.house.tools.blobs.held(str(self.inspection.id), inspections.pictures_of(self.db, self.inspection))
        inspections.submit(self.db, self.inspector, self.inspection, checklist=self.checklist, manifest={}, here=here)

    def send_back(self) -> None:
        """One item, with a reason."""
        review.judge(self.db, self.chi, self.inspection, item=RETURNED_ITEM, decision="return",
                     reason=canary("verdict", self.visit), items={item["id"] for item in self.items})
        review.send_back(self.db, self.chi, self.inspection)

    def approve(self) -> None:
        """With a number and the office's own words."""
        today = self.house.today
        review.approve(self.db, self.chi, self.inspection, number=NUMBERS.get(self.visit, ""), issued_on=today,
                       remedy_by=today + timedelta(days=30), causes=canary("causes", self.visit),
                       conclusion=canary("conclusion", self.visit))
