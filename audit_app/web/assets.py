"""Style sheets joined: one file a page instead of twenty, from the same sources and under the same hashed address."""

import re
from functools import cache

from flask import Flask, Response

from audit_app.config import ROOT
from audit_app.web.gate import public

CSS = ROOT / "static/css"
IMPORT = re.compile(r'@import url\("([a-z_-]+\.css)"\);\n?')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s*\n\s*")


def install(app: Flask) -> None:
    """Serve the two joined sheets in place of the files of that name."""
    app.add_url_rule(f"{app.static_url_path}/css/<any(site, tablet):name>.css", "sheet", sheet)


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
