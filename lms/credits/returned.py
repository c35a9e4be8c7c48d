"""What came back to a doctor and waits for her: awards to explain, claims to correct. One statement for both,
for the page she sees first."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Uuid,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from lms.credits.claims.models import Claim, ClaimStep
from lms.credits.claims.reasons import WORDS as CLAIM_WORDS
from lms.credits.models import Activity, AuditDecision, Award
from lms.credits.rules.reasons import WORDS
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message, msg


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
class ReturnedClaim:
    """A claim that waits for the doctor to correct it, with what was said."""

    id: UUID
    title: str
    reason: Message
    text: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Both, latest first."""

    awards: tuple[ReturnedAward, ...]
    claims: tuple[ReturnedClaim, ...]


def returned(person_id: UUID) -> Returned:
    """What waits for her; one statement."""
    rows = session().execute(_select(), {"person": person_id}).all()
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
            ReturnedClaim(row.id, row.title, msg(CLAIM_WORDS[row.reason_code]), row.text)
            for row in rows
            if row.what == "claim"
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
            AuditDecision.at == _latest(AuditDecision, AuditDecision.award_id == Award.id, Award),
        )
    )
    claims: Any = (
        select(
            literal_column("'claim'"),
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
            Claim.state == "returned",
            ClaimStep.action == "returned",
            ClaimStep.at == _latest(ClaimStep, ClaimStep.claim_id == Claim.id, Claim),
        )
    )
    both: CompoundSelect[Any] = union_all(awards, claims)
    return both.order_by(both.selected_columns.at.desc())


def _latest(
    told: type[AuditDecision] | type[ClaimStep], of: ColumnElement[bool], thing: type[Award] | type[Claim]
) -> ColumnElement[datetime]:
    """When something was returned last."""
    return select(func.max(told.at)).where(of, told.action == "returned").correlate(thing).scalar_subquery()
