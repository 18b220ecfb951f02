"""received: messages that came in, and the way from a Message-ID to the letter that once had it"""

import sqlalchemy as sa
from alembic import op


revision = '2026_11_26_received'
down_revision = '2026_11_26_search'
branch_labels = None
depends_on = None

PEOPLE = ('person_id', 'settled_by_id', 'removed_by_id')
QUESTIONS = ('question_id', 'maybe_id')


def upgrade() -> None:
    op.create_table('received',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=True),
    sa.Column('letter_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('maybe_id', sa.Integer(), nullable=True),
    sa.Column('from_name', sa.String(), nullable=False),
    sa.Column('from_email', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('quoted', sa.String(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('cut', sa.Boolean(), nullable=False),
    sa.Column('told', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_by_id', sa.Integer(), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    *(sa.ForeignKeyConstraint([one], ['person.id'], name=op.f(f'fk_received_{one}')) for one in PEOPLE),
    *(sa.ForeignKeyConstraint([one], ['question.id'], name=op.f(f'fk_received_{one}')) for one in QUESTIONS),
    sa.ForeignKeyConstraint(['letter_id'], ['letter.id'], name=op.f('fk_received_letter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_received')),
    sa.UniqueConstraint('digest', name=op.f('uq_received_digest'))
    )
    op.create_index('ix_received_question', 'received', ['question_id', 'id'])
    op.create_index('ix_received_waiting', 'received', ['state', 'question_id'])
    op.create_index('ix_received_letter', 'received', ['letter_id'])
    op.create_index('ix_letterevent_message', 'letterevent', ['message_id'])


def downgrade() -> None:
    op.drop_index('ix_letterevent_message', 'letterevent')
    op.drop_table('received')
