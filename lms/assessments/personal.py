"""What assessments keeps of a person (kernel.personal): her answers and results are hers; the items' keys and the
grading of single answers, which would tell them, are not (invariant 5)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from lms.assessments.models import Attempt
from lms.kernel.db import session
from lms.kernel.personal import Keeper, Told
from lms.kernel.text import Message, msg

TOLD = {
    "attempt": Told("测验 Tests you took", left_out=("seed", "form", "grades")),
    "answer": Told("测验的回答 Answers you gave", parent=("attempt_id", "attempt")),
}


def _blocks(person_id: UUID) -> Sequence[Message]:
    """A test that is running."""
    # One whose time is over as well: it is about to be graded, and may bring credit.
    running = select(Attempt.id).where(Attempt.person_id == person_id, Attempt.state == "open")
    if session().scalar(running.limit(1)) is None:
        return []
    return [msg("有一次测验还在进行。交卷，或者等时间到了，再来注销。")]


KEEPER = Keeper(told=TOLD, withheld={}, blocks=_blocks)
