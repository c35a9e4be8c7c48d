"""Leaves have their settled form (ADR 23). A house made before it is refused: it was nobody's but ours."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

REFUSED = (
    "这个库里的学分账是账目格式定下之前的，不能升级：请用空库重新开始。"
    " This house has a ledger from before its format was settled: begin with an empty one."
)
HAS_LINES = "学分账里已有账目，不能退回去。 This ledger has lines: it does not go back."


def upgrade() -> None:
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("ledger_entry")}
    if "award_key" in columns:
        raise RuntimeError(REFUSED)


def require_may_go_back(connection: sa.Connection) -> None:
    """Below, 0003 would refuse lines only after others had dropped what stands beside them."""
    if connection.execute(sa.text("SELECT COUNT(*) FROM ledger_entry")).scalar_one():
        raise RuntimeError(HAS_LINES)


def downgrade() -> None:
    """Nothing was changed."""
