"""Tablets without a network: what an answer knew, closing meetings, signatures, mark-up, what a tablet announced."""

import sqlalchemy as sa
from alembic import op

from audit_app.records.db import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("meeting", "signature", "markup")
GUARDS = (("only_added", "UPDATE OR DELETE", "ROW"), ("never_emptied", "TRUNCATE", "STATEMENT"))
GUARDS = (("only_added", "UPDATE OR DELETE", "ROW"), ("never_emptied", "TRUNCATE", "STATEMENT"))


def upgrade():
    """Only additions: every row that is there stays as it is, and old tablets' rows still fit."""
    for step in (answers, closing, pictures, tablets, forbid_changes):
        step()


def answers():
    """Which answers to the item its author knew; null in rows of tablets that did not say so."""
    op.add_column("answer", sa.Column("seen", sa.JSON, nullable=True))


def closing():
    """The meeting at the end of a visit, and who signed or would not sign."""
    op.create_table(
        "meeting",
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("closed_at", Moment, nullable=True),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("present", sa.JSON, nullable=False),
        sa.Column("read_back", sa.Boolean, nullable=False),
        sa.Column("opinion", sa.Text, nullable=False),
        *captured("meeting"),
    )
    op.create_index("ix_meeting_inspection_id", "meeting", ["inspection_id"], unique=False)
    op.create_table(
        "signature",
        sa.Column("meeting_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("strokes", sa.JSON, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("refused", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("signed_at", Moment, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        *captured("signature"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_signature_meeting_id_meeting"),
    )
    op.create_index("ix_signature_inspection_id", "signature", ["inspection_id"], unique=False)


def pictures():
    """What was drawn over a photo, and the pictures that others may see."""
    op.create_table(
        "markup",
        sa.Column("photo_id", sa.Uuid, nullable=False),
        sa.Column("shapes", sa.JSON, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        *captured("markup"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_markup_photo_id_photo"),
    )
    op.create_index("ix_markup_inspection_id", "markup", ["inspection_id"], unique=False)
    op.create_index("ix_markup_photo_id", "markup", ["photo_id"], unique=False)
    op.create_table(
        "redacted",
        sa.Column("markup_id", sa.Uuid, nullable=False),
        sa.Column("edge", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_redacted_inspection_id_inspection"),
        sa.ForeignKeyConstraint(["markup_id"], ["markup.id"], name="fk_redacted_markup_id_markup"),
        sa.PrimaryKeyConstraint("markup_id", "edge", name="pk_redacted"),
    )
    op.create_index("ix_redacted_inspection_id", "redacted", ["inspection_id"], unique=False)


def tablets():
    """What a tablet said it still holds for an inspection; changed each time it says so."""
    op.create_table(
        "tablet",
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("device", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("answers", sa.Integer, nullable=False),
        sa.Column("others", sa.Integer, nullable=False),
        sa.Column("photos", sa.Integer, nullable=False),
        sa.Column("originals", sa.Integer, nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger, nullable=False),
        sa.Column("app_version", sa.String(40), nullable=False),
        sa.Column("announced_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_tablet_inspection_id_inspection"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_tablet_user_id_user"),
        sa.PrimaryKeyConstraint("inspection_id", "device", "user_id", name="pk_tablet"),
    )


def captured(table):
    """What every row from a tablet carries, as in 0002."""
    return (
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=f"fk_{table}_author_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=f"fk_{table}_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def forbid_changes():
    """Signatures, meetings and mark-up are evidence: appended, never edited."""
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            for name, change, each in GUARDS:
                op.execute(f"""CREATE TRIGGER {table}_{name} BEFORE {change} ON "{table}"
                    FOR EACH {each} EXECUTE FUNCTION evidence_is_only_added()""")
        return
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(f"""CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON "{table}"
                BEGIN SELECT RAISE(ABORT, 'evidence is only added: {table}'); END""")
