"""Generated changes of a course with learners in the middle of it: what the preview says, what happens, what a roll
back leaves. The expected outcome is reckoned here, from what the generator changed, not with the platform's rules."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from cast import Cast, id_number
from course_packages import course_toml, item, tree
from flask import Flask
from sqlalchemy import event, func, select, update

from lms.assessments.bank import bank
from lms.assessments.models import Attempt
from lms.courses import editions, publishing
from lms.courses.commands import finish_lesson
from lms.courses.editions import EditionData
from lms.courses.models import CheckAnswer, Draft, Enrolment, Gate, LessonProgress
from lms.courses.moving import moving, outlook, previewing, standing
from lms.courses.moving.models import Move, Moved
from lms.courses.packages.checker import check
from lms.kernel import bulk
from lms.kernel.actor import SYSTEM, Actor
from lms.kernel.db import Model, db, session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.organisations import queries as organisations
from lms.people.bulk import NewPerson, Registrar
from lms.people.rules import Population

BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
BANK = "".join(item(f"TST-{number:03d}") for number in range(1, 18))
FRONT = '+++\ntitle = "{title}"\nminutes = {minutes}\nobjectives = ["o1"]\nsources = ["spec-2017"]\n+++\n'
LEARNERS_ROWS = (Enrolment, LessonProgress, CheckAnswer, Gate, Attempt)


@dataclass(frozen=True)
class Part:
    """A lesson as the generator knows it: `text` names its words, `check` the wording of its self-check."""

    slug: str
    text: int
    minutes: int
    check: int


@dataclass(frozen=True)
class Plan:
    """A course as the generator knows it."""

    code: str
    slug: str
    parts: tuple[Part, ...]
    test: bool
    hours: str

    def tree(self) -> dict[str, bytes]:
        files = {"course.toml": course_toml(code=self.code, slug=self.slug, hours=self.hours, assessment=self.test)}
        checks = []
        for number, part in enumerate(self.parts, 1):
            code = f"CHK-{part.slug[1:]}"
            body = f"正文 {part.text}，先歇 5 分钟[^spec-2017]。\n\n::: check {code}\n:::\n"
            for language in ("zh", "en"):
                front = FRONT.format(title=f"{part.slug} {part.minutes}", minutes=part.minutes)
                files[f"lessons/{number:02d}-{part.slug}.{language}.md"] = front + body
            checks.append(item(code, "check").replace("问什么？", f"问什么 {part.check}？"))
        files["items/checks.toml"] = "".join(checks)
        if self.test:
            files["items/bank.toml"] = BANK
        return tree(files)


@dataclass
class Change:
    """One edition and the next, and which lesson of the one stands for which of the other, by slug."""

    before: Plan
    after: Plan
    equal: tuple[str, ...]
    stands: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Expected:
    """What must become of somebody: moves, sitting or complete; slugs that are finished, that count."""

    state: str
    done: frozenset[str]
    kept: frozenset[str]


def new_change(chance: Random, number: int) -> Change:
    """A course and its next edition: lessons changed, put in, taken out, renamed, in another order; a test that comes,
    goes or stays; other hours."""
    serial = iter(range(1, 1000))
    parts = tuple(
        Part(f"p{next(serial)}", chance.randrange(10**6), chance.randint(3, 8), 0)
        for _ in range(chance.randint(2, 6))
    )
    before = Plan(f"XL-C{number}", f"c{number}", parts, chance.random() < 0.75, "1")
    after, stands, marked = [], {}, []
    for part in parts:
        fate = chance.choices(("same", "text", "check", "minutes", "rename", "gone"), (4, 3, 1, 1, 1, 1))[0]
        if fate == "gone":
            continue
        new = part
        if fate == "text":
            new = replace(part, text=part.text + 10**6)
        elif fate == "check":
            new = replace(part, check=1)
        elif fate == "minutes":
            new = replace(part, minutes=part.minutes % 8 + 1)
        if fate == "text" and chance.random() < 0.5:
            marked.append(part.slug)
        if fate != "text" or part.slug in marked:
            stands[part.slug] = new.slug
        after.append(new)
    for _ in range(chance.choice((0, 0, 1, 2))):
        after.insert(chance.randint(0, len(after)), Part(f"p{next(serial)}", chance.randrange(10**6), 5, 0))
    if chance.random() < 0.3 or not after:
        after.append(Part(f"p{next(serial)}", chance.randrange(10**6), 5, 0))
    if chance.random() < 0.3:
        chance.shuffle(after)
    test = before.test if chance.random() < 0.8 else not before.test
    if number % 5 == 0:
        # What somebody has not read is dropped, and the test with it: who read the rest has nothing left to do.
        after = [part for part in parts[:-1] if chance.random() < 0.9] or [parts[0]]
        stands, marked, test = {part.slug: part.slug for part in after}, [], False
    plan = replace(before, parts=tuple(after), test=test, hours=chance.choice(("1", "0.5")))
    if plan == before:
        plan = replace(plan, hours="0.5" if plan.hours == "1" else "1")
    # A mark on a lesson that did not change, or that there is not, does nothing.
    return Change(before, plan, (*marked, "nothing"), stands)


def make_people(app: Flask, cast: Cast, many: int) -> list[UUID]:
    """Village doctors of the cast's county."""
    ids = [new_id() for _ in range(many)]
    with app.app_context(), unit_of_work():
        registrar = Registrar("x", BEGAN)
        clinic, county = cast.places["LB-YL-LX-SM"], cast.places["LB-YL"]
        for number, one in enumerate(ids, 300):
            registrar.add(
                NewPerson(
                    one, new_id(), f"学员{'甲乙丙丁戊己庚辛壬癸'[number % 10]}", Population.VILLAGE_DOCTOR,
                    f"000{number:08d}", id_number(number), clinic, clinic, county, date(2020, 1, 1),
                )
            )
        registrar.write()
    return ids


def publish(app: Flask, cast: Cast, plan: Plan) -> EditionData:
    files = plan.tree()
    report = check(files)
    assert report.package is not None, report.problems
    with app.app_context(), unit_of_work():
        centre = organisations.organisation(cast.places["TC-DEMO"])
        assert centre is not None
        edition_id, new = publishing.publish(SYSTEM, files, report.package, centre)
        assert new
        return editions.edition(edition_id)


@contextmanager
def hasty(app: Flask) -> Iterator[None]:
    """SQLite does not wait for the disk: here nobody pulls the plug, and half of the time would be waiting."""

    def quick(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    with app.app_context():
        engine = db.engine
    if engine.dialect.name != "sqlite":
        yield
        return
    engine.dispose()
    event.listen(engine, "connect", quick)
    try:
        yield
    finally:
        event.remove(engine, "connect", quick)
        engine.dispose()


@dataclass
class Crowd:
    """Learners of one edition by enrolment, as they were put there."""

    people: dict[UUID, UUID] = field(default_factory=dict)
    done: dict[UUID, frozenset[str]] = field(default_factory=dict)
    finished: set[UUID] = field(default_factory=set)
    sitting: set[UUID] = field(default_factory=set)


def seat(app: Flask, chance: Random, edition: EditionData, people: Sequence[UUID]) -> Crowd:
    """Everybody somewhere in the middle; a tenth finished, some in a test that runs, some who failed one."""
    crowd = Crowd()
    rows: dict[type[Model], list[dict[str, Any]]] = {model: [] for model in LEARNERS_ROWS}
    with app.app_context(), unit_of_work():
        paper = bank(edition.id).paper_id if edition.has_assessment else None
        for person in people:
            _seat_one(chance, edition, paper, person, crowd, rows)
        for model, some in rows.items():
            bulk.put(model, some)
    return crowd


def _seat_one(
    chance: Random,
    edition: EditionData,
    paper: UUID | None,
    person: UUID,
    crowd: Crowd,
    rows: dict[type[Model], list[dict[str, Any]]],
) -> None:
    one, lot = new_id(), chance.random()
    lessons = list(edition.lessons)
    finished = lot < 0.1
    whole = finished or (paper is not None and lot < 0.45)
    read = lessons if whole else chance.sample(lessons, chance.randrange(len(lessons)))
    at = BEGAN + timedelta(minutes=chance.randrange(10**5))
    rows[Enrolment].append(
        {
            "id": one, "person_id": person, "course_id": edition.course_id, "edition_id": edition.id, "round": 1,
            "started_at": at, "finished_at": at + timedelta(days=9) if finished else None,
        }
    )  # fmt: skip
    rows[LessonProgress] += [
        {"enrolment_id": one, "lesson_id": lesson.id, "finished_at": at + timedelta(hours=number)}
        for number, lesson in enumerate(read)
    ]
    rows[CheckAnswer] += [
        {
            "id": new_id(), "enrolment_id": one, "edition_id": edition.id, "item_code": lesson.checks[0],
            "response": "b", "correct": True, "at": at,
        }
        for lesson in read
    ]  # fmt: skip
    if paper is not None and whole:
        state = "submitted" if finished or lot < 0.3 else "open" if lot < 0.38 else ""
        if state:
            rows[Attempt].append(_attempt(one, paper, edition.id, person, state, at, finished))
        if state == "open":
            crowd.sitting.add(one)
        if finished:
            rows[Gate].append({"enrolment_id": one, "code": "assessment", "opened_at": at})
    crowd.people[one] = person
    crowd.done[one] = frozenset(lesson.slug for lesson in read)
    if finished:
        crowd.finished.add(one)


def _attempt(
    enrolment: UUID, paper: UUID, edition: UUID, person: UUID, state: str, at: datetime, passed: bool
) -> dict[str, Any]:
    over = state == "submitted"
    return {
        "id": new_id(), "enrolment_id": enrolment, "paper_id": paper, "edition_id": edition, "person_id": person,
        "number": 1, "seed": 7, "form": [], "state": state, "started_at": at,
        "deadline": at + timedelta(days=900), "submitted_at": at if over else None,
        "submitted_why": "learner" if over else None, "score_milli": 0 if over else None,
        "percent": 40 if over else None, "passed": passed if over else None, "grades": [] if over else None,
    }  # fmt: skip


def expected(change: Change, crowd: Crowd) -> dict[UUID, Expected]:
    """What must become of everybody who has not finished."""
    found = {}
    for one, done in crowd.done.items():
        if one in crowd.finished:
            continue
        kept = frozenset(change.stands[slug] for slug in done if slug in change.stands)
        complete = len(kept) == len(change.after.parts) and not change.after.test
        state = "sitting" if one in crowd.sitting else "complete" if complete else "moves"
        found[one] = Expected(state, done, kept)
    return found


def snapshot(app: Flask, ones: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Every row of the learners' tables, as it stands, by enrolment."""
    wanted = sorted(ones, key=str)
    found: dict[UUID, list[str]] = {one: [] for one in wanted}
    with app.app_context(), unit_of_work(write=False):
        for model in LEARNERS_ROWS:
            key = model.__table__.c["id" if model is Enrolment else "enrolment_id"]
            for row in session().execute(model.__table__.select().where(key.in_(wanted))):
                found[getattr(row, key.name)].append(f"{model.__tablename__}{tuple(row)!r}")
    return {one: sorted(rows) for one, rows in found.items()}


def standing_of(app: Flask, edition: EditionData, ones: Iterable[UUID]) -> dict[UUID, tuple[UUID, frozenset[str]]]:
    """The edition of each enrolment, and the lessons of `edition` that it has finished."""
    slugs = {lesson.id: lesson.slug for lesson in edition.lessons}
    with app.app_context(), unit_of_work(write=False):
        where = dict(
            session().execute(select(Enrolment.id, Enrolment.edition_id).where(Enrolment.id.in_(list(ones)))).all()
        )
        done: dict[UUID, set[str]] = {}
        for one, lesson in session().execute(
            select(LessonProgress.enrolment_id, LessonProgress.lesson_id).where(
                LessonProgress.enrolment_id.in_(list(ones))
            )
        ):
            if lesson in slugs:
                done.setdefault(one, set()).add(slugs[lesson])
    return {one: (where[one], frozenset(done.get(one, ()))) for one in where}


class Killed(BaseException):
    """The process dies here."""


def work_off(app: Flask, kill_at: int = 0) -> None:
    """Let the clock do its work; with `kill_at` the process dies in the middle of that person, and another begins."""
    real, seen = moving._write_down, Counter[str]()

    def dying(*args: Any, **kwargs: Any) -> bool:
        seen["people"] += 1
        if seen["people"] == kill_at:
            raise Killed
        return real(*args, **kwargs)

    with app.app_context():
        if kill_at:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(moving, "_write_down", dying)
                with suppress(Killed):
                    moving.work_off(600)
        moving.work_off(600)


def run_change(app: Flask, cast: Cast, chance: Random, number: int, people: Sequence[UUID]) -> Counter[str]:
    """One change from its publication to its roll back; how many were in which state."""
    change = new_change(chance, number)
    source = publish(app, cast, change.before)
    crowd = seat(app, chance, source, people)
    foreseen = _foreseen(app, cast, source, change)
    target = publish(app, cast, change.after)
    want = expected(change, crowd)
    with app.app_context(), unit_of_work(write=False):
        assert foreseen == _told(previewing.preview(source, target, change.equal)), number
    before = snapshot(app, crowd.people)
    _preview_is_right(app, source, target, change, crowd, want)
    move_id = new_id()
    for _ in range(2):  # pressed twice
        with app.app_context(), unit_of_work():
            moving.move(SYSTEM, move_id, change.before.slug, source.number, target.number, change.equal)
    work_off(app, kill_at=chance.choice((0, 0, 5)))
    after = standing_of(app, target, crowd.people)
    for one, said in want.items():
        where, kept = after[one]
        assert where == (target.id if said.state == "moves" else source.id), (number, said)
        if said.state == "moves":
            assert kept == said.kept, (number, said, kept)
    unchanged = snapshot(app, crowd.finished | {one for one, said in want.items() if said.state != "moves"})
    assert all(before[one] == rows for one, rows in unchanged.items()), number
    busy = _go_on(app, chance, target, want, crowd) if number % 4 == 3 else set()
    if number % 3 == 2:
        busy |= _end_tests(app, chance, crowd)
    _roll_back(app, change.before.slug, target.number, move_id, by_edition=number % 2 == 0, chance=chance)
    still = set(crowd.people) - busy
    rolled = snapshot(app, still)
    assert all(before[one] == rolled[one] for one in still), (number, [o for o in still if before[o] != rolled[o]])
    _nothing_lost(app, source, crowd, busy)
    return Counter(said.state for said in want.values())


def _foreseen(app: Flask, cast: Cast, source: EditionData, change: Change) -> dict[str, Any]:
    """What the draft's page says of a move before the edition is published."""
    with app.app_context(), unit_of_work(write=False):
        centre = organisations.organisation(cast.places["TC-DEMO"])
        assert centre is not None
        draft = Draft(id=new_id(), code=change.after.code, centre_path=centre.path, state="approved")
        ahead = outlook.foreseen(draft, source, check(change.after.tree()).package, change.equal)
        assert ahead is not None
        (found,) = ahead.inside
        return _told(found)


def _told(found: previewing.Preview) -> dict[str, Any]:
    """All that a preview says."""
    said = {name: getattr(found, name) for name in ("equal", "lessons", "groups", "finished", "losing", "exam")}
    return said | {"numbers": (found.source.number, found.target.number)}


def _preview_is_right(
    app: Flask, source: EditionData, target: EditionData, change: Change, crowd: Crowd, want: dict[UUID, Expected]
) -> None:
    with app.app_context(), unit_of_work(write=False):
        said = previewing.preview(source, target, change.equal)
        assert said.finished == len(crowd.finished)
        groups = Counter((one.state, len(one.done), len(one.kept)) for one in want.values())
        assert {(one.state, one.done, one.kept): one.people for one in said.groups} == groups
        for state in previewing.GROUPS:
            total, named = said.people(state), set()
            for page in range(1, total // 20 + 2):
                found = previewing.concerned(source, target, change.equal, state, page, total)
                named |= {one.enrolment_id for one in found.items}
            assert named == {one for one, what in want.items() if what.state == state}


def _go_on(
    app: Flask, chance: Random, target: EditionData, want: dict[UUID, Expected], crowd: Crowd
) -> set[UUID]:
    """A few of the moved read one lesson of the new edition."""
    moved = [one for one, said in want.items() if said.state == "moves"]
    some = chance.sample(moved, min(5, len(moved)))
    for one in some:
        with app.app_context(), unit_of_work():
            lesson = chance.choice(target.lessons)
            finish_lesson(Actor(crowd.people[one], "", ()), one, lesson.id)
    return set(some)


def _end_tests(app: Flask, chance: Random, crowd: Crowd) -> set[UUID]:
    """Those in a test hand it in, and fail: now it is their turn."""
    with app.app_context(), unit_of_work():
        session().execute(
            update(Attempt)
            .where(Attempt.enrolment_id.in_(crowd.sitting))
            .values(state="submitted", submitted_at=BEGAN, submitted_why="time", passed=False, percent=0)
        )
    work_off(app)
    return set(crowd.sitting)


def _roll_back(
    app: Flask, slug: str, number: int, move_id: UUID, *, by_edition: bool, chance: Random
) -> None:
    for _ in range(2):
        with app.app_context(), unit_of_work():
            if by_edition:
                assert standing.roll_back(SYSTEM, slug, number) == number - 1
            else:
                moving.take_back(SYSTEM, slug, move_id)
    work_off(app, kill_at=chance.choice((0, 0, 5)))
    with app.app_context(), unit_of_work(write=False):
        waits = select(func.count()).where(
            Moved.move_id == move_id, Moved.state.in_(("waiting", "returning")),
        )  # fmt: skip
        assert session().scalar(waits) == 0
        assert session().scalar(select(Move.state).where(Move.id == move_id)) == "taken_back"


def _nothing_lost(app: Flask, source: EditionData, crowd: Crowd, busy: set[UUID]) -> None:
    """Who did something meanwhile still has all she had, and is where she began unless she finished."""
    now = standing_of(app, source, busy)
    assert all(crowd.done[one] <= now[one][1] for one in busy)

