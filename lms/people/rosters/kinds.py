"""The two kinds of batch that are about people: a roster, and a table of moves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lms.kernel.actor import Actor, Role
from lms.kernel.text import N_, Message
from lms.people.batches.kinds import Done, Plan, Step, Tick
from lms.people.rosters import applying, columns, planning, undoing
from lms.sheets.columns import Column, Line

ADDED, CHANGED, MOVED = N_("新登记"), N_("改资料"), N_("调动")
WAY_BACK = N_("新登记、还没有用过的人会移走，改过的资料和单位恢复原样。")


@dataclass(frozen=True, slots=True)
class PeopleKind:
    """A table about people: its columns, and what judges its lines."""

    name: str
    title: str
    purpose: str
    columns: Sequence[Column]
    deeds: Mapping[str, str]
    judge: Callable[..., Plan]
    way_back: str = WAY_BACK
    roles: Sequence[Role] = (Role.ADMINISTRATOR,)
    by_house: bool = True

    def plan(self, actor: Actor, lines: Sequence[Line], tick: Tick, *, hold: bool) -> Plan:
        """What the lines come to."""
        return self.judge(actor, lines, tick, hold=hold)

    def apply(self, actor: Actor, batch_id: UUID, steps: Sequence[Step]) -> list[Done]:
        """Do it all."""
        return applying.apply(actor, batch_id, steps)

    def held(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> Mapping[int, Message]:
        """Which lines stay, and why."""
        return undoing.held(actor, batch_id, done)

    def take_back(self, actor: Actor, batch_id: UUID, done: Sequence[Done]) -> None:
        """Put it back."""
        undoing.take_back(actor, batch_id, done)


PEOPLE = PeopleKind(
    "people", N_("登记人员"), N_("新人登记进来，已经登记的人改资料、换单位。空着的格子不改。"), columns.PEOPLE,
    {"added": ADDED, "changed": CHANGED}, planning.plan_people,
)  # fmt: skip
MOVES = PeopleKind(
    "postings", N_("调动"), N_("已经登记的人从某一天起换单位。"), columns.MOVES, {"moved": MOVED}, planning.plan_moves
)
