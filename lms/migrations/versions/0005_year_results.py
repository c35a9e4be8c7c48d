"""Everybody's year as a row: derived, made again by `credits compliance`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_result",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=True),
        sa.Column("compliance", sa.String(length=12), nullable=False),
        sa.Column("lacking", sa.Text(), nullable=False),
        sa.Column("counted_milli", sa.BigInteger(), nullable=False),
        sa.Column("hours_milli", sa.BigInteger(), nullable=False),
        sa.Column("need_credits_milli", sa.BigInteger(), nullable=True),
        sa.Column("need_hours_milli", sa.BigInteger(), nullable=True),
        sa.Column("gap_credits_milli", sa.BigInteger(), nullable=False),
        sa.Column("gap_hours_milli", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "place_path",
            sa.String(length=160).with_variant(sa.String(length=160, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("authority_path", sa.String(length=160), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "compliance IN ('pass', 'fail', 'unknown', 'not_required')", name=op.f("ck_year_result_compliance")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_year_result_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "year", name=op.f("pk_year_result")),
    )
    with op.batch_alter_table("year_result", schema=None) as batch_op:
        batch_op.create_index(
            "ix_year_result_place",
            ["year", "place_path", "compliance", "lacking", "authority_path"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("year_result", schema=None) as batch_op:
        batch_op.drop_index("ix_year_result_place")

    op.drop_table("year_result")
