"""The Merkle tree of RFC 6962 section 2.1, with SHA-256: roots, proofs, and the check of both. Pure."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
Subtree = Callable[[int, int], bytes]
"""The tree hash of leaves [start, end)."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf; the byte 0 keeps leaves and nodes apart."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


class Range:
    """The complete subtrees that a tree of a size consists of, largest first: all that is needed to grow it."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        self.size, self.subtrees = size, list(subtrees)
        if len(self.subtrees) != size.bit_count():
            raise ValueError("a tree has one complete subtree for each bit of its size")

    def append(self, leaf: bytes) -> list[tuple[int, bytes]]:
        """Add the hash of the next leaf; the complete subtrees that it finished, as (height, hash), smallest first."""
        done, height, finished = leaf, 0, []
        while self.size >> height & 1:
            done = node_hash(self.subtrees.pop(), done)
            height += 1
            finished.append((height, done))
        self.subtrees.append(done)
        self.size += 1
        return finished

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self.subtrees:
            return EMPTY
        found = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            found = node_hash(left, found)
        return found


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over hashes of leaves (or of complete subtrees of one size)."""
    grown = Range()
    for one in hashes:
        grown.append(one)
    return grown.root()


def split(size: int) -> int:
    """The largest power of two below a size ≥ 2: where a tree falls into its two halves."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The hashes that lead from a leaf to the root, the leaf's neighbour first (section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The hashes that show that the tree of size `old` is the beginning of that of size `new` (section 2.1.2);
    none where the old one is empty or the same."""
    if not 0 <= old <= new:
        raise ValueError("a tree never shrinks")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while start + old != end:
        middle = start + split(end - start)
        if start + old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            old -= middle - start
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the hash of a leaf to the root."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(other, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the old tree is the beginning of the new one."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for other in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, other)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
