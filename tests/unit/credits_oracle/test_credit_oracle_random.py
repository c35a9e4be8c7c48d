"""Random years under every policy: the command answers what a second calculator reckons, to the digit."""

import datetime
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle_calculator import Policy, read_policy, reckon, speaks
from oracle_shell import amount, decided
from oracle_table import Case, policy_file, read_cases

# A year of each policy in which the day before it is under the policy too: what a fact before the first
# day of a policy is, the texts do not say.
OWN = {"CN-AH-2020-p1": 2022, "CN-AH-2020-p2": 2022, "CN-JX-2020": 2022, "CN-SD-2025": 2026}
OWN |= {"CN-QH-2025-a": 2028, "CN-QH-2025-b": 2026, "CN-QH-2025-c": 2026}
HOUSE = {
    file.stem: 2023 if file.stem.startswith("CN-2006") else 2026
    for file in sorted(policy_file("CN-2025").parent.glob("*.toml"))
}
POLICIES = {name: read_policy(policy_file(name)) for name in HOUSE | OWN}
POPULATIONS = st.sampled_from(["village_doctor", "village_doctor", "physician", "assistant_physician", "staff", None])


def _agree(answer: dict[str, Any], meant: dict[str, Any]) -> None:
    assert [line["fact"] for line in answer["lines"]] == meant["order"]
    for line in answer["lines"]:
        _same(line, meant["lines"][line["fact"]])
    _same(answer, meant["totals"])
    _same(answer, {f"gap_{name}": gap for name, gap in meant["gaps"].items()})
    for book, (awarded, counted) in meant["books"].items():
        _same(answer["categories"][book], {"awarded": awarded, "counted": counted})
    if meant["compliance"] is not None:
        assert answer["compliance"] == meant["compliance"]


def _same(told: dict[str, Any], meant: dict[str, Fraction | None]) -> None:
    fixed = {name: value for name, value in meant.items() if value is not None}
    assert {name: Fraction(amount(told[name])) for name in fixed} == fixed, (told, meant)


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.label)
def test_the_calculator_agrees_with_the_table(case: Case) -> None:
    """So neither of the two oracles is taken at its own word; a case the command fails is not one of theirs."""
    meant = reckon(POLICIES[case.policy], case.question())
    for line in case.lines:
        _expected(meant["lines"][line.fact["id"]], line.amounts)
    totals = meant["totals"] | {f"gap_{name}": gap for name, gap in meant["gaps"].items()}
    _expected(totals, case.totals.amounts)
    assert meant["compliance"] in (case.totals.compliance, None)


def _expected(meant: dict[str, Any], amounts: dict[str, str]) -> None:
    for name, value in amounts.items():
        assert meant.get(name) in (Fraction(value), None), name


def _numbers(low: int, high: int, decimals: int = 3) -> st.SearchStrategy[str]:
    grain = 10**decimals
    whole = st.integers(low, high).map(str)
    if decimals == 0:
        return whole
    fine = st.integers(low * grain or 1, high * grain).map(lambda n: f"{n // grain}.{n % grain:0{decimals}}")
    return whole.filter(lambda text: text != "0") | fine


def _quantities(unit: str) -> st.SearchStrategy[str]:
    ranges = {"hours": (0, 60), "characters": (1, 30000), "items": (1, 40), "months": (0, 13)}
    low, high = ranges[unit]
    return _numbers(low, high, 0 if unit in ("characters", "items") else 3)


@st.composite
def questions(draw: st.DrawFn, policy: Policy, year: int) -> dict[str, Any]:
    """A person and up to nine facts of kinds that the policy knows, around the turns of the year too."""
    population = draw(POPULATIONS)
    place = draw(st.sampled_from([policy["jurisdiction"]] * 4 + ["CN", "CN-XZ", "KZ-75", None]))
    # Two deemed years in one, and what is before a repeat where a file has none, are doubts of the texts.
    codes: list[str | None] = [None, None, "a", "b", "c"] if policy["repeats"] else [None]
    facts: list[dict[str, Any]] = []
    deemed = False
    for number in draw(st.permutations(range(12)))[: draw(st.integers(0, 9))]:
        date = str(draw(_days(year)))
        lines = [line for line in policy["conversions"] if speaks(line, population, date)]
        lines = [line for line in lines if not (deemed and line["shape"] == "deemed")]
        line = draw(st.sampled_from(lines))
        deemed = deemed or line["shape"] == "deemed"
        fact = draw(_facts(line, codes)) | {"id": str(number), "date": date}
        facts.append(fact)
    as_of = str(draw(st.just(datetime.date(year + 1, 3, 1)) | _days(year)))
    person = {"jurisdiction": place, "population": population}
    return {"year": year, "as_of": as_of, "person": person, "facts": facts}


def _days(year: int) -> st.SearchStrategy[datetime.date]:
    edges = ["{0}-01-01", "{0}-12-31", "{1}-12-31", "{2}-01-01", "{0}-06-30", "{0}-07-01"]
    fixed = [datetime.date.fromisoformat(edge.format(year, year - 1, year + 1)) for edge in edges]
    few = [datetime.date(year, 3, day) for day in (1, 2, 3)]
    return st.sampled_from([*few, *few, *fixed]) | st.dates(fixed[0], fixed[1])


@st.composite
def _facts(draw: st.DrawFn, line: dict[str, Any], codes: list[str | None]) -> dict[str, Any]:
    units = ["hours", "characters", "items", "months"] if line["shape"] != "deemed" else ["items", "months"]
    unit = line.get("unit") or draw(st.sampled_from(units))
    choice: dict[str, Any] = {}
    if line["shape"] == "choice":
        choice = {"choice": draw(st.sampled_from(sorted(line["rates"])))}
    roles = list(line["rates"]) if line["shape"] == "by_role" else line.get("roles", [])
    if line["shape"] == "ranks":
        rank = draw(st.sampled_from(sorted(line["rates"])))
        may_be_left_out = line.get("default") == rank and draw(st.booleans())
        choice, roles = {} if may_be_left_out else {"choice": rank}, list(line["rates"][rank])
    fact = {
        "kind": draw(st.sampled_from(line["kinds"])),
        "role": draw(st.sampled_from(roles)),
        "unit": unit,
        "quantity": draw(_quantities(unit)),
        "hours": draw(_numbers(0, 40) | st.just("0")),
        "activity": draw(st.sampled_from(codes)),
        "project": draw(st.sampled_from([None, "N1", "N2"])),
        "assessed": draw(st.sampled_from([True, True, False])),
    }
    return fact | choice


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("name", HOUSE | OWN)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_random_years_are_decided_to_the_digit(name: str, data: st.DataObject, folder: Path) -> None:
    policy = POLICIES[name]
    question = data.draw(questions(policy, (HOUSE | OWN)[name]))
    meant = reckon(policy, question)
    _agree(decided(policy_file(name), question, folder), meant)
