"""Writing standings: one person's after something of hers has changed, everybody's by night.

A row is written over an older one only: whoever began to compute later has read later."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Uuid, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from lms.kernel import clock, outbox
from lms.kernel.db import session
from lms.kernel.ids import new_id
from lms.pathways import catalogue, facts, queries
from lms.pathways.county.models import NOT_SAID, PathwayResult
from lms.pathways.queries import Chosen
from lms.pathways.rules.judging import PathwayStanding, judge
from lms.pathways.rules.months import later
from lms.pathways.rules.records import Facts, Kind
from lms.pathways.rules.states import Judged, State
from lms.people import access
from lms.people import queries as people
from lms.people.notices import licences

REFRESH, RANGE = "pathways.refresh", "pathways.range"
BATCH = 500
HOUR = 4
"""Of the night, after the years have been judged (credits.compliance)."""
EXAM = "exam"
LICENSED = "village-doctor-duties"
KEY = ("person_id", "pathway")


def changed(*person_ids: UUID) -> None:
    """Something of these people has changed in this transaction: make their rows anew after it."""
    for start in range(0, len(person_ids), BATCH):
        hers = [str(one) for one in person_ids[start : start + BATCH]]
        outbox.send(REFRESH, key=f"{REFRESH}:{new_id()}", people=hers)


def refresh(person_ids: Collection[UUID]) -> int:
    """Make the rows of people anew; how many there are now. Ten statements at most, however many people. Two that
    compute the same people wait for each other: what one removed, the other must not write again."""
    access.hold_alone(*person_ids)
    begun = clock.now()
    today = clock.today()
    cards = people.cards(person_ids)
    places = {row.person_id: row for row in session().execute(_places_select(), _days(today, list(cards)))}
    known = facts.facts_of(list(cards.values()), today)
    ways = queries.chosen(list(cards))
    rows = []
    for card in cards.values():
        if card.id not in places or card.closed:
            continue
        duties = (Chosen(one, None, "") for one in catalogue.duties(card.population))
        for one in (*duties, *(way for way in ways[card.id] if not way.pathway.duty)):
            found = judge(one.pathway, known[card.id], today)
            rows.append(_row(found, known[card.id], places[card.id], begun) | _stopped(one))
    _forget(person_ids, begun)
    if rows:
        session().execute(_upsert(), rows)
    return len(rows)


def _days(today: date, person_ids: list[UUID]) -> dict[str, Any]:
    return {"on": today, "today": today, "people": person_ids}


@lru_cache(maxsize=1)
def _places_select() -> Select[Any]:
    placed = people.placements()
    wanted = bindparam("people", type_=Uuid(), expanding=True)
    return select(placed.c.person_id, placed.c.workplace_path, placed.c.authority_path).where(
        placed.c.person_id.in_(wanted)
    )


def _row(found: PathwayStanding, known: Facts, place: Any, begun: datetime) -> dict[str, Any]:
    inside = place.workplace_path.startswith(place.authority_path)
    lacking = found.lacking
    return {
        "person_id": place.person_id,
        "pathway": found.pathway.id,
        "place_path": place.workplace_path if inside else place.authority_path,
        "authority_path": place.authority_path,
        "stage": found.stage or "",
        "asked": len(found.asked),
        "verified": found.verified,
        "lacking": " ".join(one.code for one in lacking),
        "waiting": " ".join(one.code for one in lacking if one.state is State.SUBMITTED),
        "lapsed": " ".join(one.code for one in lacking if _lapsed(one.judged)),
        "failed": " ".join(one.code for one in lacking if one.judged.failed),
        "before_exam": _before_exam(found),
        "licence_until": _licence(known),
        "computed_at": begun,
    }


def _stopped(one: Chosen) -> dict[str, Any]:
    return {"stopped_on": one.stopped_on, "stopped_why": (one.why or NOT_SAID) if one.stopped_on else ""}


def _lapsed(judged: Judged) -> bool:
    """Whether it has ended, was not accepted, or was an examination that she did not pass."""
    return judged.state in (State.EXPIRED, State.REJECTED) or judged.failed is not None


def _before_exam(found: PathwayStanding) -> int:
    """How many requirements are unmet before the examination; -1 where there is none, nothing of it is left, or a ban
    keeps her from it: no step of hers ends a ban."""
    stages = [one.id for one in found.pathway.stages]
    if EXAM not in stages or all(one.judged.met for one in found.in_stage(EXAM)):
        return -1
    earlier = stages[: stages.index(EXAM)]
    unmet = [one for one in found.lacking if one.requirement.stage in earlier]
    return -1 if any(one.judged.barred for one in unmet) else len(unmet)


def _licence(known: Facts) -> date | None:
    """The last day of the village licence that ends last."""
    ends = [one.until for one in known.records if one.kind is Kind.VILLAGE_LICENCE and one.verified]
    return max((day for day in ends if day is not None), default=None)


def forget(person_ids: Sequence[UUID]) -> None:
    """Remove the rows of people who were entered by mistake and never were anybody."""
    session().execute(delete(PathwayResult).where(PathwayResult.person_id.in_(person_ids)))


def _forget(person_ids: Collection[UUID], begun: datetime) -> None:
    """Rows of people that were not written since: a way she no longer goes, a duty that is not hers any more."""
    session().execute(
        delete(PathwayResult)
        .where(PathwayResult.person_id.in_(person_ids), PathwayResult.computed_at < begun)
        .execution_options(synchronize_session=False)
    )


def _upsert() -> Insert:
    return _upsert_for(session().get_bind().dialect.name)


@lru_cache(maxsize=2)
def _upsert_for(dialect: str) -> Insert:
    table = PathwayResult.__table__
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)  # type: ignore[arg-type]
    values = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in KEY}
    return insert.on_conflict_do_update(
        index_elements=KEY, set_=values, where=table.c.computed_at <= insert.excluded.computed_at
    )


def nightly() -> None:
    """Once a night, and as long as nobody's standing is kept (a new house): send the ranges."""
    now, nobody = clock.local(clock.now()), session().scalar(select(PathwayResult.person_id).limit(1)) is None
    if now.hour < HOUR and not nobody:
        return
    # The night's ranges may have been sent already before everything kept was let go of.
    when = f"{now:%Y-%m-%dT%H}" if nobody else f"{now:%Y-%m-%d}"
    fences = people.fences(BATCH)
    for start, end in zip(fences, [*fences[1:], None], strict=True):
        outbox.send(
            RANGE, key=f"{RANGE}:{when}:{start}", start=str(start), end=str(end) if end else ""
        )


def licence_ends(person_ids: Sequence[UUID]) -> dict[UUID, date]:
    """The last days of people's village licences, as their standings have them; one statement."""
    rows = session().execute(
        select(PathwayResult.person_id, PathwayResult.licence_until).where(
            PathwayResult.pathway == LICENSED, PathwayResult.person_id.in_(person_ids)
        )
    )
    return {row.person_id: row.licence_until for row in rows if row.licence_until is not None}


def remind_of_licences() -> int:
    """Once a day, after the night's standings: remind whose village licence on record ends soon, by the rules of
    people.notices.licences; of how many that holds. Who is on the roster only is reminded from there, and once."""
    now = clock.local(clock.now())
    if now.hour < HOUR + 2:
        return 0
    rows = session().execute(
        select(PathwayResult.person_id, PathwayResult.licence_until).where(
            PathwayResult.pathway == LICENSED, PathwayResult.licence_until >= now.date(),
            PathwayResult.licence_until <= later(now.date(), licences.SOON),
        )
    )  # fmt: skip
    ends = {row.person_id: row.licence_until for row in rows if row.licence_until is not None}
    licences.remind(ends)  # once, however often the clock comes by
    return len(ends)


def recompute(start: UUID, end: UUID | None) -> int:
    """Make the rows of everybody in a range of ids anew."""
    return refresh(list(_range(start, end)))


def _range(start: UUID, end: UUID | None) -> Iterable[UUID]:
    names = people.names()
    wanted = select(names.c.id).where(names.c.id >= start).order_by(names.c.id)
    return session().scalars(wanted if end is None else wanted.where(names.c.id < end))
