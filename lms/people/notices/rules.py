"""When and of what a person is told: pure judgement over instants, on the wall clock of Asia/Shanghai."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from lms.kernel.clock import local
from lms.kernel.text import N_

MINUTES = 24 * 60
GATHERED_AT = time(8)
"""When a digest is put together (house practice)."""


class Kind(StrEnum):
    """What a notice is about."""

    DEADLINE = "deadline"
    RETURNED = "returned"
    LICENCE = "licence"
    CERTIFICATE = "certificate"
    RECORD = "record"
    PRACTICE = "practice"


NAMES: dict[Kind, str] = {
    Kind.DEADLINE: N_("年度快到期，学分还没修够"),
    Kind.RETURNED: N_("申报或学分退回给您"),
    Kind.LICENCE: N_("执业证书该办再注册了"),
    Kind.CERTIFICATE: N_("新证书可以下载"),
    Kind.RECORD: N_("您交的证明审完了"),
    Kind.PRACTICE: N_("轮转或实践记录退回给您"),
}
"""What each kind means: also all that a text message or a mail says of a notice."""

DIGESTS: dict[str, str] = {
    "off": N_("有了就发"),
    "daily": N_("一天合成一条，早上8点"),
    "weekly": N_("一周合成一条，星期一早上8点"),
}


@dataclass(frozen=True, slots=True)
class Times:
    """When somebody may be told. Quiet hours begin and end at a minute of the day (from 0); they may span midnight."""

    quiet_from: int = 21 * 60
    quiet_until: int = 7 * 60
    digest: str = "off"


def is_quiet(times: Times, now: datetime) -> bool:
    """Whether nothing may be sent now: from the first minute up to, but not with, the last one."""
    here = local(now)
    minute = here.hour * 60 + here.minute
    if times.quiet_from < times.quiet_until:
        return times.quiet_from <= minute < times.quiet_until
    return minute >= times.quiet_from or minute < times.quiet_until


def gathered_until(times: Times, now: datetime) -> datetime:
    """Notices made up to this instant may be told now: the last time at which a digest was put together, or now."""
    if times.digest == "off":
        return now
    here = local(now)
    last = here.replace(hour=GATHERED_AT.hour, minute=0, second=0, microsecond=0)
    if times.digest == "weekly":
        last -= timedelta(days=here.weekday())
    if last > here:
        last -= timedelta(days=7 if times.digest == "weekly" else 1)
    return last


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last day where there is no such day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_local(link: str) -> bool:
    """Whether a link is a path of this house."""
    return link.startswith("/") and not link.startswith(("//", "/\\")) and "\\" not in link and link.isprintable()
