"""Who was asked, how far up the ladder each question is, and what people say of themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables. Who was asked until now counts; what is open stays as quiet as it was."""
    of_question = (["community_id", "question_id"], ["question.community_id", "question.id"])
    op.create_table(
        "ask",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=True),
        sa.Column("reminded_at", _MOMENT, nullable=True),
        sa.Column("passed_to", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "question_id", "member_id"),
        sa.ForeignKeyConstraint(*of_question, ondelete="CASCADE"),
    )
    op.create_index("ask_by_member", "ask", ["community_id", "member_id", "asked_at"])
    op.create_index("ask_by_moment", "ask", ["community_id", "asked_at"])
    op.create_table(
        "rung",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("reached_at", _MOMENT, nullable=False),
        sa.Column("wait_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "question_id", "rung"),
        sa.ForeignKeyConstraint(*of_question, ondelete="CASCADE"),
    )
    op.create_table(
        "profile",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("availability", sa.Text(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("community_id", "member_id"),
    )
    op.create_index("question_by_state", "question", ["community_id", "state", "asked_at"])
    op.execute(
        "INSERT INTO ask SELECT question.community_id, question.id, expert.value, asked_at, "
        "'first', '', '', NULL, NULL, '' FROM question, json_each(question.experts) AS expert "
        "WHERE state IN ('routed', 'answered')"
    )
    for rung in ("open", "checked"):
        op.execute(
            f"INSERT INTO rung SELECT community_id, id, '{rung}', asked_at, 0 FROM question "  # noqa: S608 - two words
            "WHERE state IN ('routed', 'answered')"
        )
