"""What a plan is asked from: the day, the credit year, open requirements, and what may be learned or told."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lms.credits.rules.counting import Held
from lms.credits.rules.facts import Fact, Person
from lms.credits.rules.history import Past
from lms.credits.rules.judging import Earlier
from lms.credits.rules.policy import Policy
from lms.kernel.text import Message


class Doing(StrEnum):
    """What a step has one do. The first three spend hours and may bring credit; the others close a requirement."""

    LEARN = "learn"
    JOIN = "join"
    TELL = "tell"
    HAND_IN = "hand_in"
    RENEW = "renew"
    SIT_EXAM = "sit_exam"
    LOG_PRACTICE = "log_practice"
    BE_TRAINED = "be_trained"
    WAIT = "wait"


OFFERED = frozenset({Doing.LEARN, Doing.JOIN, Doing.TELL})


@dataclass(frozen=True, slots=True)
class Offer:
    """A course, an outside activity that is to come, or a claim that may be told.

    `fact`: what will be on record once it is done; its date is set by the plan. `work`: hours of her own time still
    to be spent (less than the fact's hours where she has begun; 0 for a claim on something already done).
    `prerequisites`: codes of courses to be finished before this one begins. `opens`, `closes`: first day to begin and
    last day to finish (both included; None: no limit). `trains`: finishing it is training, if it brings credit.
    `times`: how often it may be done (a claim each of whose occurrences counts).

    An activity is held from `opens` to `closes` whatever she does: its hours take nothing from what she can learn in
    a day, nothing comes before it, and of two on one day she can be at one only."""

    code: str
    doing: Doing
    fact: Fact
    work: Decimal
    prerequisites: tuple[str, ...] = ()
    opens: date | None = None
    closes: date | None = None
    begun: bool = False
    trains: bool = True
    times: int = 1

    def __post_init__(self) -> None:
        if self.doing not in OFFERED or self.work < 0 or self.times < 1:
            raise ValueError(f"{self.code}: an offer is learned, joined or told, in no less than no time, once or more")
        if self.doing is Doing.JOIN and (self.held is None or self.prerequisites or self.begun or self.times != 1):
            raise ValueError(f"{self.code}: an activity is held once, from a day to a day, and nothing comes before it")

    @property
    def held(self) -> tuple[date, date] | None:
        """The first and the last day of an activity; None for what is done when she likes."""
        if self.doing is not Doing.JOIN or self.opens is None or self.closes is None or self.opens > self.closes:
            return None
        return self.opens, self.closes


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement that is still open. `needs`: codes of requirements that must be closed first; those that are not
    open themselves are taken to be met. `days`: the least it takes from begin to end. `opens`: the first day it can
    be begun; `deadline`: the last day it may end (None: none). `blocked`: why nothing she does can close it.
    BE_TRAINED is closed by finishing an offer that trains and brings credit, not by a step of its own."""

    code: str
    doing: Doing
    verifier: str | None = None
    deadline: date | None = None
    needs: tuple[str, ...] = ()
    days: int = 0
    opens: date | None = None
    blocked: Message | None = None

    def __post_init__(self) -> None:
        if self.doing in OFFERED or self.days < 0:
            raise ValueError(f"{self.code}: a requirement is closed by evidence or training, in no less than no days")


@dataclass(frozen=True, slots=True)
class Year:
    """The credit year to be closed, as the ledger has it today: `held` what stands, `earlier` what an activity
    already awarded (or a project's cap already used) looks like to later awards, `history` what earlier years left.
    `closes`: the code of the requirement that the passed year closes, if one asks for it."""

    year: int
    policy: Policy
    person: Person
    held: tuple[Held, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    history: tuple[Past, ...] = ()
    closes: str | None = None

    @property
    def deadline(self) -> date:
        return self.policy.deadline(self.year)


@dataclass(frozen=True, slots=True)
class Asked:
    """All a plan is made of. `hours_a_day`: the most she can spend on learning in a day; `finished`: codes of courses
    she has finished, for prerequisites. Raises ValueError where a code is used twice."""

    day: date
    year: Year | None
    offers: tuple[Offer, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    finished: frozenset[str] = frozenset()
    hours_a_day: Decimal = Decimal(8)

    def __post_init__(self) -> None:
        _once(offer.code for offer in self.offers)
        _once(requirement.code for requirement in self.requirements)
        if self.hours_a_day <= 0:
            raise ValueError("hours_a_day must be more than 0")


def _once(codes: Iterable[str]) -> None:
    twice = [code for code, times in Counter(codes).items() if times > 1]
    if twice:
        raise ValueError(f"used twice: {', '.join(twice)}")
