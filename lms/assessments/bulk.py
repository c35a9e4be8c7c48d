"""Many attempts at once, for an invented province: drawn, answered and graded as real ones are."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from lms.assessments.bank import Bank
from lms.assessments.commands import closed_values, opened_values
from lms.assessments.models import Answer, Attempt
from lms.assessments.rules.drawing import draw
from lms.assessments.rules.grading import grade
from lms.items.base import Item, Response
from lms.kernel import bulk

Responding = Callable[[Item, bool], Response]
"""What somebody answers to a question who knows it, or does not."""
QUICKEST, SLOWEST = 35, 80  # seconds at one question


@dataclass(frozen=True, slots=True)
class Sat:
    """How an attempt ended, and what it had asked."""

    at: datetime
    passed: bool
    codes: frozenset[str]


@dataclass
class Sittings:
    """Writes attempts and their answers in batches."""

    respond: Responding
    new_id: Callable[[], UUID]
    attempts: bulk.Rows = field(default_factory=lambda: bulk.Rows(Attempt))
    answers: bulk.Rows = field(default_factory=lambda: bulk.Rows(Answer))
    _known: dict[tuple[UUID, str, bool], Response] = field(default_factory=dict)

    def sit(
        self,
        found: Bank,
        place: tuple[UUID, UUID, int],
        start: datetime,
        share: float,
        chance: Random,
        seen: Collection[str] = (),
    ) -> Sat:
        """One attempt from a start, with this share of answers right; `place`: enrolment, person, number of the try."""
        enrolment_id, person_id, number = place
        seed, attempt_id = chance.getrandbits(48), self.new_id()
        form = draw(found.items.values(), found.paper.draw, seed, seen)
        wrong = set(chance.sample(range(1, len(form) + 1), round(len(form) * (1 - share))))
        given: dict[int, Response] = {}
        moment = start
        for position, asked in enumerate(form, 1):
            moment += timedelta(seconds=chance.randrange(QUICKEST, SLOWEST))
            given[position] = response = self._response(found, asked.code, position not in wrong)
            self.answers.add(
                {
                    "id": self.new_id(), "attempt_id": attempt_id, "position": position, "seq": 1,
                    "response": response, "flagged": False, "at": moment,
                }
            )  # fmt: skip
        result = grade(form, found.items, given, found.paper.pass_mark)
        values = opened_values(found, attempt_id, person_id, seed, form, start)
        end = moment + timedelta(seconds=QUICKEST)
        key = {"enrolment_id": enrolment_id, "paper_id": found.paper_id, "number": number}
        self.attempts.add(key | values | closed_values(result, values["deadline"], end))
        return Sat(end, result.passed, frozenset(asked.code for asked in form))

    def _response(self, found: Bank, code: str, right: bool) -> Response:
        key = (found.edition_id, code, right)
        if key not in self._known:
            self._known[key] = self.respond(found.items[code], right)
        return self._known[key]

    def write(self) -> int:
        """Write what waits into the open unit of work; how many answers."""
        self.attempts.write()
        return self.answers.write()
