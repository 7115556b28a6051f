"""Demo data for an empty database: agencies, people, a round in progress, two finished visits, one to review."""

import csv
import json
import os
import random
import secrets
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from vietnam_provinces import Province, Ward

from audit_app.actions import agencies, inspections, jobs, people, review
from audit_app.actions.capture import Intake
from audit_app.actions.standing import as_answered
from audit_app.media import drawings
from audit_app.records import migrations, queries
from audit_app.records.db import now
from audit_app.records.models import Agency, Inspection, Round, User
from audit_app.rules.checklist import Item
from audit_app.rules.scoring import needs_photo
from audit_app.rules.wording import HANOI, hanoi

NAMES = UUID("2542f1c0-0805-2021-8000-000000000000")
"""Ids of demo rows are made from this, so that the demo is the same everywhere."""


def load(tools: jobs.Tools, passwords, *, say) -> bool:
    """Fill an empty database, whole or not at all; whether it was empty. Prints what it does through `say`."""
    scenes = Scenes(tools)
    with tools.database.transaction() as db:
        migrations.take_turn(db.connection())  # of two that start at once, the second finds the people of the first
        if db.scalar(select(func.count()).select_from(User)):
            return False
        say("Loading demo data: agencies, people, inspections, photos …")
        scenes.register(db)
        accounts = scenes.people(db, passwords)
        scenes.rounds(db)
        for told in scenes.told["inspections"]:
            scenes.inspection(db, told)
        _keep_accounts(tools.settings.data / "demo-accounts.txt", accounts)  # first: no people without their passwords
    say(f"Demo: {jobs.drain(tools)} pictures and papers made")
    return True


def _keep_accounts(path: Path, accounts: list[str]) -> None:
    """Readable by its owner only: these passwords exist on this machine alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(accounts) + "\n")
        file.flush()
        os.fsync(file.fileno())


class Scenes:
    """What checklists/demo tells, played with the real actions: nothing in the demo could not have been typed."""

    def __init__(self, tools: jobs.Tools):
        self.tools = tools
        self.folder = tools.settings.checklists / "demo"
        self.told = json.loads((self.folder / "scenes.json").read_text("utf-8"))
        self.today = hanoi(now()).date()
        self.by_name: dict[str, User] = {}
        self.by_round: dict[str, Round] = {}

    def register(self, db: Session) -> None:
        """The departments and districts of 2021 from our own list, today's communes from vietnam-provinces."""
        with (self.folder / "agencies.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        capital = next(p.code for p in Province.iter_all() if p.codename in ("ha_noi", "thanh_pho_ha_noi"))
        rows += [{"code": f"HN-X{int(ward.code):05d}", "name": _committee(ward.name), "level": "X",
                  "valid_from": "2025-07-01"} for ward in Ward.iter_all() if ward.province_code == capital]
        done = agencies.take(db, None, dict(enumerate(rows, 2)))
        if done.flaws:
            raise ValueError(f"demo agencies: {done.flaws[0]}")

    def _agency(self, db: Session, name: str) -> Agency:
        alive = Agency.valid_to.is_(None) | (Agency.valid_to >= self.today)
        return db.scalars(select(Agency).where(Agency.name == name, alive)).one()

    def people(self, db: Session, passwords) -> list[str]:
        """The demo people, each with a password made here; the lines of demo-accounts.txt."""
        lines = []
        for told in self.told["people"]:
            password = "-".join(secrets.token_hex(2) for _ in range(3))
            agency = self._agency(db, told["agency"]) if "agency" in told else None
            self.by_name[told["name"]] = people.add(
                db, None, name=told["name"], full_name=told["full_name"], title=told["title"], role=told["role"],
                password_hash=passwords.hash(password), agency_id=agency.id if agency else None)
            lines.append(f"{told['name']} {password} {told['role']}")
        return lines

    def rounds(self, db: Session) -> None:
        """Rounds around today."""
        for told in self.told["rounds"]:
            self.by_round[told["key"]] = Round(
                title=told["title"], decision=told["decision"], tier=told["tier"],
                starts_on=self.today + timedelta(days=told["from"]), ends_on=self.today + timedelta(days=told["to"]))
            db.add(self.by_round[told["key"]])
        db.flush()

    def inspection(self, db: Session, told: dict) -> None:
        """One visit, played to the ending the scene asks for."""
        day = _working_day(self.today + timedelta(days=told["day"]), self.today)
        team = [self.by_name[name] for name in told["team"]]
        checklist = self.tools.catalogue.in_force(day)[0]
        planned = inspections.plan(
            db, self.by_name["chi"], round=self.by_round[told["round"]], agency=self._agency(db, told["agency"]),
            day=day, at=told["at"], tier=told.get("tier"), team=team, checklist=checklist,
            id=uuid5(NAMES, f"{told['agency']}{told['day']}{told.get('tier')}"))
        db.refresh(planned)
        if told["ending"] == "open":
            return
        visit = Visit(self, db, planned, checklist, team[0], told)
        visit.play()
        if told["ending"] == "issued":
            review.approve(db, self.by_name["chi"], planned, issued_on=day + timedelta(days=12),
                           remedy_by=day + timedelta(days=42), conclusion=told["conclusion"], causes=told["causes"])


def _committee(commune: str) -> str:
    return f"UBND {commune[0].lower()}{commune[1:]}"


def _working_day(day: date, today: date) -> date:
    """Nobody inspects on a Saturday or Sunday; but today stays today, and what is ahead stays ahead."""
    if day == today or day.weekday() < 5:
        return day
    return day + timedelta(days=7 - day.weekday()) if day > today else day - timedelta(days=day.weekday() - 4)


def _severity(item: Item, usual: str) -> str | None:
    if usual == "fail":
        return "nghiem_trong" if item.critical else "dang_ke"
    return "nhe" if usual == "partial" else None


class Visit:
    """A finished visit: every item answered, every photo that the rules demand drawn."""

    def __init__(self, scenes: Scenes, db: Session, inspection: Inspection, checklist, inspector: User, told: dict):
        self.scenes, self.db, self.inspection = scenes, db, inspection
        self.checklist, self.inspector = checklist, inspector
        self.told, self.notes = scenes.told, scenes.told["notes"]
        self.dice = random.Random(told["seed"])  # noqa: S311 (a play, not a secret)
        self.seed = told["seed"]
        self.begun = datetime.combine(inspection.planned_for, time(8, 40), HANOI).astimezone(UTC)
        self.sections = checklist.offered(inspection.level, inspection.tier, inspection.planned_for)

    def play(self) -> None:
        """Answer, photograph, count, remark, submit."""
        blobs = self.scenes.tools.blobs
        self._send({"answers": [self._answer(item, place) for place, item in enumerate(self._items())]})
        self._send({"photos": self._photos(), "equipment": self._equipment(), "remarks": [
            {"id": self._id(kind), "kind": kind, "text": text, "written_at": self._at(150)}
            for kind, text in self.told["remarks"].items()]})
        here = blobs.held(str(self.inspection.id), inspections.pictures_of(self.db, self.inspection))
        inspections.submit(self.db, self.inspector, self.inspection, checklist=self.checklist, here=here, manifest={})

    def _items(self) -> list[Item]:
        return [item for section in self.sections for item in section.items]

    def _send(self, batch: dict) -> None:
        tools = self.scenes.tools
        done = Intake(self.db, self.inspector, self.inspection, checklist=self.checklist, blobs=tools.blobs,
                      equipment={kind.id for kind in tools.catalogue.equipment}).take(batch)
        if done.refused:
            raise ValueError(f"demo row refused: {done.refused[0]}")

    def _id(self, what: str) -> str:
        return str(uuid5(self.inspection.id, what))

    def _at(self, minutes: int) -> str:
        return (self.begun + timedelta(minutes=minutes)).isoformat()

    def _answer(self, item: Item, place: int) -> dict:
        row = {"id": self._id(item.id), "item": item.id, "answered_at": self._at(place), "note": ""}
        luck = self.dice.random()
        if item.kind in ("a2", "a3"):
            row["value"] = ("khong_ap_dung" if luck > 0.97 else "khong_dat" if luck > 0.89 else
                            "mot_phan" if luck > 0.8 and item.kind == "a3" else "dat")
            usual = {"dat": "", "khong_ap_dung": "na", "khong_dat": "fail", "mot_phan": "partial"}[row["value"]]
            own = self.notes.get(item.id) if usual in ("fail", "partial") else None
            row["note"] = own or self.notes.get(usual, "")
            row["severity"] = _severity(item, usual)
        elif item.kind == "ratio":
            row["of"] = 10 if luck < 0.6 else 5
            row["number"] = row["of"] - (1 if luck > 0.8 else 0)
            if item.fewer_is_better:
                row["of"], row["number"] = 412, 3
            row["note"] = self.notes.get(item.id, "") if row["number"] < row["of"] else ""
        elif item.kind == "choice":
            row["choices"] = [option.id for option in item.options[:2]]
        else:
            row["number"] = item.at_least if item.at_least is not None else 0 if item.at_most == 0 else 4
        return row

    def _photos(self) -> list[dict]:
        """The drawn scenes on their items; other items that need a photo show the last scene of their section."""
        blobs, drawer = self.scenes.tools.blobs, str(self.inspection.id)
        answers = {id: as_answered(row) for id, row in queries.answers(self.db, self.inspection.id).items()}
        scenes = {scene["item"]: scene for scene in self.told["photos"]}
        rows, shown = [], None
        for place, item in enumerate(self._items()):
            if item.id in scenes:
                words = scenes[item.id]["words"].format(agency=self.inspection.agency.name.upper())
                shown = blobs.put(drawer, drawings.draw(scenes[item.id]["scene"], words, seed=self.seed + place))
            if (needs_photo(item, answers.get(item.id)) or item.id in scenes) and item.photo != "none" and shown:
                rows.append({
                    "id": self._id(f"photo {item.id}"), "item": item.id, "sha256": shown, "working": None,
                    "taken_at": self._at(place), "source": "camera", "lat": 21.0285 + self.seed / 9000,
                    "lon": 105.8542 - self.seed / 9000, "accuracy": 8 + place % 20})
        return rows

    def _equipment(self) -> list[dict]:
        """Counted as the items say that ask for the same."""
        rows, answers = [], queries.answers(self.db, self.inspection.id)
        for kind in self.scenes.tools.catalogue.equipment:
            total = self.dice.randrange(1, 9)
            working = total - (self.dice.random() > 0.75)
            said = answers.get(kind.item)
            if said and said.number is not None:
                working = int(said.number)
                total = working if said.of is None else said.of
            rows.append({"id": self._id(f"equipment {kind.id}"), "kind": kind.id, "total": total, "working": working,
                         "note": "", "counted_at": self._at(140)})
        return rows



