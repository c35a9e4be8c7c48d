"""An invented county to measure the rules on: honest people with all their honest oddities, and a few planted.

Written from how people behave, without looking at what the rules look for. No number here is a threshold of a rule,
and none may be moved to make a rule look better. All of it is assumed; the source is everyday experience, not a survey.

Work: four doctors in five work in village clinics of one to four, the rest in township centres of six to fifteen.
Courses: twelve a year, some 60 of the 90 hours a year asks for; a bank of 50 questions each, a paper of 15 drawn by
chance, passed at 80 %, up to three tries, an hour or more apart. Questions: 60 to 160 characters with their options;
difficulty spread normally; three wrong options, one of them the favourite. Doctors: ability spread normally, three
answers in four right. Colleagues talk: of what a clinic has talked about (one question in ten) all hold the same
belief, right or not.
Pace of the honest: half a minute to a question (median 28 s, log-normal), one in thirty in a hurry (12 s).
Devices of the honest: a phone of one's own; in one clinic in four and every second centre a common computer that six
in ten colleagues use for half of their courses, half of them telling us that it is shared; a training room of four
computers in the county where one doctor in twenty takes one course; one doctor in fifty borrows somebody's phone once.
Planted copying (2 %): one who copies has one source, a colleague where there is one (seven times in ten), else
anybody of the county; she copies in each course with four chances in five (in one course at least), question by
question for eight in ten of those that her source has met (spread: beta 8, 2), answering in 9 s (median).
Planted pace (1 %): somebody who has the answers from elsewhere and clicks through: 1.5 to 4 s a question, nine in ten
right, in four courses of five.
Planted devices (1 %): people who let an agent do it on one device: groups of 4 to 12, two thirds of them of one
neighbourhood, nine courses in ten, one to four evenings, one client after the other; 10 s a question, nine in ten
right.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random
from uuid import UUID

from lms.credits.flags.rules.facts import DeviceUse, Kind, Reply, Sitting

COURSES, BANK, PAPER, PASS, TRIES = 12, 50, 15, 12, 3
YEAR = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: how hard, how long, how the wrong options share those who err."""

    hardness: float
    characters: int
    favourite: tuple[float, float, float]


@dataclass(slots=True)
class Doctor:
    """One invented doctor."""

    id: UUID
    workplace: str
    ability: float
    pace: float
    source: "Doctor | None" = None
    hasty: float = 0.0
    agent: str = ""
    copies: float = 0.0
    sheet: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class Population:
    """What happened in the county in a year, and who was planted."""

    sittings: list[Sitting] = field(default_factory=list)
    uses: list[DeviceUse] = field(default_factory=list)
    workplaces: dict[UUID, str] = field(default_factory=dict)
    planted: dict[Kind, set[UUID]] = field(default_factory=lambda: defaultdict(set))


def county(people: int, seed: int) -> Population:
    """A county of so many doctors; the same seed makes the same county."""
    return _County(people, seed).live()


class _County:
    def __init__(self, people: int, seed: int) -> None:
        self.chance = Random(f"county {seed}")  # noqa: S311 - an invented county is no secret
        self.made = Population()
        self.questions = {(c, q): self._question() for c in range(COURSES) for q in range(BANK)}
        self.doctors = list(self._doctors(people))
        self.beliefs: dict[tuple[str, int, int], int | None] = {}
        self.common = self._common_computers()
        self._plant()

    def _uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def _question(self) -> Question:
        shares = sorted((self.chance.gammavariate(1.0, 1.0) + 0.05 for _ in range(3)), reverse=True)
        total = sum(shares)
        first, second, third = (share / total for share in shares)
        return Question(self.chance.gauss(0, 1), self.chance.randint(60, 160), (first, second, third))

    def _doctors(self, people: int) -> Iterator[Doctor]:
        made = number = 0
        while made < people:
            number += 1
            # Centres are larger, so fewer of them hold a fifth of the people.
            centre = self.chance.random() < 0.055
            size = self.chance.randint(6, 15) if centre else self.chance.choices((1, 2, 3, 4), (5, 3, 1.5, 0.5))[0]
            for _ in range(min(size, people - made)):
                hurried = self.chance.random() < 1 / 30
                pace = (12 if hurried else 28) * exp(self.chance.gauss(0, 0.3))
                yield Doctor(self._uuid(), f"w{number}", self.chance.gauss(1.7, 0.8), pace)
                made += 1

    def _common_computers(self) -> set[str]:
        sizes: dict[str, int] = defaultdict(int)
        for doctor in self.doctors:
            sizes[doctor.workplace] += 1
            self.made.workplaces[doctor.id] = doctor.workplace
        return {place for place, size in sizes.items() if self.chance.random() < (0.5 if size > 5 else 0.25)}

    def _plant(self) -> None:
        """Copyists, clickers and clients; no doctor is two of them, and sources are honest."""
        number = len(self.doctors)
        chosen = self.chance.sample(range(number), round(number * 0.04))
        for place in chosen[: round(number * 0.02)]:
            self._plant_copyist(self.doctors[place], {self.doctors[one].id for one in chosen})
        for place in chosen[round(number * 0.02) : round(number * 0.03)]:
            self.doctors[place].hasty = self.chance.uniform(1.5, 4)
            self.made.planted[Kind.PACE].add(self.doctors[place].id)
        self._plant_clients(round(number * 0.01), set(chosen[: round(number * 0.03)]))

    def _plant_copyist(self, doctor: Doctor, others: set[UUID]) -> None:
        near = [one for one in self.doctors if one.workplace == doctor.workplace and one.id not in others]
        far = [one for one in self.doctors if one.id not in others]
        doctor.source = self.chance.choice(near if near and self.chance.random() < 0.7 else far)
        doctor.copies = self.chance.betavariate(8, 2)
        self.made.planted[Kind.COPY].add(doctor.id)

    def _plant_clients(self, left: int, taken: set[int]) -> None:
        agent = 0
        while left >= 4:
            agent += 1
            size = min(self.chance.randint(4, 12), left)
            middle = self.chance.randrange(len(self.doctors))
            around = list(range(middle, middle + 40))
            while size:
                place = self.chance.choice(around) if self.chance.random() < 2 / 3 else self.chance.randrange(10**6)
                place %= len(self.doctors)
                if place in taken:
                    continue
                taken.add(place)
                self.doctors[place].agent = f"agent{agent}"
                self.made.planted[Kind.DEVICE].add(self.doctors[place].id)
                size, left = size - 1, left - 1

    def live(self) -> Population:
        """Everybody takes the courses; sources before those who copy from them."""
        evenings = {
            doctor.id: [self.chance.randrange(300) for _ in range(self.chance.randint(1, 4))]
            for doctor in self.doctors
        }
        agents: dict[str, list[int]] = {}
        busy: dict[tuple[str, int], datetime] = {}
        for doctor in sorted(self.doctors, key=lambda one: one.source is not None):
            away = self.chance.randrange(COURSES)
            copied = self.chance.randrange(COURSES)
            for course in range(COURSES):
                days = evenings[doctor.id]
                served = bool(doctor.agent) and self.chance.random() < 0.9
                if served:
                    days = agents.setdefault(doctor.agent, days)
                day = self.chance.choice(days)
                start = YEAR + timedelta(days=day + 5 * course, seconds=self.chance.randrange(36000, 64800))
                if served:
                    start = busy.get((doctor.agent, day + 5 * course), start.replace(hour=12, minute=0))
                copying = doctor.source is not None and (course == copied or self.chance.random() < 0.8)
                hasty = bool(doctor.hasty) and self.chance.random() < 0.8
                end = self._course(doctor, course, start, copying=copying, hasty=hasty, served=served)
                if served:
                    busy[doctor.agent, day + 5 * course] = end + timedelta(seconds=self.chance.randrange(60, 600))
                self._sign_in(doctor, course == away, start, end, served=served)
        return self.made

    def _course(
        self, doctor: Doctor, course: int, start: datetime, *, copying: bool, hasty: bool, served: bool
    ) -> datetime:
        seen: set[int] = set()
        at = start
        for number in range(1, TRIES + 1):
            left = [q for q in range(BANK) if q not in seen]
            paper = self.chance.sample(left, PAPER)
            replies, seconds, characters = [], 0.0, 0
            for q in paper:
                question = self.questions[course, q]
                response = self._answer(doctor, course, q, copying=copying, known=hasty or served)
                doctor.sheet[course, q] = response
                replies.append(Reply(f"q{q}", f"o{response}", response == 0))
                median = doctor.hasty if hasty else 9.0 if copying else 10.0 if served else doctor.pace
                seconds += median * exp(self.chance.gauss(0, 0.5))
                characters += question.characters
            seen.update(paper)
            end = at + timedelta(seconds=seconds)
            passed = sum(reply.right for reply in replies) >= PASS
            self.made.sittings.append(
                Sitting(
                    id=self._uuid(), person_id=doctor.id, course=f"c{course}", number=number, started_at=at,
                    ended_at=end, seconds=round(seconds), characters=characters, unseen=PAPER, passed=passed,
                    replies=tuple(replies),
                )
            )  # fmt: skip
            if passed:
                break
            at = end + timedelta(minutes=60 + self.chance.randrange(600))
        return end

    def _answer(self, doctor: Doctor, course: int, q: int, *, copying: bool, known: bool) -> int:
        """0 is right, 1 to 3 are wrong."""
        if copying and doctor.source and (course, q) in doctor.source.sheet and self.chance.random() < doctor.copies:
            return doctor.source.sheet[course, q]
        if known and self.chance.random() < 0.9:
            return 0
        place = (doctor.workplace, course, q)
        if place not in self.beliefs:
            talked = self.chance.random() < 0.1
            self.beliefs[place] = self._own(doctor, course, q) if talked else None
        belief = self.beliefs[place]
        return self._own(doctor, course, q) if belief is None else belief

    def _own(self, doctor: Doctor, course: int, q: int) -> int:
        question = self.questions[course, q]
        if self.chance.random() < 1 / (1 + exp(question.hardness - doctor.ability)):
            return 0
        return self.chance.choices((1, 2, 3), question.favourite)[0]

    def _sign_in(self, doctor: Doctor, away: bool, start: datetime, end: datetime, *, served: bool) -> None:
        device, shared = f"phone {doctor.id}", False
        if served:
            device = doctor.agent
        elif away and self.chance.random() < 0.05:
            device = f"room {self.chance.randrange(4)}"
        elif away and self.chance.random() < 0.02:
            device = f"phone {self.chance.choice(self.doctors).id}"
        elif doctor.workplace in self.common and hash_share(doctor.id) < 0.6 and self.chance.random() < 0.5:
            device, shared = f"computer {doctor.workplace}", self.chance.random() < 0.5
        before, after = timedelta(minutes=5), timedelta(minutes=2)
        self.made.uses.append(DeviceUse(device, doctor.id, start - before, end + after, shared))


def hash_share(person_id: UUID) -> float:
    """A share from 0 to 1 that belongs to a person: whether she is one who uses the common computer."""
    return (person_id.int >> 64) % 1000 / 1000
