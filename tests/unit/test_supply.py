"""What comes from outside is pinned and hashed, and nothing of one machine is carried in."""

import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit_app.__main__ import NEWER_PIP
from tests import tree

SOURCES = {"audit_app/requirements.in": "requirements.txt", "tests/requirements.in": "tests/requirements.txt"}
VENDOR = tree.ROOT / "static" / "vendor"
# Folders of somebody's machine, and hosts that serve packages: both differ from one place to the next.
MACHINE = re.compile(r"/(?:work|farm|root|home/\w+|tmp)/[A-Za-z.]")
REGISTRY = re.compile(r"https?://[^/\s]*(?:pypi|pythonhosted|npmjs|debian)[^/\s]*")
TEXT = {"", ".py", ".md", ".html", ".js", ".css", ".yaml", ".toml", ".txt", ".in", ".ini", ".sh", ".svg", ".json"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(source: str) -> dict[str, str]:
    """Name → reason of each line of a requirements.in."""
    lines = [line for line in tree.read(Path(source)).splitlines() if line and not line.startswith("#")]
    parts = [(*line.split("#", 1), "")[:2] for line in lines]
    return {plain(re.match(r"[\w.-]+", requirement)[0]): reason.strip() for requirement, reason in parts}


def locked(lock: str) -> dict[str, tuple[set[str], int]]:
    """Name → (its pins, how many hashes) of a lock file; a package may have a pin for each Python."""
    found: dict[str, tuple[set[str], int]] = {}
    for entry in tree.read(Path(lock)).replace("\\\n", " ").splitlines():
        if pin := re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", entry):
            pins, hashes = found.get(plain(pin[1]), (set(), 0))
            found[plain(pin[1])] = (pins | {pin[2]}, hashes + entry.count("--hash=sha256:"))
        else:
            assert not entry.strip() or entry.lstrip().startswith("#"), f"{lock}: not a pin: {entry}"
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_every_direct_dependency_has_a_reason_and_a_pin(source):
    wanted, pins = direct(source), locked(SOURCES[source])
    assert [name for name, reason in wanted.items() if len(reason.split()) < 2] == []
    assert [name for name in wanted if name not in pins] == []


@pytest.mark.parametrize("lock", SOURCES.values())
def test_every_pin_has_its_hashes(lock):
    assert [name for name, (pins, hashes) in locked(lock).items() if hashes < len(pins)] == []


def test_the_installer_is_pinned_like_what_it_installs():
    assert re.fullmatch(r"pip==[\d.]+ --hash=sha256:[0-9a-f]{64}", NEWER_PIP)


def test_the_tests_run_on_the_very_versions_that_are_served():
    served, tested = locked("requirements.txt"), locked("tests/requirements.txt")
    assert [name for name in served.keys() & tested.keys() if served[name][0] != tested[name][0]] == []


def test_the_tests_ask_politely_for_what_only_they_need():
    """`pytest` must collect with requirements.txt alone, so such an import stands after importorskip."""
    only_tests = top_modules(locked("tests/requirements.txt").keys() - locked("requirements.txt").keys())
    rude = [f"{path}:{line}" for path in tree.python("tests") for line in rude_imports(tree.read(path), only_tests)]
    assert not rude, rude


def top_modules(packages: set[str]) -> set[str]:
    """What one would write after `import` for those packages."""
    renamed = {"pytest-xdist": "xdist", "import-linter": "importlinter"}
    return {renamed.get(name, name.replace("-", "_")) for name in packages}


def rude_imports(source: str, modules: set[str]) -> list[int]:
    """The lines that import one of them without an importorskip before, in the same function or in the module."""
    module = ast.parse(source)
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    found = []
    for node in ast.walk(module):
        names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if not modules & {name.split(".")[0] for name in names}:
            continue
        around = {id(function) for function in functions if node in ast.walk(function)}
        asked = [
            call.lineno
            for call in ast.walk(module)
            if isinstance(call, ast.Call)
            and ast.unparse(call.func) == "pytest.importorskip"
            and {id(function) for function in functions if call in ast.walk(function)} <= around
        ]
        if not any(line < node.lineno for line in asked):
            found.append(node.lineno)
    return found


def test_nothing_names_a_machine_or_a_registry():
    ours = [path for path in tree.ours() if path.suffix in TEXT]
    found = [
        f"{path}:{number} {line.strip()[:100]}"
        for path in ours
        for number, line in enumerate(tree.read(path).splitlines(), 1)
        if MACHINE.search(line) or REGISTRY.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.skipif(not (VENDOR / "vendor.json").exists(), reason="nothing is vendored yet")
def test_vendored_files_are_the_ones_that_were_vendored():
    """vendor.json is a list of {file, npm, version, license, sha256}; LICENSE.<npm> stands beside the files."""
    said = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    assert all(entry["version"] and entry["license"] for entry in said)
    there = {path.name for path in VENDOR.rglob("*") if path.is_file()}
    assert there == {"vendor.json"} | {entry["file"] for entry in said} | {f"LICENSE.{entry['npm']}" for entry in said}
    bytes_of = {entry["file"]: (VENDOR / entry["file"]).read_bytes() for entry in said}
    assert [e["file"] for e in said if hashlib.sha256(bytes_of[e["file"]]).hexdigest() != e["sha256"]] == []


def test_ruff_finds_nothing():
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else shutil.which("ruff")
    if not ruff:
        pytest.skip("ruff is in tests/requirements.txt")
    command = [ruff, "check", "--no-cache", "--output-format", "concise", "."]
    done = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
