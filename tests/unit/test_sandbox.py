"""Whatever happens in a child process, the parent gets an answer or a refusal, and the next call works."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from audit_app.media.sandbox import OWN, ChildDied, ChildFailed, ChildKilled, Sandbox
from audit_app.rules.problems import TextTooLong

TRIED = f"import ctypes, sys; sys.exit(-ctypes.CDLL(None).unshare({OWN}))"


@pytest.fixture(params=[False, True], ids=["one child", "a fork a call"])
def sandbox(request):
    with_limits = Sandbox("tests.unit.misbehaving", memory=512, cpu=1, wall=20, children=2, fork=request.param)
    yield with_limits
    with_limits.close()


@pytest.fixture
def plain():
    without_forks = Sandbox("tests.unit.misbehaving", memory=512, cpu=1, wall=20, children=2)
    yield without_forks
    without_forks.close()


def test_values_and_bytes_go_there_and_come_back(sandbox):
    given = {"note": "Đường Láng", "n": 3}
    assert sandbox.call("echo", given, (b"", b"\0\xff" * 500_000)) == (given, [b"", b"\0\xff" * 500_000])


def test_the_child_gets_the_bytes_it_asks_for_and_only_by_asking(sandbox):
    kept = {"a": b"1", "b": b"2" * 300_000}
    assert sandbox.call("ask", {"names": ["b", "a"]}, ask=kept.__getitem__) == (None, [kept["b"], kept["a"]])
    with pytest.raises(KeyError):
        sandbox.call("ask", {"names": ["c"]}, ask=kept.__getitem__)
    assert sandbox.call("echo", {})[0] == {}


@pytest.mark.skipif(subprocess.run([sys.executable, "-c", TRIED], check=False).returncode != 0,
                    reason="the kernel of this machine gives nobody a network of its own")
def test_a_child_has_no_network(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as home:
        assert sandbox.call("call home", {"port": home.getsockname()[1]})[0] == "OSError"


def test_a_problem_is_raised_here_as_it_was_there(sandbox):
    with pytest.raises(TextTooLong, match="7"):
        sandbox.call("problem", {})


@pytest.mark.parametrize("given", [{}, {"kind": "exit"}], ids=["KeyError", "SystemExit"])
def test_any_other_exception_is_a_failure_with_its_name(sandbox, given):
    with pytest.raises(ChildFailed, match="KeyError|SystemExit"):
        sandbox.call("fatal", given)


@pytest.mark.parametrize("name, given", [
    ("die", {"signal": "SIGSEGV"}), ("die", {"signal": "SIGKILL"}), ("die", {"signal": "SIGABRT"}),
    ("spin", {}), ("swallow", {"mb": 600}), ("babble", {}),
])
def test_a_child_that_crashes_spins_swallows_or_babbles_is_refused_and_the_next_call_works(sandbox, name, given):
    sandbox.call("echo", {})
    with pytest.raises(ChildDied):
        sandbox.call(name, given)
    assert sandbox.call("echo", {"still": "here"})[0] == {"still": "here"}


@pytest.mark.parametrize("fork", [False, True])
def test_a_child_that_takes_too_long_is_ended_and_so_is_its_fork(fork, tmp_path):
    patient = Sandbox("tests.unit.misbehaving", memory=512, cpu=600, wall=1.0, write=1, fork=fork)
    with pytest.raises(ChildDied):
        patient.call("spin", {"note": str(tmp_path / "pid")})
    patient.close()
    spinning = int((tmp_path / "pid").read_text())
    assert not Path(f"/proc/{spinning}/cmdline").exists() or not Path(f"/proc/{spinning}/cmdline").read_bytes()


def test_a_child_that_died_of_age_is_replaced_without_anybody_noticing(plain):
    first = plain.call("see", {})[0]["pid"]
    os.kill(first, 9)
    assert plain.call("see", {})[0]["pid"] != first


def test_nothing_is_left_of_a_call_that_ran_in_a_fork():
    forking = Sandbox("tests.unit.misbehaving", memory=512, cpu=5, wall=20, fork=True)
    first, second = (forking.call("see", {})[0] for _ in range(2))
    assert first["pid"] != second["pid"] and first["seen"] == second["seen"] == 1
    assert forking._idle[0].process.poll() is None
    forking.close()


def test_a_child_is_used_again_and_replaced_after_its_number_of_calls():
    short = Sandbox("tests.unit.misbehaving", memory=512, cpu=5, wall=20, calls=2)
    pids = [short.call("see", {})[0]["pid"] for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    short.close()


def test_secrets_of_the_server_do_not_reach_a_child(sandbox, monkeypatch):
    monkeypatch.setenv("AUDIT_SECRET_KEY", "canary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    assert "canary" not in str(sandbox.call("see", {})[0])


def test_a_child_writes_no_files_unless_it_is_allowed_small_ones(sandbox, tmp_path):
    with pytest.raises(ChildFailed, match="File too large"):
        sandbox.call("write", {"path": str(tmp_path / "x"), "octets": 1})
    allowed = Sandbox("tests.unit.misbehaving", memory=512, cpu=5, wall=20, write=1)
    assert allowed.call("write", {"path": str(tmp_path / "y"), "octets": 1000})[0]
    with pytest.raises(ChildFailed, match="File too large"):
        allowed.call("write", {"path": str(tmp_path / "y"), "octets": 2_000_000})
    allowed.close()


def test_what_libraries_print_does_not_mix_with_answers(sandbox):
    assert sandbox.call("print", {}) == (True, [])


def test_a_child_that_cannot_start_is_our_fault_and_not_the_pictures():
    with pytest.raises(RuntimeError, match="no child"):
        Sandbox("tests.unit.no_such_module", memory=512, cpu=5, wall=20).call("echo", {})


def test_many_threads_share_few_children(plain):
    seen, errors = [], []

    def work(number):
        try:
            assert plain.call("echo", {"n": number})[0] == {"n": number}
            seen.append(plain.call("see", {})[0]["pid"])
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and len(seen) == 12 and len(set(seen)) <= 2


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_server_starts_its_own_children(plain):
    mine = plain.call("see", {})[0]["pid"]
    child = os.fork()
    if child == 0:
        other = plain.call("see", {})[0]["pid"]
        plain.close()
        os._exit(0 if other != mine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert plain.call("see", {})[0]["pid"] == mine


def test_a_child_that_the_kernel_ended_is_told_from_one_that_crashed(plain):
    with pytest.raises(ChildKilled):
        plain.call("die", {"signal": "SIGKILL"})
    with pytest.raises(ChildDied) as crashed:
        plain.call("die", {"signal": "SIGSEGV"})
    assert not isinstance(crashed.value, ChildKilled)
