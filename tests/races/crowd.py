"""Many learners, each with an open attempt and a signed-in browser, made through commands.

Their sessions are rows like any other; their cookies are signed with the house's own key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from assessment_stage import SLUG, TOTAL
from cast import Cast, id_number, make_cast
from cookies import cookie_of
from credit_stage import approve, publish_course
from flask import Flask

from lms.assessments import commands as assessments
from lms.assessments import queries
from lms.assessments.bank import bank
from lms.courses import commands as courses
from lms.courses import editions
from lms.kernel.actor import SYSTEM, Actor, Grant, Role
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.people import commands as people
from lms.people.rules import Population

FIRST_SERIAL = 300
AT_ONCE = 25


@dataclass(frozen=True)
class Sitter:
    """A learner in front of an open attempt; `values` is what the right answers post."""

    person_id: UUID
    enrolment_id: UUID
    attempt_id: UUID
    cookie: str
    values: Sequence[dict[str, list[str]]]
    answered: int

    @property
    def page(self) -> str:
        return f"/attempts/{self.attempt_id}"


def make_crowd(app: Flask, folder: Path, count: int, answered: int = TOTAL) -> list[Sitter]:
    """A house with its cast, the approved course, and `count` learners who have answered the first
    `answered` questions rightly."""
    cast = make_cast(app)
    edition_id = publish_course(app, folder)
    approve(app, cast)
    sitters: list[Sitter] = []
    with app.app_context():
        for start in range(0, count, AT_ONCE):
            with unit_of_work():
                for number in range(start, min(count, start + AT_ONCE)):
                    sitters.append(_sit(app, cast, edition_id, number, answered))
    return sitters


def _sit(app: Flask, cast: Cast, edition_id: UUID, number: int, answered: int) -> Sitter:
    place = cast.places["LB-YL-LX-SM"]
    person_id = people.add_person(
        SYSTEM,
        name="赵桂芳",
        workplace_id=place,
        phone=f"000{FIRST_SERIAL + number:08d}",
        id_number=id_number(number % 1000, born=f"19{60 + number // 1000}0612"),
        population=Population.VILLAGE_DOCTOR,
        starts_on=date(2024, 1, 1),
    )
    people.grant_role(SYSTEM, person_id, Role.LEARNER, place)
    people.give_consent(person_id)
    card = organisations.organisation(place)
    assert card is not None
    actor = Actor(person_id=person_id, name="赵桂芳", grants=(Grant(Role.LEARNER, card.path),))
    enrolment_id = courses.enrol(actor, SLUG)
    for lesson in editions.edition(edition_id).lessons:
        courses.finish_lesson(actor, enrolment_id, lesson.id)
    attempt_id = assessments.start_attempt(actor, enrolment_id)
    values = right_values(edition_id, attempt_id)
    for position, given in enumerate(values[:answered], 1):
        assessments.save_answer(actor, attempt_id, assessments.Given(new_id(), position, given))
    return Sitter(person_id, enrolment_id, attempt_id, cookie_of(app, person_id), values, answered)


def right_values(edition_id: UUID, attempt_id: UUID) -> list[dict[str, list[str]]]:
    """For each question, what a form with the right answer posts. Inside a unit of work."""
    found = bank(edition_id)
    values = []
    for asked in queries.asked(attempt_id):
        item = found.items[asked.code]
        filled = item.fill(asked.order, item.right())
        values.append({name: list(value) for name, value in filled.items()})
    return values

