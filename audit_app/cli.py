"""The commands: what is done at the terminal. `main(argv)` returns the exit code; English, one sentence an error."""

import argparse
import getpass
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
from redis import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from audit_app.actions import people
from audit_app.config import GUESSABLE, Settings, WrongSetting
from audit_app.rules.problems import Problem
from audit_app.rules.source import ChecklistError


class Failed(Exception):
    """The thing was not done; the text is the one sentence for the terminal."""


def main(argv: list[str]) -> int:
    """Do one command. 0 only when it was done; 2 for a wrong call, 1 for everything else."""
    words = _parser().parse_args(argv)
    try:
        words.do(words)
    except (Failed, WrongSetting, ChecklistError, UnicodeEncodeError) as error:
        print(f"{ascii(error.object)[:200]} is not UTF-8, or more than this terminal can show."
              if isinstance(error, UnicodeEncodeError) else error, file=sys.stderr)
        return 1
    except Problem as problem:
        print(problem.in_english, file=sys.stderr)
        return 1
    except (OSError, SQLAlchemyError, psycopg.Error, RedisError, sqlite3.Error) as error:  # a disk, a server away
        where = ("Database (AUDIT_DATABASE_URL): " if isinstance(error, SQLAlchemyError) else
                 "Queue (AUDIT_QUEUE_URL): " if isinstance(error, psycopg.Error | RedisError | sqlite3.Error) else "")
        print(f"{where}{type(error).__name__}: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _at_least_one(said: str) -> int:
    if (number := int(said)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m audit_app")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name, do, text, parent=commands):
        added = parent.add_parser(name, help=text, description=text)
        added.set_defaults(do=do)
        return added

    command("run", run, "migrate, load demo data into an empty database, serve web and worker")
    command("prepare", prepare, "what run does before it serves: migrate, load demo data into an empty database")
    command("upgrade", upgrade, "bring the database to the newest schema")
    command("worker", worker, "work off the jobs, for ever").add_argument("--workers", type=_at_least_one, default=2)
    command("demo", demo, "load demo data into an empty database")
    users = commands.add_parser("users", help="people").add_subparsers(required=True, metavar="what")
    add = command("add", users_add, "add a person; asks for the password, or reads it from standard input", users)
    for name in ("name", "full_name", "role"):
        add.add_argument(name)
    add.add_argument("--title", default="")
    add.add_argument("--agency", help="code of the agency, for role agency")
    command("disable", users_disable, "end a person's sessions and let them in no more", users).add_argument("name")
    command("enable", users_enable, "let a person in again who was disabled", users).add_argument("name")
    command("password", users_password, "give a person who is locked out a new password, printed this once; "
            "ends their sessions", users).add_argument("name")
    agencies = commands.add_parser("agencies", help="the register").add_subparsers(required=True, metavar="what")
    command("import", agencies_import, "add or update agencies from CSV or XLSX", agencies).add_argument(
        "file", type=Path)
    inspections = commands.add_parser("inspections", help="visits").add_subparsers(required=True, metavar="what")
    command("import", inspections_import, "take in the rescue package of a tablet", inspections).add_argument(
        "file", type=Path)
    checklists = commands.add_parser("checklists", help="law and checklists").add_subparsers(
        required=True, metavar="what")
    command("check", checklists_check, "read everything in checklists/ and name every flaw", checklists)
    command("schema", checklists_schema, "write the JSON Schemas anew", checklists)
    command("backup", backup, "copy database and files of the embedded default").add_argument("folder", type=Path)
    command("restore", restore, "bring a backup into an empty AUDIT_DATA").add_argument("folder", type=Path)
    command("verify", verify, "check the chain of events and the hash of every kept file")
    return parser


def _app(*, migrate: bool = True, with_demo: bool = True):
    from audit_app import create_app
    app = create_app()
    if migrate:
        from audit_app.actions import setup
        setup.prepare(app.extensions["tools"], app.extensions["passwords"], say=print, with_demo=with_demo)
    return app


def run(words) -> None:
    """Serve. The worker is a child process that is started again when it dies."""
    from audit_app.serving import free, scratch, serve
    from audit_app.web import assets

    settings = Settings.from_environment()
    scratch(settings.data)
    try:
        free(settings.bind)
    except OSError as error:
        raise Failed(f"AUDIT_BIND={settings.bind} cannot be served: {error.strerror}.") from error
    # an S3 client that was used once does not survive the forks of the server: a process of its own prepares
    done = subprocess.run([sys.executable, "-m", "audit_app", "prepare"], check=False,
                          env={**os.environ, "AUDIT_BOOTSTRAPPED": "1"})
    if done.returncode:
        raise SystemExit(done.returncode)
    assets.warm()
    serve(_app(migrate=False))


def prepare(words) -> None:
    if _app().extensions["settings"].guessable:
        print(GUESSABLE, file=sys.stderr)


def upgrade(words) -> None:
    from audit_app.actions import setup
    from audit_app.records import migrations

    changed = setup.migrate(_app(migrate=False).extensions["tools"])
    print("upgraded to" if changed else "already at", migrations.HEAD)


def worker(words) -> None:
    from audit_app.serving import scratch

    scratch(Settings.from_environment().data)
    app = _app(with_demo=False)
    app.extensions["blobs"].sweep()  # what killed processes left half-written
    app.extensions["queue"].work(app.extensions["tools"], workers=words.workers)


def demo(words) -> None:
    from audit_app.actions import demo as scenes
    from audit_app.actions import setup

    app = _app(migrate=False)
    setup.migrate(app.extensions["tools"])
    if not scenes.load(app.extensions["tools"], app.extensions["passwords"], say=print):
        raise Failed("The database is not empty; demo data is only loaded into an empty one.")


def users_add(words) -> None:
    from audit_app.records import lists
    from audit_app.rules.permissions import Role
    from audit_app.rules.typed import blank

    if words.role not in list(Role):
        raise Failed(f"Unknown role {words.role}; one of: {', '.join(Role)}")
    if blank(words.name) or blank(words.full_name):
        raise Failed("A person needs a name to sign in with and a full name.")
    password = _password()
    app = _app(with_demo=False)
    hashed = app.extensions["passwords"].hash(password)
    with app.extensions["database"].transaction() as db:
        agency = lists.agency_today(db, words.agency) if words.agency else None
        if (words.role == Role.AGENCY) != bool(words.agency) or bool(words.agency) != (agency is not None):
            raise Failed("Role agency needs --agency with the code of an agency in force today, other roles take none.")
        people.add(db, None, name=words.name, full_name=words.full_name, role=words.role, title=words.title,
                   password_hash=hashed, agency_id=agency.id if agency else None)
    print(f"added {words.name}" + (f", of {agency.name}" if agency else ""))


def _password() -> str:
    """What is typed, or the first line of standard input, from whatever system it comes. Raises Failed."""
    try:
        typed = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline()
        typed.encode()
    except UnicodeError as error:
        raise Failed("The password is not UTF-8.") from error
    except EOFError as error:
        raise Failed("No password was typed.") from error
    return typed.removeprefix("\ufeff").rstrip("\r\n")


def users_disable(words) -> None:
    with _app(with_demo=False).extensions["database"].transaction() as db:
        people.disable(db, None, _person(db, words.name))
    print(f"disabled {words.name}")


def users_enable(words) -> None:
    with _app(with_demo=False).extensions["database"].transaction() as db:
        person = _person(db, words.name)
        if person.disabled_at is None:
            raise Failed(f"{words.name} is not disabled.")
        people.enable(db, None, person)
    print(f"enabled {words.name}")


def users_password(words) -> None:
    app, password = _app(with_demo=False), people.invent()
    hashed = app.extensions["passwords"].hash(password)
    with app.extensions["database"].transaction() as db:
        person = _person(db, words.name)
        if person.disabled_at:
            raise Failed(f"{words.name} is disabled, and no password lets them in; `users enable` them first.")
        people.give_password(db, None, person, hashed)
    print(f"new password of {words.name}: {password}")


def _person(db, name: str):
    """Who signs in under this name, locked as the screens lock whom they change. Raises Failed."""
    from audit_app.records.models import User

    person = db.scalar(select(User).where(User.name == name.casefold()).with_for_update(key_share=True))
    if person is None:
        raise Failed(f"There is no person called {name}.")
    return person


def agencies_import(words) -> None:
    from audit_app.actions import agencies

    if not words.file.is_file():
        raise Failed(f"There is no file {words.file}.")
    rows, unused = agencies.read(words.file)
    with _app(with_demo=False).extensions["database"].transaction() as db:
        done = agencies.take(db, None, rows)
    for line in agencies.in_english(done, unused):
        print(f"{words.file.name}, {line}", file=sys.stderr)
    if done.flaws:
        raise Failed(f"Nothing imported: {done.wrong_rows} rows have flaws.")
    print(f"{done.added} added, {done.changed} changed, {done.same} as before")


def inspections_import(words) -> None:
    from audit_app.actions import rescue

    if not words.file.is_file():
        raise Failed(f"There is no file {words.file}.")
    try:
        done = rescue.bring_in(_app(with_demo=False).extensions["tools"], words.file)
    except rescue.PackageFlaw as error:
        raise Failed(str(error)) from error
    for line in done.refused:
        print(f"{line['id']}: {line['problem']}: {line['message']}", file=sys.stderr)
    print(f"rows: {done.kept} kept, {done.again} already there; photos: {done.photos} kept, "
          f"{done.photos_again} already there; refused: {len(done.refused)}")
    if done.refused:
        raise Failed(f"{len(done.refused)} rows or photos were refused for the reasons above; the others are in.")


def checklists_check(words) -> None:
    from audit_app.records.catalogue import Catalogue

    found = Catalogue(Settings.from_environment().checklists)
    items = sum(len(checklist.items) for checklist in found.checklists.values())
    print(f"{len(found.law.instruments)} instruments, {len(found.checklists)} checklist versions, {items} items: good")


def checklists_schema(words) -> None:
    from audit_app.records.catalogue import schemas

    folder = Settings.from_environment().checklists / "schema"
    for name, schema in schemas().items():
        (folder / f"{name}.json").write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(folder / f"{name}.json")


def backup(words) -> None:
    from audit_app.actions import backup as sets

    try:
        print(sets.make(_app(migrate=False).extensions["tools"], words.folder, say=print))
    except sets.BackupFailed as error:
        raise Failed(str(error)) from error


def restore(words) -> None:
    from audit_app.actions import backup as sets

    try:
        sets.restore(words.folder, Settings.from_environment({**os.environ, "AUDIT_SECRET_KEY": "-"}), say=print)
    except sets.BackupFailed as error:
        raise Failed(str(error)) from error


def verify(words) -> None:
    from audit_app.actions import verification

    flaws = verification.check(_app(migrate=False).extensions["tools"], say=print)
    for flaw in flaws:
        print(flaw, file=sys.stderr)
    if flaws:
        raise Failed(f"{len(flaws)} things are not as they were written.")
    print("everything is as it was written")
