"""Flags by night: one task an authority, so that workers share them and none holds the database for long."""

from datetime import timedelta
from uuid import UUID

from lms.credits.flags import detecting
from lms.kernel import clock, outbox
from lms.people import queries as people

# After the years have been made anew, while everybody sleeps; in the civil time of the house.
HOUR = 4
# What was submitted a moment ago may not be committed yet; the next night sees it.
SETTLED = timedelta(minutes=10)


def nightly() -> None:
    """Once a night: send a task for every authority that audits somebody."""
    if clock.local(clock.now()).hour != HOUR:
        return
    today = clock.today()
    for authority_id, path in people.authorities(today):
        key = f"flags:{today.isoformat()}:{authority_id}"
        outbox.send("credits.flags", key=key, authority_id=str(authority_id), path=path)


@outbox.task("credits.flags")
def look(authority_id: str, path: str) -> None:
    """One authority's people."""
    detecting.look(UUID(authority_id), path, clock.now() - SETTLED)
