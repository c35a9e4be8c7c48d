"""Faults of a policy that no single line can see: names used twice, loose ends, lines that quarrel."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations

from lms.credits.rules.grounds import EVERYBODY, Grounds, Rule, Source
from lms.credits.rules.policy import Conversion, Period, Policy, Share
from lms.credits.rules.reading import Fault
from lms.kernel.text import msg


def loose_ends(policy: Policy, sources: Iterable[Source]) -> list[Fault]:
    """Names used twice within what one file says, and sources that are not listed."""
    faults = []
    known = {source.id for source in sources}
    seen: set[str] = set()
    for name, lines in groups(policy).items():
        for index, line in enumerate(lines):
            if line.id in seen:
                faults.append(Fault(f"{name}[{index}].id", msg("“{id}”用了两次", id=line.id)))
            seen.add(line.id)
            if line.grounds.source and line.grounds.source not in known:
                faults.append(
                    Fault(
                        f"{name}[{index}].source",
                        msg("sources 里没有“{id}”", id=line.grounds.source),
                    )
                )
    return faults


def groups(policy: Policy) -> dict[str, Sequence[Rule]]:
    """The lines of a policy by the name of their table in the file."""
    return {
        "conversions": policy.conversions,
        "conditions": policy.conditions,
        "caps": policy.caps,
        "repeats": policy.repeats,
        "requirements": policy.requirements,
        "categories": policy.categories,
        "exemptions": policy.exemptions,
        "carry_over": policy.carry_over,
        "windows": policy.windows,
        "audits": policy.audits,
        "remarks": policy.remarks,
    }


def quarrels(policy: Policy) -> list[Fault]:
    """Faults of the whole policy: categories that are not there, and lines that decide the same."""
    return [
        *_unknown_categories(policy),
        *_shared_names(policy),
        *_overlaps(policy.conversions),
        *_rivals(policy),
    ]


def _unknown_categories(policy: Policy) -> Iterator[Fault]:
    known = {category.id for category in policy.categories}
    named = [(f"conversions.{line.id}.category", line.category) for line in policy.conversions]
    named += [
        (f"requirements.{line.id}.categories", category)
        for line in policy.requirements
        if isinstance(line, Share | Period)
        for category in line.of.categories
    ]
    for key, category in named:
        if category is not None and category not in known:
            yield Fault(key, msg("categories 里没有“{id}”", id=category))


def _shared_names(policy: Policy) -> Iterator[Fault]:
    """A line replaces one of its own table only; elsewhere the same name would be a second one."""
    seen: set[str] = set()
    for name, lines in groups(policy).items():
        for line in lines:
            if line.id in seen:
                yield Fault(f"{name}.{line.id}", msg("“{id}”用了两次", id=line.id))
            seen.add(line.id)


def _overlaps(lines: Sequence[Conversion]) -> Iterator[Fault]:
    for one, other in combinations(lines, 2):
        if _meet(one, other):
            said = msg("和“{id}”管的是同一种活动、同一身份、同一段时间", id=one.id)
            yield Fault(f"conversions.{other.id}", said)


def _rivals(policy: Policy) -> Iterator[Fault]:
    """Of these, one line at most may hold: else nobody could say which."""
    for audit, other in combinations(policy.audits, 2):
        shared = [kind for kind in audit.kinds if kind in other.kinds]
        if shared and _same_days(audit.grounds, other.grounds):
            said = msg("“{kind}”在“{id}”里已经写了由谁审核", kind=shared[0], id=audit.id)
            yield Fault(f"audits.{other.id}.kinds", said)
    alone: dict[str, Sequence[Rule]] = {"carry_over": policy.carry_over, "windows": policy.windows}
    for name, lines in alone.items():
        for line, second in combinations(lines, 2):
            if _same_days(line.grounds, second.grounds) and _same_people(line.grounds, second.grounds):
                yield Fault(f"{name}.{second.id}", msg("和“{id}”管的是同样的人、同一段时间", id=line.id))


def _meet(one: Conversion, other: Conversion) -> bool:
    """Whether some fact of some person could fall under both."""
    return (
        not set(one.kinds).isdisjoint(other.kinds)
        and not set(one.roles).isdisjoint(other.roles)
        and _same_units(one, other)
        and _same_days(one.grounds, other.grounds)
        and _same_people(one.grounds, other.grounds)
    )


def _same_units(one: Conversion, other: Conversion) -> bool:
    units = [getattr(line.rate, "unit", None) for line in (one, other)]
    # A rate without a unit takes every unit.
    return None in units or units[0] == units[1]


def _same_days(one: Grounds, other: Grounds) -> bool:
    first = max(one.effective_from, other.effective_from)
    last = min(one.effective_until or date.max, other.effective_until or date.max)
    return first <= last


def _same_people(one: Grounds, other: Grounds) -> bool:
    if EVERYBODY in one.populations and EVERYBODY in other.populations:
        return True
    named = {*one.populations, *other.populations} - {EVERYBODY}
    return any(one.hold_for(population) and other.hold_for(population) for population in named)
