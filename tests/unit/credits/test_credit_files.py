"""A policy or facts file with faults is refused, and every fault is named with its key."""

import json
from pathlib import Path
from typing import Any

import pytest
from credit_example_a import example_a

from lms.credits.rules.facts import load_case
from lms.credits.rules.loading import load_policy
from lms.credits.rules.reading import FaultyFileError

GOOD = Path("content/policies/CN-2025.toml").read_text("utf-8")


def policy_faults(text: str) -> set[str]:
    with pytest.raises(FaultyFileError) as caught:
        load_policy(text.encode(), "p.toml")
    return {fault.key for fault in caught.value.faults}


def case_faults(case: Any) -> set[str]:
    content = case if isinstance(case, bytes) else json.dumps(case).encode()
    with pytest.raises(FaultyFileError) as caught:
        load_case(content, "f.json")
    return {fault.key for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('minimum = "25"', 'minimum = "many"', "requirements[0].minimum"),
        ('minimum = "25"', "minimum = 25.5", "requirements[0].minimum"),
        ('minimum = "25"', "", "requirements[0].minimum"),
        ('shape = "fixed"', 'shape = "guess"', "conversions[1].shape"),
        ('shape = "linear"', 'shape = ["linear"]', "conversions[0].shape"),
        ('rounding = "half_up"', 'rounding = "up"', "conversions[0].rounding"),
        ("decimals = 2", "decimals = 9", "conversions[0].decimals"),
        ('quantity = "3"', 'quantity = "0"', "conversions[0].quantity"),
        ('kinds = ["unit_lecture"]', 'kinds = ["picnic"]', "conversions[1].kinds"),
        ('kinds = ["unit_lecture"]', "kinds = []", "conversions[1].kinds"),
        ('certainty = "official"', 'certainty = "sure"', "requirements[0].certainty"),
        ('source = "nhc-2024-20"', 'source = "hearsay"', "requirements[0].source"),
        (
            "effective_from = 2025-01-01",
            'effective_from = "soon"',
            "requirements[0].effective_from",
        ),
        ('id = "annual-hours"', 'id = "annual-credits"', "requirements[1].id"),
        ('maximum = "10"', 'maximum = "10"\nmaximun = "9"', "caps[0].maximun"),
        ('year_ends = "12-31"', 'year_ends = "02-30"', "year_ends"),
        ('id = "CN-2025"', 'id = "CN-2026"', "id"),
        ("first_year = 2025", "first_year = true", "first_year"),
        ('[title]\nzh = "国家 2025 规则集"', '[title]\nzh = ""', "title.zh"),
        ('en = "Measures for', 'fr = "Measures for', "sources[0].title.en"),
    ],
)
def test_each_fault_of_a_policy_is_named_with_its_key(old: str, new: str, key: str):
    assert old in GOOD
    assert key in policy_faults(GOOD.replace(old, new, 1))


def test_all_faults_are_told_at_once():
    text = GOOD.replace('minimum = "25"', "", 1).replace('maximum = "10"', 'maximum = "x"', 1)
    assert policy_faults(text) == {"requirements[0].minimum", "caps[0].maximum"}


def test_what_is_not_toml_is_said_so():
    assert policy_faults("a = = b") == {"-"}
    with pytest.raises(FaultyFileError, match=r"p\.toml"):
        load_policy(b"\xff\xfe", "p.toml")


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("quantity", "-3", "facts[0].quantity"),
        ("quantity", "0", "facts[0].quantity"),
        ("quantity", "1e9", "facts[0].quantity"),
        ("quantity", True, "facts[0].quantity"),
        ("quantity", None, "facts[0].quantity"),
        ("hours", "0.0001", "facts[0].hours"),
        ("kind", "picnic", "facts[0].kind"),
        ("unit", "minutes", "facts[0].unit"),
        ("role", "cook", "facts[0].role"),
        ("date", "2025-02-30", "facts[0].date"),
        ("date", "20250301", "facts[0].date"),
        ("assessed", "yes", "facts[0].assessed"),
        ("activity", 7, "facts[0].activity"),
        ("id", "", "facts[0].id"),
        ("assesed", True, "facts[0].assesed"),
    ],
)
def test_each_fault_of_a_fact_is_named_with_its_key(field: str, value: Any, key: str):
    case = example_a()
    case["facts"][0][field] = value
    assert key in case_faults(case)


def test_faults_around_the_facts_are_named():
    assert "year" in case_faults(example_a() | {"year": "2025"})
    assert "as_of" in case_faults(example_a() | {"as_of": "today"})
    assert "person" in case_faults(example_a() | {"person": []})
    assert "facts" in case_faults(example_a() | {"facts": {}})
    assert "more" in case_faults(example_a() | {"more": 1})
    twice = example_a()
    twice["facts"][1]["id"] = "online"
    assert "facts.id" in case_faults(twice)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff", b'{"year": NaN}', b"[" * 100000])
def test_what_is_no_case_at_all_is_said_so(content: bytes):
    assert case_faults(content) == {"-"}


def test_numbers_may_be_json_numbers_and_stay_exact():
    case = example_a()
    case["facts"][0]["quantity"] = 18.3
    assert str(load_case(json.dumps(case).encode(), "f").facts[0].quantity) == "18.3"
