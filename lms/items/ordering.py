"""Three to six steps to be put in their order, each with a select for its position."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from lms.items import selects
from lms.items.base import (
    Choice,
    Explained,
    Fault,
    Item,
    Line,
    Order,
    Presented,
    Response,
    Text,
    Values,
)
from lms.items.reading import LANGUAGES, Fields
from lms.kernel.text import Message, msg


@dataclass(frozen=True)
class Step:
    id: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class Ordering(Item):
    TYPE = "ordering"
    LABEL = msg("排序")
    HINT = msg("（给每一步选它排第几）")

    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, fields: Fields, common: dict[str, Any]) -> Self:
        steps = tuple(Step(row.identity(), row.text("text")) for row in fields.tables("steps", 3, 6))
        return cls(**common, steps=steps)

    def validate(self) -> Iterable[Fault]:
        for lang in LANGUAGES:
            texts = [step.text[lang] for step in self.steps]
            for index, text in enumerate(texts):
                if text in texts[:index]:
                    yield Fault(f"steps[{index + 1}].text.{lang}", msg("有两步一模一样"))

    def movable(self) -> tuple[str, ...]:
        return tuple(step.id for step in self.steps)

    def present(self, lang: str, order: Order) -> Presented:
        texts = {step.id: step.text[lang] for step in self.steps}
        return Presented(
            self.TYPE,
            "selects",
            self.stem[lang],
            self.HINT,
            choices=tuple(Choice(place, place) for place in self._places()),
            blanks=selects.blanks([texts[one] for one in order]),
        )

    def read(self, order: Order, values: Values) -> Response:
        picked = selects.picked(order, self._places(), values)
        return {step: int(place) for step, place in picked.items()} or None

    def fill(self, order: Order, response: Response) -> dict[str, tuple[str, ...]]:
        picked = {step: str(place) for step, place in self._placed(response).items()}
        return selects.filled(order, self._places(), picked)

    def score(self, response: Response) -> Fraction:
        """The share of steps that stand in their own place."""
        placed = self._placed(response)
        right = sum(placed.get(step.id) == place for place, step in enumerate(self.steps, 1))
        return Fraction(right, len(self.steps))

    def remark(self, response: Response) -> Message | None:
        if response is None:
            return None
        placed = self._placed(response)
        missing = len(self.steps) - len(placed)
        if missing:
            return msg("这一题还有 {count} 处没有选", count=missing)
        twice = [place for place, count in Counter(placed.values()).items() if count > 1]
        return msg("第 {place} 位选了不止一次，请再看看", place=min(twice)) if twice else None

    def right(self) -> Response:
        return {step.id: place for place, step in enumerate(self.steps, 1)}

    def explain(self, lang: str, order: Order, response: Response) -> Explained:
        placed = self._placed(response)
        lines = []
        for place, step in enumerate(self.steps, 1):
            text = f"{place}. {step.text[lang]}"
            given = placed.get(step.id)
            if given == place:
                lines.append(Line("right", text, msg("位置对")))
            elif given is None:
                lines.append(Line("missed", text, msg("这一步您没有排")))
            else:
                lines.append(Line("wrong", text, msg("您排在第 {place} 位", place=given)))
        answer = " → ".join(step.text[lang] for step in self.steps)
        return self.explained(lang, response, lines, answer)

    def own_fields(self) -> dict[str, Any]:
        return {"steps": [{"id": step.id, "text": dict(step.text)} for step in self.steps]}

    def _places(self) -> tuple[str, ...]:
        return tuple(str(place) for place in range(1, len(self.steps) + 1))

    def _placed(self, response: Response) -> dict[str, int]:
        ids, highest = set(self.movable()), len(self.steps)
        if not isinstance(response, dict):
            return {}
        return {
            step: place
            for step, place in response.items()
            if step in ids and isinstance(place, int) and 1 <= place <= highest
        }
