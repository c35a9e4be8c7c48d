"""A licence's renewal and the reminders of it: who has applied is not reminded, nor who has the next one."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select

from lms.kernel.db import session
from lms.pathways.models import PersonRecord
from lms.pathways.rules.months import in_last
from lms.pathways.rules.records import Kind
from lms.pathways.rules.verifying import SHOWN
from lms.people.notices import licences

STANDS = SHOWN[:2]
AT_ONCE = 1000


def applied(ends: Mapping[UUID, date]) -> set[UUID]:
    """Who has applied, given the last day of each licence: handed in or verified, made in the months before that day.
    A statement for a thousand."""
    people, found = list(ends), set[UUID]()
    for start in range(0, len(people), AT_ONCE):
        made = select(PersonRecord.person_id, PersonRecord.on_date).where(
            PersonRecord.person_id.in_(people[start : start + AT_ONCE]),
            PersonRecord.kind == Kind.RENEWAL,
            PersonRecord.state.in_(STANDS),
        )
        for row in session().execute(made):
            if in_last(row.on_date, ends[row.person_id], licences.SOON):
                found.add(row.person_id)
    return found


def moved(person_id: UUID, kind: str, on: date | None, state: str) -> None:
    """A record stands so from now on. An application that is handed in ends the reminders of its licence; one that is
    rejected or withdrawn lets them come again."""
    if kind != Kind.RENEWAL or on is None:
        return
    if state in STANDS:
        licences.applied_for(person_id, on)
    else:
        licences.not_applied_for(person_id, on)


def stands_no_more(person_id: UUID, kind: str, before: str, after: str) -> None:
    """A record moved from a state to another: a village licence that was verified and is no more lets the reminders of
    the one before come again."""
    if kind == Kind.VILLAGE_LICENCE and before == "verified" != after:
        licences.not_renewed([person_id])
