"""What the front page tells of courses that were finished: clinical notices, surveys of practice, knowledge tests; and
how many notices of hers (lms.people.notices) she has not read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, String, Uuid, cast, literal, null, select, union_all

from lms.courses import counting as courses
from lms.courses.moving import notices
from lms.courses.moving.notices import Notice
from lms.improving import surveys
from lms.improving.models import KnowledgeTaken, Survey
from lms.improving.numbers import Text
from lms.improving.rules import FOLLOW_UP_DAYS
from lms.kernel import clock
from lms.kernel.db import Instant, Json, session
from lms.people.notices import reading

COUNTED = "count:"
MOST_TESTS = 2
"""Knowledge tests that are offered at a time, of the courses finished last."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A survey of practice as the front page offers it: how many questions it has."""

    id: UUID
    titles: Text
    questions: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """A course finished three months ago, of which she may see what she still knows."""

    enrolment_id: UUID
    titles: Text
    questions: int


@dataclass(frozen=True, slots=True)
class News:
    """What the front page tells."""

    notices: tuple[Notice, ...]
    surveys: tuple[FollowUp, ...]
    tests: tuple[Remembered, ...]
    unread: int
    counts: Mapping[str, int]


def news(person_id: UUID, counts: Mapping[str, Select[Any]] = MappingProxyType({})) -> News:
    """Clinical notices that she has not read, surveys and knowledge tests that she may take now, the number of her
    unread notices, and what else is to be counted for her, by name: statements of one number. One statement for all
    of it."""
    practice = surveys.open_to(person_id).where(Survey.kind == "practice").subquery("practice").c
    asked = select(
        literal("survey"), practice.id, practice.slug, practice.titles, literal(0, Integer), practice.questions,
        practice.published_at,
    )  # fmt: skip
    kept = _kept(person_id).subquery("kept").c
    tests = select(
        literal("test"), kept.enrolment_id, kept.slug, kept.titles, kept.knowledge_items, cast(null(), Json),
        kept.finished_at,
    )  # fmt: skip
    numbers = [_number("unread", reading.unread_count(person_id))]
    numbers += [_number(f"{COUNTED}{name}", one) for name, one in counts.items()]
    every = union_all(notices.unread_rows(person_id), asked, tests, *numbers).subquery("news")
    rows = session().execute(select(every).order_by(every.c.at, every.c.number)).all()
    return News(
        tuple(Notice(row.id, row.slug, row.titles, row.number, row.texts) for row in rows if row.what == "notice"),
        tuple(FollowUp(row.id, row.titles, len(row.texts)) for row in rows if row.what == "survey"),
        tuple(Remembered(row.id, row.titles, row.number) for row in rows if row.what == "test"),
        sum(row.number for row in rows if row.what == "unread"),
        {row.what.removeprefix(COUNTED): row.number for row in rows if row.what.startswith(COUNTED)},
    )


def _number(what: str, one: Select[Any]) -> Select[Any]:
    """A statement of one number as a row of the news."""
    (number,) = one.subquery().c
    return select(
        literal(what), cast(null(), Uuid), cast(null(), String), cast(null(), Json), number, cast(null(), Json),
        cast(null(), Instant),
    )  # fmt: skip


def _kept(person_id: UUID) -> Select[Any]:
    """Her last rounds, finished long enough ago, whose knowledge test three months later she has not dealt with."""
    one = courses.rounds_of(person_id).subquery("round").c
    taken = select(KnowledgeTaken.occasion).where(
        KnowledgeTaken.enrolment_id == one.enrolment_id, KnowledgeTaken.occasion == "kept"
    )
    return (
        select(one.enrolment_id, one.slug, one.titles, one.knowledge_items, one.finished_at)
        .where(
            one.knowledge_items > 0,
            one.last,
            one.finished_at <= clock.now() - timedelta(days=FOLLOW_UP_DAYS),
            ~taken.exists(),
        )
        .order_by(one.finished_at.desc())
        .limit(MOST_TESTS)
    )
