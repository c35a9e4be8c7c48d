"""What came back to a doctor and waits for her: awards to explain, claims to correct. One statement for both,
for the page she sees first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Uuid,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from lms.credits.claims.models import Claim, ClaimStep
from lms.credits.claims.reasons import WORDS as CLAIM_WORDS
from lms.credits.models import Activity, AuditDecision, Award
from lms.credits.rules.reasons import WORDS
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message, msg

# For so long the first page tells what became of a claim.
TOLD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ReturnedAward:
    """An award that waits for the doctor, with what the auditor wrote."""

    id: UUID
    titles: dict[str, str]
    on_date: date
    credits: Decimal
    reason: Message
    text: str
    by_name: str
    at: datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class ClaimNews:
    """A claim that waits for the doctor to correct it, or what has lately become of one, with what was said."""

    id: UUID
    state: str
    title: str
    reason: Message
    text: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Both, latest first."""

    awards: tuple[ReturnedAward, ...]
    claims: tuple[ClaimNews, ...]


def returned(person_id: UUID) -> Returned:
    """What waits for her; one statement."""
    rows = session().execute(_select(), {"person": person_id, "since": clock.now() - TOLD}).all()
    return Returned(
        awards=tuple(
            ReturnedAward(
                row.id, row.titles, row.on_date, from_milli(row.milli), msg(WORDS[row.reason_code]), row.text,
                row.by_name, row.at, bool(row.answered),
            )
            for row in rows
            if row.what == "award"
        ),
        claims=tuple(
            ClaimNews(row.id, row.what, row.title, msg(CLAIM_WORDS[row.reason_code]), row.text)
            for row in rows
            if row.what != "award"
        ),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _select() -> CompoundSelect[Any]:
    """Built once; the person is its parameter."""
    hers = bindparam("person", type_=Uuid())
    awards: Any = (
        select(
            literal_column("'award'").label("what"),
            Award.id.label("id"),
            Activity.title.label("titles"),
            literal("").label("title"),
            Award.on_date.label("on_date"),
            Award.awarded_milli.label("milli"),
            AuditDecision.reason_code.label("reason_code"),
            AuditDecision.reason_text.label("text"),
            AuditDecision.by_name.label("by_name"),
            AuditDecision.at.label("at"),
            Award.answered.label("answered"),
        )
        .join(Activity, Activity.id == Award.activity_id)
        .join(AuditDecision, AuditDecision.award_id == Award.id)
        .where(
            Award.person_id == hers,
            Award.state == "returned",
            AuditDecision.action == "returned",
            AuditDecision.at == _latest(AuditDecision.at, _of_award(), Award),
        )
    )
    claims: Any = (
        select(
            Claim.state,
            Claim.id,
            cast(null(), Activity.title.type),
            Claim.title,
            Claim.on_date,
            literal_column("0"),
            ClaimStep.reason_code,
            ClaimStep.reason_text,
            ClaimStep.by_name,
            ClaimStep.at,
            false(),
        )
        .join(ClaimStep, ClaimStep.claim_id == Claim.id)
        .where(
            Claim.person_id == hers,
            Claim.answered.is_(False),
            or_(
                Claim.state == "returned",
                and_(
                    Claim.state.in_(("approved", "refused", "not_counted")),
                    ClaimStep.at >= bindparam("since", type_=ClaimStep.at.type),
                ),
            ),
            ClaimStep.level > 0,
            ClaimStep.at == _latest(ClaimStep.at, [ClaimStep.claim_id == Claim.id, ClaimStep.level > 0], Claim),
        )
    )
    both: CompoundSelect[Any] = union_all(awards, claims)
    return both.order_by(both.selected_columns.at.desc())


def _of_award() -> list[ColumnElement[bool]]:
    return [AuditDecision.award_id == Award.id, AuditDecision.action == "returned"]


def _latest(
    at: InstrumentedAttribute[datetime], of: list[ColumnElement[bool]], thing: type[Award] | type[Claim]
) -> ColumnElement[datetime]:
    """When something was said last."""
    return select(func.max(at)).where(*of).correlate(thing).scalar_subquery()
