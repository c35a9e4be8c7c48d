"""Rules over several years, through the shell command; they never touch the year's compliance."""

from pathlib import Path
from typing import Any

import pytest
from credit_door import HOUR, annual, ask, refused, study, year
from credit_rules import conversion, line

RULES = conversion(HOUR + '\nkinds = ["national_project", "self_study"]') + annual("1")


def minimum(more: str = 'kinds = ["national_project"]', years: int = 5, amount: str = "10", by: str = "credits") -> str:
    body = f'shape = "period_min"\nmeasure = "{by}"\nminimum = "{amount}"\nyears = {years}\n{more}'
    return line("requirements", "several", body)


def average(years: str = '"appointment"', floor: str = 'floor = "20"') -> str:
    body = f'shape = "period_average"\nmeasure = "credits"\naverage = "25"\nyears = {years}\n{floor}'
    return line("requirements", "several", body)


def past(found: dict[int, str], **more: Any) -> list[dict[str, Any]]:
    return [{"year": one, "credits": credits} | more for one, credits in found.items()]


def national(hours: str) -> dict[str, Any]:
    return study("n", hours, kind="national_project")


def period(tmp_path: Path, rules: str, *facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = ask(tmp_path, RULES + rules, year(*facts, **more))["periods"]
    assert len(found) == 1
    one: dict[str, Any] = found[0]
    return one


def test_it_adds_up_the_years_before_and_this_one(tmp_path: Path):
    history = past({2021: "3", 2024: "2.5"}, kind="national_project") + past({2023: "40"}, kind="self_study")
    found = period(tmp_path, minimum(), national("4"), study("s", "30"), history=history)
    assert found == {
        "id": "several", "measure": "credits", "from_year": 2021, "until_year": 2025, "have": "9.5",
        "need": "10.0", "gap": "0.5", "state": "fail", "deadline": "2025-12-31",
    }  # fmt: skip
    assert period(tmp_path, minimum(), national("4.5"), history=history)["state"] == "pass"


@pytest.mark.parametrize(
    ("history", "as_of", "state", "have"),
    [
        # The year before the window does not count, but shows that the history reaches back.
        ({2020: "99", 2022: "9"}, "2025-12-31", "fail", "9.0"),
        ({2020: "99", 2022: "9"}, "2025-12-30", "open", "9.0"),
        ({2021: "0", 2022: "9"}, "2025-12-31", "fail", "9.0"),
        ({2022: "9"}, "2025-12-31", "unknown", "9.0"),
        ({2022: "9"}, "2025-06-30", "unknown", "9.0"),
        ({2022: "10"}, "2025-06-30", "pass", "10.0"),
        ({}, "2025-12-31", "unknown", "0.0"),
    ],
)
def test_what_is_not_known_is_never_held_against_anybody(
    tmp_path: Path, history: dict[int, str], as_of: str, state: str, have: str
):
    found = period(tmp_path, minimum(), history=past(history, kind="national_project"), as_of=as_of)
    assert (found["state"], found["have"]) == (state, have)


def test_it_does_not_change_the_year(tmp_path: Path):
    facts = year(study("s", "1"), history=past({2020: "0"}))
    with_it = ask(tmp_path, RULES + minimum(), facts)
    assert with_it.pop("periods")[0]["state"] == "fail"
    without = ask(tmp_path, RULES, facts)
    assert with_it == without
    assert without["compliance"] == "pass"


def test_it_may_count_awards_or_hours_of_anything(tmp_path: Path):
    one_in_two = minimum("", 2, "1", "awards")
    before = [{"year": 2024}]
    assert period(tmp_path, one_in_two, history=before)["state"] == "fail"
    assert period(tmp_path, one_in_two, study("s", "1"), history=before)["state"] == "pass"
    earlier = [{"year": 2024, "awards": 1, "kind": "self_study"}]
    found = period(tmp_path, one_in_two, history=earlier)
    assert (found["state"], found["have"], found["need"], found["gap"]) == ("pass", "1", "1", "0")
    hours = minimum("", 3, "100", "hours")
    found = period(tmp_path, hours, study("s", "30.5"), history=[{"year": 2023, "hours": "60"}])
    assert (found["have"], found["gap"], found["state"]) == ("90.5", "9.5", "fail")
    # Where a single year is asked about, there is no history to miss.
    assert period(tmp_path, minimum("", 1, "1", "awards"))["state"] == "fail"


def test_it_goes_by_category_too_and_by_what_counts(tmp_path: Path):
    rules = conversion(HOUR + '\nkinds = ["paper"]\ncategory = "one"', "paper") + line(
        "categories", "one", 'title = { zh = "类", en = "Class" }\nmaximum = "6"'
    )
    by_category = minimum('categories = ["one"]', 2)
    history = past({2024: "3"}, category="one") + past({2024: "50"}, category="two")
    found = period(tmp_path, rules + by_category, study("p", "20", kind="paper"), history=history)
    assert (found["have"], found["state"]) == ("9.0", "fail")


def test_it_binds_only_the_people_it_names(tmp_path: Path):
    rules = RULES + minimum().replace('["*"]', '["tertiary_hospital_staff"]')
    assert "periods" not in ask(tmp_path, rules, year())
    person = {"population": "tertiary_hospital_staff"}
    assert len(ask(tmp_path, rules, year(person=person))["periods"]) == 1


SINCE_2023 = {"appointed_on": "2023-03-01"}


@pytest.mark.parametrize(
    ("history", "this", "as_of", "state", "gap", "short"),
    [
        ({2023: "30", 2024: "20"}, "25", "2025-12-31", "pass", "0.0", []),
        ({2023: "30", 2024: "20"}, "24", "2025-12-31", "fail", "1.0", []),
        ({2023: "30", 2024: "20"}, "24", "2025-11-30", "open", "1.0", []),
        ({2023: "60", 2024: "19.9"}, "60", "2025-11-30", "fail", "0.0", [2024]),
        ({2023: "60", 2024: "20"}, "19", "2025-11-30", "open", "1.0", []),
        ({2023: "60", 2024: "20"}, "19", "2025-12-31", "fail", "1.0", []),
        # Nothing said of 2023: that year may have been anything; 2024 is known to be short.
        ({2024: "25"}, "25", "2025-12-31", "unknown", "25.0", []),
        ({2024: "90"}, "90", "2025-12-31", "unknown", "0.0", []),
        ({2024: "10"}, "90", "2025-12-31", "fail", "0.0", [2024]),
        ({2022: "90", 2023: "25", 2024: "25"}, "25", "2025-12-31", "pass", "0.0", []),
    ],
)
def test_an_average_over_the_appointment_with_a_floor(
    tmp_path: Path, history: dict[int, str], this: str, as_of: str, state: str, gap: str, short: list[int]
):
    case = {"history": past(history), "person": SINCE_2023, "as_of": as_of}
    found = period(tmp_path, average(), study("s", this), **case)
    assert (found["from_year"], found["need"], found["floor"]) == (2023, "75.0", "20.0")
    assert (found["state"], found["gap"], found["short_years"]) == (state, gap, short)


def test_without_the_day_of_appointment_it_cannot_be_judged(tmp_path: Path):
    for person in ({}, {"appointed_on": None}, {"appointed_on": "2026-01-01"}):
        found = period(tmp_path, average(), study("s", "90"), person=person, history=past({2010: "90"}))
        assert (found["state"], found["from_year"], found["have"]) == ("unknown", None, "90.0")


def test_an_average_over_some_years_and_without_a_floor(tmp_path: Path):
    rules = average("3", "")
    found = period(tmp_path, rules, study("s", "5"), history=past({2023: "70"}))
    assert (found["from_year"], found["state"], "floor" in found) == (2023, "pass", False)
    assert period(tmp_path, rules, study("s", "5"), history=past({2024: "70"}))["state"] == "pass"
    assert period(tmp_path, rules, study("s", "4"), history=past({2024: "70"}))["state"] == "unknown"


def test_an_excused_year_has_no_floor(tmp_path: Path):
    exemption = line("exemptions", "away", 'shape = "absent_months"\nstates = ["leave"]\nmonths = 6').replace(
        "2025-01-01", "2020-01-01"
    )
    away = SINCE_2023 | {"absences": [{"state": "leave", "from": "2024-01-01", "until": "2024-08-31"}]}
    case = {"history": past({2023: "60", 2024: "5"})}
    assert period(tmp_path, average() + exemption, study("s", "25"), person=SINCE_2023, **case)["state"] == "fail"
    found = period(tmp_path, average() + exemption, study("s", "25"), person=away, **case)
    assert (found["state"], found["short_years"]) == ("pass", [])


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"credits": "1"}, "year"),
        ({"year": 2025}, "year"),
        ({"year": 2026}, "year"),
        ({"year": 2024, "credits": "-1"}, "credits"),
        ({"year": 2024, "awards": 1.5}, "awards"),
        ({"year": 2024, "awards": -1}, "awards"),
        ({"year": 2024, "kind": "picnic"}, "kind"),
        ({"year": 2024, "points": "1"}, "points"),
    ],
)
def test_a_faulty_history_is_named_with_its_field(tmp_path: Path, entry: dict[str, Any], key: str):
    assert f"history[0].{key}" in refused(tmp_path, RULES, year(history=[entry]))


def test_a_faulty_day_of_appointment_is_named(tmp_path: Path):
    assert "person.appointed_on" in refused(tmp_path, RULES, year(person={"appointed_on": "2023"}))
