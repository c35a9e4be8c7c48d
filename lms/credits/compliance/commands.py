"""Writing years: one in the transaction that changes it, everybody's in batches.

A row is written only over the version that was read before what it was made from. So whoever changes
something of a person's year must write her row, even where it comes to the same: her new version is
what tells everybody else that what they have read is old.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Insert, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from lms.credits.compliance import reading
from lms.credits.compliance.reading import Judge, Known
from lms.credits.models import Award, YearResult
from lms.kernel import bulk, clock
from lms.kernel.db import run, session
from lms.kernel.errors import Conflict
from lms.people import queries as people

log = structlog.get_logger("compliance")
BATCH = 1000
MOST_TRIES = 20
# What a recomputed row was, compared with the stored one.
SAME, MADE, RENEWED, DIFFERENT = "same", "made", "renewed", "different"
KEY = ("person_id", "year")
NOT_COMPARED = frozenset({*KEY, "version", "computed_at"})


def refresh(person_id: UUID, year: int) -> None:
    """Make the row of a person's year anew after something of it has changed in this transaction.

    Two statements; nothing where she has no posting by which the year is filed. Raises Conflict if
    others keep writing it at the same time.
    """
    for _ in range(MOST_TRIES):
        known = reading.one(person_id, year)
        if known is None or keep(known, year):
            return
    raise Conflict


def keep(known: Known, year: int) -> bool:
    """Write the row of a year that has just been read; False if somebody has written it since."""
    return run(_upsert(), _row(known, year, Judge()), count=True).rowcount == 1


def keep_all(known: Sequence[Known], year: int) -> bool:
    """Write the rows of several people who have just been read, in the order given; False if somebody has written
    one of them since. What was written then must not stay."""
    judge = Judge()
    rows = [_row(one, year, judge) for one in known]
    if not rows:
        return True
    done = session().connection().execute(_upsert(), rows, execution_options={"preserve_rowcount": True})
    return done.rowcount == len(rows)


def refresh_all_years(person_id: UUID) -> None:
    """Make every stored year of a person anew, and this one: where she works or what she is has changed."""
    stored = session().scalars(select(YearResult.year).where(YearResult.person_id == person_id))
    for year in sorted({*stored, clock.today().year}):
        refresh(person_id, year)


def refresh_many(person_ids: Sequence[UUID], *, new: bool = False) -> None:
    """The same of many people at once, a thousand to a statement. `new`: registered in this transaction, so that
    nobody can have written a row of theirs."""
    judge, this_year = Judge(), clock.today().year
    query, _ = reading.years_select()
    for start in range(0, len(person_ids), BATCH):
        some = list(person_ids[start : start + BATCH])
        hers: dict[int, set[UUID]] = {this_year: set(some)}
        stored = select(YearResult.person_id, YearResult.year).where(YearResult.person_id.in_(some))
        for row in session().execute(stored):
            hers.setdefault(row.year, set()).add(row.person_id)
        for year, ids in sorted(hers.items()):
            given = {"people": sorted(ids), "year": year, **reading.days_of(year)}
            found = groupby(session().execute(query, given), lambda row: row.hers)
            known = [one for one in (reading.known_from(whose, list(rows)) for whose, rows in found) if one]
            if new:
                bulk.put(YearResult, [_row(one, year, judge) for one in known])
            else:
                _keep_many(known, year, judge)


def _keep_many(known: Sequence[Known], year: int, judge: Judge) -> None:
    rows = [_row(one, year, judge) for one in known]
    if not rows:
        return
    done = session().connection().execute(_upsert(), rows, execution_options={"preserve_rowcount": True})
    if done.rowcount != len(rows):
        # Somebody has written one of them since it was read.
        for one in known:
            refresh(one.person_id, year)


def forget(person_ids: Sequence[UUID]) -> None:
    """Forget the years of people who are removed because nobody has used their accounts."""
    session().execute(
        delete(YearResult)
        .where(YearResult.person_id.in_(person_ids))
        .execution_options(synchronize_session=False)
    )


@dataclass(slots=True)
class Tally:
    """What a run over a year found.

    made: rows that were missing; renewed: under another policy version, or moved by a posting that has
    begun since; different: otherwise not what was stored, which is a defect and repaired.
    """

    year: int
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.counts += other.counts

    def answer(self) -> dict[str, int]:
        """As JSON."""
        found = {word: self.counts[word] for word in (MADE, RENEWED, DIFFERENT, SAME)}
        return {"year": self.year, "people": self.counts.total(), **found}


def ranges(part: int = 1, parts: int = 1, size: int = BATCH) -> Iterator[tuple[UUID, UUID | None]]:
    """Ranges of ids that hold everybody, `size` people each; of `parts` shares the `part`-th (from 1)."""
    fences = people.fences(size)
    ends: list[UUID | None] = [*fences[1:], None]
    return iter(list(zip(fences, ends, strict=False))[part - 1 :: parts])


def recompute(year: int, start: UUID, end: UUID | None) -> Tally:
    """Make the rows of everybody in a range of ids anew; writes only what is not stored already."""
    judge, tally, changed = Judge(), Tally(year), []
    for known in reading.many(year, start, end):
        row = _row(known, year, judge)
        what = _compared(known, row)
        tally.counts[what] += 1
        if what != SAME:
            changed.append((what, row, known))
    newer = _written_since(year, [known for what, _, known in changed if what == DIFFERENT])
    for what, row, known in changed:
        if what == DIFFERENT and known.person_id in newer:
            tally.counts.update({DIFFERENT: -1, SAME: 1})
        elif what == DIFFERENT:
            _report(known, row)
    rows = [row for _, row, known in changed if known.person_id not in newer]
    if rows:
        session().execute(_upsert(), rows)
    return tally


def years() -> list[int]:
    """The years that have awards or rows, and this one."""
    spans = session().execute(
        select(func.min(Award.credit_year), func.max(Award.credit_year)).union_all(
            select(func.min(YearResult.year), func.max(YearResult.year))
        )
    )
    known = {clock.today().year, *(year for span in spans for year in span if year is not None)}
    return list(range(min(known), max(known) + 1))


def has_rows(year: int) -> bool:
    """Whether anybody's year is stored."""
    return session().scalar(select(YearResult.year).where(YearResult.year == year).limit(1)) is not None


def _row(known: Known, year: int, judge: Judge) -> dict[str, Any]:
    return {
        "person_id": known.person_id,
        "year": year,
        "version": known.version + 1,
        **asdict(judge.result(known, year)),
        "place_path": known.place.filed_at,
        "authority_path": known.place.authority_path,
        "computed_at": clock.now(),
    }


def _compared(known: Known, row: Mapping[str, Any]) -> str:
    stored = known.stored
    if stored is None:
        return MADE
    differing = {name for name, value in row.items() if name not in NOT_COMPARED and stored[name] != value}
    if not differing:
        return SAME
    moved = known.place.since > clock.local(stored["computed_at"]).date()
    return RENEWED if moved or "policy" in differing else DIFFERENT


def _written_since(year: int, doubtful: Sequence[Known]) -> set[UUID]:
    """Of these people, those whose row was written after it was read here: what looked like a difference may
    have been their change."""
    if not doubtful:
        return set()
    read = {known.person_id: known.version for known in doubtful}
    rows = session().execute(
        select(YearResult.person_id, YearResult.version).where(
            YearResult.year == year, YearResult.person_id.in_(list(read))
        )
    )
    return {row.person_id for row in rows if row.version != read[row.person_id]}


def _report(known: Known, row: Mapping[str, Any]) -> None:
    assert known.stored is not None
    fields = [name for name, value in row.items() if name not in NOT_COMPARED and known.stored[name] != value]
    log.error("year result differed", person=str(known.person_id), year=row["year"], fields=fields)


def _upsert() -> Insert:
    return _upsert_for(session().get_bind().dialect.name)


@lru_cache(maxsize=2)
def _upsert_for(dialect: str) -> Insert:
    """INSERT, or UPDATE where the stored version is the one before; touches nothing otherwise."""
    table = YearResult.__table__
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)  # type: ignore[arg-type]
    values = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in KEY}
    return insert.on_conflict_do_update(
        index_elements=KEY, set_=values, where=table.c.version == insert.excluded.version - 1
    )
