"""Draws a person's paper from the bank: by rules, by seed, without repeats, unseen items first."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from lms.courses.packages.package import DrawRule
from lms.items.base import Item


class BankTooSmallError(ValueError):
    """The bank has fewer items than a rule asks for; a checked package never gets here."""


@dataclass(frozen=True)
class FormItem:
    """One question of a paper: which item, and in which order this person sees its options."""

    code: str
    order: tuple[str, ...]


Form = tuple[FormItem, ...]


def draw(bank: Iterable[Item], rules: Sequence[DrawRule], seed: int, seen: Collection[str] = ()) -> Form:
    """The paper of this seed. Items of earlier tries (`seen`) come only where nothing else is left.

    Narrow rules (topic and difficulty) choose first, so that a wide one cannot take what they
    need. Raises BankTooSmallError.
    """
    chance = Random(seed)  # noqa: S311 - which questions are asked is no secret key
    left = sorted(bank, key=lambda item: item.code)
    drawn: list[Item] = []
    for rule in sorted(rules, key=lambda rule: (rule.difficulty is None, rule.topic)):
        fitting = [item for item in left if fits(item, rule)]
        if len(fitting) < rule.count:
            raise BankTooSmallError(f"{rule.topic}/{rule.difficulty}: {len(fitting)}<{rule.count}")
        chance.shuffle(fitting)
        fitting.sort(key=lambda item: item.code in seen)
        drawn += fitting[: rule.count]
        taken = {item.code for item in fitting[: rule.count]}
        left = [item for item in left if item.code not in taken]
    chance.shuffle(drawn)
    return tuple(FormItem(item.code, item.shuffled(seed)) for item in drawn)


def fits(item: Item, rule: DrawRule) -> bool:
    """Whether the rule may draw this item."""
    return item.use == "assessment" and item.topic == rule.topic and rule.difficulty in (None, item.difficulty)


def form_to_json(form: Form) -> list[list[Any]]:
    """The form as it is kept with the attempt."""
    return [[item.code, list(item.order)] for item in form]


def form_from_json(kept: Sequence[Sequence[Any]]) -> Form:
    """The form that was kept with the attempt."""
    return tuple(FormItem(str(code), tuple(order)) for code, order in kept)
