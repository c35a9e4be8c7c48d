"""Lines become transfers with leaves, and the tables of the transparency log.

Lines that are there already get their accounts, keys and leaves, and wait to be logged. Their ids become those of
their keys. The table is laid aside and filled anew, because SQLite cannot add constraints to one.
"""

import os
from collections.abc import Iterator
from datetime import UTC
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.credits.ledger import leaves
from lms.credits.ledger.learners import new_learner
from lms.credits.log.merkle import leaf_hash

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LOG_TABLES = ("log_origin", "log_leaf", "log_node", "log_checkpoint", "log_signature")
KEPT = (
    "id", "award_id", "sequence", "person_id", "person_sequence", "credit_year", "credit_class", "amount_milli",
    "reverses", "policy_version_id", "effective_on", "recorded_at",
)  # fmt: skip


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


def _lay_aside() -> None:
    op.execute(f"CREATE TABLE ledger_laid_aside AS SELECT {', '.join(KEPT)} FROM ledger_entry")  # noqa: S608
    _drop("ledger_entry")


def _entry_columns() -> list[Any]:
    """What a line had before, and keeps."""
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
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("policy_version_id", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f(f"fk_{name}_award_id_award")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{name}_person_id_person")),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_version.id"], name=op.f(f"fk_{name}_policy_version_id_policy_version")
        ),
        sa.ForeignKeyConstraint(
            ["reverses", "award_id"],
            [f"{name}.id", f"{name}.award_id"],
            name=op.f(f"fk_{name}_reverses_award_id_{name}"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("award_id", "sequence", name=op.f(f"uq_{name}_award_id_sequence")),
        sa.UniqueConstraint("id", "award_id", name=op.f(f"uq_{name}_id_award_id")),
        sa.UniqueConstraint("person_id", "person_sequence", name=op.f(f"uq_{name}_person_id_person_sequence")),
        sa.UniqueConstraint("reverses", name=op.f(f"uq_{name}_reverses")),
    ]


def upgrade() -> None:
    _lay_aside()
    op.create_table(
        "ledger_entry",
        *_entry_columns(),
        sa.Column("award_key", sa.String(length=60), nullable=False),
        sa.Column("debit", sa.String(length=120), nullable=False),
        sa.Column("credit", sa.String(length=120), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "amount_milli <> 0 AND (reverses IS NULL) = (amount_milli > 0)", name=op.f("ck_ledger_entry_sign")
        ),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_entry_accounts")),
        sa.CheckConstraint(
            "CASE WHEN amount_milli > 0 THEN debit LIKE 'issuer:%' AND credit LIKE 'learner:%' "
            "ELSE debit LIKE 'learner:%' AND credit LIKE 'issuer:%' END",
            name=op.f("ck_ledger_entry_direction"),
        ),
        sa.UniqueConstraint("award_key", name=op.f("uq_ledger_entry_award_key")),
    )
    op.create_table(
        "learner_key",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("learner", sa.String(length=64), nullable=False),
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
    _fill()
    op.drop_table("ledger_laid_aside")


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


def _fill() -> None:
    """Enter the lines that were laid aside, each learner's in order, with a key for each learner."""
    connection = op.get_bind()
    tables = sa.MetaData()
    entry, key, pending = (
        sa.Table(name, tables, autoload_with=connection, resolve_fks=False)
        for name in ("ledger_entry", "learner_key", "log_pending")
    )
    for table in (entry, key, pending):
        _as_written(table)
    for person_id, rows in groupby(_old_lines(connection), key=lambda row: row.person_id):
        owner, sealed = new_learner(person_id)
        lines = list(rows)
        connection.execute(
            sa.insert(key),
            {
                "person_id": person_id, "learner": owner.pseudonym, "key_sealed": sealed,
                "made_at": lines[0].recorded_at,
            },
        )  # fmt: skip
        previous = leaves.NOTHING
        for row in lines:
            values = _line(row, owner, previous)
            connection.execute(sa.insert(entry), values)
            connection.execute(
                sa.insert(pending),
                {"person_id": person_id, "person_sequence": row.person_sequence, "entry_id": values["id"]},
            )
            previous = values["leaf_hash"].hex()


def _as_written(table: sa.Table) -> None:
    """What SQLite tells of its columns is only how they are stored."""
    for column in table.columns:
        if column.name in {"id", "award_id", "person_id", "reverses", "entry_id"}:
            column.type = sa.Uuid()
        elif column.name in {"recorded_at", "made_at"}:
            column.type = sa.DateTime(timezone=True)


def _old_lines(connection: sa.Connection) -> Iterator[Any]:
    uuid, day, instant = sa.Uuid(), sa.Date(), sa.DateTime(timezone=True)
    kinds: dict[str, Any] = {
        "id": uuid, "award_id": uuid, "person_id": uuid, "reverses": uuid, "effective_on": day, "recorded_at": instant,
    }  # fmt: skip
    old = sa.table("ledger_laid_aside", *[sa.column(name, kinds.get(name)) for name in KEPT])
    award = sa.table(
        "award", sa.column("id", uuid), sa.column("activity_id", uuid), sa.column("kind"),
        sa.column("activity_code"), sa.column("decision", JSON),
    )  # fmt: skip
    fact_kinds: dict[str, Any] = {
        "id": uuid, "enrolment_id": uuid, "approval_id": uuid, "title": JSON, "started_on": day, "on_date": day,
        "assessed": sa.Boolean(),
    }  # fmt: skip
    known = {column["name"] for column in sa.inspect(connection).get_columns("activity")}
    facts = [name for name in leaves.FACTS if name in known]
    activity = sa.table("activity", *[sa.column(name, fact_kinds.get(name)) for name in facts])
    person = sa.table("person", sa.column("id", uuid), sa.column("name"), sa.column("id_number_mask"))
    statement = (
        sa.select(
            *old.columns, award.c.kind, award.c.activity_code, award.c.decision, person.c.name,
            person.c.id_number_mask, *[activity.c[name].label(f"fact_{name}") for name in facts],
        )
        .join(award, award.c.id == old.c.award_id)
        .join(activity, activity.c.id == award.c.activity_id)
        .join(person, person.c.id == old.c.person_id)
        .order_by(old.c.person_id, old.c.person_sequence)
    )  # fmt: skip
    yield from connection.execute(statement).all()


def _line(row: Any, owner: Any, previous: str) -> dict[str, Any]:
    key = leaves.award_key(row.award_id, row.sequence)
    entry = leaves.entry_id(key)
    back = row.reverses is not None
    accounts = leaves.accounts(row.activity_code, row.kind, owner.pseudonym, row.credit_year, row.credit_class)
    # A reversal is about the certificate of the line that it takes back.
    about = leaves.entry_id(leaves.award_key(row.award_id, row.sequence - 1)) if back else entry
    facts = {name: getattr(row, f"fact_{name}", None) for name in leaves.FACTS}
    recorded_at = row.recorded_at if row.recorded_at.tzinfo else row.recorded_at.replace(tzinfo=UTC)
    leaf = leaves.Leaf(
        entry=entry,
        award=key,
        reverses=about if back else None,
        accounts=accounts,
        amount_milli=row.amount_milli,
        credit_year=row.credit_year,
        credit_class=row.credit_class,
        rule=row.policy_version_id,
        evidence=leaves.evidence(facts, row.decision),
        effective_on=row.effective_on,
        recorded_at=recorded_at,
        learner=owner.pseudonym,
        learner_seq=row.person_sequence,
        previous=previous,
        subject=leaves.subject(owner.subject_salt(about), row.name, row.id_number_mask),
        salt=os.urandom(16),
    ).bytes()
    debit, credit = accounts.of(back)
    return {name: getattr(row, name) for name in KEPT} | {
        "id": entry, "reverses": about if back else None, "award_key": key, "debit": debit, "credit": credit,
        "leaf": leaf, "leaf_hash": leaf_hash(leaf),
    }  # fmt: skip


def downgrade() -> None:
    op.drop_table("log_pending")
    for table in reversed(LOG_TABLES):
        _drop(table)
    _lay_aside()
    op.drop_table("ledger_state")
    op.drop_table("learner_key")
    op.create_table(
        "ledger_entry",
        *_entry_columns(),
        sa.CheckConstraint("(reverses IS NULL) = (amount_milli > 0)", name=op.f("ck_ledger_entry_sign")),
    )
    names = ", ".join(KEPT)
    op.execute(
        f"INSERT INTO ledger_entry ({names}) "  # noqa: S608
        f"SELECT {names} FROM ledger_laid_aside ORDER BY person_id, person_sequence"
    )
    op.drop_table("ledger_laid_aside")
    _refuse_changes("ledger_entry")
