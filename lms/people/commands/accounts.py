"""Accounts as such: disabled, enabled, invited."""

from uuid import UUID

from sqlalchemy import update

from lms.kernel import audit, clock
from lms.kernel.access import require, require_found
from lms.kernel.actor import SYSTEM, Actor, Role
from lms.kernel.db import session
from lms.kernel.text import msg
from lms.organisations import queries as organisations
from lms.people import access, sessions
from lms.people.commands.codes import end_codes, send_code
from lms.people.commands.register import add_person
from lms.people.commands.roles import grant_role
from lms.people.models import Person
from lms.people.rules import Population


def disable_person(actor: Actor, person_id: UUID) -> None:
    """End all sign-ins of a person and refuse new ones. Her records stay."""
    require(actor.person_id != person_id, msg("不能停用自己的账号。"))
    access.require_mine(actor, person_id)
    access.require_open(person_id)
    access.require_not_above_me(actor, person_id)
    done = session().execute(
        update(Person).where(Person.id == person_id, Person.disabled_at.is_(None)).values(disabled_at=clock.now())
    )
    if done.rowcount:  # type: ignore[attr-defined]
        sessions.end_sessions(person_id)
        end_codes(person_id)
        audit.record(actor, "person.disabled", "person", person_id)


def enable_person(actor: Actor, person_id: UUID) -> None:
    """Let a person sign in again."""
    access.require_mine(actor, person_id)
    access.require_open(person_id)
    access.require_not_above_me(actor, person_id)
    done = session().execute(
        update(Person).where(Person.id == person_id, Person.disabled_at.is_not(None)).values(disabled_at=None)
    )
    if done.rowcount:  # type: ignore[attr-defined]
        audit.record(actor, "person.enabled", "person", person_id)


def invite(
    *, name: str, organisation_code: str, phone: str | None = None, email: str | None = None
) -> tuple[UUID, UUID, str]:
    """Register an administrator of an organisation from the shell; her id, and the id and text of the code with
    which she sets her password."""
    place = require_found(organisations.by_code(organisation_code))
    person_id = add_person(
        SYSTEM,
        name=name,
        phone=phone,
        email=email,
        population=Population.STAFF,
        workplace_id=place.id,
    )
    grant_role(SYSTEM, person_id, Role.ADMINISTRATOR, place.id)
    code_id, code = send_code(SYSTEM, person_id)
    return person_id, code_id, code
