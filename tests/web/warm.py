"""What one app of a test run has worked out, kept for the next: compiled templates, statements and addresses.

Each test has an app of its own on a house of its own; only what says nothing of either is shared.
"""

import re
from functools import cache

from jinja2 import BytecodeCache
from tinyhtml5 import inputstream
from werkzeug.routing import Rule

from audit_app import web

DIALECTS: dict[str, tuple] = {}
BUILDERS: dict[tuple, object] = {}


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
    """The functions that werkzeug writes for each route anew in each app: the same for the same route; and the name
    for the state of all static files."""
    web._version = cache(web._version)
    compile_builder = Rule._compile_builder

    def kept(self, append_unknown=True):
        key = self.rule, repr(self.defaults), self.subdomain, self.host, self.merge_slashes, append_unknown
        if key not in BUILDERS:
            BUILDERS[key] = compile_builder(self, append_unknown)
        return BUILDERS[key]

    Rule._compile_builder = kept
