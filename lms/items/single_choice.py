"""One right answer among three to five."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from lms.items import choices
from lms.items.base import (
    NOTHING,
    WHOLE,
    BadResponse,
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


@dataclass(frozen=True, kw_only=True)
class SingleChoice(Item):
    TYPE = "single_choice"
    LABEL = msg("单选")

    options: tuple[choices.Option, ...]

    @classmethod
    def parse(cls, fields: Fields, common: dict[str, Any]) -> Self:
        return cls(**common, options=choices.parse_options(fields, 3, 5))

    def validate(self) -> Iterable[Fault]:
        if sum(option.correct for option in self.options) != 1:
            yield Fault("options", msg("单选题要有且只有一个正确选项"))
        yield from choices.same_texts(self.options)

    def movable(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)

    def present(self, lang: str, order: Order) -> Presented:
        shown = choices.shown(self.options, order, lang)
        return Presented(self.TYPE, "radio", self.stem[lang], self.HINT, choices=shown)

    def read(self, order: Order, values: Values) -> Response:
        chosen = choices.chosen_ids(order, values)
        if len(chosen) > 1:
            raise BadResponse(msg("这一题只能选一个。"))
        return chosen[0] if chosen else None

    def fill(self, order: Order, response: Response) -> dict[str, tuple[str, ...]]:
        return choices.places(order, [response] if isinstance(response, str) else [])

    def score(self, response: Response) -> Fraction:
        return WHOLE if any(option.correct and option.id == response for option in self.options) else NOTHING

    def right(self) -> Response:
        return next(option.id for option in self.options if option.correct)

    def explain(self, lang: str, order: Order, response: Response) -> Explained:
        options = choices.in_order(self.options, order)
        lines = [choices.verdict(option, lang, option.id == response, alone=True) for option in options]
        answer = next(option.text[lang] for option in options if option.correct)
        return self.explained(lang, response, lines, answer)

    def own_fields(self) -> dict[str, Any]:
        return {"options": choices.table_of(self.options)}
