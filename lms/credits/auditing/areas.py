"""An auditor's area as the index of awards can walk it: by the very authorities that are in it.

The index leads from an authority and a state to the newest awards. Asked for everything *below* a place instead, the
database sorts all awards of the area, or walks through those of the whole house until it has found a page of hers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, String, TextClause, bindparam, select, text, union_all

from lms.credits.models import Award
from lms.kernel.db import session
from lms.organisations.queries import under

MOST = 40
"""Authorities that are named one by one; an area of more is a good part of the house, whose newest awards are near."""

# Each step finds the next authority in the index, whatever number of awards lies between: as often as there are some.
_NEXT = "SELECT authority_path FROM award WHERE {above}authority_path LIKE :below ORDER BY authority_path {way} LIMIT 1"
_WALK = """\
WITH RECURSIVE walk(path) AS (
    SELECT * FROM ({first}) AS first
    UNION ALL
    SELECT ({following}) FROM walk WHERE walk.path IS NOT NULL
)
SELECT path FROM walk WHERE path IS NOT NULL LIMIT :most
"""


def _walk(above: str, way: str) -> TextClause:
    whole = _WALK.format(first=_NEXT.format(above="", way=way), following=_NEXT.format(above=above, way=way))
    return text(whole).bindparams(bindparam("below", type_=String()), bindparam("most", type_=Integer()))


# The index orders paths sign by sign; PostgreSQL calls that order by other names than the language's.
_POSTGRESQL = _walk("authority_path ~>~ walk.path AND ", "USING ~<~")
_SQLITE = _walk("authority_path > walk.path AND ", "")


@dataclass(frozen=True, slots=True)
class Area:
    """The places that an auditor audits, and the authorities of awards there; None where they are many."""

    paths: tuple[str, ...]
    authorities: tuple[str, ...] | None

    @property
    def here(self) -> ColumnElement[bool]:
        """SQL: the award is of this area."""
        if self.authorities is None:
            return under(Award.authority_path, self.paths)
        return Award.authority_path.in_(self.authorities)

    def newest(self, conditions: Sequence[ColumnElement[bool]], limit: int, offset: int = 0) -> Select[tuple[UUID]]:
        """The ids of a page of the area's awards, newest first. `conditions` do not speak of the area."""
        if self.authorities is None or len(self.authorities) == 1:
            return _newest(self.here, conditions).limit(limit).offset(offset)
        each = [
            select(_newest(Award.authority_path == path, conditions).limit(offset + limit).subquery().c.id)
            for path in self.authorities
        ]
        found = union_all(*each).subquery() if each else _newest(self.here, conditions).subquery()
        return select(found.c.id).order_by(found.c.id.desc()).limit(limit).offset(offset)


def _newest(here: ColumnElement[bool], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return select(Award.id).where(here, *conditions).order_by(Award.id.desc())


def area(paths: Sequence[str]) -> Area:
    """The area of these places; one statement a place."""
    walk = _POSTGRESQL if session().get_bind().dialect.name == "postgresql" else _SQLITE
    found: set[str] = set()
    for path in paths:
        found |= set(session().scalars(walk, {"below": f"{path}%", "most": MOST + 1}))
        if len(found) > MOST:
            return Area(tuple(paths), None)
    return Area(tuple(paths), tuple(sorted(found)))
