"""Whether a plan can be followed and keeps what it promises, and the least hours by trying everything.

Written from the rules, not from the planner: nothing of it is called here. What counts is decided by the credits."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from plan_profiles import Profile

from lms.credits.rules.deciding import Decision, decide
from lms.credits.rules.facts import Case, Fact
from lms.pathways.planner.answering import Plan, Step
from lms.pathways.planner.asking import OFFERED, Asked, Doing, Offer, Requirement

DAY = timedelta(days=1)
Window = tuple[date, date, Decimal]  # first day, last day, hours of work


def check(profile: Profile, plan: Plan) -> Decision | None:
    """Fail with an assertion where a plan is not what it says; the year's decision with the plan done."""
    asked = profile.asked
    learned = [step for step in plan.steps if step.doing in OFFERED]
    _known_and_once(asked, plan)
    _in_time(asked, learned)
    _held_when_joined(asked, [step for step in learned if step.doing is Doing.JOIN])
    _after_the_year_only_for_training(asked, learned)
    _in_order(plan.steps)
    assert plan.work == sum((step.work for step in plan.steps), Decimal(0))
    decision = _counts(profile, plan, learned)
    _requirements(profile, plan, decision)
    assert all(step.closes for step in plan.steps)
    return decision


def _known_and_once(asked: Asked, plan: Plan) -> None:
    offers = {offer.code: offer for offer in asked.offers}
    open_ = {one.code: one for one in asked.requirements}
    seen = [(step.code, step.time) for step in plan.steps]
    assert len(seen) == len(set(seen))
    assert all((code, time - 1) in seen for code, time in seen if time > 1)
    for step in plan.steps:
        if step.doing in OFFERED:
            offer = offers[step.code]
            assert (step.doing, step.work) == (offer.doing, offer.work)
            assert 1 <= step.time <= offer.times
        else:
            assert step.doing is open_[step.code].doing
            assert (step.work, step.credits, step.hours) == (0, 0, 0)


def _in_time(asked: Asked, learned: list[Step]) -> None:
    offers = {offer.code: offer for offer in asked.offers}
    ends = {step.code: step for step in learned if step.time == 1}
    for step in learned:
        offer = offers[step.code]
        first = asked.day if offer.begun or offer.opens is None else max(asked.day, offer.opens)
        assert step.latest_begin is not None
        assert step.latest_end is not None
        assert first <= step.begins <= step.ends
        assert first <= step.latest_begin <= step.latest_end
        assert step.begins <= step.latest_begin
        assert step.ends <= step.latest_end
        assert offer.closes is None or step.latest_end <= offer.closes
        needs = [code for code in offer.prerequisites if code not in asked.finished]
        assert step.now == (not needs and first == asked.day)
        for code in needs:
            before = ends[code]
            assert before.ends <= step.begins
            assert before.latest_end is not None
            assert before.latest_end <= step.latest_begin
    own = [step for step in learned if step.doing is not Doing.JOIN]  # activities are held in working time
    assert enough_days(((one.begins, one.ends, one.work) for one in own), asked.hours_a_day)
    late = ((one.latest_begin, one.latest_end, one.work) for one in own)
    assert enough_days([(a, b, work) for a, b, work in late if a and b], asked.hours_a_day)


def _held_when_joined(asked: Asked, joined: list[Step]) -> None:
    """An activity is joined whole, on its days, and none that has begun; of two on one day she is at one."""
    offers = {offer.code: offer for offer in asked.offers}
    for step in joined:
        offer = offers[step.code]
        assert (step.begins, step.ends) == (offer.opens, offer.closes)
        assert (step.latest_begin, step.latest_end) == (offer.opens, offer.closes)
        assert asked.day <= step.begins <= step.ends
        assert step.now == (step.begins == asked.day)
        assert step.after == ()
    for one, other in combinations(joined, 2):
        assert one.ends < other.begins or other.ends < one.begins, (one.code, other.code)


def _after_the_year_only_for_training(asked: Asked, learned: list[Step]) -> None:
    for_later = {one.code for one in asked.requirements if one.doing is Doing.BE_TRAINED}
    for step in sorted(learned, key=lambda one: one.ends, reverse=True):
        if asked.year and step.ends > asked.year.deadline:
            assert for_later & {closing.rule for closing in step.closes}, step.code
            for_later.add(step.code)


def enough_days(windows: Iterable[Window], hours: Decimal) -> bool:
    """Work that may be interrupted fits its windows where no stretch of days has more than fits into it (Hall)."""
    all_ = list(windows)
    for first in {one[0] for one in all_}:
        for last in {one[1] for one in all_}:
            inside = sum((work for a, b, work in all_ if a >= first and b <= last), Decimal(0))
            if inside and inside > hours * ((last - first).days + 1):
                return False
    return all(a <= b for a, b, _ in all_)


def _in_order(steps: tuple[Step, ...]) -> None:
    before: set[str] = set()
    by_code = {step.code: step for step in steps if step.time == 1}
    for step in steps:
        assert set(step.after) <= before
        assert all(by_code[code].ends <= step.begins for code in step.after)
        before.add(step.code)


def _counts(profile: Profile, plan: Plan, learned: list[Step]) -> Decision | None:
    """What the credits decide once the planned facts are on record, against what the plan promises."""
    year = profile.asked.year
    if year is None:
        assert not learned
        return None
    offers = {offer.code: offer for offer in profile.asked.offers}
    planned = [
        (step, replace(offers[step.code].fact, id=f"~{step.code}~{step.time}", date=step.ends))
        for step in learned
        if step.ends.year == year.year
    ]
    before, after = decided(profile, ()), decided(profile, [fact for _, fact in planned])
    lines = {line.fact: line for line in after.lines}
    for step, fact in planned:
        assert (step.credits, step.hours) == (lines[fact.id].counted, lines[fact.id].hours)
    assert all(not step.credits and not step.hours for step in learned if step.ends.year != year.year)
    assert (plan.credits, plan.hours) == (after.counted - before.counted, after.hours - before.hours)
    said = {one.rule: one.lacking for one in plan.unclosed if one.lacking is not None}
    gaps = {"credits": after.gap_credits, "hours": after.gap_hours}
    gaps |= {one.id: one.gap for one in after.categories if after.gap_credits}
    assert said == {rule: gap for rule, gap in gaps.items() if gap}
    return after


def decided(profile: Profile, planned: Iterable[Fact]) -> Decision:
    """The year with planned facts on record; facts for which there is no rule bring nothing."""
    year = profile.asked.year
    assert year is not None
    return decide(year.policy, Case(year.year, year.deadline, year.person, (*profile.facts, *planned), year.history))


def _requirements(profile: Profile, plan: Plan, decision: Decision | None) -> None:
    asked = profile.asked
    steps = {step.code: step for step in plan.steps if step.doing not in OFFERED}
    unclosed = {one.rule for one in plan.unclosed}
    open_ = {one.code for one in asked.requirements}
    closed_on: dict[str, date] = {}
    if asked.year and asked.year.closes and decision and not decision.gap_credits and not decision.gap_hours:
        inside = [one.ends for one in plan.steps if one.doing in OFFERED and one.credits + one.hours]
        closed_on[asked.year.closes] = max(inside, default=asked.day)
    for one in asked.requirements:
        if one.doing is Doing.BE_TRAINED:
            ends = [step.ends for step in plan.steps if any(closing.rule == one.code for closing in step.closes)]
            assert bool(ends) != (one.code in unclosed)
            if ends:
                assert len(ends) == 1
                assert any(_trains(profile, step, one) for step in plan.steps if step.ends == ends[0])
                closed_on[one.code] = ends[0]
    for one in asked.requirements:
        if asked.year and one.code == asked.year.closes:
            assert (one.code in unclosed) == (one.code not in closed_on or _too_late(one, closed_on[one.code]))
            closed_on = {code: day for code, day in closed_on.items() if code not in unclosed}
        elif one.doing is not Doing.BE_TRAINED:
            assert (one.code in steps) != (one.code in unclosed)
    for code, step in steps.items():
        one = next(one for one in asked.requirements if one.code == code)
        assert one.blocked is None
        assert step.begins >= max(asked.day, one.opens or asked.day)
        assert (step.ends - step.begins).days >= one.days
        for need in one.needs:
            if need in steps:
                assert steps[need].ends <= step.begins
                assert need in step.after
            elif need in closed_on:
                assert closed_on[need] <= step.begins
            else:
                assert need not in open_ | {asked.year.closes if asked.year else None}
        if one.deadline is not None:
            assert step.latest_end is not None
            assert step.ends <= step.latest_end <= one.deadline


def _too_late(one: Requirement, day: date) -> bool:
    return bool(one.blocked) or (one.deadline is not None and day > one.deadline)


def _trains(profile: Profile, step: Step, requirement: Requirement) -> bool:
    offer = next((one for one in profile.asked.offers if one.code == step.code), None)
    in_time = requirement.deadline is None or (step.latest_end is not None and step.latest_end <= requirement.deadline)
    year = profile.asked.year
    if offer is None or year is None or not offer.trains or not in_time:
        return False
    return bool(step.closes) and (bool(step.credits) or _alone(profile, offer, step.ends) > 0)


def _alone(profile: Profile, offer: Offer, day: date) -> Decimal:
    year = profile.asked.year
    assert year is not None
    facts = profile.facts if day.year == year.year else ()
    case = Case(day.year, day, year.person, (*facts, replace(offer.fact, id="~", date=day)))
    return next(line.awarded for line in decide(year.policy, case).lines if line.fact == "~")


# Everything tried.


def least_hours(profile: Profile) -> Decimal | None:
    """The fewest hours with which everything asked is closed; None where no choice of offers closes everything.

    Rules that turn on single days within the year are not tried here: each fact is dated as early as can be."""
    asked, year = profile.asked, profile.asked.year
    assert year is not None
    due = _due(asked, year.closes, year.deadline)
    if due is None:
        return None
    year_by, train_by = due
    occasions = [offer for offer in asked.offers for _ in range(offer.times) if not _missed(asked, offer)]
    must = any(one.doing is Doing.BE_TRAINED for one in asked.requirements)
    needed = decided(profile, ())
    lacking = needed.gap_hours and not needed.shares
    for chosen in _choices(asked, occasions):
        if lacking and sum((offer.fact.hours for offer in chosen), Decimal(0)) < needed.gap_hours:
            continue
        if _closes(profile, chosen, year_by, train_by, must=must):
            return sum((offer.work for offer in chosen), Decimal(0))
    return None


def _choices(asked: Asked, occasions: list[Offer]) -> Iterator[list[Offer]]:
    """Every choice that has its prerequisites and no two activities on one day, those with the fewest hours first."""
    found = []
    clashes = [1 << a | 1 << b for a, b in combinations(range(len(occasions)), 2) if _clash(occasions[a], occasions[b])]
    for mask in range(1 << len(occasions)):
        if any(mask & both == both for both in clashes):
            continue
        chosen = [offer for at, offer in enumerate(occasions) if mask >> at & 1]
        codes = {offer.code for offer in chosen} | asked.finished
        if all(need in codes for offer in chosen for need in offer.prerequisites):
            found.append((sum((offer.work for offer in chosen), Decimal(0)), len(chosen), mask, chosen))
    return (chosen for *_, chosen in sorted(found, key=lambda one: one[:3]))


def _missed(asked: Asked, offer: Offer) -> bool:
    return offer.doing is Doing.JOIN and _day(offer.opens) < asked.day


def _clash(one: Offer, other: Offer) -> bool:
    """Whether both are activities that share a day."""
    if {one.doing, other.doing} != {Doing.JOIN}:
        return False
    return max(_day(one.opens), _day(other.opens)) <= min(_day(one.closes), _day(other.closes))


def _day(day: date | None) -> date:
    assert day is not None
    return day


def _due(asked: Asked, year_code: str | None, deadline: date) -> tuple[date, date | None] | None:
    """By when the year and the training must be closed so that every requirement can be; None if one cannot."""
    known = {one.code: one for one in asked.requirements}
    training = {code for code, one in known.items() if one.doing is Doing.BE_TRAINED}
    earliest: dict[str, date] = dict.fromkeys(training, asked.day)
    if year_code:
        earliest[year_code] = asked.day
    for _ in known:
        for code, one in known.items():
            needs = [need for need in one.needs if need in known or need == year_code]
            if code not in training and all(need in earliest for need in needs):
                begins = max([asked.day, one.opens or asked.day, *(earliest[need] for need in needs)])
                earliest[code] = begins + one.days * DAY
    for code, one in known.items():
        if one.blocked or code not in earliest or (one.deadline and earliest[code] > one.deadline):
            return None

    def last(code: str) -> date | None:
        own = known[code].deadline if code in known else deadline
        waiting = [(one, last(one.code)) for one in known.values() if code in one.needs and one.code not in training]
        return min([end - one.days * DAY for one, end in waiting if end] + ([own] if own else []), default=None)

    ends = [end for code in training if (end := last(code)) is not None]
    year_by = last(year_code) if year_code else None
    return min(deadline, year_by or deadline), min(ends, default=None)


def _closes(profile: Profile, chosen: list[Offer], year_by: date, train_by: date | None, *, must: bool) -> bool:
    asked = profile.asked
    first = {offer.code: _counted_from(asked, offer) for offer in chosen}
    facts = [replace(offer.fact, id=f"~{n}", date=first[offer.code]) for n, offer in enumerate(chosen)]
    if any(fact.date > year_by for fact in facts):
        return False
    decision = decided(profile, facts)
    if decision.gap_credits or decision.gap_hours:
        return False
    if not must:
        return _fits(asked, chosen, [year_by] * len(chosen))
    lines = {line.fact: line for line in decision.lines}
    for n, offer in enumerate(chosen):
        lasts = [year_by] * len(chosen)
        lasts[n] = min(year_by, train_by or year_by)
        if offer.trains and lines[f"~{n}"].awarded and _fits(asked, chosen, lasts):
            return True
    return False


def _counted_from(asked: Asked, offer: Offer) -> date:
    return _day(offer.closes) if offer.doing is Doing.JOIN else _first(asked, offer)


def _first(asked: Asked, offer: Offer) -> date:
    return asked.day if offer.begun or offer.opens is None else max(asked.day, offer.opens)


def _fits(asked: Asked, chosen: list[Offer], lasts: list[date]) -> bool:
    """Whether the chosen fit into their windows: windows are made narrower by what comes before and after, in hours.

    Activities stay on their days, whatever else is done there: of courses that need one, the windows begin with its
    last day."""
    a_day = asked.hours_a_day
    held = {offer.code: _day(offer.closes) for offer in chosen if offer.doing is Doing.JOIN}
    if any(offer.code in held and held[offer.code] > last for offer, last in zip(chosen, lasts, strict=True)):
        return False
    lasts = [last for offer, last in zip(chosen, lasts, strict=True) if offer.code not in held]
    chosen = [offer for offer in chosen if offer.code not in held]
    firsts = [
        max([_first(asked, offer), *(held[need] for need in offer.prerequisites if need in held)]) for offer in chosen
    ]
    opens = [(first - asked.day).days * a_day for first in firsts]
    closes = [
        ((min(last, offer.closes or last) - asked.day).days + 1) * a_day
        for offer, last in zip(chosen, lasts, strict=True)
    ]
    place = {offer.code: n for n, offer in reversed(list(enumerate(chosen)))}
    for _ in chosen:
        for n, offer in enumerate(chosen):
            for need in offer.prerequisites:
                if need in place:
                    before = place[need]
                    opens[n] = max(opens[n], opens[before] + chosen[before].work)
                    closes[before] = min(closes[before], closes[n] - offer.work)
    for a in set(opens):
        for b in set(closes):
            inside = sum((one.work for n, one in enumerate(chosen) if opens[n] >= a and closes[n] <= b), Decimal(0))
            if inside and inside > b - a:
                return False
    return all(a < b and a + one.work <= b for a, b, one in zip(opens, closes, chosen, strict=True))
