"""What is entered after the year, and what earlier years leave to it, through the shell command."""

from pathlib import Path
from typing import Any

import pytest
from credit_door import STUDY, annual, ask, codes, study, year
from credit_rules import conversion, line

WINDOW = line("windows", "correction", 'closes = "03-31"')
RULES = STUDY + annual("10")


@pytest.mark.parametrize(
    ("recorded", "code", "awarded"),
    [
        (None, None, "10.0"),
        ("2025-03-01", None, "10.0"),
        ("2025-12-31", None, "10.0"),
        ("2026-01-01", "late", "10.0"),
        ("2026-03-31", "late", "10.0"),
        ("2026-04-01", "closed", "0.0"),
        ("2030-01-01", "closed", "0.0"),
    ],
)
def test_a_year_may_be_corrected_until_it_closes(
    tmp_path: Path, recorded: str | None, code: str | None, awarded: str
):
    found = ask(tmp_path, RULES + WINDOW, year(study(recorded_on=recorded)))
    one = found["lines"][0]
    assert codes(found)[1:] == ([code] if code else [])
    assert (one["computed"], one["awarded"], one["counted"]) == ("10.0", awarded, awarded)
    assert one["hours"] == ("0" if code == "closed" else "10")
    assert ("late" in one) == (code == "late")
    assert one.get("late", True) is True
    if code:
        assert one["reasons"][1]["rule"] == "correction"


def test_the_closing_is_said(tmp_path: Path):
    def said(recorded: str) -> str:
        found = ask(tmp_path, RULES + WINDOW, year(study(recorded_on=recorded)))
        text: str = found["lines"][0]["reasons"][-1]["text"]
        return text

    assert said("2026-02-01") == "2026-02-01补录，在2026-03-31截止以前，照常计入。"
    assert said("2026-04-02") == "2026-04-02才登记，这一年的补录2026-03-31已经截止，不再计入。"


def test_nothing_closes_without_a_window_or_for_others(tmp_path: Path):
    exempt = line("windows", "w", 'closes = "03-31"\nexempt = ["village_doctor"]')
    for window in ("", WINDOW.replace('["*"]', '["physician"]'), exempt):
        found = ask(tmp_path, RULES + window, year(study(recorded_on="2029-01-01")))
        assert (found["awarded"], codes(found)[1:]) == ("10.0", [])


def test_what_came_too_late_does_not_bar_what_came_in_time(tmp_path: Path):
    rules = RULES + WINDOW + line("repeats", "once", 'shape = "once_a_year"')
    facts = study("a", activity="A", recorded_on="2026-05-01"), study("b", activity="A", recorded_on="2026-02-01")
    assert [one["awarded"] for one in ask(tmp_path, rules, year(*facts))["lines"]] == ["0.0", "10.0"]


CARRY = line("carry_over", "carry", 'maximum = "5"\nyears = 2')


@pytest.mark.parametrize(
    ("excess", "carried", "gap", "verdict"),
    [
        ([(2024, "3")], "3.0", "1.0", "fail"),
        ([(2024, "4")], "4.0", "0.0", "pass"),
        ([(2024, "2"), (2023, "2")], "4.0", "0.0", "pass"),
        ([(2024, "2"), (2024, "2.5")], "4.5", "0.0", "pass"),
        ([(2024, "90")], "5.0", "0.0", "pass"),
        ([(2022, "90")], "0.0", "4.0", "fail"),
        ([], "0.0", "4.0", "fail"),
    ],
)
def test_what_was_over_fills_the_total(
    tmp_path: Path, excess: list[tuple[int, str]], carried: str, gap: str, verdict: str
):
    history = [{"year": one, "credits": "40", "excess": amount} for one, amount in excess]
    found = ask(tmp_path, RULES + CARRY, year(study(hours="6"), history=history))
    assert (found["carried"], found["counted"]) == (carried, "6.0")
    assert (found["gap_credits"], found["compliance"]) == (gap, verdict)
    said = [(one["code"], one["rule"]) for one in found.get("reasons", [])]
    assert said == ([("carried_over", "carry")] if carried != "0.0" else [])


def test_the_carried_credits_are_said(tmp_path: Path):
    found = ask(tmp_path, RULES + CARRY, year(history=[{"year": 2024, "excess": "9"}]))
    assert found["reasons"][0]["text"] == (
        "2023 年以来结转 5.0 学分（最多 5 学分），抵今年的总学分，不抵各类学分的下限。"
    )


def test_nothing_is_carried_unless_a_line_says_so(tmp_path: Path):
    history: list[dict[str, Any]] = [{"year": 2024, "excess": "9"}]
    found = ask(tmp_path, RULES, year(study(hours="6"), history=history))
    assert (found["gap_credits"], "carried" in found, "reasons" in found) == ("4.0", False, False)
    # Nor where nothing is required that it could fill.
    assert "carried" not in ask(tmp_path, STUDY + CARRY, year(history=history))


def test_what_is_carried_fills_no_category(tmp_path: Path):
    body = 'shape = "fixed"\ncredits = "1"\nkinds = ["paper"]\ncategory = "one"'
    one = conversion(body, "paper") + line("categories", "one", 'title = { zh = "类", en = "Class" }\nminimum = "3"')
    found = ask(tmp_path, RULES + one + CARRY, year(study(hours="9"), history=[{"year": 2024, "excess": "5"}]))
    assert (found["carried"], found["gap_credits"], found["compliance"]) == ("5.0", "3.0", "fail")
