"""What `credits decide` must refuse: told on standard error with the fact or key, and nothing on standard output."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from oracle_shell import ask, decided
from oracle_table import policy_file

GOOD: dict[str, Any] = {
    "id": "odd",
    "kind": "self_study",
    "activity": None,
    "project": None,
    "date": "2025-03-01",
    "quantity": "9",
    "unit": "hours",
    "hours": "9",
    "role": "attendee",
    "assessed": True,
}
ACTIVITY = {"kind": "unit_activity"}
NUMBERS = ["-1", "-0.001", "0.0005", "9.0005", "1000000000000", "abc", "九", "", "NaN", "Infinity", "1e3", "1,5"]

# What is wrong (contract of `credits decide`, architecture 8; docs/policies.md) | policy | changes | the key named
FACTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("a kind that nobody knows", "CN-2025", {"kind": "poem"}, "kind"),
    ("an empty kind", "CN-2025", {"kind": ""}, "kind"),
    ("a kind of the old rules", "CN-2025", {"kind": "national_project"}, "kind"),
    ("a kind of the provinces under the nation's file", "CN-2025", ACTIVITY, "kind"),
    ("a kind that the new rules have no number for", "CN-2025", {"kind": "degree_study"}, "kind"),
    ("a kind that the new rules have no number for: papers", "CN-2025", {"kind": "paper", "role": "author_1"}, "kind"),
    ("characters where hours are asked for", "CN-2025", {"unit": "characters"}, "unit"),
    ("events where hours are asked for", "CN-2025", {"unit": "items"}, "unit"),
    ("months where hours are asked for", "CN-2025", {"unit": "months"}, "unit"),
    ("events where steps of hours are asked for", "CN-HI-2025", {**ACTIVITY, "unit": "items"}, "unit"),
    ("a unit that nobody knows", "CN-2025", {"unit": "days"}, "unit"),
    ("a unit in capitals", "CN-2025", {"unit": "HOURS"}, "unit"),
    ("a role that nobody knows", "CN-2025", {"role": "host"}, "role"),
    ("a fourth author", "CN-2025", {"role": "author_4"}, "role"),
    ("a role without a rate: lecturer", "CN-2025", {"role": "lecturer"}, "role"),
    ("a role without a rate: author", "CN-2025", {"role": "author_1"}, "role"),
    ("a role without a rate: speaker of an activity", "CN-HB-2025", {**ACTIVITY, "role": "lecturer"}, "role"),
    ("no choice where one is asked for", "CN-FJ-2025", ACTIVITY, "choice"),
    ("a choice that is none: 0.3", "CN-FJ-2025", {**ACTIVITY, "choice": "0.3"}, "choice"),
    ("a choice that is none: 1.0", "CN-FJ-2025", {**ACTIVITY, "choice": "1.0"}, "choice"),
    ("no choice in Zhejiang", "CN-ZJ-2025", ACTIVITY, "choice"),
    ("a choice that is none in Zhejiang", "CN-ZJ-2025", {**ACTIVITY, "choice": "0.5"}, "choice"),
    *((f"a quantity that is no number: {text!r}", "CN-2025", {"quantity": text}, "quantity") for text in NUMBERS),
    *((f"hours that are no number: {text!r}", "CN-2025", {"hours": text}, "hours") for text in NUMBERS),
    ("a quantity of nothing", "CN-2025", {"quantity": "0"}, "quantity"),
    ("a quantity of nothing, with decimals", "CN-2025", {"quantity": "0.000"}, "quantity"),
    ("no quantity", "CN-2025", {"quantity": None}, "quantity"),
    ("a quantity that is true", "CN-2025", {"quantity": True}, "quantity"),
    ("a quantity that is a list", "CN-2025", {"quantity": ["9"]}, "quantity"),
    ("a day that is none", "CN-2025", {"date": "2025-02-30"}, "date"),
    ("a leap day of no leap year", "CN-2025", {"date": "2025-02-29"}, "date"),
    ("a leap day of 2100", "CN-2025", {"date": "2100-02-29"}, "date"),
    ("a thirteenth month", "CN-2025", {"date": "2025-13-01"}, "date"),
    ("a date with dots", "CN-2025", {"date": "01.03.2025"}, "date"),
    ("a date with a time", "CN-2025", {"date": "2025-03-01T08:00:00"}, "date"),
    ("an empty date", "CN-2025", {"date": ""}, "date"),
    ("no date", "CN-2025", {"date": None}, "date"),
    ("a date that is a number", "CN-2025", {"date": 20250301}, "date"),
    ("an assessment in words", "CN-2025", {"assessed": "yes"}, "assessed"),
    ("an assessment as a number", "CN-2025", {"assessed": 1}, "assessed"),
    ("an activity that is a number", "CN-2025", {"activity": 7}, "activity"),
    ("a project that is a number", "CN-2025", {"project": 7}, "project"),
    ("an unknown key", "CN-2025", {"credits": "10"}, "credits"),
    ("a key misspelt", "CN-2025", {"asessed": True}, "asessed"),
]
GONE = ["id", "kind", "date", "quantity", "unit"]

PERSON = {"jurisdiction": "CN", "population": "village_doctor"}
HEADS: list[tuple[str, dict[str, Any], str]] = [
    ("no year", {"year": None}, "year"),
    ("a year in quotes", {"year": "2025"}, "year"),
    ("a year with decimals", {"year": 2025.5}, "year"),
    ("a year that is true", {"year": True}, "year"),
    ("a year of five digits", {"year": 20250}, "year"),
    ("a negative year", {"year": -2025}, "year"),
    ("a year before the policy", {"year": 2024}, "year"),
    ("an as_of that is no day", {"as_of": "2025-02-30"}, "as_of"),
    ("an as_of in words", {"as_of": "today"}, "as_of"),
    ("no person", {"person": None}, "person"),
    ("a person who is a word", {"person": "village_doctor"}, "person"),
    ("a person with a name", {"person": {**PERSON, "name": "x"}}, "name"),
    ("a population that is a number", {"person": {**PERSON, "population": 7}}, "population"),
    ("no facts", {"facts": None}, "facts"),
    ("facts that are one table", {"facts": {}}, "facts"),
    ("a fact that is a word", {"facts": ["self_study"]}, "facts"),
    ("one id used twice", {"facts": [GOOD, {**GOOD, "date": "2025-04-01"}]}, "odd"),
    ("an unknown key", {"policy": "CN-2025"}, "policy"),
]
TEXTS: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("half an object", b'{"year": 2025, "as_of": "2025-12-31"'),
    ("a list", b"[]"),
    ("null", b"null"),
    ("a word", b'"facts"'),
    ("two objects", b"{} {}"),
    ("a comma too many", b'{"year": 2025,}'),
    ("not UTF-8", '{"year": 2025, "名": 1}'.encode("gb18030")),
    ("a number that JSON does not know", b'{"year": NaN}'),
]


def _question(**changes: Any) -> dict[str, Any]:
    whole = {"year": 2025, "as_of": "2025-12-31", "person": PERSON, "facts": []} | changes
    return {key: value for key, value in whole.items() if value is not None}


def _refused(result: Result, folder: Path, *named: str) -> None:
    """The words must be in what is told, not in the folder's name, which is that of the test."""
    assert result.exit_code != 0
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    told = result.stderr.replace(str(folder), "")
    for word in named:
        assert word in told


@pytest.mark.parametrize(("policy", "changes", "named"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS])
def test_a_bad_fact_is_refused(policy: str, changes: dict[str, Any], named: str, tmp_path: Path) -> None:
    question = _question(facts=[GOOD | changes])
    _refused(ask(policy_file(policy), json.dumps(question), tmp_path), tmp_path, "facts[", f".{named}:")


@pytest.mark.parametrize("key", GONE)
def test_a_fact_without_what_it_needs_is_refused(key: str, tmp_path: Path) -> None:
    fact = {name: value for name, value in GOOD.items() if name != key}
    _refused(ask(policy_file("CN-2025"), json.dumps(_question(facts=[fact])), tmp_path), tmp_path, "facts[", f".{key}:")


@pytest.mark.parametrize(("changes", "named"), [row[1:] for row in HEADS], ids=[row[0] for row in HEADS])
def test_a_bad_head_is_refused(changes: dict[str, Any], named: str, tmp_path: Path) -> None:
    _refused(ask(policy_file("CN-2025"), json.dumps(_question(**changes)), tmp_path), tmp_path, named)


@pytest.mark.parametrize("text", [row[1] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_what_is_no_facts_file_is_refused(text: bytes, tmp_path: Path) -> None:
    _refused(ask(policy_file("CN-2025"), text, tmp_path), tmp_path, "facts.json")


def test_one_bad_fact_among_good_ones_refuses_all_and_is_the_one_named(tmp_path: Path) -> None:
    facts = [GOOD | {"id": "first"}, GOOD | {"kind": "ward_round"}, GOOD | {"id": "last"}]
    result = ask(policy_file("CN-2025"), json.dumps(_question(facts=facts)), tmp_path)
    _refused(result, tmp_path, "facts[1].kind")
    assert "first" not in result.stderr
    assert "last" not in result.stderr


def test_a_fact_is_named_in_one_way_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    """With the ids 1, 0 an answer by id would point at the wrong one of the two."""
    facts = [GOOD | {"id": "1"}, GOOD | {"id": "0", "quantity": "x"}]
    told = ask(policy_file("CN-2025"), json.dumps(_question(facts=facts)), tmp_path).stderr
    facts[1] = GOOD | {"id": "0", "kind": "ward_round"}
    other = ask(policy_file("CN-2025"), json.dumps(_question(facts=facts)), tmp_path).stderr
    assert "facts[1]" in told
    assert "facts[1]" in other


def test_a_year_after_the_last_of_a_policy_is_refused(tmp_path: Path) -> None:
    _refused(ask(policy_file("CN-2006"), json.dumps(_question()), tmp_path), tmp_path, "year")


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    _refused(ask(tmp_path / "CN-2031.toml", json.dumps(_question()), tmp_path), tmp_path, "CN-2031.toml")


def test_the_good_fact_is_good(tmp_path: Path) -> None:
    """So that the refusals above are for what each changes."""
    assert decided(policy_file("CN-2025"), _question(facts=[GOOD]), tmp_path)["counted"] == "3.0"
    choice = GOOD | ACTIVITY | {"choice": "0.2"}
    assert decided(policy_file("CN-FJ-2025"), _question(facts=[choice]), tmp_path)["counted"] == "0.2"


# --- Policy files: docs/policies.md says what each must have -------------------------------------

CITATION = 'citation = { zh = "示例", en = "example" }\n'
STEPS = '{ from = "1", credits = "5" }, { from = "3", credits = "12" }'
SWAPPED = '{ from = "3", credits = "5" }, { from = "1", credits = "12" }'
FALLING = '{ from = "1", credits = "5" }, { from = "3", credits = "4" }'
POLICIES: list[tuple[str, str, str, str, str]] = [
    ("a line without a citation", "CN-SD-2025", CITATION, "", "citation"),
    ("a source that is not listed", "CN-SD-2025", '"provincial-tables"', '"rumour"', "source"),
    ("a certainty that is none", "CN-SD-2025", '"assumed"', '"certain"', "certainty"),
    ("a shape that is none", "CN-SD-2025", '"linear"', '"curved"', "shape"),
    ("a rounding that is none", "CN-SD-2025", '"half_up"', '"upwards"', "rounding"),
    ("a kind that is none", "CN-SD-2025", '"unit_activity"', '"unit_dance"', "kinds"),
    ("a unit that is none", "CN-SD-2025", '"hours"', '"days"', "unit"),
    ("a unit quantity of nothing", "CN-SD-2025", 'quantity = "6"', 'quantity = "0"', "quantity"),
    ("a negative value", "CN-SD-2025", 'credits = "1"', 'credits = "-1"', "credits"),
    ("a key that is none", "CN-SD-2025", "decimals = 2", "decimals = 2\ndigits = 2", "digits"),
    ("a base that does not exist", "CN-SD-2025", '"CN-2025"', '"CN-1999"', "extends"),
    ("a base that does not stand alone", "CN-SD-2025", '"CN-2025"', '"CN-HI-2025"', "extends"),
    ("an id that does not fit its place", "CN-SD-2025", '"CN-SD-2025"', '"CN-SX-2025"', "id"),
    ("a status that is none", "CN-SD-2025", '"unconfirmed"', '"perhaps"', "status"),
    ("no effective_from", "CN-SD-2025", "effective_from = 2025-01-01\n", "", "effective_from"),
    ("an end before the beginning", "CN-QH-2025-b", "until = 2025-06-30", "until = 2024-06-30", "effective_until"),
    ("two lines for one day", "CN-QH-2025-b", "until = 2025-06-30", "until = 2025-07-01", "practice"),
    ("two lines for one kind", "CN-SD-2025", '"unit_activity"', '"self_study"', "self-study-hours"),
    ("steps that do not ascend", "CN-QH-2025-a", STEPS, SWAPPED, "steps"),
    ("steps whose credits fall", "CN-QH-2025-a", STEPS, FALLING, "steps"),
    ("a category that is none", "CN-QH-2025-c", 'category = "own"', 'category = "mine"', "category"),
    ("a ceiling below the minimum", "CN-QH-2025-c", 'minimum = "2"', 'minimum = "2"\nmaximum = "1"', "maximum"),
    ("TOML that is none", "CN-SD-2025", "decimals = 2", "decimals = ", "CN-SD-2025.toml"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "named"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES]
)
def test_a_faulty_policy_is_refused(name: str, old: str, new: str, named: str, tmp_path: Path) -> None:
    text = policy_file(name).read_text("utf-8")
    assert old in text
    file = tmp_path / f"{name}.toml"
    file.write_text(text.replace(old, new), "utf-8")
    _refused(ask(file, json.dumps(_question()), tmp_path), tmp_path, f"{name}.toml", named)
