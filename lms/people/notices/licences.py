"""Reminding of a licence that is to be renewed.

Regulation on Village Doctors (乡村医生从业管理条例) articles 13 and 16: the licence is good for five years, and who
goes on practising applies for its renewal three months before it ends.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from lms.kernel import clock, outbox
from lms.kernel.db import session
from lms.kernel.parts import Slot
from lms.kernel.text import msg
from lms.people.models import Person
from lms.people.notices.models import Notice
from lms.people.notices.posting import Post, post_all, settle, settle_all
from lms.people.notices.rules import Kind, months_before
from lms.people.queries.placements import fences
from lms.people.rules import Population

# The last days of licences that were verified, by whoever keeps records.
licences_on_record: Slot[[Sequence[UUID]], Mapping[UUID, date]] = Slot(lambda _people: {})
# Who has applied for the next one, given the last day of each licence, by whoever keeps records.
applications_on_record: Slot[[Mapping[UUID, date]], Collection[UUID]] = Slot(lambda _ends: ())
REMIND = "people.remind_of_licences"
SOON, LAST = 3, 1
"""Months before its end at which a licence is spoken of: as the regulation says, and once more (house practice)."""
PEOPLE_AT_ONCE = 1000
HOUR = 6
RENEW = "/pathways/records/new?kind=renewal"
"""Where the application is put on record (pathways)."""


def daily() -> None:
    """Once a day, before anybody works: everybody in ranges."""
    now = clock.local(clock.now())
    if now.hour != HOUR:
        return
    starts = fences(PEOPLE_AT_ONCE)
    for start, end in zip(starts, [*starts[1:], None], strict=False):
        outbox.send(REMIND, key=f"{REMIND}:{now.date()}:{start}", start=str(start), end=str(end) if end else "")


def remind_all(start: UUID, end: UUID | None) -> int:
    """Remind the village doctors in a range of ids whose licence on file ends soon; of how many that holds."""
    today = clock.today()
    wanted = select(Person.id, Person.licence_until).where(
        Person.id >= start,
        Person.licence_until >= today,
        # Rather a few days too many: `remind` judges by the calendar.
        Person.licence_until <= date.fromordinal(today.toordinal() + 31 * SOON),
        Person.population == Population.VILLAGE_DOCTOR,
        Person.disabled_at.is_(None),
    )
    rows = session().execute(wanted.where(Person.id < end) if end else wanted).all()
    on_record = licences_on_record([row.id for row in rows]) if rows else {}
    # Whoever has a later one on record is reminded of that.
    ending = [row for row in rows if on_record.get(row.id, row.licence_until) <= row.licence_until]
    remind({row.id: row.licence_until for row in ending})
    return len(ending)


def remind(ends: Mapping[UUID, date]) -> int:
    """Remind people of their licences, given the last valid day of each, where today it is time to; how much of it is
    new. Three months before, and once more one month before, in the place of the first; not who has applied for the
    next one. A few statements for a thousand people."""
    today = clock.today()
    due = {one.person_id: one for hers in sorted(ends) if (one := _post(hers, ends[hers], today)) is not None}
    applied = applications_on_record({person_id: ends[person_id] for person_id in due}) if due else ()
    _all_over(sorted(applied))
    posts = [one for person_id, one in due.items() if person_id not in applied]
    replaced = defaultdict[date, list[UUID]](list)
    for one in posts:
        if one.until is not None and one.key == _key(one.until, LAST):
            replaced[one.until].append(one.person_id)
    told = 0
    for start in range(0, len(posts), PEOPLE_AT_ONCE):
        told += post_all(posts[start : start + PEOPLE_AT_ONCE])
    for until, hers in replaced.items():
        for start in range(0, len(hers), PEOPLE_AT_ONCE):
            settle_all(hers[start : start + PEOPLE_AT_ONCE], _key(until, SOON))
    return told


def _post(person_id: UUID, until: date, today: date) -> Post | None:
    """What is to be said today of a licence that ends so; None while it is far, and when it is over."""
    if today > until or today < months_before(until, SOON):
        return None
    if today < months_before(until, LAST):
        sentence = msg("您的乡村医生执业证书{day}到期。要继续执业，现在该向县卫生健康局申请再注册了。", day=until)
        return Post(person_id, Kind.LICENCE, _key(until, SOON), sentence, RENEW, until)
    sentence = msg("您的乡村医生执业证书{day}到期，只剩一个月了。还没申请再注册的，请马上找县卫生健康局。", day=until)
    return Post(person_id, Kind.LICENCE, _key(until, LAST), sentence, RENEW, until)


def _key(until: date, months: int) -> str:
    return f"licence:{until}:{months}"


def _all_over(people: Sequence[UUID]) -> None:
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        settle_all(people[start : start + PEOPLE_AT_ONCE], "licence")


def applied_for(person_id: UUID, on: date) -> None:
    """She has applied on a day: what was said of the licence that ends in the months after it is over."""
    for key in _about(person_id, on):
        settle(person_id, key)


def not_applied_for(person_id: UUID, on: date) -> None:
    """That application stands no more: what was said before is forgotten, so that the next morning says it again."""
    for key in _about(person_id, on):
        session().execute(delete(Notice).where(Notice.person_id == person_id, Notice.key == key))


def _about(person_id: UUID, on: date) -> list[str]:
    """The keys of what was said of a licence for whose renewal that day is one to apply."""
    said = select(Notice.key, Notice.about_until).where(
        Notice.person_id == person_id, Notice.kind == Kind.LICENCE, Notice.about_until >= on
    )
    return [row.key for row in session().execute(said) if months_before(row.about_until, SOON) <= on]


def renewed(person_id: UUID) -> None:
    """Another last day is on file: what was said of the old one is over. What was said before of the one that is
    on file now is forgotten: it may be said again."""
    all_renewed([person_id])


def all_renewed(person_ids: Sequence[UUID]) -> None:
    """The same of many, a thousand at most; two statements."""
    settle_all(person_ids, "licence")
    now = select(Person.licence_until).where(Person.id == Notice.person_id).scalar_subquery()
    session().execute(
        delete(Notice)
        .where(Notice.person_id.in_(person_ids), Notice.kind == Kind.LICENCE, Notice.about_until == now)
        .execution_options(synchronize_session=False)
    )


def not_renewed(person_ids: Sequence[UUID]) -> None:
    """A licence that was to follow stands no more: what it ended is forgotten, so that the next morning says it again
    of the licence that stands then. A thousand people at most; one statement."""
    session().execute(
        delete(Notice)
        .where(
            Notice.person_id.in_(person_ids), Notice.kind == Kind.LICENCE, Notice.settled_at.is_not(None),
            Notice.about_until >= clock.today(),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
