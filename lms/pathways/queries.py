"""What is read of pathways: standings, who follows what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from lms.credits.queries import Standing as Year
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.pathways import catalogue, facts
from lms.pathways.facts import About
from lms.pathways.models import Following
from lms.pathways.rules.clocks import ClockState, clocks
from lms.pathways.rules.judging import PathwayStanding, judge
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import Facts
from lms.people import queries as people
from lms.people.queries import PersonCard


@dataclass(frozen=True, slots=True)
class Overview:
    """What somebody keeps up, and her ways: those she goes, and the others open to her, the nearest first."""

    day: date
    person: PersonCard
    duties: tuple[PathwayStanding, ...]
    clocks: tuple[ClockState, ...]
    followed: tuple[PathwayStanding, ...]
    others: tuple[PathwayStanding, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One pathway and where somebody stands on it."""

    day: date
    person: PersonCard
    standing: PathwayStanding
    followed: bool


def overview(actor: Actor) -> Overview:
    """Her duties and ways. Raises NotSignedIn."""
    person, found = _about(actor)
    day, known, going = clock.today(), found.facts, found.going
    duties = tuple(judge(one, known, day) for one in catalogue.duties(person.population))
    others = [one for one in catalogue.ways(person.population, person.authority_path) if one not in going]
    if any(one.modules for one in (*going, *others)):
        known = facts.with_modules(known, person.id, day)
    return Overview(
        day=day,
        person=person,
        duties=duties,
        clocks=clocks_of(duties, found.year),
        followed=tuple(judge(one, known, day) for one in going),
        others=tuple(sorted((judge(one, known, day) for one in others), key=_nearest)),
    )


def _nearest(one: PathwayStanding) -> tuple[float, int, int, str]:
    """The nearest first; of equally near ones that which is made for fewer kinds of staff."""
    return -one.share, -one.waiting, len(one.pathway.populations), one.pathway.id


def way(actor: Actor, pathway_id: str) -> Way:
    """One of her duties or ways. Raises NotSignedIn, and NotFound for what is not open to her."""
    person, found = _about(actor)
    day, known, going = clock.today(), found.facts, found.going
    pathway = require_found(catalogue.known(pathway_id))
    if pathway not in going:
        _require_open(person, pathway)
    if pathway.modules:
        known = facts.with_modules(known, person.id, day)
    return Way(day, person, judge(pathway, known, day), pathway in going)


def open_way(actor: Actor, pathway_id: str) -> Pathway:
    """A way that somebody may go, not a duty. Raises NotSignedIn, NotFound."""
    require_signed_in(actor)
    person = require_found(people.person(require_found(actor.person_id)))
    pathway = require_found(catalogue.known(pathway_id))
    require_in_place(not pathway.duty)
    _require_open(person, pathway)
    return pathway


def _require_open(person: PersonCard, pathway: Pathway) -> None:
    require_in_place(
        pathway in catalogue.duties(person.population)
        or pathway in catalogue.ways(person.population, person.authority_path)
    )


def _about(actor: Actor) -> tuple[PersonCard, About]:
    require_signed_in(actor)
    person = require_found(people.person(require_found(actor.person_id)))
    return person, facts.about(person)


def clocks_of(duties: Sequence[PathwayStanding], year: Year | None) -> tuple[ClockState, ...]:
    """The clocks of her duties, the year's ending when her policy says."""
    return clocks(duties, year.deadline if year else None)


def clocks_for(card: PersonCard, found: About) -> tuple[ClockState, ...]:
    """Her clocks today. No statement."""
    day = clock.today()
    return clocks_of([judge(one, found.facts, day) for one in catalogue.duties(card.population)], found.year)


def going(found: About) -> tuple[PathwayStanding, ...]:
    """Where she stands today on the ways that she goes. No statement: of a way with modules, what is done of them is
    not known here, so that nothing may be said of how far she is."""
    return tuple(judge(one, found.facts, clock.today()) for one in found.going)


def followed(person_ids: Collection[UUID]) -> dict[UUID, tuple[Pathway, ...]]:
    """The ways that people go, in the order in which they chose them; a way the house no longer has is left out.
    One statement."""
    rows = session().execute(
        select(Following.person_id, Following.pathway)
        .where(Following.person_id.in_(person_ids), Following.stopped_on.is_(None))
        .order_by(Following.since, Following.pathway)
    )
    found: dict[UUID, tuple[Pathway, ...]] = dict.fromkeys(person_ids, ())
    for person_id, pathway_id in rows:
        pathway = catalogue.known(pathway_id)
        if pathway is not None:
            found[person_id] += (pathway,)
    return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way that somebody chose; `stopped_on`: the day on which she stopped, None while she goes it; `why`: as she
    said it, empty where she did not."""

    pathway: Pathway
    stopped_on: date | None
    why: str


def chosen(person_ids: Collection[UUID]) -> dict[UUID, tuple[Chosen, ...]]:
    """The ways that people go and those they have stopped, by the house's pathways. One statement."""
    rows = session().execute(
        select(Following.person_id, Following.pathway, Following.stopped_on, Following.stopped_why)
        .where(Following.person_id.in_(person_ids))
        .order_by(Following.since, Following.pathway)
    )
    found: dict[UUID, tuple[Chosen, ...]] = dict.fromkeys(person_ids, ())
    for row in rows:
        pathway = catalogue.known(row.pathway)
        if pathway is not None:
            found[row.person_id] += (Chosen(pathway, row.stopped_on, row.stopped_why or ""),)
    return found


def standings(card: PersonCard, known: Facts, ways: Sequence[Pathway], day: date | None = None) -> tuple[
    tuple[PathwayStanding, ...], tuple[PathwayStanding, ...]
]:
    """Where somebody stands: her duties, and the ways she goes. No statement."""
    on = day or clock.today()
    mine = catalogue.duties(card.population)
    return tuple(judge(one, known, on) for one in mine), tuple(judge(one, known, on) for one in ways)
