"""How grave a fault is, beside the answer that found it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    """Nothing in the rows that are there: nobody could say it."""
    op.add_column("answer", sa.Column("severity", sa.String(20), nullable=True))
