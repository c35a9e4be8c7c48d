"""What may be read about organisations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, SQLColumnExpression, false, func, or_, select
from sqlalchemy.orm import aliased

from lms.kernel.actor import Actor, Role
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.organisations.models import Organisation
from lms.organisations.rules import SEGMENT, Kind, ancestors


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """An organisation as others see it."""

    id: UUID
    kind: Kind
    name: str
    name_en: str
    code: str
    path: str
    parent_id: UUID | None
    phone: str
    contact_name: str
    region_code: str | None
    community_id: UUID | None
    closed_on: date | None

    @property
    def depth(self) -> int:
        """Levels above it."""
        return self.path.count("/") - 2


_COLUMNS = (
    Organisation.id,
    Organisation.kind,
    Organisation.name,
    Organisation.name_en,
    Organisation.code,
    Organisation.path,
    Organisation.parent_id,
    Organisation.phone,
    Organisation.contact_name,
    Organisation.region_code,
    Organisation.community_id,
    Organisation.closed_on,
)


def _cards(*conditions: ColumnElement[bool]) -> list[OrganisationCard]:
    rows = session().execute(select(*_COLUMNS).where(*conditions).order_by(Organisation.path, Organisation.code))
    return [_card(row) for row in rows]


def _card(row: Any) -> OrganisationCard:
    return OrganisationCard(**{**row._mapping, "kind": Kind(row.kind)})


def organisation(organisation_id: UUID) -> OrganisationCard | None:
    """One organisation by its id."""
    return next(iter(_cards(Organisation.id == organisation_id)), None)


def by_code(code: str) -> OrganisationCard | None:
    """One organisation by its code."""
    return next(iter(_cards(Organisation.code == code)), None)


def cards(ids: Iterable[UUID]) -> dict[UUID, OrganisationCard]:
    """Several organisations by id, in one statement."""
    return {card.id: card for card in _cards(Organisation.id.in_(set(ids)))}


def below(path: str, kinds: Sequence[Kind] | None = None) -> list[OrganisationCard]:
    """The organisation at a path and all below it, in the order of the tree."""
    conditions = [under(Organisation.path, [path])]
    if kinds:
        conditions.append(Organisation.kind.in_([str(kind) for kind in kinds]))
    return _cards(*conditions)


def in_scope(paths: Sequence[str], kinds: Sequence[Kind] | None = None) -> list[OrganisationCard]:
    """All organisations at these paths and below them, in the order of the tree, parents by name."""
    conditions = [under(Organisation.path, paths)]
    if kinds:
        conditions.append(Organisation.kind.in_([str(kind) for kind in kinds]))
    return in_tree_order(_cards(*conditions))


def in_tree_order(found: Sequence[OrganisationCard]) -> list[OrganisationCard]:
    """Parents before children, siblings by code: paths are random, so they give no order of their own."""
    codes = {card.path: card.code for card in found}

    def key(card: OrganisationCard) -> list[str]:
        return [codes.get(path, "") for path in reversed(ancestors(card.path))]

    return sorted(found, key=key)


def under(column: SQLColumnExpression[str], paths: Sequence[str]) -> ColumnElement[bool]:
    """SQL: the path in `column` is one of these places or below one. Segments hold no LIKE sign."""
    if not paths:
        return false()
    return or_(*(column.startswith(path) for path in paths))


def child_of(column: SQLColumnExpression[str], path: str) -> ColumnElement[str]:
    """SQL: the place directly below `path` in which the path in `column` lies; `path` itself where it is that."""
    return func.substr(column, 1, len(path) + SEGMENT + 1)


def visible(actor: Actor, organisation_id: UUID) -> OrganisationCard | None:
    """The organisation if the actor administers it, else nothing: others' do not exist for her."""
    found = organisation(organisation_id)
    return found if found and actor.holds(Role.ADMINISTRATOR, found.path) else None


def above(path: str) -> list[OrganisationCard]:
    """The organisation at a path and all above it, nearest first."""
    found = _cards(Organisation.path.in_(ancestors(path)))
    return sorted(found, key=lambda card: -len(card.path))


def at(paths: Iterable[str]) -> list[OrganisationCard]:
    """The organisations at these very paths."""
    wanted = set(paths)
    return in_tree_order(_cards(Organisation.path.in_(wanted))) if wanted else []


def around(card: OrganisationCard) -> list[OrganisationCard]:
    """The organisation, all above it and what hangs directly below it, in the order of the tree; one statement."""
    return in_tree_order(
        _cards(or_(Organisation.path.in_(ancestors(card.path)), Organisation.parent_id == card.id))
    )


def jurisdiction_of(path: str) -> str:
    """ISO 3166-2 code of the province a place lies in ("CN-HE"); "CN" outside every province."""
    found = session().scalar(
        select(Organisation.region_code)
        .where(Organisation.path.in_(ancestors(path)), Organisation.region_code.is_not(None))
        .order_by(func.length(Organisation.path).desc())
        .limit(1)
    )
    return found or "CN"


def names_of_place(path: str) -> frozenset[str]:
    """What a jurisdiction may call the place at a path: the codes of the organisation there and of all above it, and
    the ISO 3166-2 code of its province. One statement."""
    cards = above(path)
    region = next((card.region_code for card in cards if card.region_code), None)
    return frozenset((*(card.code for card in cards), *((region,) if region else ())))


def called(names: Iterable[str]) -> list[OrganisationCard]:
    """The organisations that a jurisdiction may call by one of these names, their code or an ISO 3166-2 code; one
    statement."""
    wanted = set(names)
    return _cards(or_(Organisation.code.in_(wanted), Organisation.region_code.in_(wanted)))


def region_codes() -> dict[str, str]:
    """ISO 3166-2 codes by the path of the province that has one: what `jurisdiction_of` asks for one place, read
    once for a run over many people."""
    rows = session().execute(
        select(Organisation.path, Organisation.region_code).where(Organisation.region_code.is_not(None))
    )
    return {row.path: str(row.region_code) for row in rows}


def jurisdiction_among(codes: Mapping[str, str], path: str) -> str:
    """As `jurisdiction_of`, from the codes that `region_codes` gave."""
    return next((codes[one] for one in ancestors(path) if one in codes), "CN")


def region_above(path: str) -> OrganisationCard | None:
    """The nearest region (county, else city, else province) at a place or above it."""
    regions = (Kind.COUNTY, Kind.CITY, Kind.PROVINCE)
    return next((card for card in above(path) if card.kind in regions), None)


def table(name: str) -> FromClause:
    """The organisations as a table to join in somebody else's query (id, name, path, phone, …), so that a page
    stays one statement. Read only; the columns are those of OrganisationCard."""
    return select(*_COLUMNS).subquery(name)


def search(paths: Sequence[str], text: str, number: int = 1, size: int = SIZE) -> Page[OrganisationCard]:
    """One page of the organisations at these places and below whose name or code holds the text, by code."""
    conditions = [under(Organisation.path, paths)]
    if text:
        conditions.append(
            or_(
                Organisation.name.contains(text, autoescape=True),
                Organisation.name_en.icontains(text, autoescape=True),
                Organisation.code.contains(text.upper(), autoescape=True),
            )
        )
    return _page(conditions, number, size)


def children(parent_id: UUID, number: int = 1) -> Page[OrganisationCard]:
    """One page of what hangs directly below an organisation, by code."""
    return _page([Organisation.parent_id == parent_id], number, SIZE)


def _page(conditions: Sequence[ColumnElement[bool]], number: int, size: int) -> Page[OrganisationCard]:
    total = session().scalar(select(func.count(Organisation.id)).where(*conditions)) or 0
    rows = session().execute(
        select(*_COLUMNS).where(*conditions).order_by(Organisation.code).limit(size).offset((number - 1) * size)
    )
    return Page([_card(row) for row in rows], number, total, size)


def named(paths: Sequence[str], text: str) -> list[OrganisationCard]:
    """Open organisations at these places and below with exactly this code or name; a code wins over a name."""
    conditions = (under(Organisation.path, paths), Organisation.closed_on.is_(None))
    return _cards(*conditions, Organisation.code == text.upper()) or _cards(*conditions, Organisation.name == text)


def roots(actor: Actor) -> list[OrganisationCard]:
    """The places the actor administers, none of them inside another."""
    paths = actor.paths(Role.ADMINISTRATOR)
    tops = [p for p in paths if not any(p != other and p.startswith(other) for other in paths)]
    return in_tree_order(_cards(Organisation.path.in_(tops))) if tops else []


def has_open_children(organisation_id: UUID) -> bool:
    """Whether anything that is not closed hangs below."""
    child = aliased(Organisation)
    return bool(
        session().scalar(select(func.count()).where(child.parent_id == organisation_id, child.closed_on.is_(None)))
    )
