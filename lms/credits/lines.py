"""The lines of a statement: one for every activity, with what became of it and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select

from lms.credits import policies
from lms.credits.ledger.decisions import reasons_of
from lms.credits.models import Activity, Award, RefusedActivity
from lms.credits.rules.counting import Count
from lms.credits.rules.judging import NOTHING, Reason
from lms.credits.rules.policy import Certainty
from lms.credits.rules.words import words
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message, msg

COUNTING = frozenset({"granted", "approved"})


@dataclass(frozen=True, slots=True)
class Basis:
    """How a line was computed: the sentence, and how sure the rule behind it is."""

    sentence: Message
    certainty: Certainty | None
    source: dict[str, str]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One activity. `why` tells why something of it does not count; empty if all of it does.

    `judged` is False for an award of a year without a policy in force: nobody can say what counts.
    """

    activity_id: UUID
    award_id: UUID | None
    titles: dict[str, str]
    kind: str
    credit_class: str
    on_date: date
    enrolment_id: UUID | None
    hours: Decimal
    computed: Decimal
    awarded: Decimal
    counted: Decimal
    state: str
    judged: bool
    policy_version_id: str
    authority_path: str
    basis: Basis
    why: tuple[Message, ...]
    codes: tuple[str, ...]

    @property
    def uncounted(self) -> Decimal:
        return self.computed - self.counted

    @property
    def origin(self) -> tuple[Message, ...]:
        """Where it was imported from, and what that source said; empty for what was recorded here."""
        return tuple(said for said, code in zip(self.why, self.codes, strict=False) if code.startswith("imported_"))


@dataclass(frozen=True, slots=True)
class Record:
    """An activity and what it became: an award, or a refusal."""

    year: int
    activity: Activity
    award: Award | None
    refusal: RefusedActivity | None


def records_of(person_id: UUID, year: int | None = None) -> list[Record]:
    """All that is recorded of a person (in one credit year), by date; one statement."""
    found = (
        select(Activity, Award, RefusedActivity)
        .outerjoin(Award, Award.activity_id == Activity.id)
        .outerjoin(RefusedActivity, RefusedActivity.activity_id == Activity.id)
        .where(Activity.person_id == person_id)
        .order_by(Activity.on_date, Activity.id)
    )
    if year is not None:
        found = found.where(or_(Award.credit_year == year, RefusedActivity.credit_year == year))
    return [
        Record((award or refusal).credit_year, activity, award, refusal)
        for activity, award, refusal in session().execute(found)
        if award or refusal
    ]


def line_of(record: Record, total: Count | None) -> StatementLine:
    """The line of a record; `total` is the count of its year, None where no policy is in force."""
    award, refusal = record.award, record.refusal
    if award is not None:
        return _award_line(award, record.activity, total)
    assert refusal is not None
    reasons = reasons_of(refusal.decision)
    return _line(record.activity, refusal, NOTHING, "refused", reasons[0], reasons[1:])


def _award_line(award: Award, activity: Activity, total: Count | None) -> StatementLine:
    reasons = reasons_of(award.decision)
    counted, why = NOTHING, list(reasons[1:])
    if award.state not in COUNTING:
        why = [Reason(award.state)]
    elif total is not None:
        counted = total.counted[str(award.id)]
        if str(award.id) in total.cut:
            why.append(total.cut[str(award.id)])
    judged = total is not None or award.state not in COUNTING
    return _line(activity, award, counted, award.state, reasons[0], why, judged)


def _line(
    activity: Activity,
    decided: Award | RefusedActivity,
    counted: Decimal,
    state: str,
    rate: Reason,
    why: Iterable[Reason],
    judged: bool = True,
) -> StatementLine:
    award = decided if isinstance(decided, Award) else None
    because = tuple(why)
    sentences = tuple(words(reason) for reason in because)
    return StatementLine(
        activity_id=activity.id,
        award_id=award.id if award else None,
        titles=activity.title,
        kind=activity.kind,
        credit_class=award.credit_class if award else "",
        on_date=activity.on_date,
        enrolment_id=activity.enrolment_id,
        hours=from_milli(award.hours_milli) if award and state in COUNTING else NOTHING,
        computed=from_milli(decided.computed_milli),
        awarded=from_milli(award.awarded_milli) if award else NOTHING,
        counted=counted,
        state=state,
        judged=judged,
        policy_version_id=decided.policy_version_id,
        authority_path=award.authority_path if award else "",
        basis=basis_of(rate, decided.policy_version_id, activity.on_date.year),
        why=sentences if judged else (*sentences, no_rule(decided.credit_year)),
        codes=tuple(reason.code for reason in because),
    )


def no_rule(year: int) -> Message:
    """What is said of a year in which no policy is in force."""
    return msg("系统里没有 {year} 年生效的规则集，不判断计不计入。", year=year)


def basis_of(rate: Reason, version: str, year: int) -> Basis:
    """The sentence of a rate, with the certainty of the rule it rests on."""
    policy = policies.by_version(version) or policies.governing(policies.NATION, year)
    rule = next((one for one in policy.conversions if one.id == rate.rule), None) if policy else None
    return Basis(
        sentence=words(rate),
        certainty=rule.grounds.certainty if rule else None,
        source=rule.grounds.citation.both() if rule else {},
    )
