"""Of an activity, what was chosen where a policy has several rates for its kind."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activity", sa.Column("choice", sa.Text(), nullable=True))


def downgrade() -> None:
    # Not by batch: that makes the table anew, and SQLite would lose the triggers that keep it append-only.
    op.drop_column("activity", "choice")
