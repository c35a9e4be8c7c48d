"""The plan: what is learned, what is handed in, when, why, and what cannot be closed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from lms.credits.rules.because import NOTHING
from lms.credits.rules.counting import Count
from lms.kernel.quantities import plain
from lms.kernel.text import N_, Message, msg
from lms.pathways.planner.answering import Plan, Step, Unclosed
from lms.pathways.planner.asking import Asked, Doing, Requirement, Year
from lms.pathways.planner.bringing import counted
from lms.pathways.planner.learning import Learned, Learning
from lms.pathways.planner.requiring import Ways, by_evidence, latest, ways
from lms.pathways.planner.stepping import evidence_steps, offer_steps

CLASH = N_("到 {deadline} 为止，每天学 {hours} 学时，时间不够，或者有的活动在同一天，只能去一个")


@dataclass(frozen=True, slots=True)
class _Limits:
    """By when the year and the training must be done (None: whenever), for what rests on them."""

    year_by: date
    train_by: date | None


def plan(asked: Asked) -> Plan:
    """The steps that close what is asked with the fewest hours of learning, and what cannot be closed.

    Where not everything can be closed, the plan goes as far as it can. Raises nothing but what malformed policies
    would raise in the ledger too."""
    return _Planning(asked).plan()


class _Planning:
    """One asking on its way to a plan."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.year = asked.year
        self.year_code = asked.year.closes if asked.year else None
        # Training is learned: what comes before it and how long it takes are the offers' own.
        self.requirements = tuple(
            replace(one, needs=(), days=0) if self._is_learned(one) else one for one in asked.requirements
        )
        self.evidence = by_evidence(self.requirements, self.year_code)
        self.training = tuple(one for one in self.requirements if one.doing is Doing.BE_TRAINED)
        self.base = counted(asked.year, asked.year.held) if asked.year else None

    def plan(self) -> Plan:
        refused = {one.code: why for one in self.training if (why := self._refused(one)) is not None}
        wanted = [one for one in self.training if one.code not in refused]
        if self.year is None or self.base is None:
            why = msg("没有适用的学分规则，算不出学什么能计学分")
            return self._without_year(refused | {one.code: why for one in wanted})
        learning = Learning(self.asked, self.year, self.base)
        learned, trained = self._learned(learning, self.year, wanted, refused)
        return self._whole(learning, learned, self.base, refused, wanted if trained else [], wanted)

    def _is_learned(self, one: Requirement) -> bool:
        return one.doing is Doing.BE_TRAINED or one.code == self.year_code

    def _refused(self, one: Requirement) -> Message | None:
        if one.blocked is not None:
            return one.blocked
        if one.deadline is not None and one.deadline < self.asked.day:
            return msg("截止 {deadline}，已经过了", deadline=one.deadline)
        return None

    # What is learned.

    def _learned(
        self, learning: Learning, year: Year, wanted: list[Requirement], refused: Mapping[str, Message]
    ) -> tuple[Learned, bool]:
        """What to learn, and whether the training asked for is among it."""
        must = bool(wanted)
        alone: Learned | None = None
        for limits in self._limits(year, wanted, refused):
            found = learning.best(limits.year_by, limits.train_by, must_train=must)
            if found is not None:
                return found, must
            # The training may come after the year, where it is not due earlier.
            alone = learning.best(limits.year_by, None, must_train=False) if must else None
            both = learning.with_training(alone, limits.year_by, limits.train_by) if alone else None
            if both is not None:
                return both, True
        loose = self._limits(year, wanted, refused)[-1]
        part = alone or learning.furthest(loose.year_by)
        both = learning.with_training(part, loose.year_by, loose.train_by) if must else None
        return (part, False) if both is None else (both, True)

    def _limits(self, year: Year, wanted: list[Requirement], refused: Mapping[str, Message]) -> list[_Limits]:
        """Early enough for everything that rests on it; where that cannot be, for itself."""
        learned: dict[str, date | Message] = {one.code: self.asked.day for one in wanted} | dict(refused)
        if self.year_code is not None:
            learned[self.year_code] = self.asked.day
        closable = {*ways(self.evidence, self.asked.day, learned).spans, *(one.code for one in wanted)}
        last = latest(self.requirements, closable | {self.year_code or ""}, {})
        tight = _Limits(
            year_by=min(year.deadline, last.get(self.year_code or "", year.deadline)),
            train_by=min((last[one.code] for one in wanted if one.code in last), default=None),
        )
        loose = _Limits(year.deadline, min((one.deadline for one in wanted if one.deadline), default=None))
        return [tight] if tight == loose else [tight, loose]

    # What is said of it.

    def _whole(
        self,
        learning: Learning,
        learned: Learned,
        base: Count,
        refused: Mapping[str, Message],
        trained: list[Requirement],
        wanted: list[Requirement],
    ) -> Plan:
        closed = self._closed_on(learning, learned, refused, trained, wanted)
        found = ways(self.evidence, self.asked.day, closed)
        last = latest(self.requirements, {*found.spans, *(one.code for one in trained)}, {})
        after: dict[str, tuple[str, ...]] = {}
        if learned.trainer is not None:
            code = learning.items[learned.trainer].offer.code
            after |= {one.code: (code,) for one in trained}
        if self.year_code is not None and learned.closes_year:
            after[self.year_code] = tuple(dict.fromkeys(learning.items[one].offer.code for one in learned.chosen))
        steps = [
            *offer_steps(learning, learned, base, tuple(one.code for one in trained)),
            *evidence_steps(self.evidence, self.asked.day, found.spans, last, after),
        ]
        steps.sort(key=lambda one: one[0])
        return self._plan(
            tuple(step for _, step in steps),
            (*self._year_unclosed(learning, learned), *self._unclosed(found, closed)),
            learned.brought.count.total - base.total,
            learned.brought.count.hours - base.hours,
        )

    def _closed_on(
        self,
        learning: Learning,
        learned: Learned,
        refused: Mapping[str, Message],
        trained: list[Requirement],
        wanted: list[Requirement],
    ) -> dict[str, date | Message]:
        """When each requirement that is closed by learning is closed, or why it is not."""
        found: dict[str, date | Message] = dict(refused)
        for one in wanted:
            found[one.code] = msg("到期以前没有学得完、又能计学分的课程或活动")
        if learned.trainer is not None:
            ends = learning.day(learned.slots[learned.trainer].ends)
            found |= {one.code: ends for one in trained}
        if self.year_code is not None:
            inside = (learned.slots[one].ends for one in learned.chosen)
            done: date | Message = learning.day(max(inside, default=0))
            mine = next((one for one in self.requirements if one.code == self.year_code), None)
            if not learned.closes_year:
                done = msg("这一年的学分、学时补不齐")
            elif mine is not None and mine.blocked is not None:
                done = mine.blocked
            elif mine is not None and mine.deadline is not None and isinstance(done, date) and done > mine.deadline:
                done = msg("截止 {deadline}，最早也要到 {earliest} 才能完成", deadline=mine.deadline, earliest=done)
            found[self.year_code] = done
        return found

    def _year_unclosed(self, learning: Learning, learned: Learned) -> tuple[Unclosed, ...]:
        if learned.closes_year:
            return ()
        count, found = learned.brought.count, []
        hours = str(plain(self.asked.hours_a_day))
        if learning.enough_offered() and learning.all_apart():
            why = msg("到 {deadline} 为止，每天学 {hours} 学时，时间也不够", deadline=count.deadline, hours=hours)
        elif learning.enough_offered():
            why = msg(CLASH, deadline=count.deadline, hours=hours)
        else:
            why = msg("现在可学的全部学完，也还不够")
        if count.gap_credits:
            found.append(Unclosed("credits", why, count.gap_credits))
        found += [Unclosed(one.id, why, one.gap) for one in count.categories if one.gap and count.gap_credits]
        if count.gap_hours:
            found.append(Unclosed("hours", why, count.gap_hours))
        return tuple(found)

    def _unclosed(self, found: Ways, closed: Mapping[str, date | Message]) -> tuple[Unclosed, ...]:
        """Requirements that stay open, training and the year among them."""
        mine = {one.code for one in self.requirements if self._is_learned(one)}
        learned = ((code, why) for code, why in sorted(closed.items()) if code in mine)
        return (*(Unclosed(code, why) for code, why in learned if isinstance(why, Message)), *found.unclosed)

    def _without_year(self, refused: Mapping[str, Message]) -> Plan:
        found = ways(self.evidence, self.asked.day, refused)
        last = latest(self.requirements, found.spans, {})
        steps = evidence_steps(self.evidence, self.asked.day, found.spans, last, {})
        steps.sort(key=lambda one: one[0])
        return self._plan(tuple(step for _, step in steps), self._unclosed(found, refused), NOTHING, NOTHING)

    def _plan(self, steps: tuple[Step, ...], unclosed: tuple[Unclosed, ...], credits: Decimal, hours: Decimal) -> Plan:
        return Plan(steps, sum((one.work for one in steps), NOTHING), credits, hours, unclosed)
