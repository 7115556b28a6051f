"""Run a module's functions in disposable, limited child processes, so that hostile bytes can only hurt a child.

A child is a fresh interpreter (never a fork: servers have threads) with no secrets in its environment, a ceiling on
memory and processor time, no right to write files, no network; it is used for many calls, ends when idle, is replaced
when it dies. Through the pipes go JSON and raw bytes, never pickles: a conquered child cannot conquer the parent.
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from audit_app.rules import problems

MB = 1024 * 1024
HEAD = struct.Struct(">I")
MOST = 512 * MB  # of one message: a conquered child must not fill the parent either
FILES = 64  # open at once in a child: fonts, the picture, the pipes
OWN = 0x10000000 | 0x40000000  # of unshare(2): users, without whom nobody may have it, and a network of its own
IDLE = 300  # seconds without a call after which a child ends by itself
START = "import sys; sys.path[:] = sys.argv[3:]; from audit_app.media import sandbox; sandbox.serve(*sys.argv[1:3])"


class ChildDied(Exception):
    """The child crashed, ran out of memory or time, or said something that is no answer."""


class ChildFailed(ChildDied):
    """The function raised something that is no Problem; the message names it."""


class ChildKilled(ChildDied):
    """The child was ended from outside: by the kernel of a machine short of memory, or past its time on a busy one.

    It tells of the machine, not of the call, which may go well another time. Where a child forks for each call, the
    kernel ends a fork and this is not seen: that is ChildDied.
    """


class _TooSlow(ChildKilled):
    pass


class Sandbox:
    """A few children that run the functions listed in one module's `CALLS`, after its `prepare()`.

    `memory` in MB of address space, `cpu` in seconds of processor time a call, `wall` in seconds a call may take,
    `write` is the size in MB of the largest temporary file, `calls` the number after which a child is replaced,
    `children` how many at most at the same time in this process. Threads share it.
    `fork`: the child forks for each call, so that nothing is left of it; for calls that make many objects this saves
    the collecting of garbage as well, a third of the time of printing a paper.
    """

    def __init__(self, module: str, *, memory: int, cpu: int, wall: float, write=0, calls=200, children=2, fork=False):
        self.limits = {"module": module, "memory": memory, "cpu": cpu, "write": write, "fork": fork}
        self.wall, self.calls, self.children = wall, calls, children
        self._idle: list[_Child] = []
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def _forget(self) -> None:
        # After a fork the children belong to the parent: two processes talking into one pipe would mix their answers.
        self._parents, self._idle = self._idle, []
        self._places = threading.BoundedSemaphore(self.children)

    def call(self, name: str, given: dict, parts: tuple[bytes, ...] = (), ask: Callable[[str], bytes] | None = None):
        """What `CALLS[name](given, parts, ask)` returned in a child: (a JSON-able value, a list of bytes).

        While it runs the child may `ask` for bytes by name; an exception in `ask` ends the call and is raised here.
        Raises the child's Problem as it is, ChildDied for everything else that goes wrong in there.
        """
        with self._places:
            with contextlib.suppress(IndexError):
                child = self._idle.pop()
                try:
                    return self._use(child, name, given, parts, ask)
                except (_TooSlow, ChildFailed):
                    raise
                except ChildDied:
                    pass  # perhaps of age, or of a call before: only a fresh child's death is this call's doing
            return self._use(_Child(self.limits), name, given, parts, ask)

    def _use(self, child: "_Child", name, given, parts, ask):
        alarm = threading.Timer(self.wall, child.too_slow)  # reaches a child that neither reads nor writes, too
        alarm.daemon = True
        alarm.start()
        try:
            answer, bodies = child.converse({"call": name, "given": given}, parts, ask)
        except BaseException:
            child.end()
            raise
        finally:
            alarm.cancel()
        child.used += 1
        if child.used < self.calls and not child.late:
            self._idle.append(child)
        else:
            child.end()
        if "problem" in answer:
            raise _problem(answer)
        if "value" not in answer:
            raise ChildFailed(str(answer.get("failed", "no answer")))
        return answer["value"], bodies

    def close(self) -> None:
        """End the idle children; the next call starts new ones."""
        while self._idle:
            self._idle.pop().end()


class _Child:
    """One interpreter at the other end of two pipes."""

    def __init__(self, limits: dict):
        self.used, self.late, self.ready = 0, False, False
        self.folder = tempfile.mkdtemp(prefix="audit-child-") if limits["write"] else None
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", START, json.dumps(limits), str(IDLE), *_search_path()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/",
            env=_clean_environment(self.folder), start_new_session=True,  # Ctrl-C is for the parent
            pipesize=MB,  # pictures and papers go through in fewer turns
        )

    def converse(self, message: dict, parts, ask) -> tuple[dict, list[bytes]]:
        if not self.ready:
            self._greet()
        self._say(message, parts)
        answer, bodies = self._hear()
        while "ask" in answer and ask is not None:
            self._say({}, (ask(str(answer["ask"])),))
            answer, bodies = self._hear()
        return answer, bodies

    def _greet(self) -> None:
        # A child that cannot start is a broken installation and must not be taken for a bad picture.
        try:
            self.ready = _receive(self.process.stdout)[0]["ready"]
        except (EOFError, OSError, ValueError, KeyError) as error:
            raise RuntimeError(f"no child process could be started for {self.process.args[5]}") from error

    def _say(self, message, parts) -> None:
        try:
            _send(self.process.stdin, message, parts)
        except OSError as error:
            raise self._death() from error

    def _hear(self):
        try:
            return _receive(self.process.stdout)
        except (EOFError, OSError, ValueError, TypeError, RecursionError) as error:
            raise self._death() from error

    def _death(self) -> ChildDied:
        if self.late:
            return _TooSlow("killed after its time")
        with contextlib.suppress(subprocess.TimeoutExpired):  # one that only said nonsense is alive
            if self.process.wait(1) == -signal.SIGKILL:
                return ChildKilled("killed")
        return ChildDied("crashed")

    def too_slow(self) -> None:
        self.late = True
        self._kill()

    def _kill(self) -> None:
        if self.process.returncode is None:  # once it is waited for, its number may be another's
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)  # it leads a group of its own: its forks end with it

    def end(self) -> None:
        self._kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # what was still to be written has no reader any more
                pipe.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def serve(limits: str, idle: str) -> None:
    """The child's life: limit myself, then answer one call after the other until the parent is gone."""
    _cut_off()
    settings, source, sink = json.loads(limits), sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    module = importlib.import_module(settings["module"])
    module.prepare()
    for stream in (1, 2):  # whatever libraries print must not mix with the answers, nor fill the logs
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    _limit(settings["memory"], settings["write"])

    _send(sink, {"ready": True}, ())

    def ask(name: str) -> bytes:
        _send(sink, {"ask": name}, ())
        return _receive(source)[1][0]

    while select.select([source], [], [], float(idle))[0]:
        try:
            message, parts = _receive(source)
        except EOFError:
            return
        call = module.CALLS[message["call"]]
        if settings["fork"] and (grandchild := os.fork()):
            if os.waitpid(grandchild, 0)[1] != 0:
                return  # it died without an answer; the parent hears that when the pipe ends
            continue
        _allow_seconds(settings["cpu"])
        if settings["fork"]:
            gc.disable()  # this process ends before it would pay
        _send(sink, *_answer(call, message["given"], parts, ask))
        if settings["fork"]:
            os._exit(0)


def _answer(function, given, parts, ask) -> tuple[dict, tuple[bytes, ...]]:
    try:
        value, bodies = function(given, parts, ask)
        return {"value": value}, tuple(bodies)
    except problems.Problem as problem:
        return {"problem": type(problem).__name__, "details": problem.details}, ()
    except (EOFError, BrokenPipeError):
        raise  # the parent is gone
    except BaseException as error:  # whatever a decoder may raise, FatalURLFetchingError and MemoryError among them
        return {"failed": f"{type(error).__name__}: {error}"[:500]}, ()


def _problem(answer: dict) -> Exception:
    kind = getattr(problems, str(answer["problem"]), None)
    if isinstance(kind, type) and issubclass(kind, problems.Problem):
        with contextlib.suppress(Exception):
            return kind(**answer.get("details", {}))
    return ChildDied("an unknown problem")


def _cut_off() -> None:
    # While there is one thread. Where the kernel lets nobody do this it says no, and the child works on as it is.
    ctypes.CDLL(None).unshare(OWN)


def _limit(memory: int, write: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory * MB), (resource.RLIMIT_FSIZE, write * MB),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))


def _allow_seconds(cpu: int) -> None:
    # The kernel counts the life of the process, so the line is moved before each call; past it SIGXCPU ends us.
    spent = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + cpu, hard))


def _search_path() -> list[str]:
    house = Path(__file__).resolve().parents[2]
    return [str(house), *(str(Path(entry).absolute()) for entry in sys.path if entry)]


def _clean_environment(folder: str | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "HOME") if name in os.environ}
    # One arena: else each thread reserves 64 MB of the address space that the limit counts.
    return kept | {"MALLOC_ARENA_MAX": "1", "PYTHONHASHSEED": "0", "TZ": "UTC", "TMPDIR": folder or "/nonexistent"}


def _send(pipe, message: dict, parts: tuple[bytes, ...]) -> None:
    head = json.dumps(message | {"sizes": [len(part) for part in parts]}).encode()
    for piece in (HEAD.pack(len(head)), head, *parts):
        pipe.write(piece)
    pipe.flush()


def _receive(pipe) -> tuple[dict, list[bytes]]:
    message = json.loads(_exactly(pipe, HEAD.unpack(_exactly(pipe, HEAD.size))[0]))
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return message, [_exactly(pipe, size) for size in message.pop("sizes", [])]


def _exactly(pipe, octets: int) -> bytes:
    if not 0 <= octets <= MOST:
        raise ValueError("not a size")
    found = pipe.read(octets)
    if len(found) != octets:
        raise EOFError
    return found
