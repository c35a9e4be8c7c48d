"""Frozen editions, kept in this process: they never change, so nobody reads them twice."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, select

from lms.courses.models import Course, Edition, Lesson
from lms.courses.packages.checker import load
from lms.courses.packages.lesson_html import Parts
from lms.courses.packages.package import NO_REVIEWER, Package, Text
from lms.courses.packages.tree import read_zip
from lms.items.base import Item, Presented
from lms.kernel import files
from lms.kernel.db import session
from lms.kernel.errors import NotFound

K = TypeVar("K")
V = TypeVar("V")

MOST_EDITIONS = 48
MOST_PACKAGES = 24
ONE_ORDER = 0
"""Seed of the order of a self-check's options: the same for everybody, it is no examination."""


class Kept(Generic[K, V]):
    """The last `most` values that were asked for; safe between threads. Loading may happen twice."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, load: Callable[[K], V]) -> V:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = load(key)
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True)
class LessonData:
    """A lesson as it is shown."""

    id: UUID
    position: int
    slug: str
    titles: Text
    minutes: int
    parts: Mapping[str, Parts]

    @property
    def checks(self) -> tuple[str, ...]:
        """Codes of its self-checks in order."""
        return next(iter(self.parts.values()))[1::2]


@dataclass(frozen=True)
class EditionData:
    """An edition with its lessons."""

    id: UUID
    course_id: UUID
    course_code: str
    course_slug: str
    number: int
    package_hash: str
    content_hash: str
    titles: Text
    summaries: Text
    subject: str
    hours_milli: int
    minutes: int
    has_assessment: bool
    reviewer: str
    review_by: date
    published_at: datetime
    reviewed_at: datetime | None
    lessons: tuple[LessonData, ...]
    by_slug: Mapping[str, LessonData] = field(compare=False)

    @property
    def reviewed(self) -> bool:
        return self.reviewer != NO_REVIEWER

    @cached_property
    def package(self) -> Package:
        return package(self.package_hash)

    def lesson(self, slug: str) -> LessonData:
        """The lesson of that name; NotFound if there is none."""
        found = self.by_slug.get(slug)
        if found is None:
            raise NotFound
        return found

    def next_lesson(self, after: LessonData) -> LessonData | None:
        return self.lessons[after.position] if after.position < len(self.lessons) else None

    def previous_lesson(self, before: LessonData) -> LessonData | None:
        return self.lessons[before.position - 2] if before.position > 1 else None


_editions: Kept[UUID, EditionData] = Kept(MOST_EDITIONS)
_packages: Kept[str, Package] = Kept(MOST_PACKAGES)
_presented: Kept[tuple[str, str, str], Presented] = Kept(600)

_EDITION = (
    select(
        Edition.id,
        Edition.course_id,
        Course.code.label("course_code"),
        Course.slug.label("course_slug"),
        Edition.number,
        Edition.package_hash,
        Edition.content_hash,
        Edition.titles,
        Edition.summaries,
        Edition.subject,
        Edition.hours_milli,
        Edition.minutes,
        Edition.has_assessment,
        Edition.reviewer,
        Edition.review_by,
        Edition.published_at,
        Edition.reviewed_at,
        Lesson.id.label("lesson_id"),
        Lesson.position,
        Lesson.slug,
        Lesson.titles.label("lesson_titles"),
        Lesson.minutes.label("lesson_minutes"),
        Lesson.html,
    )
    .join(Course, Course.id == Edition.course_id)
    .join(Lesson, Lesson.edition_id == Edition.id)
    .where(Edition.id == bindparam("edition_id"))
    .order_by(Lesson.position)
)
_FIELDS = 17
"""How many of the columns above belong to the edition itself."""


def edition(edition_id: UUID) -> EditionData:
    """An edition; one statement the first time, none afterwards. NotFound if there is none."""
    return _editions.get(edition_id, _load_edition)


def _load_edition(edition_id: UUID) -> EditionData:
    rows = session().execute(_EDITION, {"edition_id": edition_id}).all()
    if not rows:
        raise NotFound
    lessons = tuple(
        LessonData(
            id=row.lesson_id,
            position=row.position,
            slug=row.slug,
            titles=row.lesson_titles,
            minutes=row.lesson_minutes,
            parts={language: tuple(parts) for language, parts in row.html.items()},
        )
        for row in rows
    )
    own = {name: getattr(rows[0], name) for name in rows[0]._fields[:_FIELDS]}
    return EditionData(**own, lessons=lessons, by_slug={lesson.slug: lesson for lesson in lessons})


def package(package_hash: str) -> Package:
    """The package of a stored ZIP."""
    return _packages.get(package_hash, lambda name: load(read_zip(files.read(name))))


def presented(package_hash: str, item: Item, language: str) -> Presented:
    """A self-check as a browser may have it."""
    key = (package_hash, item.code, language)
    return _presented.get(key, lambda _: item.present(language, item.shuffled(ONE_ORDER)))
