"""What every page must be: valid, labelled, with a token in each form, nothing inline that its content policy does not
name, links that lead somewhere."""

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from audit_app.web.assets import integrity

CONTROLS = ("input", "select", "textarea")
UNLABELLED = ("hidden", "submit", "button", "image", "reset")
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form")
NO_FRAMES = (".js", ".css")
TABLET = ("/capture", "/answers", "/equipment", "/remarks")  # the page whose fields hold twice what the server takes
LEFTOVERS = re.compile(r"\{\{|\{%|\bNone\b|\bUndefined\b|<(built-in|function|bound)|&lt;(?:p|b|div|span|a) ")


TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+')
fine: set[tuple[str, str, str]] = set()  # pages looked over, where, under which policy: the same again is as good


@lru_cache(8)
def parse(html: str) -> tuple[Element, list]:
    """The tree of a page, for reading only, and what is wrong with its syntax."""
    parser = HTMLParser(namespace_html_elements=False)
    return parser.parse(html), parser.errors


def look_over(response, path: str, app) -> None:
    """Raises AssertionError naming everything that is wrong with a page or with what it carries."""
    flaws = [*_headers(response, path)]
    bare = response.request.method in ("HEAD", "OPTIONS") or 300 <= response.status_code < 400
    if response.mimetype == "text/html" and not bare:
        html = response.get_data(as_text=True)
        policy = response.headers.get("Content-Security-Policy", "")
        if (known := (TOKEN.sub("", html), path, policy)) not in fine:
            flaws += _page(html, path, app, policy)
            if not flaws:
                fine.add(known)
    assert not flaws, f"{path} ({response.status_code}):\n" + "\n".join(flaws)


def _page(html: str, path: str, app, policy: str):
    tree, errors = parse(html)
    part = "/parts/" in path  # put into a page by its script, which sends what is typed there
    yield from (f"not valid HTML at {where}: {what} {more}" for where, what, more in errors
                if not (part and what.startswith("expected-doctype")))
    page = Page(tree, path, app)
    if not part:
        yield from (*page.frame(), *page.controls(), *page.forms())
    yield from (*page.ids(), *page.inline(policy), *page.links())
    yield from (f"left over: {found[0]}" for found in LEFTOVERS.finditer(page.words()))


def _headers(response, path: str):
    said = response.headers
    policy = said.get("Content-Security-Policy", "")
    closed = ("frame-ancestors 'none'",) if response.mimetype == "application/pdf" else (
        "default-src 'self'", "default-src 'none'")
    if not any(part in policy for part in closed):
        yield f"content policy: {policy!r}"
    if "unsafe" in policy or "*" in policy:
        yield f"content policy lets something in: {policy!r}"
    for name, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY")):
        if said.get(name) != value and not (name == "X-Frame-Options" and path.endswith(NO_FRAMES)):
            yield f"{name}: {said.get(name)!r}"
    if path == "/sw.js":  # the same for everybody, asked for anew each time
        if said.get("Cache-Control") != "public, no-cache":
            yield f"a browser may keep an old worker: {said.get('Cache-Control')!r}"
    elif not path.startswith("/static/"):
        kept = said.get("Cache-Control", "")
        picture = "/photos/" in path and response.status_code in (200, 304)
        if "private" not in kept or not (picture or "no-store" in kept):
            yield f"a private answer may be kept: Cache-Control {kept!r}"
    if response.mimetype == "text/html" and response.mimetype_params.get("charset") != "utf-8":
        yield "no charset"


class Page:
    """A parsed page and the questions asked of it; each yields one sentence a flaw."""

    def __init__(self, tree: Element, path: str, app):
        self.tree, self.path, self.app = tree, path, app
        self.parents = {child: parent for parent in tree.iter() for child in parent}
        self.every = [node for node in tree.iter() if isinstance(node.tag, str)]
        self.named = {node.get("id") for node in self.every if node.get("id")}

    def all(self, *tags: str) -> list[Element]:
        return [node for node in self.every if node.tag in tags]

    def above(self, node: Element):
        while (node := self.parents.get(node)) is not None:
            yield node

    def words(self) -> str:
        """What a person can read, without what typed fields hold."""
        skip = {id(child) for node in self.all("template", "textarea", "script") for child in node.iter()}
        return " ".join(text for node in self.every if id(node) not in skip for text in (node.text, node.tail) if text)

    def frame(self):
        if self.tree.get("lang") != "vi":
            yield "html has no lang=vi"
        titles = ["".join(node.itertext()).strip() for node in self.all("title") if node in self.tree.find("head")]
        if len(titles) != 1 or len(titles[0]) < 3:
            yield f"title: {titles}"
        headings = ["".join(node.itertext()).strip() for node in self.all("h1")]
        if len(headings) != 1 or not headings[0]:
            yield f"h1: {headings}"
        if len(self.all("main")) != 1:
            yield "not exactly one main"
        levels = [int(node.tag[1]) for node in self.all("h1", "h2", "h3", "h4", "h5", "h6")]
        if any(after > before + 1 for before, after in pairwise(levels)):
            yield f"a heading level is left out: {levels}"

    def ids(self):
        twice = [id for id, n in Counter(node.get("id") for node in self.every if node.get("id")).items() if n > 1]
        if twice:
            yield f"ids that stand twice: {twice}"
        for node in self.every:
            for name in REFERENCES:
                for id in (node.get(name) or "").split():
                    if id not in self.named:
                        yield f"{node.tag} {name}={id!r} names nothing"

    def controls(self):
        labelled = {node.get("for") for node in self.all("label")}
        for node in self.all(*CONTROLS):
            if node.get("type") in UNLABELLED or node.get("aria-hidden") == "true":
                continue
            wrapped = any(above.tag == "label" and "".join(above.itertext()).strip() for above in self.above(node))
            if not (node.get("id") in labelled or wrapped or node.get("aria-label") or node.get("aria-labelledby")):
                yield f"{node.tag} {node.get('name')!r} has no label"
            if not node.get("name") and node.get("type") != "file":
                yield f"{node.tag} {node.get('id')!r} has no name: it is never sent"
            if node.get("maxlength") and not self.path.partition("?")[0].endswith(TABLET):
                yield f"{node.tag} {node.get('name')!r} cuts pasted text without a word"
        for node in self.all("button", "a"):
            if node.get("hidden") is not None:
                continue  # a script fills it in before it shows it
            said = "".join(node.itertext()) + (node.get("aria-label") or "")
            said += "".join(inside.get("alt") or inside.get("aria-label") or "" for inside in node.iter())
            if not said.strip():
                yield f"{node.tag} {node.attrib} says nothing"
        yield from (f"img {node.get('src')!r} has no alt" for node in self.all("img") if node.get("alt") is None)

    def forms(self):
        for form in self.all("form"):
            fields = {node.get("name") for node in form.iter() if isinstance(node.tag, str)}
            posts = (form.get("method") or "get").lower() == "post"
            if posts and "csrf_token" not in fields:
                yield f"form {form.get('action')!r} has no token"
            if not posts and "csrf_token" in fields:
                yield f"form {form.get('action')!r} puts its token into the address"
            if posts and not form.get("action"):
                yield "a form without an action: decisions carry their path"
            sends_file = any(node.get("type") == "file" and node.get("name") for node in form.iter())
            if sends_file and form.get("enctype") != "multipart/form-data":
                yield f"form {form.get('action')!r} drops its files"
            needed = any(node.get("required") is not None for node in form.iter())
            needed &= not form.get("action", "").startswith("/sign-in")  # an empty try there would count as one
            if needed and form.get("novalidate") is None:
                yield f"form {form.get('action')!r} lets the browser refuse it, in a language of its own"
            if any(above.tag == "form" for above in self.above(form)):
                yield "a form inside a form"

    def inline(self, policy: str):
        for node in self.every:
            named = node.tag == "style" and f"'{integrity((node.text or '').encode())}'" in policy
            if not named and node.tag in ("style", "script") and not node.get("src"):
                yield f"inline {node.tag}"
            yield from (f"{node.tag} has {name}" for name in node.attrib if name == "style" or name.startswith("on"))
        for node in self.all("link", "script", "img", "iframe", "object", "embed", "use"):
            if urlsplit(node.get("src") or node.get("href") or "").netloc:
                yield f"{node.tag} comes from elsewhere: {node.attrib}"

    def links(self):
        for node in self.every:
            target = node.get("href") if node.tag in ("a", "link") else node.get("src") or node.get("action")
            if target is None or node.tag == "use":
                continue
            if target.startswith("#"):
                if target[1:] and target[1:] not in self.named:
                    yield f"{node.tag} leads to {target}, which is not on the page"
                continue
            whole = urljoin(f"http://localhost{self.path}", target)
            if urlsplit(whole).netloc == "localhost" and not self._answers(whole, node):
                yield f"{node.tag} leads to {target}, which no page answers"

    def _answers(self, whole: str, node: Element) -> bool:
        method = (node.get("method") or "get").upper() if node.tag == "form" else "GET"
        try:
            self.app.url_map.bind("localhost").match(urlsplit(whole).path, method=method)
        except RequestRedirect:
            return False
        except HTTPException:
            return False
        return True
