"""Every case of the hand-written tables, through the shell door: bar B1, by another hand than the engine's."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from oracle_shell import amount, decided
from oracle_table import Case, policy_file, read_cases

CASES = read_cases()
ROWS = [
    pytest.param(case, id=case.label, marks=[pytest.mark.xfail(strict=True, reason=case.wrong)] if case.wrong else [])
    for case in CASES
]


def test_the_table_is_as_large_as_it_must_be() -> None:
    assert len(CASES) >= 200
    assert len({(case.label, case.policy) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", ROWS)
def test_the_command_answers_the_table(case: Case, tmp_path: Path) -> None:
    answer = decided(policy_file(case.policy), case.question(), tmp_path)
    assert (answer["policy"], answer["year"]) == (case.policy, case.year)
    assert answer["deadline"] == f"{case.year}-12-31"
    assert answer["compliance"] == case.totals.compliance
    assert _told(answer, case.totals.amounts) == _meant(case.totals.amounts)
    for book, expected in case.totals.books.items():
        assert _told(answer["categories"][book], expected) == _meant(expected), book
    _lines(case, answer["lines"])


@pytest.mark.parametrize("case", [case for case in CASES if len(case.lines) > 1], ids=lambda case: case.label)
def test_the_order_in_the_file_changes_nothing(case: Case, tmp_path: Path) -> None:
    question = case.question()
    answer = decided(policy_file(case.policy), question, tmp_path)
    facts = question["facts"]
    for turned in (facts[::-1], facts[1:] + facts[:1]):
        assert decided(policy_file(case.policy), question | {"facts": turned}, tmp_path) == answer


def _lines(case: Case, told: list[dict[str, Any]]) -> None:
    facts = [line.fact for line in case.lines]
    assert [line["fact"] for line in told] == [
        fact["id"] for fact in sorted(facts, key=lambda fact: (fact["date"], fact["id"]))
    ]
    answers = {line["fact"]: line for line in told}
    limits = _limits(policy_file(case.policy))
    for line in case.lines:
        one = answers[line.fact["id"]]
        assert _told(one, line.amounts) == _meant(line.amounts), line.fact
        rules = {reason["rule"] for reason in one["reasons"]}
        assert rules & limits == line.cuts - {"-"}, line.fact
        assert one["reasons"], f"a line without a reason: {line.fact}"


def _told(answer: dict[str, Any], names: dict[str, str]) -> dict[str, Decimal]:
    return {name: amount(answer[name]) for name in names}


def _meant(amounts: dict[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in amounts.items()}


def _limits(file: Path) -> set[str]:
    """The ids of the lines that can cut, in a policy and the one it extends."""
    text = tomllib.loads(file.read_text("utf-8"))
    found = {line["id"] for name in ("conditions", "caps", "repeats", "categories") for line in text.get(name, [])}
    return found | (_limits(policy_file(text["extends"])) if "extends" in text else set())
