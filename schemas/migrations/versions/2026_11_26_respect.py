"""How people want their mail, and letters that are kept together for a digest."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_respect"
down_revision = "2026_11_26_board"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("mail", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("person") as batch_op:
        batch_op.alter_column("mail", server_default=None)
    with op.batch_alter_table("letter") as batch_op:
        batch_op.add_column(sa.Column("digest_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_letter_digest_id"), "letter", ["digest_id"], ["id"])
        batch_op.create_index("ix_letter_digest", ["digest_id"])


def downgrade() -> None:
    # The release before knows neither: what was kept goes out on its own.
    op.execute("UPDATE letter SET state = 'owed' WHERE state = 'kept'")
    op.execute("UPDATE letter SET state = 'sent' WHERE state = 'gathered'")
    with op.batch_alter_table("letter") as batch_op:
        batch_op.drop_index("ix_letter_digest")
        batch_op.drop_constraint(op.f("fk_letter_digest_id"), type_="foreignkey")
        batch_op.drop_column("digest_id")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_column("mail")
