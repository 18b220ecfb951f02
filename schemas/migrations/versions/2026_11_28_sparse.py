"""Indexes leave out what is empty, or hold all that a list needs; how often a question was declined is kept, not counted."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_sparse"
down_revision = "2026_11_26_mark"
branch_labels = None
depends_on = None

# By name: the table, the columns, and for what the index is when that is not for what has a value.
SPARSE = {
    "ix_question_due": ("question", ["due_at"], ""), "ix_question_manager": ("question", ["manager_id"], ""),
    "ix_question_lead": ("question", ["lead_id"], ""), "ix_question_target": ("question", ["target_id"], ""),
    "ix_question_merged": ("question", ["merged_into_id"], ""), "ix_question_part": ("question", ["part_of_id"], ""),
    "ix_question_look": ("question", ["look_at"], ""), "ix_trajectory_due": ("trajectory", ["due_at"], ""),
    "ix_trajectory_lecturer": ("trajectory", ["lecturer_id"], ""),
    "ix_trajectory_student": ("trajectory", ["student_contact_id"], ""),
    "ix_letter_tried": ("letter", ["tried_at"], ""), "ix_letter_meeting": ("letter", ["meeting_id", "id"], ""),
    "ix_letter_digest": ("letter", ["digest_id"], ""),
    "ix_entry_unfollowed": ("entry", ["lease_until"], "followed_at IS NULL"),
}  # fmt: skip
WHOLE = {"ix_entry_unfollowed": ["followed_at", "lease_until"]}  # the columns before
# By name: the table, the columns, and the one at the end that lets a list be read from the index alone.
LONGER = {
    "ix_question_late": ("question", ["state", "due_n"], "id"),
    "ix_trajectory_late": ("trajectory", ["state", "due_n"], "question_id"),
    "ix_trajectory_end": ("trajectory", ["state", "ends_on"], "question_id"),
    "ix_trajectory_risk": ("trajectory", ["at_risk", "state"], "question_id"),
}
COUNT = """UPDATE question SET declined = found.times FROM
    (SELECT question_id, count(*) AS times FROM trajectory WHERE state = 'declined' GROUP BY question_id) AS found
    WHERE found.question_id = question.id"""


def upgrade() -> None:
    op.add_column("question", sa.Column("declined", sa.Integer(), nullable=False, server_default="0"))
    op.execute(COUNT)
    _sparse("ix_question_declined", "question", ["state", "id"], "declined > 1")
    _sparse("ix_trajectory_published", "trajectory", ["published_on", "id"], "")
    _sparse("ix_entry_verdict", "entry", ["id"], "step IN ('place', 'decline', 'prefer')")
    for name, (table, columns, only) in SPARSE.items():
        op.drop_index(name, table)
        _sparse(name, table, columns, only)
    for name, (table, columns, more) in LONGER.items():
        op.drop_index(name, table)
        op.create_index(name, table, [*columns, more])


def downgrade() -> None:
    for name, (table, columns, _) in LONGER.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns)
    for name, (table, columns, _) in SPARSE.items():
        op.drop_index(name, table)
        op.create_index(name, table, WHOLE.get(name, columns))
    op.drop_index("ix_entry_verdict", "entry")
    op.drop_index("ix_trajectory_published", "trajectory")
    op.drop_index("ix_question_declined", "question")
    op.drop_column("question", "declined")


def _sparse(name: str, table: str, columns: list[str], only: str) -> None:
    which = sa.text(only or f"{columns[0]} IS NOT NULL")
    op.create_index(name, table, columns, postgresql_where=which, sqlite_where=which)
