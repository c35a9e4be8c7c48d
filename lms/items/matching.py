"""Three to six pairs: for each left side one right side is picked from a select."""

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
class Pair:
    id: str
    left: Text
    right: Text


@dataclass(frozen=True, kw_only=True)
class Matching(Item):
    TYPE = "matching"
    LABEL = msg("配对")
    HINT = msg("（每一项选一个配上）")

    pairs: tuple[Pair, ...]

    @classmethod
    def parse(cls, fields: Fields, common: dict[str, Any]) -> Self:
        rows = fields.tables("pairs", 3, 6)
        pairs = tuple(Pair(row.identity(), row.text("left"), row.text("right")) for row in rows)
        return cls(**common, pairs=pairs)

    def validate(self) -> Iterable[Fault]:
        for side in ("left", "right"):
            for lang in LANGUAGES:
                texts = [getattr(pair, side)[lang] for pair in self.pairs]
                for index, text in enumerate(texts):
                    if text in texts[:index]:
                        yield Fault(f"pairs[{index + 1}].{side}.{lang}", msg("配对题的每一项都要不一样"))

    def movable(self) -> tuple[str, ...]:
        return tuple(pair.id for pair in self.pairs)

    def present(self, lang: str, order: Order) -> Presented:
        rights = {pair.id: pair.right[lang] for pair in self.pairs}
        return Presented(
            self.TYPE,
            "selects",
            self.stem[lang],
            self.HINT,
            choices=tuple(Choice(str(place), rights[one]) for place, one in enumerate(order, 1)),
            blanks=selects.blanks([pair.left[lang] for pair in self.pairs]),
        )

    def read(self, order: Order, values: Values) -> Response:
        return selects.picked(self.movable(), order, values) or None

    def fill(self, order: Order, response: Response) -> dict[str, tuple[str, ...]]:
        return selects.filled(self.movable(), order, self._picked(response))

    def score(self, response: Response) -> Fraction:
        """The share of pairs that are right."""
        picked = self._picked(response)
        return Fraction(sum(picked.get(pair.id) == pair.id for pair in self.pairs), len(self.pairs))

    def remark(self, response: Response) -> Message | None:
        missing = len(self.pairs) - len(self._picked(response))
        return msg("这一题还有 {count} 处没有选", count=missing) if response is not None and missing else None

    def right(self) -> Response:
        return {pair.id: pair.id for pair in self.pairs}

    def explain(self, lang: str, order: Order, response: Response) -> Explained:
        picked = self._picked(response)
        rights = {pair.id: pair.right[lang] for pair in self.pairs}
        lines = []
        for pair in self.pairs:
            text = f"{pair.left[lang]} → {pair.right[lang]}"
            chosen = picked.get(pair.id)
            if chosen == pair.id:
                lines.append(Line("right", text, msg("正确，您选了")))
            elif chosen is None:
                lines.append(Line("missed", text, msg("这一处您没有选")))
            else:
                lines.append(Line("wrong", text, msg("您选的是：{choice}", choice=rights[chosen])))
        joint = "；" if lang == "zh" else "; "
        answer = joint.join(f"{pair.left[lang]} → {pair.right[lang]}" for pair in self.pairs)
        return self.explained(lang, response, lines, answer)

    def own_fields(self) -> dict[str, Any]:
        rows = [{"id": pair.id, "left": dict(pair.left), "right": dict(pair.right)} for pair in self.pairs]
        return {"pairs": rows}

    def _picked(self, response: Response) -> dict[str, str]:
        ids = set(self.movable())
        if not isinstance(response, dict):
            return {}
        return {
            left: right for left, right in response.items() if left in ids and isinstance(right, str) and right in ids
        }
