"""Tables of reviewing: judgements of a draft, comments on its passages, what was said to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Model


class Review(Model):
    """What a reviewer said of one content: "approved" or "changes_asked". Another content needs another review."""

    __tablename__ = "review"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_review_draft_id", "draft_id", "at"),)


class ReviewComment(Model):
    """A comment on words of a file; `before` and `after` stood around them. Its id is made with the form."""

    __tablename__ = "review_comment"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("draft.id"))
    path: Mapped[str] = mapped_column(String(120))
    quote: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(String(80))
    after: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    resolved_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_review_comment_draft_id", "draft_id", "at"),)


class ReviewReply(Model):
    """What somebody said to a comment. Its id is made with the form."""

    __tablename__ = "review_reply"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    comment_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("review_comment.id"))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index("ix_review_reply_comment_id", "comment_id", "at"),)
