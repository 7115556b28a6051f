"""Rows that were refused, as they were sent."""

import sqlalchemy as sa
from alembic import op

from audit_app.records.db import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GUARDS = (("only_added", "UPDATE OR DELETE", "ROW"), ("never_emptied", "TRUNCATE", "STATEMENT"))


def upgrade():
    """Only an addition."""
    op.create_table(
        "parked",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("author_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("raw", sa.Text, nullable=False),
        sa.Column("problem", sa.String(40), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_parked_author_id_user"),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_parked_inspection_id_inspection"),
        sa.PrimaryKeyConstraint("id", name="pk_parked"),
        sa.UniqueConstraint("inspection_id", "digest", name="uq_parked_inspection_id_digest"),
    )
    forbid_changes()


def forbid_changes():
    """What somebody said is evidence: appended, never edited."""
    if op.get_bind().dialect.name == "postgresql":
        for name, change, each in GUARDS:
            op.execute(f"""CREATE TRIGGER parked_{name} BEFORE {change} ON "parked"
                FOR EACH {each} EXECUTE FUNCTION evidence_is_only_added()""")
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(f"""CREATE TRIGGER parked_no_{change.lower()} BEFORE {change} ON "parked"
            BEGIN SELECT RAISE(ABORT, 'evidence is only added: parked'); END""")
