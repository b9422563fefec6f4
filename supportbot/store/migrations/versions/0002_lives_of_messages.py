"""What messages live through: edits, deletions, audiences that change, members who go."""

# ruff: noqa: S608 - the statements are made of our own column names, and of no values

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what follows a message, a place and a member; fill it in from what is there."""
    _follow_messages()
    _follow_deliveries()
    _follow_knowledge()
    op.create_table(
        "revision",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("community_id"),
    )
    op.create_table(
        "place",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("channel_key", sa.String(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "channel_key"),
    )
    op.create_table(
        "absence",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("channel_key", sa.String(), nullable=False),
        sa.Column("is_away", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "member_id", "channel_key"),
    )
    op.create_table(
        "tombstone",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("member_hash", sa.String(), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "member_hash"),
    )
    op.create_table(
        "job",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last_run", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "name"),
    )


def _follow_messages() -> None:
    with op.batch_alter_table("inbox") as inbox:
        inbox.alter_column("event", existing_type=sa.Text(), nullable=True)
        inbox.add_column(_text("kind"))
        inbox.add_column(_text("message_key"))
        inbox.add_column(_text("channel_key"))
        inbox.add_column(_text("author_id"))
        inbox.add_column(sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("inbox_by_message", "inbox", ["community_id", "message_key"])
    op.create_index("inbox_by_author", "inbox", ["community_id", "author_id"])
    op.execute(
        "UPDATE inbox SET kind = json_extract(event, '$.kind'), "
        f"channel_key = {_channel_of('event', '$.place')}, "
        f"author_id = {_member_of('event', '$.author')}, "
        "handled_at = CASE state WHEN 'handled' THEN received_at END"
    )
    op.execute(
        "UPDATE inbox SET message_key = channel_key || '/' || "
        f"{_escaped('event', '$.message_id')} WHERE kind = 'message_posted'"
    )
    op.add_column("question", _text("channel_key"))
    op.add_column("question", _text("asker_id"))
    op.create_index("question_by_asker", "question", ["community_id", "asker_id"])
    op.create_index("question_by_channel", "question", ["community_id", "channel_key"])
    op.execute(
        f"UPDATE question SET channel_key = {_channel_of('place', '$')}, "
        f"asker_id = {_member_of('asker', '$')}"
    )
    op.add_column("answer", _text("message_key"))
    op.add_column("answer", _text("author_id"))
    op.add_column("answer", _text("standing", "given"))
    op.add_column("answer", _text("reason"))
    op.create_index("answer_by_message", "answer", ["community_id", "message_key"])
    op.create_index("answer_by_author", "answer", ["community_id", "author_id"])
    op.create_index("answer_by_standing", "answer", ["community_id", "standing"])
    # An answer's id is that of its question, and the message's behind it.
    op.execute(
        f"UPDATE answer SET author_id = {_member_of('author', '$')}, "
        "message_key = (SELECT channel_key FROM question WHERE "
        "question.community_id = answer.community_id AND question.id = answer.question_id) "
        "|| '/' || replace(replace(substr(id, length(question_id) + 2), '%', '%25'), '/', '%2F'), "
        "standing = CASE WHEN is_accepted THEN 'knowledge' ELSE 'given' END"
    )


def _follow_deliveries() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("message", existing_type=sa.Text(), nullable=True)
        outbox.add_column(_text("channel_key"))
        outbox.add_column(_text("cause"))
        outbox.add_column(_text("caused_by"))
        outbox.add_column(
            sa.Column(
                "waits_since",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default="1970-01-01 00:00:00.000000",
            )
        )
    op.execute(
        f"UPDATE outbox SET channel_key = {_channel_of('message', '$.place')}, "
        "waits_since = created_at"
    )
    # What was delivered stands on the platform; its words are not kept any more.
    op.execute("UPDATE outbox SET message = NULL WHERE state = 'delivered'")
    op.create_index("outbox_by_channel", "outbox", ["community_id", "channel_key", "created_at"])
    op.create_index("outbox_by_member", "outbox", ["community_id", "caused_by", "created_at"])
    op.create_table(
        "outbox_quote",
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "message_id"],
            ["outbox.community_id", "outbox.id"],
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("community_id", "message_id", "document_id"),
    )
    op.create_index("outbox_quote_by_document", "outbox_quote", ["community_id", "document_id"])


def _follow_knowledge() -> None:
    op.add_column("document", _text("channel_key"))
    op.create_index("document_by_channel", "document", ["community_id", "channel_key"])
    op.create_index("document_by_author", "document", ["community_id", "author_id"])
    op.execute(
        "UPDATE document SET channel_key = coalesce((SELECT channel_key FROM question WHERE "
        "question.community_id = document.community_id AND 'answers:' || question.id = document.id"
        "), '') WHERE source = 'answers'"
    )


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def _escaped(column: str, path: str) -> str:
    return f"replace(replace(json_extract({column}, '{path}'), '%', '%25'), '/', '%2F')"


def _channel_of(column: str, path: str) -> str:
    parts = (f"{path}.platform", f"{path}.workspace", f"{path}.channel")
    return " || '/' || ".join(_escaped(column, part) for part in parts)


def _member_of(column: str, path: str) -> str:
    return (
        f"json_extract({column}, '{path}.platform') || ':' || "
        f"json_extract({column}, '{path}.user_id')"
    )
