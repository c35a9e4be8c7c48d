"""Who people were whose accounts are closed: for a file to the regulator, which the law still
needs, and nothing else."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from lms.kernel.crypto import unseal
from lms.kernel.db import session
from lms.people.models import Person
from lms.people.privacy.closing import PURPOSE
from lms.people.privacy.models import Closing


@dataclass(frozen=True, slots=True)
class Kept:
    """What a restricted account still knows of its person."""

    name: str
    id_number_mask: str
    id_number: str


def kept_identities(ids: Iterable[UUID]) -> dict[UUID, Kept]:
    """Of these people those whose accounts are restricted, as they were; the erased are not among them."""
    rows = session().execute(
        select(Closing.person_id, Closing.kept_sealed).where(
            Closing.person_id.in_(set(ids)), Closing.state == "restricted"
        )
    )
    return {row.person_id: Kept(**json.loads(unseal(row.kept_sealed, PURPOSE))) for row in rows}


def is_closed(person_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether somebody's account is closed by now, as part of another statement."""
    return exists(select(Person.id).where(Person.id == person_id, Person.closed_at.is_not(None)))


def closed_among(ids: Iterable[UUID]) -> set[UUID]:
    """Of these people those whose accounts are closed."""
    return set(session().scalars(select(Closing.person_id).where(Closing.person_id.in_(set(ids)))))
