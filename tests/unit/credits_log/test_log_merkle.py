"""The tree of RFC 6962: known roots, and laws that hold for every size."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.credits.log.merkle import (
    EMPTY,
    Range,
    consistency_proof,
    consistent,
    included,
    inclusion_proof,
    leaf_hash,
    root_of,
)

# The leaves and roots with which implementations of Certificate Transparency test each other.
LEAVES = [
    bytes.fromhex(one)
    for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def plain(hashes: list[bytes]) -> bytes:
    """The definition, word for word: the largest power of two to the left, the rest to the right."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    left = 1
    while left * 2 < len(hashes):
        left *= 2
    return sha256(b"\x01" + plain(hashes[:left]) + plain(hashes[left:])).digest()


def numbered(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_known_roots(size: int) -> None:
    assert root_of(map(leaf_hash, LEAVES[:size])).hex() == ROOTS[size - 1]


def test_an_empty_tree() -> None:
    assert Range().root() == EMPTY == sha256(b"").digest()


def test_known_proofs() -> None:
    """Section 2.1.3 of the RFC: the tree of seven leaves."""
    hashes = numbered(7)

    def tree(start: int, end: int) -> bytes:
        return plain(hashes[start:end])

    a, b, c, d, _e, _f, j = hashes
    g, h, i = plain([a, b]), plain([c, d]), plain(hashes[4:6])
    k, last = plain(hashes[:4]), plain(hashes[4:])
    assert inclusion_proof(0, 7, tree) == [b, h, last]
    assert inclusion_proof(3, 7, tree) == [c, g, last]
    assert inclusion_proof(4, 7, tree) == [_f, j, k]
    assert inclusion_proof(6, 7, tree) == [i, k]
    assert consistency_proof(3, 7, tree) == [c, d, g, last]
    assert consistency_proof(4, 7, tree) == [last]
    assert consistency_proof(6, 7, tree) == [i, j, k]


@given(st.integers(0, 600))
def test_growing_is_the_definition(size: int) -> None:
    hashes = numbered(size)
    assert root_of(hashes) == plain(hashes)


@given(st.integers(0, 300), st.integers(0, 300))
def test_growing_goes_on_where_it_stopped(first: int, more: int) -> None:
    hashes = numbered(first + more)
    before = Range()
    for one in hashes[:first]:
        before.append(one)
    after = Range(before.size, before.subtrees)
    for one in hashes[first:]:
        for height, done in after.append(one):
            whole = 1 << height
            assert done == plain(hashes[after.size - whole : after.size])
    assert after.root() == plain(hashes)


@given(st.data())
def test_every_leaf_is_proved_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    hashes = numbered(size)
    proof = inclusion_proof(index, size, lambda start, end: plain(hashes[start:end]))
    root = plain(hashes)
    assert included(hashes[index], index, size, proof, root)
    assert not included(leaf_hash(b"another"), index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    assert other == index or not included(hashes[index], other, size, proof, root)
    assert not included(hashes[index], index, size, [*proof, root], root)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        broken = [one if at != place else bytes([one[0] ^ 1]) + one[1:] for at, one in enumerate(proof)]
        assert not included(hashes[index], index, size, broken, root)
        assert not included(hashes[index], index, size, proof[:-1], root)


@given(st.data())
def test_a_beginning_is_proved_and_nothing_else(data: st.DataObject) -> None:
    new = data.draw(st.integers(0, 300))
    old = data.draw(st.integers(0, new))
    hashes = numbered(new)
    proof = consistency_proof(old, new, lambda start, end: plain(hashes[start:end]))
    before, after = plain(hashes[:old]), plain(hashes)
    assert consistent(old, before, new, after, proof)
    changed = [leaf_hash(b"another"), *hashes[1:old]]
    if old:
        assert not consistent(old, plain(changed), new, after, proof)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        broken = [one if at != place else bytes([one[0] ^ 1]) + one[1:] for at, one in enumerate(proof)]
        assert not consistent(old, before, new, after, broken)
        assert not consistent(old, before, new, after, proof[:-1])
    assert not consistent(old, before, new, after, [*proof, after])


def test_a_tree_does_not_shrink() -> None:
    with pytest.raises(ValueError):
        consistency_proof(3, 2, lambda start, end: b"")
    with pytest.raises(ValueError):
        inclusion_proof(2, 2, lambda start, end: b"")
    with pytest.raises(ValueError):
        Range(3, [b""])
    assert not consistent(3, b"", 2, b"", [])
