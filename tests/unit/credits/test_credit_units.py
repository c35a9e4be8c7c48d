"""What a unit asks beyond the policy, and which levels audit what."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from credit_door import STUDY, annual, ask, refused, study, year
from credit_rules import line, policy

RULES = STUDY + annual("25") + annual("90", "hours")


@pytest.mark.parametrize(
    ("own", "need", "by", "gaps"),
    [
        ({"credits": "30", "hours": "100"}, ("30.0", "100"), ("unit", "unit"), ("20.0", "90")),
        ({"credits": "25", "hours": "90"}, ("25.0", "90"), ("policy", "policy"), ("15.0", "80")),
        ({"credits": "20"}, ("25.0", "90"), ("policy", "policy"), ("15.0", "80")),
        ({"hours": "90.5"}, ("25.0", "90.5"), ("policy", "unit"), ("15.0", "80.5")),
        ({}, ("25.0", "90"), ("policy", "policy"), ("15.0", "80")),
    ],
)
def test_only_a_higher_minimum_of_the_unit_has_effect(
    tmp_path: Path, own: dict[str, str], need: tuple[str, str], by: tuple[str, str], gaps: tuple[str, str]
):
    found = ask(tmp_path, RULES, year(study(), person={"own_minimum": own}))
    assert found["minima"] == {
        "credits": {"need": need[0], "by": by[0]},
        "hours": {"need": need[1], "by": by[1]},
    }
    assert (found["gap_credits"], found["gap_hours"]) == gaps
    said = [one["code"] for one in found.get("reasons", [])]
    assert said == [f"own_minimum_{m}" for m, who in zip(("credits", "hours"), by, strict=True) if who == "unit"]


def test_a_unit_may_ask_for_hours_where_the_policy_asks_for_credits_only(tmp_path: Path):
    person = {"own_minimum": {"hours": "40"}}
    found = ask(tmp_path, STUDY + annual("5"), year(study(), person=person))
    assert (found["compliance"], found["gap_hours"]) == ("fail", "30")
    assert found["reasons"][0]["text"] == "规则对学时没有要求，您的单位要求一年 40 学时，按单位的要求算。"


def test_whose_minimum_it_was_is_said(tmp_path: Path):
    found = ask(tmp_path, RULES, year(person={"own_minimum": {"credits": "30"}}))
    assert found["reasons"][0]["text"] == "您的单位要求一年 30 学分，比规则的 25 高，按单位的要求算。"


def test_a_unit_cannot_require_where_the_policy_does_not(tmp_path: Path):
    person = {"own_minimum": {"credits": "40"}}
    found = ask(tmp_path, STUDY, year(study(), person=person))
    assert (found["compliance"], found["gap_credits"], "reasons" in found) == ("not_required", "0.0", False)
    away = {"absences": [{"state": "leave", "from": "2025-01-01"}]} | person
    exemption = line("exemptions", "away", 'shape = "absent_any_day"\nstates = ["leave"]')
    found = ask(tmp_path, RULES + exemption, year(study(), person=away))
    assert (found["compliance"], found["gap_credits"]) == ("not_required", "0.0")
    assert found["minima"]["credits"] == {"need": None, "by": "policy"}


def test_without_a_minimum_of_the_unit_the_answer_is_as_ever(tmp_path: Path):
    for person in ({}, {"own_minimum": None}, {"absences": []}):
        assert "minima" not in ask(tmp_path, RULES, year(study(), person=person))


@pytest.mark.parametrize(
    ("own", "key"),
    [({"credits": "0"}, ".credits"), ({"hours": "many"}, ".hours"), ({"credit": "3"}, ".credit"), ("30", "")],
)
def test_a_faulty_minimum_is_named_with_its_field(tmp_path: Path, own: Any, key: str):
    assert f"person.own_minimum{key}" in refused(tmp_path, RULES, year(person={"own_minimum": own}))


CHAIN = 'kinds = ["paper", "research"]\nlevels = ["unit", "county", "city"]\nsecond_person_above = "10"'
DRAWN = 'kinds = ["self_study"]\nlevels = []\nsampled = "1/20"'


def test_the_chain_of_audit_goes_by_kind_and_day():
    rules = policy(line("audits", "claims", CHAIN + "\neffective_until = 2025-12-31"), line("audits", "drawn", DRAWN))
    day = date(2025, 5, 1)
    claims, drawn = rules.audit_of("research", day), rules.audit_of("self_study", day)
    assert claims is not None
    assert drawn is not None
    assert (claims.id, claims.levels, claims.sampled) == ("claims", ("unit", "county", "city"), None)
    assert (drawn.levels, str(drawn.sampled)) == ((), "1/20")
    assert [claims.needs_second_person(amount) for amount in (10, 11)] == [False, True]
    assert not drawn.needs_second_person(11)
    assert rules.audit_of("practice", day) is None
    assert rules.audit_of("paper", date(2026, 1, 1)) is None


def test_a_chain_of_audit_changes_no_decision(tmp_path: Path):
    case = year(study())
    assert ask(tmp_path, RULES + line("audits", "drawn", DRAWN), case) == ask(tmp_path, RULES, case)
