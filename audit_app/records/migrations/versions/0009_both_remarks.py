"""Which remarks the author of a remark knew, so that what two people wrote is kept side by side."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    """Nothing in the rows that are there: each knew all that came before it, as it was understood then."""
    op.add_column("remark", sa.Column("seen", sa.JSON, nullable=True))
