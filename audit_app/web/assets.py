"""Style sheets and scripts as browsers get them: joined from the sources in static/, without comments, packed once.

A tablet on a slow line fetches one sheet and one script instead of thirty files. There is no build step and no
bundler: the sources are what is edited, tested and, file by file, just as valid.
"""

import base64
import gzip
import hashlib
import re
import threading
from functools import cache

import brotli
from flask import Flask, Response, g, render_template, request
from markupsafe import Markup

from audit_app.config import ROOT
from audit_app.web.gate import public
from audit_app.web.squeeze import squeezed

CSS = ROOT / "static/css"
JS = ROOT / "static/js"
PICTURES = ROOT / "static/img"
PARTS = ROOT / "templates/parts"
CSS_IMPORT = re.compile(r'@import url\("([a-z_-]+\.css)"\);\n?')
LATER = {"rest": "capture", "markup": "rest", "log": "rest", "leaving": "rest", "rescue": "rest", "team": "rest",
         "viewfinder": "rest", "meeting": "rest", "keeping": "rest", "deliver": "day",
         "putaway": "account"}
"""Files fetched while another one runs (`import("./rest.js")`), and the one whose modules they share, in chains."""
GIVEN = "globalThis.$"
"""Where such a file that others share leaves its modules: it may have come from another address than its own, because
browsers remember that an address failed, and whoever imports it by its name would fail with it."""
DRAWINGS = ("mark", "sprite")
JS_IMPORT = re.compile(r'^import (?:\* as (\w+)|(\{[^}]*\})) from "\./(\w+)\.js";$', re.MULTILINE)
CSS_DRAWING = re.compile(r'url\("\.\./img/(\w+)\.svg"\)')
JS_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
MARKUP_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
BETWEEN = re.compile(r">\s+<")
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LINE_COMMENT = re.compile(r"^\s*//.*$|(?<=[;,{)]) // .*$", re.MULTILINE)
SPACE = re.compile(r"\s*\n\s*")
PACKINGS = {"br": lambda body: brotli.compress(body, quality=11), "gzip": lambda body: gzip.compress(body, 9, mtime=0)}
CSS_SPACE = re.compile(r"\s*([{};])\s*|(?<=[:,])\s+|\s*\n\s*")
_squeezing = threading.Lock()


def install(app: Flask) -> None:
    """Serve the joined sheets and scripts in place of the files of that name."""
    app.add_url_rule(f"{app.static_url_path}/css/<any({_names(CSS, 'css')}):name>.css", "sheet", sheet)
    app.add_url_rule(f"{app.static_url_path}/js/<any({_names(JS, 'js')}):name>.js", "script", script)
    if names := _names(PARTS, "html"):
        app.add_url_rule(f"{app.static_url_path}/parts/<any({names}):name>.html", "part", part)
    app.add_url_rule(f"{app.static_url_path}/img/<any({', '.join(DRAWINGS)}):name>.svg", "picture", picture)
    app.jinja_env.globals.update(style=style, drawn=drawn)


@public(unasked=True)
def sheet(name):
    """A sheet with its imports put in their places; its address changes with any byte of it."""
    return packed("text/css", joined(name))


@public(unasked=True)
def script(name):
    """A module with the modules it imports put before it, each in a scope of its own."""
    return packed("text/javascript", one_script(name))


@public(unasked=True)
def picture(name):
    """A drawing of our own."""
    return packed("image/svg+xml", drawing(name))


@public(unasked=True)
def part(name):
    """Markup and sentences that a script fetches when they are needed; the same for everybody."""
    return packed("text/html", render_template(f"parts/{name}.html"))


@cache
def drawing(name: str) -> str:
    """The text of a drawing, without comments and what is between tags."""
    return BETWEEN.sub("><", MARKUP_COMMENT.sub("", (PICTURES / f"{name}.svg").read_text("utf-8"))).strip()


def drawn(name: str) -> str:
    """A drawing as an address that holds it: what a few hundred octets of headers would bring is in the page itself."""
    return "data:image/svg+xml," + drawing(name).replace('"', "'").replace("%", "%25").replace("#", "%23")


@cache
def joined(name: str) -> str:
    """A sheet with its imports put in their places, comments and spare white space taken out."""
    return CSS_SPACE.sub(_one_space, BLOCK_COMMENT.sub("", _whole(f"{name}.css"))).strip()


def _whole(file: str) -> str:
    return CSS_IMPORT.sub(lambda found: _whole(found[1]), (CSS / file).read_text("utf-8"))


def _one_space(found: re.Match) -> str:
    return found[1] or ("\n" if "\n" in found[0] else "")


def style(name: str) -> Markup:
    """A sheet with its drawings in the page itself, where the way to the server and back is what one waits for. The
    page's content policy (headers.py) names its hash: no other style in the page is heeded."""
    text = CSS_DRAWING.sub(lambda found: f'url("{drawn(found[1])}")', joined(name))
    g.style = integrity(text.encode())
    return Markup("<style>{}</style>").format(Markup(text))  # noqa: S704 (our own file)


def integrity(body: bytes) -> str:
    """As browsers check it by themselves when they fetch, or meet it in a page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def one_script(name: str) -> str:
    """A module and everything it imports, as browsers get it."""
    return _scripts()[name]


def warm() -> None:
    """Make the scripts small before the server forks: else each of its processes does it anew, while people wait."""
    _scripts()


def _scripts() -> dict[str, str]:
    with _squeezing:  # a page asks for ten of them at once, and each would begin the whole work
        return _all_scripts()


@cache
def _all_scripts() -> dict[str, str]:
    return squeezed({path.stem: whole_script(path.stem) for path in JS.glob("*.js")})


@cache
def whole_script(name: str) -> str:
    """A module and everything it imports, in the order in which browsers would run them.

    An imported module becomes `const $name = (() => { …; return { what it exports }; })();`. Imports made while
    running (`import("./x.js")`) stay as they are; a file of LATER takes from its opener what is there already, so that
    no module runs twice. Modules must not import each other in a circle.
    """
    needed = _needed(name)
    taken = [_taking(opener, ", ".join(shared)) for opener, shared in _taken(name, needed[:-1])]
    there = set("".join(taken).replace(",", " ").split())
    parts = [_scoped(module, _linked(module)) for module in needed[:-1] if f"${module}" not in there]
    own = [f"${module}" for module in needed[:-1] if f"${module}" not in there]
    given = [_giving(name, ", ".join(own))] if name in LATER.values() and own else []
    return "\n".join([*taken, *parts, _linked(name), *given])


def _taking(opener: str, modules: str) -> str:
    if opener in LATER:
        return f"const {{ {modules} }} = {GIVEN}{opener};"
    return f'import {{ {modules} }} from "./{opener}.js";'


def _giving(name: str, modules: str) -> str:
    return f"{GIVEN}{name} = {{ {modules} }};" if name in LATER else f"export {{ {modules} }};"


def _taken(name: str, wanted: list[str]) -> list[tuple[str, list[str]]]:
    """What a file finds in those that run before it: (file, modules it takes from there), the nearest first."""
    found = []
    while wanted and (name := LATER.get(name)):
        before = {module for earlier in _openers(name) for module in _needed(earlier)[:-1]}
        shared = sorted(f"${module}" for module in _needed(name)[:-1] if module in wanted and module not in before)
        found += [(name, shared)] if shared else []
    return found


def _openers(name: str) -> list[str]:
    """The files that run before this one, the nearest first."""
    return [LATER[name], *_openers(LATER[name])] if name in LATER else []


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


def _names(folder, ending: str) -> str:
    return ", ".join(sorted(f'"{path.stem}"' for path in folder.glob(f"*.{ending}")))


def packed(kind: str, body: str | bytes) -> Response:
    """Packed as small as it goes, once; kept for ever, because the address changes with the content."""
    way = next((way for way in PACKINGS if way in request.accept_encodings), None)
    response = Response(_small(way, body) if way else body, mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    if way:
        response.headers["Content-Encoding"] = way
    return response


@cache
def _small(way: str, body: str | bytes) -> bytes:
    return PACKINGS[way](body.encode() if isinstance(body, str) else body)
