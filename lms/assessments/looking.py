"""A paper as a learner may get it, for whoever writes or reviews the course. Nothing is written, nothing is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms.assessments.rules.drawing import BankTooSmallError, draw
from lms.courses.packages.package import Package
from lms.items.base import BadResponse, Explained, Item, Presented, Response, Text
from lms.kernel.errors import NotFound
from lms.kernel.text import Message, msg

MOST_SEED = 2**31


@dataclass(frozen=True)
class LookPage:
    """One question of the paper of a seed; `explained` once it was answered."""

    home: str
    here: str
    course: Text
    title: Text
    total: int
    minutes: int
    pass_mark: int
    seed: int
    position: int
    shown: Presented
    explained: Explained | None
    error: Message | None


def look(
    package: Package, language: str, home: str, here: str, asked: Mapping[str, Sequence[str]]
) -> LookPage:
    """The question that the address asks for (`seed`, `q`), with the answer that stands in it judged. Raises NotFound:
    no test, no such question, or a bank too small to draw from."""
    paper = package.assessment
    if paper is None:
        raise NotFound
    seed = _number(asked, "seed", MOST_SEED)
    try:
        form = draw(package.items, paper.draw, seed)
    except BankTooSmallError:
        raise NotFound from None
    position = _number(asked, "q", len(form) + 1)
    if position > len(form):
        raise NotFound
    one = form[position - 1]
    item = package.item(one.code)
    if item is None:
        raise NotFound
    response, error = _given(item, one.order, asked) if "answered" in asked else (None, None)
    explained = item.explain(language, one.order, response) if response not in (None, [], {}) else None
    return LookPage(
        home=home,
        here=here,
        course=package.title,
        title=paper.title,
        total=len(form),
        minutes=paper.minutes,
        pass_mark=paper.pass_mark,
        seed=seed,
        position=position,
        shown=item.present(language, one.order),
        explained=explained,
        error=error,
    )


def _number(asked: Mapping[str, Sequence[str]], name: str, most: int) -> int:
    text = next(iter(asked.get(name, ())), "")
    return min(max(1, int(text)), most) if text.isascii() and text.isdigit() and len(text) < 11 else 1


def _given(
    item: Item, order: Sequence[str], asked: Mapping[str, Sequence[str]]
) -> tuple[Response, Message | None]:
    try:
        response = item.read(order, asked)
    except BadResponse as bad:
        return None, bad.message
    if response is None or response == []:
        return None, msg("还没有选。选好以后，再按“看看对不对”。")
    return response, None
