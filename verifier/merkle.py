"""The Merkle tree of RFC 6962 over SHA-256: roots at every size, proofs of inclusion made and checked."""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """Where a tree of at least two leaves is cut: the largest power of two below its size."""
    return 1 << ((size - 1).bit_length() - 1)


class Tree:
    """A growing tree; `levels[k]` holds the hashes of all complete subtrees of 2**k leaves, 64 bytes an entry."""

    def __init__(self) -> None:
        self.levels: list[bytearray] = [bytearray()]

    def __len__(self) -> int:
        return len(self.levels[0]) // 32

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Append leaves, given as their hashes."""
        self.levels[0] += b"".join(hashes)
        sha256, height = hashlib.sha256, 0
        while len(self.levels[height]) >= 64:
            if height + 1 == len(self.levels):
                self.levels.append(bytearray())
            below, here = self.levels[height], self.levels[height + 1]
            first, end = len(here) * 2, len(below) - len(below) % 64
            here += b"".join(sha256(b"\x01" + below[at : at + 64]).digest() for at in range(first, end, 64))
            height += 1

    def root(self, size: int) -> bytes:
        """The root that the tree had at this size."""
        return self.over(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that leaf `index` is in the tree of `size` leaves, from the leaf upwards."""
        return [self.over(start, end) for start, end in siblings(index, size)]

    def over(self, start: int, end: int) -> bytes:
        """The hash over leaves start..end, a subtree of the shape the standard cuts."""
        size = end - start
        if size & (size - 1) == 0:
            height = size.bit_length() - 1
            at = (start >> height) * 32
            return bytes(self.levels[height][at : at + 32])
        middle = start + split(size)
        return node_hash(self.over(start, middle), self.over(middle, end))


def siblings(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees, as ranges of leaves, that a leaf meets on its way up to the root."""
    start, end, met = 0, size, []
    while end - start > 1:
        middle = start + split(end - start)
        met.append((middle, end) if index < middle else (start, middle))
        start, end = (start, middle) if index < middle else (middle, end)
    return met[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from a leaf's hash to the root."""
    if not 0 <= index < size or len(proof) != len(siblings(index, size)):
        return False
    for (start, _), sibling in zip(siblings(index, size), proof, strict=True):
        leaf = node_hash(sibling, leaf) if start < index else node_hash(leaf, sibling)
    return leaf == root
