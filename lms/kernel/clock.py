"""The one clock of the house. Instants are UTC; civil dates and years are those of Asia/Shanghai."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CIVIL = ZoneInfo("Asia/Shanghai")
_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _held.get() or datetime.now(UTC)  # noqa: TID251 - the one place that asks the system


@contextmanager
def held_at(instant: datetime) -> Iterator[None]:
    """Let it be `instant` within the block: how the demonstration lives through two years."""
    token = _held.set(instant)
    try:
        yield
    finally:
        _held.reset(token)


def local(instant: datetime) -> datetime:
    """The same instant on the wall clock of Asia/Shanghai."""
    return instant.astimezone(CIVIL)


def today() -> date:
    """Today's civil date in Asia/Shanghai."""
    return local(now()).date()


def year_of(instant: datetime) -> int:
    """The civil (credit) year in which an instant lies; the only place that decides it."""
    return local(instant).year
