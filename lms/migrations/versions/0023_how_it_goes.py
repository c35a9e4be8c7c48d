"""How a course goes: counts of editions, feedback, surveys, tests before and after."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0013"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("numbers", JSON, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_tally_course_id_course")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_tally_edition_id_edition")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_tally")),
    )
    op.create_index(op.f("ix_tally_course_id"), "tally", ["course_id"])
    op.create_table(
        "tally_asked",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_tally_asked_course_id_course")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_tally_asked")),
    )


def downgrade() -> None:
    op.drop_table("tally_asked")
    op.drop_table("tally")
