"""A learner's account as the ledger has it: its sum, by class too, and every correction by itself.

The sum is that of the entries and of nothing else; a statement says it beside what it says of the
awards, so that the two can be compared (invariant 3 of the architecture).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, func, select

from lms.credits.models import Activity, AuditDecision, Award, LedgerEntry
from lms.credits.rules.judging import NOTHING
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.quantities import from_milli


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger. what: granted reversed restored; `reason_code` says why a correction was
    made. Who made it is not here: a statement leaves the house."""

    award_id: UUID
    titles: dict[str, str]
    year: int
    credit_class: str
    amount: Decimal
    on: date
    what: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Account:
    """Entries added up: those of awards never corrected together, all others one by one in order."""

    total: Decimal
    by_class: dict[str, Decimal]
    untouched: int
    untouched_sum: Decimal
    corrected: tuple[Entry, ...]


def account(entries: Sequence[Entry]) -> Account:
    """The account that these entries make."""
    touched = {one.award_id for one in entries if one.what != "granted"}
    plain = [one for one in entries if one.award_id not in touched]
    by_class: dict[str, Decimal] = {}
    for one in entries:
        by_class[one.credit_class] = by_class.get(one.credit_class, NOTHING) + one.amount
    return Account(
        total=_sum(entries),
        by_class=by_class,
        untouched=len(plain),
        untouched_sum=_sum(plain),
        corrected=tuple(one for one in entries if one.award_id in touched),
    )


def _sum(entries: Iterable[Entry]) -> Decimal:
    return sum((one.amount for one in entries), NOTHING)


def entries_of(person_id: UUID, year: int | None = None) -> list[Entry]:
    """All entries of a person (of one credit year), in the order in which they were made; one statement."""
    hers = [Award.person_id == person_id] + ([] if year is None else [Award.credit_year == year])
    # A reversal and a restoring are each made by one decision, in the same order: the first correction
    # of an award is its second entry.
    decided = (
        select(
            AuditDecision.award_id,
            AuditDecision.reason_code,
            (
                func.row_number().over(
                    partition_by=AuditDecision.award_id, order_by=(AuditDecision.at, AuditDecision.id)
                )
                + 1
            ).label("sequence"),
        )
        .join(Award, Award.id == AuditDecision.award_id)
        .where(AuditDecision.action.in_(("reversed", "restored")), *hers)
        .subquery()
    )
    rows = session().execute(
        select(LedgerEntry, Activity.title, func.coalesce(decided.c.reason_code, ""))
        .join(Award, Award.id == LedgerEntry.award_id)
        .join(Activity, Activity.id == Award.activity_id)
        .outerjoin(
            decided,
            and_(decided.c.award_id == LedgerEntry.award_id, decided.c.sequence == LedgerEntry.sequence),
        )
        .where(LedgerEntry.person_id == person_id, *hers)
        .order_by(LedgerEntry.person_sequence)
    )
    return [_entry(*row) for row in rows]


def _entry(line: LedgerEntry, titles: dict[str, str], reason_code: str) -> Entry:
    what = "granted" if line.sequence == 1 else "reversed" if line.amount_milli < 0 else "restored"
    return Entry(
        award_id=line.award_id,
        titles=titles,
        year=line.credit_year,
        credit_class=line.credit_class,
        amount=from_milli(line.amount_milli),
        on=clock.local(line.recorded_at).date(),
        what=what,
        reason_code=reason_code,
    )
