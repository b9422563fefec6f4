"""What a question is made of, when it was written as several messages."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "question_part",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("message_key", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "message_key"),
        sa.ForeignKeyConstraint(
            ["community_id", "question_id"],
            ["question.community_id", "question.id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "question_part_by_question",
        "question_part",
        ["community_id", "question_id", "said_at"],
    )
