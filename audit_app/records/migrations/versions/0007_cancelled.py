"""Why the office called a visit off."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    """Empty in the rows that are there: none of them was called off."""
    op.add_column("inspection", sa.Column("cancelled_for", sa.String(500), nullable=False, server_default=""))
