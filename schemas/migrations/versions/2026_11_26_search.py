"""Words are found through an index of three letters in a row, whatever the number of questions."""

from alembic import op

revision = "2026_11_26_search"
down_revision = "2026_11_26_ways_in"
branch_labels = None
depends_on = None

FORGET = "INSERT INTO question_words (question_words, rowid, search) VALUES ('delete', old.id, old.search)"
LEARN = "INSERT INTO question_words (rowid, search) VALUES (new.id, new.search)"
SQLITE = (
    "CREATE VIRTUAL TABLE question_words USING fts5(search, content='question', content_rowid='id', tokenize='trigram')",
    f"CREATE TRIGGER question_words_insert AFTER INSERT ON question BEGIN {LEARN}; END",
    f"CREATE TRIGGER question_words_delete AFTER DELETE ON question BEGIN {FORGET}; END",
    f"CREATE TRIGGER question_words_update AFTER UPDATE OF search ON question BEGIN {FORGET}; {LEARN}; END",
    "INSERT INTO question_words (question_words) VALUES ('rebuild')",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
        return
    # An extension that the owner of a database may put in; it stays when we go, for others may use it by then.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE INDEX ix_question_search ON question USING gin (search gin_trgm_ops)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER question_words_{what}")
        op.execute("DROP TABLE question_words")
        return
    op.drop_index("ix_question_search", "question")
