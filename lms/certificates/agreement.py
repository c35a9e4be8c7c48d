"""That certificates say what the ledger says (part of invariant I1), for `credits verify`."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.engine import Connection

from lms.certificates.models import Certificate
from lms.credits.log.row_checks import balance_of
from lms.kernel.quantities import to_milli


def certificates_and_lines(connection: Connection) -> Iterator[str | None]:
    """For each live certificate of credit: None if its award's lines add up to what is printed, else what is wrong."""
    statement = select(
        Certificate.number, Certificate.facts, balance_of(Certificate.__table__.c.award_id).label("entered")
    ).where(Certificate.kind == "credit", Certificate.revoked_at.is_(None))
    with connection.execute(statement.execution_options(yield_per=1000)) as rows:
        for row in rows:
            printed = to_milli(Decimal(row.facts["credits"]))
            right = printed == row.entered
            yield None if right else f"certificate {row.number} says {printed}, its award's lines {row.entered}"
