"""Where everybody stands on her pathways, for the pages of the county."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BY_BYTES = sa.String(length=160).with_variant(sa.String(length=160, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "pathway_result",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pathway", sa.String(length=40), nullable=False),
        sa.Column("place_path", BY_BYTES, nullable=False),
        sa.Column("authority_path", sa.String(length=160), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("met", sa.Integer(), nullable=False),
        sa.Column("lacking", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Text(), nullable=False),
        sa.Column("lapsed", sa.Text(), nullable=False),
        sa.Column("before_exam", sa.Integer(), nullable=False),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pathway_result_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "pathway", name=op.f("pk_pathway_result")),
    )
    op.create_index("ix_pathway_result_place", "pathway_result", ["pathway", "place_path", "stage"])
    op.create_index("ix_pathway_result_licence", "pathway_result", ["pathway", "licence_until"])


def downgrade() -> None:
    op.drop_table("pathway_result")
