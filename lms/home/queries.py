"""What the front pages show, gathered from the features below; `/today` in eight statements at most."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lms.courses import queries as courses
from lms.courses.moving.notices import Notice
from lms.courses.queries import CourseCard, Studying
from lms.credits import queries as credits
from lms.credits.queries import ClaimNews, ReturnedAward, Standing, Suggestion
from lms.home import work
from lms.home.work import Work
from lms.improving.news import FollowUp, Remembered, news
from lms.kernel import clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor, Role
from lms.pathways import facts
from lms.pathways import queries as pathways
from lms.pathways.rules.clocks import ClockState
from lms.pathways.rules.judging import PathwayStanding
from lms.people import queries as people
from lms.people.queries import PersonCard

STEPS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next, and what it brings: a course begun or a course to begin."""

    course: CourseCard
    studying: Studying | None
    credits: Decimal
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Today:
    """The answer to "what do I still lack, by when, and what fixes it"."""

    day: date
    person: PersonCard
    learns: bool
    standing: Standing | None
    suggestion: Suggestion
    steps: tuple[Step, ...]
    studying: tuple[Studying, ...]
    returned: tuple[ReturnedAward, ...]
    claims: tuple[ClaimNews, ...]
    notices: tuple[Notice, ...]
    surveys: tuple[FollowUp, ...]
    tests: tuple[Remembered, ...]
    clocks: tuple[ClockState, ...]
    ways: tuple[PathwayStanding, ...]
    unread: int
    work: tuple[Work, ...]

    @property
    def lacks(self) -> bool:
        """Whether something is missing this year."""
        standing = self.standing
        return standing is not None and bool(standing.gap_credits or standing.gap_hours)

    @property
    def required(self) -> bool:
        """Whether this year asks anything of her at all."""
        standing = self.standing
        return standing is not None and (standing.need_credits is not None or standing.need_hours is not None)


def today(actor: Actor) -> Today:
    """Her front page. Raises NotSignedIn."""
    require_signed_in(actor)
    assert actor.person_id is not None
    day = clock.today()
    person = require_found(people.person(actor.person_id))
    found = facts.about(person)
    standing = found.year
    learns = actor.has(Role.LEARNER)
    studying = courses.studying(actor.person_id)
    begun = {one.enrolment.course_code: one for one in studying}
    suggestion = credits.suggest(actor.person_id, standing=standing, first=tuple(begun))
    steps = tuple(
        Step(one.course, begun.get(one.course.code), one.credits, one.hours) for one in suggestion.courses[:STEPS]
    )
    back = credits.returned(actor.person_id)
    told = news(actor.person_id, work.counts(actor, day))
    return Today(
        day=day,
        person=person,
        learns=learns,
        standing=standing,
        suggestion=suggestion,
        steps=steps,
        studying=tuple(studying),
        returned=back.awards,
        claims=back.claims,
        notices=told.notices,
        surveys=told.surveys,
        tests=told.tests,
        clocks=pathways.clocks_for(person, found) if learns else (),
        ways=pathways.going(found) if learns else (),
        unread=told.unread,
        work=work.rows(actor, told.counts, learns=learns),
    )


def newest_courses() -> list[CourseCard]:
    """A few open courses for the open door."""
    return courses.all_courses()[:3]
