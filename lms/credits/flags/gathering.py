"""What the rules look at, read for the people of one authority: in batches, from the features that keep it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from lms.assessments import traces
from lms.assessments.traces import BATCH, Trace
from lms.courses import finishing
from lms.credits.flags.rules.facts import DeviceUse, Finished, Presence, Reply, Sitting
from lms.credits.models import Activity
from lms.kernel import clock
from lms.kernel.db import session
from lms.people import queries as people

# Activities for which somebody has to be somewhere, at hours of somebody else's choosing.
AWAY = (
    "recommended_project",
    "promotion_project",
    "national_project",
    "provincial_project",
    "municipal_project",
    "unit_lecture",
    "case_discussion",
    "ward_round",
    "further_study",
    "counterpart_support",
)


def sittings(person_ids: Collection[UUID], since: datetime, until: datetime) -> list[Sitting]:
    """The submitted attempts of a span of time."""
    met: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    found = sorted(traces.traces(person_ids, since, until), key=lambda one: (one.started_at, one.id))
    return [_sitting(one, met[one.person_id, one.edition_id]) for one in found]


def _sitting(one: Trace, met: set[str]) -> Sitting:
    new = [answer.code for answer in one.answers if answer.code not in met]
    met.update(new)
    ended = min(one.submitted_at, one.last_at) if one.last_at else one.submitted_at
    return Sitting(
        id=one.id,
        person_id=one.person_id,
        course=str(one.edition_id),
        number=one.number,
        started_at=one.started_at,
        ended_at=ended,
        seconds=max(0, int((ended - one.started_at).total_seconds())),
        characters=sum(traces.characters(one.edition_id, code) for code in new),
        unseen=len(new),
        passed=one.passed,
        replies=tuple(
            Reply(answer.code, answer.response, answer.right)
            for answer in one.answers
            if answer.response is not None
        ),
    )


def devices(person_ids: Collection[UUID], since: datetime, until: datetime) -> list[DeviceUse]:
    """The sign-ins of a span of time."""
    rows = (row for some in _batches(person_ids) for row in people.browser_uses(some, since, until))
    return [DeviceUse(row.browser[:32], row.person_id, row.since, row.until, row.shared) for row in rows]


def finished(person_ids: Collection[UUID], since: datetime, until: datetime) -> list[Finished]:
    """The courses finished in a span of time."""
    rows = (row for some in _batches(person_ids) for row in finishing.finished_courses(some, since, until))
    return [Finished(row.enrolment_id, row.person_id, row.finished_at, float(row.hours), row.titles) for row in rows]


def presences(person_ids: Collection[UUID], since: datetime, until: datetime) -> list[Presence]:
    """The activities away from home of a span of time that a host and hours are known of."""
    found = []
    first_day, last_day = clock.local(since).date(), clock.local(until - timedelta(microseconds=1)).date()
    for some in _batches(person_ids):
        rows = session().execute(
            select(
                Activity.id, Activity.person_id, Activity.kind, Activity.holder, Activity.started_on,
                Activity.on_date, Activity.hours_milli, Activity.title,
            ).where(
                Activity.person_id.in_(some),
                Activity.kind.in_(AWAY),
                Activity.enrolment_id.is_(None),
                Activity.on_date >= first_day,
                Activity.started_on <= last_day,
            )
        )  # fmt: skip
        found += [
            Presence(one, person, kind, holder, first, last, hours / 1000, title)
            for one, person, kind, holder, first, last, hours, title in rows
            if holder and hours
        ]
    return found


def _batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    rest = sorted(ids)
    for start in range(0, len(rest), BATCH):
        yield rest[start : start + BATCH]
