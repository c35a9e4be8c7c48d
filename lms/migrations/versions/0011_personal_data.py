"""Personal data: looks at whole numbers, closed accounts, copies of one's own data; what may be cleared at the end."""

import sqlalchemy as sa
from alembic import op

from lms.kernel.audit import append_only, append_only_gone

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

GONE = "已注销人员"
ALIVE = sa.text("state IN ('waiting', 'ready')")
# Append-only tables with the columns that may be cleared when somebody is erased: the value, and all the others.
CLEARED = {
    "audit_decision": (
        {"by_name": GONE, "reason_text": "", "proposed_by_name": GONE},
        ("id", "award_id", "action", "level", "by", "reason_code", "at", "proposed_by"),
    ),
    "audit_sample": (
        {"drawn_by_name": GONE},
        ("id", "seed", "size", "drawn", "frame", "place_id", "place_path", "place_name", "year", "kind", "level",
         "drawn_by", "drawn_at"),
    ),
    "award_proposal": (
        {"by_name": GONE, "reason_text": ""},
        ("id", "award_id", "award_version", "action", "level", "reason_code", "by", "at"),
    ),
    "award_proposal_answer": (
        {"by_name": GONE, "text": ""},
        ("proposal_id", "proposed_by", "answer", "by", "at"),
    ),
    "award_reply": ({"text": ""}, ("id", "award_id", "by", "at")),
    "claim_step": (
        {"by_name": GONE, "reason_text": "", "content": "{}"},
        ("id", "claim_id", "action", "level", "by", "reason_code", "at"),
    ),
    "flag_step": ({"by_name": GONE, "text": ""}, ("id", "flag_id", "action", "by", "reason_code", "at")),
}
LOOK = (
    {"by_name": GONE, "note": ""},
    ("id", "at", "person_id", "by", "by_role", "by_place", "field", "purpose", "page"),
)


def _run(statements: dict[str, list[str]]) -> None:
    for statement in statements[op.get_bind().dialect.name]:
        op.execute(statement)


def upgrade() -> None:
    op.add_column("person", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sent_message", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_sent_message_person_id"), "sent_message", ["person_id"])
    op.create_table(
        "look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("by_role", sa.String(length=24), nullable=False),
        sa.Column("by_place", sa.String(length=120), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_look_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_look_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    op.create_index("ix_look_person", "look", ["person_id", "at"])
    op.create_index("ix_look_by", "look", ["by", "at"])
    op.create_table(
        "closing",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("kept_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('restricted', 'erased')", name=op.f("ck_closing_state")),
        sa.CheckConstraint("how IN ('asked', 'office', 'replayed')", name=op.f("ck_closing_how")),
        sa.CheckConstraint("(state = 'erased') = (erased_at IS NOT NULL)", name=op.f("ck_closing_erased")),
        sa.CheckConstraint("(state = 'erased') = (kept_sealed IS NULL)", name=op.f("ck_closing_kept")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_closing_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_closing")),
    )
    op.create_index(op.f("ix_closing_due_on"), "closing", ["due_on"])
    op.create_table(
        "erasure_line",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "state", name=op.f("pk_erasure_line")),
    )
    op.create_table(
        "own_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("steps_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'over')", name=op.f("ck_own_copy_state")),
        sa.CheckConstraint("(state = 'ready') = (file_sealed IS NOT NULL)", name=op.f("ck_own_copy_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_own_copy_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_copy")),
    )
    op.create_index(op.f("ix_own_copy_person_id"), "own_copy", ["person_id"])
    op.create_index(op.f("ix_own_copy_expires_at"), "own_copy", ["expires_at"])
    op.create_index(
        "uq_own_copy_alive", "own_copy", ["person_id"], unique=True, sqlite_where=ALIVE, postgresql_where=ALIVE
    )
    _run(append_only("look", LOOK[1], LOOK[0]))
    _run(append_only("erasure_line"))
    for table, (cleared, others) in CLEARED.items():
        _run(append_only_gone(table))
        _run(append_only(table, others, cleared))


def downgrade() -> None:
    for table, (cleared, _) in CLEARED.items():
        _run(append_only_gone(table, tuple(cleared)))
        _run(append_only(table))
    op.drop_table("own_copy")
    op.drop_table("closing")
    for table in ("erasure_line", "look"):
        op.drop_table(table)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_refuse()")
    op.drop_index(op.f("ix_sent_message_person_id"), "sent_message")
    op.drop_column("sent_message", "person_id")
    op.drop_column("person", "closed_at")
