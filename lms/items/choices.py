"""Options that are ticked: what single choice and multiple response share."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lms.items.base import BadResponse, Choice, Fault, Line, Order, Text, Values, place_of
from lms.items.reading import LANGUAGES, Fields
from lms.kernel.text import msg

FIELD = "choice"


@dataclass(frozen=True)
class Option:
    id: str
    text: Text
    correct: bool


def parse_options(fields: Fields, lowest: int, highest: int) -> tuple[Option, ...]:
    return tuple(
        Option(row.identity(), row.text("text"), row.boolean("correct", default=False))
        for row in fields.tables("options", lowest, highest)
    )


def same_texts(options: Sequence[Option]) -> Iterable[Fault]:
    for lang in LANGUAGES:
        texts = [option.text[lang] for option in options]
        for index, text in enumerate(texts):
            if text in texts[:index]:
                yield Fault(f"options[{index + 1}].text.{lang}", msg("有两个选项一模一样"))


def shown(options: Sequence[Option], order: Order, lang: str) -> tuple[Choice, ...]:
    texts = {option.id: option.text[lang] for option in options}
    return tuple(Choice(str(place), texts[one]) for place, one in enumerate(order, 1))


def chosen_ids(order: Order, values: Values) -> list[str]:
    """The ids behind the posted places. Raises BadResponse for a place that is not on the page."""
    found = [place_of(value, order) for value in values.get(FIELD, ())]
    if None in found:
        raise BadResponse(msg("这个选项不在题目里。请重新打开本页，再选一次。"))
    return [one for one in found if one is not None]


def places(order: Order, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    return {FIELD: tuple(str(place) for place, one in enumerate(order, 1) if one in ids)}


def table_of(options: Sequence[Option]) -> list[dict[str, Any]]:
    return [{"id": option.id, "text": dict(option.text), "correct": option.correct} for option in options]


def in_order(options: Sequence[Option], order: Order) -> list[Option]:
    by_id = {option.id: option for option in options}
    return [by_id[one] for one in order]


def verdict(option: Option, lang: str, chosen: bool, alone: bool) -> Line:
    """The line of one option; `alone` where only one may be chosen: nothing can be forgotten."""
    text = option.text[lang]
    if option.correct and chosen:
        return Line("right", text, msg("正确，您选了"))
    if option.correct and alone:
        return Line("right", text, msg("正确答案"))
    if option.correct:
        return Line("missed", text, msg("这一项漏选了"))
    if chosen:
        return Line("wrong", text, msg("您选了这一项"))
    return Line("none", text, msg("不用选，您没选"))
