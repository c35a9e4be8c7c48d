"""A policy in plain words, made from its data, section by section; nothing here knows a number or a policy."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from lms.credits.rule_sentences import Line, said
from lms.credits.rules.checking import groups
from lms.credits.rules.policy import EVERYBODY, Certainty, Conversion, Grounds, Policy, Source, Words
from lms.credits.saying import population_words, text
from lms.credits.worked import figures
from lms.kernel.text import Message, msg


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
    excuses: tuple[Point, ...]
    afterwards: tuple[Point, ...]
    audits: tuple[Point, ...]
    open: tuple[Point, ...]
    sources: tuple[Source, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        return (
            *self.requires, *self.books, *self.worth, *self.needs, *self.limits, *self.excuses, *self.afterwards,
            *self.audits, *self.open,
        )  # fmt: skip


def explain(policy: Policy, base: Policy | None = None) -> Explanation:
    """The policy in words; `base`: the policy it extends, to tell its own lines apart."""
    cited: dict[str, int] = {}

    def numbered(source: str) -> int:
        return cited.setdefault(source, len(cited) + 1)

    def points(lines: Iterable[Line]) -> tuple[Point, ...]:
        return tuple(_point(policy, base, line, numbered(line.grounds.source)) for line in lines)

    known = {source.id: source for source in policy.sources}
    return Explanation(
        policy,
        requires=points(policy.requirements),
        books=points(policy.categories),
        # What is its own comes first: that is what a reader of a province looks for.
        worth=points(sorted(policy.conversions, key=lambda line: _inherited(line, base))),
        needs=points(policy.conditions),
        limits=points((*policy.caps, *policy.repeats)),
        excuses=points(policy.exemptions),
        afterwards=points((*policy.windows, *policy.carry_over)),
        audits=points(policy.audits),
        open=points(policy.remarks),
        sources=tuple(known[one] for one in cited),
    )


def _inherited(line: Line, base: Policy | None) -> bool:
    return base is not None and any(line in lines for lines in groups(base).values())


def _point(policy: Policy, base: Policy | None, line: Line, source: int) -> Point:
    grounds = line.grounds
    title, says = said(policy, line)
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
