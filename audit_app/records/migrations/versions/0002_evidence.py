"""Evidence that is only ever added, decisions, papers, work; and the triggers that guard the evidence."""

import sqlalchemy as sa
from alembic import op

from audit_app.records.db import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("answer", "photo", "removal", "equipment_count", "remark", "verdict", "approval", "report", "response",
               "event")
GUARDS = (("only_added", "UPDATE OR DELETE", "ROW"), ("never_emptied", "TRUNCATE", "STATEMENT"))


def upgrade():
    """Tables first, then the triggers that keep evidence from being changed or deleted."""
    for step in (evidence, surroundings, decisions, papers, work, forbid_changes):
        step()


def evidence():
    """Answers, photos, and photos taken out."""
    op.create_table(
        "answer",
        sa.Column("item", sa.String(20), nullable=False),
        sa.Column("value", sa.String(20), nullable=True),
        sa.Column("number", sa.String(32), nullable=True),
        sa.Column("of", sa.Integer, nullable=True),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("answered_at", Moment, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_answer_author_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_answer_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
    )
    op.create_index("ix_answer_current", "answer", ["inspection_id", "item", "seq"], unique=False)
    op.create_index("ix_answer_inspection_id", "answer", ["inspection_id"], unique=False)
    op.create_table(
        "photo",
        sa.Column("item", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("working", sa.String(64), nullable=True),
        sa.Column("taken_at", Moment, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("lat", sa.Float, nullable=True),
        sa.Column("lon", sa.Float, nullable=True),
        sa.Column("accuracy", sa.Float, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_photo_author_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_photo_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
    )
    op.create_index("ix_photo_inspection_id", "photo", ["inspection_id"], unique=False)
    op.create_index("ix_photo_item", "photo", ["inspection_id", "item", "seq"], unique=False)
    op.create_table(
        "removal",
        sa.Column("photo_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("removed_at", Moment, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_removal_author_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_removal_inspection_id_inspection"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_removal_photo_id_photo"),
        sa.PrimaryKeyConstraint("id", name="pk_removal"),
    )
    op.create_index("ix_removal_inspection_id", "removal", ["inspection_id"], unique=False)
    op.create_index("ix_removal_photo_id", "removal", ["photo_id"], unique=False)


def surroundings():
    """Equipment, remarks, and pictures that can be made again."""
    op.create_table(
        "equipment_count",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("working", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("counted_at", Moment, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_equipment_count_author_id_user"),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name="fk_equipment_count_inspection_id_inspection"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_equipment_count"),
    )
    op.create_index("ix_equipment_count_inspection_id", "equipment_count", ["inspection_id"], unique=False)
    op.create_table(
        "remark",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_remark_author_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_remark_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_remark"),
    )
    op.create_index("ix_remark_inspection_id", "remark", ["inspection_id"], unique=False)
    op.create_table(
        "derivative",
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("edge", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_derivative_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("inspection_id", "source", "edge", name="pk_derivative"),
    )


def decisions():
    """What the office thought and decided."""
    op.create_table(
        "verdict",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("submission", sa.Integer, nullable=False),
        sa.Column("item", sa.String(20), nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by_id", sa.Uuid, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name="fk_verdict_by_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_verdict_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_verdict"),
    )
    op.create_index("ix_verdict_current", "verdict", ["inspection_id", "submission", "item", "seq"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("issued_on", sa.Date, nullable=True),
        sa.Column("remedy_by", sa.Date, nullable=False),
        sa.Column("conclusion", sa.Text, nullable=False),
        sa.Column("causes", sa.Text, nullable=False),
        sa.Column("by_id", sa.Uuid, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name="fk_approval_by_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_approval_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
    )
    op.create_index("ix_approval_inspection_id", "approval", ["inspection_id"], unique=False)


def papers():
    """What was printed, and what the agency says to it."""
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("agency_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("pdf", sa.String(64), nullable=False),
        sa.Column("octets", sa.Integer, nullable=False),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.Column("remedy_by", sa.Date, nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="fk_report_agency_id_agency"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_report_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("code", name="uq_report_code"),
        sa.UniqueConstraint("inspection_id", "version", name="uq_report_inspection_id_version"),
    )
    op.create_index("ix_report_agency_id", "report", ["agency_id"], unique=False)
    op.create_index("ix_report_inspection_id", "report", ["inspection_id"], unique=False)
    op.create_table(
        "response",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("report_id", sa.Uuid, nullable=False),
        sa.Column("finding", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("promised_on", sa.Date, nullable=True),
        sa.Column("by_id", sa.Uuid, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name="fk_response_by_id_user"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_response_report_id_report"),
        sa.PrimaryKeyConstraint("id", name="pk_response"),
    )
    op.create_index("ix_response_report_id", "response", ["report_id"], unique=False)


def work():
    """What happened, and what must still be done."""
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name="fk_event_actor_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_event_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("inspection_id", "seq", name="uq_event_inspection_id_seq"),
    )
    op.create_index("ix_event_inspection_id", "event", ["inspection_id"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=True),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", Moment, nullable=False),
        sa.Column("queued_at", Moment, nullable=False),
        sa.Column("done_at", Moment, nullable=True),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_job_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("key", name="uq_job_key"),
    )
    op.create_index("ix_job_inspection_id", "job", ["inspection_id"], unique=False)
    op.create_index("ix_job_open", "job", ["state", "lease_until"], unique=False)


def forbid_changes():
    """Evidence is appended, never edited: the database itself refuses, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""CREATE FUNCTION evidence_is_only_added() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'evidence is only added: %', TG_TABLE_NAME; END $$""")
        for table in APPEND_ONLY:
            for name, change, each in GUARDS:
                op.execute(f"""CREATE TRIGGER {table}_{name} BEFORE {change} ON "{table}"
                    FOR EACH {each} EXECUTE FUNCTION evidence_is_only_added()""")
        return
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(f"""CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON "{table}"
                BEGIN SELECT RAISE(ABORT, 'evidence is only added: {table}'); END""")
