"""Scripts made small still do what they did, in the same order."""

import re
from pathlib import Path

import pytest

from audit_app.web.assets import whole_script
from audit_app.web.squeeze import squeezed

JS = Path(__file__).parents[2] / "static" / "js"
FIRST_THEN_APART = """async function look() {
  const before = now();
  const { rows } = await later();
  return [before, rows];
}
look();"""
NAMED = r"^\s*(?:let|const) [\w$]+ = [^\n]*"
TURNED = re.compile(rf"{NAMED};\n\s*let [\[{{]|{NAMED}, [\[{{][^\n;]*[\]}}] = ", re.MULTILINE)
"""What squeeze.py cannot keep in order: a `let` that takes apart, behind another name."""

THROWN_AWAY = re.compile(r"\bvoid \([^;]*(?:\|\||&&|\?\?)")
"""tdewolff-minify 2.24 serves `void (a || b())` as nothing at all."""


def test_what_is_declared_first_is_worked_out_first():
    small = squeezed({"one": FIRST_THEN_APART})["one"]
    assert len(small) < len(FIRST_THEN_APART), "the minifier is not there"
    assert small.index("now()") < small.index("later()"), small


@pytest.mark.parametrize("path", sorted(JS.glob("*.js")), ids=lambda path: path.stem)
def test_no_script_takes_things_apart_where_the_order_would_be_lost(path):
    assert not (found := TURNED.findall(path.read_text("utf-8"))), found


def test_no_script_calls_where_the_call_would_be_thrown_away():
    assert THROWN_AWAY.search("return void (a === b || x.call());")
    assert not [path.name for path in JS.glob("*.js") if THROWN_AWAY.search(path.read_text("utf-8"))]


def test_every_script_is_served_as_one_that_can_be_read():
    """What the minifier cannot read keeps all its lines, and so would stop in a browser."""
    whole = {path.stem: whole_script(path.stem) for path in JS.glob("*.js")}
    small = squeezed(whole)
    assert not [name for name, text in whole.items() if small[name].count("\n") == text.count("\n")]
