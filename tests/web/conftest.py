"""The app with its house of people and visits, for each test anew, on SQLite and again on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from audit_app import create_app
from audit_app.actions import jobs
from audit_app.config import Settings
from audit_app.records import migrations
from tests.factories import House
from tests.postgres import Reused
from tests.web import warm
from tests.web.visitor import Visitor

PEOPLE = ("an", "binh", "chi", "dung", "em", "admin")
BACKENDS = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


warm.share_addresses()
warm.share_files()


def settings_in(data: Path, database_url: str | None = None, **more) -> Settings:
    """Settings of a house in a folder; nothing comes from the environment."""
    return Settings(data=data, database_url=database_url or f"sqlite:///{data}/audit.db", blobs_url=str(data / "blobs"),
                    queue_url=f"sqlite:///{data}/queue.db", secret_key="secret of the tests", cheap_passwords=True,
                    demo=False, **more)  # fmt: skip


def close(app) -> None:
    """Let go of connections, so that a database can be dropped."""
    app.extensions["database"].engine.dispose()
    app.extensions["queue"].huey.storage.close()


@dataclass(frozen=True)
class Template:
    """A house that was built once: its folder, its database where that is not in the folder, who is signed in there."""

    folder: Path
    database: Reused | None = None
    browsers: dict[str, dict] = field(default_factory=dict)

    @classmethod
    def build(cls, folder: Path, cluster=None) -> "Template":
        """Migrate, and play the visits."""
        database = cluster.create() if cluster else None
        app = create_app(settings_in(folder, cluster.url(database) if cluster else None))
        migrations.upgrade(app.extensions["database"])
        House(app.extensions["tools"], app.extensions["passwords"]).build()
        app.test_client_class, app.jinja_env.bytecode_cache = Visitor, warm.TEMPLATES
        browsers = {name: app.test_client().sign_in(name)._cookies for name in PEOPLE}
        close(app)
        return cls(folder, Reused(cluster, database) if cluster else None, browsers)

    def copy(self, folder: Path) -> Settings:
        """Settings of a copy in `folder`; there is one at a time where its database is not in the folder."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return settings_in(folder, self.database and self.database.cluster.url(self.database.put_back()))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Template:
    return Template.build(tmp_path_factory.mktemp("template-sqlite"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory, postgres_cluster) -> Iterator[Template]:
    built = Template.build(tmp_path_factory.mktemp("template-postgres"), postgres_cluster)
    yield built
    built.database.close()


@pytest.fixture(params=BACKENDS)
def template(request) -> Template:
    """The built house, on each database in turn; skips with the reason where one cannot be had."""
    return request.getfixturevalue(f"{request.param}_template")


@pytest.fixture
def settings(template, tmp_path) -> Settings:
    """Settings of a copy of the house that belongs to this test alone."""
    return template.copy(tmp_path / "data")


@pytest.fixture
def make_app(settings) -> Iterator[Callable]:
    """Starts the app on this test's house, as often as wanted; `changes` go into its settings."""
    started = []

    def make(**changes):
        app = create_app(replace(settings, **changes))
        app.test_client_class, app.jinja_env.bytecode_cache = Visitor, warm.TEMPLATES
        warm.share_statements(app.extensions["database"])
        started.append(app)
        return app

    yield make
    for app in started:
        close(app)


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def tools(app):
    return app.extensions["tools"]


@pytest.fixture
def database(app):
    return app.extensions["database"]


@pytest.fixture
def house(app) -> House:
    return House(app.extensions["tools"], app.extensions["passwords"])


@pytest.fixture
def client_of(app, template) -> Callable[[str], Visitor]:
    """A person who has signed in through the form; `nobody` has not. The same name again is the same browser.

    Those who sign in everywhere did it while the house was built; their browsers remember it.
    """
    known: dict[str, Visitor] = {}

    def of(name: str, *, fresh: bool = False) -> Visitor:
        if name not in known or fresh:
            visitor = app.test_client()
            if name in template.browsers and not fresh:
                visitor._cookies.update(template.browsers[name])
            elif name != "nobody":
                visitor.sign_in(name)
            known[name] = visitor
        return known[name]

    return of


@pytest.fixture
def an(client_of) -> Visitor:
    return client_of("an")


@pytest.fixture
def chi(client_of) -> Visitor:
    return client_of("chi")


@pytest.fixture
def dung(client_of) -> Visitor:
    return client_of("dung")


@pytest.fixture
def em(client_of) -> Visitor:
    return client_of("em")


@pytest.fixture
def nobody(client_of) -> Visitor:
    return client_of("nobody")


@pytest.fixture
def work(monkeypatch):
    """A kind of work for these tests: counts who was done, and fails while `broken` says so."""
    class Work:
        def __init__(self):
            self.done, self.broken, self.inside = [], [], None

        def __call__(self, tools, job, progress):
            if self.inside:
                self.inside(job, progress)
            if self.broken:
                raise self.broken.pop(0)
            self.done.append(job.id)

    doing = Work()
    monkeypatch.setitem(jobs.HANDLERS, "test", doing)
    return doing
