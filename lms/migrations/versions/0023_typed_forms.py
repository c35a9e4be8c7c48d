"""What was typed into the forms of the studio and is not saved yet."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "typed_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("form", sa.String(length=120), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_typed_form_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_typed_form")),
    )
    op.create_index(op.f("ix_typed_form_person_id"), "typed_form", ["person_id", "place", "form"])
    op.create_index(op.f("ix_typed_form_place"), "typed_form", ["place"])


def downgrade() -> None:
    op.drop_table("typed_form")
