"""Several right answers among four to six, counted as a whole or option by option."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from lms.items import choices
from lms.items.base import (
    NOTHING,
    WHOLE,
    Explained,
    Fault,
    Item,
    Order,
    Presented,
    Response,
    Values,
)
from lms.items.reading import Fields
from lms.kernel.text import msg

SCORINGS = ("all_or_nothing", "per_option")


@dataclass(frozen=True, kw_only=True)
class MultipleResponse(Item):
    TYPE = "multiple_response"
    LABEL = msg("多选")
    HINT = msg("（多选）")

    options: tuple[choices.Option, ...]
    scoring: str

    @classmethod
    def parse(cls, fields: Fields, common: dict[str, Any]) -> Self:
        scoring = fields.one_of("scoring", SCORINGS, default="all_or_nothing")
        return cls(**common, options=choices.parse_options(fields, 4, 6), scoring=scoring)

    def validate(self) -> Iterable[Fault]:
        if not any(option.correct for option in self.options):
            yield Fault("options", msg("多选题至少要有一个正确选项"))
        yield from choices.same_texts(self.options)

    def movable(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)

    def present(self, lang: str, order: Order) -> Presented:
        shown = choices.shown(self.options, order, lang)
        return Presented(self.TYPE, "checkbox", self.stem[lang], self.HINT, choices=shown)

    def read(self, order: Order, values: Values) -> Response:
        chosen = set(choices.chosen_ids(order, values))
        # in the author's order: the same ticks are the same answer whatever was shown first
        return [option.id for option in self.options if option.id in chosen] or None

    def fill(self, order: Order, response: Response) -> dict[str, tuple[str, ...]]:
        return choices.places(order, self._chosen(response))

    def score(self, response: Response) -> Fraction:
        """Whole: exactly the right ones. By option: right ticks less wrong ones, never below 0."""
        chosen = self._chosen(response)
        right = {option.id for option in self.options if option.correct}
        if self.scoring == "all_or_nothing":
            return WHOLE if chosen == right else NOTHING
        return max(NOTHING, Fraction(len(chosen & right) - len(chosen - right), len(right)))

    def right(self) -> Response:
        return [option.id for option in self.options if option.correct]

    def explain(self, lang: str, order: Order, response: Response) -> Explained:
        chosen = self._chosen(response)
        options = choices.in_order(self.options, order)
        lines = [choices.verdict(option, lang, option.id in chosen, alone=False) for option in options]
        joint = "；" if lang == "zh" else "; "
        answer = joint.join(option.text[lang] for option in options if option.correct)
        return self.explained(lang, response, lines, answer)

    def own_fields(self) -> dict[str, Any]:
        return {"options": choices.table_of(self.options), "scoring": self.scoring}

    def _chosen(self, response: Response) -> set[str]:
        ids = {option.id for option in self.options}
        return {one for one in ids if one in response} if isinstance(response, list) else set()
