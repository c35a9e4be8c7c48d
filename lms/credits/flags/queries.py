"""What is read of flags: the reviewer's queue, one flag with its evidence, and a doctor's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from lms.assessments import traces
from lms.courses import editions
from lms.credits.flags.access import hindrance, require_area
from lms.credits.flags.commands import NEXT
from lms.credits.flags.models import Flag, FlagPerson, FlagStep
from lms.credits.flags.rules.facts import Kind
from lms.credits.flags.words import STATE_NAMES, sentences
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import AUDITORS, Actor
from lms.kernel.db import session
from lms.kernel.errors import NotFound
from lms.kernel.i18n import in_locale
from lms.kernel.paging import SIZE, Page
from lms.kernel.text import Message
from lms.organisations.queries import under
from lms.people import queries as people
from lms.people.queries import PersonCard

# A list never counts further than this: the cost of a page must not grow with the province.
MOST = 10_000
MOST_OWN = 50


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag in a list."""

    id: UUID
    kind: str
    names: tuple[str, ...]
    workplaces: tuple[str, ...]
    sentence: Message
    state: str
    noticed_at: datetime


@dataclass(frozen=True, slots=True)
class FlagQueue:
    """A page of the queue, with the number in each state under the same filter."""

    page: Page[FlagRow]
    counts: dict[str, int]
    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was said or decided."""

    what: str
    at: datetime
    by_name: str
    reason_code: str
    text: str


@dataclass(frozen=True, slots=True)
class SameAnswer:
    """A question to which both gave the same wrong answer. Staff only."""

    course: str
    question: str
    answer: str
    percent: int


@dataclass(frozen=True, slots=True)
class Taken:
    """One test on a device."""

    name: str
    workplace: str
    course: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class FlagView:
    """One flag with its evidence, for the reviewer."""

    id: UUID
    kind: str
    state: str
    version: int
    noticed_at: datetime
    people: tuple[PersonCard, ...]
    sentences: tuple[Message, ...]
    same: tuple[SameAnswer, ...]
    taken: tuple[Taken, ...]
    steps: tuple[Step, ...]
    hindrance: Message | None
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnFlag:
    """A flag on oneself: the same sentences, nobody else's name, no answers."""

    id: UUID
    kind: str
    state: str
    noticed_at: datetime
    sentences: tuple[Message, ...]
    steps: tuple[Step, ...]


def queue(actor: Actor, state: str, kind: str, number: int) -> FlagQueue:
    """The flags of the actor's area; NotFound if she audits nothing."""
    paths = actor.paths(*AUDITORS)
    require_in_place(bool(paths))
    conditions = [under(Flag.authority_path, paths)]
    if kind:
        conditions.append(Flag.kind == kind)
    counts = _counts(conditions)
    flags = session().scalars(
        select(Flag)
        .where(*conditions, Flag.state == state)
        .order_by(Flag.id.desc())
        .offset((min(number, MOST // SIZE) - 1) * SIZE)
        .limit(SIZE)
    )
    return FlagQueue(Page(_rows(list(flags)), number, counts[state]), counts, state, kind)


def _counts(conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    columns = [
        select(func.count())
        .select_from(select(Flag.id).where(*conditions, Flag.state == state).limit(MOST).subquery())
        .scalar_subquery()
        .label(state)
        for state in STATE_NAMES
    ]
    return dict(session().execute(select(*columns)).one()._mapping)


def _rows(flags: Sequence[Flag]) -> list[FlagRow]:
    named = _named([flag.id for flag in flags])
    return [
        FlagRow(
            id=flag.id,
            kind=flag.kind,
            names=tuple(card.name for card in named[flag.id]),
            workplaces=tuple(dict.fromkeys(card.workplace_name for card in named[flag.id] if card.workplace_name)),
            sentence=sentences(flag.kind, flag.evidence)[0],
            state=flag.state,
            noticed_at=flag.noticed_at,
        )
        for flag in flags
    ]


def _named(flag_ids: Sequence[UUID]) -> dict[UUID, list[PersonCard]]:
    """The people of these flags; two statements."""
    rows = session().execute(
        select(FlagPerson.flag_id, FlagPerson.person_id)
        .where(FlagPerson.flag_id.in_(flag_ids))
        .order_by(FlagPerson.person_id)
    )
    pairs = rows.all()
    cards = people.cards({row.person_id for row in pairs})
    found: dict[UUID, list[PersonCard]] = {flag_id: [] for flag_id in flag_ids}
    for row in pairs:
        found[row.flag_id].append(cards[row.person_id])
    return found


def flag_view(actor: Actor, flag_id: UUID) -> FlagView:
    """A flag of her area; NotFound for any other."""
    flag = require_found(session().get(Flag, flag_id))
    require_area(actor, flag.authority_path)
    named = _named([flag_id])[flag_id]
    hindered = hindrance(actor, named)
    cards = {str(card.id): card for card in named}
    return FlagView(
        id=flag.id,
        kind=flag.kind,
        state=flag.state,
        version=flag.version,
        noticed_at=flag.noticed_at,
        people=tuple(named),
        sentences=tuple(sentences(flag.kind, flag.evidence)),
        same=_same(flag.evidence) if flag.kind == Kind.COPY else (),
        taken=_taken(flag.evidence, cards) if flag.kind == Kind.DEVICE else (),
        steps=_steps(flag_id),
        hindrance=hindered,
        actions=() if hindered else NEXT[flag.state],
    )


def _same(evidence: Mapping[str, Any]) -> tuple[SameAnswer, ...]:
    found = []
    for one in evidence["same"]:
        question, answer = traces.worded(UUID(one["course"]), one["item"], one["response"])
        found.append(SameAnswer(_course(one["course"]), question, answer, round(one["share"] * 100)))
    return tuple(found)


def _taken(evidence: Mapping[str, Any], cards: Mapping[str, PersonCard]) -> tuple[Taken, ...]:
    return tuple(
        Taken(
            cards[one["person"]].name,
            cards[one["person"]].workplace_name,
            _course(one["course"]),
            datetime.fromisoformat(one["at"]),
            datetime.fromisoformat(one["until"]),
        )
        for one in evidence["sittings"]
        if one["person"] in cards
    )


def _course(edition_id: str) -> str:
    try:
        return in_locale(editions.edition(UUID(edition_id)).titles)
    except NotFound:
        return edition_id


def _steps(flag_id: UUID, reader: UUID | None = None) -> tuple[Step, ...]:
    """All steps, or those that a doctor may read: the reviewer's and her own."""
    found = select(FlagStep).where(FlagStep.flag_id == flag_id).order_by(FlagStep.at, FlagStep.id)
    return tuple(
        Step(one.action, one.at, one.by_name, one.reason_code, one.text)
        for one in session().scalars(found)
        if reader is None or one.action != "reply" or one.by == reader
    )


def own_flags(person_id: UUID | None) -> list[OwnFlag]:
    """The flags on oneself, newest first."""
    found = session().scalars(
        select(Flag)
        .join(FlagPerson, FlagPerson.flag_id == Flag.id)
        .where(FlagPerson.person_id == person_id)
        .order_by(Flag.id.desc())
        .limit(MOST_OWN)
    )
    return [_own(flag, ()) for flag in found]


def own_flag(actor: Actor, flag_id: UUID) -> OwnFlag:
    """A flag on oneself; NotFound for anybody else's."""
    hers = select(Flag).join(FlagPerson, FlagPerson.flag_id == Flag.id)
    found = session().scalar(hers.where(Flag.id == flag_id, FlagPerson.person_id == actor.person_id))
    return _own(require_found(found), _steps(flag_id, actor.person_id))


def _own(flag: Flag, steps: tuple[Step, ...]) -> OwnFlag:
    said = tuple(sentences(flag.kind, flag.evidence))
    return OwnFlag(flag.id, flag.kind, flag.state, flag.noticed_at, said, steps)


def counts_of_house() -> dict[str, dict[str, int]]:
    """How many flags there are, by kind and state."""
    rows = session().execute(select(Flag.kind, Flag.state, func.count()).group_by(Flag.kind, Flag.state))
    counts = {kind.value: dict.fromkeys(STATE_NAMES, 0) for kind in Kind}
    for kind, state, number in rows:
        counts[kind][state] = number
    return counts


def waiting_for(person_id: UUID) -> int:
    """How many flags on a person wait for her word or for a reviewer."""
    return (
        session().scalar(
            select(func.count())
            .select_from(FlagPerson)
            .join(Flag, Flag.id == FlagPerson.flag_id)
            .where(FlagPerson.person_id == person_id, Flag.state != "closed")
        )
        or 0
    )
