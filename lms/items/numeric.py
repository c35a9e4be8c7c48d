"""A number with its unit, right within a stated tolerance."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from lms.items.base import (
    NOTHING,
    WHOLE,
    BadResponse,
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
from lms.items.reading import Fields
from lms.kernel.text import msg

FIELD = "number"
MAX_TYPED = 40
NUMBER = re.compile(r"[+-]?(\d{1,9}(\.\d{0,6})?|\.\d{1,6})", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Numeric(Item):
    TYPE = "numeric"
    LABEL = msg("填数")
    HINT = msg("（填一个数）")

    answer: Decimal
    tolerance: Decimal
    unit: Text

    @classmethod
    def parse(cls, fields: Fields, common: dict[str, Any]) -> Self:
        answer, tolerance = fields.decimal("answer"), fields.decimal("tolerance")
        return cls(**common, answer=answer, tolerance=tolerance, unit=fields.text("unit"))

    def validate(self) -> Iterable[Fault]:
        if self.tolerance < 0:
            yield Fault("tolerance", msg("允许的误差不能小于 0"))

    def present(self, lang: str, order: Order) -> Presented:
        return Presented(self.TYPE, "number", self.stem[lang], self.HINT, unit=self.unit[lang])

    def read(self, order: Order, values: Values) -> Response:
        typed = next(iter(values.get(FIELD, ())), "").strip()
        if not typed:
            return None
        if len(typed) > MAX_TYPED or self.number(typed) is None:
            raise BadResponse(msg("这里要填一个数，例如 5.6。"))
        return typed

    def fill(self, order: Order, response: Response) -> dict[str, tuple[str, ...]]:
        return {FIELD: (response,)} if isinstance(response, str) else {}

    def number(self, typed: str) -> Decimal | None:
        """The number somebody typed; full-width digits, commas and the unit are understood."""
        text = unicodedata.normalize("NFKC", typed).strip().replace("。", ".").replace("−", "-")
        for unit in self.unit.values():
            folded = unicodedata.normalize("NFKC", unit).casefold()
            if folded and text.casefold().endswith(folded):
                text = text[: -len(folded)].strip()
        if THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        return Decimal(text) if NUMBER.fullmatch(text) else None

    def score(self, response: Response) -> Fraction:
        number = self.number(response) if isinstance(response, str) else None
        if number is None:
            return NOTHING
        return WHOLE if abs(number - self.answer) <= self.tolerance else NOTHING

    def right(self) -> Response:
        return f"{self.answer:f}"

    def explain(self, lang: str, order: Order, response: Response) -> Explained:
        answer = f"{self.answer:f} {self.unit[lang]}"
        correct = self.score(response) == WHOLE
        lines = []
        if isinstance(response, str):
            lines.append(Line("right" if correct else "wrong", response, msg("您填的")))
        if self.tolerance:
            note = msg("正确答案，上下差 {tolerance} 以内都算对", tolerance=f"{self.tolerance:f}")
        else:
            note = msg("正确答案")
        lines.append(Line("right", answer, note))
        return self.explained(lang, response, lines, answer)

    def own_fields(self) -> dict[str, Any]:
        return {
            "answer": f"{self.answer:f}",
            "tolerance": f"{self.tolerance:f}",
            "unit": dict(self.unit),
        }
