"""Channels that people outside of the community see too, and who those people are."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("place", sa.Column("is_shared", sa.Boolean(), nullable=False, server_default="0"))
    op.create_table(
        "outsider",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "member_id"),
    )
