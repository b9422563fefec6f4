"""The word index without the audience of each passage: the index in memory knows who may see it."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write the word index anew. 100,000 passages take some seconds."""
    op.execute("DROP TABLE passage_vocabulary")
    op.execute(
        "CREATE VIRTUAL TABLE words_alone USING fts5("
        "words, tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    op.execute("INSERT INTO words_alone(rowid, words) SELECT rowid, words FROM passage_words")
    op.execute("DROP TABLE passage_words")
    op.execute("ALTER TABLE words_alone RENAME TO passage_words")
    op.execute("CREATE VIRTUAL TABLE passage_vocabulary USING fts5vocab(passage_words, 'row')")
