"""Two who move the same learners at once, a move that is taken back while it goes on, learners who finish meanwhile:
each learner is in one edition, what she has read stays, and who came second is told."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from cast import Cast
from course_packages import good_files
from flask import Flask
from sqlalchemy import select

from lms.courses import commands, editions
from lms.courses.models import Enrolment, LessonProgress
from lms.courses.moving import moving
from lms.courses.moving.models import Move, Moved
from lms.kernel.actor import SYSTEM, Actor
from lms.kernel.db import session
from lms.kernel.errors import Conflict, NotFound
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work

pytestmark = [pytest.mark.races, pytest.mark.xdist_group("races")]


@dataclass(frozen=True)
class Stage:
    """Three editions of a course in which the last lesson changes, and learners who have read the first one."""

    app: Flask
    editions: Sequence[UUID]
    learners: dict[UUID, Actor]

    def number(self, edition_id: UUID) -> int:
        return self.editions.index(edition_id) + 1

    def at_once(self, *deeds: Callable[[], object]) -> list[object]:
        """Do them at the same moment; what each gave, or the refusal."""
        start = Barrier(len(deeds))

        def do(deed: Callable[[], object]) -> object:
            with self.app.app_context():
                start.wait(30)
                try:
                    return deed()
                except (Conflict, NotFound) as refusal:
                    return refusal

        with ThreadPoolExecutor(len(deeds)) as pool:
            return [one.result(90) for one in [pool.submit(do, deed) for deed in deeds]]

    def work_off(self) -> None:
        with self.app.app_context():
            moving.work_off(60)

    def where(self) -> dict[UUID, tuple[int, bool]]:
        """Of each learner: the number of her edition, and whether she finished."""
        with self.app.app_context(), unit_of_work(write=False):
            rows = session().execute(select(Enrolment.id, Enrolment.edition_id, Enrolment.finished_at)).all()
            return {row.id: (self.number(row.edition_id), row.finished_at is not None) for row in rows}

    def decided(self, move_id: UUID) -> dict[UUID, str]:
        with self.app.app_context(), unit_of_work(write=False):
            rows = session().execute(select(Moved.enrolment_id, Moved.state).where(Moved.move_id == move_id)).all()
            return {row.enrolment_id: row.state for row in rows}

    def read(self, enrolment_id: UUID) -> set[UUID]:
        with self.app.app_context(), unit_of_work(write=False):
            mine = select(LessonProgress.lesson_id).where(LessonProgress.enrolment_id == enrolment_id)
            return set(session().scalars(mine))

    def lessons(self, number: int) -> list[UUID]:
        with self.app.app_context(), unit_of_work(write=False):
            return [one.id for one in editions.edition(self.editions[number - 1]).lessons]


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Stage:
    made: list[UUID] = []
    learners: dict[UUID, Actor] = {}
    for edition in range(3):
        files = good_files(assessment=False)
        for language in ("zh", "en"):
            path = f"lessons/02-part-2.{language}.md"
            files[path] = files[path].replace("量两次", "量两次" + "，再量一次" * edition)
            files[path] = files[path].replace("Measure twice", "Measure twice" + " and once more" * edition)
        for path, text in files.items():
            (tmp_path / "sample" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "sample" / path).write_text(text, encoding="utf-8")
        with app.app_context(), unit_of_work():
            made.append(commands.publish_folder(tmp_path / "sample")[0])
        for one in cast.members if not edition else ():
            with app.app_context(), unit_of_work():
                enrolment_id = commands.enrol(one.actor, "sample")
                commands.finish_lesson(one.actor, enrolment_id, editions.edition(made[0]).lessons[0].id)
            learners[enrolment_id] = one.actor
    return Stage(app, made, learners)


def begin_move(target: int) -> UUID:
    with unit_of_work():
        return moving.move(SYSTEM, new_id(), "sample", 1, target)


def take_back(move_id: UUID) -> None:
    with unit_of_work():
        moving.take_back(SYSTEM, "sample", move_id)


def test_of_two_who_move_the_same_learners_one_does_and_the_other_is_told(stage: Stage) -> None:
    told = stage.at_once(lambda: begin_move(2), lambda: begin_move(3))
    assert sorted(isinstance(one, Conflict) for one in told) == [False, True], told
    target = 2 if isinstance(told[1], Conflict) else 3
    stage.at_once(lambda: moving.work_off(60), lambda: moving.work_off(60))
    stage.work_off()
    assert stage.where() == dict.fromkeys(stage.learners, (target, False))
    first, (same, _) = stage.lessons(1)[0], stage.lessons(target)
    for enrolment_id in stage.learners:
        assert stage.read(enrolment_id) == {first, same}, "what she had read, once for each edition"


def test_a_move_taken_back_while_it_goes_on_leaves_everybody_where_she_was(stage: Stage) -> None:
    with stage.app.app_context():
        move_id = begin_move(2)
    told = stage.at_once(
        lambda: moving.work_off(60), lambda: take_back(move_id), lambda: moving.work_off(60),
        lambda: take_back(move_id),
    )  # fmt: skip
    assert not any(isinstance(one, Exception) for one in told), told
    stage.work_off()
    assert stage.where() == dict.fromkeys(stage.learners, (1, False))
    decided = stage.decided(move_id)
    assert set(decided) == set(stage.learners)
    assert set(decided.values()) <= {"returned", "stayed"}
    assert {frozenset(stage.read(one)) for one in stage.learners} == {frozenset(stage.lessons(1)[:1])}
    with stage.app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(Move.state)) == "taken_back"


def test_who_finishes_while_she_is_moved_either_finished_or_was_moved(stage: Stage) -> None:
    with stage.app.app_context():
        move_id = begin_move(2)
    first, last = stage.lessons(1)

    def finish() -> dict[UUID, bool]:
        done = {}
        for enrolment_id, actor in sorted(stage.learners.items()):
            try:
                with unit_of_work():
                    commands.finish_lesson(actor, enrolment_id, last)
                done[enrolment_id] = True
            except NotFound:
                done[enrolment_id] = False
        return done

    _, done = stage.at_once(lambda: moving.work_off(60), finish)
    assert isinstance(done, dict), done
    stage.work_off()
    where, decided = stage.where(), stage.decided(move_id)
    for enrolment_id, finished in done.items():
        assert where[enrolment_id] == ((1, True) if finished else (2, False))
        assert decided[enrolment_id] == ("stayed" if finished else "moved")
        assert first in stage.read(enrolment_id)
        assert (last in stage.read(enrolment_id)) == finished
