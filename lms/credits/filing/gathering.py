"""Gathering the lines of a filing: the awards of a place and period as the ledger has them, batch by batch,
each compared with what the place has filed of it before. A batch is one transaction, so none is gathered twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, insert, literal_column, or_, select, update

from lms.credits.filing.models import Filing, FilingRow
from lms.credits.filing.rules import FILED, REJECTED, Before, Line, change_of, closes
from lms.credits.history_import.models import HistoryRow
from lms.credits.models import Activity, Award, LedgerEntry
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.people import queries as people
from lms.people.queries import Kept

BATCH = 500
PURPOSE = "filing_row.id_number"


@dataclass(frozen=True, slots=True)
class Found:
    """An award as the ledger has it now."""

    line: Line
    standing: bool
    person_id: UUID
    mask: str
    authority_path: str
    institution_path: str


def gather(filing: Filing, after: UUID | None, most: int = BATCH) -> UUID | None:
    """Keep what the next `most` awards change; the last award read, None when there are no more."""
    found, last_award = _awards(filing, after, most)
    before = befores(filing.place_id, [one.line.award for one in found])
    rows = []
    for one in found:
        last = before.get(one.line.award)
        change = change_of(one.line, one.standing, last)
        if change is None:
            continue
        rows.append(_row(filing, one, change))
        if last is not None and last.state == REJECTED:
            _close(filing, one.line.award, closes(last, change))
    if rows:
        session().execute(insert(FilingRow), rows)
    session().execute(
        update(Filing).where(Filing.id == filing.id).values(awards_read=Filing.awards_read + len(found))
    )
    return last_award


def _awards(filing: Filing, after: UUID | None, most: int) -> tuple[list[Found], UUID | None]:
    """The next awards, and the last of them if there may be more."""
    query = _select().where(
        organisations.under(Award.authority_path, [filing.place_path]),
        Award.on_date.between(filing.period_from, filing.period_until),
        LedgerEntry.sequence == _latest(filing),
    )
    if after is not None:
        query = query.where(Award.id > after)
    rows = list(session().execute(query.order_by(Award.id, literal_column("path")).limit(most)))
    numbers = people.whole_id_numbers(row.person_id for row in rows) if filing.full_numbers else {}
    # Postings that overlap would show an award twice: the first will do.
    once = {row.Award.id: row for row in reversed(rows)}
    # An account that is closed: as long as credit is kept it is reported as it was earned.
    kept = people.kept_identities(row.person_id for row in rows)
    found = [_found(row, kept.get(row.person_id), numbers.get(row.person_id, "")) for row in reversed(once.values())]
    return found, rows[-1].Award.id if len(rows) == most else None


def _latest(filing: Filing) -> Any:
    """SQL: the award's last line of the ledger as of the filing."""
    line = LedgerEntry.__table__.alias("latest")
    return (
        select(func.max(line.c.sequence))
        .where(line.c.award_id == Award.id, line.c.recorded_at <= filing.as_of)
        .correlate(Award)
        .scalar_subquery()
    )


def _select() -> Select[Any]:
    """Award, fact, line, person, where she worked on that day; else the place that audited her."""
    named, worked = people.names("filed_person"), people.workplaces()
    authority = organisations.table("filed_authority")
    return (
        select(
            Award, Activity.title, LedgerEntry.id.label("entry_id"), LedgerEntry.amount_milli,
            LedgerEntry.award_id, Award.person_id, named.c.name, named.c.id_number_mask,
            func.coalesce(worked.c.code, authority.c.code, "").label("code"),
            func.coalesce(worked.c.name, authority.c.name, "").label("institution"),
            func.coalesce(worked.c.path, Award.authority_path).label("path"),
            func.coalesce(HistoryRow.system, "").label("source"),
        )
        .join(Activity, Activity.id == Award.activity_id)
        .join(LedgerEntry, LedgerEntry.award_id == Award.id)
        .join(named, named.c.id == Award.person_id)
        .outerjoin(
            worked,
            and_(
                worked.c.person_id == Award.person_id,
                worked.c.starts_on <= Award.on_date,
                or_(worked.c.ends_on.is_(None), worked.c.ends_on >= Award.on_date),
            ),
        )
        .outerjoin(authority, authority.c.path == Award.authority_path)
        .outerjoin(HistoryRow, HistoryRow.award_id == Award.id)
    )  # fmt: skip


def _found(row: Any, kept: Kept | None, number: str) -> Found:
    award: Award = row.Award
    mask = kept.id_number_mask if kept else row.id_number_mask
    line = Line(
        award=award.id,
        name=kept.name if kept else row.name,
        id_number=number or mask,
        institution_code=row.code,
        institution=row.institution,
        kind=award.kind,
        title=row.title.get("zh") or next(iter(row.title.values()), ""),
        project_number=award.project_number or "",
        credit_class=award.credit_class,
        year=award.credit_year,
        on=award.on_date,
        credits_milli=abs(row.amount_milli),
        hours_milli=award.hours_milli,
        policy=award.policy_version_id,
        entry=row.entry_id,
        source=row.source,
    )
    return Found(line, row.amount_milli > 0, award.person_id, mask, award.authority_path, row.path)


def befores(place_id: UUID, awards: Sequence[UUID]) -> dict[UUID, Before]:
    """By award the last row the place has filed of it."""
    if not awards:
        return {}
    rows = session().scalars(
        select(FilingRow)
        .where(FilingRow.place_id == place_id, FilingRow.award_id.in_(awards))
        .order_by(FilingRow.number)
        .execution_options(populate_existing=True)
    )
    return {row.award_id: Before(line_of(row), row.change, row.state, row.ready_at is not None) for row in rows}


def line_of(row: FilingRow, *, whole: bool = True) -> Line:
    """A kept row as a file says it; not `whole`: with the mask even where an earlier filing had the whole number."""
    return Line(
        award=row.award_id,
        name=row.name,
        id_number=unseal(row.id_number_sealed, PURPOSE) if whole and row.id_number_sealed else row.id_number_mask,
        institution_code=row.institution_code,
        institution=row.institution,
        kind=row.kind,
        title=row.title,
        project_number=row.project_number,
        credit_class=row.credit_class,
        year=row.credit_year,
        on=row.on_date,
        credits_milli=row.credits_milli,
        hours_milli=row.hours_milli,
        policy=row.policy_version_id,
        entry=row.entry_id,
        source=row.source,
    )


def _row(filing: Filing, one: Found, change: str) -> dict[str, Any]:
    line = one.line
    whole = filing.full_numbers and line.id_number != one.mask
    return {
        "filing_id": filing.id,
        "award_id": line.award,
        "place_id": filing.place_id,
        "number": filing.number,
        "change": change,
        "person_id": one.person_id,
        "authority_path": one.authority_path,
        "institution_path": one.institution_path,
        "name": line.name,
        "id_number_mask": one.mask,
        "id_number_sealed": seal(line.id_number, PURPOSE) if whole else None,
        "institution_code": line.institution_code,
        "institution": line.institution,
        "kind": line.kind,
        "title": line.title,
        "project_number": line.project_number,
        "credit_class": line.credit_class,
        "credit_year": line.year,
        "on_date": line.on,
        "credits_milli": line.credits_milli,
        "hours_milli": line.hours_milli,
        "policy_version_id": line.policy,
        "entry_id": line.entry,
        "source": line.source,
        "state": FILED,
    }


def _close(filing: Filing, award_id: UUID, state: str) -> None:
    """The refused row is answered for by the one that is filed now."""
    session().execute(
        update(FilingRow)
        .where(
            FilingRow.place_id == filing.place_id,
            FilingRow.award_id == award_id,
            FilingRow.number < filing.number,
            FilingRow.state == REJECTED,
        )
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def lines(filing: Filing, *, delta: bool) -> Iterable[tuple[str, int, Line]]:
    """What the files of a filing hold, in the order of the awards: change, number of the filing in which the line
    went out last, line."""
    for row in rows(filing, delta=delta):
        yield (row.change if delta else "standing"), row.number, line_of(row, whole=filing.full_numbers)


def rows(filing: Filing, *, delta: bool) -> Iterable[FilingRow]:
    """The rows behind them, read in batches: memory does not grow with the file."""
    after: UUID | None = None
    while True:
        found = list(session().scalars(_lines(filing, delta, after)))
        yield from found
        for one in found:
            session().expunge(one)
        if len(found) < BATCH:
            return
        after = found[-1].award_id


def _lines(filing: Filing, delta: bool, after: UUID | None) -> Select[FilingRow]:
    found = select(FilingRow).order_by(FilingRow.award_id).limit(BATCH)
    if after is not None:
        found = found.where(FilingRow.award_id > after)
    if delta:
        return found.where(FilingRow.filing_id == filing.id)
    later = FilingRow.__table__.alias("later")
    newer = select(later.c.number).where(
        later.c.place_id == FilingRow.place_id,
        later.c.award_id == FilingRow.award_id,
        later.c.number > FilingRow.number,
        later.c.number <= filing.number,
    )
    return found.where(
        FilingRow.place_id == filing.place_id,
        FilingRow.number <= filing.number,
        FilingRow.on_date.between(filing.period_from, filing.period_until),
        FilingRow.change != "reversed",
        ~newer.correlate(FilingRow).exists(),
    )
