"""Which messages have something to press; words that wait for review; what came with history."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table. What may be pressed under messages of before is not known."""
    op.create_table(
        "buttons",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("posted_id", sa.String(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "question_id", "posted_id"),
        sa.ForeignKeyConstraint(
            ["community_id", "question_id"],
            ["question.community_id", "question.id"],
            ondelete="CASCADE",
        ),
    )
