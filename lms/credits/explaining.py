"""A policy in plain words, made from its data: one sentence builder for each shape.

Nothing here knows a number or a policy. A line that the engine can decide must be sayable here: each
`match` ends in `assert_never`, so that a shape added to the rules and forgotten here fails the type check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from lms.credits.rules.checking import groups
from lms.credits.rules.policy import (
    EVERYBODY,
    ROLES,
    Cap,
    Category,
    Certainty,
    Condition,
    Conversion,
    Grounds,
    Per,
    Policy,
    Remark,
    Repeat,
    Requirement,
    Source,
    Words,
)
from lms.credits.rules.rates import ByRole
from lms.credits.rules.words import kind_word
from lms.credits.saying import amount, credits_of, listed, population_words, role_words, text
from lms.credits.worked import figures, sentences
from lms.kernel.text import Message, msg

Line = Requirement | Category | Conversion | Condition | Cap | Repeat | Remark
USUAL = ("attendee",)


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a policy: what it is about, what it says, a worked figure, and what it rests on.

    `source`: the number of the text in the list of sources. `own`: said by this file, not by the one it
    extends.
    """

    id: str
    title: Message | None
    says: tuple[Message, ...]
    figures: tuple[Message, ...]
    book: Message | None
    cites: Words
    certainty: Certainty
    source: int
    own: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A policy, section by section; `sources`: the texts its lines cite, in the order of their numbers."""

    policy: Policy
    requires: tuple[Point, ...]
    books: tuple[Point, ...]
    worth: tuple[Point, ...]
    needs: tuple[Point, ...]
    limits: tuple[Point, ...]
    open: tuple[Point, ...]
    sources: tuple[Source, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        return self.requires + self.books + self.worth + self.needs + self.limits + self.open


def explain(policy: Policy, base: Policy | None = None) -> Explanation:
    """The policy in words; `base`: the policy it extends, to tell its own lines apart."""
    sections: tuple[Sequence[Line], ...] = (
        policy.requirements,
        policy.categories,
        # What is its own comes first: that is what a reader of a province looks for.
        sorted(policy.conversions, key=lambda line: _inherited(line, base)),
        policy.conditions,
        (*policy.caps, *policy.repeats),
        policy.remarks,
    )
    cited = list(dict.fromkeys(line.grounds.source for lines in sections for line in lines))
    requires, books, worth, needs, limits, remarks = (
        tuple(_point(policy, base, line, cited.index(line.grounds.source) + 1) for line in lines) for lines in sections
    )
    known = {source.id: source for source in policy.sources}
    sources = tuple(known[one] for one in cited)
    return Explanation(policy, requires, books, worth, needs, limits, remarks, sources)


def _inherited(line: Line, base: Policy | None) -> bool:
    return base is not None and any(line in lines for lines in groups(base).values())


def _point(policy: Policy, base: Policy | None, line: Line, source: int) -> Point:
    grounds = line.grounds
    title, says = _said(line)
    category = line.category if isinstance(line, Conversion) else None
    return Point(
        id=line.id,
        title=title,
        says=(*says, *_for_whom(grounds), *_when(policy, grounds)),
        figures=tuple(figures(policy, line)) if isinstance(line, Conversion) else (),
        book=next((text(one.title) for one in policy.categories if one.id == category), None),
        cites=grounds.citation,
        certainty=grounds.certainty,
        source=source,
        own=base is None or not _inherited(line, base),
    )


def _said(line: Line) -> tuple[Message | None, tuple[Message, ...]]:
    """What a line is about, and what it says."""
    match line:
        case Requirement():
            return None, (msg("一年至少 {amount}。", amount=amount(line.minimum, line.measure.value)),)
        case Category():
            return text(line.title), (_book(line),)
        case Conversion():
            # A rate by role names its roles itself.
            usual = line.roles if isinstance(line.rate, ByRole) else USUAL
            return _activities(line.kinds, line.roles, usual), tuple(sentences(line))
        case Condition():
            return _activities(line.kinds, line.roles, ROLES), (msg("要有考核合格的记录，才计学分。"),)
        case Cap():
            return _activities(line.kinds, ROLES, ROLES), tuple(_cap(line))
        case Repeat():
            return None, (msg("同一课程或项目，每人一年只计一次。"),)
        case Remark():
            return None, (text(line.text),)
        case _:
            assert_never(line)


def _activities(kinds: Sequence[str], roles: Sequence[str], usual: Sequence[str]) -> Message:
    """Kinds of activities; the roles only where they are not the usual ones."""
    named = listed([kind_word(kind) for kind in kinds])
    if set(roles) == set(usual):
        return named
    return msg("{activities}（{roles}）", activities=named, roles=role_words(roles))


def _book(line: Category) -> Message:
    least = credits_of(line.minimum) if line.minimum is not None else None
    most = credits_of(line.maximum) if line.maximum is not None else None
    if least and most:
        return msg("一年至少 {minimum}，最多计 {maximum}。", minimum=least, maximum=most)
    if least:
        return msg("一年至少 {amount}。", amount=least)
    if most:
        return msg("一年最多计 {amount}。", amount=most)
    return msg("单独记，没有上限和下限。")


def _cap(line: Cap) -> Iterator[Message]:
    most = credits_of(line.maximum)
    match line.per:
        case Per.AWARD:
            yield msg("每次最多计 {amount}。", amount=most)
        case Per.PROJECT:
            yield msg("同一个项目编号最多计 {amount}。", amount=most)
        case Per.DAY:
            yield msg("一天最多计 {amount}。", amount=most)
        case Per.YEAR:
            yield msg("一年最多计 {amount}。", amount=most)
        case _:
            assert_never(line.per)
    if line.per.limits_counting and len(line.kinds) > 1:
        yield msg("这几类合在一起算。")


def _for_whom(grounds: Grounds) -> Iterator[Message]:
    if EVERYBODY not in grounds.populations:
        yield msg("只对{people}。", people=population_words(grounds.populations))
    if grounds.exempt:
        yield msg("{people}不在内。", people=population_words(grounds.exempt))


def _when(policy: Policy, grounds: Grounds) -> Iterator[Message]:
    """From when and until when, where that is not simply the policy's own time."""
    if grounds.effective_from > date(policy.first_year, 1, 1):
        yield msg("从{date}起。", date=grounds.effective_from)
    last = policy.deadline(policy.last_year) if policy.last_year else date.max
    if grounds.effective_until and grounds.effective_until < last:
        yield msg("到{date}为止。", date=grounds.effective_until)
