"""A learner's year: every credit, the ones that count, and for each other one why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, union

from lms.credits import policies
from lms.credits.ledger.decisions import reasons_of
from lms.credits.models import Activity, Award, RefusedActivity
from lms.credits.rules.counting import Compliance, Count, Held, count
from lms.credits.rules.facts import Person
from lms.credits.rules.judging import NOTHING, Reason
from lms.credits.rules.policy import Certainty, Policy, Remark
from lms.credits.rules.words import words
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message
from lms.people import queries as people
from lms.people.queries import PersonCard

COUNTING = frozenset({"granted", "approved"})


@dataclass(frozen=True, slots=True)
class Basis:
    """How a line was computed: the sentence, and how sure the rule behind it is."""

    sentence: Message
    certainty: Certainty | None
    source: dict[str, str]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One activity. `why` tells why something of it does not count; empty if all of it does."""

    activity_id: UUID
    award_id: UUID | None
    titles: dict[str, str]
    kind: str
    on_date: date
    enrolment_id: UUID | None
    hours: Decimal
    computed: Decimal
    awarded: Decimal
    counted: Decimal
    state: str
    basis: Basis
    why: tuple[Message, ...]
    codes: tuple[str, ...]

    @property
    def uncounted(self) -> Decimal:
        return self.computed - self.counted


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


@dataclass(frozen=True, slots=True)
class Statement:
    """A year in full."""

    year: int
    years: tuple[int, ...]
    person: PersonCard
    standing: Standing | None
    counted_lines: tuple[StatementLine, ...]
    uncounted_lines: tuple[StatementLine, ...]
    computed: Decimal
    remarks: tuple[Remark, ...]

    @property
    def uncounted(self) -> Decimal:
        """Computed, and for whatever reason not counted."""
        return sum((line.uncounted for line in self.uncounted_lines), NOTHING)

    @property
    def counted_computed(self) -> Decimal:
        return sum((line.computed for line in self.counted_lines), NOTHING)


def year_standing(person_id: UUID, year: int, card: PersonCard | None = None) -> Standing | None:
    """Where she stands; two statements, one when her card is given. None where no policy is in force."""
    card = card or require_found(people.person(person_id))
    rows = session().execute(
        select(
            Award.id,
            Award.kind,
            Award.on_date,
            Award.awarded_milli,
            Award.hours_milli,
            Award.state,
            Award.activity_code,
            Award.credit_class,
        ).where(Award.person_id == person_id, Award.credit_year == year)
    )
    return standing_of(card, year, rows)


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


def statement(person_id: UUID, year: int) -> Statement:
    """A year in full; four statements."""
    card = require_found(people.person(person_id))
    awards = session().execute(_with_activity(Award, person_id, year)).all()
    refused = session().execute(_with_activity(RefusedActivity, person_id, year)).all()
    standing = standing_of(card, year, [row[0] for row in awards])
    total = count(standing.policy, standing.person, year, standing.held) if standing else None
    lines = [_award_line(award, activity, total) for award, activity in awards]
    lines += [_refused_line(refusal, activity) for refusal, activity in refused]
    lines.sort(key=lambda line: (line.on_date, line.activity_id))
    return Statement(
        year=year,
        years=years_of(person_id),
        person=card,
        standing=standing,
        counted_lines=tuple(line for line in lines if line.counted),
        uncounted_lines=tuple(line for line in lines if line.uncounted),
        computed=sum((line.computed for line in lines), NOTHING),
        remarks=_remarks(standing),
    )


def _with_activity(table: Any, person_id: UUID, year: int) -> Any:
    return (
        select(table, Activity)
        .join(Activity, Activity.id == table.activity_id)
        .where(table.person_id == person_id, table.credit_year == year)
    )


def years_of(person_id: UUID) -> tuple[int, ...]:
    """The years in which she has records, and this one; latest first."""
    found = session().scalars(
        union(
            select(Award.credit_year).where(Award.person_id == person_id),
            select(RefusedActivity.credit_year).where(RefusedActivity.person_id == person_id),
        )
    )
    return tuple(sorted({*found, clock.today().year}, reverse=True))


def _award_line(award: Award, activity: Activity, total: Count | None) -> StatementLine:
    reasons = reasons_of(award.decision)
    counted, why = NOTHING, list(reasons[1:])
    if award.state in COUNTING and total is not None:
        counted = total.counted[str(award.id)]
        if str(award.id) in total.cut:
            why.append(total.cut[str(award.id)])
    elif award.state not in COUNTING:
        why = [Reason(award.state)]
    return _line(activity, award, counted, award.state, reasons[0], why)


def _refused_line(refusal: RefusedActivity, activity: Activity) -> StatementLine:
    reasons = reasons_of(refusal.decision)
    return _line(activity, refusal, NOTHING, "refused", reasons[0], reasons[1:])


def _line(
    activity: Activity,
    decided: Award | RefusedActivity,
    counted: Decimal,
    state: str,
    rate: Reason,
    why: Iterable[Reason],
) -> StatementLine:
    award = decided if isinstance(decided, Award) else None
    because = tuple(why)
    return StatementLine(
        activity_id=activity.id,
        award_id=award.id if award else None,
        titles=activity.title,
        kind=activity.kind,
        on_date=activity.on_date,
        enrolment_id=activity.enrolment_id,
        hours=from_milli(award.hours_milli) if award and state in COUNTING else NOTHING,
        computed=from_milli(decided.computed_milli),
        awarded=from_milli(award.awarded_milli) if award else NOTHING,
        counted=counted,
        state=state,
        basis=basis_of(rate, decided.policy_version_id, activity.on_date.year),
        why=tuple(words(reason) for reason in because),
        codes=tuple(reason.code for reason in because),
    )


def basis_of(rate: Reason, version: str, year: int) -> Basis:
    """The sentence of a rate, with the certainty of the rule it rests on."""
    policy = policies.by_version(version) or policies.governing(policies.NATION, year)
    rule = next((one for one in policy.conversions if one.id == rate.rule), None) if policy else None
    return Basis(
        sentence=words(rate),
        certainty=rule.grounds.certainty if rule else None,
        source=rule.grounds.citation.both() if rule else {},
    )


def _remarks(standing: Standing | None) -> tuple[Remark, ...]:
    if standing is None:
        return ()
    return tuple(
        remark
        for remark in standing.policy.remarks
        if remark.grounds.certainty.labelled and remark.grounds.hold_for(standing.person.population)
    )
