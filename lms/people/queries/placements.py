"""Where people stand in the tree on a day, for runs over everybody: to be joined, and read in ranges of ids."""

from uuid import UUID

from sqlalchemy import Date, FromClause, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.people.models import Person, Posting


def placements(name: str = "placement") -> FromClause:
    """Everybody with a posting on the day `on`, as a table to join in somebody else's query.

    Columns: person_id, population, since (first day of that posting), workplace_path, authority_path, and
    authority_now, the path of who audits her on the day `today` (empty when nobody does). The statement
    it becomes part of is run with the parameters `on` and `today`.
    """
    then, now = aliased(Posting, name="posting_then"), aliased(Posting, name="posting_now")
    place, authority = organisations.table("placed_at"), organisations.table("placed_under")
    auditing = organisations.table("placed_now")
    return (
        select(
            Person.id.label("person_id"),
            Person.population,
            then.starts_on.label("since"),
            place.c.path.label("workplace_path"),
            authority.c.path.label("authority_path"),
            func.coalesce(auditing.c.path, "").label("authority_now"),
        )
        .join(then, and_(then.person_id == Person.id, _runs(then, "on")))
        .join(place, place.c.id == then.workplace_id)
        .join(authority, authority.c.id == then.authority_id)
        .outerjoin(now, and_(now.person_id == Person.id, _runs(now, "today")))
        .outerjoin(auditing, auditing.c.id == now.authority_id)
        .subquery(name)
    )


def _runs(posting: type[Posting], day: str) -> ColumnElement[bool]:
    on = bindparam(day, type_=Date())
    return and_(posting.starts_on <= on, or_(posting.ends_on.is_(None), posting.ends_on >= on))


def names(name: str = "person_names") -> FromClause:
    """People as a table to join in somebody else's query: id, name, name_folded, id_number_mask. Read only."""
    return select(Person.id, Person.name, Person.name_folded, Person.id_number_mask).subquery(name)


def fences(size: int) -> list[UUID]:
    """Every `size`-th id of all people in order, the first among them: where ranges of so many begin."""
    numbered = select(Person.id, func.row_number().over(order_by=Person.id).label("number")).subquery()
    return list(
        session().scalars(select(numbered.c.id).where(numbered.c.number % size == 1 % size).order_by(numbered.c.id))
    )
