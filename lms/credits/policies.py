"""The policies of the house: read from `content/policies` once a process, chosen by place and year."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from flask import current_app, has_app_context

from lms.credits.models import PolicyVersion
from lms.credits.rules.extending import whole_text
from lms.credits.rules.facts import Person
from lms.credits.rules.loading import load_policy
from lms.credits.rules.policy import Policy, Status
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.organisations.queries import jurisdiction_among, jurisdiction_of, region_codes
from lms.people.queries import PersonCard

FOLDER = Path(__file__).parent.parent.parent / "content" / "policies"
NATION = "CN"


@dataclass(frozen=True, slots=True)
class Known:
    """A policy and the exact text it was read from (after the text of the policy it extends)."""

    policy: Policy
    body: str


def folder() -> Path:
    """Where the policies of this house lie: the folder its settings name, else the one it comes with."""
    named = current_app.extensions["xinglin.settings"].policies if has_app_context() else ""
    return Path(named) if named else FOLDER


def library() -> tuple[Known, ...]:
    """All policies; raises FaultyFileError if one of them cannot be used."""
    return _read(folder())


@lru_cache(maxsize=8)
def _read(folder: Path) -> tuple[Known, ...]:
    found = []
    for file in sorted(folder.glob("*.toml")):
        content = file.read_bytes()
        policy = load_policy(content, file.name, text_of)
        body = whole_text(content, text_of(policy.extends) if policy.extends else None)
        found.append(Known(policy, body.decode("utf-8")))
    return tuple(found)


def text_of(policy_id: str) -> bytes | None:
    """The file of a policy of the house by the policy's id, which is the file's name."""
    return next((file.read_bytes() for file in folder().glob("*.toml") if file.stem == policy_id), None)


def governing(jurisdiction: str, year: int) -> Policy | None:
    """The policy in force for a place and a year: the place's own latest one, else the nation's."""
    for place in (jurisdiction, NATION):
        fitting = [
            known.policy for known in library() if known.policy.jurisdiction == place and known.policy.governs(year)
        ]
        if fitting:
            return max(fitting, key=lambda policy: policy.first_year)
    return None


def remembered(jurisdiction: str, year: int) -> Policy | None:
    """The policy in force, or else the one that the history of a year is decided under (the nation's)."""
    of_nation = [known.policy for known in library() if known.policy.jurisdiction == NATION]
    past = (policy for policy in of_nation if policy.status is Status.HISTORY and policy.speaks_of(year))
    return governing(jurisdiction, year) or next(past, None)


def provincial() -> bool:
    """Whether any province has rules of its own in force, so that it matters where somebody is audited."""
    return any(known.policy.jurisdiction != NATION and known.policy.status is Status.IN_FORCE for known in library())


def person_of(card: PersonCard) -> Person:
    """The person as a decision sees her; asks for her province only where a province has rules."""
    place: str | None = None
    if card.authority_path is not None:
        place = jurisdiction_of(card.authority_path) if provincial() else NATION
    return Person(jurisdiction=place, population=card.population)


def for_place(path: str, year: int) -> Policy | None:
    """The policy that governs a year at a place; None where nothing is in force."""
    return governing(jurisdiction_of(path) if provincial() else NATION, year)


def persons_of(cards: Iterable[PersonCard]) -> dict[UUID, Person]:
    """The same of several people, by id, in one statement at most."""
    codes = region_codes() if provincial() else None
    return {card.id: Person(_place_among(codes, card.authority_path), card.population) for card in cards}


def _place_among(codes: Mapping[str, str] | None, path: str) -> str:
    return NATION if codes is None else jurisdiction_among(codes, path)


def for_person(person: Person, year: int) -> Policy | None:
    """The policy that governs a person's year; None where nothing is in force."""
    return governing(person.jurisdiction or NATION, year)


def by_version(version: str) -> Policy | None:
    """A policy by the version an award remembers, if the files still hold it."""
    found = (known.policy for known in library() if known.policy.version == version)
    return next(found, None)


_kept: set[tuple[str, str]] = set()


def keep(policy: Policy) -> None:
    """Have the text of the policy in the database before anything is decided under it."""
    body = next(known.body for known in library() if known.policy.version == policy.version)
    insert_once(
        PolicyVersion,
        {
            "id": policy.version,
            "jurisdiction": policy.jurisdiction,
            "first_year": policy.first_year,
            "hash": policy.fingerprint,
            "body": body,
            "loaded_at": clock.now(),
        },
        on=["id"],
    )
