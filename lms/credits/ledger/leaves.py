"""The leaf of a line: what the transparency log keeps of it, without a name or an ID number. Pure.

A leaf is canonical JSON, made once with its line and stored as bytes. It is never written anew: a changed leaf
would be a changed past. What it says of a person is a keyed pseudonym and a salted hash of the printed name.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from lms.credits.ledger.canonical import canonical

FORM = 2
"""The version of the format. The first said several things twice and was used by nobody (ADR 23)."""
ENTRIES = UUID("4e5ff0e1-2405-4dea-a609-f9400f547be4")
"""The name space of the ids of lines."""
NOTHING = bytes(32)
"""What the first leaf of a learner names as the hash of the one before it."""
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


@lru_cache(maxsize=256)
def entry_id(key: str) -> UUID:
    """The id of the line with this key: whoever enters it again computes the same."""
    return uuid5(ENTRIES, key)


def base64url(data: bytes) -> str:
    """Bytes as leaves write them: 43 signs for a hash, 22 for 128 bits."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def evidence(facts: Mapping[str, Any], decision: Mapping[str, Any]) -> str:
    """The hash of the fact and of the decision on it, as they are stored."""
    fact = {name: _text(value) for name in FACTS if (value := facts.get(name)) is not None and value != ""}
    return base64url(sha256(canonical({"activity": fact, "decision": decision})).digest())


def _text(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def subject(salt: bytes, printed_name: str, printed_mask: str) -> str:
    """What binds a leaf to the name on a certificate; only who holds the certificate knows the salt."""
    return base64url(sha256(salt + printed_name.encode() + printed_mask.encode()).digest())


def stamp(instant: datetime) -> str:
    """An instant as leaves write it: UTC, to the microsecond."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Leaf:
    """The values of a leaf, in the words of its format. Nothing is said twice: learner, year and class stand in the
    account, and which line a reversal takes back in the key of its award. `amount_milli` is signed here only."""

    award: str
    accounts: Accounts
    amount_milli: int
    rule: str
    evidence: str
    effective_on: date
    recorded_at: datetime
    learner_seq: int
    previous: bytes
    subject: str
    salt: bytes

    def bytes(self) -> bytes:
        """The leaf itself."""
        debit, credit = self.accounts.of(self.amount_milli < 0)
        return canonical(
            {
                "v": FORM,
                "award": self.award,
                "debit": debit,
                "credit": credit,
                "amount_milli": abs(self.amount_milli),
                "rule": self.rule,
                "evidence": self.evidence,
                "effective_on": self.effective_on.isoformat(),
                "recorded_at": stamp(self.recorded_at),
                "learner_seq": self.learner_seq,
                "previous": base64url(self.previous),
                "subject": self.subject,
                "salt": base64url(self.salt),
            }
        )


def successor(note: str) -> bytes:
    """The first leaf of a log that goes on where another one ended."""
    return canonical({"v": FORM, "succeeds": note})
