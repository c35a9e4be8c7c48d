"""Granting and withdrawing roles."""

from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.kernel import audit, clock
from lms.kernel.access import require, require_found
from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import msg
from lms.people import access
from lms.people.models import RoleGrant
from lms.people.rules import ROLE_PLACES


def grant_role(actor: Actor, person_id: UUID, role: Role | str, organisation_id: UUID) -> UUID | None:
    """Let a person hold a role at a place and below; the grant's id, or None when she held it already.

    An administrator grants within her places only, and nothing to herself: nobody audits or reviews her own.
    """
    access.require_mine(actor, person_id)
    access.require_open(person_id)
    place = access.require_place(actor, organisation_id)
    require(actor.person_id != person_id, msg("身份要由别的管理员来给，不能自己给自己。"))
    try:
        role = Role(role)
    except ValueError:
        raise Invalid(fields={"role": msg("请从列出的几项里选一项。")}) from None
    if place.kind not in ROLE_PLACES.get(role, (place.kind,)):
        raise Invalid(fields={"role": msg("这一级的审核员要放在同一级的地区。")})
    grant_id = new_id()
    values = {
        "id": grant_id,
        "person_id": person_id,
        "role": str(role),
        "organisation_id": place.id,
        "path": place.path,
        "granted_by": actor.person_id,
        "granted_at": clock.now(),
    }
    if _held(person_id, role, place.id):
        return None
    try:
        session().execute(insert(RoleGrant).values(values))
    except IntegrityError:
        raise Conflict from None
    audit.record(actor, "role.granted", "person", person_id, role=str(role), organisation=str(place.id))
    return grant_id


def withdraw_role(actor: Actor, grant_id: UUID) -> None:
    """End a grant whose place the actor administers; not her own, so that no place loses its last administrator
    by a slip."""
    grant = (
        session()
        .execute(
            select(RoleGrant.person_id, RoleGrant.role, RoleGrant.path, RoleGrant.organisation_id).where(
                RoleGrant.id == grant_id
            )
        )
        .one_or_none()
    )
    if grant is None or not actor.holds(Role.ADMINISTRATOR, grant.path):
        require_found(None)
    assert grant is not None
    require(actor.person_id != grant.person_id, msg("自己的身份，请别的管理员来收回。"))
    done = session().execute(
        update(RoleGrant)
        .where(RoleGrant.id == grant_id, RoleGrant.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now())
    )
    if done.rowcount:  # type: ignore[attr-defined]
        audit.record(
            actor,
            "role.withdrawn",
            "person",
            grant.person_id,
            role=grant.role,
            organisation=str(grant.organisation_id),
        )


def _held(person_id: UUID, role: Role, organisation_id: UUID) -> bool:
    return (
        session().scalar(
            select(RoleGrant.id).where(
                RoleGrant.person_id == person_id,
                RoleGrant.role == str(role),
                RoleGrant.organisation_id == organisation_id,
                RoleGrant.withdrawn_at.is_(None),
            )
        )
        is not None
    )
