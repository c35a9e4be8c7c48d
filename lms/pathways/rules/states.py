"""Where a requirement stands. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.kernel.text import N_, Message, msg
from lms.pathways.rules.records import Kind


class State(StrEnum):
    """Where a requirement stands on a day; NOT_DUE: nothing is asked yet."""

    MISSING = "missing"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REJECTED = "rejected"
    EXPIRED = "expired"
    NOT_DUE = "not_due"


STATE_NAMES = {
    State.MISSING: N_("还缺"),
    State.SUBMITTED: N_("已交，等核实"),
    State.VERIFIED: N_("已核实"),
    State.REJECTED: N_("没有通过"),
    State.EXPIRED: N_("已过期"),
    State.NOT_DUE: N_("还不用办"),
}
BEST_FIRST = (State.VERIFIED, State.SUBMITTED, State.EXPIRED, State.REJECTED, State.MISSING, State.NOT_DUE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A requirement on a day. `record`: the one that decides; `until`: the last day it stands, or by which something
    is to be done; `renew_from`: from when it is to be renewed; `lacking`: months and days of a time still to be served;
    `applied`: how far the application for renewal is believed, SUBMITTED or VERIFIED; `asks`: what to hand in, where
    that is not everything its shape takes; empty: nothing of hers helps; `parts`: how many of the things it is made
    of are verified; `failed`: the examination that she did not pass, while nothing better stands.
    """

    state: State
    reason: Message | None = None
    record: str | None = None
    until: date | None = None
    renew_from: date | None = None
    lacking: tuple[int, int] | None = None
    applied: State | None = None
    asks: tuple[Kind, ...] | None = None
    parts: int = 0
    failed: str | None = None

    def due(self, day: date) -> bool:
        """Whether it stands but is to be renewed."""
        return self.state is State.VERIFIED and self.renew_from is not None and self.renew_from <= day

    def urges(self, day: date) -> bool:
        """Whether it is to be renewed and nothing has been done about it."""
        return self.due(day) and self.applied is None

    @property
    def barred(self) -> bool:
        """Whether nothing that she could hand in helps: a ban has to end."""
        return self.state is State.REJECTED and self.asks == ()

    @property
    def met(self) -> bool:
        """Whether nothing is asked now."""
        return self.state in (State.VERIFIED, State.NOT_DUE)


def time_lacking(months: int, days: int) -> Message:
    """How much of a time is still to be served, in words."""
    if not days:
        return msg("还差 {months} 个月。", months=months)
    if not months:
        return msg("还差 {days} 天。", days=days)
    return msg("还差 {months} 个月零 {days} 天。", months=months, days=days)
