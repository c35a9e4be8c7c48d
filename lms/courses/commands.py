"""What learners do: begin a course, answer a self-check, finish a lesson. And what opens a gate.

The studio's commands are at home in `drafts` and reachable here too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from lms.courses import editions, learning
from lms.courses.drafts import (
    approve,
    ask_changes,
    checked,
    publish_draft,
    publish_folder,
    submit_for_review,
    take_back,
    take_in,
    upload_package,
    withdraw,
)
from lms.courses.editions import ONE_ORDER
from lms.courses.events import CourseFinished, Enrolled
from lms.courses.models import CheckAnswer, Course, Edition, Enrolment, Gate, Lesson, LessonProgress
from lms.courses.queries import ASSESSMENT
from lms.courses.rules import may_start_again
from lms.items.base import WHOLE, BadResponse, Response
from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Gone, Invalid, NotFound
from lms.kernel.events import announce
from lms.kernel.i18n import in_locale
from lms.kernel.ids import new_id
from lms.kernel.text import msg

__all__ = [
    "answer_check",
    "approve",
    "ask_changes",
    "checked",
    "enrol",
    "finish_lesson",
    "hold",
    "open_gate",
    "publish_draft",
    "publish_folder",
    "submit_for_review",
    "take_back",
    "take_in",
    "upload_package",
    "withdraw",
]


def enrol(actor: Actor, slug: str) -> UUID:
    """Begin a course, or go on with the round that is open; the enrolment's id.

    Raises NotFound, Gone (no longer open), Conflict (paused, or finished this year), Invalid (prerequisites).
    """
    require_signed_in(actor)
    person_id = require_found(actor.person_id)
    course = (
        session()
        .execute(
            select(Course.id, Course.current_edition_id, Course.closed_at, Course.paused_at).where(Course.slug == slug)
        )
        .one_or_none()
    )
    if course is None or course.current_edition_id is None:
        raise NotFound
    last = (
        session()
        .execute(
            select(Enrolment.id, Enrolment.round, Enrolment.finished_at)
            .where(Enrolment.person_id == person_id, Enrolment.course_id == course.id)
            .order_by(Enrolment.round.desc())
            .limit(1)
        )
        .one_or_none()
    )
    now = clock.now()
    if last is not None and last.finished_at is None:
        return last.id  # type: ignore[no-any-return]
    if course.closed_at is not None:
        raise Gone(msg("这门课不再开放报名。"))
    if course.paused_at is not None:
        raise Conflict(msg("这门课暂停报名，过些日子再来看。"))
    if last is not None and not may_start_again(last.finished_at, now):
        raise Conflict(msg("这门课今年已经学完了。明年1月1日起可以再学一遍。"))
    if last is None:
        _require_prerequisites(course.current_edition_id, person_id)
    return _begin(person_id, course.id, course.current_edition_id, last.round + 1 if last else 1)


def _require_prerequisites(edition_id: UUID, person_id: UUID) -> None:
    codes = editions.edition(edition_id).package.prerequisites
    if not codes:
        return
    missing = [one for one in learning.prerequisites(codes, person_id) if not one.finished]
    if missing:
        titles = [in_locale(one.titles) for one in missing]
        raise Invalid(msg("请先学完：{titles}。学完以后就能学这一门。", titles=titles))


def _begin(person_id: UUID, course_id: UUID, edition_id: UUID, round_: int) -> UUID:
    enrolment_id = new_id()
    values = enrolment_values(enrolment_id, person_id, course_id, edition_id, round_, clock.now())
    if insert_once(Enrolment, values, ["person_id", "course_id", "round"]):
        announce(Enrolled(enrolment_id, person_id, course_id))
        return enrolment_id
    found = session().scalar(
        select(Enrolment.id).where(
            Enrolment.person_id == person_id,
            Enrolment.course_id == course_id,
            Enrolment.round == round_,
        )
    )
    return require_found(found)


def enrolment_values(
    enrolment_id: UUID, person_id: UUID, course_id: UUID, edition_id: UUID, round_: int, at: datetime
) -> dict[str, Any]:
    """An enrolment that begins, as a row. Pure."""
    return {
        "id": enrolment_id,
        "person_id": person_id,
        "course_id": course_id,
        "edition_id": edition_id,
        "round": round_,
        "started_at": at,
    }


def answer_check(
    actor: Actor,
    enrolment_id: UUID,
    slug: str,
    code: str,
    answer_id: UUID,
    values: Mapping[str, Sequence[str]],
) -> bool:
    """Keep an answer to a self-check; whether it was right. A repeated form adds nothing.

    Raises NotFound, Invalid (nothing chosen, or what is not on the page).
    """
    edition, lesson = learning.own_lesson(actor, enrolment_id, slug)
    item = edition.package.item(code) if code in lesson.checks else None
    if item is None:
        raise NotFound
    try:
        response = item.read(item.shuffled(ONE_ORDER), values)
    except BadResponse as bad:
        raise Invalid(bad.message) from bad
    if response is None or response == []:
        raise Invalid(msg("还没有选。选好以后，再按“看看对不对”。"))
    correct = item.score(response) == WHOLE
    if not _keep_answer(answer_id, enrolment_id, edition.id, code, response, correct):
        kept = session().get(CheckAnswer, answer_id)
        same = kept is not None and kept.enrolment_id == enrolment_id and kept.item_code == code
        if kept is None or not same or kept.response != response:
            # The page came back out of the browser's memory and was filled in differently.
            _keep_answer(new_id(), enrolment_id, edition.id, code, response, correct)
    return correct


def _keep_answer(
    answer_id: UUID, enrolment_id: UUID, edition_id: UUID, code: str, response: Response, correct: bool
) -> bool:
    values = {
        "id": answer_id,
        "enrolment_id": enrolment_id,
        "edition_id": edition_id,
        "item_code": code,
        "response": response,
        "correct": correct,
        "at": clock.now(),
    }
    return insert_once(CheckAnswer, values, ["id"])


def finish_lesson(actor: Actor, enrolment_id: UUID, lesson_id: UUID) -> None:
    """Her word that a lesson is done; completes the course with it if nothing else is missing.

    Idempotent. Raises NotFound for another's enrolment or a lesson of another edition.
    """
    edition_id = session().scalar(
        select(Enrolment.edition_id)
        .where(Enrolment.id == enrolment_id, Enrolment.person_id == actor.person_id)
        .with_for_update()
    )
    edition = editions.edition(require_found(edition_id))
    if lesson_id not in {lesson.id for lesson in edition.lessons}:
        raise NotFound
    now = clock.now()
    values = {"enrolment_id": enrolment_id, "lesson_id": lesson_id, "finished_at": now}
    if insert_once(LessonProgress, values, ["enrolment_id", "lesson_id"]):
        _finish_if_complete(enrolment_id)


def open_gate(enrolment_id: UUID, code: str) -> None:
    """Open a gate, e.g. "assessment"; completes the course if nothing else is missing. Idempotent.

    For higher features, inside their unit of work: who may is theirs to judge. Raises NotFound.
    """
    locked = session().scalar(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update())
    values = {"enrolment_id": require_found(locked), "code": code, "opened_at": clock.now()}
    if insert_once(Gate, values, ["enrolment_id", "code"]):
        _finish_if_complete(enrolment_id)


def hold(enrolment_id: UUID, edition_id: UUID) -> None:
    """Hold an enrolment in its edition until the unit of work ends. Raises Conflict when it is in another by now."""
    held = session().scalar(select(Enrolment.edition_id).where(Enrolment.id == enrolment_id).with_for_update())
    if held != edition_id:
        raise Conflict(msg("您学的这门课刚换了新版。请回课程页看看还要学什么。"))


def _finish_if_complete(enrolment_id: UUID) -> None:
    """Decide completion in the transaction of its cause. The enrolment's row is locked, so that the
    last lesson and the last gate, arriving together, see each other; the WHERE lets one of them win."""
    done = (
        select(func.count())
        .select_from(LessonProgress)
        .join(Lesson, Lesson.id == LessonProgress.lesson_id)
        .where(LessonProgress.enrolment_id == enrolment_id, Lesson.edition_id == Edition.id)
        .correlate(Edition)
        .scalar_subquery()
    )
    edition = (
        select(Edition.id)
        .where(
            Edition.id == Enrolment.edition_id,
            Edition.lesson_count <= done,
            Edition.has_assessment.is_(False)
            | select(Gate.code).where(Gate.enrolment_id == enrolment_id, Gate.code == ASSESSMENT).exists(),
        )
        .exists()
    )
    now = clock.now()
    finished = (
        session()
        .execute(
            update(Enrolment)
            .where(Enrolment.id == enrolment_id, Enrolment.finished_at.is_(None), edition)
            .values(finished_at=now)
            .returning(Enrolment.person_id, Enrolment.course_id, Enrolment.edition_id)
            .execution_options(synchronize_session=False)
        )
        .one_or_none()
    )
    if finished is not None:
        announce(
            CourseFinished(
                enrolment_id=enrolment_id,
                person_id=finished.person_id,
                course_id=finished.course_id,
                course_code=editions.edition(finished.edition_id).course_code,
                edition_id=finished.edition_id,
                finished_at=now,
            )
        )
