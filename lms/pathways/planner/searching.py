"""The choice of offers that covers everything with the fewest hours: greedy first, then branch and bound.

A number of looks, never a clock, ends the search, so the same asking has the same plan everywhere."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lms.pathways.planner.covering import ENDLESS, Covers
from lms.pathways.planner.weighing import Scales, Sums

LOOKS = 6000  # how often a bound may be reckoned, or a timetable made, for one plan
WIDE_LOOKS = 1000  # the same where there are many offers: each look takes longer, and greedy is closer
WIDE = 64  # above so many offers, only the most promising are searched
BEST = 20  # so many of them for each thing to be covered
UNDECIDED, IN, OUT = 0, 1, 2

Choice = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """Who says whether a choice can be done in time (`fits`; a part of what fits fits), and whether the policy and
    the days really close everything with it (`accepts`)."""

    fits: Callable[[Sequence[int]], bool]
    accepts: Callable[[Sequence[int]], bool]


class Looks:
    """What is left of the looks of one plan, however many searches it takes."""

    def __init__(self, offers: int) -> None:
        self.left = LOOKS if offers <= WIDE else WIDE_LOOKS

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


class Search:
    """One search. `best`: the choice found, None if none; `furthest`: what comes closest where none is found."""

    def __init__(self, scales: Scales, judge: Judge, looks: Looks, *, must_train: bool) -> None:
        self.scales, self.judge, self.looks, self.must_train = scales, judge, looks, must_train
        self.covers = Covers(scales, must_train=must_train)
        self.best: Choice | None = None
        self.best_key = (ENDLESS, ENDLESS, 0)
        self.state = [UNDECIDED] * len(scales.items)
        self.twins = _twins(scales)
        useful = self._useful()
        self.pool = useful if len(useful) <= WIDE else self._promising(useful)
        self.all = useful

    def run(self) -> Choice | None:
        """The best choice found, None if none was."""
        for weights in self._leanings():
            self._propose(self._greedy(self.pool, weights))
        if self.best is None and len(self.pool) < len(self.all):
            self._propose(self._greedy(self.all, [1.0] * len(self.covers.all)))
        if self.best is None:
            self._propose(self._everything())
        self._go(0, [], 0)
        return self.best

    def furthest(self) -> Choice:
        """Where nothing closes everything: what covers most of it, without what adds nothing."""
        alike, *others = self._leanings()
        walks = [self._greedy(self.all, alike), *(self._greedy(self.pool, weights) for weights in others)]
        chosen = max(walks, key=lambda one: (self._progress(one), -self._work(one)))
        return self._without(chosen, lambda fewer: self._progress(fewer) >= self._progress(chosen))

    # What a choice is.

    def _work(self, chosen: Iterable[int]) -> int:
        return sum(self.scales.items[place].work for place in chosen)

    def _key(self, chosen: Choice) -> tuple[int, int, int]:
        begun = sum(self.scales.items[place].offer.begun for place in chosen)
        return (self._work(chosen), len(chosen), -begun)

    def _trained(self, chosen: Iterable[int]) -> bool:
        return any(self.scales.items[place].trains for place in chosen)

    def _closes(self, chosen: Sequence[int], sums: Sums | None = None) -> bool:
        if self.must_train and not self._trained(chosen):
            return False
        return self.scales.goal.met(sums or self.scales.sums(chosen))

    def _progress(self, chosen: Sequence[int]) -> float:
        needs = self.covers.needs(self.scales.sums(chosen), trained=self._trained(chosen))
        asked = [cover.need for cover in self.covers.all]
        return sum(1 - max(0, left) / need for left, need in zip(needs, asked, strict=True) if need > 0)

    def _take(self, chosen: Choice) -> bool:
        """Make a closing choice the best one, if it is better and stands before the judge."""
        chosen = self.scales.first_times(chosen)
        key = self._key(chosen)
        if key < self.best_key and self.judge.accepts(chosen):
            self.best, self.best_key = chosen, key
            return True
        return False

    # What is worth looking at.

    def _useful(self) -> list[int]:
        asked = [cover.parts for cover in self.covers.all if cover.need > 0]
        found = [
            place
            for place, item in enumerate(self.scales.items)
            if any(parts[place] for parts in asked) and self.judge.fits((*item.closure, place))
        ]
        return sorted(found, key=self._cheap)

    def _cheap(self, place: int) -> tuple[float, bool, float, int]:
        item = self.scales.items[place]
        value = sum(min(cover.parts[place], cover.need) / cover.need for cover in self.covers.all if cover.need > 0)
        return (item.work / value, not item.offer.begun, -value, place)

    def _promising(self, useful: Sequence[int]) -> list[int]:
        known = set(useful)
        found = set(useful[:BEST])
        for cover in self.covers.all:
            if cover.need > 0:
                mine = [place for place in cover.order if place in known]
                found.update(mine[:BEST])
                found.update(sorted(mine, key=lambda place: -cover.parts[place])[: BEST // 2])
        return [place for place in useful if place in found]

    def _leanings(self) -> list[list[float]]:
        """How much each thing to be covered weighs in a greedy walk: all alike, then each one foremost."""
        several = [at for at, cover in enumerate(self.covers.all) if cover.need > 0]
        alike = [1.0] * len(self.covers.all)
        if len(several) < 2:
            return [alike]
        return [alike, *([9.0 if at == first else 1.0 for at in range(len(alike))] for first in several[:2])]

    # Greedy.

    def _greedy(self, pool: Sequence[int], weights: Sequence[float]) -> Choice:
        """Always what brings most for its hours; on the way, what closes everything with one more is proposed."""
        chosen: list[int] = []
        pool = list(pool)
        while True:
            sums = self.scales.sums(chosen)
            trained = self._trained(chosen)
            if self._closes(chosen, sums):
                return tuple(chosen)
            needs = self.covers.needs(sums, trained=trained)
            step, last = self._next(pool, chosen, sums, needs, weights)
            if last is not None:
                self._propose((*chosen, *last))
            if step is None:
                return tuple(chosen)
            chosen.extend(step)

    def _next(
        self, pool: list[int], chosen: Sequence[int], sums: Sums, needs: Sequence[int], weights: Sequence[float]
    ) -> tuple[Choice | None, Choice | None]:
        """The next items of a greedy walk, and the cheapest that would end it, with what comes before them.

        What no longer fits is taken out of the pool."""
        inside = set(chosen)
        wanted = [(at, need, weights[at] / need) for at, need in enumerate(needs) if need > 0]
        ranked: list[tuple[float, float, int]] = []
        ending: tuple[int, int] | None = None
        items = self.scales.items
        for place in pool:
            if place in inside:
                continue
            item = items[place]
            gain, closing = self._gain(place, sums, wanted)
            work = item.work
            for before in item.closure:
                if before not in inside:
                    work += items[before].work
                    gain += self._gain(before, sums, wanted)[0]
            if gain:
                ranked.append((work / gain, -gain, place))
            if (closing or item.deems) and (ending is None or (work, place) < ending):
                ending = (work, place)
        step = None
        for _, _, place in sorted(ranked):
            added = self._added(place, inside)
            if self.judge.fits((*chosen, *added)):
                step = added
                break
            # With more chosen it will fit still less.
            pool.remove(place)
        return step, None if ending is None else self._added(ending[1], inside)

    def _gain(self, place: int, sums: Sums, wanted: Sequence[tuple[int, int, float]]) -> tuple[float, bool]:
        """How much of what is wanted an item brings now, and whether it is all of it."""
        item, covers = self.scales.items[place], self.covers.all
        if item.activity in sums.taken and item.activity >= 0:
            return 0.0, False
        amount = item.credits
        for limit in (*item.shared, *item.limits):
            amount = min(amount, sums.rooms[limit])
        lost = amount < item.credits
        gain, all_ = 0.0, True
        for at, need, weight in wanted:
            part = covers[at].parts[place]
            if lost and covers[at].limits[place] >= 0:
                part = min(part, amount)
            gain += min(part, need) * weight
            all_ = all_ and part >= need
        return gain, all_

    def _added(self, place: int, inside: Iterable[int]) -> Choice:
        return tuple(one for one in (*self.scales.items[place].closure, place) if one not in inside)

    def _everything(self) -> Choice:
        """All that fits, what brings most first."""
        chosen: list[int] = []
        for place in self.all:
            if place not in chosen:
                added = self._added(place, chosen)
                if self.judge.fits((*chosen, *added)):
                    chosen.extend(added)
        return tuple(chosen)

    # Making a choice better.

    def _propose(self, chosen: Choice) -> None:
        """Take a choice, if it closes everything, without what is not needed and with cheaper for dearer."""
        if not self._closes(chosen) or not self.judge.fits(chosen):
            return
        chosen = self._without(chosen, self._closes)
        if self._work(chosen) > 1.5 * self.best_key[0]:
            return
        self._take(self._swapped(chosen))

    def _without(self, chosen: Choice, enough: Callable[[Choice], bool]) -> Choice:
        for place in sorted(chosen, key=lambda one: (-self.scales.items[one].work, one)):
            fewer = tuple(one for one in chosen if one != place)
            needed = any(place in self.scales.items[one].closure for one in fewer)
            if not needed and enough(fewer):
                chosen = fewer
        return chosen

    def _swapped(self, chosen: Choice) -> Choice:
        """One for one, as long as it saves hours."""
        moved = True
        while moved:
            moved = False
            for place in sorted(chosen, key=lambda one: (-self.scales.items[one].work, one)):
                rest = tuple(one for one in chosen if one != place)
                if any(place in self.scales.items[one].closure for one in rest):
                    continue
                other = self._cheaper(rest, place)
                if other is not None:
                    chosen, moved = self._without(other, self._closes), True
                    break
        return chosen

    def _cheaper(self, rest: Choice, place: int) -> Choice | None:
        sums = self.scales.sums(rest)
        needs = self.covers.needs(sums, trained=self._trained(rest))
        wanted = [(at, need, 1.0) for at, need in enumerate(needs) if need > 0]
        work = self.scales.items[place].work
        found = []
        for one in self.pool:
            # What takes as long is no gain, and most take as long as they count.
            if one != place and one not in rest and self.scales.items[one].work < work:
                if self._gain(one, sums, wanted)[1]:
                    added = self._added(one, rest)
                    found.append((self._work(added), added))
        for hours, added in sorted(found)[:3]:
            other = (*rest, *added)
            if hours < work and self._closes(other) and self.judge.fits(other):
                return other
        return None

    # Branch and bound.

    def _go(self, position: int, chosen: list[int], work: int) -> None:
        sums = self.scales.sums(chosen)
        if self._closes(chosen, sums) and (self._take(tuple(chosen)) or self._known(chosen)):
            return
        trained = self._trained(chosen)
        left_out: list[int] = []
        for at in range(position, len(self.pool)):
            place = self.pool[at]
            if self.state[place]:
                continue
            if not self.looks.take():
                break
            hours, steps = self.covers.least(sums, self.state, trained=trained)
            if hours >= ENDLESS or (work + hours, len(chosen) + max(1, steps)) >= self.best_key[:2]:
                break
            self._include(at, chosen, work)
            self.state[place] = OUT
            left_out.append(place)
        for place in left_out:
            self.state[place] = UNDECIDED

    def _known(self, chosen: Sequence[int]) -> bool:
        return self._key(tuple(chosen)) >= self.best_key

    def _include(self, at: int, chosen: list[int], work: int) -> None:
        place = self.pool[at]
        twin = self.twins.get(place)
        if twin is not None and self.state[twin] == OUT:
            return
        added = [one for one in (*self.scales.items[place].closure, place) if self.state[one] != IN]
        if any(self.state[one] == OUT for one in added):
            return
        more = work + self._work(added)
        if more > self.best_key[0] or not self.judge.fits((*chosen, *added)):
            return
        for one in added:
            self.state[one] = IN
        chosen.extend(added)
        self._go(at + 1, chosen, more)
        del chosen[len(chosen) - len(added) :]
        for one in added:
            self.state[one] = UNDECIDED


def _twins(scales: Scales) -> dict[int, int]:
    """Items that are alike in everything that matters: each with the one before it, which is tried first."""
    needed = {before for item in scales.items for before in item.before}
    last: dict[object, int] = {}
    found: dict[int, int] = {}
    for place, item in enumerate(scales.items):
        if item.activity >= 0 or item.before or place in needed:
            continue
        offer = item.offer
        window = (offer.opens, offer.closes, offer.begun)
        worth = (item.credits, item.hours, item.category, item.shared, item.limits, item.shares)
        alike = (item.work, *worth, item.deems, item.trains, item.fact.kind, *window)
        if alike in last:
            found[place] = last[alike]
        last[alike] = place
    return found
