"""The files of the product, as git knows them; what the guards of the house look at."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Without git (a bare machine, an unpacked archive) everything counts but what .gitignore names anyway.
NEVER_OURS = {"var", "__pycache__", "node_modules"}
HIDDEN_OURS = {".ci", ".editorconfig", ".gitignore", ".importlinter", ".pytest.ini", ".ruff.toml"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the product below ROOT, as relative paths: committed or about to be, ignored ones left out."""
    found = _by_git() if shutil.which("git") and (ROOT / ".git").exists() else None
    return tuple(sorted(_by_walking() if found is None else found))


def python(*folders: str) -> list[Path]:
    """The Python files in those folders of the top level."""
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in folders]


def scripts() -> list[Path]:
    """Our own JavaScript: what we vendor is not ours to judge."""
    return [path for path in ours("static") if path.suffix == ".js"]


def ours(*folders: str) -> list[Path]:
    """The files in those folders of the top level that we wrote ourselves; without a folder, all of them."""
    return [path for path in files() if "vendor" not in path.parts and (not folders or path.parts[0] in folders)]


def read(path: Path) -> str:
    """The text of a file given below ROOT."""
    return (ROOT / path).read_text(encoding="utf-8")


def _by_git() -> list[Path] | None:
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, capture_output=True, text=True, check=False)
    if done.returncode:  # git refuses a checkout that belongs to somebody else
        return None
    named = [Path(name) for name in done.stdout.split("\0") if name]
    foreign = {cfg.parent.name for cfg in ROOT.glob("*/pyvenv.cfg")}  # somebody's own virtual environment
    return [path for path in named if (ROOT / path).is_file() and path.parts[0] not in foreign]


def _by_walking() -> list[Path]:
    tops = [top for top in ROOT.iterdir() if not top.name.startswith(".") or top.name in HIDDEN_OURS]
    tops = [top for top in tops if top.name not in NEVER_OURS and not (top / "pyvenv.cfg").exists()]
    found = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]
    return [path.relative_to(ROOT) for path in found if not NEVER_OURS & set(path.relative_to(ROOT).parts)]
