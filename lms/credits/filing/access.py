"""Who may file for a place, and who may see what it filed.

An administrator of a province, city or county (or of what lies above it) files for it; its auditors see what was
filed. The right to whole identity numbers is the administrator's too, with a reason, and each use is recorded.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_

from lms.credits.filing.models import Filing, FilingRow
from lms.kernel.access import require, require_found, require_in_place
from lms.kernel.actor import AUDITORS, Actor, Role
from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import Kind

KINDS = (Kind.PROVINCE, Kind.CITY, Kind.COUNTY)


def places(actor: Actor) -> list[OrganisationCard]:
    """The places for which the actor may file."""
    return organisations.in_scope(actor.paths(Role.ADMINISTRATOR), KINDS)


def require_place(actor: Actor, place_id: UUID) -> OrganisationCard:
    """A place for which she may file; NotFound for any other."""
    card = require_found(organisations.visible(actor, place_id))
    require_in_place(card.kind in KINDS)
    return card


def paths(actor: Actor) -> Sequence[str]:
    """The places whose filings she sees."""
    return actor.paths(*AUDITORS, Role.ADMINISTRATOR)


def require_sees(actor: Actor, filing_id: UUID) -> Filing:
    """A filing of hers to see; NotFound for any other."""
    found = require_found(session().get(Filing, filing_id))
    require_in_place(any(found.place_path.startswith(path) for path in paths(actor)))
    return found


def files(actor: Actor, filing: Filing) -> bool:
    """Whether she may take its files and enter its answers."""
    return actor.holds(Role.ADMINISTRATOR, filing.place_path)


def require_files(actor: Actor, filing_id: UUID) -> Filing:
    """A filing whose files and answers are hers to handle; NotAllowed where she may only see it."""
    found = require_sees(actor, filing_id)
    require(files(actor, found))
    return found


def mine(actor: Actor) -> ColumnElement[bool]:
    """SQL: a filed row that lies in her places: at an institution she administers, or of an award she audits."""
    return or_(
        organisations.under(FilingRow.institution_path, actor.paths(Role.ADMINISTRATOR)),
        organisations.under(FilingRow.authority_path, actor.paths(Role.ADMINISTRATOR, *AUDITORS)),
    )
