"""Reviewing: comments on passages, judgements, the approval of one content; when an edition was approved."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_review_draft_id_draft")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_review_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_draft_id", "review", ["draft_id", "at"])
    op.create_table(
        "review_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("before", sa.String(length=80), nullable=False),
        sa.Column("after", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_review_comment_draft_id_draft")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_review_comment_by_person")),
        sa.ForeignKeyConstraint(["resolved_by"], ["person.id"], name=op.f("fk_review_comment_resolved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comment")),
    )
    op.create_index("ix_review_comment_draft_id", "review_comment", ["draft_id", "at"])
    op.create_table(
        "review_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["review_comment.id"], name=op.f("fk_review_reply_comment_id_review_comment")
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_review_reply_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_reply")),
    )
    op.create_index("ix_review_reply_comment_id", "review_reply", ["comment_id", "at"])
    op.add_column("draft", sa.Column("approved_hash", sa.String(length=64), nullable=True))
    op.add_column("edition", sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
    # What was approved until now was the content that lies in the draft: nothing else could be changed.
    op.execute("UPDATE draft SET approved_hash = content_hash WHERE state IN ('approved', 'published')")
    op.execute(
        "UPDATE edition SET reviewed_at = "
        "(SELECT max(draft.reviewed_at) FROM draft WHERE draft.edition_id = edition.id) "
        "WHERE reviewed_by IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("edition", "reviewed_at")
    op.drop_column("draft", "approved_hash")
    op.drop_table("review_reply")
    op.drop_table("review_comment")
    op.drop_table("review")
