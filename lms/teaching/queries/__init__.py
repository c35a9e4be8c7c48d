"""What may be read of the practice log and of rotations, as frozen dataclasses."""

from lms.teaching.queries.log import (
    Desk,
    EntryCard,
    NamedEntry,
    Waiting,
    WaitingPerson,
    desk,
    entries_of,
    entry_card,
    entry_to_sign,
    waiting_for,
)
from lms.teaching.queries.planning import (
    Candidate,
    PlanDesk,
    candidates,
    plan_desk,
    planned_in,
    rotation_to_change,
)
from lms.teaching.queries.rotations import (
    RotationCard,
    SeenRotation,
    rotation_card,
    rotation_to_sign,
    rotations_of,
    seen_rotation,
    supervised,
)
from lms.teaching.queries.totals import KindTotal, ModuleDone, Totals, module_totals, rotation_sums, totals

__all__ = [
    "Candidate",
    "Desk",
    "EntryCard",
    "KindTotal",
    "ModuleDone",
    "NamedEntry",
    "PlanDesk",
    "RotationCard",
    "SeenRotation",
    "Totals",
    "Waiting",
    "WaitingPerson",
    "candidates",
    "desk",
    "entries_of",
    "entry_card",
    "entry_to_sign",
    "module_totals",
    "plan_desk",
    "planned_in",
    "rotation_card",
    "rotation_sums",
    "rotation_to_change",
    "rotation_to_sign",
    "rotations_of",
    "seen_rotation",
    "supervised",
    "totals",
    "waiting_for",
]
