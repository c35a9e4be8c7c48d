"""What an auditor sees: the queue of her area, and whether an award of it is hers to decide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from lms.credits.access import Standing, level, same_institution
from lms.credits.auditing import seconds
from lms.credits.auditing.areas import Area, area
from lms.credits.models import Activity, Award, YearResult
from lms.credits.rules.reasons import STATES
from lms.kernel import clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import AUDITORS, Actor
from lms.kernel.db import session
from lms.kernel.paging import SIZE, Page
from lms.kernel.quantities import from_milli
from lms.kernel.text import N_, folded
from lms.people import queries as people
from lms.people.queries import PersonCard

# A list never counts further than this: the cost of a page must not grow with the province.
MOST = 10_000
# The states of awards, and apart from them what waits for a second person.
SECOND = "second"
LISTS = STATES | {SECOND: N_("等第二人")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to."""

    state: str = "granted"
    year: int | None = None
    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One award in the queue. `two`: approving it takes two persons; `second`: it waits for the second; `own`: the
    actor's own, or of her institution, so that others decide."""

    id: UUID
    version: int
    name: str
    workplace_name: str
    titles: dict[str, str]
    kind: str
    on_date: date
    hours: Decimal
    credits: Decimal
    state: str
    answered: bool
    awarded_at: datetime
    own: bool
    colleague: bool
    two: bool
    second: bool

    @property
    def ticks(self) -> bool:
        """Whether she may tick it, to approve it with others."""
        return self.state == "granted" and not (self.own or self.colleague or self.second)


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and how many awards there are in each state under the same filters."""

    page: Page[QueueRow]
    counts: dict[str, int]
    filters: Filters


def queue(actor: Actor, filters: Filters, number: int) -> Queue:
    """The awards of the actor's area; NotFound if she audits nothing."""
    here, conditions = _area(actor), _conditions(filters)
    counts = _counts([here.here, *conditions])
    offset = (min(number, MOST // SIZE) - 1) * SIZE
    rows = _rows(actor, here.newest([*conditions, _listed(filters.state)], SIZE, offset))
    return Queue(Page(rows, number, counts[filters.state]), counts, filters)


def _area(actor: Actor) -> Area:
    """What she audits; NotFound where that is nothing."""
    paths = actor.paths(*AUDITORS)
    require_in_place(bool(paths))
    return area(paths)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.year is not None:
        found.append(Award.credit_year == filters.year)
    if filters.kind:
        found.append(Award.kind == filters.kind)
    for word in folded(filters.text).split():
        found.append(Award.search_text.contains(word, autoescape=True))
    return found


def _listed(state: str) -> ColumnElement[bool]:
    return seconds.waiting() if state == SECOND else Award.state == state


def _counts(conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    columns = [
        select(func.count())
        .select_from(select(Award.id).where(*conditions, _listed(state)).limit(MOST).subquery())
        .scalar_subquery()
        .label(state)
        for state in LISTS
    ]
    return dict(session().execute(select(*columns)).one()._mapping)


def _rows(actor: Actor, ids: Select[tuple[UUID]]) -> list[QueueRow]:
    """These awards as rows, newest first."""
    rows = session().execute(
        select(Award, Activity.title)
        .join(Activity, Activity.id == Award.activity_id)
        .where(Award.id.in_(ids))
        .order_by(Award.id.desc())
    )
    awards = rows.all()
    cards = people.cards({award.person_id for award, _ in awards} | mine(actor))
    open_ones = seconds.open_proposals([award.id for award, _ in awards])
    return [row_of(actor, award, title, cards, second=award.id in open_ones) for award, title in awards]


def mine(actor: Actor) -> set[UUID]:
    """The actor's id, to be among those whose cards are read."""
    return {actor.person_id} if actor.person_id else set()


def row_of(
    actor: Actor, award: Award, titles: dict[str, str], cards: dict[UUID, PersonCard], *, second: bool
) -> QueueRow:
    """An award as a row; `cards` hold the actor's and the doctor's."""
    card = cards[award.person_id]
    return QueueRow(
        id=award.id,
        version=award.version,
        name=card.name,
        workplace_name=card.workplace_name,
        titles=titles,
        kind=award.kind,
        on_date=award.on_date,
        hours=from_milli(award.hours_milli),
        credits=from_milli(award.awarded_milli),
        state=award.state,
        answered=award.answered,
        awarded_at=award.awarded_at,
        own=award.person_id == actor.person_id,
        colleague=_colleague(actor, card, cards),
        two=seconds.takes_second(award, "approve"),
        second=second,
    )


def _colleague(actor: Actor, card: PersonCard, cards: dict[UUID, PersonCard]) -> bool:
    return same_institution(cards.get(actor.person_id) if actor.person_id else None, card)


def years() -> list[int]:
    """The years of the house, latest first: from the first in which anybody's year is stored. Of an area they would be
    a walk through all of its awards."""
    first = session().scalar(select(func.min(YearResult.year)))
    return list(range(clock.today().year, first - 1, -1)) if first is not None else []


def next_waiting(actor: Actor, after: UUID) -> UUID | None:
    """The next award in the queue that waits to be audited and that she may decide."""
    here = area(actor.paths(*AUDITORS))
    waits = [Award.state == "granted", Award.person_id != actor.person_id, ~seconds.waiting()]
    return _first(actor, here.newest([*waits, Award.id < after], SIZE)) or _first(
        actor, here.newest([*waits, Award.id > after], SIZE)
    )


def _first(actor: Actor, ids: Select[tuple[UUID]]) -> UUID | None:
    """Of these, the first whose doctor is of another institution."""
    found = session().execute(
        select(Award.id, Award.person_id).where(Award.id.in_(ids)).order_by(Award.id.desc())
    ).all()
    cards = people.cards({row.person_id for row in found} | mine(actor)) if found else {}
    return next((row.id for row in found if not _colleague(actor, cards[row.person_id], cards)), None)


def standing_of(actor: Actor, award: Award) -> Standing:
    """Of an award, what decides whether the actor may act on it; two statements."""
    found = standing_among(actor, award, people.cards({award.person_id} | mine(actor)))
    return replace(found, recorded_by=session().get_one(Activity, award.activity_id).recorded_by)


def standing_among(actor: Actor, award: Award, cards: dict[UUID, PersonCard]) -> Standing:
    """As `standing_of`, where the cards of both are known."""
    return Standing(
        award.person_id, award.authority_path, award.state, award.decided_level,
        colleague=_colleague(actor, cards[award.person_id], cards),
    )  # fmt: skip


def award_in_area(actor: Actor, award_id: UUID) -> Award:
    """An award of the actor's area; NotFound for any other."""
    award = require_found(session().get(Award, award_id))
    require_in_place(level(actor, award.authority_path) > 0)
    return award
