"""What teaching keeps of a person (kernel.personal). At the end her log is the log of nobody: days and amounts stay,
because a supervisor has put his name to them; words go, and names from what she signed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update

from lms.kernel import clock
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.kernel.personal import Keeper, Told
from lms.kernel.text import Message, msg
from lms.people import notices
from lms.teaching import rules
from lms.teaching.models import PracticeEntry, PracticeStep, Rotation, RotationStep
from lms.teaching.steps import OWN

TOLD = {
    "practice_entry": Told("您的临床实践记录 Your practice log", left_out=("supervisor_id",)),
    "practice_step": Told(
        "实践记录的经过 What happened to your practice log", parent=("entry_id", "practice_entry"), left_out=("by",)
    ),
    "rotation": Told("您的轮转 Your rotations", left_out=("supervisor_id", "made_by")),
    "rotation_step": Told(
        "轮转的经过 What happened to your rotations", parent=("rotation_id", "rotation"), left_out=("by", "content")
    ),
}


def _blocks(person_id: UUID) -> Sequence[Message]:
    """What waits for her signature would wait for ever."""
    entries = select(PracticeEntry.id).where(
        PracticeEntry.supervisor_id == person_id, PracticeEntry.state == rules.WAITING
    )
    rotations = select(Rotation.id).where(Rotation.supervisor_id == person_id, Rotation.state == rules.PLANNED)
    if any(session().scalar(query.limit(1)) is not None for query in (entries, rotations)):
        return [msg("有学员的实践或轮转在等您签字。签好，或者退回，再来注销。")]
    return []


def _weight(person_id: UUID) -> int | None:
    """The last year in which she signed, returned or planned for somebody else."""
    deeds = (
        select(func.max(step.at)).where(step.by == person_id, step.level != OWN)
        for step in (PracticeStep, RotationStep)
    )
    years = [clock.year_of(at) for deed in deeds if (at := session().scalar(deed)) is not None]
    return max(years, default=None)


def _close(person_id: UUID) -> None:
    """What nobody has signed is signed no more, and what was planned does not take place: nobody need plan it anew."""
    planned = select(Rotation.id, Rotation.made_by).where(
        Rotation.person_id == person_id, Rotation.state.in_(rules.OPEN), Rotation.made_by.is_not(None)
    )
    for row in session().execute(planned):
        notices.settle(row.made_by, f"rotation:{row.id}")
    for model, states, after in (
        (PracticeEntry, rules.EDITABLE, rules.WITHDRAWN),
        (Rotation, rules.OPEN, rules.CANCELLED),
    ):
        session().execute(
            update(model)
            .where(model.person_id == person_id, model.state.in_(states))
            .values(state=after, version=model.version + 1, changed_at=clock.now())
            .execution_options(synchronize_session=False)
        )
    session().execute(
        update(PracticeStep).where(PracticeStep.by == person_id, PracticeStep.level == OWN).values(by_name=GONE)
    )


def _erase(person_id: UUID) -> None:
    session().execute(update(PracticeEntry).where(PracticeEntry.person_id == person_id).values(note=""))
    entries = select(PracticeEntry.id).where(PracticeEntry.person_id == person_id)
    session().execute(update(PracticeStep).where(PracticeStep.entry_id.in_(entries)).values(reason="", content={}))
    rotations = select(Rotation.id).where(Rotation.person_id == person_id)
    session().execute(update(RotationStep).where(RotationStep.rotation_id.in_(rotations)).values(reason="", content={}))
    for step in (PracticeStep, RotationStep):
        session().execute(update(step).where(step.by == person_id).values(by_name=GONE))


KEEPER = Keeper(told=TOLD, withheld={}, blocks=_blocks, weight=_weight, close=_close, erase=_erase)
