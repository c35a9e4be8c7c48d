"""What improving puts onto the pages of courses."""

from collections.abc import Mapping
from uuid import UUID

from lms.courses import editions, parts
from lms.courses.editions import EditionData, LessonData
from lms.courses.learning import LessonPage
from lms.courses.queries import EnrolmentCard
from lms.improving import feedback, knowledge, surveys
from lms.improving.forms import RATINGS
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.kernel.web import current_actor, render, tell


def lesson_start(page: LessonPage) -> str:
    """Above the first lesson, as long as she has done nothing: what she knows already, if she likes to see."""
    if page.lesson.position > 1 or page.done or page.checks or not page.edition.package.knowledge:
        return ""
    one = knowledge.of_enrolment(current_actor(), page.enrolment_id)
    return render("improving/_before.html", one=one) if one.offered == "before" else ""


def course_tests(card: EnrolmentCard) -> str:
    """The knowledge test that she may take now, and the results of those that she took."""
    if not editions.edition(card.edition_id).package.knowledge:
        return ""
    one = knowledge.of_enrolment(current_actor(), card.id)
    return render("improving/_tests.html", one=one) if one.offered or one.results else ""


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


def course_end(card: EnrolmentCard) -> str:
    """What she may say once the course is finished."""
    if card.finished_at is None:
        return ""
    said = feedback.said(current_actor(), card.course_id, feedback.COURSE)
    asked = surveys.offered(card.person_id, card.course_id)
    return render("improving/_course.html", card=card, said=said, asked=asked)


def fill() -> None:
    """Fill the slots; called by app.py."""
    parts.lesson_start.fill(lesson_start)
    parts.lesson_end.fill(lesson_end)
    parts.lesson_finished.fill(rated)
    parts.course_tests.fill(course_tests)
    parts.course_end.fill(course_end)
