"""Records that requirements rest on, their papers and history, and who follows which pathway."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lms.kernel.audit import append_only

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AREAS = (("ix_person_record_unit", "unit_path"), ("ix_person_record_area", "authority_path"))
CLEARED = {"by_name": "已注销人员", "reason": "", "content": "{}"}
OTHERS = ("id", "record_id", "action", "level", "by", "at")


def upgrade() -> None:
    op.create_table(
        "person_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_mask", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("unit_path", sa.String(length=160), nullable=False),
        sa.Column("authority_path", sa.String(length=160), nullable=False),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'verified', 'rejected', 'withdrawn')", name=op.f("ck_person_record_state")
        ),
        sa.CheckConstraint("(state = 'waiting') = (waiting > 0)", name=op.f("ck_person_record_turn")),
        sa.CheckConstraint("until IS NULL OR until >= on_date", name=op.f("ck_person_record_order")),
        sa.CheckConstraint(
            "(state = 'verified') = (verified_at IS NOT NULL)", name=op.f("ck_person_record_verified")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_record_person_id_person")),
        sa.ForeignKeyConstraint(["told_by"], ["person.id"], name=op.f("fk_person_record_told_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_record")),
        sa.UniqueConstraint("person_id", "fingerprint", name=op.f("uq_person_record_person_id_fingerprint")),
    )
    op.create_index("ix_person_record_person", "person_record", ["person_id", "kind", "on_date"])
    for name, column in AREAS:
        op.create_index(
            name, "person_record", [column, "state", "handed_in_at"], postgresql_ops={column: "text_pattern_ops"}
        )
    op.create_table(
        "record_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("mime", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("thumbnail_sha", sa.String(length=64), nullable=True),
        sa.Column("chosen_sha", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["record_id"], ["person_record.id"], name=op.f("fk_record_file_record_id_person_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_file")),
    )
    for column in ("record_id", "sha", "chosen_sha"):
        op.create_index(op.f(f"ix_record_file_{column}"), "record_file", [column])
    op.create_table(
        "record_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_record_step_by_person")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["person_record.id"], name=op.f("fk_record_step_record_id_person_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_step")),
    )
    op.create_index(op.f("ix_record_step_record_id"), "record_step", ["record_id"])
    op.create_table(
        "following",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pathway", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_following_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "pathway", name=op.f("pk_following")),
    )
    op.create_index("ix_following_pathway", "following", ["pathway", "person_id"])
    for statement in append_only("record_step", OTHERS, CLEARED)[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("following")
    op.drop_table("record_step")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION record_step_refuse()")
    op.drop_table("record_file")
    op.drop_table("person_record")
