"""letter_events: every try and every decision about a letter is kept, and the one retry of an uncertain letter"""

import sqlalchemy as sa
from alembic import op


revision = '2026_11_26_letter_events'
down_revision = "2026_11_26_desk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letterevent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('letter_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reply', sa.String(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_letterevent_actor_id')),
    sa.ForeignKeyConstraint(['letter_id'], ['letter.id'], name=op.f('fk_letterevent_letter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letterevent'))
    )
    op.create_index('ix_letterevent_letter', 'letterevent', ['letter_id', 'id'])
    op.add_column('letter', sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('letter', sa.Column('retried_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('letter', sa.Column('may_retry', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('letter') as batch_op:
        batch_op.alter_column('may_retry', server_default=None)
        batch_op.create_index('ix_letter_owed', ['owed_at'])
        batch_op.create_index('ix_letter_tried', ['tried_at'])


def downgrade() -> None:
    with op.batch_alter_table('letter') as batch_op:
        batch_op.drop_index('ix_letter_tried')
        batch_op.drop_index('ix_letter_owed')
        batch_op.drop_column('may_retry')
        batch_op.drop_column('retried_at')
        batch_op.drop_column('tried_at')
    op.drop_index('ix_letterevent_letter', 'letterevent')
    op.drop_table('letterevent')
