"""`flask content editions …`: what changed, who is moved, one edition back, no new starts."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click
from flask.cli import AppGroup

from lms.courses import editions
from lms.courses.editions import EditionData
from lms.courses.moving import differing, moving, notices, outlook, previewing, returning, scene, standing
from lms.courses.moving.difference import Difference, Entry, Line
from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer, say
from lms.kernel.errors import DomainError
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

editions_cli = AppGroup("editions", help="Editions in use: differences, moves, roll back, no new starts.")
EQUAL = click.option("--equal", multiple=True, help="Slug of a changed lesson that counts for who read the old one.")
LONG = 3600.0
"""Seconds that a command goes on with a move before it leaves the rest to the clock."""


@editions_cli.command("list")
@click.argument("slug")
def list_command(slug: str) -> None:
    """Editions, moves and notices of the course SLUG."""
    with _answering(), unit_of_work(write=False):
        course = scene.course_in_use(SYSTEM, slug)
        json_answer(
            {
                "course": course.code,
                "standing": "retired" if course.closed_at else "paused" if course.paused_at else "open",
                "editions": [
                    {
                        "number": one.number, "current": one.current, "rolled_back": one.rolled_back,
                        "inside": one.inside, "finished": one.finished, "published_at": one.published_at.isoformat(),
                    }
                    for one in scene.editions_in_use(course)
                ],
                "moves": [_move(one) for one in moving.moves(course.id)],
                "notices": [
                    {"number": one.number, "people": one.people, "read": one.read} for one in notices.told(course)
                ],
            }
        )  # fmt: skip


@editions_cli.command("difference")
@click.argument("slug")
@click.argument("before", type=int)
@click.argument("after", type=int)
def difference_command(slug: str, before: int, after: int) -> None:
    """What changed from edition BEFORE to edition AFTER."""
    with _answering(), unit_of_work(write=False):
        json_answer(_difference(differing.between(*_two(slug, before, after))))


@editions_cli.command("preview")
@click.argument("slug")
@click.argument("source", type=int)
@click.argument("target", type=int)
@EQUAL
def preview_command(slug: str, source: int, target: int, equal: tuple[str, ...]) -> None:
    """What moving everybody inside edition SOURCE to TARGET would do; changes nothing."""
    with _answering(), unit_of_work(write=False):
        json_answer(_preview(previewing.preview(*_two(slug, source, target), equal)))


@editions_cli.command("outlook")
@click.argument("draft_id", type=click.UUID)
@EQUAL
def outlook_command(draft_id: UUID, equal: tuple[str, ...]) -> None:
    """What publishing the draft DRAFT_ID would change, and what moving everybody to it would do; changes nothing."""
    with _answering(), unit_of_work(write=False):
        ahead = outlook.of_draft(draft_id, equal)
        coming = ahead.outlook
        json_answer(
            {
                "edition": coming.target.number if coming else None,
                "difference": _difference(ahead.difference) if ahead.difference else None,
                "new_starts_lose_credit": bool(coming and coming.credit_lost),
                "finished_and_unchanged": coming.finished if coming else 0,
                "inside": [{"edition": one.source.number, **_preview(one)} for one in coming.inside] if coming else [],
            }
        )


@editions_cli.command("move")
@click.argument("slug")
@click.argument("source", type=int)
@click.argument("target", type=int)
@EQUAL
def move_command(slug: str, source: int, target: int, equal: tuple[str, ...]) -> None:
    """Move everybody inside edition SOURCE to TARGET; cut off, the clock goes on with it."""
    with _answering():
        with unit_of_work():
            move_id = moving.move(SYSTEM, new_id(), slug, source, target, equal)
        _go_on(slug, move_id)


@editions_cli.command("take-back")
@click.argument("slug")
@click.argument("move_id", type=click.UUID)
def take_back_command(slug: str, move_id: UUID) -> None:
    """Take a move back: those who were moved return."""
    with _answering():
        with unit_of_work():
            losing = returning.of_move(move_id).losing
            moving.take_back(SYSTEM, slug, move_id)
        _go_on(slug, move_id, losing_credit=losing)


@editions_cli.command("roll-back")
@click.argument("slug")
@click.argument("number", type=int)
def roll_back_command(slug: str, number: int) -> None:
    """Take the current edition NUMBER back: new starts get the one before it, moved people return."""
    with _answering():
        with unit_of_work():
            losing = _losing(slug, number)
            current = standing.roll_back(SYSTEM, slug, number)
        done = moving.work_off(LONG)
        json_answer({"current": current, "people": done, "losing_credit": losing})


def _losing(slug: str, number: int) -> int:
    """How many the roll back brings to an edition without credit; nobody if another edition is current by now."""
    course = scene.course_in_use(SYSTEM, slug)
    current, former_id = editions.edition(course.current_id), standing.former(course)
    ahead = returning.of_course(course.id, current, editions.edition(former_id) if former_id else None)[1]
    return ahead.losing if ahead is not None and current.number == number else 0


def _deed(name: str, about: str) -> None:
    @editions_cli.command(name, help=about)
    @click.argument("slug")
    def command(slug: str) -> None:
        with _answering(), unit_of_work():
            getattr(standing, name)(SYSTEM, slug)
            asked_by = [one.code for one in standing.dependents(scene.course_in_use(SYSTEM, slug).code)]
        json_answer({"course": slug, "done": name, "asked_by": asked_by})


_deed("pause", "No new starts in the course SLUG; whoever is inside goes on.")
_deed("resume", "New starts again.")
_deed("retire", "Out of the catalogue; learners inside finish. Names the courses that ask for it first.")
_deed("reopen", "A retired course can be begun again.")


@contextmanager
def _answering() -> Iterator[None]:
    """A refusal ends the command with its sentence."""
    try:
        yield
    except DomainError as error:
        fail(error)


def _two(slug: str, before: int, after: int) -> tuple[EditionData, EditionData]:
    course = scene.course_in_use(SYSTEM, slug)
    return scene.edition_numbered(course.id, before), scene.edition_numbered(course.id, after)


def _go_on(slug: str, move_id: UUID, **more: object) -> None:
    moving.work_off(LONG)
    with unit_of_work(write=False):
        course = scene.course_in_use(SYSTEM, slug)
        card = next(one for one in moving.moves(course.id, 1000) if one.id == move_id)
    if card.waiting:
        say(translate(msg("还有 {count} 人在考试，等考完再换。", count=card.waiting)))
    json_answer(_move(card) | more)


def _move(one: moving.MoveCard) -> dict[str, object]:
    return {
        "id": str(one.id), "source": one.source, "target": one.target, "state": one.state, "people": one.people,
        "moved": one.moved, "stayed": one.stayed, "returned": one.returned, "waiting": one.waiting,
    }  # fmt: skip


def _preview(found: previewing.Preview) -> dict[str, object]:
    return {
        "finished_and_unchanged": found.finished,
        "exam": found.exam,
        "losing_credit": found.losing,
        "groups": [
            {"state": one.state, "people": one.people, "done": one.done, "kept": one.kept} for one in found.groups
        ],
        "lessons": [
            {"slug": one.slug, "state": one.state, "before": one.before, "after": one.after} for one in found.lessons
        ],
    }


def _difference(found: Difference) -> dict[str, object]:
    return {
        "rules": [_line(one) for one in found.rules],
        "exam": [_line(one) for one in found.exam],
        **{
            name: [_entry(one) for one in getattr(found, name)]
            for name in ("lessons", "items", "sources", "goals", "terms", "media", "recordings")
        },
    }


def _line(line: Line) -> dict[str, object]:
    changed = [{part.kind: part.text} for part in line.passages if part.kind != "same"]
    return {"what": translate(line.label), "language": line.language, "changed": changed}


def _entry(entry: Entry) -> dict[str, object]:
    return {"name": entry.name, "state": entry.state, "lines": [_line(one) for one in entry.lines]}
