"""What is read of attempts. Another person's attempt does not exist: NotFound."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from lms.assessments.bank import Bank, bank, bank_of_course
from lms.assessments.models import Answer, Attempt
from lms.assessments.rules import timing
from lms.assessments.rules.drawing import Form, form_from_json
from lms.assessments.rules.grading import lines_from_json
from lms.assessments.rules.tries import Standing, Try, may_show_answers, standing, tries_left
from lms.courses import queries as courses
from lms.courses.parts import AssessmentPanel
from lms.courses.queries import EnrolmentCard
from lms.items.base import Explained, Response
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import NotFound
from lms.kernel.i18n import locale

# Built once: these run with every page and every answer. Columns of the tables, not of the classes,
# spare the ORM's part of the work.
_attempt, _answer = Attempt.__table__.c, Answer.__table__.c
_OWN_ATTEMPT = select(
    _attempt.id,
    _attempt.enrolment_id,
    _attempt.edition_id,
    _attempt.number,
    _attempt.form,
    _attempt.state,
    _attempt.started_at,
    _attempt.deadline,
    _attempt.submitted_at,
    _attempt.submitted_why,
    _attempt.percent,
    _attempt.passed,
    _attempt.grades,
).where(_attempt.id == bindparam("attempt"), _attempt.person_id == bindparam("person"))
_ANSWERS = (
    select(_answer.position, _answer.response, _answer.flagged, _answer.seq, _answer.at)
    .where(_answer.attempt_id == bindparam("attempt"))
    .order_by(_answer.seq, _answer.at, _answer.id)
)


_TRIES = (
    select(
        _attempt.id,
        _attempt.number,
        _attempt.started_at,
        _attempt.deadline,
        _attempt.submitted_at,
        _attempt.percent,
        _attempt.passed,
    )
    .where(_attempt.enrolment_id == bindparam("enrolment"))
    .order_by(_attempt.number)
)


@dataclass(frozen=True)
class GivenAnswer:
    """The answer of a position that counts now."""

    response: Response
    flagged: bool
    seq: int
    at: datetime


@dataclass(frozen=True)
class AttemptCard:
    """An attempt as its own pages need it."""

    id: UUID
    enrolment_id: UUID
    edition_id: UUID
    number: int
    form: Form
    open: bool
    started_at: datetime
    deadline: datetime
    submitted_at: datetime | None
    submitted_why: str | None
    percent: int | None
    passed: bool | None
    grades: Any


@dataclass(frozen=True)
class StartPage:
    """What somebody should know before she starts."""

    card: EnrolmentCard
    bank: Bank
    stand: Standing
    tries: tuple[Try, ...]


@dataclass(frozen=True)
class AnswerEvidence:
    """One question of an attempt with the answer that counted. Holds the key: staff only."""

    position: int
    code: str
    type: str
    stem: str
    explained: Explained
    at: datetime | None
    changes: int
    right: bool | None


@dataclass(frozen=True)
class AttemptEvidence:
    """An attempt with all that an auditor may want to see of it."""

    attempt_id: UUID
    number: int
    edition_id: UUID
    paper_id: UUID
    seed: int
    started_at: datetime
    deadline: datetime
    submitted_at: datetime | None
    submitted_why: str | None
    percent: int | None
    pass_mark: int
    passed: bool | None
    answers: tuple[AnswerEvidence, ...]


def own_enrolment(actor: Actor, enrolment_id: UUID) -> EnrolmentCard:
    """Her own enrolment; NotFound for anybody else's."""
    card = require_found(courses.enrolment(enrolment_id))
    if card.person_id != actor.person_id:
        raise NotFound
    return card


def own_attempt(actor: Actor, attempt_id: UUID) -> AttemptCard:
    """Her own attempt; NotFound for anybody else's. One statement."""
    row = session().connection().execute(_OWN_ATTEMPT, {"attempt": attempt_id, "person": actor.person_id})
    found = require_found(row.one_or_none())._asdict()
    form, state = form_from_json(found.pop("form")), found.pop("state")
    return AttemptCard(**found, form=form, open=state == "open")


def latest(attempt_id: UUID) -> dict[int, GivenAnswer]:
    """The answer that counts at each position that was ever answered. One statement."""
    rows = session().connection().execute(_ANSWERS, {"attempt": attempt_id})
    return {row.position: GivenAnswer(row.response, row.flagged, row.seq, row.at) for row in rows}


def sitting() -> Select[Any]:
    """Enrolments in the middle of a test, as a statement (courses.parts)."""
    return select(_attempt.enrolment_id).where(_attempt.state == "open")


def tries(enrolment_id: UUID) -> tuple[Try, ...]:
    """All attempts of an enrolment, in order of their numbers, whichever edition she was in. One statement."""
    rows = session().connection().execute(_TRIES, {"enrolment": enrolment_id})
    return tuple(Try(*row) for row in rows)


def codes_seen(attempt_ids: Collection[UUID]) -> frozenset[str]:
    """Codes of all questions of these attempts."""
    if not attempt_ids:
        return frozenset()
    forms = session().execute(select(Attempt.form).where(Attempt.id.in_(attempt_ids))).scalars()
    return frozenset(asked.code for form in forms for asked in form_from_json(form))


def start_page(actor: Actor, enrolment_id: UUID) -> StartPage:
    """What the start page of an assessment shows. Raises NotFound."""
    card = own_enrolment(actor, enrolment_id)
    found = bank_of_course(card.edition_id)
    known = tries(card.id)
    return StartPage(card, found, _standing(card, found, known), known)


def panel(card: EnrolmentCard) -> AssessmentPanel | None:
    """The assessment of an enrolment as the course page shows it; None if it has none."""
    if not card.has_assessment:
        return None
    found = bank(card.edition_id)
    # Nobody has tried who has not read everything.
    known = tries(card.id) if card.all_read else ()
    stand = _standing(card, found, known)
    return AssessmentPanel(
        state=stand.state.value,
        attempt_id=stand.attempt_id,
        tries_left=stand.tries_left,
        next_at=stand.next_at,
        pass_mark=found.paper.pass_mark,
        minutes=found.paper.minutes,
        item_count=found.paper.item_count,
        best_percent=stand.best_percent,
    )


def _standing(card: EnrolmentCard, found: Bank, known: tuple[Try, ...]) -> Standing:
    return standing(found.paper, known, clock.now(), lessons_finished=card.all_read)


def answers_shown(attempt: AttemptCard, found: Bank, known: tuple[Try, ...]) -> bool:
    """Whether the paper's rule lets her see key and explanations of this attempt now."""
    return may_show_answers(
        found.paper.show_answers,
        submitted=not attempt.open,
        passed_ever=any(one.passed for one in known),
        tries_left=tries_left(found.paper, known, clock.now()),
    )


def is_over(attempt: AttemptCard) -> bool:
    """Whether the printed end has come, graded or not: no question is shown any more."""
    return not attempt.open or timing.time_is_up(attempt.deadline, clock.now())


def asked(attempt_id: UUID) -> Form:
    """What an attempt asks, in order. For the house itself: it names the items."""
    form = session().execute(select(Attempt.form).where(Attempt.id == attempt_id))
    return form_from_json(require_found(form.scalar_one_or_none()))


def attempt_evidence(enrolment_id: UUID) -> list[AttemptEvidence]:
    """Every attempt of an enrolment with its answers, for whoever may audit it.

    The caller has judged that; nothing here asks again.
    """
    rows = (
        session()
        .execute(select(Attempt.__table__).where(Attempt.enrolment_id == enrolment_id).order_by(Attempt.number))
        .all()
    )
    given = _all_answers([row.id for row in rows])
    return [_evidence(row, given.get(row.id, {})) for row in rows]


def _all_answers(attempt_ids: list[UUID]) -> Mapping[UUID, dict[int, list[GivenAnswer]]]:
    found: dict[UUID, dict[int, list[GivenAnswer]]] = {}
    if not attempt_ids:
        return found
    rows = session().execute(
        select(Answer.attempt_id, Answer.position, Answer.response, Answer.flagged, Answer.seq, Answer.at)
        .where(Answer.attempt_id.in_(attempt_ids))
        .order_by(Answer.seq, Answer.at, Answer.id)
    )
    for attempt_id, position, *rest in rows:
        found.setdefault(attempt_id, {}).setdefault(position, []).append(GivenAnswer(*rest))
    return found


def _evidence(row: Any, given: Mapping[int, list[GivenAnswer]]) -> AttemptEvidence:
    found, language = bank(row.edition_id), locale()
    right = {line.position: line.right for line in lines_from_json(row.grades)}
    answers = []
    for position, one in enumerate(form_from_json(row.form), 1):
        item, history = found.items[one.code], given.get(position, [])
        response = history[-1].response if history else None
        answers.append(
            AnswerEvidence(
                position=position,
                code=one.code,
                type=item.TYPE,
                stem=item.stem[language],
                explained=item.explain(language, one.order, response),
                at=history[-1].at if history else None,
                changes=len(history),
                right=right.get(position),
            )
        )
    return AttemptEvidence(
        attempt_id=row.id,
        number=row.number,
        edition_id=row.edition_id,
        paper_id=row.paper_id,
        seed=row.seed,
        started_at=row.started_at,
        deadline=row.deadline,
        submitted_at=row.submitted_at,
        submitted_why=row.submitted_why,
        percent=row.percent,
        pass_mark=found.paper.pass_mark,
        passed=row.passed,
        answers=tuple(answers),
    )


def answered_of(person_id: UUID, most: int = 50) -> list[tuple[UUID, date, int, int]]:
    """Her last submitted attempts: edition, day, questions asked and questions right. One statement."""
    rows = session().execute(
        select(_attempt.edition_id, _attempt.submitted_at, _attempt.grades)
        .where(_attempt.person_id == person_id, _attempt.state == "submitted")
        .order_by(_attempt.submitted_at.desc())
        .limit(most)
    )
    found = []
    for row in rows:
        lines = lines_from_json(row.grades)
        right = sum(1 for line in lines if line.right)
        found.append((row.edition_id, clock.local(row.submitted_at).date(), len(lines), right))
    return found
