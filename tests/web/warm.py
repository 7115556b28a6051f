"""What one app of a test run has worked out, kept for the next: compiled templates, statements and addresses.

Each test has an app of its own on a house of its own; only what says nothing of either is shared.
"""

import re
from functools import cache
from types import MethodType

from jinja2 import BytecodeCache
from tinyhtml5 import inputstream
from werkzeug.routing import Rule

from audit_app import web
from audit_app.config import ROOT
from audit_app.web import assets

DIALECTS: dict[str, tuple] = {}
RULES: dict[tuple, tuple] = {}


class Compiled(BytecodeCache):
    """Templates: half of the time of a first page is their compiling."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket):
        self.kept[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = Compiled()


class Classes(dict):
    """The expressions with which tinyhtml5 looks for characters: it keeps them where it never finds them again."""

    def __missing__(self, key):
        characters, opposite = key
        said = "".join(f"\\x{ord(character):02x}" for character in characters)
        return self.setdefault(key, re.compile(f"[{'' if opposite else '^'}{said}]+"))


inputstream.characters_until_regex = Classes()


def share_statements(database) -> None:
    """SQL as SQLAlchemy compiled it for another engine of the same dialect: a sixth of the time of a test."""
    engine = database.engine
    dialect, cache = DIALECTS.setdefault(engine.dialect.name, (engine.dialect, engine._compiled_cache))
    for one in (engine, database.writing):
        one.dialect, one._compiled_cache = dialect, cache
    engine.pool._dialect = dialect


def share_addresses() -> None:
    """What werkzeug works out for each route anew in each app: the same for the same route."""
    work_out = Rule.compile

    def kept(self):
        key = self.rule, repr(self.defaults), self.subdomain, self.host, self.merge_slashes
        if key not in RULES:
            work_out(self)
            found = {name: getattr(self, name) for name in ("_parts", "_trace", "_converters", "arguments")}
            RULES[key] = found, self._build.__func__, self._build_unknown.__func__
        found, build, build_unknown = RULES[key]
        vars(self).update(found, _build=MethodType(build, self), _build_unknown=MethodType(build_unknown, self))

    Rule.compile = kept


def share_files() -> None:
    """What an app reads from the checkout when it is built, and its way with passwords."""
    web._version, assets._names, web.Passwords = map(cache, (web._version, assets._names, web.Passwords))
    ours, read = ROOT / "checklists", web.Catalogue
    standard = cache(read)
    web.Catalogue = lambda folder: standard(folder) if folder == ours else read(folder)
