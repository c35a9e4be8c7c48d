"""Activities that are to come, entered for the people of a place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BY_BYTES = sa.String(length=160).with_variant(sa.String(length=160, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "coming_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("place_path", BY_BYTES, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("project_number", sa.String(length=30), nullable=True),
        sa.Column("title", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("venue", sa.String(length=120), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("hours_milli", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("assessed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("on_date >= started_on", name=op.f("ck_coming_activity_order")),
        sa.CheckConstraint("hours_milli > 0 AND quantity_milli > 0", name=op.f("ck_coming_activity_amounts")),
        sa.CheckConstraint(
            "(cancelled_by IS NULL) = (cancelled_at IS NULL)", name=op.f("ck_coming_activity_cancelled")
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["organisation.id"], name=op.f("fk_coming_activity_place_id_organisation")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_coming_activity_entered_by_person")),
        sa.ForeignKeyConstraint(["cancelled_by"], ["person.id"], name=op.f("fk_coming_activity_cancelled_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coming_activity")),
    )
    op.create_index(op.f("ix_coming_activity_place_id"), "coming_activity", ["place_id"])
    op.create_index(op.f("ix_coming_activity_entered_by"), "coming_activity", ["entered_by"])
    op.create_index(op.f("ix_coming_activity_cancelled_by"), "coming_activity", ["cancelled_by"])
    op.create_index("ix_coming_activity_place", "coming_activity", ["place_path", "started_on"])


def downgrade() -> None:
    op.drop_table("coming_activity")
