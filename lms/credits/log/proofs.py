"""The proof that a line is in the published log, for its certificate (c2sp.org/tlog-proof)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms.credits.ledger.learners import known
from lms.credits.log.keys import log_folder
from lms.credits.log.merkle import inclusion_proof
from lms.credits.log.models import LogLeaf, LogOrigin
from lms.credits.log.notes import opened, packed
from lms.credits.log.publishing import published
from lms.credits.log.tree import Tree
from lms.credits.models import LearnerKey, LedgerEntry
from lms.kernel.db import session

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a certificate carries: the leaf, the salt of its name, and the proof under a published checkpoint."""

    leaf: bytes
    subject_salt: bytes | None
    text: str


def proof_of(award_id: UUID) -> Proof | None:
    """The proof of the last line of an award; None while the published log does not have it."""
    folder = log_folder()
    shown = published(folder)
    row = session().execute(
        select(LedgerEntry.id, LedgerEntry.person_id, LedgerEntry.leaf, LogLeaf.log, LogLeaf.idx, LogOrigin.origin)
        .join(LogLeaf, LogLeaf.entry_id == LedgerEntry.id)
        .join(LogOrigin, LogOrigin.number == LogLeaf.log)
        .where(LedgerEntry.award_id == award_id)
        .order_by(LedgerEntry.sequence.desc(), LogLeaf.log.desc())
        .limit(1)
    ).first()
    if row is None or shown is None or shown.origin != row.origin or shown.size <= row.idx:
        return None
    note = (folder / "checkpoints" / str(shown.size)).read_text()
    if opened(note)[0] != shown.text:
        return None
    path = inclusion_proof(row.idx, shown.size, Tree(row.log).subtree)
    sealed = session().scalar(select(LearnerKey.key_sealed).where(LearnerKey.person_id == row.person_id))
    lines = [HEADER, f"index {row.idx}", *map(packed, path), "", note]
    salt = known(row.person_id, sealed).subject_salt(row.id) if sealed else None
    return Proof(row.leaf, salt, "\n".join(lines))
