"""The city's own texts of letters, and what somebody is still writing."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_letter_texts"
down_revision = "2026_11_26_received"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lettertext",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("release", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_lettertext_author_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lettertext"),
        sa.UniqueConstraint("letter", "version", name="uq_lettertext_letter_version"),
    )
    op.create_table(
        "lettertextdraft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_lettertextdraft_author_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_lettertextdraft"),
        sa.UniqueConstraint("letter", "author_id", name="uq_lettertextdraft_letter_author_id"),
    )


def downgrade() -> None:
    op.drop_table("lettertextdraft")
    op.drop_table("lettertext")
