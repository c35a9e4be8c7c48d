"""The leaf of a line: what the transparency log keeps of it, without a name or an ID number. Pure.

A leaf is canonical JSON, made once with its line and stored as bytes. It is never written anew: a changed leaf
would be a changed past. What it says of a person is a keyed pseudonym and a salted hash of the printed name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from lms.credits.ledger.canonical import canonical

ENTRIES = UUID("4e5ff0e1-2405-4dea-a609-f9400f547be4")
"""The name space of the ids of lines."""
NOTHING = "0" * 64
"""What the first leaf of a learner names as the one before it."""
# What a decision rests on. What is empty is left out, so that a column which comes later changes no older hash.
FACTS = (
    "id", "kind", "activity_code", "project_number", "title", "subject", "started_on", "on_date", "quantity_milli",
    "unit", "hours_milli", "role", "assessed", "choice", "enrolment_id", "approval_id", "holder", "note", "evidence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accounts:
    """The two accounts between which an award moves credit."""

    issuer: str
    learner: str

    def of(self, reversal: bool) -> tuple[str, str]:
        """Debit and credit of an award, or of its reversal."""
        return (self.learner, self.issuer) if reversal else (self.issuer, self.learner)


def accounts(activity_code: str | None, kind: str, learner: str, year: int, credit_class: str) -> Accounts:
    """Credit comes from a project or course (or from a kind of activity) into a learner's year and class."""
    return Accounts(f"issuer:{activity_code or kind}", f"learner:{learner}/{year}/{credit_class}")


def award_key(award_id: UUID, sequence: int) -> str:
    """What a line is about: the award, how often it was given, and whether this takes it back.

    The lines of an award take turns: 1 gives, 2 takes back, 3 gives again.
    """
    key = f"{award_id}/{(sequence + 1) // 2}"
    return key if sequence % 2 else f"{key}/reversal"


def entry_id(key: str) -> UUID:
    """The id of the line with this key: whoever enters it again computes the same."""
    return uuid5(ENTRIES, key)


def evidence(facts: Mapping[str, Any], decision: Mapping[str, Any]) -> str:
    """The hash of the fact and of the decision on it, as they are stored."""
    fact = {name: _text(facts[name]) for name in FACTS if facts.get(name) not in (None, "")}
    return sha256(canonical({"activity": fact, "decision": decision})).hexdigest()


def _text(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def subject(salt: bytes, printed_name: str, printed_mask: str) -> str:
    """What binds a leaf to the name on a certificate; only who holds the certificate knows the salt."""
    return sha256(salt + printed_name.encode() + printed_mask.encode()).hexdigest()


def stamp(instant: datetime) -> str:
    """An instant as leaves write it: UTC, to the microsecond."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Leaf:
    """The values of a leaf, in the words of its format."""

    entry: UUID
    award: str
    reverses: UUID | None
    accounts: Accounts
    amount_milli: int
    credit_year: int
    credit_class: str
    rule: str
    evidence: str
    effective_on: date
    recorded_at: datetime
    learner: str
    learner_seq: int
    previous: str
    subject: str
    salt: bytes

    def bytes(self) -> bytes:
        """The leaf itself."""
        debit, credit = self.accounts.of(self.reverses is not None)
        return canonical(
            {
                "v": 1,
                "entry": str(self.entry),
                "award": self.award,
                "reverses": str(self.reverses) if self.reverses else None,
                "debit": debit,
                "credit": credit,
                "amount_milli": abs(self.amount_milli),
                "credit_year": self.credit_year,
                "class": self.credit_class,
                "rule": self.rule,
                "evidence": self.evidence,
                "effective_on": self.effective_on.isoformat(),
                "recorded_at": stamp(self.recorded_at),
                "learner": self.learner,
                "learner_seq": self.learner_seq,
                "previous": self.previous,
                "subject": self.subject,
                "salt": self.salt.hex(),
            }
        )


def successor(note: str) -> bytes:
    """The first leaf of a log that goes on where another one ended."""
    return canonical({"v": 1, "succeeds": note})
