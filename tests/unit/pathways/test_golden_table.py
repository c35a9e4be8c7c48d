"""The golden table: what an independent hand decided from the texts, judged by the rules."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lms.pathways import catalogue
from lms.pathways.rules.judging import PathwayStanding, judge
from lms.pathways.rules.records import Done, Facts, Kind, Record, Standing

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "golden.toml").read_text(encoding="utf-8")
)["cases"]
CODES = {
    f"{name}.{line.code}"
    for name, one in catalogue.library().items()
    for line in one.requirements
}


def facts_of(case: Mapping[str, Any]) -> Facts:
    records = tuple(
        Record(
            str(number), Kind(one["kind"]), one["on"], one.get("until"), Standing(one["standing"]),
            one.get("fields", {}),
        )
        for number, one in enumerate(case["records"])
    )  # fmt: skip
    years = {int(year): result for year, result in case.get("years", {}).items()}
    modules = {(case["pathway"], code): done(said) for code, said in case.get("modules", {}).items()}
    return Facts(records, years, modules)


def done(said: str) -> Done:
    """"160 hours" or "80 hours waiting"; several with commas between."""
    found = {"": Decimal(0), "waiting": Decimal(0)}
    for part in said.split(","):
        amount, _unit, *rest = part.split()
        found[rest[0] if rest else ""] += Decimal(amount)
    return Done(found[""], found["waiting"])


def judged(case: Mapping[str, Any]) -> PathwayStanding:
    return judge(catalogue.library()[case["pathway"]], facts_of(case), case["on"])


def months_and_days(said: str) -> tuple[int, int]:
    months = re.search(r"(\d+) month", said)
    days = re.search(r"(\d+) day", said)
    return int(months[1]) if months else 0, int(days[1]) if days else 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_it_decides_as_the_texts_say(case: dict[str, Any]) -> None:
    found = judged(case)
    states = {one.code: one for one in found.states}
    assert {code: str(states[code].state) for code in case["states"]} == case["states"], case["why"]
    assert not set(case.get("absent", ())) & set(states)
    assert {code: states[code].judged.until for code in case.get("until", {})} == case.get("until", {})
    if "due" in case:
        due = {code for code in case["states"] if states[code].judged.due(case["on"])}
        assert due == set(case["due"])
    asked = case.get("asks", {})
    assert {code: [str(kind) for kind in states[code].asks] for code in asked} == asked
    for code, said in case.get("lacking", {}).items():
        assert states[code].judged.lacking == months_and_days(said)


def test_every_requirement_is_decided_both_ways() -> None:
    seen = Counter(
        (f"{case['pathway']}.{code}", state in ("verified", "not_due"))
        for case in CASES
        for code, state in case["states"].items()
    )
    stated = {code for code, _met in seen}
    assert stated >= CODES
    assert {code for code in CODES if not seen[code, False]} == set()
    # The modules of two programmes are told to the independent hand by nobody.
    never = {code for code in CODES if not seen[code, True]}
    assert never <= {"gp-transfer-beijing.M", "gp-transfer-two-nine-one.M"}
