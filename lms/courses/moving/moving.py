"""Moving people to another edition, and taking that back: begun by an author, done person by person by the clock.

Each person is one transaction. Whatever is cut off is gone on with; done twice at once it is done once.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import (
    Select,
    String,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from lms.courses import editions, parts
from lms.courses.editions import EditionData
from lms.courses.models import Enrolment, Gate, LessonProgress
from lms.courses.moving.models import Move, Moved
from lms.courses.moving.rules import Pairing, Stay, counted, nothing_left, pairing
from lms.courses.moving.scene import edition_numbered, writers_course
from lms.courses.queries import ASSESSMENT
from lms.kernel import audit, clock
from lms.kernel.access import require_found
from lms.kernel.actor import Actor
from lms.kernel.db import Instant, insert_once, session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work

AT_ONCE = 200
"""People of one move that are looked up together; each is moved by herself."""
LONGEST = 5.0
"""Seconds that one call of `work_off` may take."""
OPEN = ("moving", "returning")
ENDS = {"moving": "done", "returning": "taken_back"}
WAITS = {"moving": "waiting", "returning": "returning"}
log = structlog.get_logger("editions")


@dataclass(frozen=True, slots=True)
class _Plan:
    """A move with all that it needs for one person after the other."""

    id: UUID
    state: str
    source: EditionData
    target: EditionData
    pairs: Pairing
    work: Select[Any]
    """What somebody (`enrolment`) has finished, and a row without a lesson where she sits a test."""


# Built once, and without objects: they run for every person of a move. The moved person's row is locked first, so that
# what is read after it is what everybody else has left.
_HERS = (
    select(Enrolment.edition_id, Enrolment.finished_at, Moved.state, Moved.carried, Moved.at)
    .join(Moved, Moved.enrolment_id == Enrolment.id)
    .where(Enrolment.id == bindparam("enrolment"), Moved.move_id == bindparam("move"))
    .with_for_update()
)
_ENTER = update(Enrolment).where(Enrolment.id == bindparam("enrolment")).values(edition_id=bindparam("edition"))
_READ = insert(LessonProgress)
_UNREAD = delete(LessonProgress).where(
    LessonProgress.enrolment_id == bindparam("enrolment"),
    LessonProgress.lesson_id.in_(bindparam("lessons", expanding=True)),
)
_DECIDED = (
    update(Moved)
    .where(Moved.move_id == bindparam("move"), Moved.enrolment_id == bindparam("enrolment"))
    .values(
        state=bindparam("state_now"), why=bindparam("why_now"), carried=bindparam("carried_now"), at=bindparam("now")
    )
)


# --- what an author does ---


def move(
    actor: Actor, move_id: UUID, slug: str, source_number: int, target_number: int, equal: Collection[str] = ()
) -> UUID:
    """Let everybody who is inside one edition now go on in another; the move's id, which is made with the form: sent
    again it changes nothing. Raises NotFound, NotAllowed, Invalid, Conflict (another move of this course goes on)."""
    course = writers_course(actor, slug)
    made = session().get(Move, move_id)
    if made is not None:
        require_found(made if made.course_id == course.id else None)
        return move_id
    if source_number == target_number:
        raise Invalid(msg("请选两个不同的版本。"))
    source, target = edition_numbered(course.id, source_number), edition_numbered(course.id, target_number)
    going_on = select(Move.id).where(Move.course_id == course.id, Move.state.in_(OPEN))
    if session().scalar(going_on.limit(1)) is not None:
        raise Conflict(msg("这门课正在换版，等换完再来。"))
    marked = [one for one in pairing(source, target, equal).changed if one in set(equal)]
    now = clock.now()
    insert_once(
        Move,
        {
            "id": move_id, "course_id": course.id, "source_id": source.id, "target_id": target.id, "equal": marked,
            "people": 0, "state": "moving", "made_by": actor.person_id, "made_at": now, "done_at": None,
        },
        ["id"],
    )  # fmt: skip
    people = _list(move_id, source)
    session().execute(update(Move).where(Move.id == move_id).values(people=people))
    audit.record(
        actor, "edition.move", "course", course.id,
        move=str(move_id), source=source.number, target=target.number, equal=marked, people=people,
    )  # fmt: skip
    return move_id


def _list(move_id: UUID, source: EditionData) -> int:
    """Write down everybody whom the move concerns, in one statement; how many."""
    inside = select(
        literal(move_id, Moved.move_id.type),
        Enrolment.id,
        literal("waiting", String),
        literal("", String),
        _empty(),
        null(),
    ).where(
        Enrolment.course_id == source.course_id, Enrolment.edition_id == source.id, Enrolment.finished_at.is_(None)
    )
    columns = ["move_id", "enrolment_id", "state", "why", "carried", "at"]
    result = session().execute(insert(Moved).from_select(columns, inside))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _empty() -> Any:
    if session().get_bind().dialect.name == "postgresql":
        return cast(literal("[]", String), JSONB)
    return literal("[]", String)


def take_back(actor: Actor, slug: str, move_id: UUID) -> None:
    """Let those who were moved go back to where they were; who still waits is not moved. A second press changes
    nothing. Raises NotFound, NotAllowed."""
    course = writers_course(actor, slug)
    found = session().scalar(select(Move.state).where(Move.id == move_id, Move.course_id == course.id))
    if require_found(found) in ("moving", "done"):
        call_back(move_id)
        audit.record(actor, "edition.move_taken_back", "course", course.id, move=str(move_id))


def call_back(move_id: UUID) -> None:
    """Turn a move round. The course's row is locked by who calls."""
    now = clock.now()
    session().execute(
        update(Move).where(Move.id == move_id).values(state="returning", done_at=None),
        execution_options={"synchronize_session": False},
    )
    mine = update(Moved).where(Moved.move_id == move_id).execution_options(synchronize_session=False)
    session().execute(
        mine.where(Moved.state == "waiting").values(state="stayed", why=Stay.CALLED_OFF.value, at=now)
    )
    session().execute(mine.where(Moved.state == "moved").values(state="returning"))


# --- what the clock does ---


def work_off(seconds: float = LONGEST) -> int:
    """Go on with every move that is not at its end; how many people were decided. Opens its own units of work."""
    until = time.monotonic() + seconds
    with unit_of_work(write=False):
        rows = session().execute(select(Move).where(Move.state.in_(OPEN)).order_by(Move.made_at)).scalars().all()
        plans = [_plan(row) for row in rows]
    return sum(_go_on(plan, until) for plan in plans)


def _plan(row: Move) -> _Plan:
    source, target = editions.edition(row.source_id), editions.edition(row.target_id)
    return _Plan(row.id, row.state, source, target, pairing(source, target, row.equal), _work())


def _work() -> Select[Any]:
    progress = LessonProgress.__table__.c
    sitting = parts.sitting().subquery()
    read = select(progress.lesson_id, progress.finished_at).where(progress.enrolment_id == bindparam("enrolment"))
    sits = select(cast(null(), Uuid), cast(null(), Instant)).where(sitting.c[0] == bindparam("enrolment"))
    return select(union_all(read, sits).subquery())


def _go_on(plan: _Plan, until: float) -> int:
    decided, last = 0, UUID(int=0)
    while time.monotonic() < until:
        ids = _next(plan, last)
        if not ids:
            break
        for enrolment_id in ids:
            decided += _in_one_piece(plan, enrolment_id)
            if time.monotonic() > until:
                return decided
        last = ids[-1]
    _end(plan)
    return decided


def _next(plan: _Plan, last: UUID) -> Sequence[UUID]:
    """People whose turn it is; those who sit a test are passed over until it has ended."""
    with unit_of_work(write=False):
        return (
            session()
            .scalars(
                select(Moved.enrolment_id)
                .where(
                    Moved.move_id == plan.id,
                    Moved.state == WAITS[plan.state],
                    Moved.enrolment_id > last,
                    Moved.enrolment_id.not_in(parts.sitting()),
                )
                .order_by(Moved.enrolment_id)
                .limit(AT_ONCE)
            )
            .all()
        )


def _in_one_piece(plan: _Plan, enrolment_id: UUID) -> bool:
    """Decide one person in a transaction of her own; a fault with one keeps nobody else from her turn."""
    try:
        with unit_of_work():
            return decide(plan, enrolment_id)
    except Exception:
        log.exception("an enrolment could not be moved", move=str(plan.id), enrolment=str(enrolment_id))
        return False


def decide(plan: _Plan, enrolment_id: UUID) -> bool:
    """Move somebody, take her back, or write down why she stays; whether this call did so."""
    run = session().connection().execute
    row = run(_HERS, {"enrolment": enrolment_id, "move": plan.id}).one_or_none()
    if row is None or row.state != WAITS[plan.state]:
        return False
    done = {one.lesson_id: one.finished_at for one in run(plan.work, {"enrolment": enrolment_id})}
    if None in done:
        return False
    here, there = (plan.source, plan.target) if plan.state == "moving" else (plan.target, plan.source)
    pairs = plan.pairs.lessons if plan.state == "moving" else plan.pairs.back()
    if row.finished_at is not None:
        return _write_down(plan, enrolment_id, "stayed", carried=row.carried, why=Stay.FINISHED)
    if row.edition_id != here.id:
        return _write_down(plan, enrolment_id, "stayed", carried=row.carried, why=Stay.ELSEWHERE)
    carried = {UUID(one) for one in row.carried}
    if plan.state == "moving":
        new = {pairs[old]: at for old, at in done.items() if old in pairs and pairs[old] not in done}
        left = counted(done, pairs, there)
    else:
        # What she has done since counts where she goes back to, too; what stood for her former work does not.
        since = {lesson: at for lesson, at in done.items() if lesson not in carried and at >= row.at}
        new = {pairs[one]: at for one, at in since.items() if one in pairs and pairs[one] not in done}
        left = counted({*done, *new} - carried, {}, there)
    if nothing_left(len(left), there, passed=True) and _passed(enrolment_id, there):
        return _write_down(plan, enrolment_id, "stayed", carried=row.carried, why=Stay.COMPLETE)
    if plan.state == "returning" and carried:
        run(_UNREAD, {"enrolment": enrolment_id, "lessons": list(carried)})
    _enter(enrolment_id, there, new)
    if plan.state == "returning":
        return _write_down(plan, enrolment_id, "returned")
    return _write_down(plan, enrolment_id, "moved", carried=sorted(str(one) for one in new))


def _passed(enrolment_id: UUID, there: EditionData) -> bool:
    if not there.has_assessment:
        return True
    found = select(Gate.code).where(Gate.enrolment_id == enrolment_id, Gate.code == ASSESSMENT)
    return session().scalar(found) is not None


def _enter(enrolment_id: UUID, there: EditionData, new: Mapping[UUID, datetime]) -> None:
    run = session().connection().execute
    run(_ENTER, {"enrolment": enrolment_id, "edition": there.id})
    rows = [{"enrolment_id": enrolment_id, "lesson_id": lesson, "finished_at": at} for lesson, at in new.items()]
    if rows:
        run(_READ, rows)


def _write_down(
    plan: _Plan, enrolment_id: UUID, state: str, *, why: str = "", carried: Collection[str] = ()
) -> bool:
    values = {
        "move": plan.id, "enrolment": enrolment_id, "state_now": state, "why_now": str(why),
        "carried_now": list(carried), "now": clock.now(),
    }  # fmt: skip
    session().connection().execute(_DECIDED, values)
    return True


def _end(plan: _Plan) -> None:
    """Close a move in which nobody waits any more."""
    waits = select(Moved.move_id).where(Moved.move_id == plan.id, Moved.state == WAITS[plan.state]).exists()
    with unit_of_work():
        session().execute(
            update(Move)
            .where(Move.id == plan.id, Move.state == plan.state, ~waits)
            .values(state=ENDS[plan.state], done_at=clock.now()),
            execution_options={"synchronize_session": False},
        )


# --- what is seen of it ---


@dataclass(frozen=True, slots=True)
class MoveCard:
    """A move and how far it is."""

    id: UUID
    source: int
    target: int
    state: str
    people: int
    made_at: datetime
    done_at: datetime | None
    moved: int
    stayed: int
    waiting: int
    returned: int

    @property
    def settled(self) -> int:
        """People for whom nothing is left to do."""
        return self.people - self.waiting

    @property
    def may_take_back(self) -> bool:
        return self.state in ("moving", "done")


def moves(course_id: UUID, most: int = 20) -> list[MoveCard]:
    """The last moves of a course, the newest first; two statements."""
    rows = session().scalars(
        select(Move).where(Move.course_id == course_id).order_by(Move.made_at.desc(), Move.id.desc()).limit(most)
    )
    found = rows.all()
    counts: dict[UUID, dict[str, int]] = {}
    for move_id, state, people in session().execute(
        select(Moved.move_id, Moved.state, func.count())
        .where(Moved.move_id.in_([one.id for one in found]))
        .group_by(Moved.move_id, Moved.state)
    ):
        counts.setdefault(move_id, {})[state] = people
    return [_card(one, counts.get(one.id, {})) for one in found]


def _card(one: Move, counts: Mapping[str, int]) -> MoveCard:
    return MoveCard(
        id=one.id,
        source=editions.edition(one.source_id).number,
        target=editions.edition(one.target_id).number,
        state=one.state,
        people=one.people,
        made_at=one.made_at,
        done_at=one.done_at,
        moved=counts.get("moved", 0),
        stayed=counts.get("stayed", 0),
        waiting=counts.get("waiting", 0) + counts.get("returning", 0),
        returned=counts.get("returned", 0),
    )


def open_moves_into(edition_id: UUID) -> Sequence[UUID]:
    """Moves that brought, or are bringing, people into an edition."""
    return (
        session().scalars(select(Move.id).where(Move.target_id == edition_id, Move.state.in_(("moving", "done")))).all()
    )
