"""Looking: the people of one authority since the last look, judged by the rules, each finding kept once.

A look goes by pages, each in a transaction of its own: one that is cut off is done again, and what it had found is
found no second time. Only the last page says how far the authority has been looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from lms.assessments import traces
from lms.credits import policies
from lms.credits.flags import gathering
from lms.credits.flags.models import Flag, FlagPerson, FlagScan, FlagStep
from lms.credits.flags.rules.copies import find_copies
from lms.credits.flags.rules.devices import find_devices
from lms.credits.flags.rules.facts import Finding
from lms.credits.flags.rules.limits import RENEWED_AT
from lms.credits.flags.rules.others import find_bursts, find_places
from lms.credits.flags.rules.paces import find_paces
from lms.kernel import clock
from lms.kernel.db import insert_once, session
from lms.kernel.ids import new_id
from lms.people import queries as people

FIRST_LOOK = timedelta(days=31)
"""How far back the first look at an authority's people goes."""
PAGE = 500
"""People who did something since the last look; each is compared with everybody of the authority."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one page came to: people who did something since, findings, those noted for the first time; `after`:
    the person behind whom the next page begins, None where this was the last."""

    people: int
    found: int
    noted: int
    after: UUID | None = None


def look(
    authority_id: UUID, authority_path: str, until: datetime | None = None, after: UUID | None = None
) -> Looked:
    """Look at a page of what has happened since the last look; a second look at the same changes nothing."""
    until = until or clock.now()
    seen = session().scalar(select(FlagScan.until).where(FlagScan.authority_id == authority_id))
    since = seen or until - FIRST_LOOK
    if since >= until:
        return Looked(0, 0, 0)
    places = {one.person_id: str(one.workplace_id) for one in people.audited_by(authority_id, clock.today())}
    rest = [one for one in sorted(traces.submitters(places, since, until)) if after is None or one > after]
    new, more = set(rest[:PAGE]), len(rest) > PAGE
    findings: list[Finding] = []
    for year, start, end in _years(since, until):
        findings += _judged(places, new, year, start, end, first=after is None)
    noted = sum(note(one, authority_path) for one in findings)
    if not more:
        _mark(authority_id, until)
    return Looked(len(new), len(findings), noted, rest[PAGE - 1] if more else None)


def _years(since: datetime, until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    """Each civil year that the span touches: its first instant, and its last or `until`."""
    for year in range(clock.local(since).year, clock.local(until).year + 1):
        start, end = (_midnight(date(one, 1, 1)) for one in (year, year + 1))
        if start < until:
            yield year, start, min(end, until)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.local(clock.now()).tzinfo)


def _judged(
    places: dict[UUID, str], new: set[UUID], year: int, start: datetime, end: datetime, *, first: bool
) -> Iterator[Finding]:
    """What is found of a page's people; with the first page also what is told by everybody at once."""
    if new:
        taken = gathering.sittings(places, start, end)
        yield from find_copies(taken, places, year, new)
        yield from find_paces(one for one in taken if one.person_id in new)
        if first:
            yield from find_devices(taken, gathering.devices(places, start, end), places, year)
    if not first:
        return
    yield from find_places(gathering.presences(places, start, end))
    policy = policies.governing(policies.NATION, year)
    if policy is not None:
        yield from find_bursts(gathering.finished(places, start, end), policy.deadline(year))


def note(finding: Finding, authority_path: str) -> bool:
    """Keep a finding, once; True if it was not known. What is open learns of more evidence; what was closed opens
    again only where there is much more of it."""
    flag_id, now = new_id(), clock.now()
    values = {
        "id": flag_id, "kind": finding.kind.value, "subject": finding.subject, "authority_path": authority_path,
        "state": "open", "strength": finding.strength, "evidence": finding.evidence, "noticed_at": now, "version": 1,
    }  # fmt: skip
    if insert_once(Flag, values, on=["kind", "subject"]):
        _name(flag_id, finding.people)
        return True
    known = session().execute(
        select(Flag.id, Flag.state, Flag.strength, Flag.version).where(
            Flag.kind == finding.kind.value, Flag.subject == finding.subject
        )
    ).one()
    if finding.strength <= known.strength * (RENEWED_AT if known.state == "closed" else 1):
        return False
    changed = session().execute(
        update(Flag)
        .where(Flag.id == known.id, Flag.version == known.version)
        .values(
            state="open" if known.state == "closed" else known.state,
            strength=finding.strength,
            evidence=finding.evidence,
            version=known.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount and known.state == "closed":  # type: ignore[attr-defined]
        session().execute(
            insert(FlagStep).values(id=new_id(), flag_id=known.id, action="renewed", by_name="", at=now)
        )
    _name(known.id, finding.people)
    return False


def _name(flag_id: UUID, person_ids: Iterable[UUID]) -> None:
    for person_id in person_ids:
        insert_once(FlagPerson, {"flag_id": flag_id, "person_id": person_id}, on=["flag_id", "person_id"])


def _mark(authority_id: UUID, until: datetime) -> None:
    now = clock.now()
    values = {"authority_id": authority_id, "until": until, "at": now}
    if not insert_once(FlagScan, values, on=["authority_id"]):
        session().execute(
            update(FlagScan)
            .where(FlagScan.authority_id == authority_id, FlagScan.until < until)
            .values(until=until, at=now)
        )
