"""A plan: steps in an order one can follow, and what cannot be closed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.kernel.text import Message
from lms.pathways.planner.asking import Doing


@dataclass(frozen=True, slots=True)
class Closing:
    """What a step is for. `rule`: "credits", "hours", the id of a category or share of the policy, the code of a
    requirement, or the code of the offer for which it is a prerequisite."""

    rule: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `work`: hours of her own time; `credits`, `hours`: what the policy will count of it.

    `begins`, `ends`: the planned days, as early as can be. `latest_begin`, `latest_end`: if every step is put off as
    far as it goes, still in time; None where nothing sets an end. `now`: whether it can be begun today.
    `after`: codes of steps of this plan that come first. `time`: which time it is, of an offer done several times."""

    doing: Doing
    code: str
    work: Decimal
    credits: Decimal
    hours: Decimal
    closes: tuple[Closing, ...]
    begins: date
    ends: date
    latest_begin: date | None
    latest_end: date | None
    now: bool
    after: tuple[str, ...] = ()
    verifier: str | None = None
    time: int = 1


@dataclass(frozen=True, slots=True)
class Unclosed:
    """What no plan closes, and why. `rule` as in `Closing`; `lacking`: credits or hours still lacking after the plan,
    None where it is not an amount."""

    rule: str
    why: Message
    lacking: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`work`: hours of her own time altogether; `credits`, `hours`: what the year will count more than today."""

    steps: tuple[Step, ...]
    work: Decimal
    credits: Decimal
    hours: Decimal
    unclosed: tuple[Unclosed, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether everything asked is closed once the steps are done."""
        return not self.unclosed
