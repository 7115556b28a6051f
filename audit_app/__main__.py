"""The commands: `python3 -m audit_app [run|test|setup|…]` sets up what is missing, then hands over.

    python3 -m audit_app            set up, migrate, load demo data into an empty database, serve
    python3 -m audit_app test …     set up, run every test (the rest goes to pytest)
    python3 -m audit_app setup      set up only
    python3 -m audit_app <command>  set up, then any other command: worker, users, checklists, backup …;
                                    `.venv/bin/python -m audit_app --help` lists them

Standard library only: it runs before anything is installed. It makes the virtual environment (`.venv`, or AUDIT_VENV),
installs the hash-locked wheels into it and Debian's native libraries where they are missing, and starts itself again
inside with AUDIT_BOOTSTRAPPED=1; there every command is `audit_app.cli`'s. A second start calls neither pip nor apt.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("AUDIT_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / "bin" / "python"
PIP_INSTALL = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", "--no-deps",
               "--require-hashes", "--only-binary", ":all:"]  # fmt: skip
NEWER_PIP = "pip==26.3 --hash=sha256:f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
READY = VENV / ".ready"  # which lock files are installed: a line each, path and sha256
OLDEST = (3, 11)

RUN_LOCK, TEST_LOCK = ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt"

# What WeasyPrint opens with dlopen; no wheel brings it.
PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0", "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0", "libfontconfig.so.1": "libfontconfig1",
    "libharfbuzz.so.0": "libharfbuzz0b", "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}  # fmt: skip
TEST_LIBRARIES = {"libatomic.so.1": "libatomic1"}  # for Playwright's own Node; a minimal Debian does not have it
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRES_PACKAGE = "postgresql"
# Debian's postgresql makes a cluster and starts it the moment it is installed; the tests only want the binaries. This
# word in the administrator's own folder forbids it, and is taken away when the installation is over.
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/audit-app.conf")


def main(argv: list[str]) -> None:
    """Do one command; never returns when it hands over to another program."""
    command, rest = (argv[0], argv[1:]) if argv else ("run", [])
    inside = os.environ.get("AUDIT_BOOTSTRAPPED") == "1" or Path(sys.prefix).resolve() == VENV.resolve()
    if inside and command not in ("test", "setup"):
        from audit_app.cli import main as command_line

        raise SystemExit(command_line([command, *rest]))
    if command in ("-h", "--help"):
        print(__doc__)
        return
    if sys.version_info < OLDEST:
        refuse(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}.")
    set_up(with_tests=command == "test")
    if command == "setup":
        say(f"everything needed to run is in {VENV}")
    elif command == "test":
        os.chdir(ROOT)
        workers = str(min(4, 1 + (os.cpu_count() or 2)))  # journeys wait; pytest-sugar draws on a terminal only
        kept = {"PYTHONDONTWRITEBYTECODE": ""}  # dozens of processes start, and each would compile everything anew
        hand_over("pytest", "-n", workers, *rest, environment={"CHROMIUM": browser() or "", **kept})
    else:
        hand_over("audit_app", command, *rest, environment={"AUDIT_BOOTSTRAPPED": "1"})


def hand_over(module: str, *arguments: str, environment: Mapping[str, str]) -> NoReturn:
    """Become `python -m module` of the virtual environment, in the folder the person is in."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    sys.stdout.flush()
    os.execve(PYTHON, [str(PYTHON), "-m", module, *arguments], {**os.environ, "PYTHONPATH": path, **environment})


def set_up(*, with_tests: bool) -> None:
    """Bring the machine to where the command can run: Debian packages first, then Python's."""
    started = time.monotonic()
    locks = [RUN_LOCK, TEST_LOCK] if with_tests else [RUN_LOCK]
    with one_at_a_time():
        new = not environment_fits(VENV)
        if packages := missing_packages(with_tests=with_tests, new_environment=new):
            install_packages(packages)
        if new:
            make_environment()
        if missing := locks_to_install(locks):
            install_wheels(missing)
    if time.monotonic() - started > 2:
        say(f"set up in {time.monotonic() - started:.0f} s")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands started together must not fill one environment at once. The lock is on the folder itself."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def missing_packages(*, with_tests: bool, new_environment: bool) -> list[str]:
    """The Debian packages to install, all at once, so that nobody has to type two lines one after the other."""
    packages = missing_libraries(PDF_LIBRARIES)
    if new_environment and importlib.util.find_spec("ensurepip") is None:
        packages.append("python{}.{}-venv".format(*sys.version_info))  # Debian splits it from python3
    if with_tests:
        packages += missing_libraries(TEST_LIBRARIES)
        if not browser():
            packages.append(BROWSERS[0])
        if not shutil.which("initdb") and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            packages.append(POSTGRES_PACKAGE)
        if not shutil.which("pdftotext"):
            packages.append("poppler-utils")
    return packages


def missing_libraries(libraries: Mapping[str, str]) -> list[str]:
    """The packages of those libraries that the dynamic linker cannot open."""
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def browser() -> str | None:
    """The path of the browser for the tests: CHROMIUM if it is there, else the first of BROWSERS (quickest first)."""
    if (chosen := os.environ.get("CHROMIUM")) and Path(chosen).exists():
        return chosen
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def install_packages(packages: list[str]) -> None:
    """Install Debian packages as root or through sudo, or say what to type and stop."""
    root = as_root(packages)
    say("installing Debian packages:", *packages)
    try:
        if POSTGRES_PACKAGE in packages:
            quietly([*root, "mkdir", "-p", str(NO_CLUSTER.parent)])
            quietly([*root, "tee", str(NO_CLUSTER)], text="create_main_cluster = false\n")
        complaint = apt_install(root, packages)
    finally:
        if POSTGRES_PACKAGE in packages:
            quietly([*root, "rm", "-f", str(NO_CLUSTER)])
            quietly([*root, "rmdir", "--ignore-fail-on-non-empty", str(NO_CLUSTER.parent)])
    if complaint:
        refuse(f"{by_hand(packages)}\napt-get said: {complaint}")


def as_root(packages: list[str]) -> list[str]:
    """The words that make a command run as root: none, or sudo's. Without either, say what to type and stop."""
    if not shutil.which("apt-get"):
        refuse("This machine has no apt-get; install with its own package manager what these Debian packages hold, "
               f"then run the same command again: {' '.join(packages)}")  # fmt: skip
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        refuse(by_hand(packages))
    # A person may be asked for the password once; a script must never hang on the question.
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    sudo = ["sudo"] if at_terminal else ["sudo", "-n"]
    if at_terminal:
        say("root is needed to install Debian packages:", *packages)
    if subprocess.run([*sudo, "-v"] if at_terminal else [*sudo, "true"], stderr=subprocess.DEVNULL).returncode:
        refuse(by_hand(packages))
    return sudo


def by_hand(packages: list[str]) -> str:
    """The sentence for somebody who must ask an administrator, with the exact line."""
    line = f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(packages)}"
    return f"Debian packages are missing and only root can install them; type this line, then start again:\n    {line}"


def apt_install(root: list[str], packages: list[str]) -> str:
    """Run apt-get with patience; returns "" or the end of what it complained of."""
    # env, because sudo drops the environment; the lock, because another apt may be at work.
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    apt += ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    for attempt in range(4):
        done = quietly([*apt, "install", "-y", "--no-install-recommends", *packages])
        if done.returncode == 0:
            return ""
        # Package lists are absent on a bare machine, old on a forgotten one; mirrors hiccup.
        time.sleep(3 * max(0, attempt - 1))
        # Without this mode `update` says 0 even when an index could not be fetched.
        quietly([*apt, "-o", "APT::Update::Error-Mode=any", "update"])
    return (done.stderr or "").strip()[-400:] or f"exit code {done.returncode}"


def quietly(command: list[str], *, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command, feed it `text`, keep what it says on stderr. Never raises for its exit code."""
    source = {"input": text} if text is not None else {"stdin": subprocess.DEVNULL}
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, **source)


def environment_fits(venv: Path) -> bool:
    """Is there a virtual environment with pip, made for this version of Python?"""
    try:
        lines = (venv / "pyvenv.cfg").read_text().splitlines()
    except OSError:
        return False
    settings = dict(line.split(" = ", 1) for line in lines if " = " in line)
    version = settings.get("version") or settings.get("version_info", "")
    same = version.split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    return same and (venv / "bin" / "python").exists() and (venv / "bin" / "pip").exists()


def make_environment() -> None:
    """Make the virtual environment anew, in place of one that does not fit; a folder of anything else is left alone."""
    if VENV.exists() and not (VENV / "pyvenv.cfg").is_file() and (not VENV.is_dir() or any(VENV.iterdir())):
        refuse(f"{VENV} holds something that is no virtual environment; empty it, or name another place in AUDIT_VENV.")
    say("making the virtual environment", VENV)
    if subprocess.run([interpreter(), "-m", "venv", "--clear", str(VENV)], check=False).returncode:
        refuse(f"The virtual environment {VENV} could not be made (see above); AUDIT_VENV names another place.")
    # Python's own reads the index three times as slowly; where the newer one cannot be had, that one does it.
    subprocess.run([*PIP_INSTALL, "-r", "/dev/stdin"], input=NEWER_PIP, text=True, check=False)


def interpreter(folder: str = "/usr/bin") -> str:
    """The Python of the environment: this one; or Debian's own of the same version where this one was built without
    optimisation, as pyenv builds it, and ours would run a quarter longer on it."""
    own = getattr(sys, "_base_executable", None) or sys.executable  # also from inside an old environment
    optimised = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    debians = None if optimised else shutil.which("python3", path=folder)
    asked = f"import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return debians if debians and quietly([debians, "-c", asked]).returncode == 0 else own


def locks_to_install(locks: Iterable[Path]) -> list[Path]:
    """Those lock files whose packages are not in the environment, or were there in another version."""
    installed = installed_locks()
    return [lock for lock in locks if installed.get(str(lock.relative_to(ROOT))) != digest(lock)]


def install_wheels(locks: list[Path]) -> None:
    """Install the locked packages: exactly these versions, these hashes, no code run to build them."""
    names = [str(lock.relative_to(ROOT)) for lock in locks]
    say("installing Python packages, hash-checked (about a quarter of a minute):", *names)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.txt") for number in range(2)]
        for file, pins in zip(files, shares(locks), strict=True):
            file.write_text(pins)
        failed = [pip for pip in [subprocess.Popen([*PIP_INSTALL, "-r", str(file)]) for file in files] if pip.wait()]
    if failed:
        refuse("pip could not install the locked packages (see above); is the package index reachable?")
    now = installed_locks() | dict(zip(names, map(digest, locks), strict=True))
    READY.write_text("".join(f"{name} {sha256}\n" for name, sha256 in now.items()))


def shares(locks: Iterable[Path]) -> list[str]:
    """The pins of the locks with their hashes, in two heaps that share no package: pip uses one core, mostly to read
    the index. The locks are whole, so neither heap asks for anything of the other (`--no-deps`)."""
    pins: dict[str, set[str]] = {}
    for pin in re.split(r"^(?=[^\s#])", "".join(lock.read_text() for lock in locks), flags=re.MULTILINE)[1:]:
        pins.setdefault(re.split(r"[^\w.-]", pin)[0], set()).add(pin)
    return ["".join(pin for name in list(pins)[first::2] for pin in sorted(pins[name])) for first in range(2)]


def installed_locks() -> dict[str, str]:
    """What READY says: path of a lock file below the checkout → its sha256 when it was installed."""
    return dict(line.split() for line in READY.read_text().splitlines()) if READY.exists() else {}


def digest(lock: Path) -> str:
    """The sha256 of a lock file, in hex."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def say(*words: object) -> None:
    """One line for the person at the terminal."""
    print("[audit_app]", *words, flush=True)


def refuse(sentence: str) -> NoReturn:
    """Stop with one clear sentence on stderr and exit code 2."""
    print(f"[audit_app] {sentence}", file=sys.stderr, flush=True)
    raise SystemExit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
