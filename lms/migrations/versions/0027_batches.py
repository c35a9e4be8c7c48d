"""Tables of many rows done as one thing: people and postings by workbook."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("files_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("report", json, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_by_name", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('reading', 'refused', 'rehearsed', 'running', 'done', 'undoing', 'undone')",
            name=op.f("ck_batch_state"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_batch_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_made_by"), "batch", ["made_by"])
    op.create_table(
        "batch_line",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("did", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("kept_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('done', 'undone', 'kept')", name=op.f("ck_batch_line_state")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_line_batch_id_batch")),
        sa.PrimaryKeyConstraint("batch_id", "line", name=op.f("pk_batch_line")),
    )
    op.create_index(op.f("ix_batch_line_person_id"), "batch_line", ["person_id"])


def downgrade() -> None:
    op.drop_table("batch_line")
    op.drop_table("batch")
