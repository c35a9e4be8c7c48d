"""What must still be covered, and a sum of hours below which no choice can cover it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.pathways.planner.weighing import Scales, Sums

ENDLESS = 1 << 60


@dataclass(frozen=True, slots=True)
class Cover:
    """One thing to be covered. `parts`: what each item brings to it at most; `limits`: the limit (a place in the
    rooms) that what it brings shares with others, −1 for none; `order`: the items, cheapest for what they bring
    first."""

    need: int
    parts: tuple[int, ...]
    limits: tuple[int, ...]
    order: tuple[int, ...]


class Covers:
    """Everything a choice must cover: credits, hours, each category, each share, training; and credits and hours
    weighed together, which sees what neither sees alone."""

    def __init__(self, scales: Scales, *, must_train: bool) -> None:
        self.scales, self.must_train = scales, must_train
        items, goal = scales.items, scales.goal
        free = (-1,) * len(items)
        limits = tuple(item.limits[0] if item.limits else -1 for item in items)
        credits = tuple(item.credits for item in items)
        hours = tuple(item.hours for item in items)
        needs = self._year(scales.start)
        tables = [(credits, limits), (hours, free)]
        for at in range(len(goal.categories)):
            tables.append((tuple(item.credits if item.category == at else 0 for item in items), limits))
        for at, share in enumerate(goal.shares):
            amounts = hours if share[2] else credits
            mine = tuple(n if item.shares and item.shares[at] else 0 for n, item in zip(amounts, items, strict=True))
            tables.append((mine, free if share[2] else limits))
        tables.append((tuple(int(item.trains) for item in items), free))
        self.weights = (max(needs[1], 0), max(needs[0], 0)) if needs[0] > 0 and needs[1] > 0 else (0, 0)
        both = tuple(c * self.weights[0] + h * self.weights[1] for c, h in zip(credits, hours, strict=True))
        tables.append((both, free))
        root = self.needs(scales.start, trained=False)
        self.all = tuple(self._cover(need, *table) for need, table in zip(root, tables, strict=True))
        self.most = [max(cover.parts, default=0) for cover in self.all]
        self.training = len(tables) - 2
        self.books = range(2, 2 + len(goal.categories))
        self.deeming = tuple(place for place, item in enumerate(items) if item.deems)

    def _cover(self, need: int, parts: tuple[int, ...], limits: tuple[int, ...]) -> Cover:
        items = self.scales.items
        some = [place for place, part in enumerate(parts) if part > 0]
        # In floats: only the order depends on it, and the order is the same every time.
        order = tuple(sorted(some, key=lambda place: (items[place].work / parts[place], -parts[place], place)))
        return Cover(need, parts, limits, order)

    def _year(self, sums: Sums) -> list[int]:
        goal, start = self.scales.goal, self.scales.start
        found = [goal.credits - sums.credits, goal.hours - sums.hours]
        found += [least - got for least, got in zip(goal.categories, sums.categories, strict=True)]
        for at, (above, below, by_hours) in enumerate(goal.shares):
            # The year's total will be at least what is required of it.
            least = goal.hours if by_hours else goal.credits - (start.credits - start.total[at])
            found.append(-(-above * max(least, sums.total[at]) // below) - sums.have[at])
        return found

    def needs(self, sums: Sums, *, trained: bool) -> list[int]:
        """What is still to be covered, in the order of `all`; nothing where it is 0 or less."""
        found = self._year(sums)
        credits, hours = max(found[0], 0), max(found[1], 0)
        if sums.deemed:
            found = [0] * len(found)
            credits = hours = 0
        found.append(int(self.must_train and not trained))
        found.append(credits * self.weights[0] + hours * self.weights[1])
        return found

    def least(self, sums: Sums, state: Sequence[int], *, trained: bool) -> tuple[int, int]:
        """Thousandths of an hour, and items, that must at least be added to what is chosen; ENDLESS where nothing
        would do.

        `state` of each item: 0 still to be decided, anything else decided."""
        found = books = training = steps = 0
        for at, need in enumerate(self.needs(sums, trained=trained)):
            if need > 0:
                hours = self._least(self.all[at], need, sums.rooms, state)
                if at == self.training:
                    training = hours
                # No credit is in two books: what each of them costs comes together.
                books += hours if at in self.books else 0
                found = max(found, hours, books)
                if hours < ENDLESS:
                    steps = max(steps, -(-need // self.most[at]))
        deeming = [self.scales.items[place].work for place in self.deeming if not state[place]]
        return max(training, min([found, *deeming])), 1 if deeming else steps

    def _least(self, cover: Cover, need: int, rooms: Sequence[int], state: Sequence[int]) -> int:
        items, parts, limits = self.scales.items, cover.parts, cover.limits
        left: dict[int, int] = {}
        hours = 0
        for place in cover.order:
            if state[place]:
                continue
            part = whole = parts[place]
            limit = limits[place]
            if limit >= 0:
                room = left.get(limit)
                if room is None:
                    room = rooms[limit]
                part = min(part, room)
                left[limit] = room - part
            if part >= need:
                return hours + items[place].work * need // whole
            need -= part
            hours += items[place].work * part // whole
        return ENDLESS
