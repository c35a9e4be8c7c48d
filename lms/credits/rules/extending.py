"""One policy on top of another: a province says only what differs from the nation."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from lms.credits.rules.policy import Policy, Rule, Words

R = TypeVar("R", bound=Rule)
Find = Callable[[str], bytes | None]
EMPTY = Policy("", "", 0, Words("", ""), "", (12, 31), (), (), (), (), (), (), ())


def nowhere(policy_id: str) -> bytes | None:
    """Finds no other policy: for files that stand alone."""
    return None


def whole_text(content: bytes, below: bytes | None) -> bytes:
    """All that a policy rests on: its file, after the file it extends."""
    return content if below is None else below + b"\n" + content


def extended(base: Policy, own: Policy) -> Policy:
    """The policy `own` with the lines of `base` that it does not replace (by their id)."""
    return replace(
        own,
        sources=base.sources + own.sources,
        conversions=_merged(base.conversions, own.conversions),
        conditions=_merged(base.conditions, own.conditions),
        caps=_merged(base.caps, own.caps),
        repeats=_merged(base.repeats, own.repeats),
        requirements=_merged(base.requirements, own.requirements),
        categories=_merged(base.categories, own.categories),
        exemptions=_merged(base.exemptions, own.exemptions),
        carry_over=_merged(base.carry_over, own.carry_over),
        windows=_merged(base.windows, own.windows),
        audits=_merged(base.audits, own.audits),
        remarks=_merged(base.remarks, own.remarks),
    )


def _merged(base: tuple[R, ...], own: tuple[R, ...]) -> tuple[R, ...]:
    replaced = {line.id: line for line in own}
    kept = tuple(replaced.pop(line.id, line) for line in base)
    return kept + tuple(line for line in own if line.id in replaced)
