"""What the planner is asked, gathered: what she lacks, what is offered; and the plan as she reads it.

A constant number of statements, however many courses there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lms.assessments import queries as assessments
from lms.courses import queries as courses
from lms.courses.queries import CourseCard, Studying
from lms.courses.rules import SUBJECT_NAMES, may_start_again
from lms.credits import queries as credits
from lms.credits.approvals.queries import approval_ends, valid_approvals_for
from lms.credits.claims.asking import asked as asked_of_claim
from lms.credits.claims.asking import offered
from lms.credits.claims.waiting import facts_waiting
from lms.credits.coming.models import ComingActivity
from lms.credits.coming.queries import fact_of
from lms.credits.coming.queries import offered as offered_activities
from lms.credits.queries import Standing
from lms.credits.rules.deciding import held_as
from lms.credits.rules.facts import Fact, RefusedError
from lms.credits.rules.judging import judge as judge_fact
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.paging import SIZE
from lms.kernel.quantities import from_milli
from lms.pathways import facts, queries
from lms.pathways.planner.answering import Plan, Step
from lms.pathways.planner.asking import Asked, Doing, Offer, Requirement, Year
from lms.pathways.planner.bringing import counted, granted, judged
from lms.pathways.planner.exam_preparation import Answered, Weakness, weakest
from lms.pathways.planner.planning import plan
from lms.pathways.rules.judging import PathwayStanding, RequirementState
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import Kind
from lms.pathways.rules.states import State
from lms.people import queries as people

HOURS_A_DAY = Decimal(2)
"""What a doctor can learn besides her work, at the most (house practice)."""
MINUTES = Decimal(60)
TELL, JOIN = "claim:", "activity:"
MOST_TIMES = 30
LONGEST_CLAIM = 6
"""Hours of self-study that are told at a time, where fewer earn nothing."""
EXAMS = (Kind.EXAM_PRACTICAL, Kind.EXAM_WRITTEN)


@dataclass(frozen=True, slots=True)
class Joined:
    """An activity to come, and on which page of those that she may join it stands."""

    activity: ComingActivity
    page: int


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with what it is about: the course (and how far she is in it), the requirement, the kind of claim, or the
    activity to come.
    `times`: how often it is to be done; the step's work, credits and hours are of all times together; `at_once`: told
    as one claim of all its hours it brings no less."""

    step: Step
    times: int = 1
    at_once: bool = False
    course: CourseCard | None = None
    studying: Studying | None = None
    line: RequirementState | None = None
    claim: str = ""
    coming: Joined | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """What she has told of the year that nobody has decided yet: how many claims, and what counts of them if all are
    approved."""

    claims: int
    credits: Decimal


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """Her plan of today. `lines`: every open requirement by the planner's code, for what a step closes; `asking`: the
    duties and ways that ask for each; `claimed`: what waits to be decided, which the steps take as granted."""

    day: date
    plan: Plan
    steps: tuple[PlannedStep, ...]
    lines: Mapping[str, RequirementState]
    asking: Mapping[str, tuple[Pathway, ...]]
    standing: Standing | None
    ways: tuple[PathwayStanding, ...]
    weak: tuple[Weakness, ...]
    claimed: Claimed | None = None


def own_plan(actor: Actor) -> OwnPlan:
    """What she still lacks and the shortest way there. Raises NotFound for somebody without an account."""
    person_id = require_found(actor.person_id)
    day = clock.today()
    card = require_found(people.person(person_id))
    found = facts.about(card, day)
    standing = found.year
    duties, ways = queries.standings(card, facts.with_modules(found.facts, person_id, day), found.going, day)
    lines = _open_lines((*duties, *ways))
    needs = _needs((*duties, *ways), lines)
    year_code = next((code for code, line in lines.items() if line.requirement.shape_name == "year_pass"), None)
    year, claimed = _year(person_id, standing, year_code)
    studying = {one.enrolment.course_code: one for one in courses.studying(person_id, 50)}
    finished = courses.finished_codes(person_id)
    coming = offered_activities(card, day) if standing else []
    offers, cards = _offers(person_id, standing, studying, finished, coming, day)
    asked = Asked(
        day=day,
        year=year,
        offers=offers,
        requirements=tuple(_requirement(code, line, needs.get(code, ())) for code, line in lines.items()),
        finished=frozenset(finished),
        hours_a_day=HOURS_A_DAY,
    )
    made = plan(asked)
    told = {one.code: one.fact for one in offers if one.code.startswith(TELL)}
    once = {code for code, fact in told.items() if year is not None and _at_once(year, fact, made.steps, code)}
    joined = {f"{JOIN}{one.id}": Joined(one, number // SIZE + 1) for number, one in enumerate(coming)}
    steps = tuple(_planned(times, cards, studying, lines, joined, once) for times in _same(made.steps))
    asking = _asking((*duties, *ways), lines)
    return OwnPlan(day, made, steps, lines, asking, standing, ways, _weak(person_id, lines), claimed)


def _open_lines(standings: Sequence[PathwayStanding]) -> dict[str, RequirementState]:
    """What is not met, by pathway and code; the same thing asked by two of them once, under the first."""
    found: dict[str, RequirementState] = {}
    for one in standings:
        for line in one.lacking:
            if _kept(line, found) is None:
                found[f"{one.pathway.id}:{line.code}"] = line
    return found


def _kept(line: RequirementState, lines: Mapping[str, RequirementState]) -> str | None:
    """The code under which the same thing is asked already."""
    same = (line.requirement.shape_name, line.requirement.shape)
    found = (code for code, other in lines.items() if (other.requirement.shape_name, other.requirement.shape) == same)
    return next(found, None)


def _asking(
    standings: Sequence[PathwayStanding], lines: Mapping[str, RequirementState]
) -> dict[str, tuple[Pathway, ...]]:
    """Which of them ask for each open line."""
    found: dict[str, tuple[Pathway, ...]] = {}
    for one in standings:
        for code in dict.fromkeys(_kept(line, lines) for line in one.lacking):
            if code is not None:
                found[code] = (*found.get(code, ()), one.pathway)
    return found


def _needs(
    standings: Sequence[PathwayStanding], lines: Mapping[str, RequirementState]
) -> dict[str, tuple[str, ...]]:
    """What comes before each open line, under the codes that the plan knows."""
    found: dict[str, tuple[str, ...]] = {}
    for one in standings:
        hers = {line.code: _kept(line, lines) for line in one.lacking}
        for line in one.lacking:
            code = hers[line.code]
            first = (hers.get(need) for need in line.blocked_by)
            if code is not None:
                asked = (need for need in first if need is not None and need != code)
                found[code] = tuple(dict.fromkeys((*found.get(code, ()), *asked)))  # of every way that asks for it
    return found


def _requirement(code: str, line: RequirementState, needs: tuple[str, ...]) -> Requirement:
    final = line.requirement.shape_name in ("clear", "assessed") and line.state is State.REJECTED
    ended = final and (line.requirement.shape_name == "clear" or line.judged.until is None)
    deadline = line.judged.until if line.state in (State.MISSING, State.REJECTED) and not ended else None
    return Requirement(
        code=code,
        doing=_doing(line),
        verifier=str(line.turn if line.state is State.SUBMITTED else line.requirement.by[-1]),
        deadline=deadline,
        needs=needs,
        blocked=line.judged.reason if ended else None,
    )


def _doing(line: RequirementState) -> Doing:
    kinds = line.requirement.shape.kinds()
    if line.state is State.SUBMITTED:
        return Doing.WAIT
    match line.requirement.shape_name:
        case "within" if kinds == (Kind.TRAINING,):
            return Doing.BE_TRAINED
        case "year_pass":
            return Doing.WAIT  # the year itself closes it; the planner knows it by its code
        case "modules":
            return Doing.LOG_PRACTICE
        case "renewal":
            return Doing.RENEW
    return Doing.SIT_EXAM if kinds and kinds[0] in EXAMS else Doing.HAND_IN


def _year(
    person_id: UUID, standing: Standing | None, code: str | None
) -> tuple[Year | None, Claimed | None]:
    """Her year as it would stand if all that waits were approved, and what waits: what she has told already takes its
    room under the caps, and need not be told again."""
    if standing is None:
        return None, None
    year = Year(
        year=standing.year,
        policy=standing.policy,
        person=standing.person,
        held=standing.held,
        earlier=credits.earlier_of_year(person_id, standing.year),
        closes=code,
    )
    waiting = facts_waiting(person_id, standing.policy, standing.year)
    if not waiting:
        return year, None
    after = granted(year, waiting)
    gained = counted(after, after.held).total - counted(year, year.held).total
    return after, Claimed(len(waiting), gained)


def _offers(
    person_id: UUID,
    standing: Standing | None,
    studying: Mapping[str, Studying],
    finished: Mapping[str, datetime],
    coming: Iterable[ComingActivity],
    day: date,
) -> tuple[tuple[Offer, ...], dict[str, CourseCard]]:
    """Approved courses that she has begun or can begin, each as long as its approval holds, activities to come, and
    claims by the hour."""
    if standing is None:
        return (), {}
    approvals = valid_approvals_for(person_id, day)
    cards = courses.course_cards(codes=approvals) if approvals else {}
    needs = courses.requirements_of([card.edition_id for card in cards.values()])
    ends, startable = approval_ends(cards, day), courses.startable(cards)
    found = []
    for code, card in sorted(cards.items()):
        approval = approvals[code]
        if code in standing.codes:
            continue
        begun = studying.get(code)
        over = code in finished and not may_start_again(finished[code], clock.now())
        if begun is None and (over or code not in startable):
            continue
        minutes = begun.minutes_left if begun is not None else card.minutes
        hours = from_milli(approval.hours_milli)
        fact = Fact(
            id=f"~{code}", kind=approval.kind, activity=code, project=approval.project_number, date=day,
            quantity=hours, unit="hours", hours=hours, assessed=True,
        )  # fmt: skip
        found.append(
            Offer(
                code=code,
                doing=Doing.LEARN,
                fact=fact,
                work=(Decimal(minutes) / MINUTES).quantize(Decimal("0.001")),
                prerequisites=needs.get(card.edition_id, ()),
                closes=ends.get(code),
                begun=begun is not None,
            )
        )
    return (*found, *(_joined(one) for one in coming), *_claims(standing, day)), cards


def _joined(one: ComingActivity) -> Offer:
    """An activity that somebody else holds on its days."""
    hours = from_milli(one.hours_milli)
    return Offer(
        f"{JOIN}{one.id}", Doing.JOIN, fact_of(one), hours, opens=one.started_on, closes=one.on_date,
        trains=one.kind in credits.TRAININGS,
    )  # fmt: skip


def _claims(standing: Standing, day: date) -> Iterable[Offer]:
    """Self-study by the hour, in the smallest number of hours that earns something."""
    kind = "self_study"
    if kind not in offered(standing.policy):
        return
    asks = asked_of_claim(standing.policy, kind, "attendee", day)
    if asks.unit != "hours" or asks.assessed:
        return
    for hours in range(1, LONGEST_CLAIM + 1):
        fact = Fact(
            id=f"~{kind}", kind=kind, activity=None, project=None, date=day, quantity=Decimal(hours), unit="hours",
            hours=Decimal(hours), assessed=False, evidence=tuple(sorted(asks.papers)),
        )  # fmt: skip
        try:
            earns = judge_fact(standing.policy, standing.person, fact, day.year, ()).awarded
        except RefusedError:
            return
        if earns:
            yield Offer(TELL + kind, Doing.TELL, fact, Decimal(hours), trains=False, times=MOST_TIMES)
            return


def _same(steps: Iterable[Step]) -> Iterable[list[Step]]:
    """Steps by what is done, each where it is done first: an hour of self-study sixteen times is one thing to do."""
    found: dict[str, list[Step]] = {}
    for one in steps:
        found.setdefault(one.code, []).append(one)
    return found.values()


def _at_once(year: Year, fact: Fact, steps: Iterable[Step], code: str) -> bool:
    """Whether one claim of all the hours that are planned brings no less than they do one after the other."""
    mine = [one for one in steps if one.code == code]
    hours = fact.quantity * len(mine)
    whole = judged(year, replace(fact, quantity=hours, hours=hours), list(year.earlier))
    if len(mine) < 2 or whole is None or not whole.recognised:
        return False
    after = counted(year, (*year.held, held_as(replace(fact, quantity=hours, hours=hours), whole)))
    before = counted(year, year.held)
    gained = (after.total - before.total, after.hours - before.hours)
    return gained[0] >= sum(one.credits for one in mine) and gained[1] >= sum(one.hours for one in mine)


def _planned(
    times: Sequence[Step],
    cards: Mapping[str, CourseCard],
    studying: Mapping[str, Studying],
    lines: Mapping[str, RequirementState],
    joined: Mapping[str, Joined],
    once: Collection[str],
) -> PlannedStep:
    first, last = times[0], times[-1]
    step = replace(
        first,
        work=sum((one.work for one in times), Decimal(0)),
        credits=sum((one.credits for one in times), Decimal(0)),
        hours=sum((one.hours for one in times), Decimal(0)),
        ends=last.ends,
        latest_end=last.latest_end,
    )
    code = step.code
    claim = code.removeprefix(TELL) if code.startswith(TELL) else ""
    return PlannedStep(
        step, len(times), code in once, cards.get(code), studying.get(code), lines.get(code), claim, joined.get(code)
    )


def _weak(person_id: UUID, lines: Mapping[str, RequirementState]) -> tuple[Weakness, ...]:
    """The subjects of her last attempts, weakest first, then those she was never asked of; nothing where no
    examination lies ahead. Two statements."""
    if not any(kind in EXAMS for line in lines.values() for kind in line.requirement.shape.kinds()):
        return ()
    rows = assessments.answered_of(person_id)
    subjects = courses.subjects_of({row[0] for row in rows}) if rows else {}
    asked: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    last: dict[str, date] = {}
    for edition_id, day, questions, correct in rows:
        subject = subjects.get(edition_id, "")
        asked[subject] += questions
        right[subject] += correct
        last[subject] = max(last.get(subject, day), day)
    areas = [*SUBJECT_NAMES, *(area for area in asked if area and area not in SUBJECT_NAMES)] if rows else []
    return weakest(Answered(area, asked[area], right[area], last.get(area)) for area in areas)
