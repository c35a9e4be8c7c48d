"""Which courses would still bring something this year, and how far they go."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lms.courses import queries as courses
from lms.courses.queries import CourseCard
from lms.credits.approvals.queries import ValidApproval, valid_approvals_for
from lms.credits.rules.counting import Held, count
from lms.credits.rules.deciding import held_as
from lms.credits.rules.facts import Fact, Person, RefusedError
from lms.credits.rules.judging import NOTHING, judge
from lms.credits.rules.policy import Policy
from lms.credits.statements import Standing, year_standing
from lms.kernel import clock
from lms.kernel.quantities import from_milli


@dataclass(frozen=True, slots=True)
class SuggestedCourse:
    """A course and what it would add to what counts, in the order given."""

    course: CourseCard
    credits: Decimal
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Courses that help, what they add together, and what is then still lacking."""

    courses: tuple[SuggestedCourse, ...]
    credits: Decimal
    hours: Decimal
    remaining_credits: Decimal
    remaining_hours: Decimal

    @property
    def closes(self) -> bool:
        """Whether nothing is lacking once these courses are finished."""
        return not self.remaining_credits and not self.remaining_hours


def suggest(person_id: UUID, *, standing: Standing | None = None, first: tuple[str, ...] = ()) -> Suggestion:
    """The fewest courses that close the gap, or all that help if they cannot close it.

    `first`: codes of courses to put first (begun already). Two statements, and two more when the
    standing of this year is not handed in.
    """
    today = clock.today()
    standing = standing or year_standing(person_id, today.year)
    if standing is None:
        return Suggestion((), NOTHING, NOTHING, NOTHING, NOTHING)
    worth = _worth(person_id, standing, today)
    order = sorted(worth, key=lambda code: (code not in first, -worth[code].hours, code))
    cards = courses.course_cards(codes=order) if order else {}
    held, total = list(standing.held), count(standing.policy, standing.person, standing.year, standing.held)
    chosen: list[SuggestedCourse] = []
    for code in order:
        if not total.gap_credits and not total.gap_hours:
            break
        if code not in cards:
            continue
        held.append(worth[code])
        after = count(standing.policy, standing.person, standing.year, held)
        chosen.append(SuggestedCourse(cards[code], after.total - total.total, after.hours - total.hours))
        total = after
    return Suggestion(
        courses=tuple(chosen),
        credits=total.total - standing.counted,
        hours=total.hours - standing.hours,
        remaining_credits=total.gap_credits,
        remaining_hours=total.gap_hours,
    )


def still_counting(person_id: UUID) -> set[str]:
    """Codes of courses that would still bring her counted credit this year; three statements."""
    today = clock.today()
    standing = year_standing(person_id, today.year)
    if standing is None:
        return set()
    found = set()
    for code, held in _worth(person_id, standing, today).items():
        after = count(standing.policy, standing.person, standing.year, [*standing.held, held])
        if after.total > standing.counted:
            found.add(code)
    return found


def _worth(person_id: UUID, standing: Standing, on: date) -> dict[str, Held]:
    """Approved courses not yet awarded this year, as the awards they would become; a course she is inside by the
    edition she learns."""
    found = {}
    for code, approval in valid_approvals_for(person_id, on).items():
        award = None
        if code not in standing.codes:
            award = would_award(standing.policy, standing.person, approval, on)
        if award is not None:
            found[code] = award
    return found


def would_award(policy: Policy, person: Person, approval: ValidApproval, on: date) -> Held | None:
    """The award a course would become if it were finished on a day; None if it earned nothing."""
    hours = from_milli(approval.hours_milli)
    fact = Fact(
        id=f"~{approval.course_code}",
        kind=approval.kind,
        activity=approval.course_code,
        project=approval.project_number,
        date=on,
        quantity=hours,
        unit="hours",
        hours=hours,
        assessed=True,
    )
    try:
        judgement = judge(policy, person, fact, on.year, ())
    except RefusedError:
        return None
    if not judgement.awarded:
        return None
    return held_as(fact, judgement)
