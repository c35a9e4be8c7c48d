"""The one clock of the house. Instants are UTC; civil dates and years are those of Asia/Shanghai."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CIVIL = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """The same instant on the wall clock of Asia/Shanghai."""
    return instant.astimezone(CIVIL)


def today() -> date:
    """Today's civil date in Asia/Shanghai."""
    return local(now()).date()


def year_of(instant: datetime) -> int:
    """The civil (credit) year in which an instant lies; the only place that decides it."""
    return local(instant).year
