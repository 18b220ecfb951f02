"""A question knows its owner's manager and who leads its parts; its relatives are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_endings"
down_revision = "2026_11_26_letter_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("question") as table:
        table.add_column(sa.Column("manager_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("lead_id", sa.String(), nullable=True))
        table.create_foreign_key(op.f("fk_question_manager_id"), "person", ["manager_id"], ["id"])
        table.create_foreign_key(op.f("fk_question_lead_id"), "organisation", ["lead_id"], ["id"])
        table.create_index("ix_question_merged", ["merged_into_id"])
        table.create_index("ix_question_part", ["part_of_id"])


def downgrade() -> None:
    with op.batch_alter_table("question") as table:
        table.drop_index("ix_question_part")
        table.drop_index("ix_question_merged")
        table.drop_constraint(op.f("fk_question_lead_id"), type_="foreignkey")
        table.drop_constraint(op.f("fk_question_manager_id"), type_="foreignkey")
        table.drop_column("lead_id")
        table.drop_column("manager_id")
