"""The tree as the database holds it: leaves, and the hashes of full tiles above them."""

from sqlalchemy import func, select

from lms.credits.log.merkle import Range, node_hash, root_of, split
from lms.credits.log.models import LogCheckpoint, LogLeaf, LogNode, LogOrigin, LogSignature
from lms.credits.log.tiles import HEIGHT, WIDTH
from lms.credits.models import LedgerEntry
from lms.kernel.db import session


def current() -> LogOrigin | None:
    """The log that is written; None before the first one is opened."""
    return session().scalar(select(LogOrigin).order_by(LogOrigin.number.desc()).limit(1))


def newest_checkpoint(log: int) -> tuple[int, bytes] | None:
    """Size and root of the newest committed checkpoint."""
    row = session().execute(
        select(LogCheckpoint.size, LogCheckpoint.root)
        .where(LogCheckpoint.log == log)
        .order_by(LogCheckpoint.size.desc())
        .limit(1)
    ).first()
    return (row.size, row.root) if row else None


def root_at(log: int, size: int) -> bytes | None:
    """The committed root at a size; None if no checkpoint was made there."""
    return session().scalar(select(LogCheckpoint.root).where(LogCheckpoint.log == log, LogCheckpoint.size == size))


def newest_signed(log: int, vkey: str) -> int:
    """The largest size that a key has signed, as far as the database knows; 0 for none."""
    found = session().scalar(
        select(func.max(LogSignature.size)).where(LogSignature.log == log, LogSignature.vkey == vkey)
    )
    return found or 0


class Tree:
    """The hashes of one log."""

    def __init__(self, log: int) -> None:
        self.log = log

    def hashes(self, level: int, start: int, end: int) -> list[bytes]:
        """The hashes of a level from one place to another: of leaves, or of full tiles below."""
        if level == 0:
            rows = select(LogLeaf.leaf_hash).where(LogLeaf.log == self.log, LogLeaf.idx >= start, LogLeaf.idx < end)
            found = list(session().scalars(rows.order_by(LogLeaf.idx)))
        else:
            nodes = select(LogNode.hash).where(LogNode.log == self.log, LogNode.level == level)
            nodes = nodes.where(LogNode.number >= start, LogNode.number < end).order_by(LogNode.number)
            found = list(session().scalars(nodes))
        if len(found) != end - start:
            raise LookupError(f"log {self.log}: hashes {start} to {end} of level {level} are not all there")
        return found

    def frontier(self, size: int) -> Range:
        """The complete subtrees of the tree at a size: one statement for each level of tiles."""
        subtrees: list[bytes] = []
        for level in range((size.bit_length() - 1) // HEIGHT, -1, -1):
            end = size >> HEIGHT * level
            start = end // WIDTH * WIDTH
            rest = self.hashes(level, start, end) if end > start else []
            while rest:
                whole = 1 << (len(rest).bit_length() - 1)
                subtrees.append(root_of(rest[:whole]))
                rest = rest[whole:]
        return Range(size, subtrees)

    def subtree(self, start: int, end: int) -> bytes:
        """The tree hash of leaves [start, end)."""
        size = end - start
        if size & (size - 1) == 0 and start % size == 0:
            level = (size.bit_length() - 1) // HEIGHT
            step = WIDTH**level
            return root_of(self.hashes(level, start // step, end // step))
        middle = start + split(size)
        return node_hash(self.subtree(start, middle), self.subtree(middle, end))

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The leaves themselves, as the ledger holds them."""
        return [leaf for leaf, _ in self.placed(start, end)]

    def placed(self, start: int, end: int) -> list[tuple[bytes, bytes]]:
        """The leaves, each with the hash that the log holds in its place."""
        rows = session().execute(
            select(LogLeaf.idx, func.coalesce(LedgerEntry.leaf, LogOrigin.first_leaf).label("leaf"), LogLeaf.leaf_hash)
            .join(LogOrigin, LogOrigin.number == LogLeaf.log)
            .outerjoin(LedgerEntry, LedgerEntry.id == LogLeaf.entry_id)
            .where(LogLeaf.log == self.log, LogLeaf.idx >= start, LogLeaf.idx < end)
            .order_by(LogLeaf.idx)
        ).all()
        if [row[0] for row in rows] != list(range(start, end)) or any(row[1] is None for row in rows):
            raise LookupError(f"log {self.log}: leaves {start} to {end} are not all there")
        return [(leaf, hashed) for _, leaf, hashed in rows]


