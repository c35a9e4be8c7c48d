"""The last eight weeks on the platform: who took which course, lesson by lesson, and her attempts.

Older lessons and answers are not made: a house keeps them only as long as they are of use, and they would be most
of its rows.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from lms.assessments.bank import Bank
from lms.assessments.bulk import Sittings
from lms.courses.bulk import Studying
from lms.courses.editions import EditionData
from lms.credits.ledger.rows import course_values
from lms.demo.history import FAILS, PASSES, chosen
from lms.demo.province import Doctor, Ids, Province
from lms.demo.province_years import BLANK
from lms.items.base import Item, Response
from lms.kernel import clock
from lms.kernel.ids import new_id

WEEKS = 8
TAKES = 0.85  # chance that the most diligent take a course
LEAVES_OFF, FAILS_FIRST = 0.18, 0.2
EVENING = time(11, 30)


def answer_to(item: Item, right: bool) -> Response:
    """What is kept of an answer, read from the form as it always is."""
    order = item.movable()
    return item.read(order, chosen(item, order, right))


@dataclass(frozen=True, slots=True)
class Offered:
    """A published course with its questions and the approval under which it brings credit."""

    edition: EditionData
    bank: Bank
    approval: Any  # the row that `valid_approval` finds


@dataclass
class Evenings:
    """Makes the study of one doctor after the other."""

    made: Province
    offered: tuple[Offered, ...]
    studying: Studying = field(default_factory=Studying)
    sittings: Sittings = field(default_factory=lambda: Sittings(answer_to, new_id))

    def of(self, doctor: Doctor, chance: Random, ids: Ids) -> list[dict[str, Any]]:
        """The facts of the courses she finished, as rows."""
        self.sittings.new_id = ids
        facts = []
        for one in self.offered:
            if chance.random() < TAKES * min(1.0, doctor.diligence):
                fact = self._take(one, doctor, chance, ids)
                if fact:
                    facts.append(fact)
        return facts

    def _take(self, one: Offered, doctor: Doctor, chance: Random, ids: Ids) -> dict[str, Any] | None:
        lessons = len(one.edition.lessons)
        longest = WEEKS * 7 - 3
        day = self.made.today - timedelta(days=chance.randrange(4, longest))
        start = datetime.combine(day, EVENING, UTC) + timedelta(minutes=chance.randrange(90))
        upto = chance.randrange(1, lessons) if chance.random() < LEAVES_OFF else lessons
        enrolment_id, read, moment = ids(), [], start
        for lesson in one.edition.lessons[:upto]:
            moment += timedelta(minutes=lesson.minutes + chance.randrange(4))
            read.append(moment)
        passed = self._sit(one, (enrolment_id, doctor.person.id), moment, chance) if upto == lessons else None
        if not self.studying.add(enrolment_id, doctor.person.id, one.edition, start, read, passed):
            return None
        assert passed is not None
        known, on = one.edition, clock.local(passed).date()
        values = course_values(one.approval, known.titles, known.subject, known.has_assessment, start, on)
        own = {"id": ids(), "person_id": doctor.person.id, "enrolment_id": enrolment_id, "recorded_at": passed}
        return BLANK | values | own

    def _sit(self, one: Offered, who: tuple[UUID, UUID], moment: datetime, chance: Random) -> datetime | None:
        first = FAILS if chance.random() < FAILS_FIRST else PASSES
        sat = self.sittings.sit(one.bank, (*who, 1), moment + timedelta(minutes=5), first, chance)
        if not sat.passed and chance.random() < 0.8:
            again = sat.at + timedelta(hours=26)
            sat = self.sittings.sit(one.bank, (*who, 2), again, PASSES, chance, sat.codes)
        return sat.at if sat.passed else None

    def write(self) -> int:
        """Write what waits; how many answers."""
        self.studying.write()
        return self.sittings.write()
