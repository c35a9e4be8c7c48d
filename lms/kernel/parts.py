"""Slots: places a lower feature leaves open and `app.py` fills from above."""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Slot(Generic[P, R]):
    """A function that somebody above may provide; until then the default answers."""

    def __init__(self, default: Callable[P, R]) -> None:
        self._function = default

    def fill(self, function: Callable[P, R]) -> None:
        """Provide the function; the last one given serves."""
        self._function = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._function(*args, **kwargs)
