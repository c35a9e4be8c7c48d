"""Flags by night: one task an authority and page of its people, so that workers share them and none holds the
database for long. Each page sends for the next one in its own transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from lms.credits.flags import detecting
from lms.kernel import clock, outbox
from lms.people import queries as people

# After the years have been made anew, while everybody sleeps; in the civil time of the house.
HOUR = 4
# What was submitted a moment ago may not be committed yet; the next night sees it.
SETTLED = timedelta(minutes=10)
# A page of a province's office reads a year of everybody it audits.
LONG = timedelta(minutes=15)


def nightly() -> None:
    """Once a night: send a task for every authority that audits somebody."""
    if clock.local(clock.now()).hour != HOUR:
        return
    today = clock.today()
    for authority_id, path in people.authorities(today):
        key = f"flags:{today.isoformat()}:{authority_id}"
        outbox.send("credits.flags", key=key, authority_id=str(authority_id), path=path)


@outbox.task("credits.flags", lease=LONG)
def look(authority_id: str, path: str, until: str = "", behind: str = "") -> None:
    """A page of one authority's people: the first, or the one behind this person of the look that goes to `until`."""
    end = datetime.fromisoformat(until) if until else clock.now() - SETTLED
    looked = detecting.look(UUID(authority_id), path, end, UUID(behind) if behind else None)
    if looked.after is not None:
        outbox.send(
            "credits.flags", key=f"flags:{end.isoformat()}:{authority_id}:{looked.after}", authority_id=authority_id,
            path=path, until=end.isoformat(), behind=str(looked.after),
        )  # fmt: skip
