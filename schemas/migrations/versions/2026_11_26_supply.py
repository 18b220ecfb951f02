"""supply: editions, offer limits, and who changed what in the catalogue"""

import sqlalchemy as sa
from alembic import op


revision = '2026_11_26_supply'
down_revision = "2026_11_26_operations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('offering_id', sa.String(), nullable=False),
    sa.Column('term_id', sa.String(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('hand_in_by', sa.Date(), nullable=True),
    sa.Column('seats', sa.Integer(), nullable=True),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['offering_id'], ['offering.id'], name=op.f('fk_edition_offering_id')),
    sa.ForeignKeyConstraint(['term_id'], ['period.id'], name=op.f('fk_edition_term_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edition')),
    sa.UniqueConstraint('offering_id', 'term_id', name=op.f('uq_edition_offering_id_term_id'))
    )
    op.create_index('ix_edition_term', 'edition', ['term_id'], unique=False)
    op.create_table('offerlimit',
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['institution_id'], ['organisation.id'], name=op.f('fk_offerlimit_institution_id')),
    sa.PrimaryKeyConstraint('institution_id', name=op.f('pk_offerlimit'))
    )
    op.create_table('supplychange',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('institution_id', sa.String(), nullable=False),
    sa.Column('offering_id', sa.String(), nullable=True),
    sa.Column('term_id', sa.String(), nullable=True),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_supplychange_actor_id')),
    sa.ForeignKeyConstraint(['institution_id'], ['organisation.id'], name=op.f('fk_supplychange_institution_id')),
    sa.ForeignKeyConstraint(['offering_id'], ['offering.id'], name=op.f('fk_supplychange_offering_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplychange'))
    )
    op.create_index('ix_supplychange_institution', 'supplychange', ['institution_id', 'id'], unique=False)
    op.create_index('ix_supplychange_offering', 'supplychange', ['offering_id', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('supplychange')
    op.drop_table('offerlimit')
    op.drop_table('edition')
