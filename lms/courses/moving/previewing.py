"""Who would be moved and what each keeps, counted by the database in groups; names a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, and_, case, func, literal, or_, select, union_all

from lms.courses import parts
from lms.courses.editions import EditionData, LessonData
from lms.courses.models import Enrolment, Gate, LessonProgress
from lms.courses.moving import crediting
from lms.courses.moving.rules import MOVES, SITTING, Pairing, Stay, pairing
from lms.courses.packages.package import Text
from lms.courses.queries import ASSESSMENT
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.people import queries as people

GROUPS = (MOVES, SITTING, Stay.COMPLETE.value)


@dataclass(frozen=True, slots=True)
class Group:
    """So many people of one kind: `done` lessons finished where they are, `kept` of them would count."""

    state: str
    done: int
    kept: int
    people: int

    @property
    def again(self) -> int:
        """Lessons they have finished and would have to read anew, or that are no more."""
        return max(0, self.done - self.kept)


@dataclass(frozen=True, slots=True)
class LessonPair:
    """A lesson in both editions. state: same · equal (marked) · changed · gone · new. `checks` of its self-checks
    are asked as before, of `all_checks` there are."""

    slug: str
    titles: Text
    before: int | None
    after: int | None
    state: str
    checks: int
    all_checks: int


@dataclass(frozen=True)
class Preview:
    """What moving people from one edition to another would do."""

    source: EditionData
    target: EditionData
    equal: tuple[str, ...]
    lessons: Sequence[LessonPair]
    groups: Sequence[Group]
    finished: int
    credit_lost: bool

    @property
    def losing(self) -> int:
        """How many would lose the prospect of credit, those who finish the test they sit included."""
        return self.people(MOVES) + self.people(SITTING) if self.credit_lost else 0

    def people(self, state: str) -> int:
        """How many are in this state."""
        return sum(one.people for one in self.groups if one.state == state)

    @property
    def inside(self) -> int:
        return sum(one.people for one in self.groups)

    @property
    def exam(self) -> str:
        """What happens to the test: none · same · changed · new · gone."""
        before, after = self.source.package.assessment, self.target.package.assessment
        if before is None or after is None:
            return "none" if before is after else "new" if before is None else "gone"
        asked = [[item for item in one.package.items if item.use == ASSESSMENT] for one in (self.source, self.target)]
        return "same" if before == after and asked[0] == asked[1] else "changed"


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody whom a move would concern."""

    enrolment_id: UUID
    name: str
    workplace: str
    state: str
    done: int
    kept: int


def preview(source: EditionData, target: EditionData, equal: Sequence[str] = ()) -> Preview:
    """What a move would do now. Three statements, however many people there are."""
    return previews([source], target, equal)[0]


def previews(sources: Sequence[EditionData], target: EditionData, equal: Sequence[str] = ()) -> list[Preview]:
    """The same from several editions of one course. Three statements, however many editions and people there are."""
    if not sources:
        return []
    pairs = [pairing(source, target, equal) for source in sources]
    groups = _groups(sources, target, pairs)
    finished = _finished(sources)
    carrying = crediting.carrying([*sources, target])
    return [
        Preview(
            source=source,
            target=target,
            equal=tuple(slug for slug in paired.changed if slug in set(equal)),
            lessons=_lessons(source, target, paired),
            groups=groups.get(number, []),
            finished=finished.get(source.id, 0),
            credit_lost=source.id in carrying and target.id not in carrying,
        )
        for number, (source, paired) in enumerate(zip(sources, pairs, strict=True))
    ]


def _groups(sources: Sequence[EditionData], target: EditionData, pairs: Sequence[Pairing]) -> dict[int, list[Group]]:
    """Those inside each source in groups, by the place of the source."""
    counted = []
    for number, (source, paired) in enumerate(zip(sources, pairs, strict=True)):
        each = everybody(source, target, paired)
        columns = (each.c.state, each.c.done, each.c.kept)
        counted.append(
            select(literal(number).label("source"), *columns, func.count().label("people")).group_by(*columns)
        )
    together = union_all(*counted).subquery()
    all_of_them = together.c
    found: dict[int, list[Group]] = {}
    for row in session().execute(
        select(together).order_by(all_of_them.state, all_of_them.done.desc(), all_of_them.kept.desc())
    ):
        found.setdefault(row.source, []).append(Group(row.state, row.done, row.kept, row.people))
    return found


def _finished(sources: Sequence[EditionData]) -> dict[UUID, int]:
    """How many have finished in each source."""
    rows = session().execute(
        select(Enrolment.edition_id, func.count(Enrolment.id).label("people"))
        .where(
            Enrolment.course_id == sources[0].course_id,
            Enrolment.edition_id.in_([source.id for source in sources]),
            Enrolment.finished_at.is_not(None),
        )
        .group_by(Enrolment.edition_id)
    )
    return {row.edition_id: row.people for row in rows}


def concerned(
    source: EditionData, target: EditionData, equal: Sequence[str], state: str, number: int, total: int
) -> Page[Concerned]:
    """One page of the people in a state, in the order in which they began; `total` as the preview counted them."""
    each = everybody(source, target, pairing(source, target, equal))
    rows = session().execute(_page(each, state, number)).all()
    names = people.cards({row.person_id for row in rows}) if rows else {}
    found = [
        Concerned(
            enrolment_id=row.id,
            name=names[row.person_id].name if row.person_id in names else "",
            workplace=names[row.person_id].workplace_name if row.person_id in names else "",
            state=row.state,
            done=row.done,
            kept=row.kept,
        )
        for row in rows
    ]
    return Page(found, number, total)


def _page(each: Subquery, state: str, number: int) -> Select[Any]:
    return (
        select(each)
        .where(each.c.state == state)
        .order_by(each.c.started_at, each.c.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )


def everybody(source: EditionData, target: EditionData, pairs: Pairing) -> Subquery:
    """SQL: everybody inside the source with lessons finished, lessons that would count, and what becomes of her (id,
    person_id, started_at, done, kept, state). The same as `rules` say of one person, for all of them at once."""
    old = [lesson.id for lesson in source.lessons]
    new = {lesson.id for lesson in target.lessons}
    stands_for = {**{lesson: lesson for lesson in new}, **pairs.lessons}
    numbers = {lesson: number for number, lesson in enumerate(sorted(new, key=str))}
    lesson = LessonProgress.lesson_id
    whens = [(lesson == one, literal(numbers[other])) for one, other in stands_for.items()]
    kept = func.count(func.distinct(case(*whens, else_=None)))
    done = func.count(case((lesson.in_(old), 1), else_=None))
    gate = select(Gate.code).where(Gate.enrolment_id == Enrolment.id, Gate.code == ASSESSMENT)
    passed = gate.correlate(Enrolment).exists()
    complete = kept >= len(target.lessons)
    if target.has_assessment:
        complete = and_(complete, passed)
    state = case(
        (Enrolment.id.in_(parts.sitting()), SITTING),
        (complete, Stay.COMPLETE.value),
        else_=MOVES,
    )
    return (
        select(
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.started_at,
            done.label("done"),
            kept.label("kept"),
            state.label("state"),
        )
        .outerjoin(
            LessonProgress,
            and_(LessonProgress.enrolment_id == Enrolment.id, or_(lesson.in_(old), lesson.in_(sorted(new, key=str)))),
        )
        .where(
            Enrolment.course_id == source.course_id,
            Enrolment.edition_id == source.id,
            Enrolment.finished_at.is_(None),
        )
        .group_by(Enrolment.id)
        .subquery()
    )


def _lessons(source: EditionData, target: EditionData, pairs: Pairing) -> list[LessonPair]:
    new_by_id = {lesson.id: lesson for lesson in target.lessons}
    stood_for = set(pairs.lessons.values())
    found = []
    for old in source.lessons:
        new = new_by_id.get(pairs.lessons[old.id]) if old.id in pairs.lessons else None
        state = "same" if old.id in pairs.same else "equal"
        if new is None and old.slug in pairs.changed:
            state, new = "changed", target.by_slug[old.slug]
        if new is None:
            found.append(LessonPair(old.slug, old.titles, old.position, None, "gone", 0, 0))
            continue
        found.append(_pair(source, target, old, new, state))
    taken = stood_for | {target.by_slug[slug].id for slug in pairs.changed}
    found += [
        LessonPair(new.slug, new.titles, None, new.position, "new", 0, len(new.checks))
        for new in target.lessons
        if new.id not in taken
    ]
    return found


def _pair(source: EditionData, target: EditionData, old: LessonData, new: LessonData, state: str) -> LessonPair:
    both = [code for code in new.checks if code in old.checks]
    kept = [code for code in both if source.package.item(code) == target.package.item(code)]
    return LessonPair(old.slug, new.titles, old.position, new.position, state, len(kept), len(new.checks))
