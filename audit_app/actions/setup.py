"""Making a database ready to be used: migrate, compare pinned checklists, load demo data into an empty one."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import select

from audit_app.actions import demo, jobs
from audit_app.records import migrations
from audit_app.records.models import PinnedChecklist
from audit_app.rules.source import ChecklistError

log = logging.getLogger(__name__)


def prepare(tools: jobs.Tools, passwords, *, say, with_demo: bool = True) -> None:
    """Idempotent; several processes may start at once. Raises ChecklistError when a used file changed."""
    if migrate(tools):
        say(f"Database at {migrations.HEAD}")
    if with_demo and tools.settings.demo:
        demo.load(tools, passwords, say=say)


def migrate(tools: jobs.Tools) -> bool:
    """Bring the schema to HEAD; whether anything had to be done. What cannot start leaves the database at its step, for
    the version of the app that it came from. Raises ChecklistError; WrongSetting for a database of a newer version."""
    if migrations.current(tools.database) is not None:
        refuse_changed_checklists(tools)
    return migrations.upgrade(tools.database)


def refuse_changed_checklists(tools: jobs.Tools) -> None:
    """A version is pinned on first use; changing its file afterwards stops the start: make the next version."""
    with tools.database.transaction(writing=False) as db:
        for pinned in db.scalars(select(PinnedChecklist)):
            name = f"checklists/{pinned.id}/{pinned.version}.yaml"
            on_file = tools.catalogue.checklists.get((pinned.id, pinned.version))
            if on_file is None:
                raise ChecklistError(name, None, None, "inspections use this version, but the file is gone")
            if on_file.sha256 != pinned.sha256:
                raise ChecklistError(name, None, None, "changed after inspections used it; restore it and write "
                                                       f"version {pinned.version + 1}")


def work_in_a_thread(tools: jobs.Tools) -> Callable[[], None]:
    """Do jobs beside a development server, as they come; what it returns ends that after the current job."""
    pause = threading.Event()

    def work():
        while not pause.wait(0.5):
            try:
                jobs.drain(tools)
            except Exception:  # a database that is away now comes back; whoever works must be there then
                log.exception("work beside the server")

    def end():
        pause.set()
        worker.join()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    return end
