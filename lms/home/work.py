"""What waits for somebody by her offices, as the front page shows it: a row each, with how much of it there is.

How much is what its list shows. Whoever learns sees only what waits; who does not sees where her work is, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select

from lms.credits.claims import queue as claims
from lms.kernel.actor import CLAIM_AUDITORS, Actor, Role
from lms.kernel.text import N_
from lms.pathways.records import queue as records
from lms.teaching import queries as teaching


@dataclass(frozen=True, slots=True)
class Office:
    """Work of whoever holds one of `roles`. Its list lies at `address`, what waits for her there at `address` with
    `only`; `waits` says that something does. While nothing does: what the place is called and what it is for; empty:
    it is not named. Texts are to be translated."""

    roles: tuple[Role, ...]
    address: str
    only: str
    icon: str
    waits: str
    name: str
    purpose: str
    counted: Callable[[Actor, date], Select[Any]]


OFFICES = {
    "practice": Office(
        (Role.TEACHER,), "/practice-log/signing", "", "check", N_("实践记录等您签字"),
        N_("带教签字"), N_("学员等您签字的实践和轮转"), lambda actor, _today: teaching.waiting_count(actor),
    ),
    "rotations": Office(
        (Role.TEACHER,), "/practice-log/signing", "#rot", "today", N_("轮转等您出科签字"), "", "", teaching.ended_count,
    ),
    "records": Office(
        CLAIM_AUDITORS, "/audit/records", "?mine=y", "certificate", N_("证件和经历等您核实"),
        N_("核实证件和经历"), N_("医生交上来的证书、经历、考试成绩：看材料，核实或退回"),
        lambda actor, _today: records.waiting_count(actor),
    ),
    "claims": Office(
        CLAIM_AUDITORS, "/audit/claims", "?mine=y", "list", N_("申报等您审核"),
        N_("审核申报"), N_("医生自己报上来的进修、讲座、自学：看材料，通过或退回"),
        lambda actor, _today: claims.waiting_count(actor),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """A row of the front page; `count`: how much waits."""

    address: str
    icon: str
    name: str
    purpose: str
    count: int


def counts(actor: Actor, today: date) -> Mapping[str, Select[Any]]:
    """Statements that count what waits for her, by office; none for whoever holds no office."""
    return {name: one.counted(actor, today) for name, one in OFFICES.items() if actor.has(*one.roles)}


def rows(actor: Actor, found: Mapping[str, int], *, learns: bool) -> tuple[Work, ...]:
    """Her rows, given how much waits by office: first where something does."""
    hers = [(one, found.get(name, 0)) for name, one in OFFICES.items() if actor.has(*one.roles)]
    waits = [Work(f"{one.address}{one.only}", one.icon, one.waits, "", count) for one, count in hers if count]
    idle = [Work(one.address, one.icon, one.name, one.purpose, 0) for one, count in hers if not count and one.name]
    return tuple(waits if learns else [*waits, *idle])
