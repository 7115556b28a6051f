"""Who signs a notice, as the office chose when it approved."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    """Nothing in the rows that are there: nobody was asked, and their papers say it."""
    op.add_column("approval", sa.Column("signed_as", sa.Text, nullable=False, server_default=""))
    op.add_column("approval", sa.Column("signed_by", sa.String(120), nullable=False, server_default=""))
