"""Records put in as rows, and the licence on the roster, for pages that read them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import UUID

from cast import Member
from flask import Flask
from sqlalchemy import update

from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.pathways.models import PersonRecord
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import SCHEMAS
from lms.people.models import Person


@contextmanager
def on(day: date) -> Iterator[None]:
    """Let it be noon of a day."""
    with clock.held_at(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)):
        yield


def put(app: Flask, member: Member, kind: str, first: date, until: date | None = None, *,
        state: str = "verified", agreed: int = 0, by: Member | None = None, **fields: str) -> UUID:  # fmt: skip
    """A record of hers; its id. `agreed`: the level that has verified it already; `by`: who entered it for her."""
    turn = next(one for one in SCHEMAS[Kind(kind)].levels if one > agreed) if state == "waiting" else 0
    record_id = new_id()
    at = clock.now()
    with app.app_context(), unit_of_work():
        session().add(
            PersonRecord(
                id=record_id, person_id=member.person_id, kind=kind, on_date=first, until=until, state=state,
                fields=fields, waiting=turn, decided=agreed, told_by=by.person_id if by else None, handed_in_at=at,
                changed_at=at, verified_at=at if state == "verified" else None,
            )
        )  # fmt: skip
    return record_id


def licensed(app: Flask, member: Member, since: date, until: date) -> None:
    """Her licence as her administrator has entered it."""
    _person(app, member, licence_from=since, licence_until=until)


def became(app: Flask, member: Member, population: str) -> None:
    """She is now counted among another kind of staff."""
    _person(app, member, population=population)


def _person(app: Flask, member: Member, **values: object) -> None:
    with app.app_context(), unit_of_work():
        session().execute(update(Person).where(Person.id == member.person_id).values(**values))
