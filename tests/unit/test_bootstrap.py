"""The first command on a fresh machine: what it asks for, whom it asks, what it says when refused."""

import subprocess
import sys
import sysconfig
import venv

import pytest

from audit_app import __main__ as bootstrap
from tests.tree import ROOT

# What a person without root's rights would meet; the packages are those of a machine without any.
AS_SOMEBODY = """
import os, sys
os.geteuid = lambda: 1000
from audit_app.__main__ import install_packages
install_packages(sys.argv[1:])
"""
LINE = "sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium postgresql"


@pytest.fixture
def machine(tmp_path):
    """A machine of stand-ins: `has` puts a program on its only PATH, `was_told` is how they were called."""

    class Machine:
        log = tmp_path / "log"

        def has(self, program: str, script: str = "exit 0"):
            path = tmp_path / "bin" / program
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'#!/bin/sh\necho "{program} $*" >> {self.log}\n{script}\n')
            path.chmod(0o755)

        def install(self, *packages: str) -> subprocess.CompletedProcess:
            return subprocess.run(
                [sys.executable, "-c", AS_SOMEBODY, *packages], cwd=ROOT, env={"PATH": str(tmp_path / "bin")},
                capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip

        def was_told(self) -> list[str]:
            return self.log.read_text().splitlines() if self.log.exists() else []

    return Machine()


def test_the_bootstrap_needs_nothing_but_the_standard_library():
    without_packages = [sys.executable, "-S", "-c", "import audit_app.__main__"]
    done = subprocess.run(without_packages, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_somebody_without_sudo_is_told_the_exact_line(machine):
    machine.has("apt-get")
    done = machine.install("chromium", "postgresql")
    assert (done.returncode, done.stdout, machine.was_told()) == (2, "", [])
    assert LINE in done.stderr


def test_somebody_whom_sudo_refuses_is_told_the_exact_line_and_never_asked_without_a_terminal(machine):
    machine.has("apt-get")
    machine.has("sudo", "exit 1")
    done = machine.install("chromium", "postgresql")
    assert (done.returncode, machine.was_told()) == (2, ["sudo -n true"])
    assert LINE in done.stderr


def test_another_system_is_told_which_packages_it_lacks(machine):
    done = machine.install("libpango-1.0-0", "chromium")
    assert done.returncode == 2
    assert "no apt-get" in done.stderr
    assert "libpango-1.0-0 chromium" in done.stderr


def test_package_lists_are_fetched_when_the_first_try_fails(machine):
    machine.has("apt-get")
    machine.has("sudo", f'case "$*" in *install*) [ -e {machine.log}.2 ] || {{ : > {machine.log}.2; exit 1; }};; esac')
    done = machine.install("chromium")
    assert done.returncode == 0, done.stderr
    doing = [word for line in machine.was_told() for word in line.split() if word in ("install", "update")]
    assert doing == ["install", "update", "install"]


def test_postgresql_is_installed_without_a_cluster_or_a_service_and_no_trace_of_that_remains(machine):
    machine.has("apt-get")
    machine.has("sudo")
    assert machine.install("chromium", "postgresql").returncode == 0
    told = [line.removeprefix("sudo -n ").split()[0] for line in machine.was_told()]
    assert told == ["true", "mkdir", "tee", "env", "rm", "rmdir"]
    assert machine.was_told()[2].endswith(str(bootstrap.NO_CLUSTER))


def test_packages_other_than_postgresql_leave_its_settings_alone(machine):
    machine.has("apt-get")
    machine.has("sudo")
    machine.install("chromium")
    assert [line.removeprefix("sudo -n ").split()[0] for line in machine.was_told()] == ["true", "env"]


def test_a_virtual_environment_is_used_again_only_when_it_fits(tmp_path):
    assert not bootstrap.environment_fits(tmp_path / "nothing")
    made = tmp_path / "made"
    venv.create(made, with_pip=False)
    assert not bootstrap.environment_fits(made), "without pip nothing can be installed into it"
    (made / "bin" / "pip").touch()
    assert bootstrap.environment_fits(made)
    settings = made / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("version = 3.", "version = 2."))
    assert not bootstrap.environment_fits(made), "made for another Python"


@pytest.mark.parametrize("fits", [True, False])
def test_the_environment_is_made_of_debians_python_where_this_one_is_slower_and_that_one_fits(machine, tmp_path, fits):
    own = bootstrap.interpreter(str(tmp_path / "nothing"))
    assert subprocess.run([own, "-c", "import venv, ensurepip"], check=False).returncode == 0
    machine.has("python3", f"exit {0 if fits else 1}")
    slower = "--enable-optimizations" not in sysconfig.get_config_var("CONFIG_ARGS")
    debians = str(tmp_path / "bin" / "python3")
    assert bootstrap.interpreter(str(tmp_path / "bin")) == (debians if slower and fits else own)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_place_that_holds_something_else_is_never_emptied_for_the_environment(tmp_path, kind):
    place = tmp_path / "work"
    letter = place / "letter.txt" if kind == "folder" else place
    letter.parent.mkdir(exist_ok=True)
    letter.write_text("to be kept")
    make = [sys.executable, "-c", "from audit_app.__main__ import make_environment; make_environment()"]
    done = subprocess.run(make, cwd=ROOT, env={"AUDIT_VENV": str(place)}, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1) and "AUDIT_VENV" in done.stderr
    assert letter.read_text() == "to be kept"


def test_a_lock_file_is_installed_again_when_it_changes_and_when_it_changes_back(tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", LOCKS, str(tmp_path)], cwd=ROOT, env={"AUDIT_VENV": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.split() == ["2", "0", "1", "1"]


def test_the_packages_are_installed_in_two_heaps_that_share_none_and_leave_none_out():
    locks = [bootstrap.RUN_LOCK, bootstrap.TEST_LOCK]
    heaps = bootstrap.shares(locks)
    first, second = ({line.split("==")[0] for line in heap.splitlines() if "==" in line} for heap in heaps)
    assert first.isdisjoint(second), "two pips would write the same files"
    lines = [line for lock in locks for line in lock.read_text().splitlines() if not line.startswith("#")]
    assert set("".join(heaps).splitlines()) == set(lines)


LOCKS = """
import sys
from audit_app.__main__ import READY, ROOT, RUN_LOCK, TEST_LOCK, digest, locks_to_install
both = [RUN_LOCK, TEST_LOCK]
print(len(locks_to_install(both)))
good = [f"{lock.relative_to(ROOT)} {digest(lock)}" for lock in both]
for lines in (good, [good[0], good[1][:-1] + "x"], good[:1]):
    READY.write_text("\\n".join(lines))
    print(len(locks_to_install(both)))
"""


def test_a_library_that_cannot_be_opened_names_its_package():
    libraries = {"libc.so.6": "libc6", "libnowhere.so.9": "libnowhere9"}
    assert bootstrap.missing_libraries(libraries) == ["libnowhere9"]


def test_the_tests_need_more_packages_than_the_product():
    run = bootstrap.missing_packages(with_tests=False, new_environment=False)
    assert set(run) <= set(bootstrap.missing_packages(with_tests=True, new_environment=False))
