"""Steps from what is learned and what is handed in, each with what it brings and which rule it is for."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from lms.credits.rules.because import NOTHING
from lms.credits.rules.counting import Count
from lms.kernel.quantities import format_credits, format_hours
from lms.kernel.text import N_, msg
from lms.pathways.planner.answering import Closing, Step
from lms.pathways.planner.asking import Doing, Requirement
from lms.pathways.planner.learning import Learned, Learning
from lms.pathways.planner.requiring import Span

Place = tuple[date, int, int, int]  # where a step stands in the plan: what begins first comes first
Placed = tuple[Place, Step]

REASONS = {
    Doing.HAND_IN: N_("要交材料，等核实"),
    Doing.RENEW: N_("要在到期以前办好"),
    Doing.SIT_EXAM: N_("要考过这一门"),
    Doing.LOG_PRACTICE: N_("要记满实践的时间"),
    Doing.WAIT: N_("已经交了，等核实"),
}


def offer_steps(learning: Learning, learned: Learned, base: Count, training: tuple[str, ...]) -> list[Placed]:
    """The steps that are learned, joined or told."""
    items, found = learning.items, []
    for place in learned.chosen:
        item, slot, late = items[place], learned.slots[place], learned.late[place]
        judgement = learned.brought.judgements.get(item.fact.id)
        step = Step(
            doing=item.offer.doing,
            code=item.offer.code,
            work=item.offer.work,
            credits=learned.brought.count.counted.get(item.fact.id, NOTHING),
            hours=judgement.hours if judgement else NOTHING,
            closes=(),
            begins=learning.day(slot.begins),
            ends=learning.day(slot.ends),
            latest_begin=learning.day(late.begins),
            latest_end=learning.day(late.ends),
            now=not item.before and learning.opens_today(place),
            after=tuple(dict.fromkeys(items[one].offer.code for one in item.before)),
            time=item.time,
        )
        closes = tuple(_closings(learning, learned, base, training, place, step))
        found.append(((step.begins, 0, slot.ends, place), _closing(step, closes)))
    return found


def _closing(step: Step, closes: tuple[Closing, ...]) -> Step:
    return Step(
        step.doing, step.code, step.work, step.credits, step.hours, closes, step.begins, step.ends, step.latest_begin,
        step.latest_end, step.now, step.after, step.verifier, step.time,
    )  # fmt: skip


def _closings(
    learning: Learning, learned: Learned, base: Count, training: tuple[str, ...], place: int, step: Step
) -> Iterator[Closing]:
    items, scales = learning.items, learning.scales
    if step.credits and base.gap_credits:
        credits = format_credits(step.credits)
        yield Closing("credits", msg("补这一年的学分，计 {credits} 学分", credits=credits))
        category = items[place].category
        if category >= 0 and base.categories[category].gap:
            yield Closing(scales.categories[category], msg("补这一类学分，计 {credits} 学分", credits=credits))
    if step.hours and base.gap_hours:
        yield Closing("hours", msg("补这一年的学时，计 {hours} 学时", hours=format_hours(step.hours)))
    if place == learned.trainer:
        for code in training:
            yield Closing(code, msg("这也是要求的培训"))
    for one in learned.chosen:
        if place in items[one].before:
            code = items[one].offer.code
            yield Closing(code, msg("学完它，才能学“{code}”", code=code))


def evidence_steps(
    requirements: Iterable[Requirement],
    day: date,
    spans: Mapping[str, Span],
    last: Mapping[str, date],
    learned: Mapping[str, tuple[str, ...]],
) -> list[Placed]:
    """The steps that cost no hours of learning. `learned`: for what is closed by learning, the codes of its steps."""
    known = {one.code: one for one in requirements}
    found = []
    for place, (code, span) in enumerate(spans.items()):
        one = known[code]
        after = tuple(dict.fromkeys(step for need in one.needs for step in _steps_of(need, spans, learned)))
        until = last.get(code)
        step = Step(
            doing=one.doing,
            code=code,
            work=NOTHING,
            credits=NOTHING,
            hours=NOTHING,
            closes=(Closing(code, msg(REASONS[one.doing])),),
            begins=span.begins,
            ends=span.ends,
            latest_begin=until - timedelta(days=one.days) if until else None,
            latest_end=until,
            now=span.begins == day and not after,
            after=after,
            verifier=one.verifier,
        )
        found.append(((step.begins, 1, place, 0), step))
    return found


def _steps_of(need: str, spans: Mapping[str, Span], learned: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return (need,) if need in spans else learned.get(need, ())
