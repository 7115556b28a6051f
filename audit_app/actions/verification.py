"""Whether everything is as it was written: the chains of events, and the hash of every kept file."""

from itertools import groupby

from sqlalchemy import select

from audit_app.actions.journal import fingerprint
from audit_app.records import migrations
from audit_app.records.evidence import Derivative, Event, Photo, Redacted, Report
from audit_app.records.work import Job


def check(tools, *, say) -> list[str]:
    """One sentence a flaw; an empty list when all is well. What never came from a tablet is said and is no flaw. Raises
    WrongSetting for a database of a newer version."""
    migrations.current(tools.database)
    with tools.database.transaction(writing=False) as db:
        if migrations.behind(db.connection()):
            return ["the database in AUDIT_DATA or AUDIT_DATABASE_URL is empty, or `upgrade` has to come first"]
        flaws = _chains(db)
        files, awaited = on_record(db)
    for done, (drawer, sha256) in enumerate(sorted(files), 1):
        if tools.blobs.has(drawer, sha256):
            try:
                tools.blobs.get(drawer, sha256)
            except Exception as error:  # any damage is a finding, not the end of the check
                flaws.append(f"file {drawer}/{sha256}: {type(error).__name__}")
        elif (drawer, sha256) in awaited:
            say(f"photo {drawer}/{sha256}: never came, perhaps still on a tablet")
        else:
            flaws.append(f"file {drawer}/{sha256}: missing")
        if done % 500 == 0:
            say(f"{done}/{len(files)} files")
    return flaws


def on_record(db) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Drawer and hash of every file that rows name; and those among them of which nothing says that they ever came."""
    photos = {(str(d), s) for d, *both in db.execute(select(Photo.inspection_id, Photo.sha256, Photo.working))
              for s in both if s}
    came = {(str(d), s) for d, s in db.execute(select(Derivative.inspection_id, Derivative.source))}
    # pictures are asked for when the bytes of a photo are here, and may not be made yet
    shrinking = select(Job.inspection_id, Job.payload).where(Job.name == "shrink")
    came |= {(str(d), payload["sha256"]) for d, payload in db.execute(shrinking)}
    files = photos | {(str(d), s) for d, s in db.execute(select(Derivative.inspection_id, Derivative.sha256))}
    files |= {(str(d), s) for d, s in db.execute(select(Redacted.inspection_id, Redacted.sha256))}
    for column in (Report.pdf, Report.snapshot):
        files |= {(str(d), s) for d, s in db.execute(select(Report.inspection_id, column))}
    for minutes in db.scalars(select(Event).where(Event.name == "minutes.printed")):
        files |= {(str(minutes.inspection_id), minutes.details[name]) for name in ("pdf", "snapshot")}
    return files, photos - came


def _chains(db) -> list[str]:
    """Each event must follow the one before it and say what its hash says."""
    flaws = []
    events = db.scalars(select(Event).order_by(Event.inspection_id, Event.seq))
    for chain, mine in groupby(events, key=lambda event: event.inspection_id):
        previous, expected = "", 1
        for event in mine:
            if event.seq != expected or event.previous != previous or event.hash != fingerprint(event):
                flaws.append(f"event {event.seq} of {chain or 'the house'}: the chain is broken")
            previous, expected = event.hash, event.seq + 1
    return flaws
