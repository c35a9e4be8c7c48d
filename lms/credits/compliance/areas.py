"""Which places a reader of compliance has, and which years within them are hers to see.

Whoever audits a place sees the people audited there; whoever administers it, those who work there. Any
other place does not exist for her.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from lms.credits.models import YearResult
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import AUDITORS, Actor, Role
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard


@dataclass(frozen=True, slots=True)
class Area:
    """A place as the reader may see it, with the way down to it from the top of her places."""

    place: OrganisationCard
    above: tuple[OrganisationCard, ...]
    below: tuple[OrganisationCard, ...]
    administers: bool


def tops(actor: Actor) -> list[OrganisationCard]:
    """The places the actor audits or administers, none of them inside another; NotFound if there are none."""
    paths = actor.paths(*AUDITORS, Role.ADMINISTRATOR)
    require_in_place(bool(paths))
    outer = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    return organisations.at(outer)


def area(actor: Actor, place_id: UUID) -> Area:
    """The place and its surroundings; NotFound outside the actor's places. Two statements."""
    return around(actor, require_found(organisations.organisation(place_id)))


def around(actor: Actor, card: OrganisationCard) -> Area:
    """As `area`, of a place whose card is known; one statement."""
    hers = actor.paths(*AUDITORS, Role.ADMINISTRATOR)
    require_in_place(any(card.path.startswith(path) for path in hers))
    near = organisations.around(card)
    above = [one for one in near if card.path != one.path and card.path.startswith(one.path)]
    return Area(
        place=card,
        above=tuple(one for one in above if any(one.path.startswith(path) for path in hers)),
        below=tuple(one for one in near if one.parent_id == card.id),
        administers=actor.holds(Role.ADMINISTRATOR, card.path),
    )


def seen(actor: Actor, found: Area, year: int) -> list[ColumnElement[bool]]:
    """SQL: of that year, filed at the place or below, and the actor's to see."""
    conditions = [YearResult.year == year, *_below(found.place.path)]
    if not found.administers and not _audits_all(actor, found.place.path):
        conditions.append(mine(actor))
    return conditions


def _below(path: str) -> tuple[ColumnElement[bool], ...]:
    """SQL: filed at the path or below it, as a range of the index: `0` is the sign that follows the slash."""
    return YearResult.place_path >= path, YearResult.place_path < f"{path.removesuffix('/')}0"


def _audits_all(actor: Actor, path: str) -> bool:
    """Whether nobody else audits there: a year is filed below its authority, and nothing is above a province."""
    return any(path.startswith(one) and one.count("/") <= 2 for one in actor.paths(*AUDITORS))


def mine(actor: Actor) -> ColumnElement[bool]:
    """SQL: a year that the actor may see."""
    return or_(
        organisations.under(YearResult.authority_path, actor.paths(*AUDITORS)),
        organisations.under(YearResult.place_path, actor.paths(Role.ADMINISTRATOR)),
    )
