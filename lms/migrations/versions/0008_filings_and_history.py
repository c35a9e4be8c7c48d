"""Filings: what went to a regulator, and what it answered; history from other systems."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('filing',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('place_path', sa.String(length=160).with_variant(sa.String(length=160, collation='C'), 'postgresql'), nullable=False),
    sa.Column('place_code', sa.String(length=40), nullable=False),
    sa.Column('place_name', sa.String(length=120), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=False),
    sa.Column('period_until', sa.Date(), nullable=False),
    sa.Column('full_numbers', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('awards_read', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.DateTime(timezone=True), nullable=False),
    sa.Column('log_size', sa.BigInteger(), nullable=False),
    sa.Column('totals', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('files_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('made_by', sa.Uuid(), nullable=True),
    sa.Column('made_by_name', sa.String(length=60), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'filed') = (files_sealed IS NOT NULL)", name=op.f('ck_filing_files')),
    sa.CheckConstraint("state IN ('waiting', 'gathering', 'writing', 'filed')", name=op.f('ck_filing_state')),
    sa.CheckConstraint('period_until >= period_from AND number > 0', name=op.f('ck_filing_period')),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_filing_made_by_person')),
    sa.ForeignKeyConstraint(['place_id'], ['organisation.id'], name=op.f('fk_filing_place_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_filing')),
    sa.UniqueConstraint('place_id', 'number', name=op.f('uq_filing_place_id_number'))
    )
    with op.batch_alter_table('filing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_filing_place_path'), ['place_path'], unique=False)

    op.create_table('history_import',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('system', sa.String(length=30), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('headings', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('file_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('report', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=True),
    sa.Column('made_by_name', sa.String(length=60), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('rehearsed', 'running', 'done', 'undoing', 'undone')", name=op.f('ck_history_import_state')),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_history_import_made_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history_import'))
    )
    with op.batch_alter_table('history_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_history_import_made_by'), ['made_by'], unique=False)

    op.create_table('filing_answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('filing_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('file_hash', sa.String(length=64), nullable=False),
    sa.Column('file_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('report', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=True),
    sa.Column('made_by_name', sa.String(length=60), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('rehearsed', 'applied')", name=op.f('ck_filing_answer_state')),
    sa.ForeignKeyConstraint(['filing_id'], ['filing.id'], name=op.f('fk_filing_answer_filing_id_filing')),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_filing_answer_made_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_filing_answer')),
    sa.UniqueConstraint('filing_id', 'file_hash', name=op.f('uq_filing_answer_filing_id_file_hash'))
    )
    with op.batch_alter_table('filing_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_filing_answer_filing_id'), ['filing_id'], unique=False)

    op.create_table('history_row',
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('line', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('system', sa.String(length=30), nullable=False),
    sa.Column('source_id', sa.String(length=60), nullable=False),
    sa.Column('live', sa.Boolean(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('activity_id', sa.Uuid(), nullable=True),
    sa.Column('award_id', sa.Uuid(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'awarded', 'refused', 'undone', 'audited')", name=op.f('ck_history_row_state')),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_history_row_activity_id_activity')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_history_row_award_id_award')),
    sa.ForeignKeyConstraint(['import_id'], ['history_import.id'], name=op.f('fk_history_row_import_id_history_import')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_history_row_person_id_person')),
    sa.PrimaryKeyConstraint('import_id', 'line', name=op.f('pk_history_row'))
    )
    with op.batch_alter_table('history_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_history_row_award_id'), ['award_id'], unique=False)
        batch_op.create_index('ix_history_row_state', ['import_id', 'state', 'line'], unique=False)
        batch_op.create_index('uq_history_row_source', ['system', 'source_id'], unique=True, sqlite_where=sa.text("live"), postgresql_where=sa.text("live"))

    op.create_table('filing_row',
    sa.Column('filing_id', sa.Uuid(), nullable=False),
    sa.Column('award_id', sa.Uuid(), nullable=False),
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('change', sa.String(length=8), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('authority_path', sa.String(length=160).with_variant(sa.String(length=160, collation='C'), 'postgresql'), nullable=False),
    sa.Column('institution_path', sa.String(length=160).with_variant(sa.String(length=160, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('id_number_mask', sa.String(length=18), nullable=False),
    sa.Column('id_number_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('institution_code', sa.String(length=40), nullable=False),
    sa.Column('institution', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('project_number', sa.String(length=30), nullable=False),
    sa.Column('credit_class', sa.String(length=16), nullable=False),
    sa.Column('credit_year', sa.Integer(), nullable=False),
    sa.Column('on_date', sa.Date(), nullable=False),
    sa.Column('credits_milli', sa.BigInteger(), nullable=False),
    sa.Column('hours_milli', sa.BigInteger(), nullable=False),
    sa.Column('policy_version_id', sa.String(length=40), nullable=False),
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=30), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('answer_id', sa.Uuid(), nullable=True),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ready_by', sa.Uuid(), nullable=True),
    sa.Column('ready_note', sa.Text(), nullable=False),
    sa.CheckConstraint("change IN ('new', 'changed', 'refiled', 'reversed')", name=op.f('ck_filing_row_change')),
    sa.CheckConstraint("state IN ('filed', 'accepted', 'rejected', 'refiled', 'void')", name=op.f('ck_filing_row_state')),
    sa.ForeignKeyConstraint(['answer_id'], ['filing_answer.id'], name=op.f('fk_filing_row_answer_id_filing_answer')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_filing_row_award_id_award')),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_filing_row_entry_id_ledger_entry')),
    sa.ForeignKeyConstraint(['filing_id'], ['filing.id'], name=op.f('fk_filing_row_filing_id_filing')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_filing_row_person_id_person')),
    sa.ForeignKeyConstraint(['ready_by'], ['person.id'], name=op.f('fk_filing_row_ready_by_person')),
    sa.PrimaryKeyConstraint('filing_id', 'award_id', name=op.f('pk_filing_row')),
    sa.UniqueConstraint('place_id', 'award_id', 'number', name=op.f('uq_filing_row_place_id_award_id_number'))
    )
    with op.batch_alter_table('filing_row', schema=None) as batch_op:
        batch_op.create_index('ix_filing_row_filing_state', ['filing_id', 'state', 'award_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_filing_row_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_filing_row_state', ['state', 'institution_path', 'award_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('filing_row', schema=None) as batch_op:
        batch_op.drop_index('ix_filing_row_state')
        batch_op.drop_index(batch_op.f('ix_filing_row_person_id'))
        batch_op.drop_index('ix_filing_row_filing_state')

    op.drop_table('filing_row')
    with op.batch_alter_table('history_row', schema=None) as batch_op:
        batch_op.drop_index('uq_history_row_source', sqlite_where=sa.text("live"), postgresql_where=sa.text("live"))
        batch_op.drop_index('ix_history_row_state')
        batch_op.drop_index(batch_op.f('ix_history_row_award_id'))

    op.drop_table('history_row')
    with op.batch_alter_table('filing_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_filing_answer_filing_id'))

    op.drop_table('filing_answer')
    with op.batch_alter_table('history_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_history_import_made_by'))

    op.drop_table('history_import')
    with op.batch_alter_table('filing', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_filing_place_path'))

    op.drop_table('filing')
