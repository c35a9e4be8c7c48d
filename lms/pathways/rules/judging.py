"""Judge a person's standing on a pathway: every requirement of the day, and what is open to her now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lms.credits.rules.grounds import Words
from lms.kernel.text import msg
from lms.pathways.rules.modules import Modules, ModuleState
from lms.pathways.rules.pathway import OF_RANK, Pathway, Requirement, Verifier
from lms.pathways.rules.records import Facts, Kind, Record
from lms.pathways.rules.schema import SCHEMAS
from lms.pathways.rules.states import Judged, State


@dataclass(frozen=True, slots=True)
class RequirementState:
    """A requirement on a day. `blocked_by`: codes of what comes first and is not met; `modules`: the parts of a
    programme, where the requirement is one; `record`: the one that decides."""

    requirement: Requirement
    judged: Judged
    blocked_by: tuple[str, ...] = ()
    modules: tuple[ModuleState, ...] = ()
    record: Record | None = None

    @property
    def code(self) -> str:
        return self.requirement.code

    @property
    def state(self) -> State:
        return self.judged.state

    @property
    def asks(self) -> tuple[Kind, ...]:
        """What she may hand in for it, the first first; empty where nothing of hers helps."""
        found = self.judged.asks if self.judged.asks is not None else self.requirement.shape.kinds()
        return tuple(kind for kind in found if SCHEMAS[kind].own)

    @property
    def turn(self) -> Verifier:
        """Who is to verify what waits; an exam point's word is entered by the county."""
        who = OF_RANK.get(self.record.turn) if self.record else None
        named = self.requirement.by
        by_county = who is Verifier.COUNTY and Verifier.EXAM_POINT in named and Verifier.COUNTY not in named
        return named[0] if who is None or by_county else who

    @property
    def agreed(self) -> Verifier | None:
        """Who has verified already what still waits for a higher level."""
        one = self.record
        agreed = one is not None and not one.entered and 0 < one.acted < one.turn
        return OF_RANK[one.acted] if one is not None and agreed else None

    @property
    def again(self) -> bool:
        """Whether the level whose turn it is has decided before: it was corrected, or is doubted."""
        return self.record is not None and 0 < self.record.turn <= self.record.acted

    @property
    def entered(self) -> bool:
        """Whether what waits was entered by an office, not by herself."""
        return self.record is not None and self.record.entered

    @property
    def open(self) -> bool:
        """Whether she can do something for it now."""
        return self.state in (State.MISSING, State.EXPIRED, State.REJECTED) and not self.blocked_by


@dataclass(frozen=True, slots=True)
class PathwayStanding:
    """Where somebody is on a pathway on a day."""

    pathway: Pathway
    day: date
    states: tuple[RequirementState, ...]

    @property
    def met(self) -> int:
        """How many requirements ask nothing now."""
        return sum(1 for one in self.states if one.judged.met)

    @property
    def lacking(self) -> tuple[RequirementState, ...]:
        """What is not met, in the order of the way."""
        return tuple(one for one in self.states if not one.judged.met)

    @property
    def asked(self) -> tuple[RequirementState, ...]:
        """What is asked of her now: all but what is not due yet."""
        return tuple(one for one in self.states if one.state is not State.NOT_DUE)

    @property
    def verified(self) -> int:
        """How much of what is asked is verified."""
        return sum(1 for one in self.states if one.state is State.VERIFIED)

    @property
    def share(self) -> float:
        """What part of what is asked is verified, from 0 to 1."""
        return self.verified / len(self.asked) if self.asked else 1.0

    @property
    def waiting(self) -> int:
        """How much she has handed in that nobody has verified yet."""
        return sum(1 for one in self.states if one.state is State.SUBMITTED)

    @property
    def first(self) -> RequirementState | None:
        """The one thing to do next: renew what ends soon, else the first open thing she can do something about, else
        the first that stands in her way; None where others are to act, or nothing is lacking."""
        able = [one for one in self.states if one.open]
        order = [
            *(one for one in self.states if one.judged.urges(self.day)),
            *(one for one in able if one.asks or not one.requirement.shape.kinds()),
            *able,
        ]
        return order[0] if order else None

    def titles(self, codes: Sequence[str]) -> tuple[Words, ...]:
        """What requirements are called, in the order of the way."""
        return tuple(one.requirement.title for one in self.states if one.code in codes)

    @property
    def complete(self) -> bool:
        return not self.lacking

    @property
    def stage(self) -> str | None:
        """The id of the first stage that is not met; None at the end of the way."""
        return self.lacking[0].requirement.stage if self.lacking else None

    def in_stage(self, stage: str) -> tuple[RequirementState, ...]:
        return tuple(one for one in self.states if one.requirement.stage == stage)

    def state(self, code: str) -> State | None:
        """The state of a requirement by its code; None where it is not asked on the day."""
        return next((one.state for one in self.states if one.code == code), None)


def judge(pathway: Pathway, facts: Facts, day: date) -> PathwayStanding:
    """Every requirement that the pathway asks on a day."""
    asked = pathway.on(day)
    judged = {one.code: one.shape.judge(facts, day) for one in asked}
    for code in _covered(asked, judged):
        if not judged[code].met:
            judged[code] = Judged(State.NOT_DUE, msg("后面的证书已经拿到，这一项不用再办。"))
    unmet = {code for code, found in judged.items() if not found.met}
    return PathwayStanding(pathway, day, tuple(_state(one, judged, unmet, facts, day) for one in asked))


def _covered(asked: Sequence[Requirement], judged: Mapping[str, Judged]) -> set[str]:
    """Codes of all that comes before, directly or not, what is verified and covers it."""
    needs = {one.code: one.needs for one in asked}
    found: set[str] = set()
    reached = [code for one in asked if one.covers and judged[one.code].state is State.VERIFIED for code in one.needs]
    while reached:
        code = reached.pop()
        if code in needs and code not in found:
            found.add(code)
            reached += needs[code]
    return found


def _state(
    asked: Requirement, judged: dict[str, Judged], unmet: set[str], facts: Facts, day: date
) -> RequirementState:
    blocked = tuple(code for code in asked.needs if code in unmet)
    parts: Sequence[ModuleState] = asked.shape.states(facts, day) if isinstance(asked.shape, Modules) else ()
    found = judged[asked.code]
    record = next((one for one in facts.records if one.id == found.record), None) if found.record else None
    return RequirementState(asked, found, blocked, tuple(parts), record)
