"""The clocks of somebody's duties: until when each runs, what it asks now, in words. Pure.

Where a rule asks for something "three months before" a day, the clock names the first day of those months as the one
to act on, and the last valid day beside it: it urges earlier, never later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.kernel.text import Message, msg
from lms.pathways.rules.judging import PathwayStanding, RequirementState
from lms.pathways.rules.pathway import VERIFIER_NAMES, Clock
from lms.pathways.rules.records import KIND_NAMES
from lms.pathways.rules.shapes import Renewal
from lms.pathways.rules.states import State


class Phase(StrEnum):
    """What a clock asks on a day: something of her, something of others, nothing now, nothing at all."""

    TO_DO = "to_do"
    WAITING = "waiting"
    KEPT = "kept"
    NOT_ASKED = "not_asked"


PHASES = tuple(Phase)


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock on a day. `first`: the line that decides; `due`: the day to act by, or the last day on which all of it
    still stands; `ends`: the last day of what is to be renewed, where that is later than `due`."""

    clock: Clock
    day: date
    phase: Phase
    lines: tuple[RequirementState, ...]
    first: RequirementState
    due: date | None
    ends: date | None = None

    @property
    def days_left(self) -> int | None:
        """Days from the day of judgement to `due`; below 0 where that has passed, None where no day is known."""
        return None if self.due is None else (self.due - self.day).days

    @property
    def applied(self) -> bool:
        """Whether the application for renewal waits or is verified."""
        return any(
            one.judged.applied is not None
            or (isinstance(one.requirement.shape, Renewal) and one.state in (State.SUBMITTED, State.VERIFIED))
            for one in self.lines
        )


def clocks(duties: Iterable[PathwayStanding], year_ends: date | None = None) -> tuple[ClockState, ...]:
    """The clocks of the duties that have any, in their fixed order. `year_ends`: the last day of the credit year, where
    her policy has another than 31 December."""
    found: list[ClockState] = []
    standings = tuple(duties)
    for clock in Clock:
        lines = tuple(line for one in standings for line in one.states if line.requirement.clock is clock)
        if lines:
            found.append(_clock(clock, standings[0].day, lines, year_ends if clock is Clock.YEAR else None))
    return tuple(found)


def _clock(clock: Clock, day: date, lines: Sequence[RequirementState], year_ends: date | None) -> ClockState:
    phase = min((_phase(one, day) for one in lines), key=PHASES.index)
    deciding = [one for one in lines if _phase(one, day) is phase]
    first = min(deciding, key=lambda one: _urgency(one, day)) if phase is Phase.TO_DO else deciding[0]
    if phase is Phase.NOT_ASKED:
        return ClockState(clock, day, phase, tuple(lines), first, None)
    if phase is Phase.TO_DO:
        due = _due(first, day)
    else:
        standing = (_due(one, day) for one in lines if one.state is State.VERIFIED)
        due = min((one for one in standing if one is not None), default=None)
    if clock is Clock.YEAR and due is not None and year_ends is not None:
        due = year_ends
    renewed = (one.judged.until for one in lines if due is not None and one.judged.renew_from == due)
    ends = next((one for one in renewed if one is not None), None)
    return ClockState(clock, day, phase, tuple(lines), first, due, ends if ends != due else None)


def _phase(line: RequirementState, day: date) -> Phase:
    if line.state is State.NOT_DUE:
        return Phase.NOT_ASKED
    if line.state is State.SUBMITTED:
        return Phase.WAITING
    if line.state is State.VERIFIED:
        return Phase.TO_DO if line.judged.urges(day) else Phase.KEPT
    return Phase.TO_DO


def _due(line: RequirementState, day: date) -> date | None:
    """The day that matters of one line: from when to apply as long as that lies ahead, else its last day."""
    opens = line.judged.renew_from
    if line.state is State.VERIFIED and line.judged.applied is None and opens is not None and day < opens:
        return opens
    return line.judged.until


def _urgency(line: RequirementState, day: date) -> tuple[int, date]:
    """A day that lies ahead before one that has passed, before none; the earlier first."""
    due = _due(line, day)
    if due is None:
        return 2, date.max
    return (0, due) if due >= day else (1, due)


def words(clock: ClockState) -> tuple[Message, ...]:
    """What a clock says, in short sentences; every day in full."""
    line, due, days = clock.first, clock.due, clock.days_left
    match clock.phase:
        case Phase.NOT_ASKED:
            return (msg("现在没有要求。"),)
        case Phase.WAITING:
            return (*_waiting(line), *_meanwhile(clock))
        case Phase.KEPT if clock.clock is Clock.YEAR:
            return (msg("今年够了。"),)
        case Phase.KEPT:
            return _kept(clock)
    if due is not None and days is not None and days >= 0:
        return _by(clock, due, days)
    if line.state is State.EXPIRED and due is not None:
        return (msg("上一次的算到 {date}，要补新的。", date=due),)
    if line.judged.reason is not None:
        return (line.judged.reason,)
    if line.state is State.REJECTED:
        return (msg("交来的没有通过，请看原因。"),)
    if line.asks:
        return (msg("还没有这份记录：{what}。", what=msg(KIND_NAMES[line.asks[0]])),)
    return (msg("还缺"),)


def _waiting(line: RequirementState) -> tuple[Message, ...]:
    """Who said it, who has agreed, whose turn it is."""
    who = msg(VERIFIER_NAMES[line.turn])
    if line.entered:
        return (msg("审核机关已登记，等{who}核实。", who=who),)
    if line.agreed is not None:
        return (msg("{seen}已核实，等{who}核实。", seen=msg(VERIFIER_NAMES[line.agreed]), who=who),)
    return (msg("已交，等{who}核实。", who=who),)


def _meanwhile(clock: ClockState) -> tuple[Message, ...]:
    """Until when those lines stand that are verified; the one that waits is not among them."""
    if clock.due is None:
        return ()
    if clock.clock is Clock.LICENCE:
        return (msg("证书有效到 {date}，还有 {days} 天。", date=clock.due, days=clock.days_left),)
    return (msg("其他已核实的算到 {date}，还有 {days} 天。", date=clock.due, days=clock.days_left),)


def _by(clock: ClockState, due: date, days: int) -> tuple[Message, ...]:
    """Something to do by a day that lies ahead."""
    line = clock.first
    if isinstance(line.requirement.shape, Renewal) or line.judged.urges(clock.day):
        return (
            msg("现在就到县里申请再注册，越早越稳。"),
            msg("证书有效到 {date}，还有 {days} 天。", date=due, days=days),
        )
    if line.state is State.REJECTED and line.judged.reason is not None:
        return line.judged.reason, msg("最晚 {date}，还有 {days} 天。", date=due, days=days)
    if clock.clock is Clock.YEAR:
        return (msg("{date} 前补齐，还有 {days} 天。", date=due, days=days),)
    return (msg("{date} 前办好，还有 {days} 天。", date=due, days=days),)


def _kept(clock: ClockState) -> tuple[Message, ...]:
    if clock.ends is not None and clock.due is not None:
        return (
            msg("{date} 起申请再注册，还有 {days} 天，当天就办最稳。", date=clock.due, days=clock.days_left),
            msg("证书有效到 {date}。", date=clock.ends),
        )
    return _holds(clock)


def _holds(clock: ClockState) -> tuple[Message, ...]:
    """Until when all that is verified stands."""
    if clock.due is None:
        return (msg("没有写到期的日子。"),)
    told = msg("算到 {date}，还有 {days} 天。", date=clock.due, days=clock.days_left)
    if clock.applied and clock.clock is Clock.LICENCE:
        return msg("再注册已申请。"), told
    return (told,)
