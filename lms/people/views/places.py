"""Places in a form: typed as a code or a name, with the administrator's places offered."""

from collections.abc import Sequence
from uuid import UUID

from lms.kernel.actor import Actor, Role
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard

OFFERED = 300


def offered(actor: Actor) -> Sequence[OrganisationCard]:
    """The first places the actor administers, to choose from while typing."""
    return organisations.search(actor.paths(Role.ADMINISTRATOR), "", size=OFFERED).items


def chosen(actor: Actor, field: str, text: str | None) -> UUID:
    """The place that was typed, by its code or its whole name; Invalid on the field otherwise."""
    found = organisations.named(actor.paths(Role.ADMINISTRATOR), text or "")
    if not found:
        raise Invalid(fields={field: msg("您管的范围里没有这个机构。请写机构代码或全称。")})
    if len(found) > 1:
        raise Invalid(fields={field: msg("有 {count} 个机构叫这个名字，请写机构代码。", count=len(found))})
    return found[0].id


def chosen_or_none(actor: Actor, field: str, text: str | None) -> UUID | None:
    """Like `chosen`; nothing typed is nothing chosen."""
    return chosen(actor, field, text) if text else None


def authority_or_none(field: str, text: str | None) -> UUID | None:
    """A region by code or name, wherever it lies: whether it may audit here, the command judges."""
    if not text:
        return None
    found = organisations.named(("/",), text)
    if len(found) != 1:
        raise Invalid(fields={field: msg("没有找到这个县、市或省。请写它的代码。")})
    return found[0].id
