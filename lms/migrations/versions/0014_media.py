"""Media: known files, smaller pictures, recordings being made smaller."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_file",
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=30), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha", name=op.f("pk_media_file")),
    )
    op.create_index("ix_media_file_made_at", "media_file", ["made_at"])
    op.create_table(
        "picture_size",
        sa.Column("picture_sha", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("picture_sha", "width", name=op.f("pk_picture_size")),
    )
    op.create_table(
        "transcode",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("source_sha", sa.String(length=64), nullable=False),
        sa.Column("source_mime", sa.String(length=30), nullable=False),
        sa.Column("source_size", sa.Integer(), nullable=False),
        sa.Column("source_name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'working', 'failed')", name=op.f("ck_transcode_state")),
        sa.CheckConstraint("(state = 'working') = (lease_until IS NOT NULL)", name=op.f("ck_transcode_lease")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_transcode_draft_id_draft")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_transcode_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcode")),
        sa.UniqueConstraint("draft_id", "name", name=op.f("uq_transcode_draft_id_name")),
    )
    op.create_index("ix_transcode_source_sha", "transcode", ["source_sha"])


def downgrade() -> None:
    op.drop_table("transcode")
    op.drop_table("picture_size")
    op.drop_table("media_file")
