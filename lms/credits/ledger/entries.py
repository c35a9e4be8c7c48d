"""Lines of the ledger. A learner's lines are numbered without gaps; the number is also what keeps
two transactions for one learner apart: whoever takes it second sees that somebody was there.

Each line is a transfer between two accounts, with the leaf that the transparency log keeps of it. The leaf names
the leaf before it. Both are right together: whoever takes a number has seen the line of the number before.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from lms.credits.ledger import leaves
from lms.credits.ledger.halting import require_awarding
from lms.credits.ledger.learners import CLOSED, Learner, learner, require_key
from lms.credits.ledger.leaves import Leaf
from lms.credits.log.merkle import leaf_hash
from lms.credits.log.models import LogPending
from lms.credits.models import Activity, Award, LearnerKey, LedgerEntry
from lms.kernel import clock
from lms.kernel.access import require_found
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.people import queries as people
from lms.people.queries import PersonCard


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a learner's lines end: the number of the last, its leaf, her stored key."""

    number: int | None
    leaf: bytes | None
    key_sealed: bytes | None

    @property
    def next_number(self) -> int:
        return (self.number or 0) + 1

    @property
    def previous(self) -> bytes:
        return leaf_hash(self.leaf) if self.leaf else leaves.NOTHING


def tip(person_id: UUID) -> Tip:
    """Where a learner's lines end now."""
    return tip_of(session().execute(select(*tip_columns(person_id))).one())


def tip_of(row: Any) -> Tip:
    """From a row that has `tip_columns`."""
    return Tip(row.tip_number, row.tip_leaf, row.tip_key)


def tip_columns(person_id: UUID | ColumnElement[UUID]) -> tuple[Any, Any, Any]:
    """The same as parts of another statement; the number is NULL before her first line."""
    number, leaf = (
        select(column)
        .where(LedgerEntry.person_id == person_id)
        .order_by(LedgerEntry.person_sequence.desc())
        .limit(1)
        .scalar_subquery()
        for column in (LedgerEntry.person_sequence, LedgerEntry.leaf)
    )
    key = select(LearnerKey.key_sealed).where(LearnerKey.person_id == person_id)
    return (number.label("tip_number"), leaf.label("tip_leaf"), key.scalar_subquery().label("tip_key"))


def enter(award: Award, activity: Activity, card: PersonCard, after: Tip, sequence: int = 1) -> bool:
    """Add the line of an award after a learner's last; False if another line has just been put there. Raises
    Conflict for somebody whose account is closed."""
    require_open(card)
    owner = learner(award.person_id, after.key_sealed)
    return _add(award, sequence, line_of(award, activity, card, owner, after, sequence, clock.now(), os.urandom(16)))


def require_open(card: PersonCard) -> None:
    """Raises Conflict for somebody whose account is closed: what she has is only stored, nothing is added."""
    if card.closed:
        raise Conflict(CLOSED)


def line_of(
    award: Award,
    activity: Activity,
    card: PersonCard,
    owner: Learner,
    after: Tip,
    sequence: int,
    at: datetime,
    salt: bytes,
) -> Leaf:
    """The line that gives an award, behind a learner's last one. Pure."""
    key = leaves.award_key(award.id, sequence)
    return Leaf(
        award=key,
        accounts=leaves.accounts(
            award.activity_code, award.kind, owner.pseudonym, award.credit_year, award.credit_class
        ),
        amount_milli=award.awarded_milli,
        rule=award.policy_version_id,
        evidence=evidence_of(activity, award.decision),
        effective_on=award.on_date,
        recorded_at=at,
        learner_seq=after.next_number,
        previous=after.previous,
        subject=leaves.subject(owner.subject_salt(leaves.entry_id(key)), card.name, card.id_number_mask),
        salt=salt,
    )


def evidence_of(activity: Activity, decision: dict[str, Any]) -> str:
    """The hash of a fact and the decision on it."""
    facts = {name: getattr(activity, name) for name in leaves.FACTS}
    return leaves.evidence(facts, decision)


def reverse(award: Award) -> None:
    """Cancel the award's standing line by a new one; raises Conflict if it is cancelled already."""
    require_awarding()
    line = _last(award.id)
    if line is None or line.reverses:
        raise Conflict
    require_key(award.person_id)
    told = json.loads(line.leaf)
    leaf = Leaf(
        award=leaves.award_key(award.id, line.sequence + 1),
        accounts=leaves.Accounts(issuer=line.debit, learner=line.credit),
        amount_milli=-line.amount_milli,
        rule=line.policy_version_id,
        evidence=told["evidence"],
        effective_on=clock.today(),
        recorded_at=clock.now(),
        learner_seq=0,
        previous=leaves.NOTHING,
        # It is about the same certificate as the line that it takes back.
        subject=told["subject"],
        salt=os.urandom(16),
    )
    after = tip(award.person_id)
    while not _add(award, line.sequence + 1, replace(leaf, learner_seq=after.next_number, previous=after.previous)):
        after = tip(award.person_id)


def restore(award: Award) -> None:
    """Enter a reversed award anew, as a line of its own; raises Conflict if it stands already."""
    require_awarding()
    line = _last(award.id)
    if line is None or not line.reverses:
        raise Conflict
    activity = session().get_one(Activity, award.activity_id)
    card = require_found(people.person(award.person_id))
    while not enter(award, activity, card, tip(award.person_id), line.sequence + 1):
        pass


def _add(award: Award, sequence: int, leaf: Leaf) -> bool:
    values = entry_values(award, sequence, leaf)
    added = insert_once(LedgerEntry, values, on=["person_id", "person_sequence"])
    if added:
        insert_once(LogPending, pending_values(values), on=["entry_id"])
    return added


def entry_values(award: Award, sequence: int, leaf: Leaf) -> dict[str, Any]:
    """A line as a row, with its leaf. Pure."""
    back = leaf.amount_milli < 0
    debit, credit = leaf.accounts.of(back)
    return {
        "id": leaves.entry_id(leaf.award),
        "award_id": award.id,
        "sequence": sequence,
        "person_id": award.person_id,
        "person_sequence": leaf.learner_seq,
        "credit_year": award.credit_year,
        "credit_class": award.credit_class,
        "debit": debit,
        "credit": credit,
        "amount_milli": leaf.amount_milli,
        "reverses": sequence - 1 if back else None,
        "policy_version_id": leaf.rule,
        "effective_on": leaf.effective_on,
        "recorded_at": leaf.recorded_at,
        "leaf": leaf.bytes(),
    }


def pending_values(entry: Mapping[str, Any]) -> dict[str, Any]:
    """That a line waits for its place in the log. Pure."""
    return {
        "person_id": entry["person_id"], "person_sequence": entry["person_sequence"], "entry_id": entry["id"],
    }  # fmt: skip


def _last(award_id: UUID) -> LedgerEntry | None:
    return session().scalar(
        select(LedgerEntry).where(LedgerEntry.award_id == award_id).order_by(LedgerEntry.sequence.desc()).limit(1)
    )
