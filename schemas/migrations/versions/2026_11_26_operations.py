"""What an operator needs: the trace of the request in which a step was taken, and incidents put off with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_operations"
down_revision = "2026_11_26_endings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry", sa.Column("trace", sa.String(), nullable=True))
    op.create_table(
        "postponement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_postponement_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postponement")),
    )
    op.create_index("ix_postponement_subject", "postponement", ["kind", "subject_id"])


def downgrade() -> None:
    op.drop_index("ix_postponement_subject", "postponement")
    op.drop_table("postponement")
    op.drop_column("entry", "trace")
