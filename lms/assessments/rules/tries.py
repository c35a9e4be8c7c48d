"""May she try, and may she see the answers: limited tries, a wait after a failed one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from lms.courses.packages.package import Assessment
from lms.kernel import clock
from lms.kernel.text import Message, msg


class State(StrEnum):
    """Where a person stands with the assessment of a course."""

    LOCKED = "locked"
    READY = "ready"
    OPEN = "open"
    COOLING = "cooling"
    USED_UP = "used_up"
    PASSED = "passed"


@dataclass(frozen=True)
class Try:
    """One earlier attempt; what is None is not decided yet."""

    attempt_id: UUID
    number: int
    started_at: datetime
    deadline: datetime
    submitted_at: datetime | None = None
    percent: int | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class Standing:
    """Whether she may start now, and why not."""

    state: State
    tries_left: int
    attempt_id: UUID | None = None
    next_at: datetime | None = None
    best_percent: int | None = None

    @property
    def may_start(self) -> bool:
        return self.state is State.READY

    def reason(self) -> Message | None:
        """Why no attempt can be started, in words; None where one can or one is open."""
        return _REASONS.get(self.state)


_REASONS = {
    State.LOCKED: msg("先学完全部课，再来测验。"),
    State.COOLING: msg("还没到下次可以测验的时间。"),
    State.USED_UP: msg("这门课今年的测验机会已经用完。"),
    State.PASSED: msg("这门课的测验您已经通过了。"),
}


def standing(paper: Assessment, tries: Sequence[Try], now: datetime, *, lessons_finished: bool) -> Standing:
    """Judge the tries of one enrolment, in order of number. An open attempt goes on first.

    The paper's number of tries holds for a calendar year: nobody is shut out of a course for ever.
    """
    left = tries_left(paper, tries, now)
    percents = [one.percent for one in tries if one.percent is not None]
    best = max(percents, default=None)
    won = next((one for one in tries if one.passed), None)
    if won is not None:
        return Standing(State.PASSED, left, won.attempt_id, best_percent=best)
    last = tries[-1] if tries else None
    if last is not None and last.submitted_at is None:
        return Standing(State.OPEN, left, last.attempt_id, best_percent=best)
    if not left:
        return Standing(State.USED_UP, 0, next_at=next_year(now), best_percent=best)
    if not lessons_finished:
        return Standing(State.LOCKED, left, best_percent=best)
    if last is not None and last.submitted_at is not None:
        again = last.submitted_at + timedelta(minutes=paper.cooldown_minutes)
        if now < again:
            return Standing(State.COOLING, left, next_at=again, best_percent=best)
    return Standing(State.READY, left, best_percent=best)


def tries_left(paper: Assessment, tries: Sequence[Try], now: datetime) -> int:
    """How many more attempts may be started in the civil year of `now`."""
    year = clock.year_of(now)
    return max(0, paper.attempts - sum(clock.year_of(one.started_at) == year for one in tries))


def next_year(now: datetime) -> datetime:
    """The instant at which the next civil year begins."""
    return datetime(clock.year_of(now) + 1, 1, 1, tzinfo=clock.CIVIL)


def may_show_answers(rule: str, *, submitted: bool, passed_ever: bool, tries_left: int) -> bool:
    """Whether key and explanations may reach the browser; an unknown rule shows nothing."""
    if not submitted:
        return False
    if rule == "after_submit":
        return True
    if rule == "after_pass":
        return passed_ever
    if rule == "after_last":
        return passed_ever or tries_left == 0
    return False
