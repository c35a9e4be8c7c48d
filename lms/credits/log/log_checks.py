"""What must hold of the log (I6), computed anew from the leaves: places, hashes, roots, signatures, files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Row

from lms.credits.log import state
from lms.credits.log.keys import log_folder, log_key
from lms.credits.log.merkle import Range, leaf_hash
from lms.credits.log.models import LogCheckpoint, LogLeaf, LogNode, LogOrigin, LogSignature
from lms.credits.log.notes import BadNote, Checkpoint, Signature, Verifier, opened
from lms.credits.log.publishing import published
from lms.credits.log.state import Refused
from lms.credits.log.tiles import HEIGHT, WIDTH, Tile, bundle
from lms.credits.models import LedgerEntry

Offences = Iterator[str | None]
BATCH = 1000


def log_verifies(connection: Connection) -> Offences:
    """I6: every leaf is in its place, every committed root follows from the leaves, every signature holds, nothing
    else was signed at any size, and the published files say the same."""
    for log in connection.execute(select(LogOrigin).order_by(LogOrigin.number)).all():
        last = connection.scalar(select(func.max(LogOrigin.number)))
        shown = published(log_folder()) if log.number == last else None
        yield from _tree(connection, log, shown)
        yield from _signatures(connection, log)
        if log.number == last:
            yield _files_agree(connection, log, shown)
            yield _signed_agrees(connection, log)


def _tree(connection: Connection, log: Row[Any], shown: Checkpoint | None) -> Offences:
    """Walk along the leaves; at each committed size compare the root, at each full tile its hash and its files."""
    grown = Range()
    roots = _roots(connection, log.number)
    due = next(roots, None)
    files = Files(log_folder(), shown.size if shown else 0)
    for row in _leaves(connection, log):
        if row.idx != grown.size:
            yield f"{log.origin}: leaf {row.idx} stands where {grown.size} should"
            return
        if row.leaf is None:
            yield f"{log.origin}: leaf {row.idx} is missing"
            return
        hashed = leaf_hash(row.leaf)
        if hashed != row.leaf_hash:
            yield f"{log.origin}: leaf {row.idx} has another hash than its place"
            return
        finished = grown.append(hashed)
        yield _nodes_agree(connection, log, grown.size, finished)
        yield from files.check(row.leaf, hashed, finished)
        if due and due.size == grown.size:
            yield f"{log.origin}: another root at size {due.size}" if due.root != grown.root() else None
            due = next(roots, None)
    yield f"{log.origin}: a checkpoint of {due.size} leaves, of which {grown.size} are there" if due else None


def _leaves(connection: Connection, log: Row[Any]) -> Iterator[Any]:
    statement = (
        select(LogLeaf.idx, LogLeaf.leaf_hash, func.coalesce(LedgerEntry.leaf, LogOrigin.first_leaf).label("leaf"))
        .join(LogOrigin, LogOrigin.number == LogLeaf.log)
        .outerjoin(LedgerEntry, LedgerEntry.id == LogLeaf.entry_id)
        .where(LogLeaf.log == log.number)
        .order_by(LogLeaf.idx)
    )
    yield from _streamed(connection, statement)


def _streamed(connection: Connection, statement: Any) -> Iterator[Any]:
    with connection.execute(statement.execution_options(yield_per=BATCH)) as rows:
        yield from rows


def _roots(connection: Connection, number: int) -> Iterator[Any]:
    statement = select(LogCheckpoint.size, LogCheckpoint.root).where(LogCheckpoint.log == number)
    yield from _streamed(connection, statement.order_by(LogCheckpoint.size))


def _nodes_agree(connection: Connection, log: Row[Any], size: int, finished: list[tuple[int, bytes]]) -> str | None:
    for height, done in finished:
        if height % HEIGHT == 0:
            level = height // HEIGHT
            number = size // WIDTH**level - 1
            known = connection.scalar(
                select(LogNode.hash).where(
                    LogNode.log == log.number, LogNode.level == level, LogNode.number == number
                )
            )
            if known != done:
                return f"{log.origin}: tile {number} below level {level} has another hash"
    return None


class Files:
    """The published files of level 0, compared while the leaves pass by; and those above, as they are finished."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.levels: list[list[bytes]] = [[]]
        self.numbers = [0]
        self.entries: list[bytes] = []
        self.seen = 0

    def check(self, leaf: bytes, hashed: bytes, finished: list[tuple[int, bytes]]) -> Offences:
        """One more leaf; offences where a tile ends here and its file is missing or another."""
        self.seen += 1
        if self.seen > self.size:
            return
        self.levels[0].append(hashed)
        self.entries.append(leaf)
        for height, done in finished:
            if height % HEIGHT == 0:
                level = height // HEIGHT
                yield from self._compare(level - 1)
                if level == len(self.levels):
                    self.levels.append([])
                    self.numbers.append(0)
                self.levels[level].append(done)
        if self.seen == self.size:
            for level, hashes in enumerate(self.levels):
                if hashes:
                    yield from self._compare(level)

    def _compare(self, level: int) -> Offences:
        tile = Tile(level, self.numbers[level], len(self.levels[level]))
        yield self._same(tile.path, b"".join(self.levels[level]))
        if level == 0:
            yield self._same(tile.entries_path, bundle(self.entries))
            self.entries = []
        self.levels[level] = []
        self.numbers[level] += 1

    def _same(self, path: str, data: bytes) -> str | None:
        try:
            found = (self.folder / path).read_bytes()
        except OSError:
            return f"the published file {path} is missing"
        return None if found == data else f"the published file {path} is another"


def _signatures(connection: Connection, log: Row[Any]) -> Offences:
    """Every kept signature is of a key over the root that was committed at its size."""
    statement = (
        select(LogSignature.size, LogSignature.vkey, LogSignature.line, LogCheckpoint.root)
        .outerjoin(
            LogCheckpoint, (LogCheckpoint.log == LogSignature.log) & (LogCheckpoint.size == LogSignature.size)
        )
        .where(LogSignature.log == log.number)
        .order_by(LogSignature.size)
    )
    for row in _streamed(connection, statement):
        if row.root is None:
            yield f"{log.origin}: size {row.size} is signed and was never committed"
            continue
        text = Checkpoint(log.origin, row.size, row.root).text
        try:
            good = Verifier.parse(row.vkey).holds(text, Signature.parse(row.line.rstrip("\n")).data)
        except BadNote:
            good = False
        yield None if good else f"{log.origin}: a signature at size {row.size} does not hold"


def _files_agree(connection: Connection, log: Row[Any], shown: Checkpoint | None) -> str | None:
    """The published checkpoint is one that was committed."""
    if shown is None:
        return None
    root = connection.scalar(
        select(LogCheckpoint.root).where(LogCheckpoint.log == log.number, LogCheckpoint.size == shown.size)
    )
    if shown.origin == log.origin and shown.root == root:
        return _note_signed(log)
    return f"the published checkpoint of {shown.origin} at size {shown.size} is not one of this log's"


def _note_signed(log: Row[Any]) -> str | None:
    key = Verifier.parse(log.vkey)
    try:
        text, signatures = opened((log_folder() / "checkpoint").read_text())
    except (OSError, BadNote):
        return "the published checkpoint cannot be read"
    good = any((one.name, one.id) == (key.name, key.id) and key.holds(text, one.data) for one in signatures)
    return None if good else "the published checkpoint is not signed by this log"


def _signed_agrees(connection: Connection, log: Row[Any]) -> str | None:
    """What was signed last, as the file outside the database knows it (where the key is on this machine)."""
    try:
        key = log_key()
        signed = state.read(key.state, key.signer.verifier) if key and key.vkey == log.vkey else None
    except Refused as refusal:
        return str(refusal)
    if signed is None or not signed.tree.size:
        return None
    root = connection.scalar(
        select(LogCheckpoint.root).where(LogCheckpoint.log == log.number, LogCheckpoint.size == signed.tree.size)
    )
    if root != signed.tree.root():
        return f"{log.origin}: {signed.tree.size} leaves were signed under a root that the database does not have"
    return None
