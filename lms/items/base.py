"""What every question type shares: the common fields, what is shown, what is explained."""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal, TypeAlias

from lms.kernel.text import Message

Text: TypeAlias = Mapping[str, str]
Response: TypeAlias = str | bool | list[str] | dict[str, str] | dict[str, int] | None
Values: TypeAlias = Mapping[str, Sequence[str]]
Order: TypeAlias = Sequence[str]
Control: TypeAlias = Literal["radio", "checkbox", "number", "selects"]
Mark: TypeAlias = Literal["right", "wrong", "missed", "none"]

WHOLE = Fraction(1)
NOTHING = Fraction(0)


@dataclass(frozen=True)
class Fault:
    """One fault of an item's table: the field (`options[2].text.en`) and a sentence about it."""

    field: str
    message: Message


class ItemFaults(ValueError):
    """An item's table cannot be used; `faults` names every field at fault."""

    def __init__(self, code: str, faults: Sequence[Fault]) -> None:
        super().__init__(f"{code}: " + ", ".join(fault.field for fault in faults))
        self.code = code
        self.faults = tuple(faults)


class BadResponse(ValueError):
    """Posted values that are no answer to this question; `message` tells the learner what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.msgid)
        self.message = message


@dataclass(frozen=True)
class Choice:
    """Something to choose; `value` is its place on this page and tells nothing of the key."""

    value: str
    text: str


@dataclass(frozen=True)
class Blank:
    """One select to fill: `name` is the form field, `label` what stands before it."""

    name: str
    label: str


@dataclass(frozen=True)
class Presented:
    """A question as a browser may have it before it is answered."""

    type: str
    control: Control
    stem: str
    hint: Message | None
    choices: tuple[Choice, ...] = ()
    blanks: tuple[Blank, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Line:
    """One option of an answered question, with its verdict in words."""

    mark: Mark
    text: str
    note: Message


@dataclass(frozen=True)
class Explained:
    """An answered question, opened: what was right, and why."""

    correct: bool
    lines: tuple[Line, ...]
    answer: str
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Item(ABC):
    """A question with its key. Never send one to a browser: send `present(...)`."""

    TYPE: ClassVar[str]
    LABEL: ClassVar[Message]
    HINT: ClassVar[Message | None] = None

    code: str
    use: str
    topic: str
    difficulty: int
    objective: str
    sources: tuple[str, ...]
    stem: Text
    explanation: Text

    def validate(self) -> Iterable[Fault]:
        """Faults of sense (two right answers, too few options) in a table whose shape is right."""
        return ()

    def movable(self) -> tuple[str, ...]:
        """The ids whose order differs from person to person; empty where order has a meaning."""
        return ()

    def shuffled(self, seed: int) -> tuple[str, ...]:
        """The order of `movable` for this seed; the same seed shuffles each item differently."""
        ids = list(self.movable())
        random.Random(f"{seed}:{self.code}").shuffle(ids)  # noqa: S311 - an order to show, no secret
        return tuple(ids)

    @abstractmethod
    def present(self, lang: str, order: Order) -> Presented: ...

    @abstractmethod
    def read(self, order: Order, values: Values) -> Response:
        """The JSON value of what was posted, None for nothing chosen. Raises BadResponse."""

    @abstractmethod
    def fill(self, order: Order, response: Response) -> dict[str, tuple[str, ...]]: ...

    @abstractmethod
    def score(self, response: Response) -> Fraction: ...

    @abstractmethod
    def right(self) -> Response:
        """The response that scores 1. Secret."""

    @abstractmethod
    def explain(self, lang: str, order: Order, response: Response) -> Explained: ...

    @abstractmethod
    def own_fields(self) -> dict[str, Any]:
        """The fields only this type has, as in its table."""

    def remark(self, response: Response) -> Message | None:
        """A gentle word on an answer that is saved but not whole."""
        return None

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "type": self.TYPE,
            "use": self.use,
            "topic": self.topic,
            "difficulty": self.difficulty,
            "objective": self.objective,
            "sources": list(self.sources),
            "stem": dict(self.stem),
            "explanation": dict(self.explanation),
            **self.own_fields(),
        }

    def explained(self, lang: str, response: Response, lines: Iterable[Line], answer: str) -> Explained:
        correct = self.score(response) == WHOLE
        return Explained(correct, tuple(lines), answer, self.explanation[lang])


def place_of(value: str, order: Order) -> str | None:
    """The id behind a posted place ("1" is shown first); None for a place not on the page."""
    if not value.isascii() or not value.isdigit() or len(value) > 2:
        return None
    place = int(value)
    return order[place - 1] if 1 <= place <= len(order) else None
