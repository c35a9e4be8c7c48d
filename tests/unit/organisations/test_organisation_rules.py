"""Kinds, codes and paths of organisations."""

from itertools import pairwise

import pytest

from lms.organisations.rules import (
    NAMES,
    PARENTS,
    Kind,
    ancestors,
    is_code,
    is_phone,
    is_region_code,
    may_hang,
)


def test_only_a_province_stands_at_the_root() -> None:
    assert [kind for kind in Kind if may_hang(kind, None)] == [Kind.PROVINCE]


def test_the_chain_of_the_three_tier_network_holds() -> None:
    chain = [
        Kind.PROVINCE,
        Kind.CITY,
        Kind.COUNTY,
        Kind.MEDICAL_COMMUNITY,
        Kind.COUNTY_HOSPITAL,
        Kind.TOWNSHIP_CENTRE,
        Kind.VILLAGE_CLINIC,
    ]
    for above, below in pairwise(chain):
        assert may_hang(below, above)
        assert not may_hang(above, below)


def test_every_kind_has_a_name_and_a_place() -> None:
    assert set(NAMES) == set(PARENTS) == set(Kind)


@pytest.mark.parametrize("text", ["LB", "LB-YL-LX", "A1", "9"])
def test_it_takes_codes(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", ["", "-A", "A-", "lb", "A B", "A" * 33, "县"])
def test_it_refuses_what_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_it_knows_region_codes_and_phones() -> None:
    assert is_region_code("CN-HE")
    assert not is_region_code("HE")
    assert is_phone("0000-555 0142")
    assert not is_phone("打给我")


def test_ancestors_come_nearest_first() -> None:
    assert ancestors("/a/b/c/") == ["/a/b/c/", "/a/b/", "/a/"]
