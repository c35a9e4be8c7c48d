"""How a course goes: counts of editions, feedback, surveys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
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
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_slug", sa.String(length=60), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_feedback_rating")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_feedback_answered_by_person")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_feedback_course_id_course")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_feedback_edition_id_edition")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feedback_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("person_id", "course_id", "lesson_slug", name=op.f("uq_feedback_person_id_course_id_lesson_slug")),
    )
    op.create_index(op.f("ix_feedback_edition_id"), "feedback", ["edition_id"])
    op.create_index("ix_feedback_words", "feedback", ["course_id", "at"], sqlite_where=sa.text("text != ''"), postgresql_where=sa.text("text != ''"))
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("titles", JSON, nullable=False),
        sa.Column("questions", JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('evaluation', 'practice')", name=op.f("ck_survey_kind")),
        sa.CheckConstraint("state IN ('draft', 'published', 'closed')", name=op.f("ck_survey_state")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_survey_course_id_course")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_survey_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
    )
    op.create_index(op.f("ix_survey_course_id"), "survey", ["course_id"])
    op.create_table(
        "survey_taken",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_survey_taken_person_id_person")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_taken_survey_id_survey")),
        sa.PrimaryKeyConstraint("survey_id", "person_id", name=op.f("pk_survey_taken")),
    )
    op.create_index(op.f("ix_survey_taken_person_id"), "survey_taken", ["person_id"])
    op.create_table(
        "survey_count",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_count_survey_id_survey")),
        sa.PrimaryKeyConstraint("survey_id", "question", "value", name=op.f("pk_survey_count")),
    )
    op.create_table(
        "survey_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_text_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_text")),
    )
    op.create_index("ix_survey_text_question", "survey_text", ["survey_id", "question", "id"])


def downgrade() -> None:
    op.drop_table("survey_text")
    op.drop_table("survey_count")
    op.drop_table("survey_taken")
    op.drop_table("survey")
    op.drop_table("feedback")
    op.drop_table("tally_asked")
    op.drop_table("tally")
