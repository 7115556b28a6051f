"""The date a paper bears, which may not be the day on which it was printed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    """Null where the paper leaves its date open, and in reports that were printed before."""
    op.add_column("report", sa.Column("issued_on", sa.Date, nullable=True))
