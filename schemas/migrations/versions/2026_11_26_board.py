"""board: who is asked in which order, what each question can reach, and by when it must be handed in"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_board"
down_revision = "2026_11_27_letter_texts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('candidate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('offering_id', sa.String(), nullable=False),
    sa.Column('term_id', sa.String(), nullable=True),
    sa.Column('answer_days', sa.Integer(), nullable=True),
    sa.Column('message', sa.String(), nullable=False),
    sa.Column('others', sa.Boolean(), nullable=False),
    sa.Column('by_itself', sa.Boolean(), nullable=False),
    sa.Column('dropped', sa.Boolean(), nullable=False),
    sa.Column('trajectory_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['institution_id'], ['organisation.id'], name=op.f('fk_candidate_institution_id')),
    sa.ForeignKeyConstraint(['offering_id'], ['offering.id'], name=op.f('fk_candidate_offering_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_candidate_question_id')),
    sa.ForeignKeyConstraint(['trajectory_id'], ['trajectory.id'], name=op.f('fk_candidate_trajectory_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate')),
    sa.UniqueConstraint('question_id', 'rank', name=op.f('uq_candidate_question_id_rank'))
    )
    op.create_index('ix_candidate_trajectory', 'candidate', ['trajectory_id'], unique=False)
    op.create_table('prospect',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('offering_id', sa.String(), nullable=False),
    sa.Column('term_id', sa.String(), nullable=False),
    sa.Column('hand_in_by', sa.Date(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('tell_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['institution_id'], ['organisation.id'], name=op.f('fk_prospect_institution_id')),
    sa.ForeignKeyConstraint(['offering_id'], ['offering.id'], name=op.f('fk_prospect_offering_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_prospect_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prospect')),
    sa.UniqueConstraint('question_id', 'offering_id', 'term_id', name=op.f('uq_prospect_question_id_offering_id_term_id'))
    )
    op.create_index('ix_prospect_tell', 'prospect', ['tell_at'], unique=False)
    op.create_index('ix_prospect_term', 'prospect', ['term_id', 'question_id'], unique=False)
    op.create_index('ix_prospect_house', 'prospect', ['institution_id', 'question_id'], unique=False)
    op.create_table('handintold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('term_id', sa.String(), nullable=False),
    sa.Column('weeks', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_handintold_question_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handintold')),
    sa.UniqueConstraint('question_id', 'term_id', 'weeks', name=op.f('uq_handintold_question_id_term_id_weeks'))
    )
    op.add_column('question', sa.Column('hand_in_by', sa.Date(), nullable=True))
    op.add_column('question', sa.Column('look_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_question_hand_in', 'question', ['state', 'hand_in_by', 'id'], unique=False)
    op.create_index('ix_question_look', 'question', ['look_at'], unique=False)
    op.create_index('ix_trajectory_seat', 'trajectory', ['term_id', 'offering_id', 'state'], unique=False)
    # What was there already is looked at when the flows run again.
    op.execute("UPDATE question SET look_at = since WHERE state IN ('triage', 'matching')")


def downgrade() -> None:
    op.drop_index('ix_trajectory_seat', table_name='trajectory')
    op.drop_index('ix_question_look', table_name='question')
    op.drop_index('ix_question_hand_in', table_name='question')
    op.drop_column('question', 'look_at')
    op.drop_column('question', 'hand_in_by')
    op.drop_table('handintold')
    op.drop_table('prospect')
    op.drop_table('candidate')
