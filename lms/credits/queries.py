"""What other features may read about credits; years and suggestions have modules of their own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Uuid, bindparam, func, select

from lms.credits import policies
from lms.credits.ledger.rows import earlier_of
from lms.credits.models import Activity, Approval, Award, YearResult
from lms.credits.returned import ClaimNews, Returned, ReturnedAward, returned
from lms.credits.rules.judging import Earlier
from lms.credits.statements import Standing, Statement, awards_of_year, standing_of, statement, year_standing
from lms.credits.suggestions import SuggestedCourse, Suggestion, suggest
from lms.credits.transcripts import Transcript, transcript
from lms.kernel.db import run, session
from lms.kernel.quantities import from_milli
from lms.organisations import queries as organisations

__all__ = [
    "AwardCard",
    "Returned",
    "ReturnedAward",
    "ClaimNews",
    "Standing",
    "Statement",
    "SuggestedCourse",
    "Suggestion",
    "Transcript",
    "award_card",
    "award_cards",
    "award_state",
    "awards_of",
    "awards_of_year",
    "compliances",
    "earlier_of_year",
    "last_trainings",
    "returned",
    "returned_awards",
    "standing_of",
    "statement",
    "suggest",
    "transcript",
    "year_standing",
]


@dataclass(frozen=True, slots=True)
class AwardCard:
    """Everything a certificate says about an award."""

    id: UUID
    person_id: UUID
    enrolment_id: UUID | None
    titles: dict[str, str]
    kind: str
    course_code: str | None
    project_number: str | None
    subject: str | None
    credit_year: int
    credit_class: str
    credits: Decimal
    hours: Decimal
    assessed: bool
    starts_on: date
    ends_on: date
    policy_version_id: str
    policy_title: str
    granting_unit: str
    holding_unit: str
    issuing_unit: str
    authority_path: str
    state: str


def award_state(award_id: UUID) -> str | None:
    """granted · returned · approved · reversed; None if there is no such award."""
    return session().scalar(select(Award.state).where(Award.id == award_id))


def award_card(award_id: UUID) -> AwardCard | None:
    """One award; one statement."""
    return next(iter(award_cards([award_id])), None)


def award_cards(award_ids: Collection[UUID]) -> list[AwardCard]:
    """Several awards by their ids, oldest made first; one statement."""
    return [_card(row) for row in run(_cards_select(), {"awards": list(award_ids)})]


def awards_of(person_id: UUID) -> list[AwardCard]:
    """All awards of a person, oldest first."""
    hers = _card_select().where(Award.person_id == person_id).order_by(Award.on_date, Award.id)
    return [_card(row) for row in session().execute(hers)]


TRAININGS = (
    "recommended_project", "promotion_project", "national_project", "provincial_project", "municipal_project",
    "unit_activity", "further_study",
)  # fmt: skip
"""Kinds of activities that are a training somebody took part in."""


def last_trainings(people: ColumnElement[Any]) -> Select[UUID, date]:
    """SQL: person_id and on_date of the last training of each of `people` (a list of ids) that earned credit and still
    stands, on or before the day bound to `day`."""
    return (
        select(Award.person_id, func.max(Award.on_date).label("on_date"))
        .where(
            Award.person_id.in_(people),
            Award.kind.in_(TRAININGS),
            Award.state.in_(("granted", "approved")),
            Award.on_date <= bindparam("day", type_=Date()),
        )
        .group_by(Award.person_id)
    )


def earlier_of_year(person_id: UUID, year: int) -> tuple[Earlier, ...]:
    """The awards of a person's year as far as later ones must know them; one statement."""
    rows = session().execute(
        select(
            Award.kind, Award.activity_code, Award.project_number, Award.on_date, Award.awarded_milli, Award.state
        ).where(Award.person_id == person_id, Award.credit_year == year)
    )
    return tuple(earlier_of(row) for row in rows)


def compliances(people: Collection[UUID], year: int) -> dict[UUID, str]:
    """What a year has come to for people, as it is kept: pass, fail, unknown, not_required; who has nothing kept is
    left out. One statement."""
    wanted = select(YearResult.person_id, YearResult.compliance).where(
        YearResult.person_id.in_(people), YearResult.year == year
    )
    return {row.person_id: row.compliance for row in session().execute(wanted)}


@lru_cache(maxsize=1)
def _cards_select() -> Select[Any]:
    """Built once: building costs several times what running does, and every award asks."""
    wanted = bindparam("awards", type_=Uuid(), expanding=True)
    return _card_select().where(Award.id.in_(wanted)).order_by(Award.id)


def _card_select() -> Select[Any]:
    approver, holder = organisations.table("approver"), organisations.table("holder")
    county = organisations.table("county")
    read: tuple[Any, ...] = (
        Award.id,
        Award.person_id,
        Activity.enrolment_id,
        Activity.title,
        Award.kind,
        Award.activity_code,
        Award.project_number,
        Activity.subject,
        Award.credit_year,
        Award.credit_class,
        Award.awarded_milli,
        Award.hours_milli,
        Activity.assessed,
        Activity.started_on,
        Activity.on_date,
        Award.policy_version_id,
        Activity.holder,
        Award.authority_path,
        Award.state,
        approver.c.name.label("approver_name"),
        holder.c.name.label("holder_name"),
        func.coalesce(county.c.name, "").label("county_name"),
    )
    return (
        select(*read)
        .join(Activity, Activity.id == Award.activity_id)
        .outerjoin(Approval, Approval.id == Activity.approval_id)
        .outerjoin(approver, approver.c.id == Approval.authority_id)
        .outerjoin(holder, holder.c.id == Approval.holder_id)
        .outerjoin(county, county.c.path == Award.authority_path)
    )


def _card(row: Any) -> AwardCard:
    policy = policies.by_version(row.policy_version_id)
    return AwardCard(
        id=row.id,
        person_id=row.person_id,
        enrolment_id=row.enrolment_id,
        titles=row.title,
        kind=row.kind,
        course_code=row.activity_code if row.enrolment_id else None,
        project_number=row.project_number,
        subject=row.subject,
        credit_year=row.credit_year,
        credit_class=row.credit_class,
        credits=from_milli(row.awarded_milli),
        hours=from_milli(row.hours_milli),
        assessed=row.assessed,
        starts_on=row.started_on,
        ends_on=row.on_date,
        policy_version_id=row.policy_version_id,
        policy_title=policy.title.zh if policy else row.policy_version_id.partition(":")[0],
        granting_unit=row.approver_name or row.county_name,
        holding_unit=row.holder_name or row.holder or row.county_name,
        issuing_unit=row.county_name or row.approver_name,
        authority_path=row.authority_path,
        state=row.state,
    )


def returned_awards(person_id: UUID) -> list[ReturnedAward]:
    """Her awards that wait for an answer, latest returned first; one statement."""
    return list(returned(person_id).awards)
