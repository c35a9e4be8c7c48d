"""Telling those who lack something of their year that it ends soon, and no more than that once it is enough.

By the clock, over the rows that are stored: no page and no award waits for it.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from lms.credits import policies
from lms.credits.compliance import commands
from lms.credits.models import YearResult
from lms.kernel import clock, outbox
from lms.kernel.db import session
from lms.kernel.text import msg
from lms.people import notices
from lms.people.notices import Kind, Post

REMIND = "credits.remind"
DAYS = (60, 14)
"""How long before its end a year is spoken of (house practice)."""
HOUR = 6
DECEMBER_31 = (12, 31)


def hourly() -> None:
    """Settle what is enough by now; once a day, before anybody works, remind those who lack, in ranges of people."""
    now = clock.local(clock.now())
    year = now.year
    ends = {date(year, *DECEMBER_31), *(known.policy.deadline(year) for known in policies.library())}
    if not any(_occasion(end, now.date()) for end in ends):
        return
    settle_enough(year)
    if now.hour != HOUR:
        return
    for start, end in commands.ranges():
        key = f"{REMIND}:{now.date()}:{start}"
        outbox.send(REMIND, key=key, year=year, start=str(start), end=str(end) if end else "")


@outbox.task(REMIND)
def remind_range(year: int, start: str, end: str) -> None:
    """One range of people."""
    remind(year, UUID(start), UUID(end) if end else None)


def remind(year: int, start: UUID, end: UUID | None) -> int:
    """Tell everybody in a range of ids who fails the year, if it ends within DAYS; to how many that was new. The
    shorter time takes the place of the longer one."""
    today = clock.today()
    found = select(YearResult.person_id, YearResult.policy).where(
        YearResult.year == year, YearResult.compliance == "fail", YearResult.person_id >= start
    )
    rows = session().execute(found.where(YearResult.person_id < end) if end else found).all()
    posts = []
    for row in rows:
        deadline = _deadline(row.policy, year)
        days = _occasion(deadline, today)
        if days is not None:
            posts.append(_post(row.person_id, year, days, deadline))
    longest, shortest = max(DAYS), min(DAYS)
    late = [one.person_id for one in posts if one.key == _key(year, shortest)]
    if late:
        notices.settle_all(late, _key(year, longest))
    return notices.post_all(posts)


def _post(person_id: UUID, year: int, days: int, deadline: date) -> Post:
    sentence = msg("{year} 年的学分还没修够，{day}截止，最多还有 {days} 天。", year=year, day=deadline, days=days)
    return Post(person_id, Kind.DEADLINE, _key(year, days), sentence, "/today", deadline)


def _key(year: int, days: int) -> str:
    return f"credit-year:{year}:{days}"


def settle_enough(year: int) -> None:
    """Whoever lacks nothing any more is not reminded any more; one statement."""
    enough = select(YearResult.person_id).where(YearResult.year == year, YearResult.compliance != "fail")
    notices.settle_where(enough, Kind.DEADLINE, f"credit-year:{year}")


def _occasion(deadline: date, today: date) -> int | None:
    """The shortest of DAYS within which the year ends; None while it is far, and when it is over."""
    within = [days for days in DAYS if today <= deadline <= today + timedelta(days=days)]
    return min(within, default=None)


def _deadline(version: str | None, year: int) -> date:
    policy = policies.by_version(version) if version else None
    return policy.deadline(year) if policy else date(year, *DECEMBER_31)
