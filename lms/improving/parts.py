"""What improving puts onto the pages of courses."""

from collections.abc import Mapping
from uuid import UUID

from lms.courses import editions, parts
from lms.courses.editions import EditionData, LessonData
from lms.courses.learning import LessonPage
from lms.courses.queries import EnrolmentCard
from lms.credits import policies
from lms.credits.parts import value_of
from lms.improving import feedback, knowledge
from lms.improving.afterwards import Mark, afterwards
from lms.improving.forms import RATINGS
from lms.improving.rules import OCCASIONS, occasion
from lms.kernel import clock
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, tell


def lesson_start(page: LessonPage) -> str:
    """Above the first lesson, as long as she has done nothing: what she knows already, if she likes to see."""
    if page.lesson.position > 1 or page.done or page.checks or not page.edition.package.knowledge:
        return ""
    one = knowledge.own_round(current_actor(), page.enrolment_id)
    return render("improving/_before.html", one=one) if one and one.offered == "before" else ""


def lesson_end(page: LessonPage) -> str:
    """Was it useful: before she finishes it, five choices in the form that does; afterwards what she said."""
    done = page.lesson.id in page.done
    said = feedback.said(current_actor(), page.edition.course_id, page.lesson.slug) if done else None
    return render("improving/_lesson.html", page=page, done=done, said=said, ratings=RATINGS)


def rated(enrolment_id: UUID, edition: EditionData, lesson: LessonData, values: Mapping[str, str]) -> None:
    """The rating that came with finishing a lesson, if there is one."""
    rating = values.get("rating", "")
    if not rating:
        return
    if rating not in dict(RATINGS):
        raise Invalid(msg("请从 1 到 5 里选一个。"))
    feedback.rate_finished(current_actor(), edition, lesson, int(rating))
    tell(msg("记下了，谢谢。想多说几句，可以写在那一课的末尾。"))


def course_more(card: EnrolmentCard) -> parts.CourseMore:
    """While she learns, what she may hear and try; once she has finished, what she may say as well. One statement.

    Results stay where she finds them, also when she was moved to an edition that has no test."""
    if card.finished_at is None and card.round == 1:
        one = knowledge.own_round(current_actor(), card.id)
        if one is None:
            return parts.CourseMore()
        marks = {name: Mark(name, taken.right, taken.asked) for name, taken in one.taken.items()}
        number = len(editions.edition(card.edition_id).package.knowledge)
        return parts.CourseMore(tests=_tests(card, number, touched=one.now is None, marks=marks))
    found = afterwards(card)
    tests = _tests(card, found.questions, touched=found.touched, marks=found.marks)
    if card.finished_at is None:
        return parts.CourseMore(found.notices, tests)
    end = render("improving/_course.html", card=card, said=found.said, asked=found.surveys)
    again = value_of(found.again, clock.today(), policies.folder()) if found.again else None
    return parts.CourseMore(found.notices, tests, end, again)


def _tests(card: EnrolmentCard, number: int, *, touched: bool, marks: Mapping[str, Mark]) -> str:
    """The knowledge test of `number` questions that she may take now, and the results of those that she took."""
    now = occasion(touched=touched, finished_at=card.finished_at, now=clock.now()) if number else None
    offered = now if now not in marks else None
    results = [marks[name] for name in OCCASIONS if name in marks and marks[name].asked]
    if not offered and not results:
        return ""
    return render("improving/_tests.html", card=card, number=number, offered=offered, results=results)


def fill() -> None:
    """Fill the slots; called by app.py."""
    parts.lesson_start.fill(lesson_start)
    parts.lesson_end.fill(lesson_end)
    parts.lesson_finished.fill(rated)
    parts.course_more.fill(course_more)
    parts.words_waiting.fill(feedback.waiting)
