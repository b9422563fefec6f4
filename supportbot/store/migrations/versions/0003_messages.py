"""Who said something, where and when."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the messages; fill them in from the questions and answers that are there."""
    op.create_table(
        "message",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("message_key", sa.String(), nullable=False),
        sa.Column("channel_key", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "message_key"),
    )
    op.create_index("message_by_member", "message", ["community_id", "member_id"])
    op.create_index("message_by_channel", "message", ["community_id", "channel_key"])
    op.create_index("message_by_moment", "message", ["community_id", "said_at"])
    op.create_index("message_by_thread", "message", ["community_id", "thread"])
    op.execute(
        "INSERT OR IGNORE INTO message "
        "SELECT community_id, id, channel_key, asker_id, id, asked_at FROM question "
        "WHERE asker_id != ''"
    )
    op.execute(
        "INSERT OR IGNORE INTO message "
        "SELECT answer.community_id, answer.message_key, question.channel_key, answer.author_id, "
        "question.id, answer.said_at FROM answer JOIN question "
        "ON question.community_id = answer.community_id AND question.id = answer.question_id"
    )
