"""What would change for everybody if a draft governed a year. Reads only.

What counts now comes from the awards as they stand, counted under the policy that governs each person.
What would count comes from the same recorded activities, judged anew under the draft in the order in
which they were recorded, as they were the first time; so a draft that says what the policy in force says
changes nobody. An award that was returned or reversed stays not counting, and what was reversed takes no
room under a project's cap, but stays given once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from lms.credits import policies
from lms.credits.ledger.awarding import fact_of
from lms.credits.lines import COUNTING
from lms.credits.models import Activity, Award
from lms.credits.rules.counting import Compliance, Count, Held, count
from lms.credits.rules.deciding import held_as
from lms.credits.rules.facts import Fact, Person, RefusedError
from lms.credits.rules.judging import NOTHING, Earlier, Judgement, judge
from lms.credits.rules.policy import Policy
from lms.credits.statements import as_held
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.quantities import format_credits, format_hours
from lms.organisations import queries as organisations
from lms.people import queries as people
from lms.people.queries import PostedPerson

BATCH = 500
GAIN, LOSE, SAME = "gain", "lose", "same"
RANK = {Compliance.FAIL: 0, Compliance.UNKNOWN: 1, Compliance.NOT_REQUIRED: 2, Compliance.PASS: 2}
# Of an activity, what no rule reads; its id is read as that of the award where there is one.
UNREAD = frozenset({"id", "title", "subject", "holder", "note", "approval_id", "recorded_by"})


@dataclass(frozen=True, slots=True)
class Year:
    """A person's year under one policy; None where nothing governs it."""

    policy: str | None
    counted: Decimal
    hours: Decimal
    gap_credits: Decimal
    gap_hours: Decimal
    compliance: Compliance

    @property
    def standing(self) -> tuple[int, Decimal, Decimal, Decimal, Decimal]:
        """Compares as better or worse for her: the verdict, then what counts, then what is lacking."""
        return RANK[self.compliance], self.counted, self.hours, -self.gap_credits, -self.gap_hours


UNGOVERNED = Year(None, NOTHING, NOTHING, NOTHING, NOTHING, Compliance.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Change:
    """One person before and after."""

    person: PostedPerson
    before: Year
    after: Year

    @property
    def outcome(self) -> str:
        """gain, lose or same: by the verdict first, then credits, hours, and what is still lacking."""
        if self.before.standing == self.after.standing:
            return SAME
        return GAIN if self.after.standing > self.before.standing else LOSE

    @property
    def credits(self) -> Decimal:
        return self.after.counted - self.before.counted

    @property
    def order(self) -> tuple[bool, Decimal, int, Decimal, str]:
        """Who loses most comes first."""
        verdict = RANK[self.after.compliance] - RANK[self.before.compliance]
        hours = self.after.hours - self.before.hours
        return self.outcome == GAIN, self.credits, verdict, hours, str(self.person.id)


@dataclass(slots=True)
class Simulation:
    """Everybody's year under a draft, added up. `no_rule`: facts the draft takes no account of, by kind
    and by the field for which it refuses them."""

    draft: Policy
    year: int
    on: date
    people: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[Compliance, Compliance]] = field(default_factory=Counter)
    governed_by: Counter[str] = field(default_factory=Counter)
    no_rule: Counter[tuple[str, str]] = field(default_factory=Counter)
    before: Decimal = NOTHING
    after: Decimal = NOTHING
    up: Decimal = NOTHING
    down: Decimal = NOTHING
    changes: list[Change] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """Count one person; keep her only if something changes for her."""
        self.people += 1
        self.outcomes[change.outcome] += 1
        self.verdicts[change.before.compliance, change.after.compliance] += 1
        self.governed_by[change.before.policy or ""] += 1
        self.before += change.before.counted
        self.after += change.after.counted
        self.up += max(NOTHING, change.credits)
        self.down += max(NOTHING, -change.credits)
        if change.outcome != SAME:
            self.changes.append(change)


def simulate(draft: Policy, year: int, tell: Callable[[int], None] = lambda done: None) -> Simulation:
    """Everybody with a posting of today in the draft's jurisdiction, as if the draft governed the year.

    Two statements a batch of people; `tell` hears after each batch how many people are done.
    """
    found = Simulation(draft, year, clock.today())
    governing: dict[str, Policy | None] = {}
    for batch in _batches(draft, found.on):
        recorded = _recorded([one.id for one, _ in batch], year)
        for one, place in batch:
            if place not in governing:
                governing[place] = policies.governing(place, year)
            person, rows = Person(place, one.population), recorded.get(one.id, [])
            before = _now(governing[place], person, year, rows)
            after = _under(draft, person, year, rows, found.no_rule)
            found.add(Change(one, before, after))
        tell(found.people)
    found.changes.sort(key=lambda change: change.order)
    return found


def _batches(draft: Policy, on: date) -> Iterator[list[tuple[PostedPerson, str]]]:
    """Everybody the draft covers, with her province, in the order of ids."""
    codes = organisations.region_codes()
    last: UUID | None = None
    while batch := people.posted_people(on, last, BATCH):
        last = batch[-1].id
        placed = ((one, organisations.jurisdiction_among(codes, one.authority_path)) for one in batch)
        if covered := [(one, place) for one, place in placed if draft.covers(place)]:
            yield covered


def _recorded(ids: Sequence[UUID], year: int) -> dict[UUID, list[Any]]:
    """Activities of a year by person, each with its award if it has one, in the order they were recorded."""
    read = [column for column in Activity.__table__.columns if column.name not in UNREAD]
    rows = session().execute(
        select(
            *read,
            # Awards of one day count in the order of their ids.
            func.coalesce(Award.id, Activity.id).label("id"),
            Award.state,
            Award.awarded_milli,
            Award.hours_milli.label("award_hours_milli"),
            Award.credit_class,
        )
        .select_from(Activity)
        .outerjoin(Award, Award.activity_id == Activity.id)
        .where(Activity.person_id.in_(ids), Activity.on_date.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(Activity.recorded_at, Activity.id)
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


@dataclass(slots=True)
class _AwardRow:
    """The award of a row, by the names that the yearly count knows."""

    id: UUID
    kind: str
    on_date: date
    awarded_milli: int
    hours_milli: int
    credit_class: str


def _now(policy: Policy | None, person: Person, year: int, rows: Sequence[Any]) -> Year:
    """What counts now, of the awards as they stand."""
    if policy is None:
        return UNGOVERNED
    held = [
        as_held(
            _AwardRow(
                row.id, row.kind, row.on_date, row.awarded_milli, row.award_hours_milli, row.credit_class
            )
        )
        for row in rows
        if row.state in COUNTING
    ]  # fmt: skip
    return _year(policy, count(policy, person, year, held))


def _under(draft: Policy, person: Person, year: int, rows: Sequence[Any], no_rule: Counter[tuple[str, str]]) -> Year:
    """What would count, of the same activities judged anew."""
    earlier: list[Earlier] = []
    held: list[Held] = []
    for row in rows:
        fact = fact_of(row)
        try:
            judgement = judge(draft, person, fact, year, earlier)
        except RefusedError as refusal:
            no_rule[fact.kind, refusal.field] += 1
            continue
        if judgement.awarded:
            earlier.append(_earlier(fact, judgement, row.state == "reversed"))
        if row.state is None or row.state in COUNTING:
            held.append(held_as(fact, judgement))
    return _year(draft, count(draft, person, year, held))


def _earlier(fact: Fact, judgement: Judgement, reversed_: bool) -> Earlier:
    project = None if reversed_ else fact.project
    return Earlier(fact.kind, fact.activity, project, fact.date, judgement.awarded)


def _year(policy: Policy, total: Count) -> Year:
    return Year(policy.id, total.total, total.hours, total.gap_credits, total.gap_hours, total.compliance)


def answer(found: Simulation) -> dict[str, Any]:
    """The answer of `credits simulate --json`; decimals are strings."""
    return {
        "draft": found.draft.id,
        "version": found.draft.version,
        "status": found.draft.status.value,
        "jurisdiction": found.draft.jurisdiction,
        "year": found.year,
        "as_of": found.on.isoformat(),
        "people": found.people,
        "governed_by": [
            {"policy": name or None, "people": number} for name, number in sorted(found.governed_by.items())
        ],
        "gain": found.outcomes[GAIN],
        "lose": found.outcomes[LOSE],
        "same": found.outcomes[SAME],
        "compliance": [
            {"before": before.value, "after": after.value, "people": number}
            for (before, after), number in sorted(found.verdicts.items())
        ],
        "credits": {
            "before": _credits(found.before),
            "after": _credits(found.after),
            "up": _credits(found.up),
            "down": _credits(found.down),
        },
        "no_rule": [
            {"kind": kind, "field": refused, "facts": number}
            for (kind, refused), number in sorted(found.no_rule.items())
        ],
        "changes": [_change(change) for change in found.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "person": str(change.person.id),
        "name": change.person.name,
        "workplace": change.person.workplace_name,
        "outcome": change.outcome,
        "before": _said(change.before),
        "after": _said(change.after),
    }


def _said(year: Year) -> dict[str, Any]:
    return {
        "policy": year.policy,
        "counted": _credits(year.counted),
        "hours": format_hours(year.hours).replace(",", ""),
        "gap_credits": _credits(year.gap_credits),
        "gap_hours": format_hours(year.gap_hours).replace(",", ""),
        "compliance": year.compliance.value,
    }


def _credits(amount: Decimal) -> str:
    return format_credits(amount).replace(",", "")
