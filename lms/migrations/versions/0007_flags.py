"""Flags, never verdicts; and the browser behind a sign-in, as a keyed hash."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


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


def upgrade() -> None:
    op.add_column("user_session", sa.Column("browser_hash", sa.String(length=64), nullable=True))
    op.create_table(
        "flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("authority_path", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('pace', 'copy', 'device', 'places', 'burst')", name=op.f("ck_flag_kind")),
        sa.CheckConstraint("state IN ('open', 'asked', 'answered', 'closed')", name=op.f("ck_flag_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_flag_kind_subject")),
    )
    op.create_index(
        "ix_flag_area",
        "flag",
        ["authority_path", "state", "id"],
        postgresql_ops={"authority_path": "text_pattern_ops"},
    )
    op.create_table(
        "flag_person",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_flag_person_flag_id_flag")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_flag_person_person_id_person")),
        sa.PrimaryKeyConstraint("flag_id", "person_id", name=op.f("pk_flag_person")),
    )
    op.create_index(op.f("ix_flag_person_person_id"), "flag_person", ["person_id"])
    op.create_table(
        "flag_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("reason_code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action IN ('ask', 'close', 'reopen', 'reply', 'renewed')", name=op.f("ck_flag_step_action")
        ),
        sa.CheckConstraint("action <> 'close' OR reason_code <> ''", name=op.f("ck_flag_step_reason")),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_flag_step_flag_id_flag")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_flag_step_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_step")),
    )
    op.create_index(op.f("ix_flag_step_flag_id"), "flag_step", ["flag_id"])
    op.create_table(
        "flag_scan",
        sa.Column("authority_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_flag_scan_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_flag_scan")),
    )
    _refuse_changes("flag_step")


def downgrade() -> None:
    op.drop_table("flag_scan")
    op.drop_table("flag_step")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS flag_step_refuse()")
    op.drop_table("flag_person")
    op.drop_table("flag")
    op.drop_column("user_session", "browser_hash")
