"""Learners as the ledger knows them: a pseudonym made with a key of their own.

Whoever has the log and not the key cannot tell whose a leaf is, not even by trying all ids. Once the key is
erased nobody can.
"""

import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from lms.credits.ledger.leaves import base64url
from lms.credits.models import LearnerKey
from lms.kernel import clock
from lms.kernel.crypto import seal, unseal
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict
from lms.kernel.text import msg

PURPOSE = "learner_key.key_sealed"
CLOSED = msg("这个人的学分账已经封存，不能再记。")


@dataclass(frozen=True)
class Learner:
    """A learner's key, and what follows from it."""

    person_id: UUID
    key: bytes

    @cached_property
    def pseudonym(self) -> str:
        """What leaves call her: 128 bits in 22 signs."""
        return base64url(self._keyed(str(self.person_id))[:16])

    def subject_salt(self, entry: UUID) -> bytes:
        """128 bits that bind a line to the name on its certificate; the certificate carries them."""
        return self._keyed(f"subject {entry}")[:16]

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self.key, text.encode(), "sha256")


def new_learner(person_id: UUID, key: bytes | None = None) -> tuple[Learner, bytes]:
    """A learner with a fresh key, and the key as it is stored; with a given one only where people are invented."""
    key = key or os.urandom(32)
    return Learner(person_id, key), seal(key.hex(), PURPOSE)


def learner_values(made: Learner, sealed: bytes, at: datetime) -> dict[str, Any]:
    """A learner's key as a row. Pure."""
    return {"person_id": made.person_id, "learner": made.pseudonym, "key_sealed": sealed, "made_at": at}


def known(person_id: UUID, sealed: bytes) -> Learner:
    """The learner whose stored key this is."""
    return Learner(person_id, bytes.fromhex(unseal(sealed, PURPOSE)))


def learner(person_id: UUID, sealed: bytes | None = None) -> Learner:
    """The learner, by her stored key where the caller has read it; makes the key at her first line.

    Raises Conflict when her key was erased: nothing more can be entered for her.
    """
    if sealed:
        return known(person_id, sealed)
    made, kept = new_learner(person_id)
    if insert_once(LearnerKey, learner_values(made, kept, clock.now()), on=["person_id"]):
        return made
    stored = session().scalar(select(LearnerKey.key_sealed).where(LearnerKey.person_id == person_id))
    if stored is None:
        raise Conflict(CLOSED)
    return known(person_id, stored)


def require_key(person_id: UUID) -> None:
    """Raises Conflict when her key was erased: her lines stand as they are for ever."""
    kept = session().execute(select(LearnerKey.key_sealed).where(LearnerKey.person_id == person_id)).one_or_none()
    if kept is not None and kept.key_sealed is None:
        raise Conflict(CLOSED)


def forget_key(person_id: UUID) -> None:
    """Erase a learner's key: from now on nobody can tell from a leaf whose it is."""
    session().execute(update(LearnerKey).where(LearnerKey.person_id == person_id).values(key_sealed=None))
