"""The tree of RFC 6962 on its known vectors, and against its definition for every size up to 300."""

import base64
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.merkle import EMPTY_ROOT, Tree, included, leaf_hash, node_hash
from witness.proofs import consistent

# The eight leaves and the roots of 0 to 8 of them that implementations of RFC 6962 have in common.
LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = [
    (0, 1, []),
    (0, 8, ["lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=", "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="]),
    (5, 8, ["vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=", "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="]),
    (2, 3, ["+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="]),
    (1, 5, ["bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=", "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="]),
]  # fmt: skip
CONSISTENCIES = [
    (1, 8, ["lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=", "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="]),
    (6, 7, ["DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=", "sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="]),
]  # fmt: skip
MOST = 300
HASHES = [leaf_hash(str(number).encode()) for number in range(MOST)]


@cache
def mth(start: int, end: int) -> bytes:
    """MTH of section 2.1, word for word."""
    if end - start <= 1:
        return HASHES[start] if end > start else EMPTY_ROOT
    half = 1
    while half * 2 < end - start:
        half *= 2
    return node_hash(mth(start, start + half), mth(start + half, end))


def audit_path(index: int, start: int, end: int) -> list[bytes]:
    """PATH of section 2.1.1."""
    if end - start == 1:
        return []
    half = 1
    while half * 2 < end - start:
        half *= 2
    if index < half:
        return [*audit_path(index, start, start + half), mth(start + half, end)]
    return [*audit_path(index - half, start + half, end), mth(start, start + half)]


def consistency(old: int, start: int, end: int, whole: bool = True) -> list[bytes]:
    """SUBPROOF of section 2.1.2."""
    if old == end - start:
        return [] if whole else [mth(start, end)]
    half = 1
    while half * 2 < end - start:
        half *= 2
    if old <= half:
        return [*consistency(old, start, start + half, whole), mth(start + half, end)]
    return [*consistency(old - half, start + half, end, False), mth(start, start + half)]


def tree_of(hashes: list[bytes], step: int = 1) -> Tree:
    tree = Tree()
    for at in range(0, len(hashes), step):
        tree.extend(hashes[at : at + step])
    return tree


WHOLE = tree_of(HASHES, 7)


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert tree_of(hashes[:size]).root(size).hex() == ROOTS[size]
    assert tree_of(hashes).root(size).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSIONS)
def test_the_known_inclusion_proofs(index: int, size: int, proof: list[str]) -> None:
    steps = [base64.b64decode(step) for step in proof]
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert tree_of(hashes).inclusion(index, size) == steps
    assert included(hashes[index], index, size, steps, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size", "proof"), CONSISTENCIES)
def test_the_known_consistency_proofs(old: int, size: int, proof: list[str]) -> None:
    steps = [base64.b64decode(step) for step in proof]
    assert consistent(old, size, steps, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size]))
    assert not consistent(old, size, steps[1:], bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size]))


def test_the_root_at_every_size_is_the_defined_one() -> None:
    for size in range(MOST + 1):
        assert WHOLE.root(size) == (mth(0, size) if size else EMPTY_ROOT)


@settings(deadline=None)
@given(st.data())
def test_inclusion_is_as_defined_and_nothing_else_is_taken_for_it(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    proof, root = WHOLE.inclusion(index, size), mth(0, size)
    assert proof == audit_path(index, 0, size)
    assert included(HASHES[index], index, size, proof, root)
    other = data.draw(st.integers(-1, MOST))
    assert included(HASHES[index], other, size, proof, root) == (other == index)
    assert not included(HASHES[(index + 1) % MOST], index, size, proof, root)
    for changed in _changes(data, proof):
        assert not included(HASHES[index], index, size, changed, root)


@settings(deadline=None)
@given(st.data())
def test_consistency_is_as_defined_and_nothing_else_is_taken_for_it(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    old = data.draw(st.integers(1, size))
    proof, before, after = consistency(old, 0, size), mth(0, old), mth(0, size)
    assert consistent(old, size, proof, before, after)
    assert not consistent(old, size, proof, before, mth(1, size) if size > 1 else EMPTY_ROOT)
    assert not consistent(old, size, proof, HASHES[-1], after) or before == HASHES[-1]
    other = data.draw(st.integers(-1, MOST))
    assert not consistent(other, size, proof, before, after) or other == old
    for changed in _changes(data, proof):
        assert not consistent(old, size, changed, before, after)


def _changes(data: st.DataObject, proof: list[bytes]) -> list[list[bytes]]:
    changed = [[*proof, HASHES[0]], [HASHES[1], *proof]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
        changed += [proof[:at] + proof[at + 1 :], [*proof[:at], flipped, *proof[at + 1 :]]]
    return changed


def test_the_empty_tree_is_a_beginning_of_every_tree_without_proof() -> None:
    assert consistent(0, 5, [], EMPTY_ROOT, mth(0, 5))
    assert not consistent(0, 5, [HASHES[0]], EMPTY_ROOT, mth(0, 5))
    assert not consistent(5, 4, [], mth(0, 5), mth(0, 4))
