"""Everything that writes in the practice log. Each deed is judged again under the person's lock, where others of her
deeds could change what it was judged by."""

from lms.teaching.commands.entries import EnteredOtherwise, Written, change, enter, withdraw
from lms.teaching.commands.rotations import (
    Planned,
    PlannedOtherwise,
    cancel_rotation,
    change_rotation,
    finish_rotation,
    plan_rotation,
    return_rotation,
)
from lms.teaching.commands.signing import return_entry, sign_entries

__all__ = [
    "EnteredOtherwise",
    "Planned",
    "PlannedOtherwise",
    "Written",
    "cancel_rotation",
    "change",
    "change_rotation",
    "enter",
    "finish_rotation",
    "plan_rotation",
    "return_entry",
    "return_rotation",
    "sign_entries",
    "withdraw",
]
