"""What a pathway has come to for one person: derived, may be thrown away and made again at any time."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Instant, Model

BY_BYTES = String(160).with_variant(String(160, collation="C"), "postgresql")
"""Paths are compared as ranges of bytes."""


NOT_SAID = "-"
"""Why she stopped, where she did not say."""


class PathwayResult(Model):
    """A person's standing on a duty or on a way she goes or went, as of the day it was computed.

    Filed where she works today, or at her authority where she works outside its area. `asked`, `verified`: what is
    asked of her now, and how much of it is verified, as her own page says it; `stage`: the first that is not met, empty
    at the end of the way; `lacking`, `waiting`, `lapsed`, `failed`: codes of what is not met, of it what was handed
    in, what has expired, was not accepted or not passed, and of that the examinations that were not passed;
    `stopped_on`, `stopped_why`: since when she no longer goes it and why (rules.stopping.WHYS, NOT_SAID), None and
    empty while she goes it; `before_exam`: how many are unmet before the examination, -1 where the way has none, it is
    passed or a ban keeps her from it; `licence_until`: the last day of her village licence. Whoever computed later has
    read later: an older one does not write over it.
    """

    __tablename__ = "pathway_result"
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    pathway: Mapped[str] = mapped_column(String(40), primary_key=True)
    place_path: Mapped[str] = mapped_column(BY_BYTES)
    authority_path: Mapped[str] = mapped_column(String(160))
    stage: Mapped[str] = mapped_column(String(40))
    asked: Mapped[int] = mapped_column()
    verified: Mapped[int] = mapped_column()
    lacking: Mapped[str] = mapped_column(Text)
    waiting: Mapped[str] = mapped_column(Text)
    lapsed: Mapped[str] = mapped_column(Text)
    failed: Mapped[str] = mapped_column(Text)
    stopped_on: Mapped[date | None] = mapped_column(Date)
    stopped_why: Mapped[str] = mapped_column(String(8))
    before_exam: Mapped[int] = mapped_column()
    licence_until: Mapped[date | None] = mapped_column(Date)
    computed_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        Index("ix_pathway_result_place", "pathway", "place_path", "stage"),
        Index("ix_pathway_result_licence", "pathway", "licence_until"),
    )
