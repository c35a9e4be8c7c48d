"""Knowledge tests before and after a course, and three months later."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # No edition from before has such questions: the checker did not know the use.
    op.add_column("edition", sa.Column("knowledge_items", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "knowledge_taken",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(length=6), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.SmallInteger(), nullable=False),
        sa.Column("right", sa.SmallInteger(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("occasion IN ('before', 'after', 'kept')", name=op.f("ck_knowledge_taken_occasion")),
        sa.CheckConstraint('"right" BETWEEN 0 AND asked', name=op.f("ck_knowledge_taken_right")),
        sa.CheckConstraint("declined = (asked = 0)", name=op.f("ck_knowledge_taken_declined")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_knowledge_taken_edition_id_edition")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_knowledge_taken_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_knowledge_taken_person_id_person")),
        sa.PrimaryKeyConstraint("enrolment_id", "occasion", name=op.f("pk_knowledge_taken")),
    )
    op.create_index(op.f("ix_knowledge_taken_person_id"), "knowledge_taken", ["person_id"])


def downgrade() -> None:
    # Sums that name the tests cannot be read without them; they are counted anew by night.
    op.execute("DELETE FROM tally")
    op.drop_table("knowledge_taken")
    op.drop_column("edition", "knowledge_items")
