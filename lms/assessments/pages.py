"""What the pages of an attempt show: the question at hand, the way through, the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lms.assessments import queries
from lms.assessments.bank import Bank, bank
from lms.assessments.queries import AttemptCard, GivenAnswer
from lms.assessments.rules import timing
from lms.assessments.rules.grading import lines_from_json
from lms.assessments.rules.tries import Standing, Try, standing
from lms.courses import queries as courses
from lms.courses.packages.package import Assessment, Package
from lms.courses.queries import EnrolmentCard
from lms.items.base import Explained, Item, Presented, Text
from lms.items.registry import LABELS
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.i18n import locale
from lms.kernel.ids import new_id
from lms.kernel.text import Message


@dataclass(frozen=True)
class Mark:
    """One square of the map of questions."""

    position: int
    answered: bool
    flagged: bool
    seq: int


@dataclass(frozen=True)
class Question:
    """A question as it is asked now, with what she said so far. Nothing here tells the key."""

    position: int
    presented: Presented
    values: Mapping[str, tuple[str, ...]]
    answer_id: UUID
    answered: bool
    flagged: bool
    saved_at: datetime | None
    remark: Message | None


@dataclass(frozen=True)
class AttemptPage:
    """An open attempt: its head, its map, and the questions asked for."""

    id: UUID
    enrolment_id: UUID
    course_slug: str
    title: Text
    total: int
    deadline: datetime
    seconds_left: int
    marks: tuple[Mark, ...]
    questions: tuple[Question, ...]

    @property
    def answered(self) -> int:
        return sum(mark.answered for mark in self.marks)


@dataclass(frozen=True)
class Opened:
    """A graded question with key and explanation: only where the paper's rule shows it."""

    position: int
    label: Message
    stem: str
    right: bool
    answered: bool
    explained: Explained
    sources: tuple[Text, ...]
    lesson: tuple[int, str] | None


@dataclass(frozen=True)
class ResultPage:
    """A graded attempt. `opened` is empty while the rule does not show the answers."""

    attempt: AttemptCard
    card: EnrolmentCard
    paper: Assessment
    right_count: int
    answered_count: int
    total: int
    stand: Standing
    shown: bool
    opened: tuple[Opened, ...]


def attempt_page(attempt: AttemptCard, position: int | None = None) -> AttemptPage:
    """An open attempt with one question: the one at `position`, without it the first one open.

    Position 0 gives the map alone. Raises NotFound for a question that is not asked.
    """
    given = queries.latest(attempt.id)
    marks = _marks(attempt, given)
    if position is None:
        position = next((mark.position for mark in marks if not mark.answered), 1)
    if not 0 <= position <= len(marks):
        raise NotFound
    return _page(attempt, given, marks, (position,) if position else ())


def whole_attempt(attempt: AttemptCard) -> AttemptPage:
    """An open attempt with all its questions, so that a page can go on without a network."""
    given = queries.latest(attempt.id)
    marks = _marks(attempt, given)
    return _page(attempt, given, marks, tuple(mark.position for mark in marks))


def _page(
    attempt: AttemptCard,
    given: Mapping[int, GivenAnswer],
    marks: tuple[Mark, ...],
    positions: tuple[int, ...],
) -> AttemptPage:
    found = bank(attempt.edition_id)
    return AttemptPage(
        id=attempt.id,
        enrolment_id=attempt.enrolment_id,
        course_slug=found.course_slug,
        title=found.paper.title,
        total=len(marks),
        deadline=attempt.deadline,
        seconds_left=timing.seconds_left(attempt.deadline, clock.now()),
        marks=marks,
        questions=tuple(_question(attempt, found, one, given.get(one)) for one in positions),
    )


def _marks(attempt: AttemptCard, given: Mapping[int, GivenAnswer]) -> tuple[Mark, ...]:
    return tuple(_mark(position, given.get(position)) for position in range(1, len(attempt.form) + 1))


def _mark(position: int, given: GivenAnswer | None) -> Mark:
    if given is None:
        return Mark(position, answered=False, flagged=False, seq=0)
    answered = given.response is not None
    return Mark(position, answered=answered, flagged=given.flagged, seq=given.seq)


def _question(attempt: AttemptCard, found: Bank, position: int, given: GivenAnswer | None) -> Question:
    one = attempt.form[position - 1]
    item = found.items[one.code]
    response = given.response if given else None
    return Question(
        position=position,
        presented=item.present(locale(), one.order),
        values=item.fill(one.order, response),
        answer_id=new_id(),
        answered=response is not None,
        flagged=bool(given and given.flagged),
        saved_at=given.at if given else None,
        remark=item.remark(response),
    )


def result_page(attempt: AttemptCard) -> ResultPage:
    """The page of a graded attempt, with as much as the paper's rule shows."""
    found = bank(attempt.edition_id)
    card = courses.enrolment(attempt.enrolment_id)
    assert card is not None  # the attempt has a foreign key to it
    known = queries.tries(attempt.enrolment_id)
    lines = lines_from_json(attempt.grades)
    shown = queries.answers_shown(attempt, found, known)
    return ResultPage(
        attempt=attempt,
        card=card,
        paper=found.paper,
        right_count=sum(line.right for line in lines),
        answered_count=sum(line.answered for line in lines),
        total=len(lines),
        stand=_standing_after(found, known),
        shown=shown,
        opened=_opened(attempt, found) if shown else (),
    )


def _standing_after(found: Bank, known: tuple[Try, ...]) -> Standing:
    return standing(found.paper, known, clock.now(), lessons_finished=True)


def _opened(attempt: AttemptCard, found: Bank) -> tuple[Opened, ...]:
    given = queries.latest(attempt.id)
    package = courses.edition_package(attempt.edition_id)
    opened = []
    for line in lines_from_json(attempt.grades):
        item, one = found.items[line.code], attempt.form[line.position - 1]
        answer = given.get(line.position)
        response = answer.response if answer else None
        opened.append(
            Opened(
                position=line.position,
                label=LABELS[item.TYPE],
                stem=item.stem[locale()],
                right=line.right,
                answered=line.answered,
                explained=item.explain(locale(), one.order, response),
                sources=_sources(package, item),
                lesson=_lesson(package, item),
            )
        )
    return tuple(opened)


def _sources(package: Package, item: Item) -> tuple[Text, ...]:
    """Titles with years of the sources an item names."""
    cited = [source for source in package.sources if source.id in item.sources]
    return tuple(
        {
            "zh": f"{source.title['zh']}，{source.year}年",
            "en": f"{source.title['en']}, {source.year}",
        }
        for source in cited
    )


def _lesson(package: Package, item: Item) -> tuple[int, str] | None:
    """Position and slug of the first lesson with the objective of an item."""
    for lesson in package.lessons:
        if item.objective in lesson.objectives:
            return lesson.position, lesson.slug
    return None
