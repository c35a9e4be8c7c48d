"""Credits proposed for an edition, and approvals of one edition alone."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    with op.batch_alter_table("approval") as table:
        table.add_column(sa.Column("edition_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_approval_edition_id_edition"), "edition", ["edition_id"], ["id"])
    op.create_table(
        "credit_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("course_code", sa.String(length=30), nullable=False),
        sa.Column("centre_path", sa.String(length=160), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("authority_path", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("hours_milli", sa.BigInteger(), nullable=False),
        sa.Column("credits_milli", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("hours_milli > 0", name=op.f("ck_credit_proposal_hours")),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused', 'withdrawn')", name=op.f("ck_credit_proposal_state")
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (approval_id IS NOT NULL)", name=op.f("ck_credit_proposal_approved")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_credit_proposal_course_id_course")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_credit_proposal_edition_id_edition")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_credit_proposal_authority_id_organisation")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_credit_proposal_proposed_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_credit_proposal_decided_by_person")),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_credit_proposal_approval_id_approval")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_proposal")),
    )
    op.create_index("ix_credit_proposal_course_id", "credit_proposal", ["course_id", "proposed_at"])
    op.create_index(
        "uq_credit_proposal_waiting", "credit_proposal", ["edition_id", "authority_id"],
        unique=True, postgresql_where=WAITING, sqlite_where=WAITING,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("credit_proposal")
    with op.batch_alter_table("approval") as table:
        table.drop_constraint(op.f("fk_approval_edition_id_edition"), type_="foreignkey")
        table.drop_column("edition_id")
