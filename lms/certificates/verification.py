"""What anybody may learn about a certificate who holds its token."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from lms.certificates.facts import Kind, check_code, from_json
from lms.certificates.models import Certificate
from lms.certificates.queries import civil_day
from lms.credits import queries as credits
from lms.kernel import clock
from lms.kernel.db import session


class Verdict(StrEnum):
    """What the verification page says first."""

    VALID = "valid"
    UNDER_REVIEW = "under_review"
    WAITING = "waiting"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Verification:
    """All that anybody may know who holds a certificate's token; nothing else."""

    verdict: Verdict
    kind: Kind
    masked_name: str
    titles: dict[str, str]
    credits: Decimal | None
    hours: Decimal
    issued_on: date
    check_code: str
    revoked_on: date | None
    checked_at: datetime
    demo: bool


def of_token(token: str) -> Verification | None:
    """What the public may know of the certificate with this token; None for an unknown one."""
    row = (
        session()
        .execute(
            select(
                Certificate.kind,
                Certificate.titles,
                Certificate.masked_name,
                Certificate.facts,
                Certificate.state,
                Certificate.award_id,
                Certificate.revoked_at,
            ).where(Certificate.token == token)
        )
        .first()
    )
    if row is None:
        return None
    facts = from_json(row.facts)
    return Verification(
        verdict=_verdict(row),
        kind=facts.kind,
        masked_name=row.masked_name,
        titles=row.titles,
        credits=facts.credits,
        hours=facts.hours,
        issued_on=facts.issued_on,
        check_code=check_code(token),
        revoked_on=civil_day(row.revoked_at),
        checked_at=clock.now(),
        demo=facts.demo,
    )


def _verdict(row: Row[Any]) -> Verdict:
    if row.revoked_at is not None:
        return Verdict.REVOKED
    if row.award_id is not None and credits.award_state(row.award_id) == "returned":
        return Verdict.UNDER_REVIEW
    return Verdict.WAITING if row.state == "waiting" else Verdict.VALID
