"""When an attempt ends. Only the server's clock counts; what a device says is never asked."""

from datetime import datetime, timedelta
from math import ceil

GRACE = timedelta(seconds=30)
"""How long after the printed end an answer is still taken: for slow networks."""


def deadline(started_at: datetime, minutes: int) -> datetime:
    """The end time that is printed on the page."""
    return started_at + timedelta(minutes=minutes)


def time_is_up(end: datetime, now: datetime) -> bool:
    """Whether the printed end has come: pages stop offering the questions."""
    return now >= end


def is_closed(end: datetime, now: datetime) -> bool:
    """Whether the grace is over too: no answer is taken any more and the attempt can be graded."""
    return now > end + GRACE


def closed_before(now: datetime) -> datetime:
    """Attempts with a deadline before this instant are closed."""
    return now - GRACE


def seconds_left(end: datetime, now: datetime) -> int:
    """Seconds until the printed end, rounded up so that none are left only when it has come."""
    return max(0, ceil((end - now).total_seconds()))
