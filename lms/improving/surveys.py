"""Surveys: a centre asks those who finished a course. Answers are added to counts; nowhere do they have a person."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.courses import counting as courses
from lms.courses.access import may_see_studio, may_write, require_writer
from lms.courses.queries import CourseCard
from lms.courses.writing import typed
from lms.improving.models import Survey, SurveyCount, SurveyTaken, SurveyText
from lms.improving.numbers import Text
from lms.improving.questions import MOST_QUESTIONS, Answer, Question, answers
from lms.improving.rules import FOLLOW_UP_DAYS, LEAST
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.ids import new_id
from lms.kernel.text import N_, msg, nfc

KINDS = {"evaluation": N_("课程评价，学完就请学员填"), "practice": N_("三个月以后，问问做法变了没有")}
LONGEST_TITLE = 80
MOST_TEXTS = 200
MOST_OFFERED = 3
ANSWERED = -1
"""Value under which the people are counted who answered a question with several choices, or in words."""
PEOPLE = -1
"""Question under which the people are counted: value 0 who answered, 1 who declined."""
FROZEN = msg("这份问卷发布过了，不能再改。要改，就关掉它，另写一份。")


@dataclass(frozen=True, slots=True)
class SurveyCard:
    """A survey, and (for the centre) how many answered and declined."""

    id: UUID
    course_id: UUID
    slug: str
    kind: str
    titles: Text
    questions: Sequence[Question]
    state: str
    version: int
    answered: int = 0
    declined: int = 0
    may_write: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came in for one question: by how many people, how often each value, and words. Of fewer than LEAST people
    only how many."""

    question: Question
    number: int
    counts: Mapping[int, int]
    texts: tuple[str, ...]


def make(actor: Actor, slug: str, kind: str, titles: Mapping[str, str]) -> UUID:
    """A draft of a survey of a course; its id. Raises NotFound, NotAllowed, Invalid."""
    course = courses.course_of(actor, slug)
    require_writer(actor, courses.place_of(course.id)[1])
    said = {language: nfc(titles.get(language, "")) for language in ("zh", "en")}
    faults = {f"title_{name}": msg("中文、英文都要写。") for name, text in said.items() if not text}
    faults |= {
        f"title_{name}": msg("最多 {most} 个字。", most=LONGEST_TITLE)
        for name, text in said.items()
        if len(text) > LONGEST_TITLE
    }
    if kind not in KINDS:
        faults["kind"] = msg("请从列出的几项里选一项。")
    if faults:
        raise Invalid(fields=faults)
    made = Survey(
        id=new_id(), course_id=course.id, kind=kind, titles=said, questions=[], state="draft", version=1,
        made_by=require_found(actor.person_id), made_at=clock.now(),
    )  # fmt: skip
    session().add(made)
    session().flush()
    return made.id


def for_centre(actor: Actor, survey_id: UUID) -> SurveyCard:
    """A survey of her centre; NotFound otherwise."""
    row = require_found(session().execute(select(Survey.__table__).where(Survey.id == survey_id)).one_or_none())
    slug, path = courses.place_of(row.course_id)
    require_in_place(may_see_studio(actor, path))
    counts = _counts(survey_id).get(PEOPLE, {})
    return _card(row, slug, counts.get(int(False), 0), counts.get(int(True), 0), may_write(actor, path))


def of_course(actor: Actor, slug: str) -> tuple[CourseCard, list[SurveyCard]]:
    """The surveys of a course of her centre, the newest first."""
    course = courses.course_of(actor, slug)
    rows = session().execute(
        select(Survey.__table__).where(Survey.course_id == course.id).order_by(Survey.made_at.desc(), Survey.id)
    )
    return course, [_card(row, slug) for row in rows]


def _card(row: Any, slug: str, answered: int = 0, declined: int = 0, may_write: bool = False) -> SurveyCard:
    return SurveyCard(
        row.id, row.course_id, slug, row.kind, row.titles, row.questions, row.state, row.version, answered, declined,
        may_write,
    )  # fmt: skip


def change(actor: Actor, survey_id: UUID, version: int, questions: Sequence[Question]) -> None:
    """Put other questions into a draft. Raises NotFound, NotAllowed, Invalid (too many), Conflict (frozen, or somebody
    was faster)."""
    _require_writer(actor, survey_id)
    if len(questions) > MOST_QUESTIONS:
        raise Invalid(msg("一份问卷最多 {most} 题。", most=MOST_QUESTIONS))
    _update(survey_id, version, ("draft",), {"questions": list(questions)})


def publish(actor: Actor, survey_id: UUID, version: int) -> None:
    """From now on it is offered, and never changed. Raises as `change` does, Invalid without a question."""
    card = _require_writer(actor, survey_id)
    if not card.questions:
        raise Invalid(msg("还没有题目，先加一题。"))
    _update(survey_id, version, ("draft",), {"state": "published", "published_at": clock.now()})
    typed.end(forms_of(survey_id))


def close(actor: Actor, survey_id: UUID, version: int) -> None:
    """Offer it no more; what came in stays. Raises as `change` does."""
    _require_writer(actor, survey_id)
    _update(survey_id, version, ("draft", "published"), {"state": "closed"})
    typed.end(forms_of(survey_id))


def forms_of(survey_id: UUID) -> str:
    """The place of a survey's forms, for what is typed and not saved (`courses.writing.typed`)."""
    return f"surveys/{survey_id}"


def draft_for_writer(actor: Actor, survey_id: UUID) -> None:
    """Whether she may type there now. Raises NotFound, NotAllowed, Conflict (frozen)."""
    if _require_writer(actor, survey_id).state != "draft":
        raise Conflict(FROZEN)


def _require_writer(actor: Actor, survey_id: UUID) -> SurveyCard:
    card = for_centre(actor, survey_id)
    require_writer(actor, courses.place_of(card.course_id)[1])
    return card


def _update(survey_id: UUID, version: int, states: tuple[str, ...], values: dict[str, Any]) -> None:
    done = session().execute(
        update(Survey)
        .where(Survey.id == survey_id, Survey.version == version, Survey.state.in_(states))
        .values(version=Survey.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount == 1:  # type: ignore[attr-defined]
        return
    state = session().scalar(select(Survey.state).where(Survey.id == survey_id))
    raise Conflict(None if state in states else FROZEN)


def open_to(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """SQL: the surveys that she may answer now and has not dealt with, with the course's name in its address."""
    finished = courses.finished_by(person_id).subquery("finished")
    long_ago = clock.now() - timedelta(days=FOLLOW_UP_DAYS)
    taken = select(SurveyTaken.survey_id).where(SurveyTaken.survey_id == Survey.id, SurveyTaken.person_id == person_id)
    return (
        select(Survey.__table__, finished.c.slug)
        .join(finished, finished.c.course_id == Survey.course_id)
        .where(
            Survey.state == "published",
            or_(Survey.kind == "evaluation", finished.c.finished_at <= long_ago),
            ~taken.exists(),
        )
        .order_by(Survey.published_at)
        .limit(MOST_OFFERED)
    )


def for_learner(actor: Actor, survey_id: UUID) -> tuple[SurveyCard, bool]:
    """A survey that she may answer, and whether she has dealt with it. NotFound unless it is published and she has
    finished its course (long enough ago)."""
    require_signed_in(actor)
    person_id = require_found(actor.person_id)
    finished = courses.finished_by(person_id).subquery("finished")
    row = session().execute(
        select(Survey.__table__, finished.c.slug, finished.c.finished_at)
        .join(finished, finished.c.course_id == Survey.course_id)
        .where(Survey.id == survey_id, Survey.state == "published")
    ).one_or_none()  # fmt: skip
    found = require_found(row)
    if found.kind == "practice" and found.finished_at > clock.now() - timedelta(days=FOLLOW_UP_DAYS):
        raise NotFound
    done = session().get(SurveyTaken, (survey_id, person_id)) is not None
    return _card(found, found.slug), done


def take(actor: Actor, survey_id: UUID, values: Mapping[str, Sequence[str]]) -> bool:
    """Add her answers to the counts; False (and nothing is added) if she has dealt with it before.

    Raises NotFound, Invalid by field.
    """
    card, done = for_learner(actor, survey_id)
    found = answers(card.questions, values)
    if done or not _first(actor, survey_id, declined=False):
        return False
    for place, answer in found.items():
        _add(card, place, answer)
    return True


def decline(actor: Actor, survey_id: UUID) -> None:
    """She does not want to be asked; it is not offered again. Raises NotFound."""
    for_learner(actor, survey_id)
    _first(actor, survey_id, declined=True)


def _first(actor: Actor, survey_id: UUID, *, declined: bool) -> bool:
    values = {"survey_id": survey_id, "person_id": actor.person_id, "declined": declined, "on": clock.today()}
    first = insert_once(SurveyTaken, values, on=["survey_id", "person_id"])
    if first:
        _one_more(survey_id, PEOPLE, int(declined))
    return first


def _add(card: SurveyCard, place: int, answer: Answer) -> None:
    if isinstance(answer, str):
        # No uuid of the house: those tell the time, and with it who.
        random_id = UUID(bytes=secrets.token_bytes(16), version=4)
        session().add(SurveyText(id=random_id, survey_id=card.id, question=place, text=answer))
        session().flush()
        _one_more(card.id, place, ANSWERED)
        return
    values = (*answer, ANSWERED) if card.questions[place]["kind"] == "several" else answer
    for value in sorted(values):
        _one_more(card.id, place, value)


def _one_more(survey_id: UUID, question: int, value: int) -> None:
    build = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = build(SurveyCount).values(survey_id=survey_id, question=question, value=value, number=1)
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["survey_id", "question", "value"], set_={"number": SurveyCount.number + 1}
        )
    )


def _counts(survey_id: UUID) -> dict[int, dict[int, int]]:
    """All counts of a survey, by question and value; as many rows as there are choices."""
    counts: dict[int, dict[int, int]] = {}
    for row in session().execute(
        select(SurveyCount.question, SurveyCount.value, SurveyCount.number).where(SurveyCount.survey_id == survey_id)
    ):
        counts.setdefault(row.question, {})[row.value] = row.number
    return counts


def results(card: SurveyCard) -> list[Result]:
    """What came in, question by question; a statement, and one more for each question in words."""
    counts = _counts(card.id)
    return [_result(card, place, one, counts.get(place, {})) for place, one in enumerate(card.questions)]


def _result(card: SurveyCard, place: int, one: Question, counts: dict[int, int]) -> Result:
    if one["kind"] in ("several", "text"):
        number = counts.pop(ANSWERED, 0)
    else:
        number = sum(counts.values())
    if number < LEAST:
        return Result(one, number, {}, ())
    return Result(one, number, counts, _texts(card, place) if one["kind"] == "text" else ())


def _texts(card: SurveyCard, place: int) -> tuple[str, ...]:
    """In the order of their random ids."""
    return tuple(
        session().scalars(
            select(SurveyText.text)
            .where(SurveyText.survey_id == card.id, SurveyText.question == place)
            .order_by(SurveyText.id)
            .limit(MOST_TEXTS)
        )
    )
