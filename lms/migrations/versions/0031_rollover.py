"""The roll-over of approvals into the next year; and which activities were awarded under an approval, by index."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rollover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("entered > 0", name=op.f("ck_rollover_entered")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_rollover_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollover")),
    )
    op.create_index(op.f("ix_rollover_made_by"), "rollover", ["made_by"])
    op.create_table(
        "rollover_line",
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("follows_id", sa.Uuid(), nullable=False),
        sa.Column("rollover_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_rollover_line_approval_id_approval")),
        sa.ForeignKeyConstraint(["follows_id"], ["approval.id"], name=op.f("fk_rollover_line_follows_id_approval")),
        sa.ForeignKeyConstraint(["rollover_id"], ["rollover.id"], name=op.f("fk_rollover_line_rollover_id_rollover")),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_rollover_line")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_rollover_line_follows_id")),
    )
    op.create_index(op.f("ix_rollover_line_rollover_id"), "rollover_line", ["rollover_id"])
    op.create_index(op.f("ix_activity_approval_id"), "activity", ["approval_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_activity_approval_id"), "activity")
    op.drop_table("rollover_line")
    op.drop_table("rollover")
