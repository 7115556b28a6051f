"""The house stands as it was drawn: floors, doors, sizes, names, words."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, meta

from tests import tree

TOP_LEVEL = {"audit_app", "checklists", "static", "templates", "tests", "requirements.txt", "README.md"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
NAMED_FOR_NOTHING = re.compile(r"^(utils?|helpers?|common|services?|managers?|base|misc|lib|handlers?|tools|stuff)$")
VIETNAMESE = re.compile("[À-ÖØ-öø-ɏḀ-ỿ]")
HOMES_OF_WORDS = {Path("audit_app") / home for home in (
    "rules/wording.py", "rules/problems.py", "rules/refusals.py", "web/fields.py", "web/forms.py",
    "web/people_forms.py")}
# A migration is read once, from top to bottom, like the list of columns that it is.
LISTS_OF_COLUMNS = Path("audit_app/records/migrations/versions")


def test_a_floor_uses_only_the_floors_below_and_each_library_has_one_door():
    pytest.importorskip("importlinter", reason="import-linter is in tests/requirements.txt")
    lint = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", lint, "--config", ".importlinter", "--no-cache", "--no-logo"],
        cwd=tree.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_top_level_has_only_the_names_the_user_fixed():
    visible = {path.parts[0] for path in tree.files() if not path.parts[0].startswith(".")}
    assert visible <= TOP_LEVEL, f"more than the seven names: {visible - TOP_LEVEL}"


def test_no_file_is_longer_than_a_person_reads_at_once():
    ours = [path for path in tree.ours("audit_app", "tests", "static") if path.suffix in (".py", ".js", ".css")]
    long = {str(path): n for path in ours if (n := len(tree.read(path).splitlines())) > LONGEST_FILE}
    assert not long, f"longer than {LONGEST_FILE} lines, split by noun: {long}"


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in tree.python("audit_app")
        if LISTS_OF_COLUMNS not in path.parents
        for node in ast.walk(ast.parse(tree.read(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_a_module_says_in_its_first_line_what_it_is_for():
    silent = [str(path) for path in tree.python("audit_app", "tests") if not says_what_it_is_for(tree.read(path))]
    silent += [str(path) for path in tree.scripts() if not tree.read(path).startswith(("// ", "/* ", "/** "))]
    assert not silent, f"first line is not a sentence about the module: {silent}"


def says_what_it_is_for(source: str) -> bool:
    """Empty files have nothing to say; the others begin with a docstring whose first line has words in it."""
    docstring = ast.get_docstring(ast.parse(source), clean=False)
    return not source.strip() or bool(docstring and docstring.splitlines()[0].strip() and source.startswith('"""'))


def test_nothing_is_named_for_nothing():
    ours = [path for path in tree.ours("audit_app", "static") if path.suffix in (".py", ".js", ".css")]
    bad = [str(path) for path in ours for part in (*path.parts[1:-1], path.stem) for word in re.split(r"[_\-.]", part)
           if NAMED_FOR_NOTHING.match(word)]  # fmt: skip
    assert not bad, f"say what it is: {bad}"


def test_what_a_person_reads_stands_where_words_live():
    """Docstrings and comments may name the Vietnamese word that an English one stands for; strings may not."""
    stray = [
        f"{path}:{line}"
        for path in tree.python("audit_app")
        if path not in HOMES_OF_WORDS
        for line in lines_of_vietnamese(ast.parse(tree.read(path)))
    ]
    stray += [
        f"{path}:{number}"
        for path in tree.scripts()
        for number, line in enumerate(tree.read(path).splitlines(), 1)
        if VIETNAMESE.search(line)
    ]
    assert not stray, f"Vietnamese belongs in templates/, checklists/ or {sorted(map(str, HOMES_OF_WORDS))}: {stray}"


def lines_of_vietnamese(module: ast.Module) -> list[int]:
    """Where a module has strings with Vietnamese letters that are not docstrings."""
    bodies = [node.body for node in ast.walk(module) if isinstance(getattr(node, "body", None), list)]
    # A bare string is a docstring wherever it stands: also under an attribute.
    docstrings = {id(line.value) for body in bodies for line in body if isinstance(line, ast.Expr)}
    strings = [node for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.lineno for node in strings if id(node) not in docstrings and VIETNAMESE.search(node.value)]


def test_a_test_waits_for_what_happens_never_for_time_to_pass():
    sleeping = [
        f"{path}:{node.lineno}"
        for path in tree.python("tests")
        for node in ast.walk(ast.parse(tree.read(path)))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("sleep", "wait_for_timeout")
    ]
    assert not sleeping, sleeping


def test_no_two_journeys_plan_a_visit_to_the_same_agency():
    """They share a server when they run on one worker, and an agency is visited once a day."""
    texts = map(tree.read, tree.python("tests/e2e"))
    named = [name for text in texts for name in re.findall(r'"(UBND phường [^"]+)"', text)]
    assert len(named) == len(set(named)), sorted({name for name in named if named.count(name) > 1})


TEMPLATES = [path for path in tree.ours("templates") if path.suffix in (".html", ".js", ".svg", ".txt", ".css")]


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_parses_and_what_it_asks_for_is_there(path):
    environment = Environment(undefined=StrictUndefined, autoescape=True)
    try:
        parsed = environment.parse(tree.read(path), filename=str(path))
    except TemplateSyntaxError as error:
        pytest.fail(f"{path}:{error.lineno} {error.message}")
    wanted = [tree.ROOT / "templates" / name for name in meta.find_referenced_templates(parsed) if name]
    missing = [file for file in wanted if not file.is_file()]
    assert not missing, f"{path} includes, imports or extends what is not there: {missing}"
