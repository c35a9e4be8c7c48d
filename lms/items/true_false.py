"""A statement that holds or does not."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from lms.items.base import (
    NOTHING,
    WHOLE,
    BadResponse,
    Choice,
    Explained,
    Item,
    Line,
    Order,
    Presented,
    Response,
    Values,
)
from lms.items.reading import Fields
from lms.kernel.text import Message, msg

FIELD = "choice"
WORDS = {"zh": ("对", "不对"), "en": ("True", "False")}
VALUES = {"1": True, "2": False}


@dataclass(frozen=True, kw_only=True)
class TrueFalse(Item):
    TYPE = "true_false"
    LABEL = msg("判断")
    HINT = msg("（判断）")

    answer: bool

    @classmethod
    def parse(cls, fields: Fields, common: dict[str, Any]) -> Self:
        return cls(**common, answer=fields.boolean("answer"))

    def present(self, lang: str, order: Order) -> Presented:
        yes, no = WORDS[lang]
        return Presented(
            self.TYPE,
            "radio",
            self.stem[lang],
            self.HINT,
            choices=(Choice("1", yes), Choice("2", no)),
        )

    def read(self, order: Order, values: Values) -> Response:
        posted = list(values.get(FIELD, ()))
        if not posted:
            return None
        if len(posted) > 1:
            raise BadResponse(msg("这一题只能选一个。"))
        if posted[0] not in VALUES:
            raise BadResponse(msg("这个选项不在题目里。请重新打开本页，再选一次。"))
        return VALUES[posted[0]]

    def fill(self, order: Order, response: Response) -> dict[str, tuple[str, ...]]:
        return {FIELD: tuple(place for place, value in VALUES.items() if value is response)}

    def score(self, response: Response) -> Fraction:
        return WHOLE if response is self.answer else NOTHING

    def right(self) -> Response:
        return self.answer

    def explain(self, lang: str, order: Order, response: Response) -> Explained:
        words = dict(zip((True, False), WORDS[lang], strict=True))
        lines = [self._line(words[value], value, response) for value in (True, False)]
        return self.explained(lang, response, lines, words[self.answer])

    def _line(self, word: str, value: bool, response: Response) -> Line:
        if value is self.answer:
            note: Message = msg("正确，您选了") if response is value else msg("正确答案")
            return Line("right", word, note)
        if response is value:
            return Line("wrong", word, msg("您选了这一项"))
        return Line("none", word, msg("不用选，您没选"))

    def own_fields(self) -> dict[str, Any]:
        return {"answer": self.answer}
