"""A learner's year: every credit, the ones that count, and for each other one why not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, select, union

from lms.credits import policies
from lms.credits.accounts import Account, Entry, account, entries_of
from lms.credits.lines import COUNTING, Basis, Record, StatementLine, basis_of, line_of, records_of
from lms.credits.models import Award, RefusedActivity
from lms.credits.rules.counting import CategoryCount, Compliance, Held, count
from lms.credits.rules.facts import Person
from lms.credits.rules.judging import NOTHING
from lms.credits.rules.policy import Policy, Remark
from lms.credits.rules.words import words
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.db import run, session
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message, msg
from lms.people import queries as people
from lms.people.queries import PersonCard

__all__ = [
    "Basis",
    "ClassSum",
    "Standing",
    "Statement",
    "as_held",
    "awards_of_year",
    "basis_of",
    "standing_of",
    "statement",
    "statement_of",
    "year_standing",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner stands in a year. Amounts are Decimal; need_… None where nothing is required;
    `reasons`: why the year requires something else than usual (she was away, her unit asks for more)."""

    year: int
    counted: Decimal
    hours: Decimal
    need_credits: Decimal | None
    need_hours: Decimal | None
    gap_credits: Decimal
    gap_hours: Decimal
    deadline: date
    days_left: int
    compliance: Compliance
    reasons: tuple[Message, ...]
    policy: Policy
    person: Person
    held: tuple[Held, ...]
    codes: frozenset[str]
    categories: tuple[CategoryCount, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassSum:
    """One class of credits in a year: its sum in the account, and what the policy wants and counts of
    it (None where the policy says nothing, or none is in force)."""

    title: Message | Mapping[str, str]
    code: str
    account: Decimal
    counted: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    gap: Decimal | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A year in full. `lines` holds every activity by date; the three groups below are drawn from it."""

    year: int
    years: tuple[int, ...]
    person: PersonCard
    standing: Standing | None
    lines: tuple[StatementLine, ...]
    classes: tuple[ClassSum, ...]
    account: Account
    remarks: tuple[Remark, ...]

    @property
    def counted_lines(self) -> tuple[StatementLine, ...]:
        """What brings credits or hours (hours count in full where credits are capped)."""
        return tuple(line for line in self.lines if line.judged and (line.counted or line.hours))

    @property
    def uncounted_lines(self) -> tuple[StatementLine, ...]:
        """What does not count, whole or in part, each with its reason."""
        return tuple(line for line in self.lines if line.judged and (line.uncounted or not line.counted))

    @property
    def unjudged_lines(self) -> tuple[StatementLine, ...]:
        """Awards of a year for which no policy is in force."""
        return tuple(line for line in self.lines if not line.judged)

    @property
    def computed(self) -> Decimal:
        return sum((line.computed for line in self.lines), NOTHING)

    @property
    def hours(self) -> Decimal:
        return sum((line.hours for line in self.lines), NOTHING)

    @property
    def uncounted(self) -> Decimal:
        """Computed, and for whatever reason not counted."""
        return sum((line.uncounted for line in self.uncounted_lines), NOTHING)

    @property
    def counted_computed(self) -> Decimal:
        return sum((line.computed for line in self.counted_lines), NOTHING)

    @property
    def waiting(self) -> Decimal:
        """In the account, and not counted as long as the doctor has not explained."""
        return sum((line.awarded for line in self.lines if line.state == "returned"), NOTHING)

    @property
    def over(self) -> Decimal:
        """In the account, and beyond what the year may count."""
        judged = (line for line in self.lines if line.judged and line.state in COUNTING)
        return sum((line.awarded - line.counted for line in judged), NOTHING)

    @property
    def balanced(self) -> bool:
        """Whether the entries of the ledger come to what the awards say."""
        standing = (line.awarded for line in self.lines if line.state in COUNTING)
        return self.account.total == sum(standing, NOTHING) + self.waiting


def year_standing(person_id: UUID, year: int, card: PersonCard | None = None) -> Standing | None:
    """Where she stands; two statements, one when her card is given. None where no policy is in force."""
    card = card or require_found(people.person(person_id))
    return standing_of(card, year, run(awards_of_year(), {"person": person_id, "year": year}))


@lru_cache(maxsize=1)
def awards_of_year() -> Select[Any]:
    """SQL: what `standing_of` wants of the awards of the person and year bound to `person` and `year`."""
    read: tuple[Any, ...] = (
        Award.id,
        Award.kind,
        Award.on_date,
        Award.awarded_milli,
        Award.hours_milli,
        Award.state,
        Award.activity_code,
        Award.credit_class,
    )
    hers = Award.person_id == bindparam("person", type_=Uuid())
    return select(*read).where(hers, Award.credit_year == bindparam("year", type_=Integer()))


def standing_of(card: PersonCard, year: int, rows: Iterable[Any]) -> Standing | None:
    """The standing from award rows (id, kind, on_date, awarded_milli, hours_milli, state, credit_class, …)."""
    person = policies.person_of(card)
    policy = policies.for_person(person, year)
    if policy is None:
        return None
    awards = list(rows)
    held = tuple(as_held(row) for row in awards if row.state in COUNTING)
    total = count(policy, person, year, held)
    return Standing(
        year=year,
        counted=total.total,
        hours=total.hours,
        need_credits=total.need_credits,
        need_hours=total.need_hours,
        gap_credits=total.gap_credits,
        gap_hours=total.gap_hours,
        deadline=total.deadline,
        days_left=max(0, (total.deadline - clock.today()).days),
        compliance=total.compliance,
        reasons=tuple(words(reason) for reason in total.reasons),
        policy=policy,
        person=person,
        held=held,
        codes=frozenset(row.activity_code for row in awards if row.activity_code),
        categories=total.categories,
    )


def as_held(row: Any) -> Held:
    """An award row as the yearly count sees it."""
    return Held(
        str(row.id),
        row.kind,
        row.on_date,
        from_milli(row.awarded_milli),
        from_milli(row.hours_milli),
        row.credit_class,
    )


def statement(person_id: UUID, year: int, card: PersonCard | None = None) -> Statement:
    """A year in full; four statements, three when her card is given."""
    card = card or require_found(people.person(person_id))
    entries = entries_of(person_id, year)
    return statement_of(card, year, records_of(person_id, year), entries, years_of(person_id))


def statement_of(
    card: PersonCard, year: int, records: Sequence[Record], entries: Sequence[Entry], years: tuple[int, ...]
) -> Statement:
    """A year in full from its records and its entries in the ledger."""
    standing = standing_of(card, year, [record.award for record in records if record.award])
    total = count(standing.policy, standing.person, year, standing.held) if standing else None
    lines = tuple(line_of(record, total) for record in records)
    made = account(entries)
    return Statement(
        year=year,
        years=years,
        person=card,
        standing=standing,
        lines=lines,
        classes=tuple(_classes(standing, lines, made)),
        account=made,
        remarks=_remarks(standing),
    )


def _classes(standing: Standing | None, lines: Sequence[StatementLine], made: Account) -> Iterable[ClassSum]:
    """The classes of the policy, then every other class in which there are credits."""
    known = {one.id: one for one in standing.policy.categories} if standing else {}
    for one in standing.categories if standing else ():
        sum_ = made.by_class.get(one.id, NOTHING)
        title = known[one.id].title.both()
        yield ClassSum(title, one.id, sum_, one.counted, one.minimum, one.maximum, one.gap)
    for code in sorted(set(made.by_class) - set(known)):
        mine = [line for line in lines if line.credit_class == code and line.award_id]
        counted = sum((line.counted for line in mine), NOTHING) if standing else None
        title_of = class_title(code, mine[0].policy_version_id if mine else "")
        yield ClassSum(title_of, code, made.by_class[code], counted, None, None, None)


def class_title(code: str, version: str) -> Message | Mapping[str, str]:
    """What a class is called by the policy under which it was awarded; in words where it has no name."""
    policy = policies.by_version(version)
    category = next((one for one in policy.categories if one.id == code), None) if policy else None
    if category is not None:
        return category.title.both()
    return msg("不分类") if code == "general" else msg("没有名称的类别（{code}）", code=code)


def years_of(person_id: UUID) -> tuple[int, ...]:
    """The years in which she has records, and this one; latest first."""
    found = session().scalars(
        union(
            select(Award.credit_year).where(Award.person_id == person_id),
            select(RefusedActivity.credit_year).where(RefusedActivity.person_id == person_id),
        )
    )
    return tuple(sorted({*found, clock.today().year}, reverse=True))


def _remarks(standing: Standing | None) -> tuple[Remark, ...]:
    if standing is None:
        return ()
    return tuple(
        remark
        for remark in standing.policy.remarks
        if remark.grounds.certainty.labelled and remark.grounds.hold_for(standing.person.population)
    )
