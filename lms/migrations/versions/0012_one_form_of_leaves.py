"""Leaves have their settled form (ADR 23). A house made before it is refused: it was nobody's but ours."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("ledger_entry")}
    if "award_key" in columns:
        raise RuntimeError("this house has a ledger from before its format was settled: begin with an empty one")


def downgrade() -> None:
    """Nothing was changed."""
