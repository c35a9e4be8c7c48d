"""Which open requirements can be closed, in what order, and how early what they rest on must be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from lms.kernel.text import Message, msg
from lms.pathways.planner.answering import Unclosed
from lms.pathways.planner.asking import Doing, Requirement


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a requirement's step."""

    begins: date
    ends: date


@dataclass(frozen=True, slots=True)
class Ways:
    """Requirements in an order in which they can be closed, and those that cannot be, with the reason."""

    spans: dict[str, Span]
    unclosed: tuple[Unclosed, ...]


def ways(requirements: Iterable[Requirement], day: date, learned: Mapping[str, date | Message]) -> Ways:
    """The earliest days for each requirement. `learned`: for what is closed by learning (training, the passed year)
    the day it is done, or why it cannot be."""
    known = {one.code: one for one in requirements}
    spans: dict[str, Span] = {}
    why: dict[str, Message] = {code: found for code, found in learned.items() if isinstance(found, Message)}
    open_ = set(known) | set(learned)
    left = dict.fromkeys(sorted(known))
    moved = True
    while moved:
        moved = False
        for code in list(left):
            needs = [need for need in known[code].needs if need in open_]
            stuck = next((need for need in needs if need in why), None)
            ready = all(need in spans or isinstance(learned.get(need), date) for need in needs)
            if code in learned or stuck is not None or ready:
                del left[code]
                moved = True
                _settle(known[code], day, learned, spans, why, stuck)
    for code in left:
        why[code] = msg("这一项和别的要求互为前提，排不出先后")
    unclosed = tuple(Unclosed(code, why[code]) for code in sorted(why) if code in known)
    return Ways(spans, unclosed)


def _settle(
    one: Requirement,
    day: date,
    learned: Mapping[str, date | Message],
    spans: dict[str, Span],
    why: dict[str, Message],
    stuck: str | None,
) -> None:
    """Put one requirement, all of whose needs are settled, among the spans or among what cannot be closed."""
    if one.code in learned or one.code in why:
        return
    if one.blocked is not None:
        why[one.code] = one.blocked
    elif stuck is not None:
        why[one.code] = msg("要先完成“{code}”，而那一项现在完成不了", code=stuck)
    else:
        after = [_end(need, learned, spans) for need in one.needs]
        begins = max([day, *(end for end in after if end is not None), *([one.opens] if one.opens else [])])
        ends = begins + timedelta(days=one.days)
        if one.deadline is not None and ends > one.deadline:
            why[one.code] = msg("截止 {deadline}，最早也要到 {earliest} 才能完成", deadline=one.deadline, earliest=ends)
        else:
            spans[one.code] = Span(begins, ends)


def _end(code: str, learned: Mapping[str, date | Message], spans: Mapping[str, Span]) -> date | None:
    if code in spans:
        return spans[code].ends
    found = learned.get(code)
    return found if isinstance(found, date) else None


def latest(requirements: Iterable[Requirement], closable: Iterable[str], last: Mapping[str, date]) -> dict[str, date]:
    """The last day on which each code may end so that all those that rest on it still end in time.

    `last`: the last days known of what is closed by learning. Codes without an entry have no end."""
    wanted = set(closable)
    chosen = [one for one in requirements if one.code in wanted]
    found = dict(last)
    for one in chosen:
        if one.deadline is not None:
            found[one.code] = min(found.get(one.code, one.deadline), one.deadline)
    for _ in chosen:
        for one in chosen:
            if one.code not in found:
                continue
            begins = found[one.code] - timedelta(days=one.days)
            for need in one.needs:
                found[need] = min(found.get(need, begins), begins)
    return found


def by_evidence(requirements: Iterable[Requirement], year_code: str | None) -> tuple[Requirement, ...]:
    """The requirements that have a step of their own: not training, not the passed year."""
    return tuple(one for one in requirements if one.doing is not Doing.BE_TRAINED and one.code != year_code)
