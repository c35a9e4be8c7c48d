"""Indexes for what is settled for many every hour, and for what is forgotten of batches."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

UNSETTLED, KEPT = sa.text("settled_at IS NULL"), sa.text("kept_sealed IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_notice_unsettled", "notice", ["kind", "person_id"], sqlite_where=UNSETTLED, postgresql_where=UNSETTLED
    )
    op.create_index("ix_batch_line_kept", "batch_line", ["batch_id"], sqlite_where=KEPT, postgresql_where=KEPT)


def downgrade() -> None:
    op.drop_index("ix_batch_line_kept", "batch_line")
    op.drop_index("ix_notice_unsettled", "notice")
