"""Everything that changes organisations."""

import secrets
from datetime import date
from uuid import UUID

from sqlalchemy import update

from lms.kernel import audit
from lms.kernel.access import require, require_found
from lms.kernel.actor import Actor, Role
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Invalid
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg, nfc
from lms.organisations import queries
from lms.organisations.models import Organisation
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import SEGMENT, Kind, is_code, is_phone, is_region_code, may_hang

# Lower case and no look-alikes: a path is compared with LIKE, which SQLite does without regard to case.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def add_organisation(
    actor: Actor,
    *,
    kind: Kind | str,
    name: str,
    code: str,
    parent_id: UUID | None,
    name_en: str = "",
    region_code: str | None = None,
    community_id: UUID | None = None,
    phone: str = "",
    contact_name: str = "",
) -> UUID:
    """Hang a new organisation below another; only the house itself adds a province.

    Raises NotFound for a parent outside the actor's places, Invalid for what does not fit.
    """
    parent = _parent(actor, parent_id)
    name, code = nfc(name), nfc(code).upper()
    faults = _faults(name, phone, region_code)
    try:
        kind = Kind(kind)
    except ValueError:
        raise Invalid(fields={"kind": msg("请从列出的几项里选一项。")}) from None
    if not may_hang(kind, parent.kind if parent else None):
        faults["kind"] = msg("这一类机构不能放在这里。请换一个上级，或者换一个类别。")
    if not is_code(code):
        faults["code"] = msg("代码用大写字母、数字和中间的短横，最多 32 位。")
    _check_community(actor, community_id, faults)
    if faults:
        raise Invalid(fields=faults)
    organisation_id = new_id()
    values = {
        "id": organisation_id,
        "kind": str(kind),
        "name": name,
        "name_en": nfc(name_en),
        "code": code,
        "parent_id": parent_id,
        "path": (parent.path if parent else "/") + _segment() + "/",
        "region_code": region_code or None,
        "community_id": community_id,
        "phone": phone,
        "contact_name": nfc(contact_name),
    }
    if not insert_once(Organisation, values, on=["code"]):
        raise Invalid(fields={"code": msg("这个代码已经有机构在用。")})
    audit.record(actor, "organisation.added", "organisation", organisation_id, name=name, code=code)
    return organisation_id


def edit_organisation(
    actor: Actor,
    organisation_id: UUID,
    *,
    name: str,
    name_en: str = "",
    phone: str = "",
    contact_name: str = "",
    region_code: str | None = None,
    closed_on: date | None = None,
) -> None:
    """Change what an organisation is called and how it is reached, or close it. Its place, kind and code stay:
    rights and old records hang on them; a merged institution is closed and its people are moved."""
    card = require_found(queries.visible(actor, organisation_id))
    name = nfc(name)
    faults = _faults(name, phone, region_code)
    if closed_on and queries.has_open_children(card.id):
        faults["closed_on"] = msg("下面还有没关闭的机构。请先关闭它们。")
    if faults:
        raise Invalid(fields=faults)
    values = {
        "name": name,
        "name_en": nfc(name_en),
        "phone": phone,
        "contact_name": nfc(contact_name),
        "region_code": region_code or None,
        "closed_on": closed_on,
    }
    changed = [key for key, value in values.items() if getattr(card, key) != value]
    if not changed:
        return
    session().execute(update(Organisation).where(Organisation.id == card.id).values(values))
    audit.record(actor, "organisation.edited", "organisation", card.id, changed=changed)


def _parent(actor: Actor, parent_id: UUID | None) -> OrganisationCard | None:
    if parent_id is None:
        require(actor.system, msg("省一级由系统建立。请选一个上级机构。"))
        return None
    parent = require_found(queries.organisation(parent_id))
    if not actor.holds(Role.ADMINISTRATOR, parent.path):
        require_found(None)
    if parent.closed_on:
        raise Invalid(fields={"parent_id": msg("这个上级机构已经关闭。")})
    return parent


def _faults(name: str, phone: str, region_code: str | None) -> dict[str, Message]:
    faults: dict[str, Message] = {}
    if not name or len(name) > 80:
        faults["name"] = msg("请写机构全称，最多 80 个字。")
    if phone and not is_phone(phone):
        faults["phone"] = msg("电话只用数字、空格和短横，6 到 20 位。")
    if region_code and not is_region_code(region_code):
        faults["region_code"] = msg("行政区代码的样子是 CN-HE。")
    return faults


def _check_community(actor: Actor, community_id: UUID | None, faults: dict[str, Message]) -> None:
    if community_id is None:
        return
    community = queries.organisation(community_id)
    if community is None or not actor.holds(Role.ADMINISTRATOR, community.path):
        faults["community_id"] = msg("没有这个医共体。")
    elif community.kind is not Kind.MEDICAL_COMMUNITY:
        faults["community_id"] = msg("请选一个医共体。")


def _segment() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(SEGMENT))
