"""A manager's and a lead's way to their questions, without reading them all."""

from alembic import op

revision = "2026_11_26_ways_in"
down_revision = "2026_11_26_meetings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_question_manager", "question", ["manager_id"])
    op.create_index("ix_question_lead", "question", ["lead_id"])


def downgrade() -> None:
    op.drop_index("ix_question_lead", "question")
    op.drop_index("ix_question_manager", "question")
