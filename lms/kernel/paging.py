"""One page of a list that the database cut: cost does not grow with the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

SIZE = 20


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items of page `number` (from 1) out of `total` items in all, `size` to a page."""

    items: Sequence[T]
    number: int
    total: int
    size: int = SIZE

    @property
    def last(self) -> int:
        """Number of the last page; 1 when there is nothing."""
        return max(1, -(-self.total // self.size))

    @property
    def first_item(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last_item(self) -> int:
        return min(self.number * self.size, self.total)


def page_number(text: str | None) -> int:
    """The page asked for in an address; anything that is not a sensible number means the first."""
    if text and text.isascii() and text.isdigit() and len(text) <= 6:
        return max(1, int(text))
    return 1
