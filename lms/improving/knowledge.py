"""The knowledge test of a course, as a learner meets it: before the first lesson, after finishing, three months later.

Nobody must. Each once a round; it counts for nothing. What she chose is not kept, only what was right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from lms.courses import counting as courses
from lms.courses import editions
from lms.courses.editions import ONE_ORDER, EditionData, LessonData
from lms.improving.models import KnowledgeTaken
from lms.improving.numbers import Text
from lms.improving.rules import OCCASIONS, occasion
from lms.items.base import WHOLE, BadResponse, Explained, Item, Presented
from lms.items.choices import FIELD
from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import Message, msg

UNKNOWN = "unknown"
"""The choice "I do not know": as good as no answer, and honest."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A test taken (or declined): of how many questions how many were right, and which, by code."""

    occasion: str
    edition_id: UUID
    declined: bool
    asked: int
    right: int
    answers: Mapping[str, bool]
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """One's own round of a course that has a knowledge test. `now`: the occasion that is open, taken or not."""

    enrolment_id: UUID
    slug: str
    edition: EditionData
    finished_at: datetime | None
    now: str | None
    taken: Mapping[str, Taken]

    @property
    def offered(self) -> str | None:
        """What she may take now and has neither taken nor declined."""
        return self.now if self.now not in self.taken else None

    @property
    def number(self) -> int:
        return len(self.edition.package.knowledge)

    @property
    def results(self) -> list[Taken]:
        """The tests that she took, in their order."""
        return [self.taken[name] for name in OCCASIONS if name in self.taken and not self.taken[name].declined]


@dataclass(frozen=True, slots=True)
class Opened:
    """A question afterwards: whether she had it right, what is right, and why."""

    stem: str
    correct: bool
    explained: Explained


@dataclass(frozen=True, slots=True)
class Result:
    """What she sees of a test. `opened` is empty before the course: the later tests ask the same. `again`: the lessons
    about goals of which she missed a question."""

    taken: Taken
    opened: Sequence[Opened]
    again: Sequence[LessonData]


@dataclass(frozen=True, slots=True)
class Beside:
    """A goal with her results beside each other: (right, asked) of each test that she took."""

    text: Text
    counts: Sequence[tuple[int, int]]


def _rounds(person_id: UUID) -> Select[Any]:
    """Her rounds, each with what was taken in it."""
    one = courses.rounds_of(person_id).subquery("round")
    row = KnowledgeTaken.__table__.c
    return select(
        one, row.occasion, row.edition_id.label("taken_in"), row.declined, row.asked, row.right, row.answers, row.at
    ).outerjoin(KnowledgeTaken, and_(row.enrolment_id == one.c.enrolment_id, row.person_id == person_id))


def of_enrolment(actor: Actor, enrolment_id: UUID) -> Round:
    """One's own round; NotFound for anybody else's, and where there is no such test. One statement."""
    return require_found(own_round(actor, enrolment_id))


def own_round(actor: Actor, enrolment_id: UUID) -> Round | None:
    """The same; None where it is not hers, or has no test (any more) and none was taken."""
    require_signed_in(actor)
    statement = _rounds(require_found(actor.person_id))
    rows = session().execute(statement.where(statement.selected_columns.enrolment_id == enrolment_id)).all()
    if not rows or not (rows[0].knowledge_items or rows[0].occasion):
        return None
    first = rows[0]
    taken = {
        row.occasion: Taken(row.occasion, row.taken_in, row.declined, row.asked, row.right, row.answers, row.at)
        for row in rows
        if row.occasion
    }
    return Round(
        enrolment_id=enrolment_id,
        slug=first.slug,
        edition=editions.edition(first.edition_id),
        finished_at=first.finished_at,
        now=occasion(touched=bool(first.touched), finished_at=first.finished_at, now=clock.now())
        if first.knowledge_items and first.last
        else None,
        taken=taken,
    )


def require_open(one: Round, wanted: str) -> None:
    """Refuses with Conflict a test that is not to be taken now."""
    if one.now == wanted:
        return
    if one.now is None and one.finished_at is not None:
        raise Conflict(msg("这次小测不再做了：课的内容改过，或者您又从头学起了。"))
    said: Mapping[str, Message] = {
        "before": msg("已经开始学了。课前的小测只在学第 1 课以前做。"),
        "after": msg("课后的小测，学完这门课再做，三个月以内做。"),
        "kept": msg("这次小测，学完满三个月再做。"),
    }
    raise Conflict(said[wanted])


def questions(one: Round, language: str) -> list[tuple[str, Presented]]:
    """What is asked, by code; without the key."""
    edition = one.edition
    return [
        (item.code, editions.presented(edition.package_hash, item, language)) for item in edition.package.knowledge
    ]


def take(actor: Actor, enrolment_id: UUID, wanted: str, seen: str, values: Mapping[str, Sequence[str]]) -> bool:
    """Keep what she had right; False (and the first one holds) if she has taken or declined it before.

    `seen`: the id of the edition whose questions she answers. Raises NotFound, Conflict (not now; another edition since
    the form was opened), Invalid (by code; nothing answered).
    """
    one = of_enrolment(actor, enrolment_id)
    if wanted in one.taken:
        return False
    require_open(one, wanted)
    if seen != str(one.edition.id):
        raise Conflict(msg("这门课刚刚换了一版，题目可能变了。请重新打开小测，再答一次。"))
    return _keep(actor, one, wanted, _marked(one.edition.package.knowledge, values))


def decline(actor: Actor, enrolment_id: UUID, wanted: str) -> bool:
    """She does not want to; it is not offered again. False if she has taken or declined it before. Raises NotFound,
    Conflict."""
    one = of_enrolment(actor, enrolment_id)
    if wanted in one.taken:
        return False
    require_open(one, wanted)
    return _keep(actor, one, wanted, {})


def _keep(actor: Actor, one: Round, wanted: str, answers: Mapping[str, bool]) -> bool:
    values = {
        "enrolment_id": one.enrolment_id, "occasion": wanted, "person_id": actor.person_id,
        "edition_id": one.edition.id, "declined": not answers, "asked": len(answers), "right": sum(answers.values()),
        "answers": dict(answers), "at": clock.now(),
    }  # fmt: skip
    return insert_once(KnowledgeTaken, values, on=["enrolment_id", "occasion"])


def _marked(items: Sequence[Item], values: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    if not any(values.get(item.code) for item in items):
        raise Invalid(msg("一题也没有答。不会的选“不知道”；不想做，按“这次不做”。"))
    found: dict[str, bool] = {}
    faults: dict[str, Message] = {}
    for item in items:
        given = [value for value in values.get(item.code, ()) if value != UNKNOWN]
        try:
            response = item.read(item.shuffled(ONE_ORDER), {FIELD: given})
        except BadResponse as refusal:
            faults[item.code] = refusal.message
        else:
            found[item.code] = response is not None and item.score(response) == WHOLE
    if faults:
        raise Invalid(fields=faults)
    return found


def result(one: Round, taken: Taken, language: str) -> Result:
    """What she sees of a test that she took."""
    package = editions.edition(taken.edition_id).package
    items = [item for item in package.knowledge if item.code in taken.answers]
    missed = {item.objective for item in items if not taken.answers[item.code]}
    taught = {lesson.slug for lesson in one.edition.package.lessons if missed & set(lesson.objectives)}
    opened = [] if taken.occasion == "before" else [_opened(item, taken.answers[item.code], language) for item in items]
    return Result(taken, opened, [lesson for lesson in one.edition.lessons if lesson.slug in taught])


def _opened(item: Item, correct: bool, language: str) -> Opened:
    return Opened(item.stem[language], correct, item.explain(language, item.shuffled(ONE_ORDER), item.right()))


def beside(one: Round) -> list[Beside]:
    """Her tests beside each other, goal by goal."""
    found = []
    goals = [
        {item.code: item.objective for item in editions.edition(taken.edition_id).package.knowledge}
        for taken in one.results
    ]
    for objective in one.edition.package.objectives:
        counts = []
        for taken, by_code in zip(one.results, goals, strict=True):
            marks = [right for code, right in taken.answers.items() if by_code.get(code) == objective.id]
            counts.append((sum(marks), len(marks)))
        if any(asked for _, asked in counts):
            found.append(Beside(objective.text, counts))
    return found
