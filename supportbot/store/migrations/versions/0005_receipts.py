"""What was shown to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table. What was shown until now is not known any more."""
    op.create_table(
        "shown",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("asker_id", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("shown_at", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("community_id", "question_id", "document_id"),
        sa.ForeignKeyConstraint(
            ["community_id", "question_id"],
            ["question.community_id", "question.id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index("shown_by_document", "shown", ["community_id", "document_id"])
    op.create_index("shown_by_asker", "shown", ["community_id", "asker_id"])
    op.create_index("shown_by_author", "shown", ["community_id", "author_id"])
