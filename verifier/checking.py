"""The whole check of a log directory: signatures, tiles, every entry, an earlier checkpoint, one inclusion."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from verifier.leaves import Book
from verifier.merkle import Tree, included, leaf_hash
from verifier.notes import LARGEST_NOTE, Checkpoint, Invalid
from verifier.policy import Policy, UnknownOrigin
from verifier.tiles import ENTRIES, WIDTH, read_entries, read_file, read_hashes, tile_name

Mark = tuple[int, bytes, str]  # a size, the root that the tree must have there, and who says so


class Undecided(Exception):
    """The question cannot be answered; the message says why."""


@dataclass
class Report:
    """What a valid log says."""

    checkpoint: Checkpoint
    cosigned: dict[str, int]  # POSIX seconds by the policy's name of the witness
    book: Book
    index: int | None = None  # of the entry asked for, with its bytes and its proof
    leaf: bytes = b""
    proof: list[bytes] = field(default_factory=list)


def check_log(folder: Path, policy: Policy, since: bytes | None = None, wanted: str | None = None) -> Report:
    """Check all there is; `wanted` is an entry's award key or index. Raises Invalid, Undecided, or OSError."""
    if not any((folder / name).exists() for name in ("checkpoint", "tile", "checkpoints")):
        raise Undecided(f"{folder} holds no log")
    checkpoint, cosigned = _signed(folder, "checkpoint", policy)
    marks = [(checkpoint.size, checkpoint.root, "checkpoint")]
    for name in os.listdir(folder / "checkpoints") if (folder / "checkpoints").is_dir() else []:
        kept, _ = _signed(folder, f"checkpoints/{name}", policy, quorum=False)
        if (kept.origin, str(kept.size)) != (checkpoint.origin, name):
            raise Invalid(f"checkpoints/{name}: it is of {kept.origin!r} and size {kept.size}")
        marks.append((kept.size, kept.root, f"checkpoints/{name}"))
    if since is not None:
        marks.append(_earlier(policy, since, checkpoint))
    report = Report(checkpoint, cosigned, Book(wanted=wanted))
    tree = _recompute(folder, checkpoint.size, marks, report.book)
    if report.book.succeeds is not None:
        _check_succession(policy, report.book.succeeds, checkpoint.origin)
    if wanted is not None:
        _prove(folder, tree, report, int(wanted) if wanted.isdecimal() else report.book.found)
    return report


def _signed(folder: Path, name: str, policy: Policy, quorum: bool = True) -> tuple[Checkpoint, dict[str, int]]:
    try:
        return policy.accept(read_file(folder / name, LARGEST_NOTE), quorum)
    except UnknownOrigin as fault:
        raise Undecided(f"{name}: {fault}") from fault
    except Invalid as fault:
        raise Invalid(f"{name}: {fault}") from fault


def _earlier(policy: Policy, since: bytes, checkpoint: Checkpoint) -> Mark:
    """The mark that an earlier checkpoint sets; raises Undecided if it says nothing about this log."""
    try:
        before, _ = policy.accept(since)
    except Invalid as fault:
        raise Undecided(f"--since: {fault}") from fault
    if before.origin != checkpoint.origin:
        raise Undecided(f"--since is a checkpoint of another log, {before.origin!r}")
    if before.size > checkpoint.size:
        raise Invalid(f"the log shrank: {before.size} entries before, {checkpoint.size} now", checkpoint.size)
    return before.size, before.root, "--since"


def _check_succession(policy: Policy, note: str, origin: str) -> None:
    """What a log goes on from is a checkpoint of another log, signed by it if the policy knows it."""
    try:
        if policy.accept(note.encode(), quorum=False)[0].origin == origin:
            raise Invalid("it is of this log itself")
    except UnknownOrigin:
        return
    except Invalid as fault:
        raise Invalid(f"the checkpoint in the first leaf: {fault}", 0) from fault


def _recompute(folder: Path, size: int, marks: list[Mark], book: Book) -> Tree:
    """The tree made anew from the entries, equal to every tile and, at each mark's size, to its root."""
    upper = {level: _row(folder, level, size >> 8 * level) for level in range(1, 8) if size >> 8 * level}
    tree, good = Tree(), 0
    marks.sort(reverse=True)
    for number in range(size // WIDTH + 1):
        if number * WIDTH < size:
            _read_bundle(folder, number, min(WIDTH, size - number * WIDTH), tree, book)
        for level, stored in upper.items():
            here = tree.levels[8 * level] if len(tree.levels) > 8 * level else b""
            if not stored.startswith(here):
                at = len(here) // 32 - 1
                raise Invalid(f"{tile_name(level, at // WIDTH)}: not the hash of its entries", at * WIDTH**level)
        while marks and marks[-1][0] <= len(tree):
            at, root, name = marks.pop()
            if tree.root(at) != root:
                raise Invalid(f"{name}: not the root of the entries, of which one from {good} to {at} differs", good)
            good = at
    return tree


def _row(folder: Path, level: int, count: int) -> bytes:
    """All hashes of the tiles of a level; a size beyond all reason ends at the first tile that is missing."""
    starts = range(0, count, WIDTH)
    return b"".join(read_hashes(folder, level, first // WIDTH, min(WIDTH, count - first)) for first in starts)


def _read_bundle(folder: Path, number: int, width: int, tree: Tree, book: Book) -> None:
    """Read one bundle into the tree and the book; raises Invalid for its first entry that is wrong."""
    entries = read_entries(folder, number, width)
    stored = read_hashes(folder, 0, number, width)
    hashes = [leaf_hash(entry) for entry in entries]
    for index, (entry, digest) in enumerate(zip(entries, hashes, strict=True)):
        try:
            if stored[32 * index : 32 * index + 32] != digest:
                raise Invalid(f"not the entry that {tile_name(0, number, width)} has the hash of")
            book.add(number * WIDTH + index, entry, digest)
        except Invalid as fault:
            where = f"{tile_name(ENTRIES, number, width)}, entry {number * WIDTH + index}"
            raise Invalid(f"{where}: {fault}", number * WIDTH + index) from fault
    tree.extend(hashes)


def _prove(folder: Path, tree: Tree, report: Report, index: int | None) -> None:
    """Add to the report the entry asked for, and the proof that it is in the tree."""
    size = report.checkpoint.size
    if index is None or index >= size:
        raise Invalid(f"no such entry among the {size} of this log")
    number, at = divmod(index, WIDTH)
    report.leaf = read_entries(folder, number, min(WIDTH, size - number * WIDTH))[at]
    report.index, report.proof = index, tree.inclusion(index, size)
    if not included(leaf_hash(report.leaf), index, size, report.proof, report.checkpoint.root):
        raise Invalid("the entry changed while it was read", index)
