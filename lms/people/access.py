"""Who may act on whom. An administrator acts within her places and never on somebody who holds more than she."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Date, Select, Uuid, bindparam, or_, select

from lms.kernel import clock
from lms.kernel.access import require, require_found
from lms.kernel.actor import Actor, Role
from lms.kernel.db import run, session
from lms.kernel.errors import Conflict
from lms.kernel.text import msg
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.people.models import Person, Posting, RoleGrant


def in_my_places(actor: Actor, today: date) -> ColumnElement[bool]:
    """SQL: the person has a posting, present or to come, whose workplace or employer the actor administers."""
    workplace, employer = organisations.table("w"), organisations.table("e")
    paths = actor.paths(Role.ADMINISTRATOR)
    return (
        select(Posting.id)
        .join(workplace, workplace.c.id == Posting.workplace_id)
        .join(employer, employer.c.id == Posting.employer_id)
        .where(
            Posting.person_id == Person.id,
            or_(Posting.ends_on.is_(None), Posting.ends_on >= today),
            or_(
                organisations.under(workplace.c.path, paths),
                organisations.under(employer.c.path, paths),
            ),
        )
        .exists()
    )


def may_see(actor: Actor, person_id: UUID) -> bool:
    """Whether the person is in the actor's places; the house itself sees everybody."""
    if actor.system:
        return session().scalar(select(Person.id).where(Person.id == person_id)) is not None
    rows = run(_paths_select(), {"person": person_id, "today": clock.today()})
    return any(actor.holds(Role.ADMINISTRATOR, path) for row in rows for path in row)


def seen(actor: Actor, person_ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who are in the actor's places, as `may_see` says of one; one statement."""
    if actor.system:
        return set(session().scalars(select(Person.id).where(Person.id.in_(person_ids))))
    rows = run(_all_paths_select(), {"people": list(person_ids), "today": clock.today()})
    return {row.person_id for row in rows if any(actor.holds(Role.ADMINISTRATOR, path) for path in row[:2])}


def hold(person_ids: Collection[UUID]) -> None:
    """Let whoever closes one of these accounts wait until this unit of work has ended; read who is open after it."""
    hers = select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id)
    session().execute(hers.with_for_update(read=True, key_share=True))


def hold_alone(*person_ids: UUID) -> None:
    """As `hold`, and whoever holds the same people alone waits too: for what must be judged by all there is of them
    (hours of a day, days that overlap). Read after it."""
    hers = select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id)
    session().execute(hers.with_for_update(key_share=True))


@lru_cache(maxsize=1)
def _paths_select() -> Select[tuple[str, str]]:
    """Where a person works and who employs her, now and to come; built once."""
    return _paths_of(bindparam("person", type_=Uuid()))


@lru_cache(maxsize=1)
def _all_paths_select() -> Select[Any]:
    wanted = bindparam("people", type_=Uuid(), expanding=True)
    return _paths_of(wanted).add_columns(Posting.person_id)


def _paths_of(whose: BindParameter[UUID]) -> Select[tuple[str, str]]:
    """One person, or several where the parameter is a list."""
    workplace, employer = organisations.table("w"), organisations.table("e")
    return (
        select(workplace.c.path, employer.c.path)
        .select_from(Posting)
        .join(workplace, workplace.c.id == Posting.workplace_id)
        .join(employer, employer.c.id == Posting.employer_id)
        .where(
            Posting.person_id.in_(whose) if whose.expanding else Posting.person_id == whose,
            or_(Posting.ends_on.is_(None), Posting.ends_on >= bindparam("today", type_=Date())),
        )
    )


def require_mine(actor: Actor, person_id: UUID) -> None:
    """NotFound unless the person is in the actor's places."""
    if not may_see(actor, person_id):
        require_found(None)


def require_open(person_id: UUID) -> None:
    """Conflict when the account is closed: nothing of it is changed or shown any more."""
    if session().scalar(select(Person.closed_at).where(Person.id == person_id)) is not None:
        raise Conflict(msg("这个账号已经注销，不能再改，也不能再看。"))


def require_not_above_me(actor: Actor, person_id: UUID) -> None:
    """NotAllowed when the person holds a role outside the actor's places: whoever may change how such a person
    signs in could become her."""
    paths = session().scalars(
        select(RoleGrant.path).where(RoleGrant.person_id == person_id, RoleGrant.withdrawn_at.is_(None))
    )
    require(
        all(actor.holds(Role.ADMINISTRATOR, path) for path in paths),
        msg("这位同事在更大的范围里任职，请上级管理员来办。"),
    )


def require_place(actor: Actor, organisation_id: UUID) -> OrganisationCard:
    """The organisation, or NotFound when the actor does not administer it."""
    return require_found(organisations.visible(actor, organisation_id))
