"""Settings: read once from the environment; a value that cannot be meant stops the start."""

import errno
import os
import re
import secrets
import ssl
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

ROOT = Path(__file__).resolve().parent.parent
BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}")
HALF_ESCAPED = re.compile("%(?![0-9A-Fa-f]{2})")
BIND = re.compile(r"(?:\[[^\]]+\]|[^:]*):([0-9]{1,5})")

GUESSABLE = ("AUDIT_SECRET_KEY is so short that it can be guessed; better is one that `openssl rand -hex 32` prints. "
             "Change it while no tablet holds unsent work.")


class WrongSetting(Exception):
    """An environment variable holds something that cannot be meant; the text names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the outside decides. URLs are complete; `data` is the folder of the embedded default."""

    data: Path
    database_url: str
    blobs_url: str
    queue_url: str
    secret_key: str
    bind: str = "127.0.0.1:8000"
    tls_cert: str | None = None
    tls_key: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    proxies: int = 0
    demo: bool = True
    cheap_passwords: bool = False
    checklists: Path = ROOT / "checklists"

    @property
    def embedded(self) -> bool:
        """Whether rows live in our own SQLite file, which we may migrate without being asked."""
        return self.database_url.startswith("sqlite")

    @property
    def secure(self) -> bool:
        """Whether people reach us over https: cookies are then Secure and HSTS is sent."""
        return self.public_url.startswith("https://")

    @property
    def guessable(self) -> bool:
        """Whether somebody could find the secret key by trying, and with it the keys that seal what tablets keep."""
        return len(self.secret_key.strip()) < 16

    @classmethod
    def from_environment(cls, environment=os.environ) -> "Settings":
        """From here on, what this process makes is readable by its owner only. Raises WrongSetting."""
        os.umask(0o077)  # photos of people: nobody else on this machine reads them, whoever made the folder
        data = _folder(environment.get("AUDIT_DATA") or ROOT / "var")
        database_url, blobs_url, queue_url = _stores(environment)
        bind = environment.get("AUDIT_BIND", cls.bind)
        port = BIND.fullmatch(bind)
        if port is None or int(port[1]) > 65_535:
            raise WrongSetting("AUDIT_BIND must be address:port, such as 127.0.0.1:8000")
        cert, key = _certificate(environment)
        public_url = environment.get("AUDIT_PUBLIC_URL") or f"{'https' if cert else 'http'}://{bind}"
        if _address(public_url).scheme not in ("http", "https") or not _address(public_url).netloc:
            raise WrongSetting("AUDIT_PUBLIC_URL must be a whole address, such as https://kiemtra.hanoi.gov.vn")
        proxies = environment.get("AUDIT_PROXIES") or "0"
        if proxies not in map(str, range(10)):
            raise WrongSetting("AUDIT_PROXIES must be how many proxies stand before the app, such as 1")
        demo = environment.get("AUDIT_DEMO") or "1"
        if demo not in ("0", "1"):  # «false» is no wish for demo people in a database that keeps everything
            raise WrongSetting("AUDIT_DEMO must be 0 (no demo data) or 1")
        return cls(
            data=data,
            database_url=database_url or f"sqlite:///{data}/audit.db",
            blobs_url=blobs_url or str(data / "blobs"),
            queue_url=queue_url or f"sqlite:///{data}/queue.db",
            secret_key=environment.get("AUDIT_SECRET_KEY") or _kept_secret(data, bool(database_url)),
            bind=bind, tls_cert=cert, tls_key=key, public_url=public_url.rstrip("/"), proxies=int(proxies),
            demo=demo == "1",
            checklists=Path(environment.get("AUDIT_CHECKLISTS") or cls.checklists),
        )


def _folder(said: str | Path) -> Path:
    """The folder of AUDIT_DATA, made if need be, where this user may write. Raises WrongSetting."""
    data = Path(said).resolve()
    if set(str(data)) & set("?%"):  # the URL of a database says something else with them
        raise WrongSetting(f"AUDIT_DATA names {data}; choose a folder without ? and % in its path")
    try:
        data.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=data).close()
    except OSError as error:
        if error.errno != errno.ENOSPC or not data.is_dir():  # on a full disk the office still reads, and makes room
            raise WrongSetting(f"AUDIT_DATA names {data}, which is no folder that can be written to: "
                               f"{error.strerror}") from error
    return data


def _certificate(environment) -> tuple[str | None, str | None]:
    """The files of the certificate and its key, tried as they will be served. Raises WrongSetting."""
    cert, key = environment.get("AUDIT_TLS_CERT"), environment.get("AUDIT_TLS_KEY")
    if bool(cert) != bool(key) or any(name and not Path(name).is_file() for name in (cert, key)):
        raise WrongSetting("AUDIT_TLS_CERT and AUDIT_TLS_KEY must both name a file, or neither be set")
    try:
        if cert:  # a password would be asked for at the terminal, by every process anew
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise WrongSetting("AUDIT_TLS_CERT and AUDIT_TLS_KEY must be a certificate and its key, both PEM that can be "
                           "read without a password") from error
    return cert, key


def _stores(environment) -> tuple[str | None, str | None, str | None]:
    """Where rows, blobs and jobs are kept, as far as it is said. Raises WrongSetting."""
    names = ("AUDIT_DATABASE_URL", "AUDIT_BLOBS_URL", "AUDIT_QUEUE_URL")
    database, blobs, queue = (environment.get(name) for name in names)
    if database and not database.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise WrongSetting("AUDIT_DATABASE_URL must begin with postgresql+psycopg:// or sqlite:///")
    bucket = blobs and blobs.startswith("s3://") and BUCKET.fullmatch(_address(blobs).netloc)
    if blobs and re.match("[A-Za-z0-9+.-]+:", blobs) and not bucket:
        raise WrongSetting("AUDIT_BLOBS_URL must be s3://bucket, s3://bucket/prefix or a folder")
    if blobs and not bucket and not _may_be_folder(blobs):
        raise WrongSetting(f"AUDIT_BLOBS_URL names {blobs}, which is no folder and cannot be made one")
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        if (said := environment.get(name)) and _address(said).scheme not in ("http", "https"):
            raise WrongSetting(f"{name} must be a whole address, such as https://store.hanoi.gov.vn")
    kinds = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "redis://", "rediss://")
    if queue and not (queue.startswith(kinds) and (queue.startswith("postgresql") or _address(queue).scheme)):
        raise WrongSetting("AUDIT_QUEUE_URL must begin with sqlite:///, postgresql:// or redis://, and be an address")
    for name, url in zip(names, (database, blobs, queue), strict=True):
        said = (url or "").removeprefix("sqlite:///")
        if _ends_early(url or ""):
            raise WrongSetting(f"{name} is no address; in a user's name or password write @ as %40, / as %2F, % as %25 "
                               "and [ as %5B")
        if said != (url or "") and (said in ("", ":memory:") or "?" in said):
            raise WrongSetting(f"{name} must name a file after sqlite:///, such as sqlite:////srv/audit/audit.db")
    return database, blobs, queue


def _may_be_folder(said: str) -> bool:
    """Whether there is a folder of this name, or one in which it can be made; no file stands in its way."""
    path = Path(said).absolute()
    return next(above for above in (path, *path.parents) if os.path.lexists(above)).is_dir()


def _ends_early(url: str) -> bool:
    """Whether a password in a URL is written so that the rest of it passes for something else: a host, a port. Errors
    and logs would then tell it. What libpq reads (postgresql://) it reads strictly."""
    who_where = url.partition("?")[0]
    strict = url.startswith("postgresql://") and (HALF_ESCAPED.search(url) or re.search("//[^@]*/.*@", who_where))
    return bool(strict) or who_where.count("@") > 1 or ("@" in who_where and not _address(who_where, port=False).netloc)


def _address(said: str, *, port: bool = True) -> SplitResult:
    """The parts of a URL; all empty when it cannot be one. `port`: also when its port cannot be one."""
    try:
        parts = urlsplit(said)
        _ = port and parts.port  # only now it is looked at
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _kept_secret(data: Path, required: bool) -> str:
    """The key made on the first start and kept beside the database, readable by its owner only."""
    if required:
        raise WrongSetting("AUDIT_SECRET_KEY is required when AUDIT_DATABASE_URL is set")
    kept = data / "secret-key"
    if not kept.exists():
        with tempfile.NamedTemporaryFile("w", dir=data) as made:  # whole or not at all, also when two start at once
            made.write(secrets.token_hex(32))
            made.flush()
            os.fsync(made.fileno())
            with suppress(FileExistsError):
                os.link(made.name, kept)
    if found := kept.read_text("ascii").strip():
        return found
    raise WrongSetting(f"{kept} is empty; put the key back from a backup, or delete the file for a new key (work that "
                       "tablets have not sent yet can then not be read any more)")
