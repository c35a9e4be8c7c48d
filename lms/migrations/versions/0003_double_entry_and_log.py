"""Lines become transfers with leaves, and the tables of the transparency log.

Nobody had lines before the format of leaves was settled (ADR 23): a house that has some is refused, for what is
once in a ledger may not be written anew.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSED = (
    "这个库里的学分账是账目格式定下之前的，不能升级：请用空库重新开始。"
    " This house has a ledger from before its format was settled: begin with an empty one."
)

LOG_TABLES = ("log_origin", "log_leaf", "log_node", "log_checkpoint", "log_signature")


def _refuse_changes(table: str) -> None:
    refusal = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def _drop(table: str) -> None:
    """Drop an append-only table and what refuses in its name (PostgreSQL keeps the function otherwise)."""
    op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {table}_refuse()")


def _require_no_lines() -> None:
    if op.get_bind().execute(sa.text("SELECT COUNT(*) FROM ledger_entry")).scalar_one():
        raise RuntimeError(REFUSED)


def _entry_columns() -> list[Any]:
    """What a line had before, and keeps, but for what it reverses."""
    name = "ledger_entry"
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_sequence", sa.Integer(), nullable=False),
        sa.Column("credit_year", sa.Integer(), nullable=False),
        sa.Column("credit_class", sa.String(length=16), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("policy_version_id", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f(f"fk_{name}_award_id_award")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{name}_person_id_person")),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_version.id"], name=op.f(f"fk_{name}_policy_version_id_policy_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("award_id", "sequence", name=op.f(f"uq_{name}_award_id_sequence")),
        sa.UniqueConstraint("person_id", "person_sequence", name=op.f(f"uq_{name}_person_id_person_sequence")),
    ]


def upgrade() -> None:
    _require_no_lines()
    _drop("ledger_entry")
    op.create_table(
        "ledger_entry",
        *_entry_columns(),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("debit", sa.String(length=120), nullable=False),
        sa.Column("credit", sa.String(length=120), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["award_id", "reverses"],
            ["ledger_entry.award_id", "ledger_entry.sequence"],
            name=op.f("fk_ledger_entry_award_id_reverses_ledger_entry"),
        ),
        sa.CheckConstraint(
            "CASE WHEN amount_milli > 0 THEN sequence % 2 = 1 AND reverses IS NULL "
            "ELSE amount_milli < 0 AND sequence % 2 = 0 AND reverses IS NOT NULL AND reverses = sequence - 1 END",
            name=op.f("ck_ledger_entry_turns"),
        ),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_entry_accounts")),
        sa.CheckConstraint(
            "CASE WHEN amount_milli > 0 THEN debit LIKE 'issuer:%' AND credit LIKE 'learner:%' "
            "ELSE debit LIKE 'learner:%' AND credit LIKE 'issuer:%' END",
            name=op.f("ck_ledger_entry_direction"),
        ),
    )
    op.create_table(
        "learner_key",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("learner", sa.String(length=22), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_learner_key_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_learner_key")),
        sa.UniqueConstraint("learner", name=op.f("uq_learner_key_learner")),
    )
    op.create_table(
        "ledger_state",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ledger_state")),
    )
    _create_log()
    for table in ("ledger_entry", *LOG_TABLES):
        _refuse_changes(table)


def _create_log() -> None:
    def of_origin(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(["log"], ["log_origin.number"], name=op.f(f"fk_{table}_log_log_origin"))

    op.create_table(
        "log_pending",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_sequence", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_log_pending_entry_id_ledger_entry")),
        sa.PrimaryKeyConstraint("person_id", "person_sequence", name=op.f("pk_log_pending")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_log_pending_entry_id")),
    )
    op.create_table(
        "log_origin",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("vkey", sa.String(length=300), nullable=False),
        sa.Column("first_leaf", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_origin")),
        sa.UniqueConstraint("origin", name=op.f("uq_log_origin_origin")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("idx >= 0 AND (entry_id IS NOT NULL OR idx = 0)", name=op.f("ck_log_leaf_place")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_log_leaf_entry_id_ledger_entry")),
        of_origin("log_leaf"),
        sa.PrimaryKeyConstraint("log", "idx", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("entry_id", "log", name=op.f("uq_log_leaf_entry_id_log")),
    )
    op.create_table(
        "log_node",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        of_origin("log_node"),
        sa.PrimaryKeyConstraint("log", "level", "number", name=op.f("pk_log_node")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        of_origin("log_checkpoint"),
        sa.PrimaryKeyConstraint("log", "size", name=op.f("pk_log_checkpoint")),
    )
    op.create_table(
        "log_signature",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vkey", sa.String(length=300), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        of_origin("log_signature"),
        sa.PrimaryKeyConstraint("log", "size", "vkey", name=op.f("pk_log_signature")),
    )
    op.create_index("ix_log_signature_key", "log_signature", ["log", "vkey", "size"])


def downgrade() -> None:
    _require_no_lines()
    op.drop_table("log_pending")
    for table in reversed(LOG_TABLES):
        _drop(table)
    _drop("ledger_entry")
    op.drop_table("ledger_state")
    op.drop_table("learner_key")
    op.create_table(
        "ledger_entry",
        *_entry_columns(),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reverses", "award_id"],
            ["ledger_entry.id", "ledger_entry.award_id"],
            name=op.f("fk_ledger_entry_reverses_award_id_ledger_entry"),
        ),
        sa.UniqueConstraint("id", "award_id", name=op.f("uq_ledger_entry_id_award_id")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_entry_reverses")),
        sa.CheckConstraint("(reverses IS NULL) = (amount_milli > 0)", name=op.f("ck_ledger_entry_sign")),
    )
    _refuse_changes("ledger_entry")
