"""Claims: what doctors did elsewhere, their papers, and what happened to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.kernel.audit import append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AREAS = (("ix_claim_unit", "unit_path"), ("ix_claim_area", "authority_path"))


def upgrade() -> None:
    op.add_column("activity", sa.Column("evidence", JSON, nullable=True))
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=True),
        sa.Column("hours_milli", sa.BigInteger(), nullable=True),
        sa.Column("project_number", sa.String(length=30), nullable=True),
        sa.Column("assessed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("credit_year", sa.Integer(), nullable=True),
        sa.Column("unit_path", sa.String(length=160), nullable=False),
        sa.Column("authority_path", sa.String(length=160), nullable=False),
        sa.Column("levels", JSON, nullable=False),
        sa.Column("two", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("may_answer", sa.Boolean(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'returned', 'refused', 'approved', 'not_counted', 'withdrawn')",
            name=op.f("ck_claim_state"),
        ),
        sa.CheckConstraint("state <> 'waiting' OR waiting > 0", name=op.f("ck_claim_turn")),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR handed_in_at IS NOT NULL", name=op.f("ck_claim_handed_in")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("person_id", "fingerprint", name=op.f("uq_claim_person_id_fingerprint")),
    )
    op.create_index("ix_claim_person", "claim", ["person_id", "changed_at"])
    for name, column in AREAS:
        op.create_index(
            name, "claim", [column, "state", "handed_in_at"], postgresql_ops={column: "text_pattern_ops"}
        )
    op.create_table(
        "claim_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("mime", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("thumbnail_sha", sa.String(length=64), nullable=True),
        sa.Column("chosen_sha", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_file_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_file")),
    )
    for column in ("claim_id", "sha", "chosen_sha"):
        op.create_index(op.f(f"ix_claim_file_{column}"), "claim_file", [column])
    op.create_table(
        "claim_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("reason_code", sa.String(length=24), nullable=False),
        sa.Column("reason_text", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_claim_step_by_person")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_step_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_step")),
    )
    op.create_index(op.f("ix_claim_step_claim_id"), "claim_step", ["claim_id"])
    for statement in append_only("claim_step")[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("claim_step")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION claim_step_refuse()")
    op.drop_table("claim_file")
    op.drop_table("claim")
    # Not by batch: that makes the table anew, and SQLite would lose the triggers that keep it append-only.
    op.drop_column("activity", "evidence")
