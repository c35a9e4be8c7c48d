"""Who would lose, or get back, the prospect of credit when a move is taken back or an edition is rolled back. The same
rule as for a move, the other way round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, func, literal, select, union_all

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
    former one, where there is one. Five statements at most, however many people and moves there are."""
    moves = _open(Move.course_id == course_id)
    with_credit = crediting.carrying([*_editions(moves), current, *([former] if former else [])])
    returns = _returns(moves, with_credit)
    if former is None:
        return returns, None
    losing, gaining = _split([one for one in moves if one.here.id == current.id], with_credit)
    return returns, RollBackAhead(
        losing=_together(losing),
        gaining=_together(gaining),
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


def _split(moves: Sequence[_Taken], with_credit: set[UUID]) -> tuple[list[_Taken], list[_Taken]]:
    """The moves whose return loses the prospect of credit, and those whose return brings it."""
    losing = [one for one in moves if one.here.id in with_credit and one.there.id not in with_credit]
    gaining = [one for one in moves if one.there.id in with_credit and one.here.id not in with_credit]
    return losing, gaining


def _returns(moves: Sequence[_Taken], with_credit: set[UUID]) -> dict[UUID, Return]:
    losing, gaining = _split(moves, with_credit)
    people = _people([*losing, *gaining])
    found = {one.id: Return() for one in moves}
    found |= {one.id: Return(losing=people.get(one.id, 0)) for one in losing}
    return found | {one.id: Return(gaining=people.get(one.id, 0)) for one in gaining}


def _people(moves: Sequence[_Taken]) -> dict[UUID, int]:
    """How many each move would bring back."""
    if not moves:
        return {}
    each = _each(moves)
    rows = session().execute(select(each.c.move, func.count().label("people")).group_by(each.c.move))
    return {moves[row.move].id: row.people for row in rows}


def _together(moves: Sequence[_Taken]) -> int:
    """How many these moves would bring back together: who was moved by two of them is one."""
    if not moves:
        return 0
    return session().scalar(select(func.count(func.distinct(_each(moves).c.id)))) or 0


def _each(moves: Sequence[_Taken]) -> Subquery:
    """SQL: everybody a move would bring back (the move's place, enrolment); who has finished, or would have nothing
    left to do, stays."""
    found = []
    for number, one in enumerate(moves):
        each = everybody(one.here, one.there, one.pairs)
        found.append(
            select(literal(number).label("move"), each.c.id.label("id"))
            .join(Moved, Moved.enrolment_id == each.c.id)
            .where(Moved.move_id == one.id, Moved.state == "moved", each.c.state.in_((MOVES, SITTING)))
        )
    return union_all(*found).subquery()
