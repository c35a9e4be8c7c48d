"""Counting tries in the database, so that every process counts the same."""

from datetime import timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from lms.kernel import clock
from lms.kernel.crypto import passing_hash
from lms.kernel.db import session
from lms.people.models import Tries


def take(kind: str, subject: str, most: int, span: timedelta) -> bool:
    """Count one try of `kind` by `subject`; False when this one is beyond `most` within `span`.

    At most twice `most` pass in any stretch as long as `span`. The subject is kept as a hash only.
    """
    now = clock.now()
    build = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = Tries.until <= now
    statement = (
        build(Tries)
        .values(key=_key(kind, subject), count=1, until=now + span)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((fresh, 1), else_=Tries.count + 1),
                "until": case((fresh, now + span), else_=Tries.until),
            },
        )
        .returning(Tries.count)
    )
    return session().execute(statement).scalar_one() <= most


def is_spent(kind: str, subject: str, most: int) -> bool:
    """Whether `most` tries have been counted in the span that runs."""
    count = session().scalar(select(Tries.count).where(Tries.key == _key(kind, subject), Tries.until > clock.now()))
    return (count or 0) >= most


def forget(kind: str, subject: str) -> None:
    """Start counting anew, after a success."""
    session().execute(delete(Tries).where(Tries.key == _key(kind, subject)))


def prune() -> None:
    """Remove counters whose span is over."""
    session().execute(delete(Tries).where(Tries.until < clock.now()))


def _key(kind: str, subject: str) -> str:
    return f"{kind}:{passing_hash(subject, 'throttle')[:40]}"
