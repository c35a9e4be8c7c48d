"""Uploads: files on their way from a phone, piece by piece."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("chosen_sha", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("mime", sa.String(length=40), nullable=True),
        sa.Column("stored_sha", sa.String(length=64), nullable=True),
        sa.Column("stored_size", sa.Integer(), nullable=True),
        sa.Column("thumbnail_sha", sa.String(length=64), nullable=True),
        sa.Column("taken_for", sa.String(length=80), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (stored_sha IS NULL) AND (stored_sha IS NULL) = (mime IS NULL) "
            "AND (stored_sha IS NULL) = (stored_size IS NULL)",
            name=op.f("ck_upload_stored"),
        ),
        sa.CheckConstraint("(state = 'taken') = (slot IS NULL)", name=op.f("ck_upload_slot")),
        sa.CheckConstraint("(state = 'taken') = (taken_for IS NOT NULL)", name=op.f("ck_upload_taken")),
        sa.CheckConstraint("state = 'open' OR received = size", name=op.f("ck_upload_whole")),
        sa.CheckConstraint("state IN ('open', 'ready', 'taken')", name=op.f("ck_upload_state")),
        sa.CheckConstraint("length(sha) = 64 AND length(chosen_sha) = 64", name=op.f("ck_upload_sha")),
        sa.CheckConstraint("size > 0 AND received >= 0 AND received <= size", name=op.f("ck_upload_received")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("person_id", "slot", name=op.f("uq_upload_person_id_slot")),
    )
    op.create_index(op.f("ix_upload_expires_at"), "upload", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_upload_expires_at"), "upload")
    op.drop_table("upload")
