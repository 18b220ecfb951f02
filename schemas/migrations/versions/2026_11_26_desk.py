"""The desk: saved views, steps on many questions at once, and the orders in which it walks through the questions."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_desk"
down_revision = "2026_11_26_notes_and_files"
branch_labels = None
depends_on = None

INDEXES = {
    "question": {
        "ix_question_deputy": ["deputy_id"], "ix_question_target": ["target_id"],
        "ix_question_by_due": ["state", "due_at", "id"], "ix_question_by_since": ["state", "since", "id"],
        "ix_question_by_title": ["state", "title", "id"], "ix_question_by_ref": ["state", "ref", "id"],
        "ix_question_late": ["state", "due_n"],
    },
    "trajectory": {
        "ix_trajectory_student": ["student_contact_id"],
        "ix_trajectory_house": ["institution_id", "state", "question_id"], "ix_trajectory_late": ["state", "due_n"],
        "ix_trajectory_end": ["state", "ends_on"], "ix_trajectory_risk": ["at_risk", "state"],
    },
    "letter": {"ix_letter_trouble": ["state", "question_id"]},
}  # fmt: skip
COLUMNS = {"person": "shortcuts", "question": "challenge", "trajectory": "at_risk"}


def upgrade() -> None:
    op.add_column("person", sa.Column("shortcuts", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("question", sa.Column("challenge", sa.String(), nullable=False, server_default=""))
    op.add_column("trajectory", sa.Column("at_risk", sa.Boolean(), nullable=False, server_default=sa.false()))
    _carry_over()
    for table, indexes in INDEXES.items():
        for name, columns in indexes.items():
            op.create_index(name, table, columns)
    op.create_table(
        "savedview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_savedview_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_savedview"),
        sa.UniqueConstraint("person_id", "name", name="uq_savedview_person_id_name"),
    )
    op.create_table(
        "bulk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("back", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_bulk_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk"),
        sa.UniqueConstraint("person_id", "key", name="uq_bulk_person_id_key"),
    )
    op.create_table(
        "bulkrow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulk_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk.id"], name="fk_bulkrow_bulk_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_bulkrow"),
        sa.UniqueConstraint("bulk_id", "ref", name="uq_bulkrow_bulk_id_ref"),
    )


def _carry_over() -> None:
    """What the new columns say of questions and trajectories that are there already."""
    question = sa.table("question", sa.column("challenge", sa.String), sa.column("form", sa.JSON))
    challenge = sa.func.coalesce(question.c.form["challenge"].as_string(), "")
    op.execute(question.update().values(challenge=challenge))
    attempt = sa.table("trajectory", sa.column("at_risk", sa.Boolean), sa.column("midterm", sa.JSON))
    said = [attempt.c.midterm[role]["progress"].as_string() == "at_risk" for role in ("lecturer", "owner")]
    op.execute(attempt.update().where(sa.or_(*said)).values(at_risk=sa.true()))


def downgrade() -> None:
    for name in ("bulkrow", "bulk", "savedview"):
        op.drop_table(name)
    for table, indexes in INDEXES.items():
        for name in indexes:
            op.drop_index(name, table_name=table)
    for table, column in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
