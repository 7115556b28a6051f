"""Letting failed work try again."""

from sqlalchemy.orm import Session

from audit_app.actions import jobs
from audit_app.actions.journal import just_did, record
from audit_app.records.models import Inspection
from audit_app.records.work import Job


def rerun(db: Session, actor, job: Job) -> None:
    """A failed job waits for a worker again, and the inspection's history says who asked. Raises JobNotFailed."""
    inspection = db.get(Inspection, job.inspection_id) if job.inspection_id else None
    if job.state != "failed" and just_did(db, actor, "job.rerun", inspection, job=job.id):
        return
    jobs.rerun(db, job)
    record(db, actor, "job.rerun", inspection, job=job.id, work=job.name)
