"""Rotations: a person's, a supervisor's, one by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.organisations import queries as organisations
from lms.people import queries as people
from lms.teaching import rules
from lms.teaching.access import is_teacher, plans_for, supervised_rotation
from lms.teaching.models import Rotation
from lms.teaching.steps import Step, steps_of_rotation


@dataclass(frozen=True, slots=True)
class RotationCard:
    """A rotation; `exam` is pass or fail once it is finished, else None."""

    id: UUID
    person_id: UUID
    person_name: str
    programme: str
    module: str
    titles: Mapping[str, str]
    site_id: UUID
    site: Mapping[str, str]
    supervisor_id: UUID
    supervisor_name: str
    starts_on: date
    ends_on: date
    state: str
    exam: str | None
    version: int
    signed_at: datetime | None

    @property
    def span(self) -> rules.Span:
        return rules.Span(self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True)
class SeenRotation:
    """A rotation before somebody: what happened to it, and as whom she may act."""

    card: RotationCard
    steps: list[Step]
    may_plan: bool
    may_sign: bool
    may_return: bool
    own: bool


def rotation_cards() -> Select[Any]:
    """SQL: rotations with the names of people and sites, to be narrowed."""
    site, supervisor, person = organisations.table("site"), people.names("supervisor"), people.names("learner")
    return (
        select(
            Rotation.__table__,
            site.c.name.label("site_name"),
            site.c.name_en.label("site_name_en"),
            supervisor.c.name.label("supervisor_name"),
            person.c.name.label("person_name"),
        )
        .join(site, site.c.id == Rotation.site_id)
        .join(supervisor, supervisor.c.id == Rotation.supervisor_id)
        .join(person, person.c.id == Rotation.person_id)
    )


def as_card(row: Any) -> RotationCard:
    """A row of `rotation_cards`."""
    return RotationCard(
        id=row.id, person_id=row.person_id, person_name=row.person_name, programme=row.programme, module=row.module,
        titles=row.titles, site_id=row.site_id, site={"zh": row.site_name, "en": row.site_name_en},
        supervisor_id=row.supervisor_id, supervisor_name=row.supervisor_name, starts_on=row.starts_on,
        ends_on=row.ends_on, state=row.state, exam=row.exam, version=row.version, signed_at=row.signed_at,
    )  # fmt: skip


def rotations_of(person_ids: Collection[UUID]) -> dict[UUID, list[RotationCard]]:
    """The rotations of several people, by their first days; cancelled ones too. One statement."""
    rows = session().execute(
        rotation_cards().where(Rotation.person_id.in_(person_ids)).order_by(Rotation.starts_on, Rotation.id)
    )
    found: dict[UUID, list[RotationCard]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(as_card(row))
    return found


def rotation_card(rotation_id: UUID) -> RotationCard:
    """One rotation; NotFound without it. The caller has judged who may see it."""
    return as_card(require_found(session().execute(rotation_cards().where(Rotation.id == rotation_id)).one_or_none()))


def seen_rotation(actor: Actor, rotation_id: UUID) -> SeenRotation:
    """A rotation before the person herself, its supervisor, or who plans in her area; NotFound before anybody else."""
    card = rotation_card(rotation_id)
    own, his = card.person_id == actor.person_id, card.supervisor_id == actor.person_id
    plans = plans_for(actor, require_found(people.person(card.person_id)))
    require_in_place(actor.signed_in and (own or his or plans))
    return SeenRotation(
        card, steps_of_rotation(rotation_id), may_plan=plans and card.state in rules.OPEN,
        may_sign=his and card.state == rules.PLANNED and is_teacher(actor),
        may_return=his and card.state == rules.PLANNED, own=own,
    )  # fmt: skip


def rotation_to_sign(actor: Actor, rotation_id: UUID) -> None:
    """Whether it names her as its supervisor; NotFound otherwise."""
    supervised_rotation(actor, rotation_id)


def supervised(actor: Actor, today: date) -> list[RotationCard]:
    """Rotations that this supervisor has: those to be signed off, and those that run or come; by their last days."""
    his = and_(Rotation.supervisor_id == actor.person_id, or_(Rotation.state == rules.PLANNED, _running(today)))
    rows = session().execute(rotation_cards().where(his).order_by(Rotation.ends_on, Rotation.id).limit(100))
    return [as_card(row) for row in rows]


def ended_count(actor: Actor, today: date) -> Select[Any]:
    """SQL: how many rotations of this supervisor have ended and wait to be signed off."""
    his = and_(Rotation.supervisor_id == actor.person_id, Rotation.state == rules.PLANNED, Rotation.ends_on < today)
    return select(func.count().label("waiting")).select_from(Rotation).where(his)


def _running(today: date) -> Any:
    return and_(Rotation.state == rules.RETURNED, Rotation.ends_on >= today)
