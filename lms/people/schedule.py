"""What happens to people's tables by the clock."""

from datetime import timedelta

from sqlalchemy import delete, or_

from lms.kernel import clock, outbox
from lms.kernel.db import session
from lms.kernel.jobs import every
from lms.people import throttle
from lms.people.batches import commands as batches
from lms.people.commands import codes
from lms.people.models import UserSession
from lms.people.notices import licences, posting, sending
from lms.people.privacy import closing, copying

# Network logs are kept for at least six months (Cybersecurity Law, article 21); then sign-ins are forgotten.
KEPT = timedelta(days=190)
MOST_AT_ONCE = 200


def prune() -> None:
    """Forget counters and codes that are over, and sign-ins that ended long ago."""
    throttle.prune()
    codes.prune()
    copying.expire()
    posting.prune()
    long_ago = clock.now() - KEPT
    session().execute(
        delete(UserSession).where(or_(UserSession.expires_at < long_ago, UserSession.revoked_at < long_ago))
    )


def sweep() -> None:
    """Let everybody be erased who is due: the time for which what they left had to be kept is over. Each by herself:
    whoever cannot be erased keeps nobody else waiting."""
    today = clock.today()
    for person_id in closing.due(today)[:MOST_AT_ONCE]:
        outbox.send(closing.ERASE, key=f"{closing.ERASE}:{person_id}:{today}", person_id=str(person_id))


JOBS = [
    every(minutes=60, name="people.batches", run=batches.expire),
    every(minutes=24 * 60, name="people.privacy", run=sweep),
    every(minutes=60, name="people.prune", run=prune),
    every(minutes=60, name="people.licences", run=licences.daily),
    every(minutes=sending.MINUTES_BETWEEN, name="people.notices", run=sending.send_due),
]
