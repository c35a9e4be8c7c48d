"""Notices: what a person is told, and how she wants to hear of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KIND = "kind IN ('deadline', 'returned', 'licence', 'certificate', 'record', 'practice')"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("msgid", sa.Text(), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("about_until", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(KIND, name=op.f("ck_notice_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_notice_person_id_key")),
    )
    op.create_index("ix_notice_made_at", "notice", ["made_at"])
    op.create_table(
        "notice_preference",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mail_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sms_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(KIND, name=op.f("ck_notice_preference_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_preference_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "notice_times",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_until", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.String(length=8), nullable=False),
        sa.Column("texted_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439 AND quiet_from <> quiet_until",
            name=op.f("ck_notice_times_quiet"),
        ),
        sa.CheckConstraint("digest IN ('off', 'daily', 'weekly')", name=op.f("ck_notice_times_digest")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_times_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_times")),
    )


def downgrade() -> None:
    op.drop_table("notice_times")
    op.drop_table("notice_preference")
    op.drop_table("notice")
