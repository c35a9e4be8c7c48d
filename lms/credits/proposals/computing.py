"""What an edition would bring under every policy in force, and why; computed by what will award it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.courses.packages.checker import CHECK_MINUTES, GENEROUS, MINUTES_AN_HOUR
from lms.courses.packages.package import Package
from lms.credits import policies
from lms.credits.approvals.queries import COURSE_KINDS
from lms.credits.rules.facts import Fact, Person, RefusedError
from lms.credits.rules.judging import NOTHING, judge
from lms.credits.rules.policy import Policy
from lms.credits.rules.words import words
from lms.kernel.text import Message


@dataclass(frozen=True, slots=True)
class Counted:
    """The minutes the platform counts in a package, by what they are spent on."""

    lessons: int
    checks: int
    assessment: int

    @property
    def minutes(self) -> int:
        return self.lessons + self.checks + self.assessment

    @property
    def hours(self) -> Decimal:
        """Hours of training, to a tenth, rounded down."""
        return Decimal(self.minutes * 10 // MINUTES_AN_HOUR) / 10

    @property
    def most(self) -> Decimal:
        """The most hours that may be proposed for so many minutes, to a tenth."""
        return Decimal(int(self.minutes * GENEROUS * 10) // MINUTES_AN_HOUR) / 10


@dataclass(frozen=True, slots=True)
class Worth:
    """What a kind of project of so many hours brings under a policy; `credit_class`: the class it is booked in."""

    policy: Policy
    kind: str
    credits: Decimal
    credit_class: str
    why: tuple[Message, ...]


def counted(package: Package) -> Counted:
    """The minutes of lessons, of self-checks in them and of the assessment."""
    checks = sum(item.use == "check" for item in package.items)
    paper = package.assessment.minutes if package.assessment else 0
    return Counted(sum(one.minutes for one in package.lessons), CHECK_MINUTES * checks, paper)


def policies_in_force(year: int) -> list[Policy]:
    """One policy for every place that has its own in force in a year, the nation's first."""
    places = {known.policy.jurisdiction for known in policies.library() if known.policy.governs(year)}
    found = [policies.governing(place, year) for place in sorted(places, key=lambda one: (one != policies.NATION, one))]
    return [policy for policy in found if policy is not None]


def worth(policy: Policy, code: str, kind: str, hours: Decimal, assessed: bool, on: date) -> Worth:
    """What finishing it on a day brings somebody who has nothing yet that year."""
    fact = Fact(
        id=f"~{code}", kind=kind, activity=code, project=None, date=on, quantity=hours, unit="hours", hours=hours,
        assessed=assessed,
    )  # fmt: skip
    try:
        judgement = judge(policy, Person(policy.jurisdiction, None), fact, on.year, ())
    except RefusedError as refused:
        return Worth(policy, kind, NOTHING, policy.credit_class, (refused.message,))
    why = tuple(words(reason) for reason in judgement.reasons)
    return Worth(policy, kind, judgement.awarded, judgement.category or policy.credit_class, why)


def table(code: str, hours: Decimal, assessed: bool, on: date) -> list[Worth]:
    """Every kind of project under every policy in force on a day."""
    return [worth(policy, code, kind, hours, assessed, on) for policy in policies_in_force(on.year)
            for kind in COURSE_KINDS]  # fmt: skip
