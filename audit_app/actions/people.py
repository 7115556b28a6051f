"""What can be done with people: let in, let out, add, change, disable, give a new password."""

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import CHEAPEST
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from audit_app.actions.journal import record, take_turn
from audit_app.records import lists, queries
from audit_app.records.db import Database, now
from audit_app.records.evidence import Event
from audit_app.records.models import Agency, SignedIn, SignInTry, User
from audit_app.rules.permissions import Role
from audit_app.rules.problems import TooManyTries, WrongPassword
from audit_app.rules.refusals import (
    AgencyUnknown,
    LastAdministrator,
    NameTaken,
    NameUnfit,
    OldPasswordWrong,
    OwnAccount,
    OwnReset,
    OwnRole,
    PasswordTooShort,
    StillOnTeams,
    TooManyTriesAtHome,
)
from audit_app.rules.wording import tidy

LASTS = timedelta(days=7)
WINDOW = timedelta(minutes=15)
AGAIN = timedelta(minutes=2)
"""So long after a change of password, its form sent again is the same one."""
TRIES_PER_NAME = 10
TRIES_PER_ADDRESS = 100
SHORTEST = 10
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
EASY = "abcdefghijkmnpqrstuvwxyz23456789"


class Passwords:
    """argon2id; `cheap` only for tests. `spare` is checked when there is no such person: equal time for all."""

    def __init__(self, *, cheap: bool = False):
        self.hasher = PasswordHasher.from_parameters(CHEAPEST) if cheap else PasswordHasher()
        self.spare = self.hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """Of its letters, however a keyboard composes them (NFC). Raises PasswordTooShort."""
        long_enough(password)
        return self.hasher.hash(unicodedata.normalize("NFC", password))

    def right(self, kept: str | None, given: str) -> bool:
        """Whether `given` is the password; takes as long for a stranger as for a person we know.

        Earlier versions kept it as it was composed; so it is tried as typed and decomposed as well, where that differs.
        """
        forms = (unicodedata.normalize("NFC", given), given, unicodedata.normalize("NFD", given))
        return any(self._fits(kept or self.spare, form) for form in dict.fromkeys(forms)) and kept is not None

    def _fits(self, kept: str, given: str) -> bool:
        try:
            return self.hasher.verify(kept, given)
        except (VerificationError, InvalidHashError):
            return False


def long_enough(password: str) -> None:
    """Raises PasswordTooShort."""
    if len(password.strip()) < SHORTEST:
        raise PasswordTooShort(limit=SHORTEST)


def fit(name: str) -> str:
    """The name to sign in with that was typed for a new person. Raises NameUnfit, TextTooLong, TextForbidden."""
    name = tidy(name, limit=60).casefold()
    if not NAME.fullmatch(name):
        raise NameUnfit()
    return name


def sign_in(database: Database, passwords: Passwords, *, name: str, password: str, address: str,
            instead_of: str = "", browser: str = "") -> str:
    """The token of a new session; the one that this browser held ends. Raises WrongPassword, TooManyTries.

    `browser` names one in which this person has signed in before: its tries are counted by themselves, so that nobody
    keeps its owner out by failing elsewhere; where else its address is noted stands whose they are, for `_forgive`.
    Read, think, write: hashing holds no turn.
    """
    name = typed(name)
    with database.transaction() as db:
        _count_try(db, browser or name, name if browser else address)
        person = db.scalar(select(User).where(User.name == name, User.disabled_at.is_(None)))
    if not passwords.right(person.password_hash if person else None, password[:1000]):
        raise WrongPassword()
    token = secrets.token_urlsafe(32)
    with database.transaction() as db:
        same = (User.id == person.id) & User.disabled_at.is_(None) & (User.password_hash == person.password_hash)
        if db.scalar(select(User.id).where(same).with_for_update(key_share=True)) is None:
            raise WrongPassword()  # disabled, or given another password, while this one was thought about
        db.execute(delete(SignInTry).where(SignInTry.name == (browser or name)))
        db.execute(delete(SignedIn).where(SignedIn.expires_at < now()))
        sign_out(db, instead_of)
        db.add(SignedIn(token_hash=_hash(token), user_id=person.id, expires_at=now() + LASTS))
        record(db, person, "person.signed_in", None)
    return token


def typed(name: str) -> str:
    """The name that is meant by what was typed at the door."""
    return name.strip().casefold()[:60]


def _count_try(db: Session, name: str, address: str, refusal: type[TooManyTries] = TooManyTries) -> None:
    """A delay per account and per address, never a lock for good. Counted before the password is looked at, so that
    many at once cannot slip past the limit. Raises `refusal`."""
    since = now() - WINDOW
    db.execute(delete(SignInTry).where(SignInTry.at < since))
    by_name = db.scalar(select(func.count()).select_from(SignInTry).where(SignInTry.name == name))
    by_address = db.scalar(select(func.count()).select_from(SignInTry).where(SignInTry.address == address))
    if by_name >= TRIES_PER_NAME or by_address >= TRIES_PER_ADDRESS:
        raise refusal(minutes=int(WINDOW.total_seconds() // 60))
    db.add(SignInTry(name=name, address=address))


def signed_in(db: Session, token: str) -> User | None:
    """Who holds this token; nobody once it expired or the person is disabled."""
    return db.scalar(
        select(User).join(SignedIn, SignedIn.user_id == User.id).where(
            SignedIn.token_hash == _hash(token), SignedIn.expires_at > now(), User.disabled_at.is_(None))
    )


def sign_out(db: Session, token: str) -> None:
    """Forget the session."""
    db.execute(delete(SignedIn).where(SignedIn.token_hash == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def add(db: Session, actor, *, name: str, full_name: str, role: str, password_hash: str,
        title: str = "", agency_id=None) -> User:
    """A new person. Raises NameUnfit, NameTaken, ValueError for an unknown role."""
    name = fit(name)
    if db.scalar(select(User.id).where(User.name == name)):
        raise NameTaken(taken=name)
    person = User(name=name, full_name=tidy(full_name, limit=120), title=tidy(title, limit=120), role=Role(role),
                  password_hash=password_hash, agency_id=agency_id)
    db.add(person)
    db.flush()
    record(db, actor, "person.added", None, person=str(person.id), role=str(person.role))
    return person


def agency_of(db: Session, role: str, typed: str) -> UUID | None:
    """The agency that a person of this role belongs to; only people of an agency do. Raises AgencyUnknown."""
    if role != Role.AGENCY:
        return None
    try:
        found = db.get(Agency, UUID(typed))
    except ValueError:
        found = None
    if found is None:
        raise AgencyUnknown()
    return found.id


def change(db: Session, actor, person: User, *, full_name: str, title: str, role: str, agency_id: UUID | None) -> None:
    """Another name, title, role or agency; papers that were printed keep what they said.

    Raises TextTooLong, TextForbidden, OwnRole, LastAdministrator, StillOnTeams, ValueError for an unknown role.
    """
    person.full_name, person.title = tidy(full_name, limit=120), tidy(title, limit=120)
    if (role, agency_id) != (person.role, person.agency_id):
        _move(db, actor, person, Role(role), agency_id)
    record(db, actor, "person.changed", None, person=str(person.id), role=str(person.role),
           agency=str(agency_id) if agency_id else None)


def _move(db: Session, actor, person: User, role: Role, agency_id: UUID | None) -> None:
    """To another role or agency. All sessions end at once: what this person may see is no longer what pages show.

    A tablet may hold work for a visit that is not handed in, which only those who inspect can send.
    Raises OwnRole, LastAdministrator, StillOnTeams.
    """
    if actor is not None and actor.id == person.id:
        raise OwnRole()
    _another_stays(db, person)
    if person.role in queries.TEAM and role not in queries.TEAM and (visits := lists.open_visits(db, person.id)):
        raise StillOnTeams(count=len(visits))
    person.role, person.agency_id = role, agency_id
    db.execute(delete(SignedIn).where(SignedIn.user_id == person.id))


def _another_stays(db: Session, person: User) -> None:
    """Whoever goes, somebody is left who can let people in. Raises LastAdministrator.

    Two who go at the same moment go one after the other, so that the second does not count on the first.
    """
    take_turn(db, None)
    others = select(User.id).where(User.role == Role.ADMIN, User.disabled_at.is_(None), User.id != person.id)
    if person.role == Role.ADMIN and db.scalar(others.limit(1)) is None:
        raise LastAdministrator()


def invent() -> str:
    """A password to be read out once and typed in: twelve letters and digits that nobody takes for one another."""
    return "-".join("".join(secrets.choice(EASY) for _ in range(4)) for _ in range(3))


def disable(db: Session, actor, person: User) -> None:
    """End all sessions of a person at once and let them in no more. Raises OwnAccount, LastAdministrator."""
    if actor is not None and actor.id == person.id:
        raise OwnAccount()
    _another_stays(db, person)
    person.disabled_at = person.disabled_at or now()
    db.execute(delete(SignedIn).where(SignedIn.user_id == person.id))
    record(db, actor, "person.disabled", None, person=str(person.id))


def enable(db: Session, actor, person: User) -> None:
    """Let a person in again, at once: tries from before no longer count."""
    person.disabled_at = None
    _forgive(db, person)
    record(db, actor, "person.enabled", None, person=str(person.id))


def own_password(database: Database, passwords: Passwords, person: User, *, given: str, wanted: str) -> str:
    """The hash of the password a person wants, once they proved to know the one they have.

    Guessing is slowed down as at the door, but counted apart: who fails there keeps nobody from it. A form that comes
    twice is taken again, if it wants what was given just before: only then, or each try would be two guesses.
    Raises OldPasswordWrong, TooManyTriesAtHome, PasswordTooShort.
    """
    hashed = passwords.hash(wanted)
    with database.transaction() as db:
        _count_try(db, _at_home(person), _at_home(person), TooManyTriesAtHome)
        again = _changed_just_now(db, person)
    known = passwords.right(person.password_hash, given[:1000])
    if not known and not (again and passwords.right(person.password_hash, wanted[:1000])):
        raise OldPasswordWrong()
    return hashed


def _changed_just_now(db: Session, person: User) -> bool:
    """Whether people changed their own password within as long as a browser may take to send a form again."""
    mine = (Event.name == "person.password_changed") & (Event.actor_id == person.id) & (Event.at > now() - AGAIN)
    changed = db.scalars(select(Event).where(mine))
    return any(event.details.get("person") == str(person.id) for event in changed)


def _at_home(person: User) -> str:
    """Under what tries of somebody signed in are counted: in capitals, which nobody can type at the door (`typed`)."""
    return f"HOME {person.id}"


def _forgive(db: Session, person: User) -> None:
    """Forget the tries under a person's name, from wherever, also in the browsers that know them."""
    theirs = SignInTry.name.in_([person.name, _at_home(person)]) | (SignInTry.address == person.name)
    db.execute(delete(SignInTry).where(theirs))


def give_password(db: Session, actor, person: User, password_hash: str, *, stays: str = "") -> None:
    """A new password, that lets in at once; whoever was signed in with the old one is out, but for the session whose
    token `stays`. One's own is changed where the old one is asked for. Raises OwnReset."""
    if actor is not None and actor.id == person.id and not stays:
        raise OwnReset()
    person.password_hash = password_hash
    _forgive(db, person)
    db.execute(delete(SignedIn).where(SignedIn.user_id == person.id, SignedIn.token_hash != _hash(stays)))
    record(db, actor, "person.password_changed", None, person=str(person.id))
