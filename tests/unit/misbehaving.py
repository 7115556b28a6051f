"""What a child process of media/sandbox.py might do to us; run by test_sandbox.py inside such a child."""

import os
import signal
import socket
from pathlib import Path

from audit_app.rules.problems import TextTooLong

SEEN = []


def prepare() -> None:
    """Nothing to load."""


def _echo(given, parts, ask):
    return given, parts


def _ask(given, parts, ask):
    return None, [ask(name) for name in given["names"]]


def _problem(given, parts, ask):
    raise TextTooLong(limit=7)


def _fatal(given, parts, ask):
    raise (given.get("kind") and SystemExit(3)) or KeyError("x")


def _die(given, parts, ask):
    os.kill(os.getpid(), getattr(signal, given["signal"]))


def _check(given, parts, ask):
    """In the place of media/photos: a picture over which the kernel ends the child."""
    os.kill(os.getpid(), signal.SIGKILL)


def _spin(given, parts, ask):
    if "note" in given:
        Path(given["note"]).write_text(str(os.getpid()))
    while True:
        pass


def _swallow(given, parts, ask):
    return len(bytearray(given["mb"] * 1024 * 1024)), ()


def _write(given, parts, ask):
    Path(given["path"]).write_bytes(b"x" * given["octets"])
    return True, ()


def _babble(given, parts, ask):
    for handle in range(3, 20):
        try:
            os.write(handle, b"\xff\xff\xff\xff not an answer")
        except OSError:
            continue
    os._exit(0)


def _print(given, parts, ask):
    print("decoder: warning")
    os.system("echo decoder: warning")  # noqa: S605
    return True, ()


def _call_home(given, parts, ask):
    try:
        socket.create_connection(("127.0.0.1", given["port"]), timeout=5).close()
    except OSError as error:
        return type(error).__name__, ()
    return "connected", ()


def _see(given, parts, ask):
    SEEN.append(1)
    return {"environment": dict(os.environ), "pid": os.getpid(), "seen": len(SEEN)}, ()


CALLS = {
    "echo": _echo, "ask": _ask, "problem": _problem, "fatal": _fatal, "die": _die, "spin": _spin,
    "swallow": _swallow, "write": _write, "babble": _babble, "print": _print, "see": _see,
    "check": _check, "call home": _call_home,
}
