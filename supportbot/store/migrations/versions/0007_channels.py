"""What a group has chosen for a channel, and messages that take the place of another."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("place", sa.Column("listening", sa.String(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("slot", sa.String(), nullable=False, server_default=""))
