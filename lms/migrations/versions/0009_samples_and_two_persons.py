"""Kept samples of awards, and decisions that wait for a second person."""

import sqlalchemy as sa
from alembic import op

from lms.kernel.audit import append_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# In the order in which they refer to each other.
TABLES = ("audit_sample", "audit_sample_award", "award_proposal", "award_proposal_answer")
DIFFER = 'proposed_by IS NULL OR ("by" IS NOT NULL AND "by" <> proposed_by)'


def upgrade() -> None:
    _samples()
    _proposals()
    for table in TABLES:
        for statement in append_only(table)[op.get_bind().dialect.name]:
            op.execute(statement)
    _first_person()


def _samples() -> None:
    op.create_table(
        "audit_sample",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("frame", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("place_path", sa.String(length=160), nullable=False),
        sa.Column("place_name", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=True),
        sa.Column("drawn_by_name", sa.String(length=60), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("drawn BETWEEN 1 AND size AND drawn <= frame", name=op.f("ck_audit_sample_drawn")),
        sa.ForeignKeyConstraint(["place_id"], ["organisation.id"], name=op.f("fk_audit_sample_place_id_organisation")),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_audit_sample_drawn_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sample")),
    )
    op.create_index(op.f("ix_audit_sample_drawn_by"), "audit_sample", ["drawn_by"])
    name = "audit_sample_award"
    op.create_table(
        name,
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["sample_id"], ["audit_sample.id"], name=op.f(f"fk_{name}_sample_id_audit_sample")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f(f"fk_{name}_award_id_award")),
        sa.PrimaryKeyConstraint("sample_id", "position", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("sample_id", "award_id", name=op.f(f"uq_{name}_sample_id_award_id")),
    )


def _proposals() -> None:
    name = "award_proposal"
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("award_version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reason_code", sa.String(length=24), nullable=False),
        sa.Column("reason_text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("action IN ('approve', 'reverse')", name=op.f(f"ck_{name}_action")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f(f"fk_{name}_award_id_award")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f(f"fk_{name}_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("award_id", "award_version", name=op.f(f"uq_{name}_award_id_award_version")),
        sa.UniqueConstraint("id", "by", name=op.f(f"uq_{name}_id_by")),
    )
    answer = "award_proposal_answer"
    op.create_table(
        answer,
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer IN ('confirm', 'decline')", name=op.f(f"ck_{answer}_answer")),
        sa.CheckConstraint('"by" <> proposed_by', name=op.f(f"ck_{answer}_two_persons")),
        sa.ForeignKeyConstraint(
            ["proposal_id", "proposed_by"],
            ["award_proposal.id", "award_proposal.by"],
            name=op.f(f"fk_{answer}_proposal_id_award_proposal"),
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f(f"fk_{answer}_by_person")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f(f"pk_{answer}")),
    )


def _first_person() -> None:
    """Not by batch: that makes the table anew, and SQLite would lose the triggers that keep it append-only. SQLite
    adds a constraint only together with a column."""
    if op.get_bind().dialect.name == "sqlite":
        check = f"CONSTRAINT ck_audit_decision_two_persons CHECK ({DIFFER})"
        op.execute(f"ALTER TABLE audit_decision ADD COLUMN proposed_by CHAR(32) {check}")
    else:
        op.add_column("audit_decision", sa.Column("proposed_by", sa.Uuid(), nullable=True))
        op.create_check_constraint(op.f("ck_audit_decision_two_persons"), "audit_decision", DIFFER)
    op.add_column("audit_decision", sa.Column("proposed_by_name", sa.String(length=60), nullable=True))


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.drop_column("audit_decision", "proposed_by_name")
    if postgresql:
        op.drop_constraint(op.f("ck_audit_decision_two_persons"), "audit_decision")
    op.drop_column("audit_decision", "proposed_by")
    for table in reversed(TABLES):
        op.drop_table(table)
        if postgresql:
            op.execute(f"DROP FUNCTION {table}_refuse()")
