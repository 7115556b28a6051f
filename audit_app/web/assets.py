"""Style sheets and scripts as browsers get them: joined from the sources in static/, without comments, packed once.

A tablet on a slow line fetches one sheet and one script instead of thirty files. There is no build step and no
bundler: the sources are what is edited, tested and, file by file, just as valid.
"""

import re
from functools import cache

import brotli
from flask import Flask, Response, request

from audit_app.config import ROOT
from audit_app.web.gate import public

CSS = ROOT / "static/css"
JS = ROOT / "static/js"
PICTURES = ROOT / "static/img"
CSS_IMPORT = re.compile(r'@import url\("([a-z_-]+\.css)"\);\n?')
LATER = {"rest": "capture"}
"""Files fetched while another one runs (`import("./rest.js")`), and the one whose modules they share."""
JS_IMPORT = re.compile(r'^import (?:\* as (\w+)|(\{[^}]*\})) from "\./(\w+)\.js";$', re.MULTILINE)
JS_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LINE_COMMENT = re.compile(r"^\s*//.*$|(?<=[;,{)]) // .*$", re.MULTILINE)
SPACE = re.compile(r"\s*\n\s*")
CSS_SPACE = re.compile(r"\s*([{};])\s*|(?<=[:,])\s+|\s*\n\s*")


def install(app: Flask) -> None:
    """Serve the joined sheets and scripts in place of the files of that name."""
    app.add_url_rule(f"{app.static_url_path}/css/<any(site, tablet):name>.css", "sheet", sheet)
    app.add_url_rule(f"{app.static_url_path}/js/<any({', '.join(_modules())}):name>.js", "script", script)
    app.add_url_rule(f"{app.static_url_path}/img/<any(mark, marks, sprite):name>.svg", "picture", picture)


@public(unasked=True)
def sheet(name):
    """A sheet with its imports put in their places; its address changes with any byte of it."""
    return _packed("text/css", joined(name))


@public(unasked=True)
def script(name):
    """A module with the modules it imports put before it, each in a scope of its own."""
    return _packed("text/javascript", one_script(name))


@public(unasked=True)
def picture(name):
    """A drawing of our own."""
    return _packed("image/svg+xml", (PICTURES / f"{name}.svg").read_text("utf-8"))


@cache
def joined(name: str) -> str:
    """A sheet with its imports put in their places, comments and spare white space taken out."""
    text = (CSS / f"{name}.css").read_text("utf-8")
    whole = CSS_IMPORT.sub(lambda found: (CSS / found[1]).read_text("utf-8"), text)
    return CSS_SPACE.sub(_one_space, BLOCK_COMMENT.sub("", whole)).strip()


def _one_space(found: re.Match) -> str:
    return found[1] or ("\n" if "\n" in found[0] else "")


@cache
def one_script(name: str) -> str:
    """A module and everything it imports, in the order in which browsers would run them.

    An imported module becomes `const $name = (() => { …; return { what it exports }; })();`. Imports made while
    running (`import("./x.js")`) stay as they are; a file of LATER takes from its opener what is there already, so that
    no module runs twice. Modules must not import each other in a circle.
    """
    opener = LATER.get(name)
    there = _needed(opener)[:-1] if opener else []
    needed = _needed(name)
    taken = sorted({f"${module}" for module in there if module in needed})
    first = [f'import {{ {", ".join(taken)} }} from "./{opener}.js";'] if taken else []
    parts = [_scoped(module, _linked(module)) for module in needed[:-1] if module not in there]
    given = [f"export {{ {', '.join(f'${module}' for module in needed[:-1])} }};"] if name in LATER.values() else []
    return "\n".join([*first, *parts, _linked(name), *given])


def _needed(name: str) -> list[str]:
    """The modules a module is made of, each after those it imports; itself last."""
    found = []
    for _, _, imported in JS_IMPORT.findall(_bare(name)):
        found += [module for module in _needed(imported) if module not in found]
    return [*found, name]


def _linked(module: str) -> str:
    return JS_IMPORT.sub(lambda found: f"const {found[1] or found[2]} = ${found[3]};", _bare(module))


def _scoped(module: str, body: str) -> str:
    exports = ", ".join(JS_EXPORT.findall(body))
    return f"const ${module} = (() => {{\n{JS_EXPORT.sub('', body)}\nreturn {{ {exports} }};\n}})();"


@cache
def _bare(module: str) -> str:
    """The module without comments and indentation."""
    text = BLOCK_COMMENT.sub("", (JS / f"{module}.js").read_text("utf-8"))
    return SPACE.sub("\n", LINE_COMMENT.sub("", text)).strip()


def _modules() -> list[str]:
    return sorted(f'"{path.stem}"' for path in JS.glob("*.js"))


def _packed(kind: str, text: str) -> Response:
    """Packed as small as it goes, once; kept for ever, because the address changes with the content."""
    small = "br" in request.accept_encodings
    response = Response(_brotli(text) if small else text, mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    if small:
        response.headers["Content-Encoding"] = "br"
    return response


@cache
def _brotli(text: str) -> bytes:
    return brotli.compress(text.encode(), quality=11)
