"""Which words of an answer were approved, what waits for review, and what came with an export."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. An answer to a question that nobody heard live came with an export."""
    for name in ("approved", "proposed", "asked_as"):
        op.add_column("answer", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for table, name in (
        ("answer", "is_reworded"),
        ("answer", "from_history"),
        ("document", "from_history"),
    ):
        op.add_column(
            table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(
        "UPDATE answer SET from_history = 1 WHERE standing = 'knowledge' "
        "AND reason != 'a maintainer accepted it' "
        "AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.community_id = answer.community_id "
        "AND inbox.message_key = answer.question_id AND inbox.kind = 'message_posted') "
        "AND NOT EXISTS (SELECT 1 FROM question_part JOIN inbox "
        "ON inbox.community_id = question_part.community_id "
        "AND inbox.message_key = question_part.message_key "
        "WHERE question_part.community_id = answer.community_id "
        "AND question_part.question_id = answer.question_id AND inbox.kind = 'message_posted')"
    )
    op.execute(
        "UPDATE document SET from_history = 1 WHERE source = 'answers' "
        "AND EXISTS (SELECT 1 FROM answer WHERE answer.community_id = document.community_id "
        "AND 'answers:' || answer.question_id = document.id AND answer.from_history = 1)"
    )
