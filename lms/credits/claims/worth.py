"""What an activity that is not recorded yet would bring: converted, awarded, counted, and why."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from lms.credits import policies
from lms.credits.ledger.awarding import fact_of
from lms.credits.lines import COUNTING
from lms.credits.models import Activity, Award
from lms.credits.rules.counting import count
from lms.credits.rules.deciding import held_as
from lms.credits.rules.facts import RefusedError
from lms.credits.rules.judging import Earlier, judge
from lms.credits.rules.words import words
from lms.credits.statements import as_held
from lms.kernel.db import session
from lms.kernel.quantities import from_milli
from lms.kernel.text import Message
from lms.people.queries import PersonCard


@dataclass(frozen=True, slots=True)
class Worth:
    """`before` and `after`: what counts of the year without and with it; `why`: the rule first, then what cuts it."""

    computed: Decimal
    awarded: Decimal
    counted: Decimal
    hours: Decimal
    before: Decimal
    after: Decimal
    why: tuple[Message, ...]


def worth(activity: Activity, card: PersonCard) -> Worth | None:
    """What it would bring now; None where its year has no policy or the policy no rule for it. One statement."""
    person, year = policies.person_of(card), activity.on_date.year
    policy = policies.for_person(person, year)
    if policy is None:
        return None
    rows = [
        row
        for row in session().execute(
            select(
                Award.id, Award.activity_id, Award.kind, Award.on_date, Award.awarded_milli, Award.hours_milli,
                Award.state, Award.activity_code, Award.project_number, Award.credit_class,
            ).where(Award.person_id == card.id, Award.credit_year == year)
        )
        if row.activity_id != activity.id
    ]  # fmt: skip
    earlier = [
        Earlier(
            row.kind,
            row.activity_code,
            None if row.state == "reversed" else row.project_number,
            row.on_date,
            from_milli(row.awarded_milli),
        )
        for row in rows
    ]
    fact = fact_of(activity)
    try:
        judgement = judge(policy, person, fact, year, earlier)
    except RefusedError:
        return None
    held = [as_held(row) for row in rows if row.state in COUNTING]
    before = count(policy, person, year, held)
    new = [held_as(fact, judgement)] if judgement.awarded else []
    after = count(policy, person, year, [*held, *new])
    cut = [after.cut[fact.id]] if fact.id in after.cut else []
    return Worth(
        computed=judgement.computed,
        awarded=judgement.awarded,
        counted=after.total - before.total,
        hours=judgement.hours,
        before=before.total,
        after=after.total,
        why=tuple(words(reason) for reason in (*judgement.reasons, *cut)),
    )
