"""The shapes of requirements: from what is on record, and a day, to a state with its reason. Pure.

What is dated after the day does not count at all. Time limits end on the corresponding day and that day still belongs
to them (months.later); of a time served both days count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from lms.kernel.text import Message, msg
from lms.pathways.rules.months import in_last, later, length
from lms.pathways.rules.records import AGREED_YEARS, Facts, Kind, Record, Standing
from lms.pathways.rules.states import BEST_FIRST, Judged, State, time_lacking


class Shape(Protocol):
    """How a requirement is judged."""

    def judge(self, facts: Facts, day: date) -> Judged: ...

    def kinds(self) -> tuple[Kind, ...]:
        """What she may hand in for it."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records of a kind whose fields say one of the words named."""

    kind: Kind
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def among(self, records: Iterable[Record], day: date) -> list[Record]:
        """Those of the day or before, the latest last."""
        found = [
            one
            for one in records
            if one.kind is self.kind
            and one.on <= day
            and all(one.fields.get(name) in words for name, words in self.where.items())
        ]
        return sorted(found, key=lambda one: (one.on, one.id))


def _told(found: Sequence[Record], after: Record | None) -> Judged | None:
    """What the latest record that is not verified says, later than `after`; None if there is none."""
    waiting = [one for one in found if not one.verified and (after is None or one.on > after.on)]
    if not waiting:
        return None
    last = waiting[-1]
    return Judged(State.SUBMITTED if last.standing is Standing.SUBMITTED else State.REJECTED, record=last.id)


def _applied(wanted: Wanted, until: date, months: int, records: Iterable[Record], day: date) -> Judged | None:
    """How an application stands that was made in the last `months` before `until`; None if none was made then. What
    was applied for at another time says nothing of this renewal."""
    made = [one for one in wanted.among(records, day) if in_last(one.on, until, months)]
    verified = [one for one in made if one.verified]
    return Judged(State.VERIFIED, record=verified[-1].id) if verified else _told(made, None)


def _failing(record: Record) -> Message:
    """That an examination was not passed: its day, her score and the pass mark, as far as they are on record."""
    score, line = record.fields.get("score"), record.fields.get("line")
    if score and line:
        return msg("没有考过：{date}，{score}/{line}。", date=record.on, score=score, line=line)
    if score:
        return msg("没有考过：{date}，{score} 分。", date=record.on, score=score)
    return msg("没有考过：{date}。", date=record.on)


@dataclass(frozen=True, slots=True)
class Held:
    """A record that, once verified, stands as long as it says itself; `renew_months` before its last day it is to be
    renewed, by an application `renewed_by`."""

    wanted: Wanted
    renew_months: int | None = None
    renewed_by: Wanted | None = None

    def judge(self, facts: Facts, day: date) -> Judged:
        found = self.wanted.among(facts.records, day)
        standing = [one for one in found if one.verified and one.holds_on(day)]
        if standing:
            # The one that stands longest.
            best = max(standing, key=lambda one: (one.until is None, one.until or day, one.on))
            return self._standing(best, facts, day)
        ended = max((one for one in found if one.verified), key=lambda one: one.until or day, default=None)
        judged = _told(found, ended) or Judged(State.MISSING)
        if judged.state is State.MISSING and ended is not None:
            judged = Judged(State.EXPIRED, msg("原来的已经到期，要有新的。"), ended.id, ended.until)
        failed = None if judged.state is State.SUBMITTED else self._failed(facts, day, ended)
        return replace(judged, reason=_failing(failed), failed=failed.id) if failed else judged

    def _failed(self, facts: Facts, day: date, after: Record | None) -> Record | None:
        """The last verified result that was no pass, later than `after`, where a pass is wanted."""
        if self.wanted.where.get("result") != ("pass",):
            return None
        others = Wanted(self.wanted.kind, {**self.wanted.where, "result": ("fail",)}).among(facts.records, day)
        failed = [one for one in others if one.verified and (after is None or one.on > after.on)]
        return failed[-1] if failed else None

    def _standing(self, best: Record, facts: Facts, day: date) -> Judged:
        found = Judged(State.VERIFIED, record=best.id, until=best.until)
        if best.until is None or self.renew_months is None:
            return found
        found = replace(found, renew_from=later(best.until, -self.renew_months))
        if self.renewed_by is None:
            return found
        made = _applied(self.renewed_by, best.until, self.renew_months, facts.records, day)
        waits = made.state if made and made.state in (State.SUBMITTED, State.VERIFIED) else None
        return replace(found, applied=waits, asks=(self.renewed_by.kind,) if found.due(day) else None)

    def kinds(self) -> tuple[Kind, ...]:
        return (self.wanted.kind,)


@dataclass(frozen=True, slots=True)
class Within:
    """A record not older than so many months: once every two years."""

    wanted: Wanted
    months: int

    def judge(self, facts: Facts, day: date) -> Judged:
        found = self.wanted.among(facts.records, day)
        last = next((one for one in reversed(found) if one.verified), None)
        if last is None:
            return _told(found, None) or Judged(State.MISSING)
        until = later(last.on, self.months)
        if day <= until:
            return Judged(State.VERIFIED, record=last.id, until=until)
        over = msg("上一次已超过 {months} 个月。", months=self.months)
        return _told(found, last) or Judged(State.EXPIRED, over, last.id, until)

    def kinds(self) -> tuple[Kind, ...]:
        return (self.wanted.kind,)


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment every so many months. Who fails may ask for another within `retry_months`; who does not, or fails
    again, has failed for good, until an authority records a pass. Without `retry_months` the law sets no such limit:
    who fails is suspended, trained and assessed again."""

    wanted: Wanted
    months: int
    retry_months: int | None = None

    def judge(self, facts: Facts, day: date) -> Judged:
        found = self.wanted.among(facts.records, day)
        verified = [one for one in found if one.verified]
        if not verified or _passed(verified[-1]):
            return Within(self.wanted, self.months).judge(facts, day)
        last = verified[-1]
        told = _told(found, last)
        if told is not None and told.state is State.SUBMITTED:
            return told
        if self.retry_months is None:
            return Judged(State.REJECTED, msg("考核没有合格，先暂停执业，培训以后再考核。"), last.id)
        before = verified[-2] if len(verified) > 1 else None
        deadline = later(last.on, self.retry_months)
        if before is not None and not _passed(before) and last.on <= later(before.on, self.retry_months):
            return Judged(State.REJECTED, msg("再次考核仍没有合格。"), last.id)
        if day > deadline:
            late = msg("考核没有合格，{months} 个月内没有再次考核。", months=self.retry_months)
            return Judged(State.REJECTED, late, last.id)
        return Judged(State.REJECTED, msg("考核没有合格，可以在期限前申请再次考核。"), last.id, deadline)

    def kinds(self) -> tuple[Kind, ...]:
        return (self.wanted.kind,)


def _passed(record: Record) -> bool:
    return record.fields.get("result") == "pass"


@dataclass(frozen=True, slots=True)
class Served:
    """A time served, in spans that do not count twice; a span without end goes on. `months`: how long, unless what is
    verified says how many years were agreed upon: the latest agreement decides."""

    wanted: Wanted
    months: int

    def judge(self, facts: Facts, day: date) -> Judged:
        found = self.wanted.among(facts.records, day)
        verified = [one for one in found if one.verified]
        spans, asked = [one.span(day) for one in verified], self._asked(verified)
        months, days = length(spans)
        if months >= asked:
            return Judged(State.VERIFIED, record=verified[-1].id)
        lacking = divmod((asked - months) * 30 - days, 30)
        reason = time_lacking(*lacking)
        submitted = [one for one in found if one.standing is Standing.SUBMITTED]
        if submitted:
            return Judged(State.SUBMITTED, reason, submitted[-1].id, lacking=lacking)
        if not spans and found:
            return Judged(State.REJECTED, reason, found[-1].id, lacking=lacking)
        return Judged(State.MISSING, reason, lacking=lacking)

    def _asked(self, verified: Sequence[Record]) -> int:
        """Months to be served; what she only says herself agrees nothing."""
        agreed = [one.fields[AGREED_YEARS] for one in verified if one.fields.get(AGREED_YEARS)]
        return 12 * int(agreed[-1]) if agreed else self.months

    def kinds(self) -> tuple[Kind, ...]:
        return (self.wanted.kind,)


@dataclass(frozen=True, slots=True)
class Clear:
    """A declaration that nothing stands against her, and nothing on record that does."""

    wanted: Wanted
    against: Wanted

    def judge(self, facts: Facts, day: date) -> Judged:
        bars = [one for one in self.against.among(facts.records, day) if one.verified and one.holds_on(day)]
        if bars:
            last = max(bars, key=lambda one: (one.until is None, one.until or day))
            told = msg("还在禁考期内。到 {date} 为止。", date=last.until) if last.until else msg("还在禁考期内。")
            return Judged(State.REJECTED, told, last.id, last.until, asks=())
        return Held(self.wanted).judge(facts, day)

    def kinds(self) -> tuple[Kind, ...]:
        return (self.wanted.kind,)


@dataclass(frozen=True, slots=True)
class Renewal:
    """An application, to be made so many months before the last day of what is to be renewed."""

    wanted: Wanted
    of: Wanted
    months: int

    def judge(self, facts: Facts, day: date) -> Judged:
        licences = [one for one in self.of.among(facts.records, day) if one.verified and one.until is not None]
        if not licences:
            return Judged(State.NOT_DUE)
        licence = max(licences, key=lambda one: (one.until or day, one.on))
        assert licence.until is not None
        opens = later(licence.until, -self.months)
        made = _applied(self.wanted, licence.until, self.months, facts.records, day)
        if made is not None:
            return made
        if day < opens:
            return Judged(State.NOT_DUE, renew_from=opens)
        if day <= licence.until:
            return Judged(State.MISSING, msg("证书快到期了，现在就可以申请。"), until=licence.until)
        return Judged(State.EXPIRED, msg("证书到期前没有申请。"), until=licence.until)

    def kinds(self) -> tuple[Kind, ...]:
        return (self.wanted.kind,)


@dataclass(frozen=True, slots=True)
class Timely:
    """Something done within so many months of something else; who comes later is trained first."""

    wanted: Wanted
    after: Wanted
    months: int
    catch_up: Wanted
    catch_up_months: int

    def judge(self, facts: Facts, day: date) -> Judged:
        begun = [one for one in self.after.among(facts.records, day) if one.verified]
        if not begun:
            return Judged(State.NOT_DUE)
        begin = begun[-1]
        deadline = later(begin.on, self.months)
        found = self.wanted.among(facts.records, day)
        done = next((one for one in found if one.verified), None)
        if done is not None:
            if done.on <= deadline or self._caught_up(facts, begin.on, done.on):
                return Judged(State.VERIFIED, record=done.id)
            return Judged(State.MISSING, msg("办得晚了，要有此前的培训证明。"), done.id, asks=self.catch_up_kinds)
        told = _told(found, None)
        if told is not None and told.state is State.SUBMITTED:
            return told
        if day <= deadline:
            return Judged(State.MISSING, until=deadline)
        if self._caught_up(facts, begin.on, day):
            return Judged(State.MISSING, msg("培训已经够了，可以去办。"))
        late = msg("已过期限，先培训 {months} 个月再办。", months=self.catch_up_months)
        return Judged(State.EXPIRED, late, until=deadline, asks=self.catch_up_kinds)

    @property
    def catch_up_kinds(self) -> tuple[Kind, ...]:
        return (self.catch_up.kind,)

    def _caught_up(self, facts: Facts, start: date, end: date) -> bool:
        spans = [one.span(end) for one in self.catch_up.among(facts.records, end) if one.verified and one.on >= start]
        return length(spans)[0] >= self.catch_up_months

    def kinds(self) -> tuple[Kind, ...]:
        return (self.wanted.kind, self.catch_up.kind)


@dataclass(frozen=True, slots=True)
class YearPass:
    """The credits and hours that the year of the day asks for."""

    def judge(self, facts: Facts, day: date) -> Judged:
        end = date(day.year, 12, 31)
        match facts.years.get(day.year, "unknown"):
            case "pass":
                return Judged(State.VERIFIED, until=end)
            case "not_required":
                return Judged(State.NOT_DUE)
            case _:
                return Judged(State.MISSING, until=end)

    def kinds(self) -> tuple[Kind, ...]:
        return ()


def _judged(way: Shape, facts: Facts, day: date) -> Judged:
    """One of several ways, with what is to be handed in for it."""
    found = way.judge(facts, day)
    return found if found.asks is not None else replace(found, asks=way.kinds())


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several things at once; what stands worst is told."""

    ways: tuple[Shape, ...]

    def judge(self, facts: Facts, day: date) -> Judged:
        judged = [_judged(way, facts, day) for way in self.ways]
        order = (State.REJECTED, State.EXPIRED, State.MISSING, State.NOT_DUE, State.SUBMITTED, State.VERIFIED)
        worst = min(judged, key=lambda one: order.index(one.state))
        told = Judged(State.MISSING, asks=worst.asks) if worst.state is State.NOT_DUE else worst
        return replace(told, parts=sum(1 for one in judged if one.state is State.VERIFIED))

    def kinds(self) -> tuple[Kind, ...]:
        return tuple(dict.fromkeys(kind for way in self.ways for kind in way.kinds()))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several ways is enough; the one that stands best is told, of two alike the one of which more is done."""

    ways: tuple[Shape, ...]

    def judge(self, facts: Facts, day: date) -> Judged:
        judged = (_judged(way, facts, day) for way in self.ways)
        return min(judged, key=lambda one: (BEST_FIRST.index(one.state), -one.parts))

    def kinds(self) -> tuple[Kind, ...]:
        return tuple(dict.fromkeys(kind for way in self.ways for kind in way.kinds()))
