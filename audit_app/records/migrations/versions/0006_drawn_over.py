"""Which drawings of a photo a later one takes the place of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    """Null in the rows that are there: they took the place of their author's own."""
    op.add_column("markup", sa.Column("seen", sa.JSON, nullable=True))
