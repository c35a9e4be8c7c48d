"""What a new certificate will say, gathered through the doors of the features below."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lms.certificates.facts import CertificateFacts, Kind, Mode, check_code
from lms.courses import queries as courses
from lms.courses.queries import ASSESSMENT
from lms.courses.rules import SUBJECT_NAMES
from lms.credits import queries as credits
from lms.credits.queries import AwardCard
from lms.credits.rules.words import kind_word
from lms.kernel import clock
from lms.kernel.quantities import from_milli
from lms.organisations import queries as organisations
from lms.people import queries as people
from lms.people.queries import PersonCard

# Kinds that people attend in one place; the others tick no box unless they are studied here.
_FACE_TO_FACE = frozenset(
    {
        "recommended_project",
        "promotion_project",
        "national_project",
        "provincial_project",
        "municipal_project",
        "unit_activity",
        "unit_lecture",
        "case_discussion",
        "ward_round",
        "further_study",
    }
)


@dataclass(frozen=True)
class Paper:
    """What is particular to this piece of paper."""

    number: str
    token: str
    verify_url: str
    issued_on: date
    demo: bool


@dataclass(frozen=True)
class Draft:
    """A certificate that is about to be issued."""

    person_id: UUID
    award_id: UUID | None
    enrolment_id: UUID | None
    titles: dict[str, str]
    masked_name: str
    authority_path: str
    place_path: str
    facts: CertificateFacts


def of_awards(award_ids: Collection[UUID], paper: Callable[[], Paper]) -> list[Draft]:
    """The drafts for awards, in their order, without those that grant nothing; two statements however many."""
    awards = [award for award in credits.award_cards(award_ids) if award.credits > 0]
    persons = people.cards({award.person_id for award in awards})
    return [_of_award(award, persons[award.person_id], paper()) for award in awards]


def _of_award(award: AwardCard, person: PersonCard, paper: Paper) -> Draft:
    facts = CertificateFacts(
        kind=Kind.CREDIT,
        **_in_common(paper, person),
        starts_on=award.starts_on,
        ends_on=award.ends_on,
        title=_chinese(award.titles),
        hours=award.hours,
        credits=award.credits,
        assessed=award.assessed,
        granting_unit=award.granting_unit,
        holding_unit=award.holding_unit,
        issuing_unit=award.issuing_unit,
        mode=_mode(award.kind, award.enrolment_id),
        subject=_subject(award.subject),
        course_code=award.course_code,
        project_number=award.project_number,
        project_kind=str(kind_word(award.kind)),
        rule_title=award.policy_title,
    )
    return Draft(
        person_id=award.person_id,
        award_id=award.id,
        enrolment_id=award.enrolment_id,
        titles=dict(award.titles),
        masked_name=person.masked_name,
        authority_path=award.authority_path,
        place_path=person.workplace_path or award.authority_path,
        facts=facts,
    )


def of_enrolment(enrolment_id: UUID, paper: Paper) -> Draft:
    """The draft for a finished course that carries no credit."""
    enrolment = courses.enrolment(enrolment_id)
    assert enrolment is not None
    person = people.person(enrolment.person_id)
    assert person is not None
    centre = organisations.organisation(enrolment.centre_id)
    assert centre is not None
    facts = CertificateFacts(
        kind=Kind.COMPLETION,
        **_in_common(paper, person),
        starts_on=_day(enrolment.started_at),
        ends_on=_day(enrolment.finished_at or clock.now()),
        title=_chinese(enrolment.titles),
        hours=from_milli(enrolment.hours_milli),
        assessed=ASSESSMENT in enrolment.gates,
        holding_unit=centre.name,
        issuing_unit=centre.name,
        mode=Mode.REMOTE,
        subject=_subject(courses.edition_package(enrolment.edition_id).subject),
        course_code=enrolment.course_code,
    )
    return Draft(
        person_id=enrolment.person_id,
        award_id=None,
        enrolment_id=enrolment_id,
        titles=dict(enrolment.titles),
        masked_name=person.masked_name,
        authority_path=person.authority_path or "/",
        place_path=person.workplace_path or "/",
        facts=facts,
    )


def _in_common(paper: Paper, person: PersonCard) -> dict[str, Any]:
    """What both kinds of certificate say of the paper and of its holder."""
    return {
        "number": paper.number,
        "verify_url": paper.verify_url,
        "check_code": check_code(paper.token),
        "person_name": person.name,
        "id_number_mask": person.id_number_mask,
        "issued_on": paper.issued_on,
        "demo": paper.demo,
    }


def _mode(kind: str, enrolment_id: UUID | None) -> Mode | None:
    if enrolment_id:
        return Mode.REMOTE
    return Mode.FACE_TO_FACE if kind in _FACE_TO_FACE else None


def _chinese(titles: Mapping[str, str]) -> str:
    return titles.get("zh") or next(iter(titles.values()))


def _day(instant: datetime) -> date:
    return clock.local(instant).date()


def _subject(code: str | None) -> str | None:
    """The Chinese name of a subject; None for what belongs to none of ours."""
    return str(SUBJECT_NAMES[code]) if code in SUBJECT_NAMES else None
