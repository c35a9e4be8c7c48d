"""Who would lose, or get back, the prospect of credit when a move is taken back or an edition is rolled back. The same
rule as for a move, the other way round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, union_all

from lms.courses import editions
from lms.courses.editions import EditionData
from lms.courses.moving import crediting
from lms.courses.moving.models import Move, Moved
from lms.courses.moving.previewing import everybody
from lms.courses.moving.rules import MOVES, SITTING, Pairing, pairing
from lms.kernel.db import session


@dataclass(frozen=True, slots=True)
class Return:
    """People whom taking a move back would bring from an edition with credit to one without (`losing`), or from one
    without to one with (`gaining`); those who finish the test they sit first included."""

    losing: int = 0
    gaining: int = 0


@dataclass(frozen=True, slots=True)
class RollBackAhead:
    """What rolling the current edition back would do to credit: for those who return, and for who begins then."""

    losing: int
    gaining: int
    starts_lose: bool
    starts_gain: bool


@dataclass(frozen=True, slots=True)
class _Taken:
    """A move that can be taken back, seen from where its people are now."""

    id: UUID
    here: EditionData
    there: EditionData
    pairs: Pairing


def of_move(move_id: UUID) -> Return:
    """The same of one move; three statements at most."""
    moves = _open(Move.id == move_id)
    return _returns(moves, crediting.carrying(_editions(moves)) if moves else set())[move_id] if moves else Return()


def of_course(
    course_id: UUID, current: EditionData, former: EditionData | None
) -> tuple[Mapping[UUID, Return], RollBackAhead | None]:
    """The same of every move of a course that can be taken back, and of rolling back from its current edition to the
    former one, where there is one. Three statements at most, however many people and moves there are."""
    moves = _open(Move.course_id == course_id)
    with_credit = crediting.carrying([*_editions(moves), current, *([former] if former else [])])
    returns = _returns(moves, with_credit)
    if former is None:
        return returns, None
    into = [returns[one.id] for one in moves if one.here.id == current.id]
    return returns, RollBackAhead(
        losing=sum(one.losing for one in into),
        gaining=sum(one.gaining for one in into),
        starts_lose=current.id in with_credit and former.id not in with_credit,
        starts_gain=former.id in with_credit and current.id not in with_credit,
    )


def _open(which: ColumnElement[bool]) -> list[_Taken]:
    rows = session().scalars(select(Move).where(which, Move.state.in_(("moving", "done")))).all()
    found = []
    for row in rows:
        source, target = editions.edition(row.source_id), editions.edition(row.target_id)
        there = pairing(source, target, row.equal)
        found.append(_Taken(row.id, target, source, Pairing(there.back(), (), ())))
    return found


def _editions(moves: Sequence[_Taken]) -> list[EditionData]:
    return list({edition.id: edition for one in moves for edition in (one.here, one.there)}.values())


def _returns(moves: Sequence[_Taken], with_credit: set[UUID]) -> dict[UUID, Return]:
    losing = [one for one in moves if one.here.id in with_credit and one.there.id not in with_credit]
    gaining = [one for one in moves if one.there.id in with_credit and one.here.id not in with_credit]
    people = _people([*losing, *gaining])
    found = {one.id: Return() for one in moves}
    found |= {one.id: Return(losing=people.get(one.id, 0)) for one in losing}
    return found | {one.id: Return(gaining=people.get(one.id, 0)) for one in gaining}


def _people(moves: Sequence[_Taken]) -> dict[UUID, int]:
    """How many each move would bring back; who has finished, or would have nothing left to do, stays."""
    if not moves:
        return {}
    counts = []
    for number, one in enumerate(moves):
        each = everybody(one.here, one.there, one.pairs)
        counts.append(
            select(literal(number).label("move"), func.count().label("people"))
            .select_from(each)
            .join(Moved, Moved.enrolment_id == each.c.id)
            .where(Moved.move_id == one.id, Moved.state == "moved", each.c.state.in_((MOVES, SITTING)))
        )
    return {moves[row.move].id: row.people for row in session().execute(union_all(*counts))}
