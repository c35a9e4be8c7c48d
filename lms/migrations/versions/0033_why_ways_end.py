"""Who stopped a way stays on record, and where people stand says who failed an examination and who stopped.

Where people stand is derived: the table is made anew, and the house fills it within the hour."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BY_BYTES = sa.String(length=160).with_variant(sa.String(length=160, collation="C"), "postgresql")
WHYS = "stopped_why IS NULL OR (stopped_on IS NOT NULL AND stopped_why IN ('done', 'given_up', 'another', 'other'))"


def upgrade() -> None:
    with op.batch_alter_table("following") as table:
        table.add_column(sa.Column("stopped_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("stopped_why", sa.String(length=8), nullable=True))
        table.create_check_constraint(op.f("ck_following_stopped"), WHYS)
    _anew(
        "verified",
        sa.Column("failed", sa.Text(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("stopped_why", sa.String(length=8), nullable=False),
    )


def downgrade() -> None:
    op.execute("DELETE FROM following WHERE stopped_on IS NOT NULL")
    with op.batch_alter_table("following") as table:
        table.drop_constraint(op.f("ck_following_stopped"), type_="check")
        table.drop_column("stopped_why")
        table.drop_column("stopped_on")
    _anew("met")


def _anew(verified: str, *more: sa.Column[object]) -> None:
    op.drop_table("pathway_result")
    op.create_table(
        "pathway_result",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pathway", sa.String(length=40), nullable=False),
        sa.Column("place_path", BY_BYTES, nullable=False),
        sa.Column("authority_path", sa.String(length=160), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column(verified, sa.Integer(), nullable=False),
        sa.Column("lacking", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Text(), nullable=False),
        sa.Column("lapsed", sa.Text(), nullable=False),
        *more,
        sa.Column("before_exam", sa.Integer(), nullable=False),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pathway_result_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "pathway", name=op.f("pk_pathway_result")),
    )
    op.create_index("ix_pathway_result_place", "pathway_result", ["pathway", "place_path", "stage"])
    op.create_index("ix_pathway_result_licence", "pathway_result", ["pathway", "licence_until"])
