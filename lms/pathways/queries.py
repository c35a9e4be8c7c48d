"""What is read of pathways: standings, who follows what."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from lms.kernel import clock
from lms.kernel.db import session
from lms.pathways import catalogue, facts
from lms.pathways.models import Following
from lms.pathways.rules.judging import PathwayStanding, judge
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import Facts
from lms.people.queries import PersonCard


def followed(person_ids: Collection[UUID]) -> dict[UUID, tuple[Pathway, ...]]:
    """The ways that people go, in the order in which they chose them; a way the house no longer has is left out.
    One statement."""
    rows = session().execute(
        select(Following.person_id, Following.pathway)
        .where(Following.person_id.in_(person_ids))
        .order_by(Following.since, Following.pathway)
    )
    found: dict[UUID, tuple[Pathway, ...]] = dict.fromkeys(person_ids, ())
    for person_id, pathway_id in rows:
        pathway = catalogue.known(pathway_id)
        if pathway is not None:
            found[person_id] += (pathway,)
    return found


def standings(card: PersonCard, known: Facts, ways: Sequence[Pathway], day: date | None = None) -> tuple[
    tuple[PathwayStanding, ...], tuple[PathwayStanding, ...]
]:
    """Where somebody stands: her duties, and the ways she goes. No statement."""
    on = day or clock.today()
    mine = catalogue.duties(card.population)
    return tuple(judge(one, known, on) for one in mine), tuple(judge(one, known, on) for one in ways)


def standings_of(
    cards: Collection[PersonCard], pathway: Pathway, day: date | None = None
) -> Mapping[UUID, PathwayStanding]:
    """Where many people stand on one pathway, in a constant number of statements."""
    on = day or clock.today()
    known = facts.facts_of(cards, on, programmes=bool(pathway.modules))
    return {one.id: judge(pathway, known[one.id], on) for one in cards}
