"""The clinical practice log, and rotations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.kernel.audit import append_only

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CLEARED = {"by_name": "已注销人员", "reason": "", "content": "{}"}


def _keys(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    """Foreign keys by column: the table whose id it holds."""
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))
        for name, other in columns.items()
    ]


def _step(table: str, thing: str, by_nobody: bool) -> None:
    column = f"{'entry' if thing == 'practice_entry' else thing}_id"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=by_nobody),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_keys(table, **{column: thing, "by": "person"}),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    others = ("id", column, "action", "level", "by", "at")
    for statement in append_only(table, others, CLEARED)[op.get_bind().dialect.name]:
        op.execute(statement)


def upgrade() -> None:
    op.create_table(
        "rotation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.String(length=60), nullable=False),
        sa.Column("module", sa.String(length=60), nullable=False),
        sa.Column("titles", JSON, nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("exam", sa.String(length=4), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('planned', 'finished', 'returned', 'cancelled')", name=op.f("ck_rotation_state")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_rotation_order")),
        sa.CheckConstraint("supervisor_id <> person_id", name=op.f("ck_rotation_not_herself")),
        sa.CheckConstraint("made_by <> person_id", name=op.f("ck_rotation_not_her_own")),
        sa.CheckConstraint("exam IN ('pass', 'fail')", name=op.f("ck_rotation_exam")),
        sa.CheckConstraint(
            "(state = 'finished') = (exam IS NOT NULL) AND (state = 'finished') = (signed_at IS NOT NULL)",
            name=op.f("ck_rotation_finished"),
        ),
        *_keys("rotation", person_id="person", site_id="organisation", supervisor_id="person", made_by="person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
    )
    op.create_index("ix_rotation_person", "rotation", ["person_id", "starts_on"])
    op.create_index("ix_rotation_supervisor", "rotation", ["supervisor_id", "state"])
    op.create_table(
        "practice_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("rotation_id", sa.Uuid(), nullable=True),
        sa.Column("hours_milli", sa.Integer(), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'signed', 'returned', 'withdrawn')", name=op.f("ck_practice_entry_state")
        ),
        sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name=op.f("ck_practice_entry_signed")),
        sa.CheckConstraint("supervisor_id <> person_id", name=op.f("ck_practice_entry_not_herself")),
        sa.CheckConstraint("hours_milli IS NOT NULL OR cases IS NOT NULL", name=op.f("ck_practice_entry_amount")),
        sa.CheckConstraint("hours_milli BETWEEN 1 AND 24000", name=op.f("ck_practice_entry_hours")),
        sa.CheckConstraint("cases BETWEEN 1 AND 300", name=op.f("ck_practice_entry_cases")),
        *_keys(
            "practice_entry", person_id="person", place_id="organisation", supervisor_id="person",
            rotation_id="rotation",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_entry")),
    )
    op.create_index("ix_practice_entry_person", "practice_entry", ["person_id", "on_date"])
    op.create_index("ix_practice_entry_supervisor", "practice_entry", ["supervisor_id", "state"])
    op.create_index(op.f("ix_practice_entry_rotation_id"), "practice_entry", ["rotation_id"])
    _step("practice_step", "practice_entry", by_nobody=False)
    _step("rotation_step", "rotation", by_nobody=True)


def downgrade() -> None:
    for table in ("practice_step", "rotation_step"):
        op.drop_table(table)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_refuse()")
    op.drop_table("practice_entry")
    op.drop_table("rotation")
