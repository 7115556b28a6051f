"""Style sheets joined and scripts without their comments: from the same sources, under the same hashed address."""

import re
from functools import cache

from flask import Flask, Response

from audit_app.config import ROOT
from audit_app.web.gate import public

CSS = ROOT / "static/css"
JS = ROOT / "static/js"
IMPORT = re.compile(r'@import url\("([a-z_-]+\.css)"\);\n?')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s*\n\s*")
REMARK = re.compile(r"^\s*//.*$|(?<=[;,{)]) // .*$", re.MULTILINE)


def install(app: Flask) -> None:
    """Serve the two joined sheets, and the scripts, in place of the files of that name."""
    app.add_url_rule(f"{app.static_url_path}/css/<any(site, tablet):name>.css", "sheet", sheet)
    scripts = ",".join(f'"{path.stem}"' for path in sorted(JS.glob("*.js")))
    app.add_url_rule(f"{app.static_url_path}/js/<any({scripts}):name>.js", "script", script)


@public(slow=True)
def sheet(name):
    """The joined sheet; its address changes with any byte of it, so it may be kept for ever."""
    return Response(joined(name), mimetype="text/css",
                    headers={"Cache-Control": "public, max-age=31536000, immutable"})


@cache
def joined(name: str) -> str:
    """A sheet with its imports put in their places, comments and indentation taken out."""
    text = (CSS / f"{name}.css").read_text("utf-8")
    whole = IMPORT.sub(lambda found: (CSS / found[1]).read_text("utf-8"), text)
    return SPACE.sub("\n", COMMENT.sub("", whole)).strip()


@public(slow=True)
def script(name):
    """One module as tablets get it; kept for ever like the sheets."""
    return Response(bare(name), mimetype="text/javascript",
                    headers={"Cache-Control": "public, max-age=31536000, immutable"})


@cache
def bare(name: str) -> str:
    """A module without comments and indentation: a third fewer octets, still readable, no build step."""
    text = COMMENT.sub("", (JS / f"{name}.js").read_text("utf-8"))
    return SPACE.sub("\n", REMARK.sub("", text)).strip()
