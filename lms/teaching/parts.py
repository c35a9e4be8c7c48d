"""What teaching leaves open to features above, and what it puts into those below."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from lms.kernel.actor import Role
from lms.kernel.parts import Slot
from lms.kernel.text import N_
from lms.kernel.web import current_actor
from lms.people import parts as people_parts
from lms.people.batches import kinds
from lms.people.parts import MenuEntry
from lms.people.queries import PersonCard
from lms.teaching.access import PLANNERS
from lms.teaching.queries.log import anything_waits


@dataclass(frozen=True, slots=True)
class ModuleChoice:
    """A module that rotations may be planned for: codes of its programme and its own, and what it is called."""

    programme: str
    module: str
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModuleProgress:
    """How much of a module is done: signed, not signed yet, and asked, in its own unit (a name to be translated).
    `exempt`: prior experience stands for it."""

    titles: Mapping[str, str]
    signed: Decimal
    waiting: Decimal
    asked: Decimal
    unit: str
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class ProgrammeProgress:
    """A programme that somebody is in, module by module, and where it is told in full."""

    titles: Mapping[str, str]
    address: str
    modules: Sequence[ModuleProgress]


Offered = Mapping[UUID, Sequence[ModuleChoice]]
"""By person, the modules that count for her: of programmes that she follows or that are open to her."""

# By whoever knows pathways; None in a house that knows no programmes, where the form asks for the codes.
modules_offered: Slot[[Collection[PersonCard]], Offered | None] = Slot(lambda cards: None)

# How far a person is in the programmes that she is in.
programmes_of: Slot[[PersonCard], Sequence[ProgrammeProgress]] = Slot(lambda card: ())

_LINKS = (
    MenuEntry("/practice-log", "pencil", N_("临床实践记录"), N_("每天做了什么，请带教老师签字")),
    MenuEntry(
        "/practice-log/signing", "check", N_("带教签字"), N_("学员等您签字的实践和轮转"),
        # Whoever was a supervisor has to give back what still waits.
        lambda: current_actor().has(Role.TEACHER) or anything_waits(current_actor()),
    ),
    MenuEntry(
        "/practice-log/planning", "today", N_("安排轮转"), N_("给本县的医生安排科室轮转"),
        lambda: current_actor().has(*PLANNERS),
    ),
)  # fmt: skip


def fill() -> None:
    """Add the pages of teaching to what is one's own, and tables of rotations to what may be handed in."""
    from lms.teaching.workbook import ROTATIONS  # noqa: PLC0415 - it needs what this module offers

    kinds.register(ROTATIONS)
    known = {entry.address for entry in people_parts.account_links}
    people_parts.account_links.extend(entry for entry in _LINKS if entry.address not in known)
