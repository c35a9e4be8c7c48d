"""What offers are roughly worth, in whole thousandths, fast enough to try thousands of choices.

Each offer is judged once by the policy, as if it were the only one; caps shared with others, yearly caps, categories
and shares are then added up here as the policy's own count does. A choice found this way is only a proposal: the
policy decides on it before it becomes a plan (`bringing`)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from lms.credits.rules.because import NOTHING
from lms.credits.rules.counting import Count
from lms.credits.rules.facts import Fact
from lms.credits.rules.grounds import Measure
from lms.credits.rules.judging import Judgement, binds
from lms.credits.rules.policy import Cap, Per, Policy
from lms.credits.rules.requiring import needs
from lms.pathways.planner.asking import Offer, Year
from lms.pathways.planner.bringing import judged


@dataclass(frozen=True, slots=True)
class Item:
    """One occasion of an offer. `credits` and `hours` (thousandths): what it would be awarded alone. `shared`: places
    of the limits that cut what is awarded (projects, activities), `limits`: of those that cut what counts (years,
    categories). `activity`: the place of the activity that is awarded once, −1 if it may be repeated; `category`
    likewise that of its category. `shares`: for each share of the year, whether it is of its kinds. `closure`: the
    places of everything that must come before."""

    offer: Offer
    time: int
    fact: Fact
    work: int
    credits: int
    hours: int
    category: int = -1
    shared: tuple[int, ...] = ()
    limits: tuple[int, ...] = ()
    activity: int = -1
    shares: tuple[bool, ...] = ()
    deems: bool = False
    trains: bool = False
    before: tuple[int, ...] = ()
    closure: tuple[int, ...] = ()


@dataclass(slots=True)
class Sums:
    """What a choice comes to (thousandths): counted credits, hours, credits by category, `have` and `total` of each
    share, whether something stands for the whole year, and what the limits (`rooms`) and activities leave."""

    credits: int
    hours: int
    categories: list[int]
    have: list[int]
    total: list[int]
    deemed: bool = False
    rooms: list[int] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the year still asks: credits, hours and each category (thousandths; 0: nothing), and shares as
    (numerator, denominator, whether of hours)."""

    credits: int
    hours: int
    categories: tuple[int, ...]
    shares: tuple[tuple[int, int, bool], ...]

    def met(self, sums: Sums) -> bool:
        if sums.deemed:
            return True
        if sums.credits < self.credits or sums.hours < self.hours:
            return False
        if any(got < least for got, least in zip(sums.categories, self.categories, strict=True)):
            return False
        return all(
            have * below >= above * total
            for (above, below, _), have, total in zip(self.shares, sums.have, sums.total, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Scales:
    """All items of one asking with what limits them: `rooms` what each limit still leaves, `categories` their ids,
    `start` the sums before anything is chosen."""

    items: tuple[Item, ...]
    rooms: tuple[int, ...]
    categories: tuple[str, ...]
    goal: Goal
    start: Sums

    def sums(self, chosen: Iterable[int]) -> Sums:
        """What a choice comes to."""
        start, rooms, items = self.start, list(self.rooms), self.items
        credits, hours, deemed = start.credits, start.hours, start.deemed
        categories, have, total = start.categories[:], start.have[:], start.total[:]
        taken: set[int] = set()
        for place in chosen:
            item = items[place]
            if item.activity >= 0:
                if item.activity in taken:
                    continue
                taken.add(item.activity)
            amount = item.credits
            for limit in item.shared:
                amount = min(amount, rooms[limit])
            for limit in item.shared:
                rooms[limit] -= amount
            deemed = deemed or (item.deems and amount > 0)
            for limit in item.limits:
                amount = min(amount, rooms[limit])
            for limit in item.limits:
                rooms[limit] -= amount
            credits += amount
            hours += item.hours
            if item.category >= 0:
                categories[item.category] += amount
            for at, mine in enumerate(item.shares):
                part = item.hours if self.goal.shares[at][2] else amount
                total[at] += part
                if mine:
                    have[at] += part
        return Sums(credits, hours, categories, have, total, deemed, rooms, taken)

    def first_times(self, chosen: Iterable[int]) -> tuple[int, ...]:
        """The same choice with the first of what is done several times: they are all alike, and stand together."""
        found: list[int] = []
        again: Counter[int] = Counter()
        for place in chosen:
            first = place - self.items[place].time + 1
            found.append(first + again[first])
            again[first] += 1
        return tuple(found)


def scales(
    year: Year, asked: Sequence[tuple[Offer, int, date]], before: Sequence[tuple[int, ...]], base: Count
) -> Scales:
    """The items of these offers (with which time it is, and the earliest day it can be done), ready to be weighed.

    `before`: for each, the places of its prerequisites; `base`: the year as it stands."""
    policy, person = year.policy, year.person
    required = needs(policy, person, year.year)
    goal = _goal(year, base)
    categories = tuple(one.id for one in base.categories)
    rooms = _Rooms(year, base)
    items: list[Item] = []
    for place, (offer, time, day) in enumerate(asked):
        fact = replace(offer.fact, id=fact_id(offer, time), date=day)
        judgement = judged(year, fact, list(year.earlier))
        item = Item(offer, time, fact, milli(offer.work), 0, 0, before=before[place])
        if judgement is not None and judgement.recognised:
            item = replace(
                item,
                credits=milli(judgement.awarded),
                hours=milli(judgement.hours),
                category=categories.index(judgement.category) if judgement.category in categories else -1,
                shared=rooms.shared(fact),
                limits=rooms.limits(fact, judgement),
                activity=rooms.activity(fact),
                shares=tuple(line.of.takes(fact.kind, judgement.category) for line in required.shares),
                deems=policy.deems(fact.kind, day, person.population),
                trains=offer.trains and bool(judgement.awarded),
            )
        items.append(item)
    start = Sums(
        credits=milli(base.total) + milli(base.carried or NOTHING),
        hours=milli(base.hours),
        categories=[milli(one.counted) for one in base.categories],
        have=[milli(one.have) for one in base.shares],
        total=[milli(one.total) for one in base.shares],
        deemed=_deemed(year),
    )
    closed = _closures(items)
    return Scales(tuple(closed), tuple(rooms.rooms), categories, goal, start)


def fact_id(offer: Offer, time: int) -> str:
    """The id of a planned fact: after everything on record of the same day."""
    return f"~{offer.code}" if time == 1 else f"~{offer.code}~{time}"


def milli(amount: Decimal) -> int:
    """Thousandths, downwards where it is finer than that."""
    return int(amount * 1000)


def _goal(year: Year, base: Count) -> Goal:
    return Goal(
        credits=milli(base.need_credits or NOTHING),
        hours=milli(base.need_hours or NOTHING),
        categories=tuple(milli(one.minimum or NOTHING) for one in base.categories),
        shares=tuple((one.share.numerator, one.share.denominator, one.measure is Measure.HOURS) for one in base.shares),
    )


def _deemed(year: Year) -> bool:
    return any(one.awarded and year.policy.deems(one.kind, one.date, year.person.population) for one in year.held)


class _Rooms:
    """The limits that bind the items, each with what earlier awards have left of it."""

    def __init__(self, year: Year, base: Count) -> None:
        self.year, self.base = year, base
        self.rooms: list[int] = []
        self.places: dict[tuple[str, str | None], int] = {}
        self.activities: dict[str, int] = {}

    def shared(self, fact: Fact) -> tuple[int, ...]:
        """Limits on what is awarded to all facts of the same project or activity together."""
        found = []
        for cap in self._caps(fact):
            name = {Per.PROJECT: "project", Per.ACTIVITY: "activity"}.get(cap.per)
            value = getattr(fact, name) if name else None
            if name and value is not None:
                used = sum(
                    (one.awarded for one in self.year.earlier if getattr(one, name) == value and one.kind in cap.kinds),
                    NOTHING,
                )
                found.append(self._place((cap.id, value), cap.maximum - used))
        return tuple(found)

    def limits(self, fact: Fact, judgement: Judgement) -> tuple[int, ...]:
        """Limits on what counts in the year."""
        found = [
            self._place((cap.id, None), cap.maximum - self._used(self._capped(cap)))
            for cap in self._caps(fact)
            if cap.per is Per.YEAR
        ]
        for category in self.year.policy.categories:
            grounds = category.grounds
            holds = grounds.hold_on(fact.date) and grounds.hold_for(self.year.person.population)
            if category.id == judgement.category and category.maximum is not None and holds:
                used = self._used(one.id for one in self.year.held if one.category == category.id)
                found.append(self._place((f"category {category.id}", None), category.maximum - used))
        return tuple(found)

    def activity(self, fact: Fact) -> int:
        """The place of an activity that is awarded once a year; −1 where each occurrence counts."""
        policy, population = self.year.policy, self.year.person.population
        bound = any(
            fact.kind in line.kinds and line.grounds.hold_on(fact.date) and line.grounds.hold_for(population)
            for line in policy.repeats
        )
        if fact.activity is None or not bound:
            return -1
        return self.activities.setdefault(fact.activity, len(self.activities))

    def _caps(self, fact: Fact) -> Iterable[Cap]:
        policy: Policy = self.year.policy
        return (cap for cap in policy.caps if binds(cap, self.year.person, fact.kind, fact.date))

    def _capped(self, cap: Cap) -> Iterable[str]:
        return (one.id for one in self.year.held if binds(cap, self.year.person, one.kind, one.date))

    def _used(self, awards: Iterable[str]) -> Decimal:
        return sum((self.base.counted[one] for one in awards), NOTHING)

    def _place(self, key: tuple[str, str | None], room: Decimal) -> int:
        if key not in self.places:
            self.places[key] = len(self.rooms)
            self.rooms.append(milli(max(NOTHING, room)))
        return self.places[key]


def _closures(items: Sequence[Item]) -> list[Item]:
    """Every item with all that comes before it, first things first; items stand after those they need."""
    found: list[Item] = []
    for item in items:
        # A dictionary keeps the order and takes nothing twice.
        all_ = dict.fromkeys(one for before in item.before for one in (*found[before].closure, before))
        found.append(replace(item, closure=tuple(all_)))
    return found
