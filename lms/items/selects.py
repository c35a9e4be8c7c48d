"""Selects to fill, one a row: what matching and ordering share. No dragging, no script."""

from collections.abc import Mapping, Sequence

from lms.items.base import BadResponse, Blank, Order, Values, place_of
from lms.kernel.text import msg


def blank_name(place: int) -> str:
    return f"blank-{place}"


def blanks(labels: Sequence[str]) -> tuple[Blank, ...]:
    return tuple(Blank(blank_name(place), label) for place, label in enumerate(labels, 1))


def picked(rows: Sequence[str], offered: Order, values: Values) -> dict[str, str]:
    """Row id -> id chosen, for each row that was not left empty. Raises BadResponse."""
    result: dict[str, str] = {}
    for place, row in enumerate(rows, 1):
        value = next(iter(values.get(blank_name(place), ())), "")
        if not value:
            continue
        found = place_of(value, offered)
        if found is None:
            raise BadResponse(msg("这个选项不在题目里。请重新打开本页，再选一次。"))
        result[row] = found
    return result


def filled(rows: Sequence[str], offered: Order, chosen: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        blank_name(place): (str(list(offered).index(chosen[row]) + 1),)
        for place, row in enumerate(rows, 1)
        if chosen.get(row) in offered
    }
