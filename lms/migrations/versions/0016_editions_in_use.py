"""Editions in use: moves, editions taken back, clinical notices; a course that pauses; what an edition asks for.

A self-check's answer now says which edition it was given in: until now an enrolment had only one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
MOVED = "有学员已经换到别的版本，不能退回去。 Learners were moved between editions: it does not go back."


def upgrade() -> None:
    op.add_column("course", sa.Column("paused_at", INSTANT, nullable=True))
    op.add_column("edition", sa.Column("requires", JSON, nullable=True))
    op.add_column("check_answer", sa.Column("edition_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE check_answer SET edition_id = "
        "(SELECT enrolment.edition_id FROM enrolment WHERE enrolment.id = check_answer.enrolment_id)"
    )
    op.create_table(
        "edition_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("equal", JSON, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_edition_move_course_id_course")),
        sa.ForeignKeyConstraint(["source_id"], ["edition.id"], name=op.f("fk_edition_move_source_id_edition")),
        sa.ForeignKeyConstraint(["target_id"], ["edition.id"], name=op.f("fk_edition_move_target_id_edition")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_edition_move_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_move")),
    )
    open_ones = sa.text("state IN ('moving', 'returning')")
    op.create_index("ix_edition_move_course_made", "edition_move", ["course_id", "made_at"])
    op.create_index(
        "ix_edition_move_open", "edition_move", ["state"], sqlite_where=open_ones, postgresql_where=open_ones
    )
    op.create_table(
        "edition_moved",
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("carried", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["move_id"], ["edition_move.id"], name=op.f("fk_edition_moved_move_id_edition_move")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_edition_moved_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("move_id", "enrolment_id", name=op.f("pk_edition_moved")),
    )
    op.create_index("ix_edition_moved_enrolment_id", "edition_moved", ["enrolment_id"])
    op.create_index("ix_edition_moved_state", "edition_moved", ["move_id", "state", "enrolment_id"])
    op.create_table(
        "edition_rolled_back",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("to_edition_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_edition_rolled_back_edition_id_edition")),
        sa.ForeignKeyConstraint(
            ["to_edition_id"], ["edition.id"], name=op.f("fk_edition_rolled_back_to_edition_id_edition")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_edition_rolled_back_made_by_person")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_edition_rolled_back")),
    )
    op.create_table(
        "clinical_notice",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_clinical_notice_edition_id_edition")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_clinical_notice_course_id_course")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_clinical_notice_made_by_person")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_clinical_notice")),
    )
    op.create_index("ix_clinical_notice_course_id", "clinical_notice", ["course_id"])
    op.create_table(
        "clinical_notice_read",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["clinical_notice.edition_id"],
            name=op.f("fk_clinical_notice_read_edition_id_clinical_notice"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_clinical_notice_read_person_id_person")),
        sa.PrimaryKeyConstraint("edition_id", "person_id", name=op.f("pk_clinical_notice_read")),
    )
    op.create_index("ix_clinical_notice_read_person_id", "clinical_notice_read", ["person_id"])


def require_may_go_back(connection: sa.Connection) -> None:
    """Below, every lesson finished in any edition would count for the one she is in now."""
    if connection.execute(sa.text("SELECT COUNT(*) FROM edition_moved WHERE state <> 'waiting'")).scalar_one():
        raise RuntimeError(MOVED)


def downgrade() -> None:
    for table in ("clinical_notice_read", "clinical_notice", "edition_rolled_back", "edition_moved", "edition_move"):
        op.drop_table(table)
    op.drop_column("check_answer", "edition_id")
    op.drop_column("edition", "requires")
    op.drop_column("course", "paused_at")
