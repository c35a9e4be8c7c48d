"""From a quantity to credits: the shapes a conversion may have. The numbers come from the policy."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise

from lms.kernel.quantities import plain

NOTHING = Decimal(0)


class Rounding(StrEnum):
    """How a quotient becomes credits; always stated by the policy."""

    FLOOR = "floor"
    HALF_UP = "half_up"

    def apply(self, amount: Decimal, decimals: int) -> Decimal:
        mode = ROUND_FLOOR if self is Rounding.FLOOR else ROUND_HALF_UP
        return amount.quantize(Decimal(1).scaleb(-decimals), rounding=mode)


@dataclass(frozen=True, slots=True)
class Worth:
    """Credits for a quantity: the code of the sentence that says why, and its numbers."""

    credits: Decimal
    code: str
    numbers: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Linear:
    """`credits` for each `quantity` of `unit`, in proportion."""

    unit: str
    quantity: Decimal
    credits: Decimal
    rounding: Rounding
    decimals: int

    def takes(self, unit: str) -> bool:
        return unit == self.unit

    def of(self, quantity: Decimal) -> Decimal:
        return plain(self.rounding.apply(quantity * self.credits / self.quantity, self.decimals))

    def worth(self, quantity: Decimal, unit: str, role: str) -> Worth:
        numbers = (("credits", self.credits), ("quantity", self.quantity))
        return Worth(self.of(quantity), f"per_{self.unit}", numbers)


@dataclass(frozen=True, slots=True)
class Fixed:
    """`credits` for each event, however long it took."""

    credits: Decimal

    def takes(self, unit: str) -> bool:
        return True

    def worth(self, quantity: Decimal, unit: str, role: str) -> Worth:
        return _events(self.credits, quantity, unit)


@dataclass(frozen=True, slots=True)
class ByRole:
    """For each event, credits by the role in it (attendee, lecturer, place among the authors)."""

    rates: tuple[tuple[str, Decimal], ...]

    def knows(self, role: str) -> bool:
        return any(role == name for name, _ in self.rates)

    def takes(self, unit: str) -> bool:
        return True

    def worth(self, quantity: Decimal, unit: str, role: str) -> Worth:
        return _events(dict(self.rates)[role], quantity, unit)


@dataclass(frozen=True, slots=True)
class Choice:
    """For each event, credits by what was chosen when it was entered (theory or practice, a level)."""

    rates: tuple[tuple[str, Decimal], ...]

    def takes(self, unit: str) -> bool:
        return True

    def chosen(self, choice: str | None) -> Fixed | None:
        """The rate of one choice; None where it is not among them."""
        return next((Fixed(credits) for name, credits in self.rates if name == choice), None)


@dataclass(frozen=True, slots=True)
class Ranks:
    """A rank table: for each event, credits by what was chosen (the rank of a journal, the level of a
    project) and by role. `spare`: the rank taken where nothing was chosen; None: it must be chosen."""

    rates: tuple[tuple[str, ByRole], ...]
    spare: str | None = None

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for _, rank in self.rates for role, _ in rank.rates)

    def takes(self, unit: str) -> bool:
        return True

    def chosen(self, choice: str | None) -> ByRole | None:
        """The rates of one rank; None where it is not among them."""
        wanted = self.spare if choice is None else choice
        return next((rank for name, rank in self.rates if name == wanted), None)


def _events(each: Decimal, quantity: Decimal, unit: str) -> Worth:
    # A fact that does not count events is one event, however long it took.
    events = quantity if unit == "items" else Decimal(1)
    return Worth(plain(events * each), "fixed", (("credits", each), ("events", events)))


@dataclass(frozen=True, slots=True)
class Step:
    """`credits` from `bound` on; `above`: only when the quantity is more than the bound itself."""

    bound: Decimal
    above: bool
    credits: Decimal

    def reached(self, quantity: Decimal) -> bool:
        return quantity > self.bound if self.above else quantity >= self.bound


@dataclass(frozen=True, slots=True)
class Steps:
    """The credits of the highest step reached; below the first step nothing. Where `onward` is
    given, the last step goes on in proportion to what is beyond its bound."""

    unit: str
    steps: tuple[Step, ...]
    onward: Linear | None = None

    @property
    def ascending(self) -> bool:
        """Whether every step begins after the one before it and brings more."""
        return all(
            (low.bound, low.above) < (high.bound, high.above) and low.credits < high.credits
            for low, high in pairwise(self.steps)
        )

    def takes(self, unit: str) -> bool:
        return unit == self.unit

    def worth(self, quantity: Decimal, unit: str, role: str) -> Worth:
        reached = [step for step in self.steps if step.reached(quantity)]
        found = reached[-1].credits if reached else NOTHING
        if self.onward and len(reached) == len(self.steps):
            found += self.onward.of(quantity - reached[-1].bound)
        numbers = (("credits", found), ("quantity", quantity))
        return Worth(plain(found), f"step_{self.unit}", numbers)


@dataclass(frozen=True, slots=True)
class Deemed:
    """Something that stands for a whole year's requirement: `credits` once `quantity` of `unit`
    is reached, or at once where no unit is given."""

    credits: Decimal
    unit: str | None = None
    quantity: Decimal = NOTHING

    def takes(self, unit: str) -> bool:
        return self.unit is None or unit == self.unit

    def worth(self, quantity: Decimal, unit: str, role: str) -> Worth:
        if self.unit is None:
            return Worth(self.credits, "deemed", (("credits", self.credits),))
        numbers = (("credits", self.credits), ("quantity", self.quantity))
        found = self.credits if quantity >= self.quantity else NOTHING
        return Worth(found, f"deemed_{self.unit}", numbers)


Rate = Linear | Fixed | ByRole | Choice | Ranks | Steps | Deemed
