"""Which offers to learn, and when: the search, its timetable and the policy's own word on the result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from lms.credits.rules.counting import Count
from lms.credits.rules.facts import Fact
from lms.credits.rules.judging import binds
from lms.credits.rules.policy import Per
from lms.pathways.planner.asking import Asked, Offer, Year
from lms.pathways.planner.bringing import Brought, brought, trains_later
from lms.pathways.planner.searching import Judge, Looks, Search
from lms.pathways.planner.timetable import Job, Slot, early, late
from lms.pathways.planner.weighing import Item, Scales, milli, scales


@dataclass(frozen=True, slots=True)
class Learned:
    """What is to be learned: the places of the items, the days of each and the latest days, what it brings to the
    year, whether it closes the year, and the place of the item that is the training asked for (None: none is)."""

    chosen: tuple[int, ...]
    slots: Mapping[int, Slot]
    late: Mapping[int, Slot]
    brought: Brought
    closes_year: bool
    trainer: int | None = None


class Learning:
    """The part of a plan that is learned: one year, and training due by `train_by` where `must_train`.

    `year_by`: the last day on which the year may be closed."""

    def __init__(self, asked: Asked, year: Year, base: Count) -> None:
        self.asked, self.year, self.base = asked, year, base
        self.a_day = milli(asked.hours_a_day)
        offers = usable(asked)
        self.scales: Scales = _weighed(asked, year, base, offers)
        self.items = self.scales.items
        self.firsts = [self._first(item.offer) for item in self.items]
        self.ranks = _ranks(self.items)
        self.looks = Looks(len(self.items))

    def best(self, year_by: date, train_by: date | None, *, must_train: bool) -> Learned | None:
        """The fewest hours that close the year, and with `must_train` are training done by `train_by`, both within
        the year; None where none were found."""
        found: list[Learned] = []

        def accepts(chosen: Sequence[int]) -> bool:
            learned = self._accepted(chosen, year_by, train_by, must_train=must_train)
            if learned is not None:
                found.append(learned)
            return learned is not None

        judge = Judge(lambda chosen: self._fits(chosen, year_by), accepts)
        Search(self.scales, judge, self.looks, must_train=must_train).run()
        if not found:
            return None
        learned = found[-1]
        # What brings nothing on its days, for caps that the search does not know, is left out.
        while (rest := self._busy(learned)) is not None:
            less = self._accepted(rest, year_by, train_by, must_train=must_train)
            if less is None:
                break
            learned = less
        return learned

    def furthest(self, year_by: date) -> Learned:
        """What comes closest to closing the year, where nothing closes it."""
        judge = Judge(lambda chosen: self._fits(chosen, year_by), lambda chosen: False)
        chosen = self.scales.first_times(Search(self.scales, judge, self.looks, must_train=False).furthest())
        while (found := self._timed(chosen, self._lasts(chosen, year_by))) is not None:
            learned = self._learned(chosen, *found)
            rest = self._busy(learned)
            if rest is None:
                return learned
            chosen = rest
        return self._learned((), {}, {})

    def with_training(self, learned: Learned, year_by: date, train_by: date | None) -> Learned | None:
        """The same with training added by `train_by`, be it after the year's end; None where nothing offers it."""
        within = [place for place in learned.chosen if self.items[place].trains]
        others = [place for place in range(len(self.items)) if self.items[place].offer.trains]
        tries = [(self._more(place, learned.chosen), place) for place in {*within, *others}]
        for _, place in sorted(tries):
            found = self._trained_by(place, learned, year_by, train_by)
            if found is not None:
                return found
        return None

    def enough_offered(self) -> bool:
        """Whether everything on offer together would close the year, had she the time."""
        return self.scales.goal.met(self.scales.sums(range(len(self.items))))

    def all_apart(self) -> bool:
        """Whether no two activities on offer that would bring the year something are held on one day."""
        credits, hours = self.base.gap_credits, self.base.gap_hours
        return not self._clash(
            place for place, item in enumerate(self.items) if (credits and item.credits) or (hours and item.hours)
        )

    def fact(self, place: int, slot: Slot) -> Fact:
        """What will be on record of an item."""
        return replace(self.items[place].fact, date=self.day(slot.ends))

    def day(self, number: int) -> date:
        return self.asked.day + timedelta(days=number)

    def opens_today(self, place: int) -> bool:
        """Whether it can be begun today, if nothing comes before it."""
        held = self.items[place].offer.held
        return not self.firsts[place] if held is None else held[0] == self.asked.day

    def _busy(self, learned: Learned) -> tuple[int, ...] | None:
        """What is left without what brings nothing; None where nothing would be left out."""
        idle = self._idle(learned) - {learned.trainer}
        return self.scales.first_times(one for one in learned.chosen if one not in idle) if idle else None

    def _idle(self, learned: Learned) -> set[int]:
        """What brings nothing on the days it is done, and is not a prerequisite."""
        needed = {before for place in learned.chosen for before in self.items[place].before}
        counted, judgements = learned.brought.count.counted, learned.brought.judgements
        found = set()
        for place in set(learned.chosen) - needed:
            judgement = judgements[self.items[place].fact.id]
            credits = self.base.gap_credits and counted.get(self.items[place].fact.id)
            hours = self.base.gap_hours and judgement and judgement.hours
            if not credits and not hours:
                found.add(place)
        return found

    def _more(self, place: int, chosen: Iterable[int]) -> int:
        return sum(self.items[one].work for one in {*self.items[place].closure, place} - set(chosen))

    def _trained_by(self, place: int, learned: Learned, year_by: date, train_by: date | None) -> Learned | None:
        added = [one for one in (*self.items[place].closure, place) if one not in learned.chosen]
        chosen = (*learned.chosen, *added)
        lasts = self._lasts(learned.chosen, year_by)
        lasts |= self._lasts(added, train_by or self.year.policy.deadline(self.year.year + 1))
        if train_by is not None:
            lasts[place] = min(lasts[place], self._number(train_by))
        found = self._timed(chosen, lasts)
        if found is None:
            return None
        after = replace(self._learned(chosen, *found), trainer=place)
        fact = self.fact(place, after.slots[place])
        inside = fact.date.year == self.year.year
        trains = after.brought.awarded(fact.id) if inside else trains_later(self.year, fact)
        return after if trains and (after.closes_year or not learned.closes_year) else None

    def _accepted(
        self, chosen: Sequence[int], year_by: date, train_by: date | None, *, must_train: bool
    ) -> Learned | None:
        trainers = [place for place in chosen if self.items[place].trains] if must_train else [None]
        for trainer in sorted(trainers, key=lambda one: (0, 0) if one is None else (self._more(one, ()), one)):
            lasts = self._lasts(chosen, year_by)
            if trainer is not None and train_by is not None:
                lasts[trainer] = min(lasts[trainer], self._number(train_by))
            found = self._timed(chosen, lasts)
            if found is None:
                continue
            learned = replace(self._learned(chosen, *found), trainer=trainer)
            trains = trainer is None or learned.brought.awarded(self.items[trainer].fact.id)
            if trains and learned.closes_year:
                return learned
        return None

    def _learned(
        self, chosen: Sequence[int], slots: Mapping[int, Slot], latest: Mapping[int, Slot]
    ) -> Learned:
        year = brought(self.year, [self.fact(place, slots[place]) for place in chosen])
        return Learned(tuple(chosen), slots, latest, year, year.closed)

    # When.

    def _number(self, day: date) -> int:
        return (day - self.asked.day).days

    def _first(self, offer: Offer) -> int:
        if offer.held is not None:
            return self._number(offer.held[1])
        if offer.begun or offer.opens is None:
            return 0
        return max(0, self._number(offer.opens))

    def _lasts(self, chosen: Iterable[int], by: date) -> dict[int, int]:
        found = {}
        for place in chosen:
            closes = self.items[place].offer.closes
            found[place] = self._number(by if closes is None else min(by, closes))
        return found

    def _fits(self, chosen: Sequence[int], by: date) -> bool:
        lasts = self._lasts(chosen, by)
        end = self._number(by)
        if sum(self._work(place) for place in chosen) > max(0, end + 1) * self.a_day or self._clash(chosen):
            return False
        if end >= 0 and all(last == end for last in lasts.values()) and not any(self.firsts[one] for one in chosen):
            return True
        self.looks.take()
        return early(self._jobs(chosen, lasts), self.a_day) is not None

    def _work(self, place: int) -> int:
        """What it takes from the hours of her days."""
        item = self.items[place]
        return item.work if item.offer.held is None else 0

    def _clash(self, chosen: Iterable[int]) -> bool:
        """Whether two activities are held on one day."""
        held = sorted(days for place in chosen if (days := self.items[place].offer.held) is not None)
        return any(later[0] <= earlier[1] for earlier, later in pairwise(held))

    def _slots(self, chosen: Sequence[int], slots: Iterable[Slot]) -> dict[int, Slot]:
        """An activity lasts all its days, though only its last one is in the timetable."""
        found = dict(zip(chosen, slots, strict=True))
        for place, slot in found.items():
            held = self.items[place].offer.held
            if held is not None:
                found[place] = Slot(self._number(held[0]), slot.ends)
        return found

    def _jobs(self, chosen: Sequence[int], lasts: Mapping[int, int]) -> list[Job]:
        at = {place: number for number, place in enumerate(chosen)}
        return [
            Job(
                work=self._work(place),
                first=self.firsts[place],
                last=lasts[place],
                rank=self.ranks[place],
                after=tuple(at[before] for before in self.items[place].before if before in at),
            )
            for place in chosen
        ]

    def _timed(
        self, chosen: Sequence[int], lasts: Mapping[int, int]
    ) -> tuple[dict[int, Slot], dict[int, Slot]] | None:
        """The days of each, as early and as late as can be."""
        if self._clash(chosen):
            return None
        jobs = self._jobs(chosen, lasts)
        soon, put_off = early(jobs, self.a_day), late(jobs, self.a_day)
        if soon is None or put_off is None:
            return None
        if any(two.ends < one.ends or two.begins < one.begins for one, two in zip(soon, put_off, strict=True)):
            put_off = soon
        slots, latest = self._slots(chosen, soon), self._slots(chosen, put_off)
        return self._apart(slots, latest), latest

    def _apart(self, slots: dict[int, Slot], latest: Mapping[int, Slot]) -> dict[int, Slot]:
        """Where so much counts a day, each on a day of its own, as far as there is room to put it off."""
        taken: set[tuple[str, int]] = set()
        for place in sorted(slots, key=lambda one: (slots[one].ends, one)):
            day = slots[place].ends
            caps = self._day_caps(place, day)
            waiting = [slots[one].begins for one in slots if place in self.items[one].before]
            end = min([latest[place].ends, *waiting])
            while day < end and any((cap, day) in taken for cap in caps):
                day += 1
            taken.update((cap, day) for cap in caps)
            slots[place] = Slot(slots[place].begins, day)
        return slots

    def _day_caps(self, place: int, day: int) -> list[str]:
        policy, person, kind = self.year.policy, self.year.person, self.items[place].fact.kind
        return [cap.id for cap in policy.caps if cap.per is Per.DAY and binds(cap, person, kind, self.day(day))]


def usable(asked: Asked) -> list[Offer]:
    """The offers whose prerequisites are finished or on offer too, in an order in which they can be learned; without
    activities that have begun."""
    known = {offer.code: offer for offer in asked.offers if offer.held is None or offer.held[0] >= asked.day}
    done: dict[str, Offer] = {}
    left = sorted(known)
    moved = True
    while moved:
        moved = False
        for code in list(left):
            if all(need in done or need in asked.finished for need in known[code].prerequisites):
                done[code] = known[code]
                left.remove(code)
                moved = True
    return list(done.values())


def _weighed(asked: Asked, year: Year, base: Count, offers: Sequence[Offer]) -> Scales:
    occasions = [(offer, time) for offer in offers for time in range(1, offer.times + 1)]
    firsts = {offer.code: place for place, (offer, time) in reversed(list(enumerate(occasions))) if time == 1}
    before = [
        tuple(firsts[need] for need in dict.fromkeys(offer.prerequisites) if need not in asked.finished)
        for offer, _ in occasions
    ]
    days = [(offer, time, _earliest(asked, offer)) for offer, time in occasions]
    return scales(year, days, before, base)


def _earliest(asked: Asked, offer: Offer) -> date:
    """The first day on which it can be on record."""
    if offer.held is not None:
        return offer.held[1]
    return asked.day if offer.begun or offer.opens is None else max(asked.day, offer.opens)


def _ranks(items: Sequence[Item]) -> list[int]:
    """Of what is due at the same time: first what is begun, then what is short."""
    order = sorted(range(len(items)), key=lambda one: (not items[one].offer.begun, items[one].work, one))
    ranks = [0] * len(items)
    for rank, place in enumerate(order):
        ranks[place] = rank
    return ranks
