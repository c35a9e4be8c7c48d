"""Lines of the ledger. A learner's lines are numbered without gaps; the number is also what keeps
two transactions for one learner apart: whoever takes it second sees that somebody was there."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from lms.credits.models import Award, LedgerEntry
from lms.kernel import clock
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.ids import new_id


def enter(award: Award, person_sequence: int, sequence: int = 1) -> bool:
    """Add the line of an award under this number; False if the number has just been taken."""
    return _add(award, person_sequence, sequence, award.awarded_milli, None, award.on_date)


def reverse(award: Award) -> None:
    """Cancel the award's standing line by a new one; raises Conflict if it is cancelled already."""
    line = _last(award.id)
    if line is None or line.amount_milli < 0:
        raise Conflict
    number = _last_number(award.person_id)
    while not _add(award, number + 1, line.sequence + 1, -line.amount_milli, line.id, clock.today()):
        number = _last_number(award.person_id)


def restore(award: Award) -> None:
    """Enter a reversed award anew, as a line of its own; raises Conflict if it stands already."""
    line = _last(award.id)
    if line is None or line.amount_milli > 0:
        raise Conflict
    number = _last_number(award.person_id)
    while not enter(award, number + 1, line.sequence + 1):
        number = _last_number(award.person_id)


def _add(
    award: Award,
    person_sequence: int,
    sequence: int,
    amount_milli: int,
    reverses: UUID | None,
    effective_on: date,
) -> bool:
    return insert_once(
        LedgerEntry,
        {
            "id": new_id(),
            "award_id": award.id,
            "sequence": sequence,
            "person_id": award.person_id,
            "person_sequence": person_sequence,
            "credit_year": award.credit_year,
            "credit_class": award.credit_class,
            "amount_milli": amount_milli,
            "reverses": reverses,
            "policy_version_id": award.policy_version_id,
            "effective_on": effective_on,
            "recorded_at": clock.now(),
        },
        on=["person_id", "person_sequence"],
    )


def _last(award_id: UUID) -> LedgerEntry | None:
    return session().scalar(
        select(LedgerEntry).where(LedgerEntry.award_id == award_id).order_by(LedgerEntry.sequence.desc()).limit(1)
    )


def _last_number(person_id: UUID) -> int:
    found = session().scalar(select(func.max(LedgerEntry.person_sequence)).where(LedgerEntry.person_id == person_id))
    return found or 0
