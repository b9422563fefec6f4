"""How likely it was that what was shown helps, and what members said of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table. Of what was shown until now no chance is known."""
    op.add_column("shown", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("shown", sa.Column("chance", sa.Float(), nullable=True))
    op.add_column("shown", sa.Column("model", sa.String(), nullable=True))
    op.create_table(
        "vote",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("has_helped", sa.Boolean(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "question_id", "document_id", "member_id"),
        sa.ForeignKeyConstraint(
            ["community_id", "question_id", "document_id"],
            ["shown.community_id", "shown.question_id", "shown.document_id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index("vote_by_member", "vote", ["community_id", "member_id"])
    op.create_index("vote_by_time", "vote", ["community_id", "voted_at"])
