"""One activity for everybody who was there: an attendance list, entered as a whole or not at all.

What each of them gets is what `recording.record` would give her; only reading and writing are done for all
together. The list is judged on what a few statements read. Where somebody was faster, a constraint of the database
or the version of a year refuses the writing, all of it is taken back, and the list is judged anew.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Unpack, cast
from uuid import UUID, uuid5

from sqlalchemy import Select, Uuid, bindparam, select

from lms.credits import policies
from lms.credits.access import require_may_enter, works_here
from lms.credits.compliance import commands as compliance
from lms.credits.compliance.reading import Known
from lms.credits.entering import Told, fact_values, faults_of
from lms.credits.events import CreditsAwarded
from lms.credits.ledger.bulk import Booked, Books
from lms.credits.ledger.decisions import reasons_of
from lms.credits.ledger.learners import CLOSED
from lms.credits.ledger.looking import Seen, look_at_all
from lms.credits.ledger.rows import fact_of
from lms.credits.models import Activity, Award, RefusedActivity
from lms.credits.recording import Recorded, refused_field
from lms.credits.rules.facts import Person, RefusedError
from lms.credits.rules.judging import judge
from lms.credits.rules.policy import Policy
from lms.kernel import audit, bulk, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import run
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.events import announce
from lms.kernel.ids import new_id
from lms.kernel.text import Message, msg
from lms.people import access as people_access
from lms.people import queries as people
from lms.people.queries import PersonCard

MOST_PEOPLE = 200
TRIES_TOGETHER, TRIES_EACH = 3, 8
BUSY = msg("名单里有人的学分正在别处登记，这次什么也没有记。请再按一次“登记”。")
OTHER_LIST = msg("这份签到表已经登记过，内容和这次的不一样。请重新打开这一页，登记新的一份。")
# What may not differ when a list is sent again: all but who entered it when.
FACTS = tuple(
    Activity.__table__.c[name]
    for name in (
        "kind", "activity_code", "project_number", "title", "started_on", "on_date", "hours_milli", "quantity_milli",
        "unit", "role", "choice", "assessed", "holder", "note",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of one person on a list; `fresh`: entered now, not when the list was sent before."""

    person_id: UUID
    name: str
    recorded: Recorded
    fresh: bool


@dataclass(frozen=True, slots=True)
class ListRecorded:
    """What became of a list, person by person."""

    list_id: UUID
    people: tuple[Listed, ...]

    @property
    def awarded(self) -> tuple[Listed, ...]:
        return tuple(one for one in self.people if one.recorded.award_id)

    @property
    def without(self) -> tuple[Listed, ...]:
        """Those who earned nothing; the last of the reasons says why."""
        return tuple(one for one in self.people if not one.recorded.award_id)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is entered, by whom: the activity as a row without its id and its person."""

    actor: Actor
    list_id: UUID
    facts: dict[str, Any]

    def activity_id(self, person_id: UUID) -> UUID:
        """The same whenever this list is sent."""
        return uuid5(self.list_id, str(person_id))


@dataclass(frozen=True, slots=True)
class _Entrant:
    """Somebody on the list, with what she is judged by."""

    card: PersonCard
    person: Person
    policy: Policy


def record_list(
    actor: Actor, *, person_ids: Collection[UUID], list_id: UUID, **told: Unpack[Told]
) -> ListRecorded:
    """Enter an activity from outside for everybody on a list, as `record_activity` does for one.

    Sent again with the same `list_id` it enters only who was not on it before, and answers the same for the
    others. Raises NotFound if anybody is outside the actor's places, NotAllowed if she is on it herself, Invalid
    for what does not fit (field `people`: of somebody in particular), Conflict for a closed account and where
    others keep entering something for the same people. Then nothing is entered for anybody.
    """
    # Written in this order, so that of two lists one waits for the other and never each for the other.
    ids = sorted(set(person_ids))
    _require_size(ids)
    try:
        with bulk.all_or_nothing():
            people_access.hold(ids)
            cards = people.cards(ids)
            _require_here(actor, ids, cards)
            found = _enter_all(_Sheet(actor, list_id, fact_values(actor, told)), [cards[one] for one in ids])
    except bulk.Taken as faster:
        raise Conflict(BUSY) from faster
    if awards := tuple(one.recorded.award_id for one in found if one.fresh and one.recorded.award_id):
        announce(CreditsAwarded(awards))
    return ListRecorded(list_id, tuple(found))


def _enter_all(sheet: _Sheet, cards: Sequence[PersonCard]) -> list[Listed]:
    """Enter everybody together; where others keep being faster, one by one: whoever is entered makes the others
    wait, and of one person's year nobody is faster for long."""
    try:
        return _enter_some(sheet, cards, TRIES_TOGETHER)
    except bulk.Taken:
        return [listed for card in cards for listed in _enter_some(sheet, [card], TRIES_EACH)]


def _enter_some(sheet: _Sheet, cards: Sequence[PersonCard], tries: int) -> list[Listed]:
    """Judge and enter these people, anew as long as somebody was faster; raises Taken after so many tries."""
    for _ in range(tries):
        with suppress(bulk.Taken), bulk.all_or_nothing():
            known = _entered(sheet, cards)
            fresh = _enter(sheet, [card for card in cards if card.id not in known])
            found = known | fresh
            return [Listed(card.id, card.name, found[card.id], card.id in fresh) for card in cards]
    raise bulk.Taken


def _require_size(ids: Sequence[UUID]) -> None:
    if not ids:
        raise Invalid(fields={"people": msg("请至少勾选一个人。")})
    if len(ids) > MOST_PEOPLE:
        raise Invalid(fields={"people": msg("一份签到表最多 {most} 人，请分几份登记。", most=MOST_PEOPLE)})


def _require_here(actor: Actor, ids: Sequence[UUID], cards: Mapping[UUID, PersonCard]) -> None:
    """The same rights as for one person, for each of them."""
    for one in ids:
        require_found(cards.get(one))
    elsewhere = [one for one in ids if not works_here(actor, cards[one])]
    require_in_place(not elsewhere or people_access.seen(actor, elsewhere) == set(elsewhere))
    require_may_enter(actor, ids)


def _entered(sheet: _Sheet, cards: Sequence[PersonCard]) -> dict[UUID, Recorded]:
    """Who was on the list when it was sent before, and what she got then; raises Conflict for another list."""
    found = {}
    for row in run(_entered_select(), {"activities": [sheet.activity_id(card.id) for card in cards]}):
        if any(row._mapping[column] != sheet.facts[column.name] for column in FACTS):
            raise Conflict(OTHER_LIST)
        decision = row.given or row.refused
        found[row.person_id] = Recorded(row.id, row.award, Decimal(decision["awarded"]), reasons_of(decision))
    return found


@lru_cache(maxsize=1)
def _entered_select() -> Select[Any]:
    given, refused = Award.decision.label("given"), RefusedActivity.decision.label("refused")
    return (
        select(Activity.id, Activity.person_id, *FACTS, Award.id.label("award"), given, refused)
        .outerjoin(Award, Award.activity_id == Activity.id)
        .outerjoin(RefusedActivity, RefusedActivity.activity_id == Activity.id)
        .where(Activity.id.in_(bindparam("activities", type_=Uuid(), expanding=True)))
    )


def _enter(sheet: _Sheet, cards: Sequence[PersonCard]) -> dict[UUID, Recorded]:
    """Judge and write what nobody of these has yet; raises Taken where somebody was faster."""
    # Entered now, whenever it was tried first: what others have entered meanwhile comes before it.
    facts: dict[str, Any] = {**sheet.facts, "recorded_at": clock.now()}
    year = facts["on_date"].year
    books, years, found = Books(), list[Known](), dict[UUID, Recorded]()
    for one, seen in _looked_at(_entrants(cards, facts), year):
        account = books.resume(one.card, one.person, one.policy, seen, year, facts["recorded_at"])
        fact = {"id": sheet.activity_id(one.card.id), "person_id": one.card.id, **facts}
        booked = books.book(account, fact, new_id(), os.urandom(16))
        found[one.card.id] = _recorded(fact["id"], booked)
        if booked.award and seen.year is not None:
            years.append(replace(seen.year, awards=(*seen.year.awards, booked.award)))
    books.write()
    if not compliance.keep_all(years, year):
        raise bulk.Taken
    deeds: dict[object, dict[str, str]] = {
        one.activity_id: {"person": str(person), "kind": facts["kind"], "award": str(one.award_id or "")}
        for person, one in found.items()
    }
    audit.record_all(sheet.actor, "activity.recorded", "activity", deeds)
    return found


def _looked_at(entrants: Sequence[_Entrant], year: int) -> Iterator[tuple[_Entrant, Seen]]:
    """Everybody with her year as it is now, in the order given; one statement for all who share a policy."""
    groups: dict[str, list[_Entrant]] = {}
    for one in entrants:
        groups.setdefault(one.policy.version, []).append(one)
    found = dict[UUID, Seen]()
    for (first, *others) in groups.values():
        found |= look_at_all([one.card.id for one in (first, *others)], year, first.policy)
        if not found[first.card.id].policy_kept:
            policies.keep(first.policy)
    return ((one, found[one.card.id]) for one in entrants)


def _recorded(activity_id: UUID, booked: Booked) -> Recorded:
    award_id = booked.award.id if booked.award else None
    return Recorded(activity_id, award_id, booked.judgement.awarded, booked.judgement.reasons)


def _entrants(cards: Sequence[PersonCard], facts: Mapping[str, Any]) -> list[_Entrant]:
    """Everybody with her policy; raises Invalid or Conflict, as for one person, before anything is written."""
    closed = next((card for card in cards if card.closed), None)
    if closed is not None:
        raise Conflict(msg("{name}：{why}", name=closed.name, why=CLOSED))
    persons = policies.persons_of(cards)
    faults = _faults(cards, persons, facts)
    if faults:
        raise Invalid(fields=_told(faults, len(cards)))
    year = facts["on_date"].year
    return [_Entrant(card, persons[card.id], _policy(persons[card.id], year)) for card in cards]


def _policy(person: Person, year: int) -> Policy:
    policy = policies.for_person(person, year)
    assert policy is not None
    return policy


def _faults(
    cards: Sequence[PersonCard], persons: Mapping[UUID, Person], facts: Mapping[str, Any]
) -> list[tuple[PersonCard, dict[str, Message]]]:
    """What is wrong, by person and field. The fact is the same for all, so it is looked at once for each kind of
    person there is."""
    activity = cast(Activity, SimpleNamespace(id=None, evidence=None, **facts))
    seen: dict[tuple[Person, bool], dict[str, Message]] = {}
    found = []
    for card in cards:
        person = persons[card.id]
        kind = (person, bool(card.authority_path))
        if kind not in seen:
            seen[kind] = _faults_for(activity, card, person)
        if seen[kind]:
            found.append((card, seen[kind]))
    return found


def _faults_for(activity: Activity, card: PersonCard, person: Person) -> dict[str, Message]:
    year = activity.on_date.year
    policy = policies.for_person(person, year)
    faults = faults_of(activity, card, policy)
    if faults or policy is None:
        return faults
    try:
        judge(policy, person, fact_of(activity), year, ())
    except RefusedError as error:
        return {refused_field(error): error.message}
    return {}


def _told(faults: Sequence[tuple[PersonCard, dict[str, Message]]], people_count: int) -> dict[str, Message]:
    """What everybody's rules say alike is told at its field; what is so of some only, with the first one's name."""
    card, first = faults[0]
    common = len(faults) == people_count and all(one == first for _, one in faults)
    if common and "person_id" not in first:
        return first
    why = first.get("person_id") or next(iter(first.values()))
    return {"people": msg("{name}：{why}", name=card.name, why=why)}
